"""Writing questionnaires: the one draft of each, edited by several people without losing each other's work.

Every change goes through `editing`: it locks the draft, refuses to work on a version that someone else has
changed since, and undoes itself if it would leave a condition that cannot hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from modeltranslation.settings import AVAILABLE_LANGUAGES

from surveys import structure
from surveys.kinds import registry
from surveys.models import (
    Concept,
    Condition,
    Edition,
    Meaning,
    Operator,
    Option,
    Question,
    Questionnaire,
    Section,
)
from surveys.structure import EditionView, OptionView, QuestionView, Text

# Content, not interface: these labels are stored with the question, in every language content exists in.
YES = OptionView(0, "yes", Text({"nb": "Ja", "nn": "Ja", "en": "Yes", "se": "Juo"}), Meaning.ANSWER.value)
NO = OptionView(0, "no", Text({"nb": "Nei", "nn": "Nei", "en": "No", "se": "Ii"}), Meaning.ANSWER.value)
YES_NO = (YES, NO)


class Refused(Exception):
    """A change that is not made; `reasons` say why, in the words of whoever tried."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class DraftChanged(Refused):
    """Someone else has saved the draft since it was read."""

    def __init__(self) -> None:
        super().__init__(
            [
                _(
                    "Someone else has changed this draft since you opened it. Nothing was saved. "
                    "Copy what you wrote, reload the page and make your change again."
                )
            ]
        )


class NotADraft(Refused):
    """The edition has been published: it can no longer be changed."""

    def __init__(self) -> None:
        super().__init__([_("This edition has been published and can no longer be changed.")])


class DraftExists(Refused):
    """The questionnaire already has a draft."""

    def __init__(self) -> None:
        super().__init__([_("This questionnaire already has a draft.")])


class BreaksCondition(Refused):
    """The change would leave a condition that cannot hold."""


class NoSuchEdition(Exception):
    """There is no questionnaire with this code, or it has no such edition."""


def find_edition(code: str, number: int | None = None) -> Edition:
    """An edition by its questionnaire's code: the numbered one, or the draft, or else the newest.

    Raises:
        NoSuchEdition
    """
    editions = Edition.objects.filter(questionnaire__code=code).select_related("questionnaire")
    # A draft has no number, and PostgreSQL sorts what is missing last, so first when turned round.
    wanted = editions.filter(number=number) if number is not None else editions.order_by("-number")
    if found := wanted.first():
        return found
    raise NoSuchEdition(code)


def draft(questionnaire: Questionnaire) -> Edition:
    """The draft of a questionnaire; made as a copy of its newest edition, or empty, if there is none."""
    with transaction.atomic():
        locked = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
        if found := locked.editions.filter(published_at__isnull=True).first():
            return found
        newest = locked.editions.order_by("-number").first()
        return copy_edition(newest, locked) if newest else blank_draft(locked)


def copy_edition(source: Edition, target: Questionnaire) -> Edition:
    """A new draft of `target` with everything that `source` holds.

    Raises:
        DraftExists: the target has a draft, which is not overwritten.
    """
    content = structure.read(source)
    with transaction.atomic():
        locked = Questionnaire.objects.select_for_update().get(pk=target.pk)
        if locked.editions.filter(published_at__isnull=True).exists():
            raise DraftExists
        return _fill(Edition.objects.create(questionnaire=locked, **_texts("title", _title(locked))), content)


def blank_draft(questionnaire: Questionnaire) -> Edition:
    """An empty draft with the questionnaire's own title: the existing one emptied, or a new one."""
    empty = EditionView(0, _title(questionnaire), Text({}), None, ())
    return replace_draft(questionnaire, empty)


def replace_draft(questionnaire: Questionnaire, content: EditionView) -> Edition:
    """Make the draft hold exactly `content`, whatever it held before; ids in `content` do not matter."""
    with transaction.atomic():
        locked = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
        found = locked.editions.select_for_update().filter(published_at__isnull=True).first()
        if found is None:
            found = Edition.objects.create(questionnaire=locked, **_texts("title", content.title))
        else:
            _empty(found)
            Edition.objects.filter(pk=found.pk).update(version=F("version") + 1)
        return _fill(found, content)


@contextmanager
def editing(edition_id: int, version: int | None = None) -> Iterator[Edition]:
    """Change a draft inside this block: all of it or nothing.

    Args:
        version: the version the change was made on; None when it does not depend on what was read before.

    Raises:
        DraftChanged, NotADraft: before anything is done.
        BreaksCondition: after the block, which is then undone.
    """
    with transaction.atomic():
        edition = Edition.objects.select_for_update().get(pk=edition_id)
        if not edition.is_draft:
            raise NotADraft
        if version is not None and version != edition.version:
            raise DraftChanged
        yield edition
        if reasons := broken_conditions(edition):
            raise BreaksCondition(reasons)
        Edition.objects.filter(pk=edition.pk).update(version=F("version") + 1)


