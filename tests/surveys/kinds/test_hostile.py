"""What no person would send, and settings that nobody could answer to."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils.datastructures import MultiValueDict

from surveys.kinds import registry
from surveys.structure import QuestionView
from surveys.web.forms import PageForm
from tests.surveys.kinds.views import question


def form(asked: QuestionView, *, lenient: bool = False, **sent: Any) -> PageForm:
    data: MultiValueDict[str, str] = MultiValueDict()
    for name, value in sent.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return PageForm([asked], "en", data, lenient=lenient)


def faults(asked: QuestionView, **sent: Any) -> list[str]:
    return [name for name, _message in form(asked, **sent).faults()]


def answer(asked: QuestionView, *, lenient: bool = False, **sent: Any) -> dict[str, Any]:
    made = form(asked, lenient=lenient, **sent)
    assert made.is_valid(), made.errors
    return made.answers()["Q"]


NUMBER = question("number", minimum="-5", maximum="1000000", decimals=2)
WHOLE = question("number")


@pytest.mark.parametrize(
    "typed",
    [
        "NaN", "Infinity", "-inf", "1e9", "1E-2", "0x10", "٣", "１２", "12 år", "1,2,3", "--1", "1.", ".5", "+", "½",
        "1234567890123", "9" * 5000, "1_000", "1;2", "\x00", "12\x00",
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused(typed: str) -> None:
    assert faults(NUMBER, Q_number=typed) == ["Q_number"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("12", "12"), (" 1 000 ", "1000"), ("1\u00a0000,5", "1000.5"), ("1\u202f000.50", "1000.5"), ("\u22123", "-3"),
        ("-0", "0"), ("+7", "7"), ("007", "7"), ("0,00", "0"), ("100", "100"),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(typed: str, kept: str) -> None:
    assert answer(NUMBER, Q_number=typed) == {"number": kept}


@pytest.mark.parametrize("typed", ["1.000", "12,0", "1.5"])
def test_a_separator_in_a_whole_number_is_asked_about_and_never_guessed(typed: str) -> None:
    assert faults(WHOLE, Q_number=typed) == ["Q_number"]


@pytest.mark.parametrize(("typed", "wrong"), [("-5", False), ("-5,01", True), ("1000000", False), ("1000000,01", True)])
def test_the_bounds_of_a_number_belong_to_it(typed: str, wrong: bool) -> None:
    assert bool(faults(NUMBER, Q_number=typed)) is wrong


@pytest.mark.parametrize(
    "typed",
    [
        "0021-09-06", "2021-W36-1", "20210906", "2021-02-30", "30.2.2021", "٢٠٢١-٠٩-٠٦", "2021-9-6", "i dag",
        "9999-12-31",
        "2021-09-06T00:00", "1/2", "\ud800", "9" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused(typed: str) -> None:
    assert faults(question("date"), Q_date=typed) == ["Q_date"]


@pytest.mark.parametrize("typed", ["2021-09-06", "6.9.2021", "06/09/2021", "6-9-2021", " 6 9 2021 "])
def test_dates_as_people_write_them(typed: str) -> None:
    assert answer(question("date"), Q_date=typed) == {"date": "2021-09-06"}


@pytest.mark.parametrize("kind", ["yes_no", "single_choice", "scale", "statement"])
def test_a_forged_option_is_refused(kind: str) -> None:
    assert faults(question(kind), Q_option="z") == ["Q_option"]
    assert faults(question(kind), Q_option="a\x00") == ["Q_option"]
    assert answer(question(kind), Q_option=["a", "b"]) == {"option": "b"}


SEVERAL = question("multiple_choice", *"abcdn", excludes="n", minimum="2", maximum="3")


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        (["a", "b"], False), (["a", "b", "c"], False), (["a"], True), (["a", "b", "c", "d"], True), (["n"], False),
        (["n", "a"], True), (["z"], True), (["a"] * 3, True), (["n"] * 10_000, False), (["a", "b"] * 5_000, False),
        ([f"x{number}" for number in range(10_000)], True),
    ],
    ids=range(11),
)  # fmt: skip
def test_how_many_may_be_chosen(sent: list[str], wrong: bool) -> None:
    assert bool(faults(SEVERAL, Q_options=sent)) is wrong


def test_several_are_kept_once_in_the_order_of_the_questionnaire() -> None:
    assert answer(SEVERAL, Q_options=["b", "a", "b"]) == {"options": ["a", "b"]}
    assert answer(SEVERAL, lenient=True, Q_options=["n", "a"]) == {"options": ["a", "n"]}
    kind = registry.kind("multiple_choice")
    assert [kind.is_complete(SEVERAL, {"options": given}) for given in (["a"], ["a", "n"], ["n"], ["a", "b"])] == [
        False, False, True, True,
    ]  # fmt: skip


def test_dont_know_stands_alone_where_several_can_be_chosen() -> None:
    asked = question("multiple_choice", "a", "dk", meaning={"dk": "dont_know"})
    assert faults(asked, Q_options=["a", "dk"]) == ["Q_options"]
    assert answer(asked, Q_options=["dk"]) == {"options": ["dk"]}


RANKING = question("ranking", *"abcd", minimum="2", maximum="3")


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"Q_rank1": "a", "Q_rank2": "b"}, []), ({"Q_rank1": "a", "Q_rank2": "a"}, ["Q_rank2"]),
        ({"Q_rank1": "a"}, ["Q_rank2"]), ({"Q_rank2": "a"}, ["Q_rank1"]), ({"Q_rank3": "a"}, ["Q_rank1"]),
        ({"Q_rank1": "z"}, ["Q_rank1"]), ({"Q_rank4": "a"}, []), ({}, []),
    ],
    ids=range(8),
)  # fmt: skip
def test_each_is_ranked_once_and_the_fewest_are_ranked(sent: dict[str, str], wrong: list[str]) -> None:
    assert faults(RANKING, **sent) == wrong


def test_a_gap_in_a_ranking_closes() -> None:
    assert answer(RANKING, Q_rank1="c", Q_rank3="a") == {"ranks": ["c", "a"]}
    assert answer(RANKING, lenient=True, Q_rank1="c", Q_rank2="c") == {"ranks": ["c"]}


def test_settings_beyond_reason_neither_crash_nor_lock_anyone_out() -> None:
    for asked in (question("ranking", minimum="9"), question("multiple_choice", minimum="9")):
        registry.kind(asked.kind).fields(asked, "nb")
        assert registry.kind(asked.kind).flaws(asked)
    assert faults(question("ranking", minimum="9"), Q_rank1="a", Q_rank2="b", Q_rank3="c") == []
    for maximum in ("-3", "0", "10000"):
        roster = question("roster", maximum=maximum)
        assert 1 <= registry.kind("roster").rows(roster) <= 10


@pytest.mark.parametrize(
    ("asked", "flaws"),
    [
        (question("multiple_choice", minimum="2", maximum="3"), 0), (question("multiple_choice", minimum="4"), 1),
        (question("multiple_choice", minimum="3", excludes="c"), 1), (question("ranking", maximum="1.5"), 1),
        (question("roster", minimum="2"), 0), (question("roster", minimum="5"), 1),
        (question("number", minimum="1.5"), 0),
        (question("multiple_choice", maximum="0"), 1), (question("ranking", minimum="-1"), 1),
    ],
    ids=range(9),
)  # fmt: skip
def test_settings_that_nobody_could_answer_to_are_found(asked: QuestionView, flaws: int) -> None:
    assert len(registry.kind(asked.kind).flaws(asked)) == flaws


ROSTER = question("roster", minimum="2", maximum="3")


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({}, []), ({"Q_row1_level": "a"}, ["Q_row2_level"]), ({"Q_row1_level": "a", "Q_row3_level": "b"}, []),
        ({"Q_row1_subject": "Jus"}, ["Q_row1_level"]), ({"Q_row1_level": "z"}, ["Q_row1_level"]),
        ({"Q_row1_level": "a", "Q_row2_level": "a", "Q_row1_year": "1939"}, ["Q_row1_year"]),
        ({"Q_row1_level": "a", "Q_row2_level": "a", "Q_row1_year": "٢٠٠٩"}, ["Q_row1_year"]),
        ({"Q_row1_level": "a", "Q_row2_level": "a", "Q_row1_year": "9" * 5000}, ["Q_row1_year"]),
        ({"Q_row1_level": "a", "Q_row2_level": "a", "Q_row1_subject": "x" * 201}, ["Q_row1_subject"]),
        ({f"Q_row{number}_level": "a" for number in range(1, 500)}, []),
    ],
    ids=range(10),
)  # fmt: skip
def test_rows_of_education(sent: dict[str, str], wrong: list[str]) -> None:
    assert faults(ROSTER, **sent) == wrong


def test_more_rows_than_there_are_are_not_kept() -> None:
    kept = answer(ROSTER, **{f"Q_row{number}_level": "a" for number in range(1, 500)})
    assert len(kept["rows"]) == 3


def test_a_row_without_a_level_is_kept_as_a_draft_and_cannot_be_submitted() -> None:
    kept = answer(ROSTER, lenient=True, Q_row1_subject="Jus")
    assert kept == {"rows": [{"text": "Jus"}]}
    assert not registry.kind("roster").is_complete(ROSTER, kept)


def test_a_short_text_is_one_line_of_two_hundred() -> None:
    short = question("short_text")
    assert answer(short, Q_text=" a\r\n\tb\u2028c ") == {"text": "a b c"}
    assert faults(short, Q_text="x" * 201) == ["Q_text"]
    assert faults(short, Q_text="x\x1b") == ["Q_text"]


def test_other_has_somewhere_to_say_it() -> None:
    asked = question("single_choice", "a", "o", meaning={"o": "other"})
    assert asked.has_elaboration
    assert [asked.elaboration_of(code) for code in ("a", "o", None)] == ["never", "optional", "never"]
    closed = question("single_choice", "a", "o", meaning={"o": "other"}, beside={"o": "never"})
    assert not closed.has_elaboration
    needed = question("single_choice", "a", "o", meaning={"o": "other"}, elaboration="required")
    assert needed.elaboration_of("o") == "required"


def test_a_text_is_asked_for_beside_the_options_that_say_so() -> None:
    asked = question("yes_no", "yes", "no", beside={"yes": "required"})
    assert faults(asked, Q_option="yes") == ["Q_text"]
    assert faults(asked, Q_option="no") == []
    assert answer(asked, Q_option="no", Q_text="Likevel.") == {"option": "no", "text": "Likevel."}
    several = question("multiple_choice", beside={"b": "required"})
    assert faults(several, Q_options=["a", "b"]) == ["Q_text"]
    assert faults(several, Q_options=["a"]) == []


def test_bounds_are_decimals_and_stay_so() -> None:
    assert NUMBER.maximum == Decimal(1000000)
