"""A draft at the builder's page: its sections and questions in order, and what is still missing in each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from surveys import critiquing, publishing, routing, structure, translating
from surveys.admin.offering import FactRow, fact_rows
from surveys.admin.outline import condition_in_words
from surveys.critiquing import Finding
from surveys.drafting import versioning
from surveys.kinds import registry
from surveys.models import Edition
from surveys.structure import EditionView, QuestionView, Text
from surveys.texts import wording
from surveys.texts.wording import LANGUAGES, language_name
from surveys.translating import Completeness


@dataclass(frozen=True)
class Language:
    """How complete one language is: "whole", "part" or "none" of what is written at all.

    Args:
        words: the same for a reader who does not see the mark.
    """

    code: str
    state: str
    words: str


@dataclass(frozen=True)
class QuestionRow:
    """One question."""

    id: int
    code: str
    kind: str
    text: str
    options: str
    notes: list[str]
    condition: str
    page: int
    languages: SafeString
    findings: int

    @property
    def place(self) -> str:
        """Its place, as `building.find` takes it."""
        return f"question-{self.id}"


@dataclass(frozen=True)
class SectionRow:
    """One section with its questions."""

    id: int
    number: int
    title: str
    condition: str
    page: int
    languages: SafeString
    questions: list[QuestionRow]

    @property
    def place(self) -> str:
        """Its place, as `building.find` takes it."""
        return f"section-{self.id}"


@dataclass(frozen=True)
class Board:
    """The whole draft."""

    edition: Edition
    view: EditionView
    title: str
    minutes: int | None
    languages: SafeString
    sections: list[SectionRow]
    obstacles: list[str]
    findings: list[Finding]
    completeness: list[Completeness]
    facts: list[FactRow]

    @property
    def place(self) -> str:
        """The place of the title page."""
        return f"edition-{self.edition.pk}"

    @cached_property
    def order(self) -> str:
        """The mark of the order, as `versioning.order_of` gives it."""
        questions = ((section.id, question.id) for section in self.sections for question in section.questions)
        return versioning.mark(*versioning.order_marks((each.id for each in self.sections), questions))

    @property
    def looks_at(self) -> list[str]:
        """The background facts that it looks at, by their labels."""
        return [fact.label for fact in self.facts if fact.is_declared]


def board(edition: Edition, language: str) -> Board:
    """Read a draft as it stands now."""
    view = structure.read(edition)
    ids = edition.sections.order_by("position").values_list("pk", flat=True)
    pages = {question.code: page.number for page in routing.pages(view) for question in page.questions}
    first_pages = _first_pages(view)
    sections = [
        SectionRow(
            id=pk,
            number=number,
            title=section.title(language),
            condition=condition_in_words(section, view, language),
            page=first_pages[number - 1],
            languages=_marks_html([section.title, section.intro]),
            questions=[_question(question, view, language, pages[question.code]) for question in section.questions],
        )
        for number, (pk, section) in enumerate(zip(ids, view.sections, strict=True), start=1)
    ]
    open_findings = [each for each in critiquing.findings(edition, view) if each.accepted is None]
    counts = Counter(each.question for each in open_findings)
    sections = [
        replace(each, questions=[replace(row, findings=counts[row.code]) for row in each.questions])
        for each in sections
    ]
    return Board(
        edition=edition,
        view=view,
        title=view.title(language),
        minutes=view.minutes,
        languages=_marks_html([view.title, view.purpose]),
        sections=sections,
        obstacles=publishing.obstacles(edition, view),
        findings=open_findings,
        completeness=translating.completeness(view),
        facts=fact_rows(view, language),
    )


def marks(texts: Iterable[Text], *, is_silent: bool = False) -> list[Language]:
    """How complete each language is in these texts; one that is written in no language is not missing.

    Args:
        is_silent: a text that must be there has been written in no language yet.
    """
    states = zip(LANGUAGES, _states(texts, is_silent=is_silent), strict=True)
    return [_language(code, state, get_language() or "nb") for code, state in states]


def _marks_html(texts: Iterable[Text], *, is_silent: bool = False) -> SafeString:
    return _html_of_states(_states(texts, is_silent=is_silent), get_language() or "nb")


def _states(texts: Iterable[Text], *, is_silent: bool) -> tuple[str, ...]:
    written = [text.by_language for text in texts if text] + [{}] * is_silent
    return tuple(_state([code in text for text in written]) for code in LANGUAGES)


@lru_cache(maxsize=64)
def _language(code: str, state: str, reader: str) -> Language:
    states = {"whole": _("complete"), "part": _("some texts are missing"), "none": _("not begun")}
    return Language(code, state, f"{language_name(code)}: {states[state]}")


@lru_cache(maxsize=512)
def _html_of_states(states: tuple[str, ...], reader: str) -> SafeString:
    """Made once: there are few, and hundreds on a page."""
    found = [_language(code, state, reader) for code, state in zip(LANGUAGES, states, strict=True)]
    return SafeString(render_to_string("admin/surveys/build_languages.html", {"languages": found}))


def _state(present: list[bool]) -> str:
    if present and all(present):
        return "whole"
    return "part" if any(present) else "none"


def _first_pages(view: EditionView) -> list[int]:
    """The number of each section's first page, as respondents turn them."""
    numbers: dict[int, int] = {}
    for page in routing.pages(view):
        numbers.setdefault(id(page.section), page.number)
    return [numbers[id(section)] for section in view.sections]


def _words(question: QuestionView) -> Text:
    """By what a question is known: its text, or what information shows instead of one."""
    return question.text or question.quotation or question.caption or question.alt


def _question(question: QuestionView, view: EditionView, language: str, page: int) -> QuestionRow:
    kind = registry.KINDS.get(question.kind)
    labels = [option.label(language) or "…" for option in question.options]
    notes = [_("must be answered")] if question.required else []
    if question.has_elaboration and kind and kind.has_options:
        notes.append(_("with a text beside"))
    if kind and not kind.first_options and labels:
        notes.append(ngettext("%(count)d answer", "%(count)d answers", len(labels)) % {"count": len(labels)})
    if question.quotation:
        notes.append(_("with a quotation"))
    if question.attachment:
        notes.append(_("with an image") if question.attachment.is_image else _("with a document"))
    return QuestionRow(
        id=question.id,
        code=question.code,
        kind=str(kind.label) if kind else question.kind,
        text=_words(question)(language),
        options=" · ".join(labels),
        notes=notes,
        condition=condition_in_words(question, view, language),
        page=page,
        # A question that says nothing yet is complete in no language, though its ready-made answers are.
        languages=_marks_html(wording.texts_in(question), is_silent=not (_words(question) or question.attachment)),
        findings=0,
    )
