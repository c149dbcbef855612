"""Surveys in the admin: results published, codebooks added, and what an open survey does not show."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from surveys import disclosing
from surveys.models import Approval, Codebook, Release
from tests import cast, make
from tests.make import AFTER, DURING, OPENS
from tests.surveys.admin.planning import ADD, deed, page_of, said, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _one_approval(settings: Any) -> None:
    settings.CLOSING_APPROVALS = 1


# --- Publishing results -----------------------------------------------------------------------------------
def test_results_are_published_once_the_survey_is_closed(planner: Client) -> None:
    survey = make.opened()
    voters = [make.voter(survey, role="local", region="north") for _ in range(6)]
    for voter in voters:
        make.answered(voter)

    early = planner.post(deed("release", survey), follow=True)
    assert said(early) == ["There are no results before the survey is closed."]
    assert Release.objects.count() == 0

    make.closed(survey, voters, cast.coder())
    response = planner.post(deed("release", survey), follow=True)
    assert said(response) == ["Release 1 is being computed. It appears below when it is ready."]
    disclosing.compute_waiting(AFTER)
    release = planner.get(page_of(survey)).context["standing"].releases[0]
    assert (release.number, release.responses, release.requested_by.username) == (1, 6, "designer")


def test_asking_again_while_one_waits_gives_that_one(planner: Client) -> None:
    survey = make.opened()
    make.closed(survey, [], cast.coder())

    planner.post(deed("release", survey))
    planner.post(deed("release", survey))

    assert Release.objects.count() == 1


def test_a_codebook_is_added_to_a_question_with_texts(planner: Client) -> None:
    survey = make.planned()
    third, second = (survey.edition.questions.get(code=code) for code in ("Q3", "Q2"))

    response = planner.post(deed("codebook", survey), {"question": third.pk}, follow=True)
    assert said(response) == ["The answers to Q3 will be coded."]

    for question in (second.pk, third.pk, "", "x"):
        response = planner.post(deed("codebook", survey), {"question": question}, follow=True)
        assert said(response) == ["Choose a question whose answers can be coded."]
    assert sorted(codebook.name for codebook in Codebook.objects.all()) == ["Q1.stance", "Q3.stance"]


# --- Reading ----------------------------------------------------------------------------------------------
def test_the_list_shows_the_state_at_the_time_of_the_request() -> None:
    make.opened()

    states = {
        now: signed_in(cast.designer(f"designer-{number}"), now).get(reverse("admin:surveys_survey_changelist"))
        for number, now in enumerate([OPENS - timedelta(days=1), DURING, AFTER])
    }

    for now, word in zip(states, ("Scheduled", "Open", "Closing"), strict=True):
        assert f">{word}<" in states[now].content.decode().replace(" ", "").replace("\n", "")


def test_the_list_needs_no_more_queries_for_three_than_for_one(planner: Client) -> None:
    url = reverse("admin:surveys_survey_changelist")
    make.planned("a")
    planner.get(url)
    with CaptureQueriesContext(connection) as one:
        planner.get(url)
    make.planned("b")
    make.planned("c")

    with CaptureQueriesContext(connection) as three:
        planner.get(url)

    assert len(three) == len(one)


def test_an_open_survey_shows_nothing_of_its_answers(planner: Client) -> None:
    survey = make.opened()
    before = planner.get(page_of(survey)).content
    make.answered(
        make.voter(survey, role="local", region="north"), {"Q1": {"text": "Hemmelig"}, "Q2": {"option": "good"}}
    )

    after = planner.get(page_of(survey)).content

    def steady(body: bytes) -> bytes:
        import re

        return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", body)

    assert steady(after) == steady(before)


# --- Who may ----------------------------------------------------------------------------------------------
def test_each_deed_needs_its_right() -> None:
    survey = make.opened()
    posts = ("open", "close", "approve", "waive", "release", "codebook")

    for user in (cast.outsider(), cast.coder()):
        client = signed_in(user)
        assert {name: client.post(deed(name, survey)).status_code for name in posts} == dict.fromkeys(posts, 403)
        assert client.get(deed("close", survey)).status_code == 403
        assert client.get(ADD).status_code == 403
    survey.refresh_from_db()
    assert (survey.stopped_at, Release.objects.count(), Approval.objects.count()) == (None, 0, 0)


def test_deeds_are_no_gets_and_need_a_survey(planner: Client) -> None:
    survey = make.planned()

    for name in ("open", "approve", "waive", "release", "codebook"):
        assert planner.get(deed(name, survey)).status_code == 405
        url = reverse(f"admin:surveys_survey_{name}", args=[survey.pk + 99])
        assert planner.post(url).status_code == 404
