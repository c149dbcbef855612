"""Monitoring: how many have taken part so far, coarse enough to watch while a survey is open.

A figure read often enough and finely enough tells who has answered: when it moves, someone just did. So it is
read once a day, in steps of five percentage points, and not at all for fewer than ten invited.
"""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from consult.models import Audience, ParticipationReading
from surveys import answering
from surveys.models import State, Survey

FEWEST_INVITED = 10
STEP = 5


def read_participation(survey: Survey, now: datetime) -> ParticipationReading | None:
    """Today's reading of an open survey, made if there is none yet; None when it is not open.

    `percent` of the reading is None where fewer than ten are invited.
    """
    audience = Audience.objects.filter(survey=survey, frozen_at__isnull=False).first()
    if survey.state(now) != State.OPEN or audience is None:
        return None
    today = timezone.localdate(now, timezone.get_default_timezone())
    known = ParticipationReading.objects.filter(survey=survey, read_on=today).first()
    if known is not None:
        return known
    reading = ParticipationReading(survey=survey, read_on=today, percent=_percent(survey, audience.size or 0))
    # Two readers at once: the first one's figure stands.
    ParticipationReading.objects.bulk_create([reading], ignore_conflicts=True)
    return ParticipationReading.objects.get(survey=survey, read_on=today)


def read_all(now: datetime) -> int:
    """Take today's reading of every open survey; how many surveys are open."""
    surveys = Survey.objects.filter(opened_at__isnull=False, stopped_at__isnull=True, audience__frozen_at__isnull=False)
    return sum(read_participation(survey, now) is not None for survey in surveys)


def _percent(survey: Survey, invited: int) -> int | None:
    if invited < FEWEST_INVITED:
        return None
    share = min(answering.count_final(survey) / invited, 1.0)
    return STEP * int(share * 100 / STEP + 0.5)
