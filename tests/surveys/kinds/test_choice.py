"""Yes or no, and one of several."""

from __future__ import annotations

from typing import Any

import pytest

from surveys.kinds.base import Fact
from surveys.kinds.choice import SingleChoice
from surveys.structure import OptionView, QuestionView, Text

KIND = SingleChoice()


def question(elaboration: str = "optional", *, required: bool = False) -> QuestionView:
    options = tuple(OptionView(n, code, Text({"nb": code}), "answer") for n, code in enumerate(("yes", "no")))
    return QuestionView(
        id=1, code="Q", kind="yes_no", text=Text({"nb": "Ja?"}), help=Text({}), required=required,
        elaboration=elaboration, elaboration_prompt=Text({}), concept="", options=options,
    )  # fmt: skip


def cleaned(option: str = "", text: str = "") -> dict[str, Any]:
    return {"Q_option": option, "Q_text": text}


def test_fields_follow_the_elaboration() -> None:
    assert list(KIND.fields(question("never"), "nb")) == ["Q_option"]
    assert list(KIND.fields(question("optional"), "nb")) == ["Q_option", "Q_text"]


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        (cleaned(), {}), (cleaned("yes"), {"option": "yes"}), (cleaned("", "x"), {"text": "x"}),
        (cleaned("no", "x"), {"option": "no", "text": "x"}),
    ],
)  # fmt: skip
def test_an_answer_is_read_and_put_back(given: dict[str, str], answer: dict[str, str]) -> None:
    assert KIND.read(question(), given) == answer
    back = KIND.initial(question(), answer)
    assert {name: value or "" for name, value in back.items()} == given


def test_an_elaboration_is_asked_for_once_something_is_chosen() -> None:
    asked = question("required")
    assert list(KIND.faults(asked, cleaned("yes"))) == ["Q_text"]
    assert KIND.faults(asked, cleaned("yes", "fordi")) == {}
    assert KIND.faults(asked, cleaned()) == {}
    assert KIND.faults(question("optional"), cleaned("yes")) == {}


@pytest.mark.parametrize(
    ("elaboration", "required", "answer", "complete"),
    [
        ("optional", False, {}, True), ("optional", True, {}, False), ("optional", True, {"text": "x"}, False),
        ("optional", True, {"option": "yes"}, True), ("required", True, {"option": "yes"}, False),
        ("required", False, {"option": "yes", "text": "x"}, True), ("required", False, {"text": "x"}, True),
    ],
)  # fmt: skip
def test_what_may_be_submitted(elaboration: str, required: bool, answer: dict[str, str], complete: bool) -> None:
    assert KIND.is_complete(question(elaboration, required=required), answer) is complete


def test_facts_and_categories() -> None:
    assert KIND.facts(question(), {"option": "yes", "text": "x"}) == [Fact("yes", "x")]
    assert KIND.facts(question(), {}) == [Fact(None, "")]
    assert KIND.categories(question()) == ["yes", "no"]
