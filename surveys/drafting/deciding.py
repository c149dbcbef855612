"""Deciding: the conditions under which a question or a section is shown, written all at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from surveys.authoring import PartGone, editing
from surveys.drafting import versioning
from surveys.drafting.building import Overtaken, Unfit, find
from surveys.formats.document import LARGEST_SMALL_INTEGER
from surveys.formats.strict import MOST_CONDITIONS
from surveys.kinds import registry
from surveys.kinds.measure import DayField
from surveys.models import (
    Condition,
    ConditionOption,
    Edition,
    EditionFact,
    EditionFactValue,
    Operator,
    Option,
    Question,
    Section,
)
from surveys.models.condition import ON_OPTION, ON_SEVERAL, ON_SIZE

Target = Question | Section
Compared = Option | EditionFactValue
LARGEST = Decimal(10) ** 12


def mark_of(target: Target) -> str:
    """The mark of a part's conditions as they stand."""
    return versioning.mark(*versioning.rows(target)["conditions"])


def write(edition_id: int, place: str, value: str, read: str) -> Target:
    """Make exactly these the conditions of a question or section.

    Args:
        place: which part, as "question-12" or "section-3".
        value: JSON, a list of {"group": 1, "source": "question-4" or "fact-2", "operator": …, "answers": ["7", …]
            (ids of the options or of the fact's values), "number": "3", "day": "2021-09-06"}.
        read: the mark of the conditions that were read before.

    Raises:
        PartGone, NotADraft
        Overtaken: someone else has changed them.
        Unfit: what is missing or makes no sense, in words.
        BreaksCondition: one looks at something that is not asked before.
    """
    with editing(edition_id) as edition:
        target = find(edition, place)
        if not isinstance(target, (Question, Section)):
            raise PartGone
        if mark_of(target) != read:
            raise Overtaken("", " · ".join(str(each) for each in versioning.conditions(target)) or "–")
        made = [_condition(edition, target, row) for row in _rows(value)]
        _number_groups([condition for condition, _compared in made])
        for each in versioning.conditions(target):
            each.delete()
        for condition, compared in made:
            condition.save()
            ConditionOption.objects.bulk_create(ConditionOption.of(condition, each) for each in compared)
    return target


def _rows(value: str) -> list[dict[str, Any]]:
    try:
        rows = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise Unfit([_("This could not be read.")]) from error
    if not isinstance(rows, list) or len(rows) > MOST_CONDITIONS or not all(isinstance(row, dict) for row in rows):
        raise Unfit([_("This could not be read.")])
    return rows


def _condition(edition: Edition, target: Target, row: Mapping[str, Any]) -> tuple[Condition, list[Compared]]:
    operator = row.get("operator")
    group = row.get("group")
    # True is a number as well.
    if operator not in Operator.values or type(group) is not int or not 0 <= group <= LARGEST_SMALL_INTEGER:
        raise Unfit([_("This could not be read.")])
    answers = row.get("answers")
    ids = [_number(each) for each in answers] if isinstance(answers, list) else []
    made = Condition(group=group, operator=operator)
    if isinstance(target, Question):
        made.question = target
    else:
        made.section = target
    kind, _dash, number = str(row.get("source") or "").partition("-")
    if kind == "fact":
        made.fact = EditionFact.objects.filter(edition=edition, pk=_number(number)).first()
    elif kind == "question":
        made.source = Question.objects.filter(edition=edition, pk=_number(number)).first()
    if (made.source or made.fact) is None or made.source == target:
        raise Unfit([_("Please choose what decides.")])
    if made.operator in ON_SIZE:
        _size(made, row)
    return made, _choose(made, ids)


def _number_groups(made: list[Condition]) -> None:
    """From 1 without gaps: a file may number them as it likes, and adding and removing leaves gaps."""
    numbers = {group: number for number, group in enumerate(sorted({each.group for each in made}), start=1)}
    for each in made:
        each.group = numbers[each.group]


def _size(made: Condition, row: Mapping[str, Any]) -> None:
    """Give a condition the number or day that it compares with."""
    if made.source is None:
        raise Unfit(
            [_("A background fact has no size: choose “is”, “is not”, “is one of”, “is none of” or “is known”.")]
        )
    kind = registry.kind(made.source.kind)
    if kind.has_number:
        made.number = _decimal(row.get("number"))
    elif kind.has_day:
        made.day = _day(row.get("day"))
    else:
        raise Unfit([_("%(question)s is answered with neither a number nor a date.") % {"question": made.source.code}])


def _choose(made: Condition, ids: list[int]) -> list[Compared]:
    """Give a condition the answer that it compares with, or give back those that it does."""
    if made.operator not in (*ON_OPTION, *ON_SEVERAL):
        return []
    found: list[Compared] = [
        *Option.objects.filter(question=made.source, pk__in=ids).order_by("position"),
        *EditionFactValue.objects.filter(fact=made.fact, pk__in=ids),
    ]
    # Nothing that was chosen is left out in silence: somebody may have just deleted it.
    if not found or len(found) < len(set(ids)):
        raise Unfit([_("Please choose the answer that decides.")])
    if made.operator in ON_SEVERAL:
        return found
    if len(found) > 1:
        raise Unfit([_("Please choose the answer that decides.")])
    one = found[0]
    made.option, made.fact_value = (one, None) if isinstance(one, Option) else (None, one)
    return []


def _number(given: object) -> int:
    text = str(given)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _decimal(given: object) -> Decimal:
    try:
        number = Decimal(str(given or "").replace(",", ".").strip())
        # Rounded first: it may be rounded up to more than there is room for.
        number = round(number, 4) if number.is_finite() and abs(number) < LARGEST else LARGEST
    except InvalidOperation as error:
        raise Unfit([_("Please write the number that decides.")]) from error
    if abs(number) >= LARGEST:
        raise Unfit([_("Please write the number that decides.")])
    return number


def _day(given: object) -> date:
    try:
        return DayField(label="", required=True).clean(given)  # type: ignore[no-any-return]  # untyped in the stubs
    except ValidationError as error:
        raise Unfit([_("Please write the date that decides, for example 6.9.2021.")]) from error
