"""Tallying: that a user has begun to enter an answer for someone, on a day. Neither for whom nor when on that day.

A list with names or times would, beside a telephone bill, be a list of who has answered.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils import timezone

from surveys.models import Survey


def note(survey: Survey, user: int, way: str, now: datetime) -> None:
    """Count one more. One statement, so that two at once are two."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO surveys_entrytally AS tally (survey_id, person_id, way, begun_on, begun)
            VALUES (%s, %s, %s, %s, 1)
            ON CONFLICT (survey_id, person_id, way, begun_on) DO UPDATE SET begun = tally.begun + 1
            """,
            [survey.pk, user, way, timezone.localdate(now, timezone.get_default_timezone())],
        )
