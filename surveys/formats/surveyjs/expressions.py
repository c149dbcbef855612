"""The expressions of SurveyJS ("visibleIf"), as far as conditions here can say them; and written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from surveys.formats.descent import Reader
from surveys.formats.logic import SIGNS, Compare, Every, Node, Not, Some, Unsaid
from surveys.models import Operator
from surveys.structure import ConditionView

FACT_PREFIX = "fact_"
_SIGNS = {
    "=": "=", "==": "=", "equal": "=", "<>": "!=", "!=": "!=", "notequal": "!=", "<": "<", "less": "<", ">": ">",
    "greater": ">", "<=": "<=", "lessorequal": "<=", ">=": ">=", "greaterorequal": ">=", "contains": "has",
    "contain": "has", "notcontains": "lacks", "notcontain": "lacks", "anyof": "anyof", "allof": "allof",
    "empty": "empty", "notempty": "answered",
}  # fmt: skip


def parse(expression: str) -> Node:
    """The nodes of an expression.

    Raises:
        Unsaid: it is not of the part that is understood here.
    """
    return _Reader.parse(expression)


class _Reader(Reader):
    TOKEN = re.compile(
        r"""\s*(?:
            (?P<name>\{[^{}]*\})
          | (?P<text>"[^"]*"|'[^']*')
          | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?![\w-]))
          | (?P<sign><=|>=|<>|!=|==|=|<|>|&&|\|\||!|[()\[\],])
          | (?P<word>[A-Za-z_][\w-]*)
        )""",
        re.VERBOSE,
    )
    AND, OR = ("and", "&&"), ("or", "||")

    def one(self, depth: int) -> Node:
        """A negation, or a comparison."""
        if self.take("!", "not"):
            return Not(self.part(depth + 1))
        kind, token = self.next()
        if kind != "name":
            raise self.refused(token)
        name, (_kind, word) = token[1:-1].strip(), self.next()
        sign = _SIGNS.get(word.lower())
        if sign is None:
            raise self.refused(word)
        return self._compared(name, sign)

    def _compared(self, name: str, sign: str) -> Node:
        if sign == "answered":
            return Compare(name, "answered")
        if sign == "empty":
            raise Unsaid(_("Conditions here cannot ask that something has not been answered."))
        values = self._values()
        if sign in ("anyof", "allof"):
            found = tuple(Compare(name, "has", value) for value in values)
            if len(found) == 1:
                return found[0]
            return Some(found) if sign == "anyof" else Every(found)
        if len(values) != 1:
            raise Unsaid(_("Conditions here compare one question with one value."))
        if sign == "lacks":
            return Not(Compare(name, "has", values[0]))
        return Compare(name, sign, values[0])

    def _values(self) -> list[str]:
        if not self.take("["):
            return [self._value()]
        values = [self._value()]
        while self.take(","):
            values.append(self._value())
        self.demand("]")
        return values

    def _value(self) -> str:
        kind, token = self.next()
        if kind == "text":
            return token[1:-1]
        if kind in ("number", "word"):
            return token
        raise Unsaid(_("Conditions here compare one question with one value."))


def write(conditions: Sequence[ConditionView], several: frozenset[str]) -> str:
    """The expression of conditions; empty if there are none.

    Args:
        several: codes of the questions whose answer is a list of options.
    """
    groups: dict[int, list[str]] = {}
    for condition in conditions:
        groups.setdefault(condition.group, []).append(_one(condition, condition.source in several))
    written = [" and ".join(group) for group in groups.values()]
    return written[0] if len(written) == 1 else " or ".join(f"({group})" for group in written)


def _one(condition: ConditionView, several: bool) -> str:
    name = "{" + (f"{FACT_PREFIX}{condition.fact}" if condition.fact else condition.source) + "}"
    if condition.operator == Operator.ANSWERED:
        return f"{name} notempty"
    if condition.operator == Operator.IS:
        return f"{name} {'contains' if several else '='} '{condition.option}'"
    if condition.operator in (Operator.IS_NOT, Operator.NONE_OF):
        others = [f"{name} {'notcontains' if several else '<>'} '{option}'" for option in condition.compared]
        return f"({' and '.join([f'{name} notempty', *others])})"
    if condition.operator == Operator.ONE_OF:
        return f"{name} anyof [{', '.join(repr(option) for option in condition.options)}]"
    # Days are kept as texts there, which sort as they do.
    limit = f"'{condition.day.isoformat()}'" if condition.day else f"{condition.number:f}"
    return f"{name} {SIGNS[Operator(condition.operator)]} {limit}"
