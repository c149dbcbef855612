"""The columns of a translator's sheet. A heading begins with the name that is read back; words for people follow."""

from __future__ import annotations

import re
import unicodedata

from surveys.drafting import versioning
from surveys.drafting.versioning import Version
from surveys.formats.xlsform.sheets import TRANSLATIONS_SHEET
from surveys.structure import Text
from surveys.texts.wording import LANGUAGES

KEY, PLACE, WHAT, NOTE, MARK = "key", "place", "what", "note", "mark"
# A hidden sheet that says what the workbook is of.
ABOUT = TRANSLATIONS_SHEET
# Characters that XML 1.0 has no place for.
NOT_XML = re.compile("[\ufffe\uffff]")


def plain(text: str) -> str:
    """A text as a cell can hold it: two texts that look the same are the same."""
    cleaned = unicodedata.normalize("NFC", versioning.plain(text.replace("\r\n", "\n").replace("\r", "\n")))
    return NOT_XML.sub("\ufffd", cleaned)


def marks(text: Text) -> Version:
    """What a text says in each language, as marks: whether it has changed since can be told without keeping it."""
    written = {language: plain(text.by_language.get(language, "")) for language in LANGUAGES}
    return Version({language: versioning.mark(each) for language, each in written.items() if each})
