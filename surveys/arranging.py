"""The order of a draft: sections and questions moved up and down, added at the end, and taken out."""

from __future__ import annotations

from django.db.models import Max
from django.utils.translation import gettext as _

from surveys.authoring import BreaksCondition, editing
from surveys.models import Condition, Edition, Option, Question, Section

# Behind everything that has a place.
LAST = 32000


def next_section_position(edition: Edition) -> int:
    """The position for a section added at the end of a draft."""
    return int(edition.sections.aggregate(last=Max("position"))["last"] or 0) + 1


def next_question_position(section: Section) -> int:
    """The position for a question added at the end of a section."""
    return int(section.questions.aggregate(last=Max("position"))["last"] or 0) + 1


def move_question(question_id: int, step: int, version: int | None = None) -> Edition:
    """Move a question one place up (-1) or down (+1); past the end of its section into the next one.

    At the very beginning or end it stays where it is.

    Raises:
        BreaksCondition: it would come before a question that its condition looks at.
        StaleDraft, NotADraft
    """
    question = Question.objects.get(pk=question_id)
    with editing(question.edition_id, version) as edition:
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


def move_section(section_id: int, step: int, version: int | None = None) -> Edition:
    """Move a section with its questions one place up (-1) or down (+1), if there is one.

    Raises:
        BreaksCondition, StaleDraft, NotADraft
    """
    section = Section.objects.get(pk=section_id)
    with editing(section.edition_id, version) as edition:
        rows = list(edition.sections.order_by("position"))
        place = rows.index(section)
        moved = rows.pop(place)
        rows.insert(min(max(place + step, 0), len(rows)), moved)
        for number, each in enumerate(rows, start=1):
            each.position = number
        Section.objects.bulk_update(rows, ["position"])
    return edition


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
        % {"question": condition.question.code, "source": condition.source.code}
        for condition in dependants.select_related("question", "source").order_by("question__code")
    ]:
        raise BreaksCondition(reasons)
    # First the conditions: a question is protected by those that look at it, even by ones that go with it.
    Condition.objects.filter(question__in=questions).delete()
    Question.objects.filter(pk__in=[question.pk for question in questions]).delete()
