"""What a "constraint" says of a question: its smallest and largest number, or how many may be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from surveys.formats.logic import Bracketed, Compare, Every, Node, Not, Unsaid
from surveys.formats.written import number
from surveys.formats.xlsform.expressions import HOW_MANY, ITSELF, parse
from surveys.structure import QuestionView


@dataclass
class Bounds:
    """`alone` are the answers, by their names in the file, that exclude the others."""

    minimum: Decimal | None = None
    maximum: Decimal | None = None
    alone: tuple[str, ...] = ()
    # Whether the constraint says more than that.
    and_more: bool = False


def read(expression: str, *, counted: bool, whole: bool) -> Bounds:
    """What is understood of a constraint.

    Args:
        counted: whether it is a choice of several, so that the number of choices is what has bounds.
        whole: whether the answer is a whole number, so that "more than 3" is "at least 4".
    """
    found = Bounds()
    try:
        parts = _parts(parse(expression))
    except Unsaid:
        return Bounds(and_more=True)
    name = HOW_MANY if counted else ITSELF
    for part in parts:
        if counted and (option := _stands_alone(part)):
            found.alone += (option,)
        elif not (isinstance(part, Compare) and part.name == name and _narrow(found, part, whole or counted)):
            found.and_more = True
    if found.minimum is not None and found.maximum is not None and found.minimum > found.maximum:
        return Bounds(alone=found.alone, and_more=True)
    return found


def _parts(node: Node) -> list[Node]:
    if isinstance(node, Bracketed):
        return _parts(node.part)
    if isinstance(node, Every):
        return [each for part in node.parts for each in _parts(part)]
    return [node]


def _narrow(found: Bounds, part: Compare, whole: bool) -> bool:
    limit = number(part.value)
    if limit is None or part.operator not in ("<", "<=", ">", ">=", "="):
        return False
    if part.operator in ("<", ">"):
        if not whole or limit != limit.to_integral_value():
            return False
        limit += 1 if part.operator == ">" else -1
    if part.operator in (">", ">=", "="):
        found.minimum = limit if found.minimum is None else max(limit, found.minimum)
    if part.operator in ("<", "<=", "="):
        found.maximum = limit if found.maximum is None else min(limit, found.maximum)
    return True


def _stands_alone(node: Node) -> str:
    """The answer that `not(selected(., 'x') and count-selected(.) > 1)` is about."""
    if not isinstance(node, Not):
        return ""
    parts = _parts(node.part)
    if len(parts) != 2 or not all(isinstance(part, Compare) for part in parts):
        return ""
    one, other = parts
    assert isinstance(one, Compare)
    assert isinstance(other, Compare)
    several = other.name == HOW_MANY and (other.operator, other.value) in ((">", "1"), (">=", "2"))
    return one.value if one.name == ITSELF and one.operator == "has" and several else ""


def write(question: QuestionView, *, counted: bool) -> str:
    """The constraint of a question; empty if it has none."""
    name = HOW_MANY if counted else ITSELF
    parts = [f"{name} >= {question.minimum:f}"] if question.minimum is not None else []
    parts += [f"{name} <= {question.maximum:f}"] if question.maximum is not None else []
    if counted:
        alone = [option.code for option in question.options if option.excludes]
        parts += [f"not(selected(., '{code}') and {HOW_MANY} > 1)" for code in alone]
    return " and ".join(parts)
