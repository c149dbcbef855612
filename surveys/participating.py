"""Participating: who has submitted, looked up for a reminder or a coarse figure, and forgotten. Kept nowhere."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from surveys.models import Survey


def submitted(survey: Survey, locators: Collection[bytes]) -> set[bytes]:
    """Which of these places hold a submitted ballot. For a reminder: used, and forgotten."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT locator FROM surveys_sealedballot WHERE survey_id = %s AND final AND locator = ANY(%s)",
            [survey.pk, list(locators)],
        )
        return {bytes(row[0]) for row in cursor.fetchall()}


def count_final(survey: Survey) -> int:
    """How many ballots have been submitted. Only for figures coarsened as docs/anonymity.md says."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM surveys_sealedballot WHERE survey_id = %s AND final", [survey.pk])
        return int(cursor.fetchone()[0])
