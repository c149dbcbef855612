"""Codes that both sides take: ours of questions and options, and LimeSurvey's shorter and stricter ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Container

LONGEST_QUESTION, LONGEST_OPTION = 20, 30
# Of LimeSurvey: of questions and subquestions, and of answers.
LONGEST_TITLE, LONGEST_ANSWER = 20, 5
RESERVED = {"other", "comment", "time", "self", "that"}


class Codes:
    """Hands out our codes of questions, each once.

    Args:
        changed: told of a code that could not be kept: the place, and the new code.
    """

    def __init__(self, changed: Callable[[str, str, str], None]) -> None:
        self.used: set[str] = set()
        self.changed = changed

    def take(self, wanted: str, place: str) -> str:
        """A code like the wanted one that no question has."""
        clean = re.sub(r"[^A-Za-z0-9_]", "", wanted)
        if not re.match(r"[A-Za-z]", clean):
            clean = f"Q{clean}"
        code = unique(clean[:LONGEST_QUESTION], self.used, LONGEST_QUESTION)
        self.used.add(code)
        if code != wanted:
            self.changed(place, wanted, code)
        return code


def slug(wanted: str, used: Container[str]) -> str:
    """A code of an option that is not used yet."""
    clean = re.sub(r"[^A-Za-z0-9_-]", "-", wanted)[:LONGEST_OPTION] or "option"
    return unique(clean, used, LONGEST_OPTION)


def title(wanted: str, used: set[str]) -> str:
    """A code that LimeSurvey takes for a question or subquestion: letters and digits, not used yet in any case."""
    clean = re.sub(r"[^A-Za-z0-9]", "", wanted)
    if not re.match(r"[A-Za-z]", clean) or clean.lower() in RESERVED:
        clean = f"Q{clean}"
    return _taken(clean[:LONGEST_TITLE], used, LONGEST_TITLE)


def answer(wanted: str, used: set[str]) -> str:
    """A code that LimeSurvey takes for an answer: at most five letters and digits."""
    fits = re.fullmatch(rf"[A-Za-z0-9]{{1,{LONGEST_ANSWER}}}", wanted) and wanted.lower() not in used
    return _taken(wanted if fits else f"A{len(used) + 1}", used, LONGEST_ANSWER)


def _taken(wanted: str, used: set[str], longest: int) -> str:
    found, number = wanted, 2
    while found.lower() in used:
        found = f"{wanted[: longest - len(str(number))]}{number}"
        number += 1
    used.add(found.lower())
    return found


def unique(wanted: str, used: Container[str], longest: int) -> str:
    """The wanted code, or one with a number at its end if it is used."""
    found, number = wanted, 2
    while found in used:
        found = f"{wanted[: longest - len(str(number)) - 1]}_{number}"
        number += 1
    return found
