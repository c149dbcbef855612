"""Results on the web: what the pages say."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from surveys.models import Closing, Release
from tests import cast, make
from tests.consult.nav import LABELS, Nav
from tests.consult.web.results import PAGES, signed_in, text
from tests.page import parse

pytestmark = pytest.mark.django_db


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
