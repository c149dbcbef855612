"""A questionnaire as a JSON document: our own format, without loss in either direction.

Documented for people in docs/questionnaire-format.md. A text is an object {language: text}; a condition
names its question and option by code; what is empty may be left out.
"""

from __future__ import annotations

from typing import Any

from surveys import exchanging
from surveys.formats import spelling, strict
from surveys.formats.document import BadDocument, parse
from surveys.formats.strict import QUESTION_CODE, SLUG
from surveys.models import Edition, Questionnaire

__all__ = ["QUESTION_CODE", "SLUG", "BadDocument", "dump", "load"]


def load(document: dict[str, Any] | str | bytes) -> Questionnaire:
    """Make the draft of the questionnaire named in the document hold what the document says.

    The questionnaire is created if there is none with its code; a draft that lies there is replaced;
    published editions are untouched. All of it happens, or nothing.

    Raises:
        BadDocument: with the place and what is wrong there.
    """
    return exchanging.keep(strict.read(document if isinstance(document, dict) else parse(document)))


def dump(edition: Edition) -> dict[str, Any]:
    """The document that says everything an edition holds; `load` of it makes an equal draft."""
    return spelling.write(exchanging.drafted(edition))
