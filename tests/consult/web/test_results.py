"""The pages for leadership, through the browser's door."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consult.models import Grant, ParticipationReading, User
from surveys.models import Closing, Release
from tests import cast, make
from tests.consult.nav import LABELS, Nav, nav
from tests.page import parse

pytestmark = pytest.mark.django_db

PAGES = [
    "/results/",
    "/results/nav-local/",
    "/results/nav-local/B1.stance/",
    "/results/nav-local/role-or-none/",
    "/results/consultations/nav-2021/",
]


@pytest.fixture
def case() -> Nav:
    return nav()


@pytest.fixture
def leader(case: Nav) -> Client:
    return signed_in(make.granted(cast.leader(), case.union))


@pytest.fixture
def regional(case: Nav) -> Client:
    return signed_in(make.granted(cast.regional_leader(), case.office))


def signed_in(user: User) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    return client


def text(response) -> str:
    """What the page says: words only, one blank between."""
    return parse(response).find("main").text


# --- the door ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_nobody_is_let_in_without_signing_in(client: Client, case: Nav, page: str) -> None:
    response = client.get(page)
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={page}")


@pytest.mark.parametrize("page", PAGES)
def test_nobody_sees_anything_without_a_grant(case: Nav, page: str) -> None:
    for user in (cast.leader(), cast.outsider(), cast.designer()):
        response = signed_in(user).get(page)
        assert response.status_code == 403
        assert b"nav-local" not in response.content.replace(page.encode(), b"")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_changed_here(leader: Client, page: str, method: str) -> None:
    assert getattr(leader, method)(page).status_code == 405


@pytest.mark.parametrize(
    "page",
    [
        "/results/ukjent/",
        "/results/nav-local/B9/",
        "/results/nav-local/B1.stance%00/",
        "/results/nav-local/%C3%A6/",
        "/results/nav-local/" + "x" * 200 + "/",
        "/results/ukjent/B1/",
        "/results/consultations/ukjent/",
        "/results/nav%20local/",
        "/results/nav-local/B1.stance/mer/",
    ],
)
def test_what_there_is_not(leader: Client, page: str) -> None:
    assert leader.get(page).status_code == 404


def test_a_withdrawn_grant_and_a_switched_off_account_are_out_at_once(case: Nav) -> None:
    user = make.granted(cast.leader(), case.union)
    client = signed_in(user)
    assert client.get("/results/nav-local/").status_code == 200
    Grant.objects.all().delete()
    assert client.get("/results/nav-local/").status_code == 403
    make.granted(user, case.union)
    User.objects.update(is_active=False)
    assert client.get("/results/nav-local/").status_code == 302


def test_staff_with_the_right_see_results(case: Nav) -> None:
    user = cast.outsider()
    user.user_permissions.add(Permission.objects.get(codename="view_release"))
    assert signed_in(user).get("/results/nav-local/").status_code == 200


def test_pages_are_kept_by_nobody_and_say_nothing_inline(leader: Client) -> None:
    for page in PAGES[:3]:
        response = leader.get(page)
        assert "no-store" in response["Cache-Control"]
        assert not re.search(rb"<style|<script|\sstyle=|\son[a-z]+=", response.content)


def test_the_root_leads_to_the_results(client: Client) -> None:
    assert client.get("/")["Location"] == "/results/"


# --- what is shown -------------------------------------------------------------------------------------------


def test_the_list(leader: Client) -> None:
    page = text(leader.get("/results/"))
    assert page == (
        "Results Nav-partnerskapet 2021 Slik virker det. "
        "Nav-partnerskapet: hovedtillitsvalgte Closed 15 March 2026 80% 20 of the 25 who were invited answered "
        "Nav-partnerskapet: plasstillitsvalgte Closed 15 March 2026 71% 85 of the 120 who were invited answered "
        "Compare the groups"
    )


def test_an_empty_list(client: Client) -> None:
    page = text(signed_in(make.granted(cast.leader())).get("/results/"))
    assert page == "Results No survey has been opened yet. When one is closed, its results appear here."


def test_a_survey_says_every_published_figure_in_words_chart_and_table(leader: Client) -> None:
    response = leader.get("/results/nav-local/")
    page = parse(response)
    assert [each.text for each in page.all("p", "headline") if "headline-small" not in str(each.get("class"))] == [
        "47 of 85 said yes",
        "44 of 85 said yes",
        "46 of 85 said they don't know",
        "64 of 85 said no",
        "Of the 33 who answered “Nei” to B3, 25 said yes to B2",
    ]
    rows = [row.text for row in page.find(id="B1").find("tbody").all("tr")]
    assert rows == ["Yes 55% 47 of 85", "Both 27% 23 of 85", "No 18% 15 of 85"]
    assert len(page.all("svg", role="img")) == len(page.all("figure")) == 8


def test_answers_that_could_not_be_opened_are_told_with_the_results(case: Nav, leader: Client) -> None:
    sentence = "2 answers could not be opened when the survey closed, and are not in the figures."
    assert sentence not in text(leader.get("/results/nav-local/"))
    closed = Closing.objects.create(survey=case.local, started_at=make.AFTER, unreadable=2, left_out=2)
    cache.clear()
    assert sentence in text(leader.get("/results/nav-local/"))
    assert sentence not in text(leader.get("/results/nav-chief/"))
    # It is told with results only: never before they are out.
    Closing.objects.filter(pk=closed.pk).update(survey=make.in_field("uten", state="closed"))
    assert "could not be opened" not in text(leader.get("/results/uten/"))


def test_every_page_with_figures_says_which_release(case: Nav, leader: Client) -> None:
    release = Release.objects.get(survey=case.local)
    for page in ("/results/nav-local/", "/results/nav-local/B1.stance/", "/results/consultations/nav-2021/"):
        asides = [each.text for each in parse(leader.get(page)).all(class_="release")]
        assert any(f"Release 1 of 15 March 2026. Checksum {release.sha256[:12]}" in aside for aside in asides)


def test_a_variable_with_its_groups(leader: Client) -> None:
    page = parse(leader.get("/results/nav-local/B1.stance/"))
    assert [each.get("id") for each in page.all("section", "question")] == [None, "by-region", "by-size_band"]
    rows = [row.text for row in page.find(id="by-size_band").find("tbody").all("tr")]
    assert rows[:2] == [
        "Færre enn 20 ansatte 7 4 of 7 2 of 7 1 of 7",
        "20 til 59 ansatte 40 50% 20 of 40 30% 12 of 40 20% 8 of 40",
    ]


def test_names_for_machines_are_not_shown(leader: Client) -> None:
    page = parse(leader.get("/results/nav-local/B1.stance/"))
    assert page.find("title").text == "B1, coded – Nav-partnerskapet: plasstillitsvalgte – Rådslag"
    assert page.find("h1").text == f"B1, coded {LABELS['B1']}"
    assert [each.text for each in page.find(class_="same-question").all("a")] == [
        "B1: as ticked, before the texts were read"
    ]
    for address in PAGES[:3] + PAGES[4:]:
        shown = parse(leader.get(address)).find("main").text
        assert ".stance" not in shown
    # The address keeps the name.
    assert page.find("nav", class_="pager").find("a", rel="next").get("href") == "/results/nav-local/B2.stance/"


def test_tables_are_folded_beneath_their_charts_and_the_parts_are_listed_first(leader: Client) -> None:
    page = parse(leader.get("/results/nav-local/"))
    figures = page.all("figure")
    assert [[each.get("open") for each in figure.all("details")] for figure in figures] == [[None]] * 8
    assert [figure.find("summary").text[:22] for figure in figures] == ["The figures as a table"] * 8
    listed = [str(each.get("href")).removeprefix("#") for each in page.find("nav", class_="in-short").all("a")]
    assert listed == ["B1", "B2", "B3", "B6", "together", "who"]
    assert [len(page.all(id=each)) for each in listed] == [1] * 6


def test_each_cell_of_a_table_of_groups_names_its_column(leader: Client) -> None:
    """On a narrow screen the heading is not there to look up to."""
    table = parse(leader.get("/results/nav-local/B1.stance/")).find(id="by-size_band").find("table")
    heading = [cell.text for cell in table.find("thead").all("th")]
    assert heading[1:] == ["n", "Yes", "Both", "No"]
    for row in table.find("tbody").all("tr"):
        assert [cell.get("data-column") for cell in row.all("td")] == heading[1:]


def test_plain_words_before_the_term(leader: Client) -> None:
    card = parse(leader.get("/results/nav-local/")).find("section", aria_labelledby="participation")
    assert [part.text for part in card.children if part.tag == "p"][-1] == (
        "Of everyone who was invited, also those no letter reached."
    )
    assert "RR1 (AAPOR)" in card.find("details").text
    assert card.text.count("RR1") == 1


def test_the_findings_of_groups_stand_apart(leader: Client) -> None:
    page = parse(leader.get("/results/consultations/nav-2021/"))
    assert [[each.text for each in part.all("li")] for part in page.all("ul", class_="findings")] == [
        [
            "Nav-partnerskapet: hovedtillitsvalgte: 12 of 20 said no",
            "Nav-partnerskapet: plasstillitsvalgte: 47 of 85 said yes",
        ],
        [
            "Nav-partnerskapet: hovedtillitsvalgte: 14 of 20 said yes",
            "Nav-partnerskapet: plasstillitsvalgte: 46 of 85 said they don't know",
        ],
    ]


def test_labels_begin_with_a_capital(case: Nav, leader: Client) -> None:
    survey = make.in_field("roller", ["role"])
    make.asked(survey, role={"chief": 60, "local": 60})
    labels = {"role": "verv", "chief": "hovedtillitsvalgt", "local": "plasstillitsvalgt"}
    tables = {
        "B6": {"yes": 30, "no": 30},
        ("B6", "role"): {"chief": {"yes": 10, "no": 20}, "local": {"yes": 20, "no": 10}},
        "role": {"chief": 30, "local": 30},
    }
    make.release(survey, tables, responses=60, labels=labels)
    page = parse(leader.get("/results/roller/B6/"))
    group = page.find(id="by-role")
    assert [row.find("th").text for row in group.find("tbody").all("tr")] == ["Hovedtillitsvalgt", "Plasstillitsvalgt"]
    assert [each.text for each in group.find("ul", class_="findings").all("li")] == [
        "Hovedtillitsvalgt: 10 of 30 said yes",
        "Plasstillitsvalgt: 20 of 30 said yes",
    ]
    assert group.find("desc").text.startswith("Hovedtillitsvalgt: ")
    assert group.find("h2").text == "By verv"


def test_a_comparison(leader: Client) -> None:
    page = parse(leader.get("/results/consultations/nav-2021/"))
    rows = [row.text for section in page.all("section", "question") for row in section.find("tbody").all("tr")]
    assert rows == [
        "Nav-partnerskapet: hovedtillitsvalgte 20 15% 3 of 20 25% 5 of 20 60% 12 of 20",
        "Nav-partnerskapet: plasstillitsvalgte 85 55% 47 of 85 27% 23 of 85 18% 15 of 85",
        "Nav-partnerskapet: hovedtillitsvalgte 20 70% 14 of 20 not offered 30% 6 of 20",
        "Nav-partnerskapet: plasstillitsvalgte 85 7% 6 of 85 54% 46 of 85 39% 33 of 85",
    ]


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_page_in_every_language(leader: Client, language: str) -> None:
    for page in (
        "/results/",
        "/results/nav-local/",
        "/results/nav-local/B2.stance/",
        "/results/consultations/nav-2021/",
    ):
        response = leader.get(page, HTTP_ACCEPT_LANGUAGE=language)
        assert (response.status_code, parse(response).find("html").get("lang")) == (200, language)


def test_ids_are_unique(leader: Client) -> None:
    for page in (
        "/results/",
        "/results/nav-local/",
        "/results/nav-local/B2.stance/",
        "/results/consultations/nav-2021/",
    ):
        ids = [str(each.get("id")) for each in parse(leader.get(page)).nodes() if each.get("id")]
        assert sorted(ids) == sorted(set(ids))


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
        "promised. about 45% have answered so far Told once a day, to the nearest five per cent, so that it says "
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
