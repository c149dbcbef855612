"""Tables of a release, made of the figures they show."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from surveys.models import ReleasedCell, ReleasedTable

STANCES = {"yes": {"nb": "Ja", "en": "Yes"}, "both": {"nb": "Både og", "en": "Both"}, "no": {"nb": "Nei", "en": "No"}}


def add(
    row: Any,
    position: int,
    variable: str,
    by: str,
    content: Mapping[str, Any],
    concepts: Any,
    labels: Any,
    responses: int | None,
) -> None:
    """Add one table to a release; see `make.release`."""
    groups: Mapping[str, Any] = content if by else {"": content}
    sizes = {group: _size(cells) for group, cells in groups.items()}
    if not by and variable.islower() and responses:
        # A background fact: the groups that are withheld count in the base.
        sizes = {"": responses}
    table = ReleasedTable.objects.create(
        release=row,
        position=position,
        variable=variable,
        by=by,
        concept=concepts.get(variable, ""),
        label={"nb": labels.get(variable, f"Hva med {variable}?")},
        by_label={"nb": labels.get(by, by.title())} if by else {},
        base=sum(size or 0 for size in sizes.values()) if by else sizes[""],
    )
    values = dict.fromkeys(value for cells in groups.values() for value in (cells or {}))
    cells: list[ReleasedCell] = []
    for group, counts in groups.items():
        for value in values:
            n = (counts or {}).get(value)
            size = sizes[group] if n is not None else None
            cells.append(
                ReleasedCell(
                    table=table,
                    position=len(cells),
                    value=value,
                    by_value=group,
                    label=STANCES.get(value, {"nb": labels.get(value, value.title())}),
                    by_label={"nb": labels.get(group, group.title())} if by else {},
                    base=size,
                    n=n,
                    share=None if n is None or size is None else round(Decimal(n) / (size or 1), 4),
                )
            )
    ReleasedCell.objects.bulk_create(cells)


def _size(cells: Mapping[str, int | None] | None) -> int | None:
    """What the published figures of a group add up to; None where nothing of it is published."""
    shown = [n for n in (cells or {}).values() if n is not None]
    return sum(shown) if shown else None
