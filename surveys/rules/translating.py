"""Texts that some people would have to read in a language they did not choose."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from surveys.rules.base import Hit, Subject
from surveys.structure import EditionView, QuestionView, SectionView, Text

# Everyone who answers reads one of these as their own.
EXPECTED = ("nb", "nn")
ALL = ("nb", "nn", "en", "se")


def missing_translation(subject: Subject) -> Iterator[Hit]:
    """Texts that are missing in bokmål, in nynorsk, or in a language that has been begun."""
    view = subject.view
    own = [text for text in _own_texts(view) if text]
    for language in ALL if own else ():
        begun = any(language in text.by_language for text in own)
        if not begun:
            if language in EXPECTED:
                yield Hit(
                    language=language, detail=_("Nothing is written in %(language)s.") % {"language": _name(language)}
                )
            continue
        yield from _missing(view, language)


def _missing(view: EditionView, language: str) -> Iterator[Hit]:
    detail = _("Missing in %(language)s.") % {"language": _name(language)}
    if _lacks((view.title, view.purpose), language):
        yield Hit(language=language, detail=detail)
    for number, section in enumerate(view.sections, start=1):
        if _lacks((section.title, section.intro), language):
            yield Hit(section=number, language=language, detail=detail)
        for question in section.questions:
            if _lacks(_of_question(question), language):
                yield Hit(question, section=number, language=language, detail=detail)


def _lacks(texts: tuple[Text, ...], language: str) -> bool:
    return any(text and not text.by_language.get(language) for text in texts)


def _of_question(question: QuestionView) -> tuple[Text, ...]:
    labels = tuple(option.label for option in question.options)
    return (question.text, question.help, question.elaboration_prompt, question.unit, *labels)


def _own_texts(view: EditionView) -> Iterator[Text]:
    """Every text that was written for this questionnaire: the usual options come in every language by themselves."""
    yield view.title
    yield view.purpose
    for section in view.sections:
        yield from _of_section(section)


def _of_section(section: SectionView) -> Iterator[Text]:
    yield section.title
    yield section.intro
    for question in section.questions:
        yield question.text
        yield question.help
        yield question.elaboration_prompt


def _name(language: str) -> str:
    names = {"nb": _("Norwegian Bokmål"), "nn": _("Norwegian Nynorsk"), "en": _("English"), "se": _("Northern Sámi")}
    return names[language]
