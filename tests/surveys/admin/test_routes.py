"""The page with the map of an edition's routing."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from surveys.models import Edition
from tests import cast, make
from tests.page import parse

pytestmark = pytest.mark.django_db


def signed_in(user: object) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def routed(code: str = "ruter", *, lost: bool = False) -> Edition:
    conditions = [{"source": "Q1", "option": "yes"}, *([{"source": "Q1", "option": "no"}] if lost else [])]
    return make.loaded(
        code, [make.asking("Q1")], [make.asking("Q2", text={"nb": "<b>Hva?</b>"}, conditions=conditions)]
    )


def page_of(edition: Edition) -> str:
    return reverse("admin:surveys_edition_map", args=[edition.pk])


def test_the_map_draws_and_says_what_decides_on_what() -> None:
    page = parse(signed_in(cast.designer()).get(page_of(routed())))
    assert [stop.text for stop in page.find("svg", "routing-map").all("text")] == ["Q1", "Q2"]
    assert len(page.find("svg", "routing-map").all("path")) == 1
    rows = [[cell.text for cell in row.all("td")] for row in page.find("table", "rows").all("tr")[1:]]
    assert rows == [["Del 1", "Always", "Q2"], ["Del 2", "Only if Q1 is “Yes”", "–"]]
    assert page.all("b") == []
    assert [item.text for item in page.all("ul", "reasons")] == ["After “No” on Q1 nothing more is asked."]


def test_what_nobody_can_reach_stands_first() -> None:
    page = parse(signed_in(cast.designer()).get(page_of(routed(lost=True))))
    assert page.find("ul", "reasons").text == "Q2 can never be asked: its conditions cannot hold together."
    assert [stop.text for stop in page.all("text", "stop-lost")] == ["✕ Q2"]


def test_without_conditions_everyone_is_asked_everything() -> None:
    page = parse(signed_in(cast.designer()).get(page_of(make.loaded("flatt", [make.asking("Q1")]))))
    assert page.all("svg", "routing-map") == []
    assert "Everyone is asked everything" in page.find("div", "sheet").text


def test_the_questionnaires_page_leads_there() -> None:
    edition = routed()
    page = parse(
        signed_in(cast.designer()).get(reverse("admin:surveys_questionnaire_change", args=[edition.questionnaire_id]))
    )
    assert len(page.all("a", href=page_of(edition))) == 1


def test_who_may_look_and_how() -> None:
    edition = routed()
    designer = signed_in(cast.designer())
    assert designer.post(page_of(edition)).status_code == 405
    assert designer.get(reverse("admin:surveys_edition_map", args=[999_999])).status_code == 404
    assert signed_in(cast.coder()).get(page_of(edition)).status_code == 403
    assert Client().get(page_of(edition)).status_code == 302


def test_the_number_of_queries_does_not_follow_the_questions() -> None:
    designer = signed_in(cast.designer())
    counts = []
    for number in (1, 3):
        edition = make.loaded(f"n{number}", *([make.asking(f"Q{n}")] for n in range(number)))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert designer.get(page_of(edition)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
