"""Every way a condition can look at an answer, on every kind of question and on the background."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from surveys import routing
from surveys.kinds import registry
from surveys.models import Meaning, Operator
from surveys.models.condition import ON_OPTION, ON_SEVERAL, ON_SIZE
from surveys.structure import ConditionView, EditionView, FactView, OptionView, QuestionView, SectionView, Text

EMPTY = Text({})
OPTIONS = tuple(
    OptionView(0, code, EMPTY, meaning.value)
    for code, meaning in {
        "a": Meaning.ANSWER, "b": Meaning.ANSWER, "c": Meaning.ANSWER, "dk": Meaning.DONT_KNOW,
        "na": Meaning.NOT_APPLICABLE, "else": Meaning.OTHER,
    }.items()
)  # fmt: skip
DAY = date(2021, 9, 6)

# What is asked of the answer: a; of several, a or b; of a size, 5 or 6 September 2021.
CHOICES: list[tuple[dict[str, Any], str]] = [
    # The answer, and which of the operators hold.
    ({}, ""),
    ({"option": "a"}, "is one_of answered"),
    ({"option": "b"}, "is_not one_of answered"),
    ({"option": "c"}, "is_not none_of answered"),
    ({"option": "dk"}, "is_not none_of answered"),
    ({"option": "na"}, "is_not none_of answered"),
    ({"option": "else", "text": "a"}, "is_not none_of answered"),
    # A text alone says nothing of the options.
    ({"text": "a"}, "answered"),
]
SEVERAL: list[tuple[list[str], str]] = [
    (["a"], "is one_of answered"),
    (["a", "b"], "is one_of answered"),
    (["b", "c"], "is_not one_of answered"),
    (["c", "dk"], "is_not none_of answered"),
    (["a", "else"], "is one_of answered"),
]
SIZES: list[tuple[str, str, str]] = [
    # A number, a day, and which hold.
    ("4", "2021-09-05", "at_most less_than answered"),
    ("5", "2021-09-06", "at_least at_most answered"),
    ("6", "2021-09-07", "at_least more_than answered"),
]
CASES: dict[str, list[tuple[dict[str, Any], str]]] = {
    **dict.fromkeys(("yes_no", "single_choice", "scale", "statement"), CHOICES),
    "multiple_choice": [
        ({}, ""),
        *(({"options": codes}, holds) for codes, holds in SEVERAL),
        ({"text": "a"}, "answered"),
    ],
    "ranking": [({}, ""), *(({"ranks": codes}, holds) for codes, holds in SEVERAL)],
    "roster": [
        ({}, ""),
        *(({"rows": [{"option": code, "number": "2001"} for code in codes]}, holds) for codes, holds in SEVERAL),
        ({"rows": [{"text": "a"}]}, "answered"),
    ],
    "number": [
        ({}, ""),
        *(({"number": number}, holds) for number, _day, holds in SIZES),
        ({"number": "4.9999"}, "at_most less_than answered"),
        ({"number": "5.0001"}, "at_least more_than answered"),
        ({"number": "-7"}, "at_most less_than answered"),
        ({"number": "0"}, "at_most less_than answered"),
    ],
    "date": [
        ({}, ""),
        *(({"date": day}, holds) for _number, day, holds in SIZES),
        # Before the day that days are counted from.
        ({"date": "1969-12-31"}, "at_most less_than answered"),
        ({"date": "2100-12-31"}, "at_least more_than answered"),
    ],
    "short_text": [({}, ""), ({"text": "a"}, "answered")],
    "long_text": [({}, ""), ({"text": "5"}, "answered")],
}  # fmt: skip


def condition(operator: str, source: str, kind: str = "") -> ConditionView:
    if operator in ON_OPTION:
        return ConditionView(1, source, operator, "a")
    if operator in ON_SEVERAL:
        return ConditionView(1, source, operator, None, ("a", "b"))
    if operator in ON_SIZE and kind == "date":
        return ConditionView(1, source, operator, day=DAY)
    return ConditionView(1, source, operator, number=Decimal(5) if operator in ON_SIZE else None)


def question(code: str, kind: str, *conditions: ConditionView) -> QuestionView:
    options = OPTIONS if registry.kind(kind).has_options else ()
    return QuestionView(0, code, kind, EMPTY, EMPTY, False, "never", EMPTY, "", options, conditions)


def edition(*questions: QuestionView) -> EditionView:
    sections = tuple(SectionView(EMPTY, EMPTY, (each,)) for each in questions)
    values = tuple((code, EMPTY) for code in "abc")
    return EditionView(
        1, EMPTY, EMPTY, None, sections, {each.code: each for each in questions}, (FactView("f", EMPTY, values),)
    )


def test_every_kind_that_is_asked_stands_here() -> None:
    assert set(CASES) == {code for code, kind in registry.KINDS.items() if kind.is_asked}


@pytest.mark.parametrize(
    ("kind", "answer", "holds"),
    [(kind, answer, holds) for kind, cases in CASES.items() for answer, holds in cases],
    ids=str,
)
def test_every_operator_on_every_kind(kind: str, answer: dict[str, Any], holds: str) -> None:
    found = set()
    for operator in Operator.values:
        whole = edition(question("S", kind), question("X", "long_text", condition(operator, "S", kind)))
        if routing.is_asked(whole.questions["X"], whole, {"S": answer}):
            found.add(operator)
    assert found == set(holds.split())


@pytest.mark.parametrize("operator", Operator.values)
def test_an_answer_that_is_no_longer_asked_for_decides_nothing(operator: str) -> None:
    """Whatever was answered: the question itself is passed over."""
    for kind, cases in CASES.items():
        hidden = question("S", kind, ConditionView(1, "A", "is", "a"))
        whole = edition(question("A", "yes_no"), hidden, question("X", "long_text", condition(operator, "S", kind)))
        for answer, _holds in cases:
            assert not routing.is_asked(whole.questions["X"], whole, {"A": {"option": "b"}, "S": answer})


@pytest.mark.parametrize(
    ("value", "holds"),
    [("", ""), ("a", "is one_of answered"), ("b", "is_not one_of answered"), ("c", "is_not none_of answered")],
)
def test_every_operator_on_the_background(value: str, holds: str) -> None:
    known = {"@f": {"option": value}} if value else {}
    found = set()
    for operator in (*ON_OPTION, *ON_SEVERAL, Operator.ANSWERED):
        whole = edition(question("X", "long_text", condition(operator, "@f")))
        is_asked = routing.is_asked(whole.questions["X"], whole, known)
        # At closing only whether it held is known: that must be the same.
        assert routing.path(routing.on_background(whole), known) == (is_asked,)
        if is_asked:
            found.add(str(operator))
    assert found == set(holds.split())


def test_between_two_days_is_two_conditions() -> None:
    both = (
        ConditionView(1, "S", "more_than", day=date(2021, 9, 1)),
        ConditionView(1, "S", "at_most", day=date(2021, 9, 30)),
    )
    whole = edition(question("S", "date"), question("X", "long_text", *both))
    days = ["2021-08-31", "2021-09-01", "2021-09-02", "2021-09-30", "2021-10-01"]
    asked = [day for day in days if routing.is_asked(whole.questions["X"], whole, {"S": {"date": day}})]
    assert asked == ["2021-09-02", "2021-09-30"]