def broken_conditions(edition: Edition) -> list[str]:
    """Why conditions of an edition cannot hold: one sentence each, in the order of the questions."""
    order = {
        question.pk: place
        for place, question in enumerate(
            Question.objects.filter(edition=edition).order_by("section__position", "position").only("id")
        )
    }
    conditions = Condition.objects.filter(question__edition=edition).select_related("question", "source", "option")
    found = [(order[condition.question_id], fault) for condition in conditions if (fault := _fault(condition, order))]
    return [fault for _place, fault in sorted(found)]


def add_default_options(question: Question) -> None:
    """Give a yes/no question its two options in every language, if it has none yet."""
    if question.kind == "yes_no" and not question.options.exists():
        Option.objects.bulk_create(_options(question, YES_NO))


def keep_concepts(titles: Mapping[str, str]) -> None:
    """Make sure that concepts with these codes exist; one that does keeps its title."""
    Concept.objects.bulk_create(
        [Concept(code=code, title=title or code) for code, title in titles.items()], ignore_conflicts=True
    )


def _fault(condition: Condition, order: Mapping[int, int]) -> str | None:
    names = {"question": condition.question.code, "source": condition.source.code}
    source_place = order.get(condition.source_id)
    if source_place is None:
        return _("The condition of %(question)s looks at a question of another edition.") % names
    if source_place >= order[condition.question_id]:
        return _("The condition of %(question)s looks at %(source)s, which is not asked before it.") % names
    kind = registry.KINDS.get(condition.source.kind)
    if kind is None or not kind.is_asked:
        return _("The condition of %(question)s looks at %(source)s, which nobody answers.") % names
    if condition.operator != Operator.ANSWERED and (
        condition.option is None or condition.option.question_id != condition.source_id
    ):
        return _("The condition of %(question)s looks for an answer that %(source)s does not offer.") % names
    return None


def _empty(edition: Edition) -> None:
    Condition.objects.filter(question__edition=edition).delete()
    Section.objects.filter(edition=edition).delete()


def _fill(edition: Edition, content: EditionView) -> Edition:
    """Write `content` into an empty draft."""
    Edition.objects.filter(pk=edition.pk).update(
        minutes=content.minutes, **_texts("title", content.title), **_texts("purpose", content.purpose)
    )
    sections = Section.objects.bulk_create(
        Section(edition=edition, position=place, **_texts("title", each.title), **_texts("intro", each.intro))
        for place, each in enumerate(content.sections, start=1)
    )
    codes = {view.concept for section in content.sections for view in section.questions if view.concept}
    keep_concepts(dict.fromkeys(codes, ""))
    concepts = {concept.code: concept for concept in Concept.objects.filter(code__in=codes)}
    pairs = [
        (view, _question(edition, section, place, view, concepts.get(view.concept)))
        for section, part in zip(sections, content.sections, strict=True)
        for place, view in enumerate(part.questions, start=1)
    ]
    Question.objects.bulk_create([question for _view, question in pairs])
    Option.objects.bulk_create([option for view, question in pairs for option in _options(question, view.options)])
    _write_conditions(pairs)
    return Edition.objects.get(pk=edition.pk)


def _question(
    edition: Edition, section: Section, position: int, view: QuestionView, concept: Concept | None
) -> Question:
    return Question(
        edition=edition,
        section=section,
        position=position,
        code=view.code,
        kind=view.kind,
        required=view.required,
        elaboration=view.elaboration,
        concept=concept,
        **_texts("text", view.text),
        **_texts("help", view.help),
        **_texts("elaboration_prompt", view.elaboration_prompt),
    )


def _options(question: Question, views: tuple[OptionView, ...]) -> list[Option]:
    return [
        Option(
            question=question,
            position=place,
            code=view.code,
            meaning=view.meaning,
            **_texts("label", view.label),
        )
        for place, view in enumerate(views, start=1)
    ]


def _write_conditions(pairs: list[tuple[QuestionView, Question]]) -> None:
    by_code = {question.code: question for _view, question in pairs}
    options = {
        (option.question_id, option.code): option
        for option in Option.objects.filter(question__in=[question for _view, question in pairs])
    }
    Condition.objects.bulk_create(
        Condition(
            question=question,
            group=each.group,
            source=by_code[each.source],
            operator=each.operator,
            option=options[by_code[each.source].pk, each.option] if each.option else None,
        )
        for view, question in pairs
        for each in view.conditions
    )


def _title(questionnaire: Questionnaire) -> Text:
    return Text({language: getattr(questionnaire, f"title_{language}") or "" for language in AVAILABLE_LANGUAGES})


def _texts(name: str, text: Text) -> dict[str, str]:
    """A text as values for the model's columns, one a language; what is missing is stored empty."""
    return {f"{name}_{language}": text.by_language.get(language, "") for language in AVAILABLE_LANGUAGES}
