"""How long one new table takes to compute before the gate, over the facts of many responses."""

from __future__ import annotations

from functools import partial

from django.db import connection

from benchmarks import facts
from benchmarks.figures import Aim, Figure, Round, compared, number, seconds
from surveys.gate.aggregating import tally
from surveys.models import Survey
from surveys.variables import Variable, variables

SIZE, ROUNDS, TIMES = 200_000, 5, 3
TABLES = (("B2", "B3"), ("B2.stance", "B3.stance"), ("B2", "region"), ("B2", None))


def run(*, quick: bool = False) -> list[Figure]:
    """Milliseconds a table; the floor is one pass over the answers to one question, counted by option."""
    return tables(*((500, 1, 1) if quick else (SIZE, ROUNDS, TIMES)), most=50)


def tables(size: int, rounds: int, times: int, most: int) -> list[Figure]:
    """The tables over this many responses, each of which may take `most` milliseconds."""
    survey = facts.closed(size)
    return [_table(survey, name, by, size, rounds, times, most) for name, by in TABLES]


def _table(survey: Survey, name: str, by: str | None, size: int, rounds: int, times: int, most: int) -> Figure:
    known = variables(survey)
    variable, other = known[name], known[by] if by else None
    found: list[Round] = []
    for _round in range(rounds + 1):  # the first only brings the pages into memory
        real = seconds(partial(_count, variable, other, size, times))
        bare = seconds(partial(_bare, survey, times))
        found.append((real / times * 1000, bare / times * 1000))
    title = f"new table {name} × {by}" if by else f"new table {name} alone"
    return compared(
        f"{title}, {number(size)} responses", "ms", found[1:], Aim("value", "at most", most),
        note="before the gate",
    )  # fmt: skip


def _count(variable: Variable, by: Variable | None, size: int, times: int) -> None:
    for _time in range(times):
        total = tally(variable, size, by).total
        if total != size:
            raise RuntimeError(f"{total} counted of {size}")


def _bare(survey: Survey, times: int) -> None:
    with connection.cursor() as cursor:
        for _time in range(times):
            cursor.execute(
                """SELECT option_id, count(*) FROM surveys_answer
                   WHERE question_id = (SELECT min(id) FROM surveys_question WHERE edition_id = %s AND code = 'B2')
                   GROUP BY 1""",
                [survey.edition_id],
            )
            cursor.fetchall()
