"""The same thing asked in several surveys, set side by side: one group a survey."""

from __future__ import annotations

from dataclasses import replace

from consult import phrasing
from consult.headlining import Finding, found, leading
from consult.listing import SurveyHead
from consult.tabulating import Column, Figure, Group, Table, Words, figure, ordered


def side_by_side(tables: list[tuple[SurveyHead, Table]]) -> tuple[Table, ...]:
    """Group tables of the whole by what they ask about; those that only one survey asked are left out.

    Two tables ask the same where they share a concept and were read the same way: ticked with ticked, coded
    with coded. A survey that asks it twice counts with its first. What was coded goes before what was ticked, and
    where the surveys have no answer in common there is nothing to set side by side.
    """
    alike: dict[tuple[str, str], dict[str, tuple[SurveyHead, Table]]] = {}
    for head, table in tables:
        kind = table.variable.partition(".")[2]
        alike.setdefault((table.concept, kind), {}).setdefault(head.code, (head, table))
    joinable = {key: list(group.values()) for key, group in alike.items() if _have_an_answer_in_common(group)}
    coded = {concept.removesuffix(f".{kind}") for concept, kind in joinable if kind}
    return tuple(
        _joined(concept, kind, tables) for (concept, kind), tables in joinable.items() if kind or concept not in coded
    )


def _have_an_answer_in_common(group: dict[str, tuple[SurveyHead, Table]]) -> bool:
    answers = [{column.value for column in table.columns} - {"no_answer"} for _, table in group.values()]
    return len(group) > 1 and bool(set.intersection(*answers))


def _joined(concept: str, kind: str, tables: list[tuple[SurveyHead, Table]]) -> Table:
    columns: dict[str, Column] = {}
    for _, table in tables:
        for column in table.columns:
            columns.setdefault(column.value, column)
    shown = tuple(columns[value] for value in ordered(columns))
    groups = tuple(_group(head, table, shown) for head, table in tables)
    first = tables[0][1]
    joined = replace(
        first,
        key=f"compared-{concept}-{kind}".rstrip("-").replace(".", "-"),
        by="survey",
        by_label=Words(""),
        base=None,
        base_text="",
        columns=shown,
        groups=groups,
    )
    return replace(joined, findings=tuple(_finding(group) for group in groups))


def _group(head: SurveyHead, table: Table, columns: tuple[Column, ...]) -> Group:
    by_value = {each.value: each for each in table.figures}
    return Group(
        value=head.code,
        label=head.title,
        base=table.base,
        base_text=table.base_text,
        # An answer that one questionnaire did not offer was given by nobody there.
        figures=tuple(by_value.get(column.value) or _not_offered(column) for column in columns),
        variable=table.variable,
    )


def _not_offered(column: Column) -> Figure:
    return replace(figure(column, None), offered=False, text="")


def _finding(group: Group) -> Finding:
    """The largest answer of one survey."""
    main = leading(group.figures)
    return Finding(phrasing.WITHHELD, of=group.label) if main is None else found(group, main)
