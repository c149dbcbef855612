"""The conditions of our own format, read as strictly as the rest of it (`formats.strict`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from surveys.formats.document import Node
from surveys.kinds import registry
from surveys.models import Operator
from surveys.models.condition import ON_OPTION, ON_SEVERAL, ON_SIZE
from surveys.structure import FACT, ConditionView, FactView, QuestionView

CONDITION_NAMES = ("group", "source", "fact", "operator", "option", "options", "number", "day")
MOST_OPTIONS, MOST_CONDITIONS = 200, 50
# As long as the code of a fact's value.
LONGEST_COMPARED = 60


def read(
    owner: Node, questions: Mapping[str, QuestionView], facts: Mapping[str, FactView]
) -> tuple[ConditionView, ...]:
    """The conditions of a question or section.

    Args:
        questions, facts: what they can look at: the questions that stand before it, and the document's facts.

    Raises:
        BadDocument: with the place and what is wrong there.
    """

    def one(number: int, value: Any) -> ConditionView:
        place = owner.place + " › " + _("condition %(number)d") % {"number": number}
        node = Node(value, place, CONDITION_NAMES)
        operator = node.choice("operator", Operator.values, Operator.IS.value)
        group = node.integer("group", 1, 1) or 1
        _refuse_needless(node, operator)
        if "fact" in node.value:
            return _on_fact(node, group, operator, facts)
        return _on_answer(node, group, operator, questions)

    return tuple(owner.items("conditions", MOST_CONDITIONS, one))


def _on_answer(node: Node, group: int, operator: str, questions: Mapping[str, QuestionView]) -> ConditionView:
    source = questions.get(node.string("source", 20))
    if source is None or not registry.kind(source.kind).is_asked:
        node.refuse(_("must name a question that is asked earlier"), "source")
    offered = [each.code for each in source.options]
    if operator in (*ON_OPTION, *ON_SEVERAL) and not offered:
        node.refuse(_("must be “answered”: the question has no options"), "operator")
    option, options = _compared(node, operator, offered)
    number, day = node.decimal("number"), node.day("day")
    kind = registry.kind(source.kind)
    if operator in ON_SIZE and not ((kind.has_number and number is not None) or (kind.has_day and day is not None)):
        node.refuse(_("needs a “number”, or a “day”, and a question that is answered with one"), "operator")
    if (number is not None and not kind.has_number) or (day is not None and not kind.has_day):
        node.refuse(_("only one of “number” and “day” is what the question is answered with"), "operator")
    return ConditionView(group, source.code, operator, option, options, number, day)


def _on_fact(node: Node, group: int, operator: str, facts: Mapping[str, FactView]) -> ConditionView:
    fact = facts.get(node.string("fact", 40))
    if fact is None:
        node.refuse(_("must name one of the document's facts"), "fact")
    if operator in ON_SIZE:
        words = ", ".join((*ON_OPTION, *ON_SEVERAL, Operator.ANSWERED))
        node.refuse(_("must be one of: %(words)s") % {"words": words}, "operator")
    option, options = _compared(node, operator, [code for code, _label in fact.values])
    return ConditionView(group, f"{FACT}{fact.name}", operator, option, options)


def _refuse_needless(node: Node, operator: str) -> None:
    """Refuse anything to compare with that the operator has no use for."""
    if operator not in ON_OPTION and "option" in node.value:
        node.refuse(_("belongs only to “is” and “is_not”"), "option")
    if operator not in ON_SEVERAL and "options" in node.value:
        node.refuse(_("belongs only to “one_of” and “none_of”"), "options")
    for name in ("number", "day"):
        if operator not in ON_SIZE and name in node.value:
            words = ", ".join(ON_SIZE)
            node.refuse(_("belongs only to: %(words)s") % {"words": words}, name)


def _compared(node: Node, operator: str, offered: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """The code, or the codes, that a condition compares with."""
    if operator in ON_SEVERAL:
        found = node.strings("options", MOST_OPTIONS, LONGEST_COMPARED)
        name = "options"
    else:
        found = [code] if (code := node.string("option", LONGEST_COMPARED, "")) else []
        name = "option"
    if operator in (*ON_OPTION, *ON_SEVERAL) and (not found or not set(found) <= set(offered)):
        node.refuse(_("must be one of: %(words)s") % {"words": ", ".join(offered)}, name)
    return (None, tuple(found)) if operator in ON_SEVERAL else (found[0] if found else None, ())
