"""Saying: a text as the templates of respondents print it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString

from surveys.structure import Text
from surveys.web import richtext
from surveys.web.speaking import own_words


@dataclass(frozen=True)
class Words:
    """A text as it is shown; `lang` is set where it is in another language than the page."""

    text: str
    lang: str = ""

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def html(self) -> SafeString:
        """The text read as Markdown."""
        return richtext.html(self.text)


NOTHING = Words("")


def words(text: Text, language: str) -> Words:
    """A text in the language of the page, or in the one it falls back to."""
    found, its_language = text.find(language)
    return Words(found, "" if its_language == own_words(language) else its_language)
