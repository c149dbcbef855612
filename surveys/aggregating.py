"""Aggregating: raw counts by SQL. Private to `surveys.disclosing`; nothing here is fit to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from surveys.models import Survey
from surveys.variables import Variable


@dataclass(frozen=True)
class Tally:
    """Raw counts: {(value key, by key): respondents}; the by key is None in a table of the whole."""

    counts: dict[tuple[int, int | None], int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def without(self, value: int) -> Tally:
        """The same without those who have this value: a question's own base leaves out who was not asked."""
        return Tally({(each, by): n for (each, by), n in self.counts.items() if each != value})

    def groups(self) -> dict[int | None, int]:
        """{by key: respondents}."""
        sizes: dict[int | None, int] = {}
        for (_value, by), n in self.counts.items():
            sizes[by] = sizes.get(by, 0) + n
        return sizes


def count_responses(survey: Survey) -> int:
    """How many responses the survey has as facts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM surveys_response WHERE survey_id = %s", [survey.pk])
        return int(cursor.fetchone()[0])


def tally(variable: Variable, total: int, by: Variable | None = None) -> Tally:
    """Count one variable, alone or within each value of another. One statement, one pass over an index or two.

    Args:
        total: `count_responses` of the survey, from the same moment. Those that no row speaks of are the rest.
    """
    if by is None:
        sql = f"SELECT v.value, NULL, count(*) FROM ({variable.sql}) v GROUP BY 1"
        parameters: Any = variable.parameters
    else:
        sql = (
            f"SELECT coalesce(v.value, {variable.otherwise}), coalesce(w.value, {by.otherwise}), count(*)"
            f" FROM ({variable.sql}) v FULL JOIN ({by.sql}) w USING (response_id) GROUP BY 1, 2"
        )
        parameters = variable.parameters + by.parameters
    with transaction.atomic(), connection.cursor() as cursor:
        # Merging two indexes in order takes half the time of dividing the work up and hashing it.
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        cursor.execute(sql, parameters)
        counts = {(value, group): int(n) for value, group, n in cursor.fetchall()}
    if silent := total - sum(counts.values()):
        rest = (variable.otherwise, by.otherwise if by else None)
        counts[rest] = counts.get(rest, 0) + silent
    return Tally(counts)
