"""Reading expressions of other programs by descent: what their spellings have in common.

A format names its tokens by a regular expression with a group for each sort, and reads one comparison (`one`) or what
else stands between "and" and "or"; the brackets of the whole, the order of "and" and "or" and the limits are here.
"""

from __future__ import annotations

import re
from typing import ClassVar

from django.utils.translation import gettext as _

from surveys.formats.logic import Bracketed, Every, Node, Some, Unsaid

LONGEST, DEEPEST = 4000, 30

Token = tuple[str, str]
"""A token: the name of its group, and what stands there."""


class Reader:
    """Reads one expression. A format says what its tokens are, and reads what is neither "and", "or" nor brackets."""

    TOKEN: ClassVar[re.Pattern[str]]
    AND: ClassVar[tuple[str, ...]] = ("and",)
    OR: ClassVar[tuple[str, ...]] = ("or",)

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens, self.place = tokens, 0

    @classmethod
    def parse(cls, expression: str) -> Node:
        """The nodes of an expression.

        Raises:
            Unsaid: it is not of the part that is understood here.
        """
        if len(expression) > LONGEST:
            raise Unsaid(_("The expression is too long."))
        reader = cls(cls._tokens(expression))
        node = reader.either(0)
        if reader.place < len(reader.tokens):
            raise reader.refused(reader.tokens[reader.place][1])
        return node

    @classmethod
    def _tokens(cls, expression: str) -> list[Token]:
        found: list[Token] = []
        place, end = 0, len(expression.rstrip())
        while place < end:
            match = cls.TOKEN.match(expression, place)
            if match is None:
                raise cls.refused(expression[place:].strip())
            found.append((match.lastgroup or "", match.group(match.lastgroup or 0)))
            place = match.end()
        return found

    def one(self, depth: int) -> Node:
        """What stands between "and" and "or", brackets left out."""
        raise NotImplementedError

    def either(self, depth: int) -> Node:
        """Parts joined by "or"."""
        if depth > DEEPEST:
            raise Unsaid(_("The expression is nested too deeply."))
        parts = [self._both(depth)]
        while self.take(*self.OR):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _both(self, depth: int) -> Node:
        parts = [self.part(depth)]
        while self.take(*self.AND):
            parts.append(self.part(depth))
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def part(self, depth: int) -> Node:
        """Something in brackets, or `one`."""
        if depth > DEEPEST:
            raise Unsaid(_("The expression is nested too deeply."))
        if self.take("("):
            return Bracketed(self.inside(depth))
        return self.one(depth)

    def inside(self, depth: int) -> Node:
        """What stands in brackets, after the first of them."""
        node = self.either(depth + 1)
        self.demand(")")
        return node

    def next(self) -> Token:
        """The next token, whatever it is."""
        if self.place >= len(self.tokens):
            raise Unsaid(_("The expression ends too early."))
        self.place += 1
        return self.tokens[self.place - 1]

    def take(self, *words: str) -> bool:
        """Pass over the next token if it is one of these signs or words."""
        sort, token = self.tokens[self.place] if self.place < len(self.tokens) else ("", "")
        if sort not in ("sign", "word") or token.lower() not in words:
            return False
        self.place += 1
        return True

    def demand(self, sign: str) -> None:
        """Pass over the next token, which must be this sign."""
        if not self.take(sign):
            raise self.refused(self.next()[1])

    @staticmethod
    def refused(part: str) -> Unsaid:
        """To be raised: this part is not understood."""
        return Unsaid(_("Conditions here have nothing like “%(part)s”.") % {"part": part[:40]})
