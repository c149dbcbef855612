"""Aggregating: raw counts by SQL. Private to `surveys.disclosing`; nothing here is fit to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from surveys.gate.suppressing import Tally
from surveys.models import Survey
from surveys.variables import Variable


@dataclass(frozen=True)
class Cohort:
    """Those of a named survey whom its figures count (`surveys.gate.enrolling`), since the release of this number."""

    survey_id: int
    since: int = 0


def count_responses(survey: Survey) -> int:
    """How many responses the survey has as facts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM surveys_response WHERE survey_id = %s", [survey.pk])
        return int(cursor.fetchone()[0])


def count_cohort(cohort: Cohort) -> int:
    """How many of a cohort there are."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({_COHORT}) x", [cohort.survey_id, cohort.since])
        return int(cursor.fetchone()[0])


def tally(variable: Variable, total: int, by: Variable | None = None, cohort: Cohort | None = None) -> Tally:
    """Count one variable, alone or within each value of another. One statement, one pass over an index or two.

    Args:
        total: `count_responses` of the survey, or `count_cohort`, from the same moment. Those that no row speaks of
            are the rest.
        cohort: only these are counted; everyone without it.
    """
    among, members = (
        (f"JOIN ({_COHORT}) x USING (response_id)", (cohort.survey_id, cohort.since)) if cohort else ("", ())
    )
    if by is None:
        sql = f"SELECT v.value, NULL, count(*) FROM ({variable.sql}) v {among} GROUP BY 1"
        parameters: Any = variable.parameters + members
    else:
        sql = (
            f"SELECT coalesce(v.value, {variable.otherwise}), coalesce(w.value, {by.otherwise}), count(*)"
            f" FROM ({variable.sql}) v FULL JOIN ({by.sql}) w USING (response_id) {among} GROUP BY 1, 2"
        )
        parameters = variable.parameters + by.parameters + members
    with transaction.atomic(), connection.cursor() as cursor:
        # Merging two indexes in order takes half the time of dividing the work up and hashing it.
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        cursor.execute(sql, parameters)
        counts = {(value, group): int(n) for value, group, n in cursor.fetchall()}
    if silent := total - sum(counts.values()):
        rest = (variable.otherwise, by.otherwise if by else None)
        counts[rest] = counts.get(rest, 0) + silent
    return Tally(counts)


_COHORT = """
    SELECT r.id AS response_id FROM surveys_response r JOIN surveys_counted c ON c.locator = r.locator
    WHERE c.survey_id = %s AND c.number > %s
"""
