"""The order of a draft: sections and questions moved up and down, added at the end, and taken out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from django.db.models import Max
from django.utils.translation import gettext as _

from surveys.authoring import BreaksCondition, PartGone, StaleDraft, editing
from surveys.drafting import versioning
from surveys.models import Condition, Edition, Option, Question, Section

Found = TypeVar("Found", Section, Question)


class StaleOrder(StaleDraft):
    """Someone else has moved, added or deleted something since the order was read."""

    def __init__(self) -> None:
        super().__init__()
        self.reasons = [_("Someone else has just changed the order. Nothing was moved; look at it and move it again.")]


# Behind everything that has a place.
LAST = 32000


def next_section_position(edition: Edition) -> int:
    """The position for a section added at the end of a draft."""
    return int(edition.sections.aggregate(last=Max("position"))["last"] or 0) + 1


def next_question_position(section: Section) -> int:
    """The position for a question added at the end of a section."""
    return int(section.questions.aggregate(last=Max("position"))["last"] or 0) + 1


@contextmanager
def _ordering(edition_id: int, version: int | None, order: str | None) -> Iterator[Edition]:
    """Change the order of a draft; only as it was read, where that is said.

    Args:
        version: of the whole draft; `order` is the mark of its order alone (`versioning.order_of`), so that someone
            who writes a text meanwhile is in nobody's way.
    """
    with editing(edition_id, version) as edition:
        if order is not None and order != versioning.order_of(edition):
            raise StaleOrder
        yield edition


def move_question(question_id: int, step: int, version: int | None = None, order: str | None = None) -> Edition:
    """Move a question one place up (-1) or down (+1); past the end of its section into the next one.

    At the very beginning or end it stays where it is.

    Raises:
        BreaksCondition: it would come before a question that its condition looks at.
        StaleDraft, NotADraft
    """
    question = Question.objects.get(pk=question_id)
    with _ordering(question.edition_id, version, order) as edition:
        question.refresh_from_db(fields=["section"])
        sections = list(edition.sections.order_by("position"))
        rows = [list(section.questions.order_by("position")) for section in sections]
        at = next(place for place, section in enumerate(sections) if section.pk == question.section_id)
        place = next(number for number, row in enumerate(rows[at]) if row.pk == question.pk)
        moved = rows[at].pop(place)
        if 0 <= place + step <= len(rows[at]):
            rows[at].insert(place + step, moved)
        elif 0 <= at + step < len(rows):
            rows[at + step].insert(0 if step > 0 else len(rows[at + step]), moved)
        else:
            rows[at].insert(place, moved)
        for section, row in zip(sections, rows, strict=True):
            for number, each in enumerate(row, start=1):
                each.section, each.position = section, number
        Question.objects.bulk_update([each for row in rows for each in row], ["section", "position"])
    return edition


def move_section(section_id: int, step: int, version: int | None = None, order: str | None = None) -> Edition:
    """Move a section with its questions one place up (-1) or down (+1), if there is one.

    Raises:
        BreaksCondition, StaleDraft, NotADraft
    """
    section = Section.objects.get(pk=section_id)
    with _ordering(section.edition_id, version, order) as edition:
        rows = list(edition.sections.order_by("position"))
        place = rows.index(section)
        moved = rows.pop(place)
        rows.insert(min(max(place + step, 0), len(rows)), moved)
        for number, each in enumerate(rows, start=1):
            each.position = number
        Section.objects.bulk_update(rows, ["position"])
    return edition


def place_question(
    question_id: int, section_id: int, before_id: int | None = None, order: str | None = None
) -> Edition:
    """Move a question into a section of its draft, before another question there, or last; see `place_questions`."""
    return place_questions([question_id], section_id, before_id, order)


def place_questions(
    question_ids: Sequence[int], section_id: int, before_id: int | None = None, order: str | None = None
) -> Edition:
    """Move questions into a section of their draft, before another question there, or last: all of them or none.

    They keep the order that they have among themselves.

    Args:
        order: the mark of the order that was read.

    Raises:
        PartGone: someone has taken out one of them.
        StaleOrder: someone has changed the order meanwhile.
        BreaksCondition: one would come before a question that its condition looks at.
        NotADraft
    """
    with _ordering(find(Section, section_id).edition_id, None, order) as edition:
        section = find(Section, section_id, edition)
        found = Question.objects.filter(edition=edition, pk__in=question_ids)
        moved = list(found.order_by("section__position", "position"))
        if not moved or len(moved) < len(set(question_ids)):
            raise PartGone
        for question in moved:
            insert_question(section, question, before_id)
    return edition


def insert_question(section: Section, question: Question, before_id: int | None = None) -> None:
    """Give a question its place in a section: before another one there, or last. Inside `editing`."""
    others = Question.objects.filter(section=section).exclude(pk=question.pk).order_by("position")
    rows = _between(list(others), question, before_id)
    question.section = section
    for number, each in enumerate(rows, start=1):
        each.position = number
    Question.objects.bulk_update(rows, ["section", "position"])


def place_section(section_id: int, before_id: int | None = None, order: str | None = None) -> Edition:
    """Move a section with its questions before another one, or last.

    Args:
        order: the mark of the order that was read.

    Raises:
        PartGone, StaleOrder, BreaksCondition, NotADraft
    """
    with _ordering(find(Section, section_id).edition_id, None, order) as edition:
        insert_section(find(Section, section_id, edition), before_id)
    return edition


def insert_section(section: Section, before_id: int | None = None) -> None:
    """Give a section of a draft its place: before another one, or last. Inside `editing`."""
    others = Section.objects.filter(edition=section.edition_id).exclude(pk=section.pk).order_by("position")
    rows = _between(list(others), section, before_id)
    for number, each in enumerate(rows, start=1):
        each.position = number
    Section.objects.bulk_update(rows, ["position"])


def move_option(option: Option, step: int) -> None:
    """Move an option one place up (-1) or down (+1), if there is one. Inside `editing`."""
    rows = list(option.question.options.order_by("position", "pk"))
    place = rows.index(option)
    moved = rows.pop(place)
    rows.insert(min(max(place + step, 0), len(rows)), moved)
    for number, each in enumerate(rows, start=1):
        each.position = number
    Option.objects.bulk_update(rows, ["position"])


def find(model: type[Found], pk: int, edition: Edition | None = None) -> Found:
    """A section or question by its id, in this draft if one is named.

    Raises:
        PartGone
    """
    rows = model._default_manager.filter(pk=pk)
    if found := (rows if edition is None else rows.filter(edition=edition)).first():
        return found
    raise PartGone


def _between(rows: list[Found], row: Found, before_id: int | None) -> list[Found]:
    at = next((place for place, each in enumerate(rows) if each.pk == before_id), len(rows))
    rows.insert(at, row)
    return rows


def number_options(question: Question) -> None:
    """Number a question's options from 1 in their present order; of two at one place the older comes first."""
    rows = list(question.options.order_by("position", "pk"))
    for number, row in enumerate(rows, start=1):
        row.position = number
    Option.objects.bulk_update(rows, ["position"])


