"""What other programs' expressions say, as far as conditions here can say it.

A format parses its own spelling into the few nodes below; `conditions` turns them into groups of conditions
(all of one group must hold), or says why it cannot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import product
from typing import Any

from django.utils.translation import gettext as _

from surveys.formats import written
from surveys.kinds import registry
from surveys.models import Operator
from surveys.structure import FACT, ConditionView, FactView, QuestionView

MOST_CONDITIONS = 50
TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
SIZES = {
    "<": Operator.LESS_THAN, ">": Operator.MORE_THAN, "<=": Operator.AT_MOST, ">=": Operator.AT_LEAST,
}  # fmt: skip
SIGNS = {operator: sign for sign, operator in SIZES.items()}


class Unsaid(Exception):
    """A condition here cannot say it; the message says why."""


@dataclass(frozen=True)
class Compare:
    """One comparison: `operator` is =, !=, <, <=, >, >=, "has" (a choice among several) or "answered"."""

    name: str
    operator: str
    value: str = ""


@dataclass(frozen=True)
class Every:
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Some:
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Not:
    part: Node


@dataclass(frozen=True)
class Bracketed:
    """What stands in brackets: kept, since it tells "a or b" of one question from two groups."""

    part: Node


Node = Compare | Every | Some | Not | Bracketed


@dataclass(frozen=True)
class Source:
    """What a name in the file stands for here, and what its answers are called here: {name in the file: code}."""

    view: QuestionView | FactView
    codes: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{FACT}{self.view.name}" if isinstance(self.view, FactView) else self.view.code


@dataclass(frozen=True)
class Said:
    """The conditions, and what they say a little differently from the file."""

    conditions: tuple[ConditionView, ...]
    remarks: tuple[str, ...] = ()


def conditions(node: Node, sources: Mapping[str, Source]) -> Said:
    """The conditions that say what `node` says.

    Args:
        sources: what can be looked at: what is asked earlier, by its name in the file.

    Raises:
        Unsaid
    """
    groups = _groups(node, sources)
    if sum(len(group) for group in groups) > MOST_CONDITIONS:
        raise Unsaid(_("It would take more than %(most)d conditions.") % {"most": MOST_CONDITIONS})
    found, remarks = [], []
    for number, group in enumerate(groups, start=1):
        unique = tuple(dict.fromkeys(group))
        found += [replace(each, group=number) for each in unique]
        answered = {each.source for each in unique if each.operator == Operator.ANSWERED}
        remarks += [
            _("Here it is met only once %(source)s has been answered.") % {"source": each.source}
            for each in unique
            if each.loosely and each.source not in answered
        ]
    plain = tuple(
        ConditionView(each.group, each.source, each.operator, each.option, each.options, each.number, each.day)
        for each in found
    )
    return Said(plain, tuple(dict.fromkeys(remarks)))


def both(first: tuple[ConditionView, ...], second: tuple[ConditionView, ...]) -> tuple[ConditionView, ...]:
    """The conditions that hold when both of two hold; each empty one always does.

    Raises:
        Unsaid: there would be too many.
    """
    if not (first and second):
        return first or second
    joined = [
        tuple(dict.fromkeys(replace(each, group=0) for each in (*one, *other)))
        for one, other in product(_by_group(first), _by_group(second))
    ]
    if sum(len(group) for group in joined) > MOST_CONDITIONS:
        raise Unsaid(_("It would take more than %(most)d conditions.") % {"most": MOST_CONDITIONS})
    return tuple(replace(each, group=number) for number, group in enumerate(joined, start=1) for each in group)


def _by_group(found: tuple[ConditionView, ...]) -> list[list[ConditionView]]:
    groups: dict[int, list[ConditionView]] = {}
    for each in found:
        groups.setdefault(each.group, []).append(each)
    return list(groups.values())


@dataclass(frozen=True)
class _Condition(ConditionView):
    # In the file it holds for a blank as well.
    loosely: bool = False


Groups = list[list[_Condition]]


def _groups(node: Node, sources: Mapping[str, Source]) -> Groups:
    """The node as "or" of "and"."""
    if isinstance(node, Compare):
        return [_compared(node, sources)]
    if isinstance(node, Bracketed):
        return [[strict]] if (strict := _answered_otherwise(node.part, sources)) else _groups(node.part, sources)
    if isinstance(node, Not):
        return _groups(_turned(node.part), sources)
    if isinstance(node, Some):
        if one := _one_of(node, sources):
            return [[one]]
        return _capped([group for part in node.parts for group in _groups(part, sources)])
    groups: Groups = [[]]
    for part in node.parts:
        groups = _capped([[*one, *other] for one, other in product(groups, _groups(part, sources))])
    return groups


def _capped(groups: Groups) -> Groups:
    if sum(len(group) for group in groups) > MOST_CONDITIONS:
        raise Unsaid(_("It would take more than %(most)d conditions.") % {"most": MOST_CONDITIONS})
    return groups


def _turned(node: Node) -> Node:
    """The opposite of a node, as far as it can be said."""
    if isinstance(node, Bracketed):
        return _turned(node.part)
    if isinstance(node, Not):
        return node.part
    if isinstance(node, Some):
        return Every(tuple(_turned(part) for part in node.parts))
    if isinstance(node, Every):
        return Some(tuple(Bracketed(_turned(part)) for part in node.parts))
    if node.operator in ("=", "has"):
        return Compare(node.name, "!=", node.value)
    if node.operator == "!=":
        return Compare(node.name, "=", node.value)
    raise Unsaid(_("Conditions here cannot turn a comparison round with “not”."))


def _answered_otherwise(node: Node, sources: Mapping[str, Source]) -> _Condition | None:
    """`(X is answered and X is not a)` is one condition here, and so is `(X is answered and X is not a and not b)`."""
    if not (isinstance(node, Every) and all(isinstance(part, Compare | Not) for part in node.parts[1:])):
        return None
    parts = [_groups(part, sources) for part in node.parts]
    if any(len(part) != 1 or len(part[0]) != 1 for part in parts):
        return None
    first, *others = (part[0][0] for part in parts)
    if first.operator != Operator.ANSWERED or any(
        each.operator != Operator.IS_NOT or each.source != first.source for each in others
    ):
        return None
    if len(others) == 1:
        return replace(others[0], loosely=False)
    unchosen = tuple(dict.fromkeys(each.option or "" for each in others))
    return _Condition(1, first.source, Operator.NONE_OF.value, None, unchosen)


def _one_of(node: Some, sources: Mapping[str, Source]) -> _Condition | None:
    """`X is a or X is b`, without brackets, is one condition here."""
    if not all(isinstance(part, Compare) for part in node.parts):
        return None
    found = [condition for part in node.parts for group in _groups(part, sources) for condition in group]
    names = {condition.source for condition in found}
    if len(names) != 1 or len(found) != len(node.parts):
        return None
    if any(condition.operator != Operator.IS for condition in found):
        return None
    options = tuple(dict.fromkeys(condition.option or "" for condition in found))
    return _Condition(1, found[0].source, Operator.ONE_OF.value, None, options)


def _compared(node: Compare, sources: Mapping[str, Source]) -> list[_Condition]:
    source = sources.get(node.name)
    if source is None:
        raise Unsaid(
            _("It looks at “%(name)s”, which is not asked before it, or was not imported.") % {"name": node.name[:60]}
        )
    if node.operator == "answered":
        return [_Condition(1, source.name, Operator.ANSWERED.value)]
    if isinstance(source.view, FactView) or registry.kind(source.view.kind).has_options:
        return [_on_option(node, source)]
    if registry.kind(source.view.kind).has_number:
        return _on_size(node, source, _number_in(node))
    if registry.kind(source.view.kind).has_day:
        return _on_size(node, source, _day_in(node))
    raise Unsaid(_("Here the only condition on %(source)s can be that it has been answered.") % {"source": source.name})


def _on_option(node: Compare, source: Source) -> _Condition:
    if node.operator in TURNED:
        return _on_points(node, source)
    code = source.codes.get(node.value)
    if code is None:
        if not node.value:
            raise Unsaid(_("Conditions here cannot ask that something has not been answered."))
        raise Unsaid(
            _("“%(value)s” is not an answer that %(source)s offers.")
            % {"value": node.value[:60], "source": source.name}
        )
    if node.operator != "!=":
        return _Condition(1, source.name, Operator.IS.value, code)
    required = isinstance(source.view, QuestionView) and source.view.required
    return _Condition(1, source.name, Operator.IS_NOT.value, code, loosely=not required)


def _on_points(node: Compare, source: Source) -> _Condition:
    """A scale whose points are called by numbers can be compared with one."""
    limit, kept = written.number(node.value), []
    for name, code in source.codes.items():
        point = written.number(name)
        if limit is None or point is None or isinstance(source.view, FactView):
            raise Unsaid(_("The answers of %(source)s cannot be compared by size.") % {"source": source.name})
        if _holds(point, node.operator, limit):
            kept.append(code)
    if not kept:
        raise Unsaid(_("It can never hold."))
    return _Condition(1, source.name, Operator.ONE_OF.value, None, tuple(kept))


def _holds(point: Decimal, operator: str, limit: Decimal) -> bool:
    return {"<": point < limit, "<=": point <= limit, ">": point > limit, ">=": point >= limit}[operator]


def _on_size(node: Compare, source: Source, limit: dict[str, Any]) -> list[_Condition]:
    if node.operator in SIZES:
        return [_Condition(1, source.name, SIZES[node.operator].value, **limit)]
    if node.operator == "=":
        return [_Condition(1, source.name, each.value, **limit) for each in (Operator.AT_LEAST, Operator.AT_MOST)]
    if "day" in limit:
        raise Unsaid(_("Conditions here cannot say that a date is not another."))
    raise Unsaid(_("Conditions here cannot say that a number is not another."))


def _number_in(node: Compare) -> dict[str, Any]:
    limit = written.number(node.value)
    if limit is None:
        raise _unfit(node, _("“%(value)s” is not a number."))
    return {"number": limit}


def _day_in(node: Compare) -> dict[str, Any]:
    limit = written.day(node.value)
    if limit is None:
        raise _unfit(node, _("“%(value)s” is not a date."))
    return {"day": limit}


def _unfit(node: Compare, why: str) -> Unsaid:
    if not node.value:
        return Unsaid(_("Conditions here cannot ask that something has not been answered."))
    return Unsaid(why % {"value": node.value[:60]})
