"""Fields in texts (`surveys.piping`) on their way to other programs: which of them these cannot fill in."""

from __future__ import annotations

from collections.abc import Container

from surveys import piping
from surveys.structure import EditionView, Text


def known(view: EditionView) -> frozenset[str]:
    """What a field can name in this questionnaire: its questions and background facts."""
    return frozenset(view.questions) | {fact.name for fact in view.facts}


def unfilled(text: Text, names: Container[str], filled: Container[str], *, instead: bool = True) -> list[str]:
    """The fields of a text, as written, that another program would show as they stand; each once.

    Args:
        names: what a field can name; anything else in braces is no field.
        filled: what the other program can fill in.
        instead: whether it also knows what to say when there is no answer, as in `{B2|your answer}`.
    """
    found = [field for each in text.by_language.values() for field in piping.FIELD.finditer(each)]
    told = [field for field in found if field[1] in names]
    return list(
        dict.fromkeys(field[0] for field in told if field[1] not in filled or ("|" in field[0] and not instead))
    )
