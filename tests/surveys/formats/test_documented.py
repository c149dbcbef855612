"""The description of our own format names everything that the format has, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from surveys.formats import strict
from surveys.kinds.registry import KINDS
from surveys.models import Comparability, Elaboration, Meaning, Operator, Role

DOCUMENT = Path(__file__).parents[3] / "docs" / "questionnaire-format.md"


def described() -> dict[tuple[str, str], str]:
    """{(where, name): what} of every row of the table."""
    found: dict[tuple[str, str], str] = {}
    where = ""
    for line in DOCUMENT.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 3 and not cells[0].startswith("--") and cells[0] != "Where":
            where = cells[0] or where
            found |= {(where, name): cells[2] for name in re.findall(r"`(\w+)`", cells[1])}
    return found


def names(where: str) -> set[str]:
    return {name for place, name in described() if place == where}


def test_every_name_is_described() -> None:
    assert names("question") == set(strict.QUESTION_NAMES)
    assert names("condition") == set(strict.CONDITION_NAMES)
    assert names("fact") == {"name", "label", "values"}
    assert names("option") == {"code", "label", "meaning", "elaboration", "excludes"}
    assert names("section") == {"title", "intro", "questions", "conditions"}


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (("question", "kind"), set(KINDS)), (("option", "meaning"), set(Meaning.values)),
        (("question", "elaboration"), set(Elaboration.values)), (("document", "role"), set(Role.values)),
        (("question", "comparability"), set(Comparability.values)), (("condition", "operator"), set(Operator.values)),
    ],
)  # fmt: skip
def test_every_word_is_described(place: tuple[str, str], words: set[str]) -> None:
    assert set(re.findall(r"`(\w+)`", described()[place])) == words
