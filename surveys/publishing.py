"""Publishing: the draft of a questionnaire is checked, numbered and frozen as an edition."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from surveys import piping, structure
from surveys.branching import mapping
from surveys.branching.conditioning import broken_conditions
from surveys.drafting import undoing
from surveys.kinds import registry
from surveys.models import Edition, Questionnaire
from surveys.structure import EditionView, QuestionView, SectionView
from surveys.texts import aligning

# The language that every text must exist in; the others fall back to it.
FIRST_LANGUAGE = "nb"
FEWEST_OPTIONS = 2


class NothingToPublish(Exception):
    """The questionnaire has no draft; perhaps someone else has just published it."""


class NotPublishable(Exception):
    """The draft is not ready; `reasons` say what is missing, one sentence each."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def publish(questionnaire_id: int, now: datetime, person: Any = None) -> Edition:
    """Freeze the draft as the questionnaire's next edition.

    Of two people who publish at once, one gets the edition and the other NothingToPublish.

    Args:
        person: who does it, for the record; None for a command.

    Raises:
        NotPublishable: nothing is changed.
        NothingToPublish
        Questionnaire.DoesNotExist
    """
    with transaction.atomic():
        questionnaire = Questionnaire.objects.select_for_update().get(pk=questionnaire_id)
        # The row's own lock waits out a save in progress: what is checked is what is frozen.
        edition = questionnaire.editions.select_for_update().filter(published_at__isnull=True).first()
        if edition is None:
            raise NothingToPublish
        if reasons := obstacles(edition):
            raise NotPublishable(reasons)
        last = questionnaire.editions.aggregate(last=Max("number"))["last"] or 0
        edition.number, edition.published_at = last + 1, now
        edition.save(update_fields=["number", "published_at"])
        undoing.close(edition, person, now)
    return edition


def obstacles(edition: Edition, view: EditionView | None = None) -> list[str]:
    """What keeps a draft from being published, one sentence each; empty when it is ready.

    Args:
        view: the draft as it stands now, if it has just been read.
    """
    view = view or structure.read(edition)
    found = _of_the_whole(view)
    for number, section in enumerate(view.sections, start=1):
        found += _of_a_section(number, section)
        for question in section.questions:
            found += _of_a_question(question)
    broken = broken_conditions(edition)
    # What cannot be reached is worked out from conditions that can hold one by one.
    found += aligning.false_claims(edition, view)
    return found + piping.faults(view) + (broken or mapping.unreachable_in_words(view))


def _of_the_whole(view: EditionView) -> list[str]:
    found = []
    if not view.title.by_language.get(FIRST_LANGUAGE):
        found.append(_("The title is missing in bokmål."))
    if not view.purpose:
        found.append(_("The purpose is missing: say who asks, why, and what becomes of the answers."))
    elif not view.purpose.by_language.get(FIRST_LANGUAGE):
        found.append(_("The purpose is missing in bokmål."))
    if not view.sections:
        found.append(_("There are no sections."))
    if not any(_is_asked(question) for question in view.questions.values()):
        found.append(_("There are no questions."))
    return found


def _of_a_section(number: int, section: SectionView) -> list[str]:
    names = {"number": number}
    found = []
    if section.title and not section.title.by_language.get(FIRST_LANGUAGE):
        found.append(_("The title of section %(number)d is missing in bokmål.") % names)
    if section.intro and not section.intro.by_language.get(FIRST_LANGUAGE):
        found.append(_("The introduction of section %(number)d is missing in bokmål.") % names)
    if not section.questions:
        found.append(_("Section %(number)d is empty.") % names)
    return found


def _of_a_question(question: QuestionView) -> list[str]:
    names = {"question": question.code}
    if question.kind not in registry.KINDS:
        return [_("%(question)s is of a kind that does not exist.") % names]
    kind = registry.kind(question.kind)
    found = []
    if not question.text.by_language.get(FIRST_LANGUAGE) and (question.text or not _shows_something(question)):
        found.append(_("The text of %(question)s is missing in bokmål.") % names)
    found += [
        _("The help or prompt of %(question)s is missing in bokmål.") % names
        for text in (question.help, question.elaboration_prompt)
        if text and not text.by_language.get(FIRST_LANGUAGE)
    ]
    found += [
        _("The quotation or caption of %(question)s is missing in bokmål.") % names
        for text in (question.quotation, question.source, question.caption)
        if text and not text.by_language.get(FIRST_LANGUAGE)
    ][:1]
    if kind.has_options and len(question.options) < FEWEST_OPTIONS:
        found.append(_("%(question)s needs at least two answers to choose between.") % names)
    found += [
        _("Answer %(number)d of %(question)s has no text in bokmål.") % {**names, "number": number}
        for number, option in enumerate(question.options, start=1)
        if not option.label.by_language.get(FIRST_LANGUAGE)
    ]
    return found + kind.flaws(question)


def _shows_something(question: QuestionView) -> bool:
    """Whether information has something to show besides a text."""
    return bool(question.quotation or question.attachment)


def _is_asked(question: QuestionView) -> bool:
    return question.kind in registry.KINDS and registry.kind(question.kind).is_asked
