"""What a register file does to the register: planned, then applied whole or not at all."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import translation

from consult import importing
from consult.importing import register
from consult.models import Address, Appointment, Person, RegisterImport, Unit
from tests import make
from tests.together import together

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

    outcomes = together([partial(importing.apply, record.pk, NOW) for record in (first, second)])

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
