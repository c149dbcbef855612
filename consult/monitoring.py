"""Monitoring: how many have taken part so far, coarse enough to watch while a survey is open.

A figure read often enough and finely enough tells who has answered: when it moves, someone just did. So it is
read once a day, and not at all for fewer than ten invited; a step is five percentage points or five people, whichever
is more; and it never says that nobody or everybody has answered.
"""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from consult.models import Audience, Invitation, ParticipationReading
from surveys import participating
from surveys.box import keyring, sealing
from surveys.models import State, Survey
from surveys.ways import linking

FEWEST_INVITED = 10
# Percentage points, and people.
SMALLEST_STEP = 5
FEWEST_IN_A_STEP = 5
# Of those without an invitation there is no share; they are told in tens.
STEP_OF_OTHERS = 10
BATCH = 5000
LOWEST, HIGHEST = 5, 95


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
    invited, others = _submitted(survey)
    reading = ParticipationReading(
        survey=survey,
        read_on=today,
        percent=_percent(invited, audience.size or 0),
        others=others // STEP_OF_OTHERS * STEP_OF_OTHERS or None,
    )
    # Two readers at once: the first one's figure stands.
    ParticipationReading.objects.bulk_create([reading], ignore_conflicts=True)
    return ParticipationReading.objects.get(survey=survey, read_on=today)


def read_all(now: datetime) -> int:
    """Take today's reading of every open survey; how many surveys are open."""
    surveys = Survey.objects.filter(opened_at__isnull=False, stopped_at__isnull=True, audience__frozen_at__isnull=False)
    return sum(read_participation(survey, now) is not None for survey in surveys)


def _submitted(survey: Survey) -> tuple[int, int]:
    """How many of the invited, and how many others, have submitted. To be coarsened at once."""
    everyone = participating.count_final(survey)
    if not linking.has_other_ways(survey):
        return everyone, 0
    keys = keyring.keys(survey.key_id)
    names = Invitation.objects.filter(survey=survey).order_by().values_list("id", flat=True)
    invited, batch = 0, []
    for name in names.iterator(chunk_size=BATCH):
        batch.append(sealing.locator(keys, name))
        if len(batch) == BATCH:
            invited, batch = invited + len(participating.submitted(survey, batch)), []
    invited += len(participating.submitted(survey, batch))
    return invited, max(everyone - invited, 0)


def _percent(submitted: int, invited: int) -> int | None:
    if invited < FEWEST_INVITED:
        return None
    share = min(submitted / invited, 1.0)
    step = step_of(invited)
    return min(max(step * int(share * 100 / step + 0.5), LOWEST), HIGHEST)


def step_of(invited: int) -> int:
    """The percentage points by which the figure moves: at least five, and so many that five people are in them.

    Always a multiple of five: of 40 invited, 15 points are six people.
    """
    points = -(-100 * FEWEST_IN_A_STEP // invited)
    return max(SMALLEST_STEP, SMALLEST_STEP * -(-points // SMALLEST_STEP))
