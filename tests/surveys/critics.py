"""Drafts with something to be found in them, and what the critique says."""

from __future__ import annotations

from typing import Any

import pytest

from surveys import authoring, critiquing
from surveys.models import Edition, Question
from tests import make

PURPOSE = "Landsstyret vil vite hvordan det går der du er tillitsvalgt, og skriver en rapport."


def draft(*questions: dict[str, Any], code: str = "prov", **rest: Any) -> Edition:
    """A draft with these questions in one section."""
    return make.loaded(code, list(questions), purpose={"nb": PURPOSE}, **rest)


def rules(edition: Edition) -> set[tuple[str, str]]:
    """What is found: (question, rule)."""
    fresh = Edition.objects.get(pk=edition.pk)
    return {(each.question, each.rule) for each in critiquing.findings(fresh)}


def number(edition: Edition, code: str = "Q") -> int:
    """The id of a question."""
    return Question.objects.get(edition=edition, code=code).pk


def reasons(refused: pytest.ExceptionInfo[authoring.Refused]) -> list[str]:
    return refused.value.reasons
