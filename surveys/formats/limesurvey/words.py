"""Taking LimeSurvey's texts over, in our languages, as plain text or Markdown; and telling what was lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from surveys.formats.document import BadDocument
from surveys.formats.limesurvey import markup
from surveys.formats.limesurvey.survey import Survey, Texts, our_language
from surveys.formats.protocol import Lost
from surveys.structure import Text

LONGEST, SHORT, LONGEST_UNIT = 20_000, 200, 40
# Of all texts together, with their HTML: seven times the largest survey among LimeSurvey's own examples.
MOST_CHARACTERS = 4_000_000


class Words:
    """The languages of one survey, the fields its texts may hold, and what was lost.

    Args (of the instance):
        languages: LimeSurvey's code of each language we write in that the survey has, by ours.
        fields: our codes of the questions read so far, by LimeSurvey's name.
    """

    def __init__(self, survey: Survey) -> None:
        self.languages: dict[str, str] = {}
        self.fields: dict[str, str] = {}
        self._lost: dict[Lost, None] = {}
        self._read = 0
        self._expressions: dict[str, list[str]] = {}
        for theirs in dict.fromkeys([survey.language, *survey.languages]):
            if (ours := our_language(theirs)) is not None:
                self.languages.setdefault(ours, theirs)

    def lose(self, place: str, what: str, why: str) -> None:
        """Tell of something that does not come along; once is enough."""
        self._lost[Lost(place, what[:200], why)] = None

    @property
    def lost(self) -> tuple[Lost, ...]:
        """What has been told of, in order."""
        return tuple(self._lost)

    def tell_of_expressions(self) -> None:
        """What LimeSurvey would have filled in, told once for each place."""
        for place, expressions in self._expressions.items():
            if expressions:
                what = " ".join(dict.fromkeys(expressions))
                self.lose(place, what, _("LimeSurvey would fill this in; here stands an ellipsis instead."))

    def plain(self, texts: Texts, place: str, longest: int = LONGEST) -> Text:
        """A text without marks, of at most `longest` characters."""
        return self._convert(texts, place, longest, markup.to_plain)

    def markdown(self, texts: Texts, place: str) -> Text:
        """A text with its emphasis, lists and links."""
        return self._convert(texts, place, LONGEST, markup.to_markdown)

    def line(self, texts: Texts, place: str, longest: int = SHORT) -> Text:
        """A text of one line."""
        found = self._convert(texts, place, 10 * LONGEST, markup.to_plain)
        lines = {language: re.sub(r"[ \t\n]+", " ", text) for language, text in found.by_language.items()}
        return Text({language: self._shorten(text, place, longest) for language, text in lines.items()})

    def said(self, words: Mapping[str, str]) -> Text:
        """Words of our own, in the languages that the survey has."""
        return Text({language: text for language, text in words.items() if language in self.languages})

    def _convert(self, texts: Texts, place: str, longest: int, convert: Callable[[str], tuple[str, set[str]]]) -> Text:
        found = {}
        for ours, theirs in self.languages.items():
            written = (texts.get(theirs) or texts.get("") or "")[: markup.LONGEST]
            self._read += len(written)
            if self._read > MOST_CHARACTERS:
                raise BadDocument(_("The texts of the survey are longer than any questionnaire's."))
            html, expressions = markup.own_fields(written, self.fields)
            self._expressions.setdefault(place, []).extend(expressions)
            text, left_out = convert(html)
            for tag in sorted(left_out):
                self.lose(place, f"<{tag}>", _("Only text comes along, no pictures, programs or styles."))
            if text := self._shorten(_shown(text), place, longest):
                found[ours] = text
        return Text(found)

    def _shorten(self, text: str, place: str, longest: int) -> str:
        if len(text) <= longest:
            return text
        self.lose(place, text, _("It was cut: there is room for %(longest)d characters.") % {"longest": longest})
        return text[: longest - 1].rstrip() + "…"


def _shown(text: str) -> str:
    return "".join(
        each
        for each in text
        if each in "\n\t" or (each >= " " and not "\x7f" <= each <= "\x9f" and not "\ud800" <= each <= "\udfff")
    )
