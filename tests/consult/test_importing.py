"""What a register file does to the register: planned, then applied whole or not at all."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import translation

from consult import importing, selecting
from consult.importing import register
from consult.models import Address, Appointment, Invitation, Person, RegisterImport, Unit
from tests import make

pytestmark = pytest.mark.django_db

NOW = make.OPENS
LATER = make.OPENS + timedelta(days=30)
TODAY = date(2026, 3, 1)


def planned(*rows: dict[str, str], now: datetime = NOW, **rest: Any) -> RegisterImport:
    return importing.plan(make.register_csv(*rows, **rest), "register.csv", now)


def problems(*rows: dict[str, str], **rest: Any) -> list[tuple[int, str, str, int]]:
    plan = importing.preview(make.register_csv(*rows, **rest), "register.csv", NOW)
    return [(each["line"], each["reason"], each["value"], each["other"]) for each in plan["problems"]]


def people() -> list[tuple[Any, ...]]:
    return list(Person.objects.order_by("number").values_list("number", "given_name", "family_name"))


def addresses() -> list[tuple[Any, ...]]:
    return list(Address.objects.order_by("person__number", "email").values_list("person__number", "email", "kind"))


def appointments() -> list[tuple[Any, ...]]:
    rows = Appointment.objects.order_by("person__number", "unit__code", "role", "starts_on")
    return list(rows.values_list("person__number", "unit__code", "role", "starts_on", "ends_on"))


# The line of the first row below the headings and the five units.
FIRST = 7
SINCE_2020 = date(2020, 2, 1)


# --- Plan and apply ---------------------------------------------------------------------------------------


def test_a_plan_changes_nothing_and_tells_what_applying_would() -> None:
    record = planned(make.appointed("1"), make.appointed("2", "Å, B"))

    assert (Unit.objects.count(), Person.objects.count()) == (0, 0)
    assert record.plan == {
        "day": "2026-03-01",
        "lines": 7,
        "doubles": 0,
        "unused": [],
        "counts": {
            "units": {"new": 5, "changed": 0, "unchanged": 0},
            "people": {"new": 2, "changed": 0, "unchanged": 0, "left": 0},
            "absent": {"people": 0},
            "addresses": {"new": 2, "changed": 0, "unchanged": 0, "removed": 0},
            "unreachable": {"people": 0},
            "appointments": {"new": 2, "changed": 0, "unchanged": 0, "ended": 0},
        },
        "problem_count": 0,
        "problems": [],
    }


def test_applying_makes_the_register_agree() -> None:
    record = planned(make.appointed("1", målform="nynorsk"))

    outcome = importing.apply(record.pk, LATER)

    assert outcome == importing.Outcome(record.plan["counts"])
    assert people() == [("1", "Kari", "Åsheim")]
    assert Person.objects.get().language == "nn"
    assert addresses() == [("1", "p1@medlem.example", "private")]
    assert appointments() == [("1", "k1", "local", SINCE_2020, None)]
    office = Unit.objects.get(code="k1")
    assert (office.name, office.kind, office.parent.code, office.county) == ("Nav Bø", "office", "drift", "Ås")
    assert (office.size_band, office.host_municipality) == ("small", True)
    assert [unit.code for unit in office.ancestors()] == ["forbundet", "nord", "drift"]


def test_the_file_is_forgotten_once_applied_and_so_is_what_stood_in_it() -> None:
    record = planned(make.appointed("1", **{"e-post": "kari@"}))
    assert bytes(record.content or b"").startswith(b"rad;")
    assert record.plan["problems"][0]["value"] == "kari@"

    importing.apply(record.pk, LATER)

    record.refresh_from_db()
    assert (record.content, record.applied_at) == (None, LATER)
    assert record.plan["problems"] == [{"line": FIRST, "reason": "bad_email", "value": "", "other": 0}]


def test_applying_again_does_nothing() -> None:
    record = planned(make.appointed("1"))
    first = importing.apply(record.pk, NOW)
    Person.objects.update(given_name="Endret")

    second = importing.apply(record.pk, LATER)

    assert second == importing.Outcome(first.counts, already=True)
    assert Person.objects.get().given_name == "Endret"
    assert RegisterImport.objects.get().applied_at == NOW


def test_the_same_file_again_finds_nothing_new() -> None:
    rows = [
        make.appointed("1", fra="", **{"e-posttype": ""}),
        make.appointed("2", til="31.12.2020"),
        make.appointed("3", fra="", til="31.12.2020", utmeldt="31.12.2020"),
        make.appointed("4", **{"e-post": ""}),
    ]
    make.imported(*rows)
    before = (people(), addresses(), appointments())

    counts = make.imported(*rows, now=LATER).counts

    assert counts["units"] == {"new": 0, "changed": 0, "unchanged": 5}
    assert counts["people"] == {"new": 0, "changed": 0, "unchanged": 4, "left": 0}
    assert counts["addresses"] == {"new": 0, "changed": 0, "unchanged": 3, "removed": 0}
    assert counts["appointments"] == {"new": 0, "changed": 0, "unchanged": 4, "ended": 0}
    assert (people(), addresses(), appointments()) == before


def test_a_failure_half_way_leaves_nothing() -> None:
    record = planned(make.appointed("1"))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE consult_appointment ADD CONSTRAINT broken CHECK (role <> 'local')")

    with pytest.raises(IntegrityError), transaction.atomic():
        importing.apply(record.pk, NOW)

    assert (Unit.objects.count(), Person.objects.count(), Address.objects.count()) == (0, 0, 0)
    record.refresh_from_db()
    assert record.applied_at is None
    assert record.content is not None


def test_a_dropped_plan_cannot_be_applied() -> None:
    record = planned(make.appointed("1", **{"e-post": "kari@"}))

    assert importing.drop(record.pk) is True
    assert importing.drop(record.pk) is False

    record.refresh_from_db()
    assert record.content is None
    assert record.plan["problems"][0]["value"] == ""
    with translation.override("en"), pytest.raises(importing.NothingToApply) as refusal:
        importing.apply(record.pk, NOW)
    assert refusal.value.reason == "This plan was dropped. Upload the file again."


def test_an_applied_plan_cannot_be_dropped() -> None:
    record = planned(make.appointed("1"))
    importing.apply(record.pk, NOW)

    assert importing.drop(record.pk) is False


def test_plans_nobody_applies_are_dropped_after_a_week() -> None:
    old = planned(make.appointed("1"))
    young = planned(make.appointed("1"), now=NOW + timedelta(days=1))

    assert importing.drop_forgotten(NOW + timedelta(days=7, hours=1)) == 1

    old.refresh_from_db()
    young.refresh_from_db()
    assert old.content is None
    assert young.content is not None


def test_a_plan_that_would_now_do_more_than_it_showed_is_refused() -> None:
    make.imported(make.appointed("1"))
    record = planned(make.appointed("1"))
    Person.objects.update(given_name="Endret")

    with translation.override("en"), pytest.raises(importing.PlanOutdated) as refusal:
        importing.apply(record.pk, NOW)

    assert refusal.value.reason == "The register has changed since this plan was made. Upload the file again."
    assert Person.objects.get().given_name == "Endret"


def test_a_plan_that_has_come_true_meanwhile_is_applied() -> None:
    record = planned(make.appointed("1"))
    make.imported(make.appointed("1"))

    assert importing.apply(record.pk, NOW).counts["people"] == {"new": 0, "changed": 0, "unchanged": 1, "left": 0}
    assert Person.objects.count() == 1


def test_a_unit_that_went_away_since_the_plan_makes_it_outdated() -> None:
    make.imported(make.appointed("1"))
    record = planned(make.appointed("1"), make.appointed("2", enhetskode="k2"), units=[])
    Unit.objects.filter(code="k2").delete()

    with pytest.raises(importing.PlanOutdated):
        importing.apply(record.pk, NOW)

    assert people() == [("1", "Kari", "Åsheim")]


def test_the_number_of_statements_does_not_grow(django_assert_num_queries: Any) -> None:
    def statements(number: int) -> int:
        rows = [make.appointed(str(number * 10 + place)) for place in range(number)]
        record = planned(*rows)
        seen: list[str] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            seen.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            importing.apply(record.pk, NOW)
        return len(seen)

    make.imported(make.appointed("9"))
    assert statements(1) == statements(3)


# --- Two at once ------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same_plan", [True, False])
def test_two_at_once_do_not_double(same_plan: bool) -> None:
    rows = [make.appointed(str(number), **{"e-post": f"p{number}@medlem.example"}) for number in range(300)]
    first = planned(*rows)
    second = first if same_plan else planned(*rows)
    outcomes: list[importing.Outcome] = []
    together = threading.Barrier(2)

    def apply(record: RegisterImport) -> None:
        try:
            together.wait(10)
            outcomes.append(importing.apply(record.pk, NOW))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=apply, args=[record]) for record in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(outcomes) == 2
    assert (Person.objects.count(), Address.objects.count(), Appointment.objects.count()) == (300, 300, 300)
    assert Unit.objects.count() == 5
    assert sum(outcome.already for outcome in outcomes) == (1 if same_plan else 0)
    if not same_plan:
        assert sorted(outcome.counts["people"]["new"] for outcome in outcomes) == [0, 300]


@pytest.mark.django_db(transaction=True)
def test_an_import_waits_for_the_one_before_it() -> None:
    record = planned(make.appointed("1"))
    done = threading.Event()

    def apply() -> None:
        try:
            importing.apply(record.pk, NOW)
            done.set()
        finally:
            connections.close_all()

    thread = threading.Thread(target=apply)
    with transaction.atomic():
        register._take_turn()
        thread.start()
        assert not done.wait(0.5)
    thread.join(30)
    assert done.is_set()


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
