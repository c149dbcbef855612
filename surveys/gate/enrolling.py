"""Enrolling: whom the figures of a named survey count, and from which release on.

The results of a named survey may be live, and two releases can be set against each other: what is in the later one and
not in the earlier is what the newcomers said. So newcomers are let in together: at least k of them, and at least k, or
none, of every value of every declared background fact. The others wait for company.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from django.db import connection

from surveys.models import Counted, Survey

Values = tuple[int | None, ...]


def company(waiting: Mapping[bytes, Values], k: int) -> set[bytes]:
    """The most of those who wait that can be let in together. Pure.

    Args:
        waiting: {place: the value of each declared fact, in one order}.
        k: the fewest of every value, and in all.
    """
    chosen = set(waiting)
    while True:
        sizes = Counter((rank, value) for place in chosen for rank, value in enumerate(waiting[place]))
        left = {place for place in chosen if all(sizes[rank, value] >= k for rank, value in enumerate(waiting[place]))}
        if left == chosen:
            return chosen if len(chosen) >= k else set()
        chosen = left


def ready(survey: Survey, k: int) -> set[bytes]:
    """The places of those who may be let in now; none of an anonymous survey, whose responses have no place."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [survey.pk])
        return company({bytes(place): tuple(values) for place, values in cursor.fetchall()}, k)


def enrol(survey: Survey, number: int, k: int) -> int:
    """Let them in with the release of this number; how many. To be called within its transaction."""
    places = ready(survey, k)
    Counted.objects.bulk_create(Counted(locator=place, survey=survey, number=number) for place in places)
    return len(places)


def count(survey: Survey) -> int:
    """How many the figures count, those among them who have withdrawn since."""
    return Counted.objects.filter(survey=survey).count()


# A fact that someone has no row for counts as one without a value.
_WAITING = """
    SELECT r.locator, array(
        SELECT b.value_id FROM surveys_backgroundfact f
        LEFT JOIN surveys_background b ON b.fact_id = f.id AND b.response_id = r.id
        WHERE f.survey_id = r.survey_id ORDER BY f.rank
    )
    FROM surveys_response r
    WHERE r.survey_id = %s AND r.locator IS NOT NULL
        AND NOT EXISTS (SELECT FROM surveys_counted c WHERE c.locator = r.locator)
"""
