"""Leaving: when the figures of a closed survey may move on without those who have withdrawn.

What is in a release and not in the next is what those said who left in between. So they are looked at as a survey of
their own, whose tables are the differences: the figures move on only if nothing that is shown would tell of fewer than
k of them, or of a group of them that gave one answer. Until then what has been shown stays as it was. All tables move
on together or none, so that no two of them are about different people.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection

from surveys.gate.accruing import Shown, shown_cells
from surveys.gate.protecting import Gate
from surveys.gate.suppressing import Group
from surveys.models import OpenLink, Release, ReleasedTable, Survey, Withdrawal
from surveys.variables import Variable


def waiting(survey: Survey) -> int:
    """How many have withdrawn whom the newest figures still count."""
    return Withdrawal.objects.filter(survey=survey, number__isnull=True).count()


def note(release: Release) -> None:
    """That a release no longer counts those who have withdrawn. To be called within its transaction."""
    Withdrawal.objects.filter(survey=release.survey_id, number__isnull=True).update(number=release.number)


def may_move_on(last: Release, known: Mapping[str, Variable], gate: Gate, left: int, k: int) -> bool:
    """Whether what is shown may be counted again without those who have left.

    Args:
        last: the newest release, with their figures.
        gate: of those who are still there.
        left: how many have left since.
    """
    if left < k or _may_be_one_person(last):
        return False
    tables = list(last.tables.prefetch_related("cells"))
    return all(_is_safe(table, known, gate, left, k) for table in tables if table.variable in known)


def hidden_before(last: ReleasedTable | None, variable: Variable, by: Variable | None, gate: Gate) -> set[Group]:
    """The groups of a table that were withheld when it was shown last: they stay so."""
    if last is None:
        return set()
    return set(gate.sizes(variable, by)) - set(shown_cells(last, variable, by))


def count_texts(survey: Survey, variable: Variable) -> int:
    """How many have written something that a coded variable is made of."""
    with connection.cursor() as cursor:
        cursor.execute(_TEXTS, [survey.pk, variable.name.partition(".")[0]])
        return int(cursor.fetchone()[0])


def _may_be_one_person(last: Release) -> bool:
    """Whether those who leave may all but one be the same person, who has answered many times by an open link.

    Whoever knows what k - 1 of them said would have what the last one said by subtraction.
    """
    return OpenLink.objects.filter(survey=last.survey_id, handed__gt=0).exists()


def _is_safe(table: ReleasedTable, known: Mapping[str, Variable], gate: Gate, left: int, k: int) -> bool:
    variable, by = known[table.variable], known.get(table.by)
    shown = shown_cells(table, variable, by)
    gone = _difference(shown, gate.tally(variable, by).counts)
    sizes = [sum(counts.values()) for counts in gone.values()]
    # Those in groups that are not shown, and those who were not asked: what is left of all who have left.
    rest = left - sum(sizes) if shown else 0
    if any(0 < size < k for size in (*sizes, rest)):
        return False
    if variable.is_background or not variable.is_opinion:
        return True
    # Codes that have changed meanwhile make differences below nought; they then tell nothing of who left.
    return not any(
        size and min(counts.values()) >= 0 and sum(n > 0 for n in counts.values()) == 1
        for counts, size in zip(gone.values(), sizes, strict=True)
    )


def _difference(shown: Shown, counts: Mapping[tuple[int, Group], int]) -> dict[Group, dict[int, int]]:
    """{group: {value: how many fewer there are than were shown}}."""
    return {
        group: {value: n - counts.get((value, place), 0) for (value, place), n in cells.items()}
        for group, cells in shown.items()
    }


_TEXTS = """
    SELECT count(DISTINCT a.response_id) FROM surveys_answer a JOIN surveys_question q ON q.id = a.question_id
    WHERE a.survey_id = %s AND q.code = %s AND a.text <> ''
"""
