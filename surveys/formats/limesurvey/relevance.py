"""LimeSurvey's expressions: the part of them that our conditions can say.

An expression is read into groups (or) of conditions (and). What cannot be said raises `Unsayable`, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from surveys.formats import logic, written
from surveys.formats.limesurvey.alternatives import MOST_GROUPS, Groups, Unsayable, every, none_of, some, tidy
from surveys.models import Operator
from surveys.structure import ConditionView

__all__ = ["Unsayable", "Variable", "read"]

MOST_CONDITIONS, LONGEST, DEEPEST = 50, 5000, 30
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"[^"]*"|'[^']*')|(?P<sgqa>\d+X\d+X\w+(?:\.\w+)?)|(?P<number>-?\d+(?:\.\d+)?)
    |(?P<name>[A-Za-z_]\w*(?:\.\w+)*)|(?P<sign>==|!=|<=|>=|&&|\|\||[<>!(),]))""",
    re.VERBOSE | re.ASCII,
)
_WORDS = {"eq": "==", "ne": "!=", "le": "<=", "ge": ">=", "lt": "<", "gt": ">", "and": "&&", "or": "||", "not": "!"}
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">": "<=", "<=": ">", ">=": "<"}
# What makes dates comparable there, and what stands in it behind the date.
_OF_DAYS = {"strtotime": [], "substr": ["0", "10"]}
_SUFFIX = re.compile(r"\.(NAOK|valueNAOK|value|code)$")


@dataclass(frozen=True)
class Variable:
    """What a name in an expression stands for.

    Args:
        source: the code of our question.
        values: our options, by the code that LimeSurvey compares with.
        option: for a box of its own, such as one of several that can be ticked: the option it stands for.
        decimals: how many decimals a number has; None if it is no number.
        is_day: whether it is a date.
        whole: whether the name stands for all of the question, so that its being answered can be asked.
    """

    source: str
    values: Mapping[str, str] = field(default_factory=dict)
    option: str | None = None
    decimals: int | None = None
    is_day: bool = False
    whole: bool = True


def read(expression: str, variables: Mapping[str, Variable]) -> tuple[Groups, list[str]]:
    """The groups of conditions that an expression says, and remarks on what they say differently.

    Raises:
        Unsayable: with the reason as a sentence.
    """
    text = expression.strip().removeprefix("{").removesuffix("}")
    if len(text) > LONGEST:
        raise Unsayable(_("The expression is very long."))
    parser = _Parser(_tokens(text), variables)
    groups = parser.either(0)
    if parser.rest():
        raise Unsayable(_("It uses “%(part)s”, which cannot be used here.") % {"part": parser.rest()[:40]})
    cleaned = [tidy(group) for group in groups]
    if len(cleaned) > MOST_GROUPS or sum(len(group) for group in cleaned) > MOST_CONDITIONS:
        raise Unsayable(_("It has too many alternatives."))
    remarks = [
        _("Shown only to those who have answered %(source)s; LimeSurvey shows it to those who have not as well.")
        % {"source": condition.source}
        for group in groups
        for condition in group
        if condition.operator == Operator.IS_NOT and condition.source not in _answered(group)
    ]
    numbered = [
        [replace(condition, group=number) for condition in group] for number, group in enumerate(cleaned, start=1)
    ]
    return numbered, list(dict.fromkeys(remarks))


def _answered(group: list[ConditionView]) -> set[str]:
    return {each.source for each in group if each.operator == Operator.ANSWERED}


def _tokens(text: str) -> list[tuple[str, str]]:
    found, end = [], 0
    text = text.strip()
    while end < len(text):
        match = _TOKEN.match(text, end)
        if match is None:
            raise Unsayable(
                _("It uses “%(part)s”, which cannot be used here.") % {"part": text[end : end + 20].strip()}
            )
        kind, value = match.lastgroup or "", match[match.lastgroup or 0]
        if kind == "name" and value.lower() in _WORDS:
            kind, value = "sign", _WORDS[value.lower()]
        found.append(("name" if kind == "sgqa" else kind, value))
        end = match.end()
    return found


