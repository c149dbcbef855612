"""Questionnaires as JSON files: our own format, without loss in either direction. See docs/questionnaire-format.md."""

from __future__ import annotations

import json

from surveys.formats import enclosed, spelling, strict
from surveys.formats.document import parse
from surveys.formats.protocol import Draft, Written


def load(content: bytes, code: str) -> Draft:
    """The draft in a file; it always names its own code.

    Raises:
        BadDocument
    """
    return strict.read(parse(content))


def dump(draft: Draft, language: str) -> Written:
    """The file, in every language."""
    fit, lost = enclosed.fitting(draft)
    text = json.dumps(spelling.write(fit), ensure_ascii=False, indent=2)
    return Written(f"{text}\n".encode(), lost)
