"""Bands: read as people write them, refused when they would not count every answer once, named and suggested."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from surveys.kinds import bands
from surveys.kinds.bands import BadBands, BandView
from tests.surveys.kinds.views import question

TODAY = date(2026, 3, 5)


def read(text: str, kind: str = "number", decimals: int = 0) -> list[str]:
    """What someone has written, as the names of the values."""
    with override("en"):
        return [bands.code(kind, band) for band in bands.read(kind, text, decimals)]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("0–1, 2–4, 5 or more", ["0..1", "2..4", "5.."]),
        ("0-1,2-4,5+", ["0..1", "2..4", "5.."]),
        ("0 til 1; 2 til 4; 5 eller flere", ["0..1", "2..4", "5.."]),
        ("5 eller fleire\n2 - 4\nopp til 1", ["..1", "2..4", "5.."]),
        ("1 eller færre, 2, 3 og over", ["..1", "2..2", "3.."]),
        ("-5--1, 0–4", ["-5..-1", "0..4"]),
        ("−5–−1, 0–4", ["-5..-1", "0..4"]),
        ("..1, 2..4, 5..", ["..1", "2..4", "5.."]),
        ("", []),
        (" , ;\n", []),
    ],
)
def test_read_as_people_write_them(text: str, codes: list[str]) -> None:
    assert read(text) == codes


def test_with_decimals_a_comma_may_stand_before_them() -> None:
    assert read("0–1,5, 1,6–3, 3,1 eller mer", decimals=1) == ["0..1.5", "1.6..3", "3.1.."]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("2014 or earlier, 2015–2019, 2020 or later", ["..2014-12-31", "2015-01-01..2019-12-31", "2020-01-01.."]),
        ("til 30.6.2020, 1.7.2020–", ["..2020-06-30", "2020-07-01.."]),
        ("2019-12-31 eller tidligere; 2020-01-01 eller senere", ["..2019-12-31", "2020-01-01.."]),
        ("1900–2019, 2020, 2021–2100", ["1900-01-01..2019-12-31", "2020-01-01..2020-12-31", "2021-01-01..2100-12-31"]),
    ],
)
def test_dates_are_read_as_years_and_days(text: str, codes: list[str]) -> None:
    assert read(text, "date") == codes


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0–2, 2–4", "“0–2” and “2–4” overlap: an answer would be counted twice."),
        ("0–9, 3–4", "“0–9” and “3–4” overlap: an answer would be counted twice."),
        ("5 or more, 7 or more", "“5 or more” and “7 or more” overlap: an answer would be counted twice."),
        ("1 or less, 0 or less", "“1 or less” and “0 or less” overlap: an answer would be counted twice."),
        ("0–1, 3–4", "Between “0–1” and “3–4” there is a gap: answers in it would not count."),
        ("4–2, 5–6", "A band goes from the smaller to the larger: “4–2”."),
        ("0–4", "Please write two bands or more, such as “0–1, 2–4, 5 or more”."),
        ("few, many", "“few” could not be read. Write bands such as “0–1, 2–4, 5 or more”."),
        ("0–1.5, 1.6–3", "“0–1.5” has more decimals than an answer can have."),
        (", ".join(f"{n}" for n in range(21)), "There can be at most 20 bands."),
        ("1" * 601, "There can be at most 20 bands."),
        ("0–1, 99999999999999–", "“99999999999999–” could not be read. Write bands such as “0–1, 2–4, 5 or more”."),
    ],
)
def test_what_would_not_count_every_answer_once_is_refused(text: str, reason: str) -> None:
    with override("en"), pytest.raises(BadBands) as refused:
        bands.read("number", text, 0)
    assert str(refused.value) == reason


@pytest.mark.parametrize("text", ["31.2.2020–, til 30.2.2020", "0000–2019, 2020–", "2020-13-01–, 2019 or earlier"])
def test_days_that_do_not_exist(text: str) -> None:
    with override("en"), pytest.raises(BadBands, match="could not be read"):
        bands.read("date", text, 0)


@given(st.text(max_size=80), st.sampled_from(["number", "date"]), st.integers(0, 4))
def test_whatever_is_written_is_read_or_refused(text: str, kind: str, decimals: int) -> None:
    try:
        found = bands.read(kind, text, decimals)
    except BadBands:
        return
    bands.check(kind, found, decimals)


@given(
    st.lists(st.integers(-50, 500), min_size=1, max_size=6, unique=True),
    st.booleans(),
    st.booleans(),
    st.integers(0, 2),
)
def test_what_is_shown_reads_back_as_the_same_in_every_language(
    edges: list[int], open_below: bool, open_above: bool, decimals: int
) -> None:
    step, edges = bands.step_of("number", decimals), sorted(edges)
    lowers: list[Any] = [None if open_below else Decimal(edges[0] - 9), *(Decimal(each) for each in edges)]
    uppers: list[Any] = [*(Decimal(each) - step for each in edges), None if open_above else Decimal(edges[-1] + 9)]
    made = tuple(BandView(lower, upper) for lower, upper in zip(lowers, uppers, strict=True))
    for language in ("nb", "nn", "en"):
        with override(language):
            assert bands.read("number", bands.written("number", made), decimals) == made


def test_an_answer_that_could_be_in_no_band_keeps_it_from_being_published() -> None:
    made = (BandView(Decimal(0), Decimal(1)), BandView(Decimal(2), Decimal(4)))
    with override("en"):
        assert bands.uncovered(question("number", bands=made)) == [
            "Q: answers below 0 are in no band. Begin with “1 or less”, or set a smallest number.",
            "Q: answers above 4 are in no band. End with “2 or more”, or set a largest number.",
        ]
        assert bands.uncovered(question("number", bands=made, minimum=Decimal(0), maximum=Decimal(4))) == []
        assert bands.uncovered(question("number", bands=made, minimum=Decimal(-1), maximum=Decimal(4))) != []
        assert bands.uncovered(question("number", bands=made, minimum=Decimal(0), maximum=Decimal(5))) != []
        # With a decimal more there are gaps where there were none.
        assert bands.uncovered(question("number", bands=made, minimum=Decimal(0), maximum=Decimal(4), decimals=1)) == [
            "Q: Between “0–1” and “2–4” there is a gap: answers in it would not count."
        ]
        years = bands.read("date", "2019 or earlier, 2020–2024", 0)
        assert bands.uncovered(question("date", bands=years)) == [
            "Q: answers above 2024 are in no band. End with “2020 or later”, or set a largest number."
        ]
        assert bands.uncovered(question("date", bands=bands.read("date", "1900–2019, 2020–2100", 0))) == []


@pytest.mark.parametrize(
    ("kind", "rest", "codes"),
    [
        ("number", {"minimum": 0, "maximum": 9}, ["0..1", "2..3", "4..5", "6..7", "8..9"]),
        ("number", {"minimum": 1, "maximum": 3}, ["1..1", "2..2", "3..3"]),
        (
            "number",
            {"minimum": 0, "maximum": 1, "decimals": 1},
            ["0..0.1", "0.2..0.3", "0.4..0.5", "0.6..0.7", "0.8..1"],
        ),
        ("number", {"minimum": 0}, ["0..4", "5..9", "10..14", "15.."]),
        ("number", {"maximum": 20}, ["..5", "6..10", "11..15", "16..20"]),
        ("number", {}, ["..4", "5..9", "10..14", "15.."]),
        (
            "date",
            {},
            [
                "..2009-12-31",
                "2010-01-01..2014-12-31",
                "2015-01-01..2019-12-31",
                "2020-01-01..2024-12-31",
                "2025-01-01..",
            ],
        ),
    ],
)
def test_even_bands_are_suggested_that_leave_nothing_out(kind: str, rest: dict[str, Any], codes: list[str]) -> None:
    asked = question(kind, **{name: Decimal(each) if name != "decimals" else each for name, each in rest.items()})
    made = bands.suggestion(asked, TODAY)
    assert [bands.code(kind, band) for band in made] == codes
    assert bands.uncovered(replace(asked, bands=made)) == []


def test_nothing_to_divide_is_said() -> None:
    with override("en"), pytest.raises(BadBands, match="two bands"):
        bands.suggestion(question("number", minimum=Decimal(3), maximum=Decimal(3)), TODAY)
