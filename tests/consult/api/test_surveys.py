"""The read-only API, through its own door."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consult import granting
from consult.models import ApiToken, Grant, User
from surveys.models import Release
from tests import cast, make
from tests.consult.nav import Nav, nav

pytestmark = pytest.mark.django_db

LIST = "/api/v1/surveys/"
LOCAL = "/api/v1/surveys/nav-local/"
RESULTS = "/api/v1/surveys/nav-local/results/"
ADDRESSES = [LIST, LOCAL, f"{RESULTS}?variable=B2.stance"]


def caller(user: User, keyword: str = "Bearer") -> Client:
    return Client(HTTP_AUTHORIZATION=f"{keyword} {granting.create_token(user, make.AFTER)}", HTTP_ACCEPT_LANGUAGE="en")


@pytest.fixture
def case() -> Nav:
    return nav()


@pytest.fixture
def leader(case: Nav) -> Client:
    return caller(make.granted(cast.leader(), case.union))


@pytest.fixture
def regional(case: Nav) -> Client:
    return caller(make.granted(cast.regional_leader(), case.office))


def cells(response) -> list[tuple[str, str | None, int | None, float | None, bool]]:
    return [tuple(cell.values()) for cell in response.json()["cells"]]


# --- keys ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ADDRESSES)
def test_without_a_key(client: Client, case: Nav, address: str) -> None:
    response = client.get(address, HTTP_ACCEPT_LANGUAGE="en")
    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer realm="api"')
    assert response.json() == {"detail": "Authentication credentials were not provided."}


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer rsl_x",
        "Bearer rsl_" + "a" * 43,
        "Token nonsense",
        "Bearer a b",
        "Bearer rsl_" + "\xff" * 43,
    ],
)
def test_with_a_key_that_is_none(client: Client, case: Nav, header: str) -> None:
    response = client.get(LIST, HTTP_AUTHORIZATION=header, HTTP_ACCEPT_LANGUAGE="en")
    assert (response.status_code, response.json()) == (401, {"detail": "This API key is not valid."})


@pytest.mark.parametrize("header", ["Basic bGVhZGVyOng=", "rsl_" + "a" * 43, "", "Digest x"])
def test_with_another_way_of_saying_who_one_is(client: Client, case: Nav, header: str) -> None:
    assert client.get(LIST, HTTP_AUTHORIZATION=header).status_code == 401


def test_a_signed_in_browser_is_no_key(case: Nav) -> None:
    client = Client()
    client.force_login(make.granted(cast.leader(), case.union))
    assert client.get(LIST).status_code == 401


@pytest.mark.parametrize("keyword", ["Bearer", "bearer", "Token", "TOKEN"])
def test_with_a_key(case: Nav, keyword: str) -> None:
    assert caller(make.granted(cast.leader(), case.union), keyword).get(LIST).status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_key_without_a_grant(case: Nav, address: str) -> None:
    response = caller(cast.leader()).get(address)
    assert (response.status_code, response.json()) == (
        403,
        {"detail": "You have not been given access to any results."},
    )


def test_keys_and_grants_that_are_withdrawn_stop_at_once(case: Nav) -> None:
    user = make.granted(cast.leader(), case.union)
    client = caller(user)
    assert client.get(LOCAL).status_code == 200
    Grant.objects.all().delete()
    assert client.get(LOCAL).status_code == 403
    make.granted(user, case.east)
    assert client.get(LOCAL).status_code == 200
    granting.revoke(ApiToken.objects.get().pk, make.AFTER)
    assert client.get(LOCAL).status_code == 401
    client = caller(user)
    User.objects.update(is_active=False)
    assert client.get(LOCAL).status_code == 401


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_changed_here(leader: Client, address: str, method: str) -> None:
    assert getattr(leader, method)(address).status_code == 405


# --- the list ------------------------------------------------------------------------------------------------


def test_the_surveys_by_code(case: Nav, leader: Client) -> None:
    release = Release.objects.get(survey=case.local)
    body = leader.get(LIST).json()
    assert [row["code"] for row in body["results"]] == ["nav-chief", "nav-local"]
    assert (body["next"], body["previous"]) == (None, None)
    assert body["results"][1] == {
        "code": "nav-local",
        "title": "Nav-partnerskapet: plasstillitsvalgte",
        "state": "closed",
        "promise": "anonymous",
        "opens_at": "2026-03-01T09:00:00+01:00",
        "closes_at": "2026-03-15T23:00:00+01:00",
        "invited": 120,
        "responses": 85,
        "rate": 0.7083,
        "left_out": 0,
        "release": {"number": 1, "computed_at": "2026-03-15T23:00:01+01:00", "sha256": release.sha256},
    }


def test_a_page_at_a_time_at_the_same_cost(leader: Client) -> None:
    for number in range(120):
        make.in_field(f"serie-{number:03}")
    seen, costs, address = [], [], LIST
    while address:
        with CaptureQueriesContext(connection) as queries:
            body = leader.get(address).json()
        assert not any("OFFSET" in query["sql"] for query in queries)
        seen += [row["code"] for row in body["results"]]
        costs.append(len(queries))
        address = body["next"]
    assert seen == ["nav-chief", "nav-local", *(f"serie-{number:03}" for number in range(120))]
    assert costs == [4, 3]


@pytest.mark.parametrize("cursor", ["nonsense", "%00", "cD0lMDA=", "bz0tMQ==", "æ", ""])
def test_a_cursor_of_someone_s_own_making(leader: Client, cursor: str) -> None:
    assert leader.get(LIST, {"cursor": cursor}).status_code in (200, 404)
    assert leader.get(LIST, {"cursor": "nonsense"}).json() == {"detail": "Invalid cursor"}


# --- one survey ----------------------------------------------------------------------------------------------


def test_one_survey_with_its_variables(leader: Client) -> None:
    body = leader.get(LOCAL).json()
    assert [(row["variable"], row["by"]) for row in body["variables"]] == [
        ("B1", []),
        ("B1.stance", ["region", "size_band"]),
        ("B2.stance", ["B3.stance", "region"]),
        ("B3.stance", []),
        ("B6", []),
        ("region", []),
        ("size_band", []),
    ]
    assert body["variables"][0]["label"] == "Får brukerne bedre hjelp på grunn av partnerskapet?"


def test_a_survey_that_is_not_closed_shows_no_counts(leader: Client) -> None:
    survey = make.in_field("apen", state="open")
    make.asked(survey, size=733)
    make.release(survey, {"B1": {"yes": 641, "no": 10}}, responses=651)
    clock = {"raadslag.now": make.DURING}
    body = leader.get("/api/v1/surveys/apen/", **clock).json()
    assert {name: body[name] for name in ("state", "invited", "responses", "rate", "release", "variables")} == {
        "state": "open", "invited": None, "responses": None, "rate": None, "release": None, "variables": [],
    }  # fmt: skip
    results = leader.get("/api/v1/surveys/apen/results/?variable=B1", **clock)
    assert (results.status_code, results.json()) == (404, {"detail": "This survey has no released results."})


def test_withheld_counts_are_null(leader: Client) -> None:
    survey = make.in_field("liten")
    make.asked(survey, size=9)
    make.release(survey, {"B1": {"yes": None, "no": None}}, responses=None)
    body = leader.get("/api/v1/surveys/liten/").json()
    assert (body["invited"], body["responses"], body["rate"]) == (9, None, None)


@pytest.mark.parametrize(
    "code", ["ukjent", "NAV-LOCAL", "x" * 100, "%00", "%C3%A6", "a/b", "a%0Ab", "%0D", "nav-local%20", "results"]
)
def test_an_unknown_survey(leader: Client, code: str) -> None:
    for address in (f"/api/v1/surveys/{code}/", f"/api/v1/surveys/{code}/results/?variable=B1"):
        response = leader.get(address)
        assert (response.status_code, response.json()) == (404, {"detail": "There is no survey with this code."})


# --- results -------------------------------------------------------------------------------------------------


def test_a_table_of_the_whole(case: Nav, leader: Client) -> None:
    release = Release.objects.get(survey=case.local)
    assert leader.get(RESULTS, {"variable": "B2.stance"}).json() == {
        "survey": "nav-local",
        "release": {"number": 1, "computed_at": "2026-03-15T23:00:01+01:00", "sha256": release.sha256},
        "variable": "B2.stance",
        "by": None,
        "base": 85,
        "cells": [
            {"value": "yes", "by": None, "n": 44, "share": 0.5176, "withheld": False},
            {"value": "both", "by": None, "n": 23, "share": 0.2706, "withheld": False},
            {"value": "no", "by": None, "n": 18, "share": 0.2118, "withheld": False},
        ],
    }


def test_a_table_within_groups(leader: Client) -> None:
    response = leader.get(RESULTS, {"variable": "B2.stance", "by": "B3.stance"})
    assert (response.json()["by"], response.json()["base"]) == ("B3.stance", 79)
    assert cells(response)[:4] == [
        ("yes", "yes", None, None, True),
        ("both", "yes", None, None, True),
        ("no", "yes", None, None, True),
        ("yes", "no", 25, 0.7576, False),
    ]


@pytest.mark.parametrize(
    "query",
    [
        {"variable": "B9"},
        {"variable": "B1", "by": "region"},
        {"variable": "B1.stance", "by": "B9"},
        {"variable": "B1.stance", "by": "B1.stance"},
        {"variable": "B\0"},
        {"variable": "B1.stance", "by": "region\0"},
        {"variable": "æ"},
        {"variable": "x" * 500},
    ],
)
def test_unknown_and_undeclared_are_the_same(leader: Client, query: dict[str, str]) -> None:
    response = leader.get(RESULTS, query)
    assert (response.status_code, response.json()) == (404, {"detail": "The released results have no such table."})


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("", "The query parameter variable is missing."),
        ("?variable=", "The query parameter variable is missing."),
        ("?by=region", "The query parameter variable is missing."),
        ("?variable=B1.stance&by=", "The query parameter by is empty; leave it out for a table of the whole."),
        ("?variable=B1&filter=x", "Unknown query parameter: filter."),
        ("?variable=B1&format=csv", "Unknown query parameter: format."),
        ("?variable=B1&variable=B2.stance", "Query parameter given more than once: variable."),
    ],
)
def test_a_query_that_cannot_be_understood(leader: Client, query: str, detail: str) -> None:
    response = leader.get(RESULTS + query)
    assert (response.status_code, response.json()) == (400, {"detail": detail})


@pytest.mark.parametrize("address", [LIST, LOCAL])
def test_an_unknown_parameter_is_refused_everywhere(leader: Client, address: str) -> None:
    assert leader.get(address, {"since": "x"}).json() == {"detail": "Unknown query parameter: since."}


def test_a_survey_that_is_closed_but_not_released(leader: Client) -> None:
    make.in_field("lukket")
    response = leader.get("/api/v1/surveys/lukket/results/", {"variable": "B1"})
    assert (response.status_code, response.json()) == (404, {"detail": "This survey has no released results."})


def test_json_whatever_is_asked_for(leader: Client) -> None:
    for accept in ("text/html", "application/xml", "*/*", "nonsense"):
        response = leader.get(LOCAL, HTTP_ACCEPT=accept)
        assert (response.status_code, response["Content-Type"]) == (200, "application/json")


def test_a_table_costs_the_same_whatever_its_size(leader: Client) -> None:
    costs = []
    for query in ({"variable": "B6"}, {"variable": "B1.stance", "by": "region"}):
        with CaptureQueriesContext(connection) as queries:
            leader.get(RESULTS, query)
        costs.append(len(queries))
    # The key, the rights (three for a leader: none by role, one walk), the survey, its release, table, cells.
    assert costs == [6, 6]


# --- rights --------------------------------------------------------------------------------------------------


def test_a_regional_leader_gets_the_whole_and_the_own_region(regional: Client) -> None:
    assert cells(regional.get(RESULTS, {"variable": "B1.stance"}))[0] == ("yes", None, 47, 0.5529, False)
    assert cells(regional.get(RESULTS, {"variable": "B1.stance", "by": "region"})) == [
        ("yes", "oest", 30, 0.625, False),
        ("both", "oest", 11, 0.2292, False),
        ("no", "oest", 7, 0.1458, False),
    ]
    assert cells(regional.get(RESULTS, {"variable": "region"})) == [("oest", None, 48, 0.5647, False)]
    for by in ("size_band", "B3.stance"):
        assert regional.get(RESULTS, {"variable": "B2.stance", "by": by}).status_code == 404
    variables = regional.get(LOCAL).json()["variables"]
    assert {by for row in variables for by in row["by"]} == {"region"}


def test_a_leader_outside_every_region_gets_the_whole_only(case: Nav) -> None:
    client = caller(make.granted(cast.leader(), make.unit("stab", "operating_unit", case.union)))
    assert client.get(RESULTS, {"variable": "B1.stance"}).status_code == 200
    unseen = [{"variable": "B1.stance", "by": "region"}, {"variable": "region"}]
    assert [client.get(RESULTS, query).status_code for query in unseen] == [404, 404]
    assert [row["variable"] for row in client.get(LOCAL).json()["variables"]][-1] == "size_band"


def test_a_survey_of_another_region_is_unknown(case: Nav, leader: Client, regional: Client) -> None:
    survey = make.in_field("vest-2026")
    make.asked(survey, case.west)
    make.release(survey, {"B1": {"yes": 10, "no": 10}})
    assert "vest-2026" in [row["code"] for row in leader.get(LIST).json()["results"]]
    assert "vest-2026" not in [row["code"] for row in regional.get(LIST).json()["results"]]
    assert regional.get("/api/v1/surveys/vest-2026/").json() == regional.get("/api/v1/surveys/ukjent/").json()
