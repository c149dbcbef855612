"""Conditions written as the expressions of XLSForm, in the shapes that `logic` reads back as the same conditions."""

from __future__ import annotations

from collections.abc import Sequence

from surveys.formats.logic import SIGNS
from surveys.formats.xlsform.names import Names
from surveys.models import Elaboration, Operator
from surveys.structure import ConditionView, EditionView, QuestionView

SEVERAL = ("multiple_choice", "ranking")


def expression(conditions: Sequence[ConditionView], view: EditionView, names: Names) -> str:
    """What holds when all conditions of one group do; empty if there are none."""
    groups: dict[int, list[str]] = {}
    for condition in conditions:
        groups.setdefault(condition.group, []).append(_one(condition, view, names))
    written = [" and ".join(group) for group in groups.values()]
    if len(written) == 1:
        return written[0]
    return " or ".join(f"({group})" for group in written)


def _one(condition: ConditionView, view: EditionView, names: Names) -> str:
    source = None if condition.fact else view.questions[condition.source]
    name = _reference(_name(condition, source, names))
    several = source is not None and source.kind in SEVERAL
    if condition.operator == Operator.ANSWERED:
        return f"{name} != ''"
    if condition.operator == Operator.IS:
        return _is(name, condition.option or "", several=several)
    if condition.operator in (Operator.IS_NOT, Operator.NONE_OF):
        others = [
            f"not(selected({name}, '{option}'))" if several else f"{name} != '{option}'"
            for option in condition.compared
        ]
        # Without an answer it does not hold.
        answered = f"{name} != ''"
        return f"({' and '.join([answered, *others])})"
    if condition.operator == Operator.ONE_OF:
        return f"({' or '.join(_is(name, option, several=several) for option in condition.options)})"
    limit = f"date('{condition.day.isoformat()}')" if condition.day else f"{condition.number:f}"
    return f"{name} {SIGNS[Operator(condition.operator)]} {limit}"


def _reference(name: str) -> str:
    return f"${{{name}}}"


def _name(condition: ConditionView, source: QuestionView | None, names: Names) -> str:
    if source is None:
        return names.of_fact(condition.fact)
    return names.rosters[source.code][0] if source.kind == "roster" else source.code


def _is(name: str, option: str, *, several: bool) -> str:
    return f"selected({name}, '{option}')" if several else f"{name} = '{option}'"


def elaborated(question: QuestionView, names: Names) -> tuple[str, str]:
    """When a text is asked for beside the options of a question, and when it must be written."""
    asked = [each.code for each in question.options if question.elaboration_of(each.code) != Elaboration.NEVER]
    demanded = [each.code for each in question.options if question.elaboration_of(each.code) == Elaboration.REQUIRED]
    required = ""
    if demanded:
        required = "yes" if demanded == asked else _any_of(question, demanded)
    return _any_of(question, asked), required


def _any_of(question: QuestionView, codes: list[str]) -> str:
    name = _reference(question.code)
    if len(codes) == len(question.options):
        return f"{name} != ''"
    return " or ".join(_is(name, code, several=question.kind in SEVERAL) for code in codes)
