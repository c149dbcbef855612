"""An edition read whole into plain values, once a process: what routing, forms and counting work on.

Published editions are kept in memory: of what they say only a misspelling may be corrected, which is looked for now
and then. A draft is read afresh each time.
"""

from __future__ import annotations

from collections import OrderedDict
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from time import monotonic
from typing import Any

from django.db.models import Prefetch, QuerySet
from modeltranslation.settings import AVAILABLE_LANGUAGES

from surveys.kinds.bands import BandView
from surveys.kinds.numerals import count_of
from surveys.models import Attachment, Condition, ConditionOption, Edition, EditionFact, Option, Question, Section
from surveys.texts import amending

KEPT_EDITIONS = 64
# A correction reaches every process within this time.
SECONDS_BETWEEN_LOOKS = 45
# Stands before the name of a background fact where the code of a question could stand.
FACT = "@"


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


NO_TEXT = Text({})


@dataclass(frozen=True)
class OptionView:
    id: int
    code: str
    label: Text
    meaning: str
    elaboration: str = ""
    excludes: bool = False


@dataclass(frozen=True)
class FileView:
    """An image or a document, by its digest; without its content.

    Args:
        width, height, small_width: of an image, and of its version for phones if there is one.
    """

    digest: str
    media_type: str
    size: int
    width: int | None = None
    height: int | None = None
    small_width: int | None = None

    @property
    def is_image(self) -> bool:
        """Whether it is shown; a document is linked to."""
        return self.width is not None

    @property
    def suffix(self) -> str:
        """How its name ends, without the point."""
        return {"image/png": "png", "image/jpeg": "jpg"}.get(self.media_type, "pdf")


@dataclass(frozen=True)
class ConditionView:
    """A condition as plain values.

    Args:
        source: the code of the question looked at, or the name of the background fact with `FACT` before it.
        option: the code of the option, or of the fact's value, that "is" and "is_not" compare with.
        options: the codes that "one_of" and "none_of" compare with, of options or of the fact's values.
        number, day: what "at_least", "at_most", "more_than" and "less_than" compare with: one of the two.
    """

    group: int
    source: str
    operator: str
    option: str | None = None
    options: tuple[str, ...] = ()
    number: Decimal | None = None
    day: date | None = None

    @property
    def size(self) -> Decimal | None:
        """What is compared with by size, as answers keep it: a day as a number of days."""
        return self.number if self.day is None else count_of(self.day)

    @property
    def compared(self) -> tuple[str, ...]:
        """All the codes compared with, whatever the operator."""
        return self.options or ((self.option,) if self.option else ())

    @property
    def fact(self) -> str:
        """The name of the background fact looked at; empty if it is a question."""
        return self.source.removeprefix(FACT) if self.source.startswith(FACT) else ""


@dataclass(frozen=True)
class FactView:
    """A background fact that an edition looks at, with the values it can have, {code: label}."""

    name: str
    label: Text
    values: tuple[tuple[str, Text], ...]


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
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    decimals: int = 0
    unit: Text = NO_TEXT
    comparability: str = "meaning"
    origin: str = ""
    # In which runs a number or a date is counted; without them only how many have answered.
    bands: tuple[BandView, ...] = ()
    # What information shows below its text.
    quotation: Text = NO_TEXT
    source: Text = NO_TEXT
    attachment: FileView | None = None
    alt: Text = NO_TEXT
    caption: Text = NO_TEXT
    # The conditions of the section it stands in, which hold for it as well.
    within: tuple[ConditionView, ...] = ()

    @property
    def has_elaboration(self) -> bool:
        """Whether a text may be written beside the options, for some of them at least."""
        if not self.options:
            return self.elaboration != "never"
        return any(self.elaboration_of(option.code) != "never" for option in self.options)

    def elaboration_of(self, option: str | None) -> str:
        """Whether a text is asked for beside this option: never, optional or required."""
        chosen = next((each for each in self.options if each.code == option), None)
        if chosen is None or chosen.elaboration:
            return chosen.elaboration if chosen else self.elaboration
        # "Other, please say" has somewhere to say it, unless staff have said otherwise of that very option.
        return "optional" if chosen.meaning == "other" and self.elaboration == "never" else self.elaboration


@dataclass(frozen=True)
class SectionView:
    title: Text
    intro: Text
    questions: tuple[QuestionView, ...]
    conditions: tuple[ConditionView, ...] = ()


@dataclass(frozen=True)
class EditionView:
    id: int
    title: Text
    purpose: Text
    minutes: int | None
    sections: tuple[SectionView, ...]
    questions: dict[str, QuestionView] = field(default_factory=dict)
    facts: tuple[FactView, ...] = ()

    @cached_property
    def has_sami(self) -> bool:
        """Whether something of it is written in Northern Sámi; usual answers come in every language by themselves."""
        texts = [self.title, self.purpose, *(question.text for question in self.questions.values())]
        texts += [text for section in self.sections for text in (section.title, section.intro)]
        return any("se" in text.by_language for text in texts)


