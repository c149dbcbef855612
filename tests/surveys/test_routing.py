"""Routing on plain values: pages, conditions, pruning."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from surveys import routing
from surveys.structure import ConditionView, EditionView, FactView, QuestionView, SectionView, Text

EMPTY = Text({})


def ask(code: str, *conditions: ConditionView, kind: str = "yes_no") -> QuestionView:
    return QuestionView(
        id=0, code=code, kind=kind, text=EMPTY, help=EMPTY, required=False, elaboration="never",
        elaboration_prompt=EMPTY, concept="", conditions=conditions,
    )  # fmt: skip


def when(source: str, option: str | None = "yes", operator: str = "is", group: int = 1) -> ConditionView:
    return ConditionView(group, source, operator, option)


def edition(*sections: list[QuestionView]) -> EditionView:
    views = tuple(SectionView(EMPTY, EMPTY, tuple(section)) for section in sections)
    return EditionView(
        id=1, title=EMPTY, purpose=EMPTY, minutes=None, sections=views,
        questions={question.code: question for view in views for question in view.questions},
    )  # fmt: skip


def codes(pages: list[routing.Page]) -> list[list[str]]:
    return [[question.code for question in page.questions] for page in pages]


YES, NO = {"option": "yes"}, {"option": "no"}


def test_a_section_is_a_page() -> None:
    pages = routing.pages(edition([ask("A"), ask("B")], [ask("C")]))
    assert codes(pages) == [["A", "B"], ["C"]]
    assert [page.number for page in pages] == [1, 2]


def test_a_section_breaks_before_what_depends_on_the_same_page() -> None:
    chained = [ask("A"), ask("B", when("A")), ask("C", when("A")), ask("D", when("C")), ask("E")]
    assert codes(routing.pages(edition(chained))) == [["A"], ["B", "C"], ["D", "E"]]


def test_a_section_stays_whole_when_it_depends_on_an_earlier_one() -> None:
    assert codes(routing.pages(edition([ask("A")], [ask("B", when("A")), ask("C")]))) == [["A"], ["B", "C"]]


@pytest.mark.parametrize(
    ("condition", "answer", "expected"),
    [
        (when("A"), YES, True), (when("A"), NO, False), (when("A"), {}, False),
        (when("A", "yes", "is_not"), NO, True), (when("A", "yes", "is_not"), YES, False),
        (when("A", "yes", "is_not"), {}, False),
        (when("A", None, "answered"), NO, True), (when("A", None, "answered"), {"text": "x"}, True),
        (when("A", None, "answered"), {}, False),
    ],
)  # fmt: skip
def test_conditions(condition: ConditionView, answer: dict[str, str], expected: bool) -> None:
    whole = edition([ask("A"), ask("B", condition)])
    assert routing.is_asked(whole.questions["B"], whole, {"A": answer}) is expected


def test_groups_are_alternatives_and_their_members_hold_together() -> None:
    whole = edition([ask("A"), ask("B"), ask("C"), ask("D", when("A"), when("B"), when("C", group=2))])

    def asked(**answers: dict[str, str]) -> bool:
        return routing.is_asked(whole.questions["D"], whole, answers)

    assert not asked(A=YES)
    assert asked(A=YES, B=YES)
    assert asked(C=YES)
    assert not asked(A=YES, B=NO, C=NO)


def test_the_answer_to_a_question_that_is_not_asked_counts_as_not_given() -> None:
    whole = edition([ask("A"), ask("B", when("A")), ask("C", when("B"))])
    stale = {"A": NO, "B": YES, "C": YES}
    assert [question.code for question in routing.asked(whole, stale)] == ["A"]
    assert routing.prune(whole, stale) == {"A": NO}
    assert routing.prune(whole, {**stale, "A": YES}) == {**stale, "A": YES}


def test_pages_with_nothing_to_show_are_passed_over_both_ways() -> None:
    whole = edition([ask("A")], [ask("B", when("A"))], [ask("C")])

    def number(page: routing.Page | None) -> int | None:
        return page.number if page else None

    assert number(routing.next_page(1, whole, {"A": NO})) == 3
    assert number(routing.next_page(1, whole, {"A": YES})) == 2
    assert number(routing.previous_page(3, whole, {"A": NO})) == 1
    assert number(routing.next_page(3, whole, {})) is None
    assert number(routing.previous_page(1, whole, {})) is None


def test_information_is_shown_but_not_asked() -> None:
    whole = edition([ask("I", kind="information"), ask("A")])
    [page] = routing.pages(whole)
    assert [question.code for question in routing.shown(page, whole, {})] == ["I", "A"]
    assert [question.code for question in routing.asked(whole, {})] == ["A"]


# --- More operators, sections, background -------------------------------------------------------------------


def number(source: str, operator: str, threshold: str) -> ConditionView:
    return ConditionView(1, source, operator, number=Decimal(threshold))


@pytest.mark.parametrize(
    ("condition", "answer", "expected"),
    [
        (ConditionView(1, "A", "one_of", options=("yes", "both")), YES, True),
        (ConditionView(1, "A", "one_of", options=("yes", "both")), NO, False),
        (ConditionView(1, "A", "one_of", options=("yes", "both")), {}, False),
        (number("A", "at_least", "5"), {"number": "5"}, True),
        (number("A", "at_least", "5"), {"number": "4.9999"}, False),
        (number("A", "at_most", "5"), {"number": "5"}, True),
        (number("A", "at_most", "5"), {"number": "5.0001"}, False),
        (number("A", "at_least", "0"), {"number": "0"}, True),
        (number("A", "at_least", "0"), {}, False),
        (number("A", "at_most", "0"), {"number": "-1"}, True),
        (when("A"), {"options": ["no", "yes"]}, True),
        (when("A", "yes", "is_not"), {"options": ["no", "yes"]}, False),
        (when("A", "yes", "is_not"), {"options": ["no"]}, True),
        (when("A"), {"ranks": ["no", "yes"]}, True),
        (when("A"), {"rows": [{"text": "x"}, {"option": "yes"}]}, True),
        (when("A"), {"rows": [{"option": "no"}]}, False),
    ],
    ids=range(16),
)
def test_every_operator(condition: ConditionView, answer: dict[str, object], expected: bool) -> None:
    whole = edition([ask("A", kind="number")], [ask("B", condition)])
    assert routing.is_asked(whole.questions["B"], whole, {"A": answer}) is expected


def test_the_conditions_of_a_section_hold_for_all_its_questions_and_beside_their_own() -> None:
    first = ask("A")
    inside = [replace(ask("B"), within=(when("A"),)), replace(ask("C", when("B")), within=(when("A"),))]
    whole = edition([first], inside)

    def codes_asked(**answers: dict[str, str]) -> list[str]:
        return [question.code for question in routing.asked(whole, answers)]

    assert codes_asked() == codes_asked(A=NO, B=YES) == ["A"]
    assert codes_asked(A=YES) == ["A", "B"]
    assert codes_asked(A=YES, B=YES) == ["A", "B", "C"]


CHIEF = {"@role": {"option": "chief"}}


@pytest.mark.parametrize(
    ("condition", "known", "expected"),
    [
        (when("@role", "chief"), CHIEF, True),
        (when("@role", "local"), CHIEF, False),
        (when("@role", "chief"), {}, False),
        (when("@role", "local", "is_not"), CHIEF, True),
        (when("@role", "chief", "is_not"), CHIEF, False),
        (when("@role", "chief", "is_not"), {}, False),
        (when("@role", None, "answered"), CHIEF, True),
        (when("@role", None, "answered"), {}, False),
    ],
    ids=range(8),
)
def test_conditions_on_the_background(condition: ConditionView, known: dict, expected: bool) -> None:
    whole = edition([ask("A", condition)])
    assert routing.is_asked(whole.questions["A"], whole, known) is expected
    assert routing.path(routing.on_background(whole), known) == (expected,)
    assert routing.prune(whole, {"A": YES, **known}) == ({"A": YES, **known} if expected else known)


def test_nobody_answers_a_background_fact() -> None:
    """What a person sends cannot pass for what the register knows: codes of questions have no such sign."""
    whole = edition([ask("A", when("@role", "chief"))])
    assert routing.background({"role": "local", "other": "x"}, whole) == {}
    looking = EditionView(**{**vars(whole), "facts": (FactView("role", EMPTY, (("chief", EMPTY),)),)})
    assert routing.background({"role": "chief", "other": "x"}, looking) == CHIEF
