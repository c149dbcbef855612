"""Who may see which results."""

from __future__ import annotations

import hashlib

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consult import granting
from consult.granting import Scope
from consult.models import ApiToken, Grant, User
from tests import cast, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def units() -> dict[str, object]:
    union = make.unit()
    east, west = make.unit("oest", "region", union), make.unit("vest", "region", union)
    drift = make.unit("oest-drift", "operating_unit", east)
    return {
        "union": union, "east": east, "west": west, "drift": drift,
        "office": make.unit("oest-kontor", "office", drift),
        "apart": make.unit("stab", "operating_unit", union),
    }  # fmt: skip


def test_staff_with_the_right_see_everything() -> None:
    user = cast.outsider()
    user.user_permissions.add(Permission.objects.get(codename="view_release"))
    assert granting.scope(User.objects.get(pk=user.pk)) == Scope(everything=True)


def test_staff_without_the_right_see_nothing() -> None:
    assert granting.scope(cast.outsider()) is None


def test_the_right_without_being_staff_is_nothing() -> None:
    user = cast.leader()
    user.user_permissions.add(Permission.objects.get(codename="view_release"))
    assert granting.scope(User.objects.get(pk=user.pk)) is None


def test_a_superuser_sees_everything() -> None:
    assert granting.scope(User.objects.create_superuser("root", password=cast.PASSWORD)) == Scope(everything=True)


def test_nobody_signed_in_and_nobody_granted_see_nothing() -> None:
    assert [granting.scope(user) for user in (AnonymousUser(), None, cast.leader())] == [None, None, None]


def test_a_grant_at_the_union_is_everything(units) -> None:
    assert granting.scope(make.granted(cast.leader(), units["union"])) == Scope(everything=True)


@pytest.mark.parametrize("unit", ["east", "drift", "office"])
def test_a_grant_at_a_region_or_below_is_that_region(units, unit: str) -> None:
    below = frozenset(units[name].pk for name in ("east", "drift", "office"))
    expected = Scope(regions=frozenset({"oest"}), units=below)
    assert granting.scope(make.granted(cast.regional_leader(), units[unit])) == expected


def test_two_grants_are_two_regions(units) -> None:
    user = make.granted(make.granted(cast.regional_leader(), units["east"]), units["west"])
    scope = granting.scope(user)
    assert scope is not None
    assert scope.regions == {"oest", "vest"}


def test_a_grant_outside_every_region_is_the_whole_only(units) -> None:
    assert granting.scope(make.granted(cast.regional_leader(), units["apart"])) == Scope()


def test_a_withdrawn_grant_and_a_user_switched_off_are_nothing_at_once(units) -> None:
    user = make.granted(cast.leader(), units["union"])
    assert granting.scope(user) == Scope(everything=True)
    Grant.objects.all().delete()
    assert granting.scope(user) is None
    make.granted(user, units["union"])
    user.is_active = False
    assert granting.scope(user) is None


def test_a_scope_costs_one_statement_for_a_leader_however_many_units(units) -> None:
    user = make.granted(cast.leader(), units["east"])
    counts = []
    for number in range(2):
        for extra in range(3):
            make.unit(f"u{number}-{extra}", "office", units["east"])
        with CaptureQueriesContext(
            connection,
        ) as queries:
            granting.scope(user)
        counts.append(len(queries))
    assert counts == [1, 1]


def test_a_scope_only_takes_away() -> None:
    east = Scope(regions=frozenset({"oest"}))
    asked = [("B1", "yes", "", ""), ("B1", "yes", "region", "oest"), ("B1", "yes", "region", "vest"),
             ("B1", "yes", "region", "merged"), ("B1", "yes", "region", ""), ("B1", "yes", "role", "chief"),
             ("B1", "yes", "B2", "yes"), ("region", "oest", "", ""), ("region", "vest", "", "")]  # fmt: skip
    assert [east.sees_cell(*each) for each in asked] == [True, True, False, False, False, False, False, True, False]
    assert [Scope().sees_cell(*each) for each in asked] == [True] + [False] * 8
    assert all(Scope(everything=True).sees_cell(*each) for each in asked)


def test_scopes_have_one_key_each() -> None:
    scopes = [
        Scope(everything=True),
        Scope(),
        Scope(regions=frozenset({"oest"})),
        Scope(regions=frozenset({"oest", "vest"})),
    ]
    assert len({scope.key for scope in scopes}) == 4
    assert Scope(regions=frozenset({"vest", "oest"})).key == scopes[3].key


def test_a_survey_of_another_region_is_not_seen(units) -> None:
    everyone, east, west, unasked = (make.in_field(code) for code in ("alle", "oest-2026", "vest-2026", "ingen"))
    make.asked(everyone)
    make.asked(east, units["drift"])
    make.asked(west, units["west"])
    planned = make.in_field("planlagt", state="planned")
    make.asked(planned)
    scope = granting.scope(make.granted(cast.regional_leader(), units["office"]))
    assert scope is not None
    assert {survey.code for survey in granting.surveys(scope)} == {"alle", "oest-2026"}
    assert {survey.code for survey in granting.surveys(Scope())} == {"alle"}
    assert {survey.code for survey in granting.surveys(Scope(everything=True))} == {
        "alle",
        "oest-2026",
        "vest-2026",
        "ingen",
    }
    assert unasked.code == "ingen"


def test_a_token_is_long_and_only_its_hash_is_kept() -> None:
    token = granting.create_token(cast.leader(), make.AFTER)
    row = ApiToken.objects.get()
    assert (token[:4], len(token), row.sha256) == ("rsl_", 47, hashlib.sha256(token.encode()).hexdigest())
    assert row.created_at == make.AFTER


def test_a_token_finds_its_user_until_it_is_revoked() -> None:
    user = cast.leader()
    first, second = (granting.create_token(user, make.AFTER) for _ in range(2))
    assert (granting.user_of_token(first), granting.user_of_token(second)) == (user, user)
    row = ApiToken.objects.order_by("pk").first()
    assert row is not None
    assert [granting.revoke(row.pk, make.AFTER) for _ in range(2)] == [True, False]
    assert (granting.user_of_token(first), granting.user_of_token(second)) == (None, user)


def test_a_token_of_a_user_switched_off_finds_nobody() -> None:
    user = cast.leader()
    token = granting.create_token(user, make.AFTER)
    User.objects.update(is_active=False)
    assert granting.user_of_token(token) is None


@pytest.mark.parametrize(
    "token", ["", "rsl_", "rsl_" + "a" * 43, "x" * 47, "rsl_" + "a" * 42 + "\0", "rsl_" + "æ" * 43]
)
def test_nonsense_is_nobodys_token(token: str) -> None:
    granting.create_token(cast.leader(), make.AFTER)
    assert granting.user_of_token(token) is None
