"""What is wrong with a translation, and what should be looked at, in words. Pure."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

from surveys import piping
from surveys.formats.strict import LONG
from surveys.texts.wording import Passage

# What a spreadsheet shows where a formula of its own has failed.
FAILED = frozenset({"#REF!", "#NAME?", "#VALUE!", "#N/A", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})
HTML = re.compile(r"</?[a-z][^<>]*>|javascript:", re.IGNORECASE)


def faults(passage: Passage, language: str, text: str) -> list[str]:
    """Why a text cannot stand there, one sentence each."""
    found = []
    longest = passage.longest or LONG
    if len(text) > longest:
        found.append(
            _("The text is too long: it has %(length)d characters, and there is room for %(longest)d.")
            % {"length": len(text), "longest": longest}
        )
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\t" for sign in text):
        found.append(_("The text holds characters that cannot be shown."))
    if text.upper() in FAILED:
        found.append(_("The cell holds a formula that failed (%(text)s), not a text.") % {"text": text})
    original = passage.text.by_language.get(passage.source(language), "")
    known = set(piping.fields_in(original))
    found += [
        _("{%(field)s} stands in the translation, but not in the original.") % {"field": name}
        for name in piping.fields_in(text)
        if original and name not in known
    ]
    if original and not piping.broken_in(original):
        found += [
            _("“%(field)s” in the text is not a field that can be filled in.") % {"field": broken}
            for broken in piping.broken_in(text)
        ]
    return found


def remarks(passage: Passage, language: str, text: str) -> list[str]:
    """What may be meant so, one sentence each."""
    found = []
    original = passage.text.by_language.get(passage.source(language), "")
    there = piping.fields_in(text)
    found += [
        _("{%(field)s} stands in the original, but not in the translation.") % {"field": name}
        for name in piping.fields_in(original)
        if name not in there
    ]
    if text.startswith(("=", "@")):
        found.append(_("It begins like a formula. It is kept as text."))
    if HTML.search(text) and not HTML.search(original):
        found.append(_("It looks like HTML. It is shown as the signs it is."))
    return found
