"""Results on the web: what is withheld, while a survey is open and after; and signing in."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consult.models import ParticipationReading
from tests import cast, make
from tests.consult.nav import Nav
from tests.consult.web.results import signed_in, text
from tests.page import parse

pytestmark = pytest.mark.django_db


@pytest.fixture
def regional(case: Nav) -> Client:
    return signed_in(make.granted(cast.regional_leader(), case.office))


# --- withheld ------------------------------------------------------------------------------------------------
def test_everything_withheld_looks_and_sounds_the_same(leader: Client) -> None:
    page = parse(leader.get("/results/nav-local/B2.stance/"))
    spoken = {
        str([(each.tag, each.text, each.attributes) for each in node.nodes()]) for node in page.all("span", "withheld")
    }
    assert len(spoken) == 1
    north = page.find(id="by-region").find("tbody").all("tr")[2]
    answered_yes = page.find(id="by-B3.stance").find("tbody").all("tr")[0]
    assert [cell.text for cell in north.children] == ["Nord"] + ["–withheld to protect anonymity"] * 4
    assert [cell.text for cell in answered_yes.children][1:] == ["–withheld to protect anonymity"] * 4


# --- before closing ------------------------------------------------------------------------------------------
def test_an_open_survey_shows_the_coarse_participation_and_nothing_else(leader: Client) -> None:
    survey = make.in_field("apen", state="open")
    make.asked(survey, size=733)
    make.release(survey, {"B1": {"yes": 641, "no": 10}}, responses=651)
    ParticipationReading.objects.create(survey=survey, read_on=make.OPENS.date(), percent=45)
    clock = {"raadslag.now": make.DURING}
    page = leader.get("/results/apen/", **clock)
    assert text(page) == (
        "Results Undersøkelsen apen Open until 15 March 2026 The answers are sealed Nobody sees any result before the "
        "survey is closed, 15 March 2026, 23:00: not you, not the staff. That is what those who answer have been "
        "promised. about 45% have answered so far Updated once a day, to the nearest five per cent, so that it says "
        "nothing about any one person."
    )
    for body in (page.content, leader.get("/results/", **clock).content):
        assert not re.search(rb"651|641|733|Release 1", body)
    assert leader.get("/results/apen/B1/", **clock).status_code == 404


def test_an_open_survey_without_a_reading_shows_no_number(leader: Client) -> None:
    survey = make.in_field("apen", state="open")
    make.asked(survey, size=733)
    page = text(leader.get("/results/apen/", **{"raadslag.now": make.DURING}))
    assert page.endswith("That is what those who answer have been promised.")


def test_between_deadline_and_release(leader: Client) -> None:
    make.asked(make.in_field("lukket"))
    assert "Results are being prepared" in text(leader.get("/results/lukket/"))


# --- rights --------------------------------------------------------------------------------------------------
def test_a_regional_leader_never_sees_another_region(case: Nav, leader: Client, regional: Client) -> None:
    words = ("Vest", "Nord", "vest", "nord", "17 of 33", "24 of 33", "small", "Vet ikke” to")
    pages = ("/results/", "/results/nav-local/", "/results/nav-local/B1.stance/", "/results/nav-local/B2.stance/",
             "/results/nav-local/region/", "/results/consultations/nav-2021/")  # fmt: skip

    def said(client: Client) -> set[str]:
        bodies = [client.get(page).content.decode() for page in pages]
        return {word for word in words if any(word in body for body in bodies)}

    assert said(leader) == {"Vest", "Nord", "17 of 33", "24 of 33", "small"}
    assert said(regional) == {"small"}
    assert "30 of 48" in regional.get("/results/nav-local/B1.stance/").content.decode()


def test_a_survey_of_another_region_is_unknown_to_a_regional_leader(
    case: Nav, leader: Client, regional: Client
) -> None:
    survey = make.in_field("vest-2026")
    make.asked(survey, case.west)
    make.release(survey, {"B1": {"yes": 10, "no": 10}})
    assert [client.get("/results/vest-2026/").status_code for client in (leader, regional)] == [200, 404]
    assert b"vest-2026" in leader.get("/results/").content
    assert b"vest-2026" not in regional.get("/results/").content
    unknown, foreign = (regional.get(f"/results/{code}/").content for code in ("ukjent-26", "vest-2026"))
    assert strip(unknown, b"ukjent-26") == strip(foreign, b"vest-2026")


def strip(body: bytes, *words: bytes) -> bytes:
    for word in (*words, *re.findall(rb'value="([A-Za-z0-9]{64})"', body)):
        body = body.replace(word, b"")
    return body


# --- cost ----------------------------------------------------------------------------------------------------
def test_a_page_costs_the_same_cold_and_less_warm(leader: Client) -> None:
    def cost(page: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert leader.get(page).status_code == 200
        return len(queries)

    pages = ("/results/nav-local/", "/results/nav-local/B1.stance/", "/results/nav-local/B6/")
    assert [cost(page) for page in pages] == [10, 8, 8]
    assert [cost(page) for page in pages] == [5, 5, 5]


# --- signing in ----------------------------------------------------------------------------------------------
def test_signing_in_by_user_name_leads_to_the_page_asked_for(case: Nav) -> None:
    make.granted(cast.leader(), case.union)
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    page = client.get("/accounts/login/?next=/results/nav-local/")
    main = parse(page).find("main")
    fields = {str(field.get("name")): field for field in main.all("input")}
    assert [main.all("label", for_=str(fields[name].get("id"))) != [] for name in ("login", "password")] == [True, True]
    answer = client.post(
        "/accounts/login/", {"login": "leader", "password": cast.PASSWORD, "next": fields["next"].get("value") or ""}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/results/nav-local/")


@pytest.mark.parametrize("login", ["leader", "nobody"])
def test_a_wrong_password_and_an_unknown_name_are_told_alike(case: Nav, login: str) -> None:
    cast.leader()
    page = Client(HTTP_ACCEPT_LANGUAGE="en").post("/accounts/login/", {"login": login, "password": "wrong"})
    assert parse(page).find(role="alert").text == (
        "You were not signed in The username and/or password you specified are not correct."
    )


def test_what_is_missing_is_said_at_the_field() -> None:
    page = parse(Client(HTTP_ACCEPT_LANGUAGE="en").post("/accounts/login/", {}))
    fields = page.all("input", aria_invalid="true")
    told = [page.find(id=str(field.get("aria-describedby"))).text for field in fields]
    assert ([field.get("name") for field in fields], told) == (["login", "password"], ["This field is required."] * 2)


def test_signing_out_asks_first(leader: Client) -> None:
    assert leader.get("/accounts/logout/").status_code == 200
    assert leader.get("/results/").status_code == 200
    assert leader.post("/accounts/logout/").status_code == 302
    assert leader.get("/results/").status_code == 302
