"""From the rows of a release to the tables that pages, charts and the API show: plain values in one language.

Nothing is computed here but whole percentages and sentences over released figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from consult import headlining, phrasing, reading
from consult.granting import Scope
from consult.headlining import Finding
from consult.phrasing import MISSING
from surveys.models import ReleasedCell, ReleasedTable
from surveys.structure import Text

# Stances keep their colours and their order of meaning everywhere.
STANCES = ("yes", "both", "dont_know", "no")
PALETTE = 6


@dataclass(frozen=True)
class Words:
    """A text, and the language it is in where that is not the page's ("" where it is)."""

    text: str
    lang: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Figure:
    """One cell. `n`, `base` and `percent` are None where withheld; `percent` also where the base is small."""

    value: str
    label: Words
    tone: str
    n: int | None
    base: int | None
    percent: int | None
    percent_text: str
    text: str
    # False where figures of several surveys stand side by side and one did not have this answer to choose.
    offered: bool = True

    @property
    def withheld(self) -> bool:
        return self.n is None and self.offered


@dataclass(frozen=True)
class Group:
    """The answers of one group: `value` and `label` name it (both empty for the whole).

    `variable` is set where the group is a survey of its own: what the question is called there.
    """

    value: str
    label: Words
    base: int | None
    base_text: str
    figures: tuple[Figure, ...]
    variable: str = ""

    @property
    def withheld(self) -> bool:
        """Whether nothing of the group is shown."""
        return all(figure.n is None for figure in self.figures)

    @property
    def name(self) -> str:
        """The variable as people read it."""
        return phrasing.named(self.variable)


@dataclass(frozen=True)
class Column:
    value: str
    label: Words
    tone: str


@dataclass(frozen=True)
class Table:
    """A variable over all, or within each group of `by`. `key` is unique on a page and fit for an id.

    `findings` say the main figures in plain words.
    """

    key: str
    variable: str
    by: str
    label: Words
    by_label: Words
    concept: str
    base: int | None
    base_text: str
    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    # Whether `by` is a question, not a fact of the register.
    is_cross: bool = False
    findings: tuple[Finding, ...] = ()

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures of a table of the whole."""
        return self.groups[0].figures if self.groups else ()

    @property
    def has_withheld(self) -> bool:
        return any(figure.withheld for group in self.groups for figure in group.figures)

    @property
    def headline(self) -> str:
        """The findings, each on a line of its own."""
        return "\n".join(
            phrasing.said_of(phrasing.alone(each.of.text), each.text) if each.of else each.text
            for each in self.findings
        )

    @property
    def is_told_by_group(self) -> bool:
        """Whether each finding is that of one group."""
        return any(each.of for each in self.findings)

    @property
    def name(self) -> str:
        """The variable as people read it."""
        return phrasing.named(self.variable)

    @property
    def by_question(self) -> str:
        """The code of the question behind `by`."""
        return self.by.partition(".")[0]

    @property
    def by_inside(self) -> str:
        """The label of `by` inside a sentence."""
        return phrasing.inside(self.by_label.text)

    @property
    def question(self) -> str:
        """The code of the question behind a variable: "B2" for "B2.stance"."""
        return self.variable.partition(".")[0]


def words(texts: Mapping[str, str], language: str, otherwise: str = "") -> Words:
    """A text kept per language, in `language` or the nearest there is."""
    text, found = Text(dict(texts)).find(language)
    return Words(text or otherwise, "" if found == language or not text else found)


def table(row: ReleasedTable, scope: Scope, language: str, facts: Iterable[str] = ()) -> Table | None:
    """One released table as the scope may see it, or None. `row.cells` should have been prefetched.

    `facts` are the names of the survey's background facts: a group of such is said by its name, a group of a
    question by what was answered.
    """
    cells = reading.seen(row, scope)
    if cells is None:
        return None
    columns = _columns(cells, language)
    made = Table(
        key=_key(row.variable, row.by),
        variable=row.variable,
        by=row.by,
        label=words(row.label, language, row.variable),
        by_label=words(row.by_label, language, row.by),
        concept=row.concept,
        base=row.base,
        base_text=phrasing.WITHHELD if row.base is None else phrasing.count(row.base),
        columns=columns,
        groups=_groups(cells, columns, language, whole=None if row.by else row.base),
    )
    made = replace(made, is_cross=bool(row.by) and row.by not in set(facts))
    return replace(made, findings=headlining.findings(made))


def _key(variable: str, by: str) -> str:
    return "-".join(part.replace(".", "-") for part in (variable, by) if part)


def ordered(values: Iterable[str]) -> list[str]:
    """Answers as they are shown: stances from yes to no, the rest as they come, blanks last."""
    result = list(values)
    if {"yes", "no"} <= set(result):
        result.sort(key=lambda value: STANCES.index(value) if value in STANCES else len(STANCES))
    return sorted(result, key=lambda value: value in MISSING)


def _columns(cells: list[ReleasedCell], language: str) -> tuple[Column, ...]:
    labels = {cell.value: cell.label for cell in cells}
    columns = []
    plain = 0
    for value in ordered(labels):
        if value in STANCES:
            tone = value.replace("_", "-")
        elif value in MISSING:
            tone = "missing"
        else:
            tone = f"c{plain % PALETTE + 1}"
            plain += 1
        columns.append(Column(value, words(labels[value], language, value), tone))
    return tuple(columns)


def _groups(
    cells: list[ReleasedCell], columns: tuple[Column, ...], language: str, whole: int | None
) -> tuple[Group, ...]:
    by_group: dict[str, dict[str, ReleasedCell]] = {}
    for cell in cells:
        by_group.setdefault(cell.by_value, {})[cell.value] = cell
    return tuple(_group(value, group, columns, language, whole) for value, group in by_group.items())


def _group(
    value: str, cells: Mapping[str, ReleasedCell], columns: tuple[Column, ...], language: str, whole: int | None
) -> Group:
    base = next((cell.base for cell in cells.values() if cell.base is not None), whole)
    label: dict[str, str] = next((cell.by_label for cell in cells.values()), {})
    return Group(
        value=value,
        label=words(label, language, value),
        base=base,
        base_text=phrasing.WITHHELD if base is None else phrasing.count(base),
        figures=tuple(figure(column, cells.get(column.value)) for column in columns),
    )


def figure(column: Column, cell: ReleasedCell | None) -> Figure:
    """One cell in words. A cell that the release lacks looks like any other withheld one."""
    n, base = (None, None) if cell is None else (cell.n, cell.base)
    share = phrasing.percent(n, base)
    return Figure(
        value=column.value,
        label=column.label,
        tone=column.tone,
        n=n,
        base=base,
        percent=share,
        percent_text=phrasing.percent_text(share),
        text=phrasing.of(n, base),
    )
