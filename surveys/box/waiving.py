"""Waiving: closing a survey without the answers that cannot be opened, when enough people say so.

A ballot whose seal is broken (a damaged disk, a changed row) holds its survey in closing: to go on would lose an
answer without a word. Nothing is destroyed meanwhile, so that the row can still be brought back from a copy. When
it cannot, `CLOSING_APPROVALS` different people may decide to go on without. Who, when and how many is kept, stands in
the record of destruction, and is told with the results.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from surveys.models import Closing, Survey, Waiver


class NothingToWaive(Exception):
    """Every ballot opens, as far as is known, or the answers have been mixed already."""


class NotThatMany(Exception):
    """The number of ballots that cannot be opened is not the one the person saw; `ballots` is the present one."""

    def __init__(self, ballots: int) -> None:
        super().__init__(str(ballots))
        self.ballots = ballots


def waive(survey: Survey, person: Any, ballots: int, now: datetime) -> int:
    """Record one person's consent to go on without `ballots` answers; how many still must. Twice by one is once.

    Raises:
        NothingToWaive
        NotThatMany: the person looked at another number.
    """
    closing = Closing.objects.filter(survey=survey, mixed_at__isnull=True, unreadable__gt=0).first()
    if closing is None:
        raise NothingToWaive
    if ballots != closing.unreadable:
        raise NotThatMany(closing.unreadable)
    Waiver.objects.get_or_create(survey=survey, person=person, ballots=ballots, defaults={"given_at": now})
    return missing(survey, ballots)


def missing(survey: Survey, ballots: int) -> int:
    """How many people must still consent before the survey can go on without so many answers."""
    # Whatever the setting says, an answer is never given up without anyone having said so.
    return max(0, max(1, settings.CLOSING_APPROVALS) - len(persons(survey, ballots)))


def persons(survey: Survey, ballots: int) -> set[int]:
    """The ids of those who have consented to go on without so many answers, or more."""
    given = Waiver.objects.filter(survey=survey, ballots__gte=ballots)
    return set(given.values_list("person_id", flat=True))


def record(survey: Survey, left_out: int) -> dict[str, Any]:
    """For the record of destruction: how many answers were left out, and who decided so, when. Empty when none was."""
    if not left_out:
        return {}
    given = Waiver.objects.filter(survey=survey, ballots__gte=left_out).order_by("given_at", "person_id")
    decided = [{"person": each.person_id, "ballots": each.ballots, "at": each.given_at.isoformat()} for each in given]
    return {"left_out": left_out, "left_out_decided_by": decided}
