"""What the lines of a register file do: people, their addresses, their appointments."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from consult import importing, selecting
from consult.models import Address, Invitation, Person, Unit
from tests import make
from tests.consult.test_importing import (
    FIRST,
    LATER,
    NOW,
    SINCE_2020,
    TODAY,
    addresses,
    appointments,
    people,
    planned,
    problems,
)

pytestmark = pytest.mark.django_db


# --- People -----------------------------------------------------------------------------------------------


def test_a_changed_name_and_language() -> None:
    make.imported(make.appointed("1", målform="bokmål"))

    counts = make.imported(make.appointed("1", "Åsheim Moe, Kari", målform="engelsk")).counts

    assert counts["people"] == {"new": 0, "changed": 1, "unchanged": 0, "left": 0}
    person = Person.objects.get()
    assert (person.family_name, person.language) == ("Åsheim Moe", "en")


def test_an_empty_language_leaves_the_registers() -> None:
    make.imported(make.appointed("1", målform="nynorsk"))

    make.imported(make.appointed("1", målform=""))

    assert Person.objects.get().language == "nn"


def test_someone_who_leaves_and_comes_back() -> None:
    make.imported(make.appointed("1"))

    left = make.imported(make.appointed("1", utmeldt="31.01.2026")).counts
    assert left["people"] == {"new": 0, "changed": 1, "unchanged": 0, "left": 1}
    assert Person.objects.get().left_on == date(2026, 1, 31)

    make.imported(make.appointed("1"))  # a file without the column says nothing about leaving
    assert Person.objects.get().left_on == date(2026, 1, 31)

    make.imported(make.appointed("1", utmeldt=""))
    assert Person.objects.get().left_on is None


def test_people_missing_from_the_file_are_counted_and_kept() -> None:
    make.imported(make.appointed("1"), make.appointed("2"))

    counts = make.imported(make.appointed("2")).counts

    assert counts["absent"] == {"people": 1}
    assert len(people()) == 2


def test_a_person_with_two_appointments_and_two_addresses_is_one_person() -> None:
    counts = make.imported(
        make.appointed("1"),
        make.appointed("1", verv="HTV", enhetskode="drift", **{"e-post": "kari@jobb.example", "e-posttype": "arbeid"}),
    ).counts

    assert counts["people"]["new"] == 1
    assert addresses() == [("1", "kari@jobb.example", "work"), ("1", "p1@medlem.example", "private")]
    assert appointments() == [("1", "drift", "chief", SINCE_2020, None), ("1", "k1", "local", SINCE_2020, None)]


def test_a_repeated_line_counts_as_a_double() -> None:
    record = planned(make.appointed("1"), make.appointed("1"), make.appointed("1", **{"e-post": "P1@medlem.example"}))

    assert (record.plan["doubles"], record.plan["problem_count"]) == (2, 0)
    importing.apply(record.pk, NOW)
    assert len(people()) == len(addresses()) == len(appointments()) == 1


def test_one_number_for_two_names_is_a_conflict_and_the_first_stays() -> None:
    rows = make.appointed("1"), make.appointed("1", "Berg, Ola")

    assert problems(*rows) == [(FIRST + 1, "other_name", "1", FIRST)]
    make.imported(*rows)
    assert people() == [("1", "Kari", "Åsheim")]


# --- Addresses --------------------------------------------------------------------------------------------


def test_a_new_address_takes_the_place_of_the_old_one_of_its_kind() -> None:
    make.imported(make.appointed("1"), make.appointed("1", **{"e-post": "k@jobb.example", "e-posttype": "arbeid"}))
    Address.objects.update(dead_at=NOW)
    before = Address.objects.get(kind="private").pk

    counts = make.imported(make.appointed("1", **{"e-post": "ny@medlem.example"})).counts

    assert counts["addresses"] == {"new": 0, "changed": 1, "unchanged": 0, "removed": 0}
    assert addresses() == [("1", "k@jobb.example", "work"), ("1", "ny@medlem.example", "private")]
    replaced = Address.objects.get(kind="private")
    assert (replaced.pk, replaced.dead_at) == (before, None)
    assert Address.objects.get(kind="work").dead_at == NOW


def test_an_address_the_file_has_no_longer_goes_and_the_invitation_stays() -> None:
    make.imported(make.appointed("1"), make.appointed("1", **{"e-post": "gammel@medlem.example"}))
    survey = make.planned(facts=[])
    person = Person.objects.get()
    selecting.define(survey, ["local"], Unit.objects.get(code="k1"))
    old = person.addresses.get(email__startswith="g")
    Invitation.objects.create(survey=survey, person=person, address=old, selector=1)

    counts = make.imported(make.appointed("1")).counts

    assert counts["addresses"] == {"new": 0, "changed": 0, "unchanged": 1, "removed": 1}
    assert addresses() == [("1", "p1@medlem.example", "private")]
    assert Invitation.objects.get().address is None


def test_a_row_without_an_address_takes_none_away() -> None:
    make.imported(make.appointed("1"))

    counts = make.imported(make.appointed("1", **{"e-post": ""})).counts

    assert addresses() == [("1", "p1@medlem.example", "private")]
    assert counts["unreachable"] == {"people": 0}


def test_people_without_an_address_are_counted() -> None:
    assert make.imported(make.appointed("1", **{"e-post": ""})).counts["unreachable"] == {"people": 1}


def test_an_address_changes_kind_only_when_the_file_says_so() -> None:
    make.imported(make.appointed("1", **{"e-posttype": "arbeid"}))
    make.imported(make.appointed("1", **{"e-posttype": ""}))
    assert addresses() == [("1", "p1@medlem.example", "work")]

    make.imported(make.appointed("1", **{"e-posttype": "privat"}))
    assert addresses() == [("1", "p1@medlem.example", "private")]


@pytest.mark.parametrize(
    "email",
    [
        "kari", "kari@", "@medlem.example", "kari@medlem", "ka ri@medlem.example", "kari@@medlem.example",
        "kari@medlem.example, ola@medlem.example", "kari..n@medlem.example", "kåre@medlem.example",
        "kari@-medlem.example", "<kari@medlem.example>", f"{'k' * 250}@medlem.example",
    ],
)  # fmt: skip
def test_a_bad_address_is_left_out_and_the_person_kept(email: str) -> None:
    row = make.appointed("1", **{"e-post": email})

    assert problems(row) == [(FIRST, "bad_email", email[:80], 0)]
    make.imported(row)
    assert (len(people()), addresses()) == (1, [])


def test_an_address_two_people_share_is_pointed_out() -> None:
    rows = make.appointed("1"), make.appointed("2", "Berg, Ola", **{"e-post": "P1@medlem.example"})

    assert problems(*rows) == [(FIRST + 1, "shared_email", "P1@medlem.example", FIRST)]
    make.imported(*rows)
    assert len(addresses()) == 2


# --- Appointments -----------------------------------------------------------------------------------------


def test_an_appointment_that_ends() -> None:
    make.imported(make.appointed("1", til=""))

    counts = make.imported(make.appointed("1", til="31.01.2026")).counts

    assert counts["appointments"] == {"new": 0, "changed": 1, "unchanged": 0, "ended": 1}
    assert appointments() == [("1", "k1", "local", SINCE_2020, date(2026, 1, 31))]


def test_an_ended_appointment_taken_up_again() -> None:
    make.imported(make.appointed("1", til="31.01.2021"))

    counts = make.imported(make.appointed("1", til="31.01.2021"), make.appointed("1", fra="01.06.2022", til="")).counts

    assert counts["appointments"] == {"new": 1, "changed": 0, "unchanged": 1, "ended": 0}
    assert appointments() == [
        ("1", "k1", "local", SINCE_2020, date(2021, 1, 31)),
        ("1", "k1", "local", date(2022, 6, 1), None),
    ]


def test_a_corrected_start_is_a_change_not_a_second_appointment() -> None:
    make.imported(make.appointed("1"))

    counts = make.imported(make.appointed("1", fra="01.03.2020")).counts

    assert counts["appointments"] == {"new": 0, "changed": 1, "unchanged": 0, "ended": 0}
    assert appointments() == [("1", "k1", "local", date(2020, 3, 1), None)]


def test_an_earlier_period_does_not_end_the_present_one() -> None:
    make.imported(make.appointed("1"))

    make.imported(make.appointed("1", fra="01.01.2015", til="31.12.2016"))

    assert appointments() == [
        ("1", "k1", "local", date(2015, 1, 1), date(2016, 12, 31)),
        ("1", "k1", "local", SINCE_2020, None),
    ]


def test_without_a_start_it_starts_on_the_day_of_the_plan() -> None:
    record = planned(make.appointed("1", fra=""), now=datetime(2026, 2, 28, 23, 30, tzinfo=UTC))
    importing.apply(record.pk, LATER)

    assert appointments() == [("1", "k1", "local", TODAY, None)]  # already March in Norway


def test_a_row_without_an_appointment_is_a_member() -> None:
    make.imported(make.appointed("1", verv=""))

    assert appointments() == [("1", "k1", "member", SINCE_2020, None)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"fra": "01.02.2020", "til": ""}, {"fra": "01.03.2020", "til": ""}),
        ({"fra": "01.02.2020", "til": ""}, {"fra": "01.02.2020", "til": "01.03.2021"}),
        ({"fra": "01.02.2020", "til": "01.03.2021"}, {"fra": "01.02.2020", "til": "01.04.2021"}),
    ],
)
def test_one_appointment_with_two_periods_is_a_conflict(first: dict[str, str], second: dict[str, str]) -> None:
    assert problems(make.appointed("1", **first), make.appointed("1", **second)) == [
        (FIRST + 1, "other_period", "", FIRST)
    ]
