"""Accruing: how a table of a live (named) survey moves on by those who have answered since.

The newcomers are looked at as a survey of their own. The table moves on only if theirs might be shown as well, with the
same groups withheld: then no difference between two releases tells more than such a table would. What has been shown
is added to, not counted again, so that an answer changed later cannot be had by subtraction either.
"""

from __future__ import annotations

from collections.abc import Mapping

from surveys.gate.protecting import Gate
from surveys.gate.recording import Sheet
from surveys.gate.suppressing import Group, Tally
from surveys.models import ReleasedTable
from surveys.variables import Variable

Shown = dict[Group, dict[tuple[int, Group], int]]


def accrued(
    last: ReleasedTable, variable: Variable, by: Variable | None, gates: tuple[Gate, Gate], number: int
) -> Sheet | None:
    """The table with the newcomers added; None when it may not move on.

    Args:
        last: the table as it was shown last, with its cells.
        gates: of everyone who is counted, and of the newcomers alone.
        number: of the release.
    """
    everyone, newcomers = gates
    shown = shown_cells(last, variable, by)
    arrived = newcomers.sizes(variable, by)
    # A group in which nobody had answered may appear; one that was withheld for another reason stays so.
    silent = {
        group
        for group, size in everyone.sizes(variable, by).items()
        if group not in shown and size > arrived.get(group, 0)
    }
    held_back = newcomers.withheld_beside(variable, by, silent)
    if any(arrived.get(group, 0) and group in held_back for group in shown):
        return None
    withheld = {group for group in {*arrived, *silent} if group not in shown and group in held_back | silent}
    new = newcomers.tally(variable, by)
    counts = {cell: n for cells in shown.values() for cell, n in cells.items()}
    for (value, group), n in new.counts.items():
        if (value if variable.is_background else group) not in withheld:
            counts[value, group] = counts.get((value, group), 0) + n
    base = None if last.base is None else last.base + new.total
    return Sheet(variable, by, Tally(counts), withheld, base, number)


def shown_cells(last: ReleasedTable, variable: Variable, by: Variable | None) -> Shown:
    """{group: {(value, group): n}} of what a table shows; a background fact's rows are its groups."""
    values = {category.code: category.key for category in variable.all_categories}
    groups: Mapping[str, int | None] = {each.code: each.key for each in by.all_categories} if by else {"": None}
    shown: Shown = {}
    for cell in last.cells.all():
        if cell.n is not None:
            value, group = values[cell.value], groups[cell.by_value]
            shown.setdefault(value if variable.is_background else group, {})[value, group] = cell.n
    return shown
