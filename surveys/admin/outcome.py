"""What of a survey's results is out, and what has come since: what the status panel says about releases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from surveys import coding
from surveys.models import Release, Survey


@dataclass(frozen=True)
class Outcome:
    """`out` is the newest release that is shown, `waiting` one that is being computed. `coded` is how many answers
    have been coded since `out` was asked for.
    """

    out: Release | None
    waiting: Release | None
    coded: int

    @property
    def is_first(self) -> bool:
        """Whether publishing would be for the first time."""
        return self.out is None and self.waiting is None


def outcome(survey: Survey, releases: Sequence[Release]) -> Outcome:
    """Read it off the releases of a survey, the newest first."""
    out = next((each for each in releases if each.sha256), None)
    waiting = next((each for each in releases if each.computed_at is None), None)
    return Outcome(
        out=out,
        waiting=waiting,
        coded=coding.coded_since(survey, out.requested_at) if out else 0,
    )
