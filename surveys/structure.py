"""An edition read whole into plain values, once a process: what routing, forms and counting work on.

Published editions never change, so they are kept in memory; a draft is read afresh each time.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch
from modeltranslation.settings import AVAILABLE_LANGUAGES

from surveys.models import Condition, Edition, Option, Question, Section

KEPT_EDITIONS = 64


@dataclass(frozen=True)
class Text:
    """One text in every language it has been written in, {language: text}."""

    by_language: dict[str, str]

    def __hash__(self) -> int:
        """Texts and what is made of them serve as keys of what is kept in memory."""
        return hash(frozenset(self.by_language.items()))

    def __call__(self, language: str) -> str:
        return self.find(language)[0]

    def find(self, language: str) -> tuple[str, str]:
        """The text in a language and the language it is really in: a missing translation falls back.

        Nynorsk and Sámi fall back to bokmål first, English too; then whatever there is.
        """
        for candidate in (language, "nb", "nn", "en", "se"):
            if text := self.by_language.get(candidate):
                return text, candidate
        return "", language

    def __bool__(self) -> bool:
        return any(self.by_language.values())


@dataclass(frozen=True)
class OptionView:
    id: int
    code: str
    label: Text
    meaning: str


@dataclass(frozen=True)
class ConditionView:
    group: int
    source: str
    operator: str
    option: str | None


@dataclass(frozen=True)
class QuestionView:
    """A question with everything needed to show, check, store and count it."""

    id: int
    code: str
    kind: str
    text: Text
    help: Text
    required: bool
    elaboration: str
    elaboration_prompt: Text
    concept: str
    options: tuple[OptionView, ...] = ()
    conditions: tuple[ConditionView, ...] = ()


@dataclass(frozen=True)
class SectionView:
    title: Text
    intro: Text
    questions: tuple[QuestionView, ...]


@dataclass(frozen=True)
class EditionView:
    id: int
    title: Text
    purpose: Text
    minutes: int | None
    sections: tuple[SectionView, ...]
    questions: dict[str, QuestionView] = field(default_factory=dict)


def edition_view(edition_id: int) -> EditionView:
    """The edition as plain values; from memory if it is published and has been read before.

    Raises:
        Edition.DoesNotExist
    """
    if edition_id in _kept:
        _kept.move_to_end(edition_id)
        return _kept[edition_id]
    edition = Edition.objects.get(id=edition_id)
    view = read(edition)
    if not edition.is_draft:
        _kept[edition_id] = view
        while len(_kept) > KEPT_EDITIONS:
            _kept.popitem(last=False)
    return view


_kept: OrderedDict[int, EditionView] = OrderedDict()


def read(edition: Edition) -> EditionView:
    """Read an edition from the database, never from memory: what a draft looks like now."""
    questions = Question.objects.select_related("concept").prefetch_related(
        Prefetch("options", Option.objects.order_by("position")),
        Prefetch("conditions", Condition.objects.select_related("source", "option").order_by("group", "id")),
    )
    sections = Section.objects.filter(edition=edition).order_by("position")
    views = tuple(
        SectionView(
            title=texts(section, "title"),
            intro=texts(section, "intro"),
            questions=tuple(_question(question) for question in section.questions.all()),
        )
        for section in sections.prefetch_related(Prefetch("questions", questions.order_by("position")))
    )
    return EditionView(
        id=edition.pk,
        title=texts(edition, "title"),
        purpose=texts(edition, "purpose"),
        minutes=edition.minutes,
        sections=views,
        questions={question.code: question for section in views for question in section.questions},
    )


def _question(question: Question) -> QuestionView:
    return QuestionView(
        id=question.pk,
        code=question.code,
        kind=question.kind,
        text=texts(question, "text"),
        help=texts(question, "help"),
        required=question.required,
        elaboration=question.elaboration,
        elaboration_prompt=texts(question, "elaboration_prompt"),
        concept=question.concept.code if question.concept else "",
        options=tuple(
            OptionView(option.pk, option.code, texts(option, "label"), option.meaning)
            for option in question.options.all()
        ),
        conditions=tuple(
            ConditionView(
                condition.group,
                condition.source.code,
                condition.operator,
                condition.option.code if condition.option else None,
            )
            for condition in question.conditions.all()
        ),
    )


def texts(row: Any, field_name: str) -> Text:
    """A translated field of a row, in every language it has been written in."""
    found = {language: getattr(row, f"{field_name}_{language}") for language in AVAILABLE_LANGUAGES}
    return Text({language: text for language, text in found.items() if text})
