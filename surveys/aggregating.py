"""Aggregating: raw counts by SQL. Private to `surveys.disclosing`; nothing here is fit to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

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


def tally(variable: Variable, by: Variable | None = None) -> Tally:
    """Count one variable, alone or within each value of another. One statement, one pass over the facts."""
    if by is None:
        sql = f"SELECT v.value, NULL, count(*) FROM ({variable.sql}) v GROUP BY 1"
        parameters: Any = variable.parameters
    else:
        sql = (
            f"SELECT v.value, w.value, count(*) FROM ({variable.sql}) v"
            f" JOIN ({by.sql}) w USING (response_id) GROUP BY 1, 2"
        )
        parameters = variable.parameters + by.parameters
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return Tally({(value, group): int(n) for value, group, n in cursor.fetchall()})
