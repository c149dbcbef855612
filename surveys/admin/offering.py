"""The background facts that the register offers, and which of them a draft looks at, as the builder shows them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from django.conf import settings

from surveys.drafting import declaring
from surveys.structure import EditionView, FactView, Text


@dataclass(frozen=True)
class FactRow:
    """One background fact.

    Args:
        is_known: whether the register (still) has it.
        lacks: the values that the register has and the draft does not, for one that it looks at.
        uses: the questions and sections that look at it or name it.
    """

    name: str
    label: str
    values: list[str]
    is_declared: bool
    is_known: bool
    lacks: list[str]
    uses: list[str]


def offered() -> dict[str, FactView]:
    """What the register can answer, by name. Nothing of ours may be imported here: the settings name who knows."""
    register = import_module(settings.BACKGROUND_FACTS)
    return {
        fact.name: FactView(
            fact.name, Text(dict(fact.label)), tuple((code, Text(dict(label))) for code, label in fact.values)
        )
        for fact in register.facts(list(register.known_facts()))
    }


def fact_rows(view: EditionView, language: str) -> list[FactRow]:
    """Every fact that a draft looks at or could look at, in the order of the register."""
    known, declared = offered(), {fact.name: fact for fact in view.facts}
    return [
        _row(name, declared.get(name), known.get(name), view, language) for name in dict.fromkeys([*known, *declared])
    ]


def _row(name: str, mine: FactView | None, theirs: FactView | None, view: EditionView, language: str) -> FactRow:
    fact = mine or theirs
    assert fact is not None, "a name stands in one of the two"
    held = {code for code, _label in fact.values}
    return FactRow(
        name=name,
        label=fact.label(language) or name,
        values=[label(language) or code for code, label in fact.values],
        is_declared=mine is not None,
        is_known=theirs is not None,
        lacks=[label(language) or code for code, label in theirs.values if code not in held] if theirs else [],
        uses=list(dict.fromkeys(declaring.deciding(view, name) + declaring.naming(view, name))) if mine else [],
    )
