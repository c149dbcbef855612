"""The expressions of SurveyJS ("visibleIf"), as far as conditions here can say them; and written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from surveys.formats.logic import Bracketed, Compare, Every, Node, Not, Some, Unsaid
from surveys.models import Operator
from surveys.structure import ConditionView

LONGEST, DEEPEST = 4000, 30
FACT_PREFIX = "fact_"
_SIGNS = {
    "=": "=", "==": "=", "equal": "=", "<>": "!=", "!=": "!=", "notequal": "!=", "<": "<", "less": "<", ">": ">",
    "greater": ">", "<=": "<=", "lessorequal": "<=", ">=": ">=", "greaterorequal": ">=", "contains": "has",
    "contain": "has", "notcontains": "lacks", "notcontain": "lacks", "anyof": "anyof", "allof": "allof",
    "empty": "empty", "notempty": "answered",
}  # fmt: skip
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<name>\{[^{}]*\})
      | (?P<text>"[^"]*"|'[^']*')
      | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?![\w-]))
      | (?P<sign><=|>=|<>|!=|==|=|<|>|&&|\|\||!|[()\[\],])
      | (?P<word>[A-Za-z_][\w-]*)
    )""",
    re.VERBOSE,
)


def parse(expression: str) -> Node:
    """The nodes of an expression.

    Raises:
        Unsaid: it is not of the part that is understood here.
    """
    if len(expression) > LONGEST:
        raise Unsaid(_("The expression is too long."))
    tokens, place, end = [], 0, len(expression.rstrip())
    while place < end:
        match = _TOKEN.match(expression, place)
        if match is None:
            raise _not_understood(expression[place:].strip())
        tokens.append((match.lastgroup or "", match.group(match.lastgroup or 0)))
        place = match.end()
    reader = _Reader(tokens)
    node = reader.either(0)
    if reader.place < len(tokens):
        raise _not_understood(tokens[reader.place][1])
    return node


class _Reader:
    """Reads by descent: or, and, one comparison."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens, self.place = tokens, 0

    def either(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise Unsaid(_("The expression is nested too deeply."))
        parts = [self._both(depth)]
        while self._take("or", "||"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _both(self, depth: int) -> Node:
        parts = [self._one(depth)]
        while self._take("and", "&&"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _one(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise Unsaid(_("The expression is nested too deeply."))
        if self._take("!", "not"):
            return Not(self._one(depth + 1))
        if self._take("("):
            node = self.either(depth + 1)
            if not self._take(")"):
                raise Unsaid(_("The expression ends too early."))
            return Bracketed(node)
        kind, token = self._next()
        if kind != "name":
            raise _not_understood(token)
        name, (_kind, word) = token[1:-1].strip(), self._next()
        sign = _SIGNS.get(word.lower())
        if sign is None:
            raise _not_understood(word)
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
        if not self._take("["):
            return [self._value()]
        values = [self._value()]
        while self._take(","):
            values.append(self._value())
        if not self._take("]"):
            raise Unsaid(_("The expression ends too early."))
        return values

    def _value(self) -> str:
        kind, token = self._next()
        if kind == "text":
            return token[1:-1]
        if kind in ("number", "word"):
            return token
        raise Unsaid(_("Conditions here compare one question with one value."))

    def _next(self) -> tuple[str, str]:
        if self.place >= len(self.tokens):
            raise Unsaid(_("The expression ends too early."))
        self.place += 1
        return self.tokens[self.place - 1]

    def _take(self, *tokens: str) -> bool:
        here = self.tokens[self.place] if self.place < len(self.tokens) else ("", "")
        if here[0] not in ("sign", "word") or here[1].lower() not in tokens:
            return False
        self.place += 1
        return True


def _not_understood(part: str) -> Unsaid:
    return Unsaid(_("Conditions here have nothing like “%(part)s”.") % {"part": part[:40]})


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
    if condition.operator == Operator.IS_NOT:
        return f"({name} notempty and {name} {'notcontains' if several else '<>'} '{condition.option}')"
    if condition.operator == Operator.ONE_OF:
        return f"{name} anyof [{', '.join(repr(option) for option in condition.options)}]"
    return f"{name} {'>=' if condition.operator == Operator.AT_LEAST else '<='} {condition.number:f}"
