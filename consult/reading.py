"""Reading releases within a scope: the one place where rights meet released rows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from django.db.models import Prefetch

from consult.granting import REGION, Scope
from surveys.models import ReleasedCell, ReleasedTable

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,59}")
CELLS = Prefetch("cells", ReleasedCell.objects.order_by("position"))

Label = dict[str, str]


class UnknownTable(Exception):
    """The release has no such table within the scope: unknown, never declared and out of reach are one."""


@dataclass
class Variable:
    """A released variable and what it is broken down by, {name: label}; labels are {language: text}."""

    name: str
    label: Label
    bys: dict[str, Label] = field(default_factory=dict)


def find(release: int, variable: str, by: str, scope: Scope) -> tuple[ReleasedTable, list[ReleasedCell]]:
    """One released table with its cells as they stand, cut down to the scope; two statements.

    Raises:
        UnknownTable
    """
    if not NAME.fullmatch(variable) or (by and not NAME.fullmatch(by)):
        raise UnknownTable(variable, by)
    row = ReleasedTable.objects.filter(release=release, variable=variable, by=by).prefetch_related(CELLS).first()
    cells = seen(row, scope) if row else None
    if row is None or cells is None:
        raise UnknownTable(variable, by)
    return row, cells


def variables(release: int, scope: Scope) -> list[Variable]:
    """The variables within the scope, in the order of the release; one statement."""
    found: dict[str, Variable] = {}
    rows = ReleasedTable.objects.filter(release=release).order_by("position")
    for name, label, by, by_label in rows.values_list("variable", "label", "by", "by_label"):
        if not scope.sees_table(by) or (name == REGION and not scope.sees_table(REGION)):
            continue
        variable = found.setdefault(name, Variable(name, label))
        if by:
            variable.bys[by] = by_label
    return list(found.values())


def seen(row: ReleasedTable, scope: Scope) -> list[ReleasedCell] | None:
    """The cells within the scope; None where the table, or everything in it, is outside."""
    if not scope.sees_table(row.by):
        return None
    every = row.cells.all()
    cells = [cell for cell in every if scope.sees_cell(row.variable, cell.value, row.by, cell.by_value)]
    return cells if cells or not every else None