def delete_question(question_id: int, version: int | None = None) -> Edition:
    """Delete a question with its own options and conditions.

    Raises:
        BreaksCondition: another question is shown only after an answer to this one.
        StaleDraft, NotADraft
    """
    question = Question.objects.get(pk=question_id)
    with editing(question.edition_id, version) as edition:
        _delete_questions([question])
    return edition


def delete_section(section_id: int, version: int | None = None) -> Edition:
    """Delete a section with its questions.

    Raises:
        BreaksCondition: a question elsewhere is shown only after an answer to one in it.
        StaleDraft, NotADraft
    """
    section = Section.objects.get(pk=section_id)
    with editing(section.edition_id, version) as edition:
        _delete_questions(list(section.questions.all()))
        section.delete()
    return edition


def _delete_questions(questions: list[Question]) -> None:
    dependants = Condition.objects.filter(source__in=questions).exclude(question__in=questions)
    if reasons := [
        _("%(question)s is shown only after an answer to %(source)s. Change that condition first.")
        % {
            "question": condition.question.code if condition.question else str(condition.section),
            "source": condition.source.code if condition.source else "",
        }
        for condition in dependants.select_related("question", "section", "source").order_by("question__code")
    ]:
        raise BreaksCondition(reasons)
    # First the conditions: a question is protected by those that look at it, even by ones that go with it.
    Condition.objects.filter(question__in=questions).delete()
    Question.objects.filter(pk__in=[question.pk for question in questions]).delete()
