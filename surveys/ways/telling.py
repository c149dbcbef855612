"""Telling: what a submitted ballot says of whoever came by another way than the letter. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from surveys.box import sealing
from surveys.models import Way

FACT = "way"


class NotLedTo(Exception):
    """No invitation leads to a ballot, and it does not say that it came in without one."""


def background(box: sealing.Box, invited: Mapping[str, str] | None) -> dict[str, str]:
    """What is known of whoever submitted a ballot, and how it came in.

    Args:
        invited: what the register says of the person; None if no invitation leads to the ballot.

    Raises:
        NotLedTo
    """
    facts = invited if invited is not None else box.facts
    if facts is None:
        raise NotLedTo
    return {**facts, FACT: box.way or Way.LETTER.value}
