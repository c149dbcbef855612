"""Conditions that cannot hold: found before a draft is saved or published, and said in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from surveys.kinds import registry
from surveys.models import Condition, ConditionOption, Edition, EditionFactValue, Operator, Option, Question, Section
from surveys.models.condition import ON_SEVERAL, ON_SIZE


@dataclass(frozen=True)
class _Order:
    """The places of an edition's questions, from 0, and of its sections' first questions."""

    questions: dict[int, int]
    sections: dict[int, int]
    numbers: dict[int, int]


def broken_conditions(edition: Edition) -> list[str]:
    """Why conditions of an edition cannot hold: one sentence each, in the order of what they belong to."""
    order = _order(edition)
    found = []
    for condition in _conditions(edition):
        place = (
            order.questions[condition.question_id]
            if condition.question_id is not None
            else order.sections[condition.section_id or 0]
        )
        if fault := _fault(condition, place, order):
            found.append((place, fault))
    return [fault for _place, fault in sorted(found)]


def _conditions(edition: Edition) -> list[Condition]:
    related = Condition.objects.select_related("question", "section", "source", "option", "fact", "fact_value")
    related = related.prefetch_related(Prefetch("options", ConditionOption.objects.with_compared()))
    return [*related.filter(question__edition=edition), *related.filter(section__edition=edition)]


def _order(edition: Edition) -> _Order:
    ordered = Question.objects.filter(edition=edition).order_by("section__position", "position")
    questions: dict[int, int] = {}
    sections: dict[int, int] = {}
    for place, (question, section) in enumerate(ordered.values_list("pk", "section_id")):
        questions[question] = place
        sections.setdefault(section, place)
    next_place = len(questions)
    ids = Section.objects.filter(edition=edition).order_by("position").values_list("pk", flat=True)
    numbers = {section: number for number, section in enumerate(ids, start=1)}
    # An empty section stands where the next question stands.
    for section in reversed(list(numbers)):
        next_place = sections.setdefault(section, next_place)
    return _Order(questions, sections, numbers)


def _fault(condition: Condition, place: int, order: _Order) -> str | None:
    names = {"question": _target(condition, order), "source": condition.source.code if condition.source else ""}
    if condition.fact is not None:
        return _fault_with_fact(condition, names)
    source = condition.source
    source_place = order.questions.get(condition.source_id or 0)
    if source is None or source_place is None:
        return _("The condition of %(question)s looks at a question of another edition.") % names
    if source_place >= place:
        return _("The condition of %(question)s looks at %(source)s, which is not asked before it.") % names
    kind = registry.KINDS.get(source.kind)
    if kind is None or not kind.is_asked:
        return _("The condition of %(question)s looks at %(source)s, which nobody answers.") % names
    if condition.operator in ON_SIZE:
        if condition.day is not None and not kind.has_day:
            return _("The condition of %(question)s compares %(source)s with a date, but it is no date.") % names
        if condition.number is not None and not kind.has_number:
            return _("The condition of %(question)s compares %(source)s with a number, but it is no number.") % names
        return None
    if condition.operator == Operator.ANSWERED:
        return None
    compared = _compared(condition)
    if not compared or any(not isinstance(each, Option) or each.question_id != source.pk for each in compared):
        return _("The condition of %(question)s looks for an answer that %(source)s does not offer.") % names
    return None


def _fault_with_fact(condition: Condition, names: dict[str, str]) -> str | None:
    target, fact = condition.question or condition.section, condition.fact
    if target is None or fact is None or fact.edition_id != target.edition_id:
        return _("The condition of %(question)s looks at a background fact of another edition.") % names
    if condition.operator == Operator.ANSWERED:
        return None
    compared = _compared(condition)
    if not compared or any(not isinstance(each, EditionFactValue) or each.fact_id != fact.pk for each in compared):
        return _("The condition of %(question)s looks for a value that the background fact does not have.") % names
    return None


def _compared(condition: Condition) -> list[Option | EditionFactValue]:
    """What a condition compares with, other than a number or a day."""
    if condition.operator in ON_SEVERAL:
        return [each.compared for each in condition.options.all() if each.compared is not None]
    return [each for each in (condition.option, condition.fact_value) if each is not None]


def _target(condition: Condition, order: _Order) -> str:
    if condition.question is not None:
        return condition.question.code
    return _("section %(number)d") % {"number": order.numbers.get(condition.section_id or 0, 0)}
