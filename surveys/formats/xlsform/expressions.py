"""The expressions of XLSForm ("relevant", "constraint"): a small part of XPath, read into the nodes of `logic`."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from surveys.formats.logic import Bracketed, Compare, Every, Node, Not, Some, Unsaid

LONGEST, DEEPEST = 4000, 30
# Names that stand for the answer itself in a constraint, and for how many were chosen.
ITSELF, HOW_MANY = ".", "count-selected(.)"
TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "!=": "!="}

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<name>\$\{\s*[^}]*?\s*\})
      | (?P<text>"[^"]*"|'[^']*'|“[^”]*”|‘[^’]*’)
      | (?P<number>-?[0-9]+(?:\.[0-9]+)?)
      | (?P<operator><=|>=|!=|=|<|>)
      | (?P<sign>[(),])
      | (?P<word>[A-Za-z][A-Za-z0-9_:-]*)
      | (?P<itself>\.(?![0-9./]))
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
    reader = _Reader(_tokens(expression))
    node = reader.either(0)
    if reader.place < len(reader.tokens):
        raise _not_understood(reader.tokens[reader.place][1])
    return node


def _tokens(expression: str) -> list[tuple[str, str]]:
    found, place, end = [], 0, len(expression.rstrip())
    while place < end:
        match = _TOKEN.match(expression, place)
        if match is None:
            raise _not_understood(expression[place:].strip())
        found.append((match.lastgroup or "", match.group(match.lastgroup or 0)))
        place = match.end()
    return found


class _Reader:
    """Reads by descent: or, and, one comparison."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens, self.place = tokens, 0

    def either(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise Unsaid(_("The expression is nested too deeply."))
        parts = [self._both(depth)]
        while self._take("word", "or"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _both(self, depth: int) -> Node:
        parts = [self._one(depth)]
        while self._take("word", "and"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _one(self, depth: int) -> Node:
        if self._take("sign", "("):
            node = self.either(depth + 1)
            self._demand("sign", ")")
            return Bracketed(node)
        if self._take("word", "not"):
            self._demand("sign", "(")
            node = self.either(depth + 1)
            self._demand("sign", ")")
            return Not(node)
        if self._take("word", "selected"):
            return self._selected()
        return self._comparison()

    def _selected(self) -> Node:
        self._demand("sign", "(")
        kind, name = self._operand()
        self._demand("sign", ",")
        other, value = self._operand()
        self._demand("sign", ")")
        if kind != "name" or other == "name":
            raise _not_understood("selected")
        return Compare(name, "has", value)

    def _comparison(self) -> Node:
        kind, left = self._operand()
        operator = self._next()
        if operator[0] != "operator":
            raise _not_understood(operator[1])
        other, right = self._operand()
        sign = operator[1]
        if kind == other:
            raise Unsaid(_("Conditions here compare one question with one value."))
        if kind != "name":
            left, right, sign = right, left, TURNED[sign]
        if not right and sign == "!=":
            return Compare(left, "answered")
        return Compare(left, sign, right)

    def _operand(self) -> tuple[str, str]:
        """What stands on one side: ("name", which) or ("value", which)."""
        kind, token = self._next()
        if kind == "name":
            return "name", token[2:-1].strip()
        if kind == "itself":
            return "name", ITSELF
        if kind in ("text", "number"):
            return "value", token[1:-1] if kind == "text" else token
        if kind == "word" and token in ("number", "string", "int"):
            self._demand("sign", "(")
            found = self._operand()
            self._demand("sign", ")")
            return found
        if (kind, token) == ("word", "count-selected"):
            self._demand("sign", "(")
            inner = self._operand()
            self._demand("sign", ")")
            if inner == ("name", ITSELF):
                return "name", HOW_MANY
        raise _not_understood(token)

    def _next(self) -> tuple[str, str]:
        if self.place >= len(self.tokens):
            raise Unsaid(_("The expression ends too early."))
        self.place += 1
        return self.tokens[self.place - 1]

    def _take(self, kind: str, token: str) -> bool:
        here = self.tokens[self.place] if self.place < len(self.tokens) else ("", "")
        if here[0] != kind or here[1].lower() != token:
            return False
        self.place += 1
        return True

    def _demand(self, kind: str, token: str) -> None:
        if not self._take(kind, token):
            raise _not_understood(self.tokens[self.place][1] if self.place < len(self.tokens) else token)


def _not_understood(token: str) -> Unsaid:
    return Unsaid(_("Conditions here have nothing like “%(part)s”.") % {"part": token[:40]})
