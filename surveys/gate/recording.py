"""Recording: one protected table of a release as rows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from surveys.gate.suppressing import Group, Tally
from surveys.models import Release, ReleasedCell, ReleasedTable
from surveys.variables import NOT_ASKED, UNCODED, Category, Variable

SHARE_DIGITS = Decimal("0.0001")


@dataclass(frozen=True)
class Sheet:
    """A table ready to be recorded.

    Args:
        tally: the figures of every group that is shown.
        withheld: the groups that are not; of a background fact's table, the rows.
        base: the respondents of the whole table, None when they are withheld.
        counted: the release whose people it counts.
    """

    variable: Variable
    by: Variable | None
    tally: Tally
    withheld: set[Group]
    base: int | None
    counted: int


def record(release: Release, position: int, sheet: Sheet) -> None:
    """Write a table and its cells."""
    variable, by = sheet.variable, sheet.by
    table = ReleasedTable.objects.create(
        release=release,
        position=position,
        variable=variable.name,
        by=by.name if by else "",
        concept=variable.concept,
        label=variable.label,
        by_label=by.label if by else {},
        base=sheet.base,
        counted=sheet.counted,
    )
    sizes = sheet.tally.groups()
    columns = _columns(sheet)
    cells: list[ReleasedCell] = []
    for column in columns:
        group = column.key if column else None
        base = sizes.get(group, 0)
        for row in _rows(sheet, columns):
            n = sheet.tally.counts.get((row.key, group), 0)
            shown = (row.key if variable.is_background else group) not in sheet.withheld
            cells.append(
                ReleasedCell(
                    table=table,
                    position=len(cells),
                    value=row.code,
                    by_value=column.code if column else "",
                    label=row.label,
                    by_label=column.label if column else {},
                    base=base if shown else None,
                    n=n if shown else None,
                    share=(Decimal(n) / base).quantize(SHARE_DIGITS) if shown else None,
                )
            )
    ReleasedCell.objects.bulk_create(cells)


def carry(release: Release, position: int, table: ReleasedTable) -> None:
    """Write a table of an earlier release once more, as it was."""
    cells = list(table.cells.order_by("position"))
    table.pk, table.release, table.position = None, release, position
    table._state.adding = True
    table.save(force_insert=True)
    for cell in cells:
        cell.pk, cell.table = None, table
    ReleasedCell.objects.bulk_create(cells)


def _columns(sheet: Sheet) -> list[Category | None]:
    if sheet.by is None:
        return [None]
    sizes = sheet.tally.groups()
    rest = sheet.by.all_categories[len(sheet.by.categories) :]
    return [*sheet.by.categories, *(each for each in rest if each.key in sizes)]


def _rows(sheet: Sheet, columns: list[Category | None]) -> list[Category]:
    """The answers somebody gave and those that could be ticked; every possible one where something is withheld.

    A row left out because nobody gave that answer would tell something of what is withheld.
    """
    variable = sheet.variable
    full = [category for category in variable.all_categories if category.key not in (NOT_ASKED, UNCODED)]
    if not variable.is_background and any((each.key if each else None) in sheet.withheld for each in columns):
        return full
    seen = {value for value, _group in sheet.tally.counts}
    return [category for category in full if category in variable.categories or category.key in seen]
