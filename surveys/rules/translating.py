"""Texts that some people would have to read in a language they did not choose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from surveys.rules.base import Hit, Subject
from surveys.structure import EditionView, Text
from surveys.texts import wording
from surveys.texts.wording import LANGUAGES, language_name

# Everyone who answers reads one of these as their own.
EXPECTED = ("nb", "nn")


def missing_translation(subject: Subject) -> Iterator[Hit]:
    """Texts that are missing in bokmål, in nynorsk, or in a language that has been begun."""
    view = subject.view
    own = [each.text for each in wording.passages(view) if each.is_own and each.text]
    for language in LANGUAGES if own else ():
        begun = any(language in text.by_language for text in own)
        if not begun:
            if language in EXPECTED:
                yield Hit(
                    language=language,
                    detail=_("Nothing is written in %(language)s.") % {"language": language_name(language)},
                )
            continue
        yield from _missing(view, language)


def _missing(view: EditionView, language: str) -> Iterator[Hit]:
    detail = _("Missing in %(language)s.") % {"language": language_name(language)}
    if _lacks((view.title, view.purpose), language):
        yield Hit(language=language, detail=detail)
    for number, section in enumerate(view.sections, start=1):
        if _lacks((section.title, section.intro), language):
            yield Hit(section=number, language=language, detail=detail)
        for question in section.questions:
            if _lacks(wording.texts_in(question), language):
                yield Hit(question, section=number, language=language, detail=detail)


def _lacks(texts: Iterable[Text], language: str) -> bool:
    return any(text and not text.by_language.get(language) for text in texts)
