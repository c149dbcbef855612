"""Joining: at closing, the background of every ballot, from the register's invitations and from the ballots themselves.

Whoever came by an open link has no invitation; what is known of them lies sealed in their ballot. So does how a ballot
came in, which a survey may declare as a background fact like any other: it is coarsened and withheld like the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from surveys.box import sealing, unsealing
from surveys.models import Survey
from surveys.ways.telling import FACT, NotLedTo, background


class Joined(dict[bytes, Mapping[str, str]]):
    """{place: background} of submitted ballots; `uninvited` is how many of them no invitation leads to."""

    uninvited = 0


def join(
    survey: Survey, places: Iterable[bytes], invited: Mapping[bytes, Mapping[str, str]], names: Collection[str]
) -> Joined:
    """The background of the submitted ballots at these places.

    Those with the same share one mapping; do not change them.

    Only ballots that have something to tell are opened for it.

    Args:
        names: the background facts that the survey declares.

    Raises:
        sealing.BrokenSeal: a ballot does not open; or neither an invitation nor the ballot says whose it is, and the
            survey declares background, so that it matters.
    """
    by_way, found = FACT in names, Joined()
    shared: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
    telling = []
    for place in places:
        if by_way or place not in invited:
            telling.append(place)
        else:
            found[place] = invited[place]
    for place, box in unsealing.opened(survey, telling):
        try:
            known = background(box, invited.get(place))
        except NotLedTo:
            if names:
                raise sealing.BrokenSeal from None
            known = background(box, {})
        found[place] = shared.setdefault(tuple(sorted(known.items())), known)
        found.uninvited += place not in invited and box.facts is not None
    return found
