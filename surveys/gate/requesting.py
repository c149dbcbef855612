"""Requesting: the row that asks a worker for a release.

At most one row of a survey waits, and asking again gives that one. A row that a worker has begun to compute waits no
more: it may have counted before the codings that the next request is made for, so that request gets a row of its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from surveys.models import Release, Survey


class NotClosed(Exception):
    """An anonymous survey has no results before its key is destroyed."""


def request_release(survey: Survey, user: Any, now: datetime) -> Release:
    """Ask for a new release; a worker computes it. While one is waiting, asking again gives that one.

    Everything stored before this call is in the release that it returns.

    Raises:
        NotClosed
    """
    survey.refresh_from_db(fields=["closed_at"])
    if survey.is_anonymous and survey.closed_at is None:
        raise NotClosed
    with transaction.atomic():
        # Two who ask at once take turns, and the second finds the first one's row waiting.
        Survey.objects.select_for_update().get(pk=survey.pk)
        waiting = Release.objects.filter(survey=survey, started_at__isnull=True, computed_at__isnull=True).first()
        if waiting is not None:
            return waiting
        last = Release.objects.filter(survey=survey).aggregate(last=Max("number"))["last"] or 0
        return Release.objects.create(survey=survey, number=last + 1, requested_at=now, requested_by=user)


def request_missing(now: datetime) -> int:
    """Ask for a release of every closed survey that has none; how many were asked for."""
    missing = Survey.objects.filter(closed_at__isnull=False).exclude(
        Exists(Release.objects.filter(survey=OuterRef("pk"), requested_at__gte=OuterRef("closed_at")))
    )
    return len([request_release(survey, None, now) for survey in missing])


def begin(release_id: int, now: datetime) -> bool:
    """Note that a worker begins to compute a release, before it counts anything; False when it is out already.

    To be committed before the counting begins. A release whose worker died is begun again.
    """
    return bool(Release.objects.filter(pk=release_id, computed_at__isnull=True).update(started_at=now))
