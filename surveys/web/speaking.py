"""Speaking: the language of a page's own words, which is not always that of its questions.

Questionnaires are written in Northern Sámi too; the words around them are then in bokmål, and each is marked as what
it is.
"""

from __future__ import annotations

from django.conf import settings
from django.utils import translation

INTERFACE = frozenset(code for code, _name in settings.LANGUAGES)
CONTENT = frozenset(settings.MODELTRANSLATION_LANGUAGES)


def own_words(language: str) -> str:
    """The language of the page's own words where its questions are in this one."""
    return language if language in INTERFACE else settings.LANGUAGE_CODE


def speaking(language: str) -> translation.override:
    """Within it the page's own words are in their language."""
    return translation.override(own_words(language))
