"""An edition as staff read it: sections, questions in order, and when each is shown, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from surveys import structure, translating
from surveys.drafting import versioning
from surveys.kinds import registry
from surveys.models import Edition, Elaboration, Operator
from surveys.models.condition import ON_SIZE
from surveys.structure import ConditionView, EditionView, QuestionView, SectionView
from surveys.translating import Completeness
from surveys.web import richtext


@dataclass(frozen=True)
class Entry:
    """One question in the outline."""

    id: int
    code: str
    kind: str
    text: str
    options: list[str]
    notes: list[str]
    condition: str
    is_information: bool = False

    @property
    def html(self) -> SafeString:
        """The text read as Markdown, as respondents see information."""
        return richtext.html(self.text)


@dataclass(frozen=True)
class Part:
    """One section in the outline."""

    id: int
    number: int
    title: str
    intro: SafeString
    entries: list[Entry]
    condition: str = ""


@dataclass(frozen=True)
class Outline:
    """A whole edition."""

    title: str
    purpose: SafeString
    minutes: int | None
    parts: list[Part]
    languages: list[Completeness]


def outline(edition: Edition, language: str) -> Outline:
    """Read an edition in a language; texts that lack a translation fall back to bokmål."""
    view = structure.read(edition)
    ids = edition.sections.order_by("position").values_list("pk", flat=True)
    parts = [
        Part(
            id=pk,
            number=number,
            title=section.title(language),
            intro=richtext.html(section.intro(language)),
            entries=[_entry(question, view, language) for question in section.questions],
            condition=condition_in_words(section, view, language),
        )
        for number, (pk, section) in enumerate(zip(ids, view.sections, strict=True), start=1)
    ]
    purpose = richtext.html(view.purpose(language))
    return Outline(view.title(language), purpose, view.minutes, parts, translating.completeness(view))


def condition_in_words(part: QuestionView | SectionView, edition: EditionView, language: str) -> str:
    """When a question or section is shown, e.g. "B6 is “Yes”"; empty if always."""
    groups: dict[int, list[str]] = {}
    for condition in part.conditions:
        groups.setdefault(condition.group, []).append(_one_condition(condition, edition, language))
    together = [_(" and ").join(group) for group in groups.values()]
    return _(", or ").join(together)


def _entry(question: QuestionView, edition: EditionView, language: str) -> Entry:
    kind = registry.KINDS.get(question.kind)
    notes = []
    if question.required:
        notes.append(_("must be answered"))
    if kind and kind.has_options and question.elaboration == Elaboration.OPTIONAL:
        notes.append(_("text may be added"))
    if kind and kind.has_options and question.elaboration == Elaboration.REQUIRED:
        notes.append(_("text is asked for"))
    return Entry(
        id=question.id,
        code=question.code,
        kind=str(kind.label) if kind else question.kind,
        text=question.text(language),
        options=[option.label(language) or option.code for option in question.options],
        notes=notes,
        condition=condition_in_words(question, edition, language),
        is_information=kind is not None and not kind.is_asked,
    )


def _one_condition(condition: ConditionView, edition: EditionView, language: str) -> str:
    if condition.fact:
        return _on_fact(condition, edition, language)
    source = edition.questions.get(condition.source)
    labels = {option.code: option.label(language) for option in source.options} if source else {}
    names = {
        "question": condition.source,
        "answer": labels.get(condition.option or "") or condition.option or "",
        "answers": _any_of(condition, labels),
        "number": versioning.plain(condition.number),
        "day": date_format(condition.day) if condition.day else "",
    }
    if condition.operator == Operator.ANSWERED:
        return _("%(question)s has been answered") % names
    if condition.operator == Operator.IS_NOT:
        return _("%(question)s is answered with something else than “%(answer)s”") % names
    if condition.operator == Operator.ONE_OF:
        return _("%(question)s is %(answers)s") % names
    if condition.operator == Operator.NONE_OF:
        return _("%(question)s is answered with something else than %(answers)s") % names
    if condition.operator in ON_SIZE:
        return _by_size(condition) % names
    return _("%(question)s is “%(answer)s”") % names


def _by_size(condition: ConditionView) -> str:
    words = {
        (Operator.AT_LEAST, False): _("%(question)s is at least %(number)s"),
        (Operator.AT_MOST, False): _("%(question)s is at most %(number)s"),
        (Operator.MORE_THAN, False): _("%(question)s is more than %(number)s"),
        (Operator.LESS_THAN, False): _("%(question)s is less than %(number)s"),
        (Operator.AT_LEAST, True): _("%(question)s is %(day)s or later"),
        (Operator.AT_MOST, True): _("%(question)s is %(day)s or earlier"),
        (Operator.MORE_THAN, True): _("%(question)s is after %(day)s"),
        (Operator.LESS_THAN, True): _("%(question)s is before %(day)s"),
    }
    return words[Operator(condition.operator), condition.day is not None]


def _any_of(condition: ConditionView, labels: Mapping[str, str]) -> str:
    """What is compared with, each in quotation marks."""
    return _(" or ").join(_("“%(answer)s”") % {"answer": labels.get(code) or code} for code in condition.compared)


def _on_fact(condition: ConditionView, edition: EditionView, language: str) -> str:
    fact = next((each for each in edition.facts if each.name == condition.fact), None)
    labels = {code: label(language) for code, label in fact.values} if fact else {}
    names = {
        "fact": (fact.label(language) if fact else "") or condition.fact,
        "answers": _any_of(condition, labels),
    }
    if condition.operator == Operator.ANSWERED:
        return _("%(fact)s is known") % names
    if condition.operator in (Operator.IS_NOT, Operator.NONE_OF):
        return _("%(fact)s is not %(answers)s") % names
    return _("%(fact)s is %(answers)s") % names
