"""Naming: the short names of options and the codes of questions, made so that nobody needs to think of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from itertools import count

from django.utils.text import slugify

LONGEST_OPTION_CODE = 30
LONGEST_QUESTION_CODE = 20
NUMBERED = re.compile(r"(.*?)(\d{1,6})(_\d+)?", re.ASCII)
# What the first question of a questionnaire is called when nobody has said anything else.
FIRST_CODE = "Q1"


LONGEST_QUESTIONNAIRE_CODE = 60


def short_name(label: str, longest: int = LONGEST_OPTION_CODE) -> str:
    """A short name made from a label: "Både óg" becomes "bade-og"."""
    plain = label.lower().replace("æ", "ae").replace("ø", "o").replace("å", "a").replace("đ", "d")
    return slugify(unicodedata.normalize("NFKD", plain))[:longest].strip("-")


def questionnaire_code(title: str, taken: Collection[str]) -> str:
    """The code of a questionnaire with this title, other than those taken."""
    stem = short_name(title, LONGEST_QUESTIONNAIRE_CODE) or "questionnaire"
    return stem if stem not in taken else _first_free(lambda number: f"{stem}-{number}", taken, 2)


def option_code(label: str, taken: Collection[str]) -> str:
    """The short name of an option with this label, other than those taken; numbered if nothing else can be made."""
    name = short_name(label)
    if name and name not in taken:
        return name
    stem = name or "answer"
    return _first_free(lambda number: f"{stem[: LONGEST_OPTION_CODE - 4]}-{number}", taken, 2 if name else 1)


def next_code(after: Iterable[str], taken: Collection[str]) -> str:
    """The code of a new question: the next number in the row of the last numbered one before it ("B2" after "B1").

    Args:
        after: the codes before it, the nearest first.
    """
    numbered = next((found for code in after if (found := NUMBERED.fullmatch(code))), None)
    if numbered is None:
        return FIRST_CODE if FIRST_CODE not in taken else _first_free(lambda number: f"Q{number}", taken, 2)
    stem, start = numbered[1], int(numbered[2])
    return _first_free(lambda number: f"{stem[: LONGEST_QUESTION_CODE - 6]}{number}", taken, start + 1)


def _first_free(made: Callable[[int], str], taken: Collection[str], start: int) -> str:
    return next(name for number in count(start) if (name := made(number)) not in taken)
