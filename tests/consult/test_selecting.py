"""Audiences: who is chosen, what is frozen, and what can no longer change."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from consult import importing, selecting
from consult.models import Address, Audience, Invitation, Person, Stratum, Unit
from surveys.fielding import FactPlan
from tests import make
from tests.together import together

pytestmark = pytest.mark.django_db

NOW = make.OPENS

ROLE = FactPlan("role", {"nb": "Verv"}, [(code, {"nb": code}) for code in ("chief", "deputy", "local", "member")])
REGION = FactPlan("region", {"nb": "Region"}, [(code, {"nb": code}) for code in ("nord", "vest", "ost", "sor")])
SIZE = FactPlan("size_band", {"nb": "Størrelse"}, [(code, {"nb": code}) for code in ("small", "medium", "large")])
HOST = FactPlan("host_municipality", {"nb": "Vertskommune"}, [("yes", {"nb": "Ja"}), ("no", {"nb": "Nei"})])
EVERY = [ROLE, REGION, SIZE, HOST]

REFERENCE = Path(importing.__file__).parents[1] / "reference" / "register-2021.csv"
SEPTEMBER = datetime(2021, 9, 1, 8, tzinfo=UTC)


def whole() -> Unit:
    union: Unit = Unit.objects.get(code="forbundet")
    return union


def audience(*roles: str, unit: str = "forbundet", facts: list[FactPlan] | None = None) -> Audience:
    survey = make.planned(facts=EVERY if facts is None else facts)
    return selecting.define(survey, roles or ["local"], Unit.objects.get(code=unit))


def frozen(*roles: str, unit: str = "forbundet", facts: list[FactPlan] | None = None) -> Audience:
    return selecting.freeze(audience(*roles, unit=unit, facts=facts), NOW)


def invited() -> dict[str, dict[str, str]]:
    return dict(Invitation.objects.values_list("person__number", "facts"))


def strata(audience: Audience) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in audience.strata.order_by("fact", "value"):
        found.setdefault(row.fact, {})[row.value] = row.size
    return found


def refusal(kind: type[selecting.CannotSelect], deed: Any, *arguments: Any) -> str:
    with translation.override("en"), pytest.raises(kind) as refused:
        deed(*arguments)
    return refused.value.reason


# --- Who is chosen ----------------------------------------------------------------------------------------


def test_only_the_roles_asked_for_and_only_below_the_unit() -> None:
    make.imported(
        make.appointed("1"),
        make.appointed("2", enhetskode="k2"),
        make.appointed("3", verv="medlem"),
        make.appointed("4", verv="HTV", enhetskode="drift"),
    )

    frozen("local", "chief", unit="drift")
    assert invited().keys() == {"1", "2", "4"}


def test_a_unit_leaves_out_what_lies_beside_it() -> None:
    make.imported(make.appointed("1"), make.appointed("2", enhetskode="k2"))

    assert selecting.count(audience("local", unit="k2"), NOW) == 1


@pytest.mark.parametrize(
    ("row", "chosen"),
    [
        ({}, True),
        ({"fra": "01.03.2026"}, True),
        ({"fra": "02.03.2026"}, False),
        ({"til": "01.03.2026"}, True),
        ({"til": "28.02.2026"}, False),
        ({"utmeldt": "02.03.2026"}, True),
        ({"utmeldt": "01.03.2026"}, False),
        ({"utmeldt": "28.02.2026"}, False),
    ],
)
def test_only_appointments_held_that_day_by_people_who_have_not_left(row: dict[str, str], chosen: bool) -> None:
    make.imported(make.appointed("1", **row), make.appointed("2"))
    before_midnight_in_norway = datetime(2026, 3, 1, 22, 59, tzinfo=UTC)

    assert selecting.count(audience("local"), before_midnight_in_norway) == 1 + chosen


def test_the_day_is_norways() -> None:
    make.imported(make.appointed("1", til="28.02.2026"), make.appointed("2"))
    after_midnight_in_norway = datetime(2026, 2, 28, 23, 1, tzinfo=UTC)

    assert selecting.count(audience("local"), after_midnight_in_norway) == 1


def test_two_matching_appointments_make_one_invitation_by_the_weightier() -> None:
    make.imported(
        make.appointed("1", enhetskode="k2"),
        make.appointed("1", verv="vara-HTV", enhetskode="drift"),
        make.appointed("2", enhetskode="k2"),
        make.appointed("2", enhetskode="k1"),
        make.appointed("3", verv="medlem", enhetskode="k1"),
        make.appointed("3", enhetskode="k2"),
    )

    result = frozen("local", "deputy", "member")

    assert result.size == 3
    assert invited() == {
        "1": {"role": "deputy", "region": "nord"},
        "2": {"role": "local", "region": "nord", "size_band": "small", "host_municipality": "yes"},
        "3": {"role": "local", "region": "nord", "size_band": "large", "host_municipality": "no"},
    }


def test_an_appointment_of_another_kind_does_not_count_in_the_choice() -> None:
    make.imported(make.appointed("1"), make.appointed("1", verv="HTV", enhetskode="drift"))

    frozen("local")
    assert invited()["1"]["role"] == "local"


# --- What is frozen ---------------------------------------------------------------------------------------


def test_freezing_makes_invitations_strata_and_size() -> None:
    make.imported(
        make.appointed("1"), make.appointed("2", enhetskode="k2"), make.appointed("3", verv="HTV", enhetskode="drift")
    )

    result = frozen("local", "chief")

    assert (result.size, result.frozen_at) == (3, NOW)
    assert strata(result) == {
        "role": {"chief": 1, "local": 2},
        "region": {"nord": 3},
        "size_band": {"large": 1, "small": 1},
        "host_municipality": {"no": 1, "yes": 1},
    }
    assert set(Invitation.objects.values_list("generation", "opted_out_at")) == {(1, None)}


def test_only_declared_facts_are_kept() -> None:
    make.imported(make.appointed("1"))

    result = frozen("local", facts=[REGION])
    assert invited() == {"1": {"region": "nord"}}
    assert strata(result) == {"region": {"nord": 1}}


def test_a_survey_without_facts_keeps_none() -> None:
    make.imported(make.appointed("1"))

    result = frozen("local", facts=[])
    assert invited() == {"1": {}}
    assert strata(result) == {}


def test_private_living_addresses_come_first() -> None:
    make.imported(
        make.appointed("1", **{"e-post": "a@jobb.example", "e-posttype": "arbeid"}),
        make.appointed("1", **{"e-post": "z@hjemme.example"}),
        make.appointed("2", **{"e-post": "b@jobb.example", "e-posttype": "arbeid"}),
        make.appointed("2", **{"e-post": "dod@hjemme.example"}),
        make.appointed("3", **{"e-post": "dod@medlem.example"}),
        make.appointed("4", **{"e-post": ""}),
    )
    Address.objects.filter(email__startswith="dod").update(dead_at=NOW)

    result = frozen("local")

    assert dict(Invitation.objects.values_list("person__number", "address__email")) == {
        "1": "z@hjemme.example", "2": "b@jobb.example", "3": None, "4": None,
    }  # fmt: skip
    assert (result.size, selecting.unreachable(result)) == (4, 2)


def test_an_address_that_dies_later_makes_its_person_unreachable() -> None:
    make.imported(make.appointed("1"))
    result = frozen("local")
    assert selecting.unreachable(result) == 0

    Address.objects.update(dead_at=NOW)

    assert selecting.unreachable(result) == 1


def test_selectors_are_random_over_all_64_bits() -> None:
    make.imported(*[make.appointed(str(number)) for number in range(400)])
    frozen("local")

    selectors = list(Invitation.objects.values_list("selector", flat=True))
    assert len(set(selectors)) == 400
    for bit in range(64):
        # 200 ± 10 expected; outside 120-280 once in 10^15.
        assert 120 < sum(selector >> bit & 1 for selector in selectors) < 280
    hexes = [row.hex for row in Invitation.objects.values_list("id", flat=True)]
    assert {row[12] for row in hexes} == {"4"}
    assert len(set(hexes)) == 400


def test_a_frozen_audience_stays_as_it_was() -> None:
    make.imported(make.appointed("1"))
    result = frozen("local")
    before = list(Invitation.objects.values())
    make.imported(make.appointed("2"))

    reason = refusal(selecting.AlreadyFrozen, selecting.freeze, result, NOW + timedelta(days=1))

    assert reason == "The invitations have already been made."
    assert list(Invitation.objects.values()) == before
    assert selecting.count(result, NOW + timedelta(days=1)) == 1
    result.refresh_from_db()
    assert (result.size, result.frozen_at) == (1, NOW)


def test_a_stale_copy_of_the_audience_cannot_freeze_twice() -> None:
    make.imported(make.appointed("1"))
    stale = audience("local")
    selecting.freeze(Audience.objects.get(), NOW)

    refusal(selecting.AlreadyFrozen, selecting.freeze, stale, NOW)
    assert Invitation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_freeze_at_once_make_one_set_of_invitations() -> None:
    make.imported(*[make.appointed(str(number)) for number in range(200)])
    both = audience("local")

    outcomes = together([partial(selecting.freeze, both, NOW)] * 2)

    assert {type(outcome) for outcome in outcomes} == {Audience, selecting.AlreadyFrozen}
    assert Invitation.objects.count() == 200
    assert Stratum.objects.filter(fact="role").get().size == 200


# --- What is refused --------------------------------------------------------------------------------------


def test_nobody_to_invite() -> None:
    make.imported(make.appointed("1"))
    nobody = audience("chief")

    reason = refusal(selecting.EmptyAudience, selecting.freeze, nobody, NOW)

    assert reason == "Nobody holds such an appointment there now, so there is nobody to invite."
    nobody.refresh_from_db()
    assert (nobody.frozen_at, nobody.size) == (None, None)
    assert selecting.count(nobody, NOW) == 0


def test_a_fact_the_register_does_not_know() -> None:
    make.imported(make.appointed("1"))
    asked = audience("local", facts=[ROLE, FactPlan("shoe_size", {"nb": "Sko"}, [("40", {"nb": "40"})])])

    assert refusal(selecting.UnknownFact, selecting.freeze, asked, NOW) == "The register does not know: shoe_size."
    assert Invitation.objects.count() == 0


def test_a_value_the_survey_does_not_declare() -> None:
    make.imported(make.appointed("1"), make.appointed("2", verv="HTV", enhetskode="drift"))
    asked = audience("local", "chief", facts=[FactPlan("role", {"nb": "Verv"}, [("local", {"nb": "PTV"})])])

    assert refusal(selecting.UnknownFact, selecting.freeze, asked, NOW) == (
        "The survey does not declare these values, which some people have: role = chief."
    )
    assert (Invitation.objects.count(), Stratum.objects.count()) == (0, 0)
    asked.refresh_from_db()
    assert asked.frozen_at is None


@pytest.mark.parametrize("roles", [[], ["king"], ["local", "king"]])
def test_roles_that_do_not_exist(roles: list[str]) -> None:
    make.imported()

    assert refusal(selecting.CannotSelect, selecting.define, make.planned(), roles, whole()) == (
        "Choose at least one kind of appointment."
    )
    assert Audience.objects.count() == 0


def test_who_is_asked_can_be_said_again_until_frozen() -> None:
    make.imported(make.appointed("1"), make.appointed("2", verv="HTV", enhetskode="drift"))
    first = audience("local")
    again = selecting.define(first.survey, ["chief"], Unit.objects.get(code="drift"))
    assert (again.pk, again.roles, again.unit.code) == (first.pk, ["chief"], "drift")

    selecting.freeze(again, NOW)

    reason = refusal(selecting.AlreadyFrozen, selecting.define, first.survey, ["local"], whole())
    assert reason == "The invitations have been made; who is asked can no longer be changed."
    assert Audience.objects.get().roles == ["chief"]


# --- Cost, and the reference case -------------------------------------------------------------------------


def test_the_number_of_statements_does_not_grow(django_assert_num_queries: Any) -> None:
    make.imported(make.appointed("1"), *[make.appointed(str(number), verv="medlem") for number in (2, 3, 4)])
    one, three = audience("local"), selecting.define(make.planned("other", facts=EVERY), ["member"], whole())

    with django_assert_num_queries(17):
        assert selecting.freeze(one, NOW).size == 1
    with django_assert_num_queries(17):
        assert selecting.freeze(three, NOW).size == 3
    for audience_again in (one, three):
        with django_assert_num_queries(1):
            assert selecting.unreachable(audience_again) == 0


def reference(*roles: str, code: str) -> Audience:
    return selecting.define(make.planned(code, facts=EVERY), roles, whole())


def test_the_reference_register_gives_20_and_85() -> None:
    importing.apply(importing.plan(REFERENCE.read_bytes(), REFERENCE.name, SEPTEMBER).pk, SEPTEMBER)

    chiefs = selecting.freeze(reference("chief", "deputy", code="a"), SEPTEMBER)
    locals_ = selecting.freeze(reference("local", code="b"), SEPTEMBER)

    assert strata(chiefs) == {
        "role": {"chief": 12, "deputy": 8}, "region": {"nord": 5, "ost": 5, "sor": 5, "vest": 5},
    }  # fmt: skip
    assert (locals_.size, selecting.unreachable(chiefs), selecting.unreachable(locals_)) == (85, 0, 0)
    assert strata(locals_)["host_municipality"] == {"no": 64, "yes": 21}
    rows = list(locals_.survey.invitations.values_list("facts", flat=True))
    groups = Counter((facts["region"], facts["size_band"]) for facts in rows)
    assert sorted(groups.values()) == [7] * 11 + [8]
    hosts = Counter(facts["region"] for facts in rows if facts["host_municipality"] == "yes")
    assert hosts == {"nord": 5, "vest": 5, "ost": 5, "sor": 6}
    assert not set(chiefs.survey.invitations.values_list("person")) & set(
        locals_.survey.invitations.values_list("person")
    )


def test_the_reference_register_holds_messes_that_do_not_change_the_counts() -> None:
    importing.apply(importing.plan(REFERENCE.read_bytes(), REFERENCE.name, SEPTEMBER).pk, SEPTEMBER)

    assert Person.objects.filter(left_on__isnull=False).count() == 1
    assert Person.objects.filter(appointments__role="member").count() == 1
    assert Person.objects.filter(appointments__ends_on__isnull=False).count() == 3
    assert sorted(Counter(Address.objects.values_list("person", flat=True)).values())[-2:] == [1, 2]
    assert all(email.endswith(".example") for email in Address.objects.values_list("email", flat=True))
