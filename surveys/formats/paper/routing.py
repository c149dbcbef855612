"""Routing in words: whom a question is for, and where to go on after an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from surveys.kinds import registry
from surveys.kinds.numerals import spoken
from surveys.models import Operator
from surveys.models.condition import ON_SIZE
from surveys.structure import ConditionView, EditionView, QuestionView

# Where to go on: the number of a question, or the end.
END = 0


class Directions:
    """The routing of an edition, told to someone with a pen."""

    def __init__(self, edition: EditionView, language: str, numbers: Mapping[str, int]) -> None:
        self.edition, self.language, self.numbers = edition, language, numbers

    def condition(self, conditions: Sequence[ConditionView]) -> str:
        """When all this holds, as the end of a sentence that begins with “only if”; empty if always."""
        groups: dict[int, list[str]] = {}
        for condition in conditions:
            groups.setdefault(condition.group, []).append(self._one(condition))
        alternatives = [_(" and ").join(parts) for _group, parts in sorted(groups.items())]
        return _(", or if ").join(alternatives)

    def _one(self, condition: ConditionView) -> str:
        if condition.fact:
            return self._fact(condition)
        source = self.edition.questions[condition.source]
        labels = {option.code: option.label(self.language) for option in source.options}
        compared = [labels[code] for code in condition.compared]
        names = {
            "number": self.numbers.get(condition.source, 0),
            "answer": _("” or “").join(compared),
            "amount": spoken(condition.number) if condition.number is not None else "",
            "day": date_format(condition.day) if condition.day else "",
        }
        if condition.operator in (Operator.IS, Operator.ONE_OF):
            return _("you answered “%(answer)s” to question %(number)d") % names
        if condition.operator in (Operator.IS_NOT, Operator.NONE_OF):
            return _("you answered something other than “%(answer)s” to question %(number)d") % names
        if condition.operator in ON_SIZE:
            return self._size(condition, names)
        return _("you answered question %(number)d") % names

    def _size(self, condition: ConditionView, names: Mapping[str, object]) -> str:
        words = {
            (Operator.AT_LEAST, False): _("you wrote %(amount)s or more in question %(number)d"),
            (Operator.AT_MOST, False): _("you wrote %(amount)s or less in question %(number)d"),
            (Operator.MORE_THAN, False): _("you wrote more than %(amount)s in question %(number)d"),
            (Operator.LESS_THAN, False): _("you wrote less than %(amount)s in question %(number)d"),
            (Operator.AT_LEAST, True): _("you wrote %(day)s or a later date in question %(number)d"),
            (Operator.AT_MOST, True): _("you wrote %(day)s or an earlier date in question %(number)d"),
            (Operator.MORE_THAN, True): _("you wrote a date after %(day)s in question %(number)d"),
            (Operator.LESS_THAN, True): _("you wrote a date before %(day)s in question %(number)d"),
        }
        return words[Operator(condition.operator), condition.day is not None] % names

    def _fact(self, condition: ConditionView) -> str:
        fact = next(each for each in self.edition.facts if each.name == condition.fact)
        labels = {code: label(self.language) or code for code, label in fact.values}
        value = _(" or ").join(labels[code] for code in condition.compared)
        names = {"fact": fact.label(self.language) or fact.name, "value": value}
        if condition.operator in (Operator.IS, Operator.ONE_OF):
            return _("this is true of you: %(fact)s: %(value)s") % names
        if condition.operator in (Operator.IS_NOT, Operator.NONE_OF):
            return _("this is not true of you: %(fact)s: %(value)s") % names
        return _("this is known of you: %(fact)s") % names

    def go_on(self, question: QuestionView, option: str) -> int | None:
        """The number of the question to go on with after this one answer, `END`, or None if it is the next."""
        asked = [each for each in self.edition.questions.values() if registry.kind(each.kind).is_asked]
        later = asked[self.numbers[question.code] :]
        for place, each in enumerate(later):
            if not (self._passes(each.conditions, question, option) or self._passes(each.within, question, option)):
                return self.numbers[each.code] if place else None
        return END if later else None

    def _passes(self, conditions: Sequence[ConditionView], question: QuestionView, option: str) -> bool:
        """Whether this answer alone makes sure that the conditions do not hold."""
        groups: dict[int, bool] = {}
        for condition in conditions:
            fails = condition.source == question.code and not _holds(condition, option)
            groups[condition.group] = groups.get(condition.group, False) or fails
        return bool(groups) and all(groups.values())


def _holds(condition: ConditionView, option: str) -> bool:
    if condition.operator == Operator.IS:
        return condition.option == option
    if condition.operator in (Operator.IS_NOT, Operator.NONE_OF):
        return option not in condition.compared
    return option in condition.options if condition.operator == Operator.ONE_OF else True
