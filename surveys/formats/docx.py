"""A questionnaire as a paper form in Word, to be edited or printed."""

from __future__ import annotations

from surveys.formats.paper.form import lay_out
from surveys.formats.paper.kept import lost
from surveys.formats.protocol import Draft, Written


def dump(draft: Draft, language: str) -> Written:
    """The file, in one language."""
    # Only those who export need what draws it.
    from surveys.formats.paper.word import draw

    return Written(draw(lay_out(draft, language), draft.files), lost(draft, language))
