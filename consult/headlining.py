"""Headlines: what a table says first, as sentences over its released figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consult import phrasing
from consult.phrasing import MISSING

if TYPE_CHECKING:
    from consult.tabulating import Figure, Group, Table, Words

# More groups than this are told by the lowest and the highest.
MOST_GROUPS_TOLD = 3


@dataclass(frozen=True)
class Finding:
    """One sentence about what was found, without a full stop; `of` is the group it tells of, None for all."""

    text: str
    of: Words | None = None


def leading(figures: Iterable[Figure]) -> Figure | None:
    """The largest published answer, the first of equals; blanks only if there is nothing else."""
    published = [figure for figure in figures if figure.n]
    answers = [figure for figure in published if figure.value not in MISSING]
    return max(answers or published, key=lambda figure: figure.n or 0, default=None)


def findings(table: Table) -> tuple[Finding, ...]:
    """The main figures of a table in plain words: one sentence, or one for each of a few groups."""
    if not table.by:
        return (Finding(_said(leading(table.figures), table)),)
    published = [group for group in table.groups if not group.withheld]
    if table.is_cross:
        return (Finding(_said_among(published, table)),)
    return _said_by_groups(published, table)


def _said(figure: Figure | None, table: Table) -> str:
    if figure is not None and figure.n is not None and figure.base is not None:
        return phrasing.said(figure.value, figure.label.text, figure.n, figure.base)
    return phrasing.nothing_published() if table.has_withheld else phrasing.nobody_answered()


def _said_among(groups: list[Group], table: Table) -> str:
    """The answer that most of a group agree on, where they agree most; small groups only where there is no other."""
    cells = [(group, each) for group in groups if (each := leading(group.figures)) is not None]
    large = [pair for pair in cells if pair[1].percent is not None]
    most = max(large or cells, key=lambda pair: (pair[1].n or 0) / (pair[1].base or 1), default=None)
    if most is None or most[1].n is None or most[1].base is None:
        return _said(None, table)
    group, main = most
    return phrasing.said_among(
        table.by_question, group.label.text, table.question, main.value, main.label.text, most[1].n, most[1].base
    )


def _said_by_groups(groups: list[Group], table: Table) -> tuple[Finding, ...]:
    """One and the same answer, the one given most, in each group; with many groups where it was rarest and
    most common."""
    totals = {
        column.value: sum(group.figures[place].n or 0 for group in groups)
        for place, column in enumerate(table.columns)
        if column.value not in MISSING
    }
    if not any(totals.values()):
        return (Finding(_said(None, table)),)
    value = max(totals, key=lambda each: totals[each])
    cells = [(group, each) for group in groups for each in group.figures if each.value == value and each.n is not None]
    if len(cells) <= MOST_GROUPS_TOLD:
        return tuple(found(group, each) for group, each in cells)
    compared = [(group, each) for group, each in cells if each.percent is not None]
    if len(compared) < 2:
        return ()
    low, high = (pick(compared, key=lambda pair: pair[1].percent or 0) for pick in (min, max))
    label = low[1].label.text
    return (Finding(phrasing.said_from_to(label, low[0].label.text, low[1].text, high[0].label.text, high[1].text)),)


def found(group: Group, each: Figure) -> Finding:
    """One figure of one group as a sentence."""
    return Finding(phrasing.said(each.value, each.label.text, each.n or 0, each.base or 0), of=group.label)
