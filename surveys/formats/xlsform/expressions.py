"""The expressions of XLSForm ("relevant", "constraint"): a small part of XPath, read into the nodes of `logic`."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from surveys.formats.descent import Reader
from surveys.formats.logic import Compare, Node, Not, Unsaid

# Names that stand for the answer itself in a constraint, and for how many were chosen.
ITSELF, HOW_MANY = ".", "count-selected(.)"
TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "!=": "!="}


def parse(expression: str) -> Node:
    """The nodes of an expression.

    Raises:
        Unsaid: it is not of the part that is understood here.
    """
    return _Reader.parse(expression)


class _Reader(Reader):
    TOKEN = re.compile(
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

    def one(self, depth: int) -> Node:
        """A negation, the question whether something was chosen, or a comparison."""
        if self.take("not"):
            self.demand("(")
            return Not(self.inside(depth))
        if self.take("selected"):
            return self._selected()
        return self._comparison()

    def _selected(self) -> Node:
        self.demand("(")
        kind, name = self._operand()
        self.demand(",")
        other, value = self._operand()
        self.demand(")")
        if kind != "name" or other == "name":
            raise self.refused("selected")
        return Compare(name, "has", value)

    def _comparison(self) -> Node:
        kind, left = self._operand()
        operator = self.next()
        if operator[0] != "operator":
            raise self.refused(operator[1])
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
        kind, token = self.next()
        if kind == "name":
            return "name", token[2:-1].strip()
        if kind == "itself":
            return "name", ITSELF
        if kind in ("text", "number"):
            return "value", token[1:-1] if kind == "text" else token
        if kind == "word" and token in ("number", "string", "int", "date"):
            self.demand("(")
            found = self._operand()
            self.demand(")")
            return found
        if (kind, token) == ("word", "count-selected"):
            self.demand("(")
            inner = self._operand()
            self.demand(")")
            if inner == ("name", ITSELF):
                return "name", HOW_MANY
        raise self.refused(token)
