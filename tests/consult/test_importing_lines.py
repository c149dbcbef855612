"""Lines of a register file that cannot be used: told apart, and told."""

from __future__ import annotations

import pytest
from django.utils import translation

from consult import importing, selecting
from consult.models import Invitation, Unit
from tests import make
from tests.consult.test_importing import (
    FIRST,
    LATER,
    NOW,
    SINCE_2020,
    addresses,
    appointments,
    people,
    planned,
    problems,
)

pytestmark = pytest.mark.django_db


# --- Lines that cannot be used ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "reason", "value"),
    [
        ({"medlemsnummer": ""}, "no_number", ""),
        ({"medlemsnummer": "12 34"}, "bad_number", "12 34"),
        ({"medlemsnummer": "1" * 21}, "bad_number", "1" * 21),
        ({"navn": ""}, "no_name", ""),
        ({"navn": "Åsheim"}, "bad_name", "Åsheim"),
        ({"navn": "=HYPERLINK(x), Kari"}, "bad_name", "=HYPERLINK(x), Kari"),
        ({"navn": "Åsheim, +cmd"}, "bad_name", "Åsheim, +cmd"),
        ({"navn": "@sum, Kari"}, "bad_name", "@sum, Kari"),
        ({"navn": f"{'Å' * 81}, Kari"}, "long_name", f"{'Å' * 80}"),
        ({"verv": "tillitsvalgt"}, "role", "tillitsvalgt"),
        ({"enhetskode": ""}, "no_unit", ""),
        ({"enhetskode": "k9"}, "unknown_unit", "k9"),
        ({"fra": "31.02.2020"}, "bad_date", "31.02.2020"),
        ({"fra": "44440"}, "bad_date", "44440"),
        ({"fra": "1.2.20"}, "bad_date", "1.2.20"),
        ({"fra": "01.01.0021"}, "bad_date", "01.01.0021"),
        ({"til": "snart"}, "bad_date", "snart"),
        ({"til": "31.01.2020"}, "dates_reversed", ""),
        ({"utmeldt": "nei"}, "bad_date", "nei"),
        ({"målform": "dansk"}, "language", "dansk"),
        ({"e-posttype": "hytta"}, "email_kind", "hytta"),
        ({"rad": "kontingent"}, "row_kind", "kontingent"),
    ],
)
def test_a_line_that_cannot_be_used_is_left_out_whole(row: dict[str, str], reason: str, value: str) -> None:
    bad = {**make.appointed("1"), **row}

    assert problems(make.appointed("2"), bad) == [(FIRST + 1, reason, value, 0)]
    make.imported(make.appointed("2"), bad)
    assert [person[0] for person in people()] == ["2"]
    assert [address[0] for address in addresses()] == ["2"]


UNION, REGION, UNIT, OFFICE, _OTHER = make.UNIT_ROWS


@pytest.mark.parametrize(
    ("unit", "reason", "value"),
    [
        ({**OFFICE, "enhetskode": ""}, "no_unit", ""),
        ({**OFFICE, "enhetskode": "k 1"}, "bad_code", "k 1"),
        ({**OFFICE, "enhet": ""}, "no_name", ""),
        ({**OFFICE, "enhet": "=1+1"}, "bad_name", "=1+1"),
        ({**OFFICE, "enhet": "k" * 161}, "long_name", "k" * 80),
        ({**OFFICE, "enhetstype": "klubb"}, "unit_kind", "klubb"),
        ({**OFFICE, "størrelse": "enorm"}, "size", "enorm"),
        ({**OFFICE, "vertskommune": "kanskje"}, "yes_no", "kanskje"),
        ({**OFFICE, "overordnet": ""}, "no_parent", ""),
        ({**OFFICE, "overordnet": "k9"}, "unknown_parent", "k9"),
        ({**OFFICE, "overordnet": "k1"}, "parent_kind", "Nav Bø"),
        ({**OFFICE, "enhetskode": "f2", "enhetstype": "forbund"}, "union_has_parent", ""),
    ],
)
def test_a_unit_that_cannot_be_used(unit: dict[str, str], reason: str, value: str) -> None:
    assert problems(make.appointed("1", enhetskode="drift"), units=[UNION, REGION, UNIT, unit]) == [
        (5, reason, value, 0)
    ]


