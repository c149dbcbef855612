"""LimeSurvey's survey structure as XML (.lss), of versions 1.90 to 6; what we write is for version 6."""

from __future__ import annotations

from surveys.formats.limesurvey import reading, writing, xml
from surveys.formats.protocol import Draft, Written


def load(content: bytes, code: str) -> Draft:
    """The draft in an .lss file.

    Raises:
        BadDocument
    """
    return reading.draft(xml.read(content), code)


def dump(draft: Draft, language: str) -> Written:
    """The .lss file of a draft, in every language that is complete."""
    survey, lost = writing.survey(draft)
    return Written(xml.write(survey), lost)
