"""Groups of conditions (or) that hold together (and), joined as LimeSurvey's expressions join them."""

from __future__ import annotations

from itertools import product
from math import prod

from django.utils.translation import gettext as _

from surveys.models import Operator
from surveys.structure import ConditionView

MOST_GROUPS = 20
Groups = list[list[ConditionView]]


class Unsayable(Exception):
    """Our conditions cannot say this."""


def tidy(group: list[ConditionView]) -> list[ConditionView]:
    """Without repetitions, and without “has been answered” where another condition says it as well."""
    others = {each.source for each in group if each.operator != Operator.ANSWERED}
    return list(
        dict.fromkeys(each for each in group if each.operator != Operator.ANSWERED or each.source not in others)
    )


def none_of(groups: Groups) -> Groups:
    """`(X is answered and X is not a and X is not b)` is one condition here."""
    if len(groups) != 1 or len(groups[0]) < 3:
        return groups
    first, *others = groups[0]
    if first.operator != Operator.ANSWERED or any(
        each.operator != Operator.IS_NOT or each.source != first.source for each in others
    ):
        return groups
    unchosen = tuple(dict.fromkeys(each.option or "" for each in others))
    return [[first, ConditionView(1, first.source, Operator.NONE_OF.value, None, unchosen)]]


def every(parts: list[Groups]) -> Groups:
    """All of the parts hold: every combination of their alternatives."""
    if prod(len(part) for part in parts) > MOST_GROUPS:
        raise Unsayable(_("It has too many alternatives."))
    return [[condition for group in combination for condition in group] for combination in product(*parts)]


def some(parts: list[Groups]) -> Groups:
    """One of the parts holds; alternatives that look for answers to one question become “is one of”."""
    groups: Groups = []
    places: dict[str, int] = {}
    for group in (group for part in parts for group in part):
        single = group[0] if len(group) == 1 and group[0].operator in (Operator.IS, Operator.ONE_OF) else None
        if single is None or single.source not in places:
            if single is not None:
                places[single.source] = len(groups)
            groups.append(group)
            continue
        place = places[single.source]
        options = dict.fromkeys([*_options(groups[place][0]), *_options(single)])
        groups[place] = [ConditionView(1, single.source, Operator.ONE_OF.value, None, tuple(options))]
    return groups


def _options(condition: ConditionView) -> tuple[str, ...]:
    return condition.options or ((condition.option,) if condition.option else ())