def test_units_below_one_that_cannot_be_used_go_with_it() -> None:
    units = [UNION, {**REGION, "overordnet": "nei"}, UNIT, OFFICE]

    assert problems(make.appointed("1"), make.appointed("2", enhetskode="forbundet"), units=units) == [
        (3, "unknown_parent", "nei", 0),
        (4, "unknown_parent", "nord", 0),
        (5, "unknown_parent", "drift", 0),
        (6, "unknown_unit", "k1", 0),
    ]


def test_one_code_for_two_units_is_a_conflict_and_the_first_stays() -> None:
    units = [*make.UNIT_ROWS, {**OFFICE, "enhet": "Nav Annet"}, OFFICE]

    assert problems(make.appointed("1"), units=units) == [(7, "other_unit", "k1", 5)]
    make.imported(make.appointed("1"), units=units)
    assert Unit.objects.get(code="k1").name == "Nav Bø"


def test_units_may_stand_below_the_people_and_in_any_order() -> None:
    rows = [make.appointed("1"), *reversed(make.UNIT_ROWS)]

    assert make.imported(*rows, units=[]).counts["units"]["new"] == 5
    assert appointments() == [("1", "k1", "local", SINCE_2020, None)]


def test_units_may_come_in_a_file_of_their_own() -> None:
    make.imported()
    counts = make.imported(make.appointed("1"), units=[]).counts

    assert counts["units"] == {"new": 0, "changed": 0, "unchanged": 0}
    assert appointments() == [("1", "k1", "local", SINCE_2020, None)]


def test_a_unit_changes_and_columns_the_file_lacks_stay() -> None:
    make.imported()
    moved = {key: OFFICE[key] for key in ("rad", "enhetskode", "enhetstype", "overordnet")}

    counts = make.imported(units=[{**moved, "enhet": "Nav Nytt", "overordnet": "nord"}]).counts

    assert counts["units"] == {"new": 0, "changed": 1, "unchanged": 0}
    office = Unit.objects.get(code="k1")
    assert (office.name, office.parent.code) == ("Nav Nytt", "nord")
    assert (office.size_band, office.host_municipality, office.county) == ("small", True, "Ås")


def test_a_unit_whose_new_kind_does_not_fit_those_below_it() -> None:
    make.imported()

    assert problems(units=[UNION, {**UNIT, "enhetstype": "kontor"}]) == [(3, "child_kind", "Nav Bø", 0)]


@pytest.mark.parametrize(
    ("number", "band"), [("0", "small"), ("19", "small"), ("20", "medium"), ("59", "medium"), ("60", "large")]
)
def test_a_size_in_employees_becomes_a_band(number: str, band: str) -> None:
    make.imported(units=[UNION, REGION, UNIT, {**OFFICE, "størrelse": number}])

    assert Unit.objects.get(code="k1").size_band == band


def test_lines_shorter_and_longer_than_the_headings() -> None:
    text = make.register_csv(make.appointed("1"), make.appointed("2", fra="")).decode()
    lines = text.split("\r\n")
    lines[-2] = lines[-2].rstrip(";")  # a short line lacks only what is empty
    lines[-3] += ";;;"  # empty cells beyond the headings do no harm
    lines.insert(-1, lines[-3] + "noe")
    plan = importing.preview("\r\n".join(lines).encode(), "register.csv", NOW)

    assert [(each["line"], each["reason"]) for each in plan["problems"]] == [(FIRST + 2, "too_many_cells")]
    assert plan["counts"]["people"]["new"] == 2


def test_every_problem_has_its_sentence() -> None:
    with translation.override("en"):
        for reason in importing.problems._SENTENCES:
            sentence = importing.describe({"line": 3, "reason": reason, "value": "<b>x%s", "other": 2})
            assert sentence.endswith(".")
            assert "%(" not in sentence


def test_a_million_mistakes_are_counted_and_the_first_thousand_kept() -> None:
    record = planned(make.appointed("1"), *[make.appointed("", "A, B") for _ in range(1200)])

    assert record.plan["problem_count"] == 1200
    assert len(record.plan["problems"]) == 1000


def test_an_import_changes_nothing_for_those_already_invited() -> None:
    make.imported(make.appointed("1"))
    survey = make.planned(facts=[make.ROLE])
    audience = selecting.freeze(selecting.define(survey, ["local"], Unit.objects.get(code="forbundet")), NOW)
    before = list(Invitation.objects.values())

    make.imported(make.appointed("1", "Nytt, Navn", til="28.02.2026", **{"e-post": "ny@medlem.example"}))

    assert list(Invitation.objects.values()) == before
    assert selecting.count(audience, LATER) == 1
