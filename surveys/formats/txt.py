"""LimeSurvey's survey structure as tab-separated text (.txt), made to be opened as a spreadsheet."""

from __future__ import annotations

from surveys.formats.limesurvey import reading, tsv, writing
from surveys.formats.protocol import Draft, Written


def load(content: bytes, code: str) -> Draft:
    """The draft in a .txt file.

    Raises:
        BadDocument
    """
    return reading.draft(tsv.read(content), code)


def dump(draft: Draft, language: str) -> Written:
    """The .txt file of a draft, in every language that is complete."""
    survey, lost = writing.survey(draft)
    return Written(tsv.write(survey), lost)