def edition_view(edition_id: int) -> EditionView:
    """The edition as plain values; from memory if it is published and has been read before.

    Raises:
        Edition.DoesNotExist
    """
    kept = _kept.get(edition_id)
    if kept is not None and monotonic() - kept.looked_at < SECONDS_BETWEEN_LOOKS:
        return kept.view
    # Counted before reading: a correction made in between is found at the next look.
    corrections, looked_at = amending.count(edition_id), monotonic()
    if kept is not None and kept.corrections == corrections:
        view = kept.view
    else:
        edition = Edition.objects.get(id=edition_id)
        view = read(edition)
        if edition.is_draft:
            return view
    _kept.pop(edition_id, None)
    _kept[edition_id] = _Kept(view, corrections, looked_at)
    while len(_kept) > KEPT_EDITIONS:
        _kept.popitem(last=False)
    return view


@dataclass(frozen=True)
class _Kept:
    """An edition, how many corrections were laid over it, and when that was last looked up."""

    view: EditionView
    corrections: int
    looked_at: float


_kept: OrderedDict[int, _Kept] = OrderedDict()


def forget(edition_id: int) -> None:
    """Read the edition anew when it is next asked for: it has just been corrected by this process."""
    _kept.pop(edition_id, None)


def read(edition: Edition, *, corrected: bool = True) -> EditionView:
    """Read an edition from the database, never from memory; with the misspellings `corrected`, or as it was frozen."""
    # What a file is like, never what it holds: that is megabytes.
    files = Attachment.objects.defer("content", "small")
    questions = Question.objects.select_related("concept").prefetch_related(
        Prefetch("attachment", files),
        Prefetch("options", Option.objects.order_by("position")),
        Prefetch("conditions", _conditions()),
        "bands",
    )
    found = Section.objects.filter(edition=edition).order_by("position")
    sections = found.prefetch_related(
        Prefetch("questions", questions.order_by("position")), Prefetch("conditions", _conditions())
    )
    if corrected and not edition.is_draft:
        edition = copy(edition)
        amending.amend(edition, sections)
    views = tuple(
        SectionView(
            title=texts(section, "title"),
            intro=texts(section, "intro"),
            questions=tuple(_question(question, within) for question in section.questions.all()),
            conditions=within,
        )
        for section in sections
        for within in [tuple(_condition(condition) for condition in section.conditions.all())]
    )
    return EditionView(
        id=edition.pk,
        title=texts(edition, "title"),
        purpose=texts(edition, "purpose"),
        minutes=edition.minutes,
        sections=views,
        questions={question.code: question for section in views for question in section.questions},
        facts=tuple(
            FactView(
                fact.name, texts(fact, "label"), tuple((each.code, texts(each, "label")) for each in fact.values.all())
            )
            for fact in EditionFact.objects.filter(edition=edition).prefetch_related("values")
        ),
    )


def _conditions() -> QuerySet[Condition]:
    found = Condition.objects.select_related("source", "option", "fact", "fact_value")
    compared = Prefetch("options", ConditionOption.objects.with_compared())
    return found.prefetch_related(compared).order_by("group", "id")


def _condition(condition: Condition) -> ConditionView:
    compared = condition.option or condition.fact_value
    return ConditionView(
        condition.group,
        condition.source.code if condition.source else f"{FACT}{condition.fact.name}",  # type: ignore[union-attr]
        condition.operator,
        compared.code if compared else None,
        tuple(each.compared.code for each in condition.options.all() if each.compared),
        condition.number,
        condition.day,
    )


def question_view(question: Question) -> QuestionView:
    """A question as it is asked, apart from its questionnaire: without the conditions for showing it."""
    return _question(question, (), ())


def _question(
    question: Question, within: tuple[ConditionView, ...], conditions: tuple[ConditionView, ...] | None = None
) -> QuestionView:
    if conditions is None:
        conditions = tuple(_condition(condition) for condition in question.conditions.all())
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
            OptionView(
                option.pk, option.code, texts(option, "label"), option.meaning, option.elaboration, option.excludes
            )
            for option in question.options.all()
        ),
        conditions=conditions,
        minimum=question.minimum,
        maximum=question.maximum,
        decimals=question.decimals,
        unit=texts(question, "unit"),
        comparability=question.comparability,
        origin=question.origin,
        bands=tuple(BandView(band.lower, band.upper) for band in question.bands.all()),
        quotation=texts(question, "quotation"),
        source=texts(question, "source"),
        attachment=file_view(question.attachment) if question.attachment_id and question.attachment else None,
        alt=texts(question, "alt"),
        caption=texts(question, "caption"),
        within=within,
    )


def file_view(row: Attachment) -> FileView:
    """What a file is like."""
    return FileView(row.digest, row.media_type, row.size, row.width, row.height, row.small_width)


def texts(row: Any, field_name: str) -> Text:
    """A translated field of a row, in every language it has been written in."""
    found = {language: getattr(row, f"{field_name}_{language}") for language in AVAILABLE_LANGUAGES}
    return Text({language: text for language, text in found.items() if text})