class _Parser:
    """Reads tokens by descent; every method gives groups of conditions."""

    def __init__(self, tokens: Sequence[tuple[str, str]], variables: Mapping[str, Variable]) -> None:
        self.tokens, self.variables, self.place = tokens, variables, 0

    def rest(self) -> str:
        return " ".join(value for _kind, value in self.tokens[self.place :])

    def take(self, *values: str) -> str | None:
        """The next token if it is one of these signs."""
        if self.place < len(self.tokens) and self.tokens[self.place] in [("sign", value) for value in values]:
            self.place += 1
            return self.tokens[self.place - 1][1]
        return None

    def need(self, value: str) -> None:
        if not self.take(value):
            raise Unsayable(_("It is not complete: “%(sign)s” is missing.") % {"sign": value})

    def either(self, depth: int, *, negated: bool = False) -> Groups:
        """One or more alternatives."""
        if depth > DEEPEST:
            raise Unsayable(_("It is nested too deep."))
        parts = [self.every(depth, negated=negated)]
        while self.take("||"):
            parts.append(self.every(depth, negated=negated))
        return every(parts) if negated else some(parts)

    def every(self, depth: int, *, negated: bool) -> Groups:
        """One or more that must hold together."""
        parts = [self.one(depth, negated=negated)]
        while self.take("&&"):
            parts.append(self.one(depth, negated=negated))
        return some(parts) if negated else every(parts)

    def one(self, depth: int, *, negated: bool) -> Groups:
        """A negation, something in parentheses, a function or a comparison."""
        if self.take("!"):
            return self.one(depth + 1, negated=not negated) if depth < DEEPEST else self.either(depth + 1)
        if self.take("("):
            found = self.either(depth + 1, negated=negated)
            self.need(")")
            return none_of(found)
        kind, name = self.tokens[self.place] if self.place < len(self.tokens) else ("", "")
        if kind == "name" and name not in _OF_DAYS and self.is_called():
            return self.function(name, negated=negated)
        return self.comparison(negated=negated)

    def is_called(self) -> bool:
        """Whether what stands here is the name of a function."""
        return list(self.tokens[self.place + 1 : self.place + 2]) == [("sign", "(")]

    def function(self, name: str, *, negated: bool) -> Groups:
        """`is_empty(…)`, or `count(…) > 0` over the boxes of one question."""
        self.place += 1
        self.need("(")
        names = [self.operand()]
        while self.take(","):
            names.append(self.operand())
        self.need(")")
        if name == "is_empty" and len(names) == 1:
            return self.given(names[0], yes=negated)
        if name != "count":
            raise Unsayable(_("It uses the function “%(name)s”.") % {"name": name[:40]})
        sign = self.take(">", ">=", "==", "!=")
        least = self.operand() if sign else ("", "")
        sources = {self.variable(each).source for each in names if each[0] == "name"}
        some = sign is None or (sign, least[1]) in ((">", "0"), (">=", "1"), ("!=", "0"))
        none = (sign, least[1]) == ("==", "0")
        if len(sources) != 1 or not (some or none):
            raise Unsayable(_("It counts answers."))
        if some == negated:
            raise Unsayable(_("It asks whether something has not been answered."))
        return [[ConditionView(1, sources.pop(), Operator.ANSWERED.value)]]

    def operand(self) -> tuple[str, str]:
        _kind, value = self.tokens[self.place] if self.place < len(self.tokens) else ("", "")
        return self.of_day() if value in _OF_DAYS and self.is_called() else self.plain()

    def plain(self) -> tuple[str, str]:
        """A question or a value; there is no function within a function."""
        if self.place >= len(self.tokens) or self.tokens[self.place][0] not in ("name", "string", "number"):
            raise Unsayable(_("It compares with something that is neither a question nor a value."))
        self.place += 1
        kind, value = self.tokens[self.place - 1]
        return (kind, value[1:-1]) if kind == "string" else (kind, value)

    def of_day(self) -> tuple[str, str]:
        """What stands in a function that makes dates comparable: `strtotime(…)`, or `substr(…, 0, 10)`."""
        name = self.tokens[self.place][1]
        self.place += 2
        inner = self.plain()
        more = []
        while self.take(","):
            more.append(self.plain()[1])
        self.need(")")
        variable = self.variable(inner) if inner[0] == "name" else None
        if more != _OF_DAYS[name] or (variable and not variable.is_day):
            raise Unsayable(_("It uses the function “%(name)s”.") % {"name": name})
        return inner

    def comparison(self, *, negated: bool) -> Groups:
        left = self.operand()
        sign = self.take("==", "!=", "<=", ">=", "<", ">")
        if sign is None:
            raise Unsayable(_("It asks whether “%(name)s” is true.") % {"name": left[1][:40]})
        right = self.operand()
        if left[0] != "name":
            left, right, sign = right, left, _TURNED.get(sign, sign)
        if left[0] != "name" or right[0] == "name":
            raise Unsayable(_("It does not compare one question with one value."))
        if negated:
            sign = _OPPOSITE[sign]
        variable, value = self.variable(left), right[1].strip()
        if sign in ("==", "!=") and value == "":
            return self.given(left, yes=sign == "!=")
        if variable.option is not None:
            return self.box(variable, sign, value)
        if variable.decimals is not None:
            return _number(variable, sign, value)
        if variable.is_day:
            return _day(variable, sign, value)
        if sign not in ("==", "!=") or value not in variable.values:
            raise Unsayable(
                _("It looks for “%(value)s”, which is no answer of %(source)s.")
                % {"value": value[:40], "source": variable.source}
            )
        operator = Operator.IS if sign == "==" else Operator.IS_NOT
        return [[ConditionView(1, variable.source, operator.value, variable.values[value])]]

    def box(self, variable: Variable, sign: str, value: str) -> Groups:
        """A comparison with a box that is ticked (Y) or not."""
        if sign not in ("==", "!=") or value not in ("Y", "N"):
            raise Unsayable(
                _("It looks into what was written beside an answer of %(source)s.") % {"source": variable.source}
            )
        ticked = (sign == "==") == (value == "Y")
        operator = Operator.IS if ticked else Operator.IS_NOT
        return [[ConditionView(1, variable.source, operator.value, variable.option)]]

    def given(self, operand: tuple[str, str], *, yes: bool) -> Groups:
        """Whether there is an answer."""
        if operand[0] != "name":
            raise Unsayable(_("It does not compare one question with one value."))
        variable = self.variable(operand)
        if variable.option is not None:
            operator = Operator.IS if yes else Operator.IS_NOT
            return [[ConditionView(1, variable.source, operator.value, variable.option)]]
        if not yes:
            raise Unsayable(_("It asks whether something has not been answered."))
        if not variable.whole:
            raise Unsayable(_("It looks at a part of %(source)s.") % {"source": variable.source})
        return [[ConditionView(1, variable.source, Operator.ANSWERED.value)]]

    def variable(self, operand: tuple[str, str]) -> Variable:
        name = _SUFFIX.sub("", operand[1])
        if operand[1].startswith("that.") and operand[1].removeprefix("that.").split(".")[0] in self.variables:
            name = operand[1].removeprefix("that.").split(".")[0]
        if name not in self.variables:
            raise Unsayable(
                _("It looks at “%(name)s”, which is not a question asked before it.") % {"name": operand[1][:60]}
            )
        return self.variables[name]


def _number(variable: Variable, sign: str, value: str) -> Groups:
    if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,4})?", value):
        raise Unsayable(_("It compares %(source)s with “%(value)s”, which is no number.") % {
            "source": variable.source, "value": value[:40]
        })  # fmt: skip
    return _size(variable, sign, number=Decimal(value))


def _day(variable: Variable, sign: str, value: str) -> Groups:
    limit = written.day(value)
    if limit is None:
        raise Unsayable(_("It compares %(source)s with “%(value)s”, which is no date.") % {
            "source": variable.source, "value": value[:40]
        })  # fmt: skip
    return _size(variable, sign, day=limit)


def _size(variable: Variable, sign: str, *, number: Decimal | None = None, day: date | None = None) -> Groups:
    def one(operator: Operator) -> ConditionView:
        return ConditionView(1, variable.source, operator.value, number=number, day=day)

    if sign == "==":
        return [[one(Operator.AT_LEAST), one(Operator.AT_MOST)]]
    if sign == "!=":
        return [[one(Operator.LESS_THAN)], [one(Operator.MORE_THAN)]]
    return [[one(logic.SIZES[sign])]]
