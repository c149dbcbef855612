"""The coding page: texts are read and sorted ten at a time, and no two texts of one person meet."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from surveys import coding
from surveys.models import Answer, Codebook, Coding, Survey
from tests import cast, make

pytestmark = pytest.mark.django_db(transaction=True)

LIST = reverse("admin:surveys_coding_changelist")


@pytest.fixture(autouse=True)
def _one_approval(settings: Any) -> None:
    settings.CLOSING_APPROVALS = 1
    settings.FEWEST_FOR_TEXTS = 1


@pytest.fixture
def coder() -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.coder())
    return client


def survey_with(*texts: str, closed: bool = True) -> Survey:
    """A survey with one answer a text to Q1 ("yes" ticked); closed, unless told otherwise."""
    survey = make.opened()
    voters = [make.voter(survey, role="local", region="north") for _ in texts]
    for voter, text in zip(voters, texts, strict=True):
        make.answered(voter, {"Q1": {"option": "yes", "text": text}, "Q2": {"option": "good"}})
    if closed:
        make.closed(survey, voters, cast.designer())
        survey.refresh_from_db()
    return survey


def codebook_of(survey: Survey) -> Codebook:
    return Codebook.objects.select_related("survey", "question").get(survey=survey)


def page_of(survey: Survey) -> str:
    return reverse("admin:surveys_coding_page", args=[codebook_of(survey).pk])


def decided(response: Any, *codes: str) -> dict[str, str]:
    """What the browser sends when these are chosen, row by row; an empty one is left open."""
    sent = {}
    for number, row in enumerate(response.context["rows"], start=1):
        sent[f"answer-{number}"] = row.handle
        if number <= len(codes) and codes[number - 1]:
            sent[f"code-{number}"] = codes[number - 1]
    return sent


def test_ten_texts_are_shown_with_what_was_ticked_and_how_far_it_has_come(coder: Client) -> None:
    survey = survey_with(*(f"Svar {number}." for number in range(12)))

    response = coder.get(page_of(survey))

    rows = response.context["rows"]
    assert (len(rows), response.context["coded"], response.context["total"]) == (10, 0, 12)
    assert {(row.ticked, row.code) for row in rows} == {("Yes", "")}
    body = response.content.decode()
    assert "0 of 12 coded" in body
    assert [row.text for row in rows if row.text not in body] == []


def test_the_page_tells_nothing_about_who_wrote(coder: Client) -> None:
    survey = survey_with("Svar en.", "Svar to.")

    body = coder.get(page_of(survey)).content.decode()

    ids = [str(pk) for pk in Answer.objects.filter(response__survey=survey).values_list("response", flat=True)]
    assert [pk for pk in ids if pk in body] == []
    handles = re.findall(r'name="answer-\d+" value="([^"]+)"', body)
    assert len(handles) == 2
    # Neither an answer's number nor anything that can be compared with another page.
    assert [handle for handle in handles if handle.isdigit()] == []
    assert re.findall(r'name="answer-\d+" value="([^"]+)"', coder.get(page_of(survey)).content.decode()) != handles
    for word in ("north", "Nord", "PTV", "local"):
        assert f">{word}" not in body


def test_decisions_are_kept_and_the_rest_stays(coder: Client) -> None:
    survey = survey_with("Ja.", "Nei.", "Både og.")

    response = coder.post(page_of(survey), decided(coder.get(page_of(survey)), "yes", "", "both"), follow=True)

    assert response.redirect_chain == [(page_of(survey), 302)]
    assert [str(message) for message in response.context["messages"]] == ["2 answers were coded."]
    assert coding.progress(codebook_of(survey)) == (2, 3)
    assert len(response.context["rows"]) == 1
    assert set(Coding.objects.values_list("coder__username", flat=True)) == {"coder"}


def test_a_decision_can_be_changed_and_the_earlier_one_is_kept(coder: Client) -> None:
    survey = survey_with("Både og.")
    coder.post(page_of(survey), decided(coder.get(page_of(survey)), "yes"))
    coded = page_of(survey) + "?show=coded"

    page = coder.get(coded)
    assert [row.code for row in page.context["rows"]] == ["yes"]
    coder.post(coded, decided(page, "both"))

    rows = [(row.code.code, row.superseded_at is None) for row in Coding.objects.order_by("id")]
    assert rows == [("yes", False), ("both", True)]


def test_pressing_save_twice_changes_nothing_more(coder: Client) -> None:
    survey = survey_with("Ja.")
    sent = decided(coder.get(page_of(survey)), "yes")

    coder.post(page_of(survey), sent)
    coder.post(page_of(survey), sent)

    assert Coding.objects.count() == 1


def test_two_coders_on_one_page_the_last_decides(coder: Client) -> None:
    survey = survey_with("Ja.")
    other = Client()
    other.force_login(cast.coder("other-coder"))
    mine, theirs = coder.get(page_of(survey)), other.get(page_of(survey))

    coder.post(page_of(survey), decided(mine, "yes"))
    response = other.post(page_of(survey), decided(theirs, "no"))

    assert response.status_code == 302
    assert coding.coded_answers(codebook_of(survey), 1)[0].code == "no"


def test_coded_answers_are_paged(coder: Client) -> None:
    survey = survey_with(*(f"Svar {number}." for number in range(12)))
    for _ in range(2):
        coder.post(page_of(survey), decided(coder.get(page_of(survey)), *["no"] * 10))

    first = coder.get(page_of(survey), {"show": "coded"})
    second = coder.get(page_of(survey), {"show": "coded", "after": first.context["following"]})

    texts = [row.text for page in (first, second) for row in page.context["rows"]]
    assert (len(texts), len(set(texts)), second.context["following"]) == (12, 12, "")


def test_while_the_survey_is_open_nothing_is_shown_or_kept(coder: Client) -> None:
    survey = survey_with("Hemmelig.", closed=False)
    handle = coding.handle(codebook_of(survey), 1)

    page = coder.get(page_of(survey))
    response = coder.post(page_of(survey), {"answer-1": handle, "code-1": "yes"}, follow=True)

    assert "Its answers lie sealed" in page.content.decode()
    assert [str(message) for message in response.context["messages"]] == [
        "The survey is not closed yet. Nothing was saved."
    ]
    assert Coding.objects.count() == 0


@pytest.mark.parametrize("handle", ["", "1", "x" * 48])
def test_a_page_that_cannot_be_read_saves_nothing(coder: Client, handle: str) -> None:
    survey = survey_with("Ja.", "Nei.")
    sent = decided(coder.get(page_of(survey)), "yes", "no") | {"answer-2": handle}

    response = coder.post(page_of(survey), sent, follow=True)

    assert [str(message) for message in response.context["messages"]] == [
        "The page could not be read. Nothing was saved; please try again."
    ]
    assert Coding.objects.count() == 0


def test_malformed_and_missing_addresses(coder: Client) -> None:
    survey = survey_with("Ja.")
    sent = decided(coder.get(page_of(survey)), "maybe")

    assert coder.post(page_of(survey), sent).status_code == 400
    assert coder.get(page_of(survey), {"show": "coded", "after": "x"}).status_code == 400
    assert coder.put(page_of(survey)).status_code == 405
    assert coder.post(LIST).status_code == 405
    assert coder.get(reverse("admin:surveys_coding_page", args=[999999])).status_code == 404
    assert Coding.objects.count() == 0


def test_the_list_says_how_far_each_question_has_come(coder: Client) -> None:
    closed = survey_with("Ja.", "Nei.")
    coder.post(page_of(closed), decided(coder.get(page_of(closed)), "yes"))
    make.opened("aapen-2026")

    rows = coder.get(LIST).context["codebooks"]

    assert [(codebook.survey.code, coded, total) for codebook, coded, total in rows] == [
        ("aapen-2026", None, None),
        ("pulse-2026", 1, 2),
    ]


def test_what_respondents_write_is_shown_as_text(coder: Client) -> None:
    survey = survey_with("<script>alert(1)</script>")

    body = coder.get(page_of(survey)).content.decode()

    assert "<script>alert(1)" not in body
    assert "&lt;script&gt;alert(1)" in body


def test_others_do_not_code() -> None:
    survey = survey_with("Ja.")
    handle = coding.handle(codebook_of(survey), Answer.objects.filter(question__code="Q1").get().pk)

    for user in (cast.designer("designer-2"), cast.outsider(), cast.leader()):
        client = Client()
        client.force_login(user)
        for url in (LIST, page_of(survey)):
            assert client.get(url).status_code in ((403,) if user.is_staff else (302, 403))
        response = client.post(page_of(survey), {"answer-1": handle, "code-1": "yes"})
        assert response.status_code in ((403,) if user.is_staff else (302, 403))
    assert Coding.objects.count() == 0


def test_a_page_of_ten_needs_no_more_queries_than_a_page_of_one(coder: Client) -> None:
    survey = survey_with(*(f"Svar {number}." for number in range(11)))
    coder.get(page_of(survey))
    with CaptureQueriesContext(connection) as ten:
        coder.get(page_of(survey))
    coder.post(page_of(survey), decided(coder.get(page_of(survey)), *["no"] * 10))

    with CaptureQueriesContext(connection) as one:
        assert len(coder.get(page_of(survey)).context["rows"]) == 1

    assert len(ten) <= len(one)
