"""The question bank's pages: looked through from a draft, taken from and put into."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from surveys.models import Edition, Question
from tests import cast, make
from tests.surveys.admin.pages import builder_of, page_of, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank() -> Edition:
    themes: list[list[dict[str, Any]]] = [
        [make.asking("Q1") | {"text": {"nb": "Hva med åpningstidene?", "en": "What of the opening hours?"}}],
        [make.asking("Q2") | {"text": {"nb": "Hva med lønnen?", "en": "What of the pay?"}}],
    ]
    return make.loaded("bank", *themes, role="bank")


@pytest.fixture
def draft() -> Edition:
    return make.loaded("min", [make.asking("A1")], [make.asking("B1")])


def browse(edition: Edition) -> str:
    return reverse("admin:surveys_questionnaire_bank", args=[edition.questionnaire_id])


def take(edition: Edition) -> str:
    return reverse("admin:surveys_questionnaire_bank_take", args=[edition.questionnaire_id])


def put(question: Question) -> str:
    return reverse("admin:surveys_question_bank", args=[question.pk])


def shown(response: Any) -> list[str]:
    return [question["text"] for theme in response.context["themes"] for question in theme["questions"]]


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def codes(edition: Edition) -> list[str]:
    return list(edition.questions.order_by("section__position", "position").values_list("code", flat=True))


# --- Looking ----------------------------------------------------------------------------------------------


def test_the_bank_is_shown_by_theme(designer: Client, bank: Edition, draft: Edition) -> None:
    response = designer.get(browse(draft))

    assert response.status_code == 200
    assert shown(response) == ["What of the opening hours?", "What of the pay?"]
    assert browse(draft) in designer.get(page_of(draft)).content.decode()


def test_a_search_shows_what_is_found_and_what_was_searched(designer: Client, bank: Edition, draft: Edition) -> None:
    response = designer.get(browse(draft), {"words": "<b>quantum"})
    assert shown(response) == []
    assert "&lt;b&gt;quantum" in response.content.decode()

    assert shown(designer.get(browse(draft), {"words": "opening"})) == ["What of the opening hours?"]
    assert len(shown(designer.get(browse(draft), {"words": "xy" * 1000}))) == 0


def test_it_needs_no_more_statements_for_three_questions_than_for_one(designer: Client, draft: Edition) -> None:
    make.loaded("bank", [make.asking("Q1")], role="bank")
    designer.get(browse(draft))
    with CaptureQueriesContext(connection) as one:
        designer.get(browse(draft))
    make.loaded("bank", [make.asking(f"Q{number}") for number in range(3)], role="bank")
    with CaptureQueriesContext(connection) as three:
        designer.get(browse(draft))

    assert len(one) == len(three)


def test_what_others_wrote_is_shown_as_text(designer: Client, draft: Edition) -> None:
    make.loaded("bank", [make.asking("Q1") | {"text": {"nb": "<script>alert(1)</script>"}}], role="bank")

    body = designer.get(browse(draft)).content.decode()

    assert "<script>alert(1)" not in body
    assert "&lt;script&gt;alert(1)" in body


# --- Taking -----------------------------------------------------------------------------------------------


def test_one_press_takes_a_question(designer: Client, bank: Edition, draft: Edition) -> None:
    question, section = bank.questions.get(code="Q2"), draft.sections.get(position=1)

    response = designer.post(take(draft), {"question": question.pk, "section": section.pk, "words": "pay"}, follow=True)

    assert codes(draft) == ["A1", "A2", "B1"]
    assert response.redirect_chain == [(f"{browse(draft)}?words=pay&section={section.pk}", 302)]
    assert said(response) == ["Taken as A2."]
    assert shown(response) == ["What of the pay?"]
    assert response.context["themes"][0]["questions"][0]["taken_as"] == "A2"


@pytest.mark.parametrize("question", ["", "x", "0", "-1", "9" * 30])
def test_a_question_that_is_not_there_is_not_taken(
    designer: Client, bank: Edition, draft: Edition, question: str
) -> None:
    response = designer.post(take(draft), {"question": question, "section": draft.sections.all()[0].pk}, follow=True)

    assert said(response) == ["The question or the section is no longer there. Load the page again."]
    assert codes(draft) == ["A1", "B1"]


def test_a_section_of_another_draft_is_none(designer: Client, bank: Edition, draft: Edition) -> None:
    question = bank.questions.all()[0]
    foreign = make.loaded("annen").sections.all()[0].pk
    for section in (foreign, "x", "", 0):
        assert designer.post(take(draft), {"question": question.pk, "section": section}).status_code == 404
    assert codes(draft) == ["A1", "B1"]


def test_methods_and_places_that_are_wrong(designer: Client, bank: Edition, draft: Edition) -> None:
    published = make.published("ute")
    assert designer.get(take(draft)).status_code == 405
    assert designer.post(browse(draft)).status_code == 405
    for address in (browse, take):
        missing = address(draft).replace(str(draft.questionnaire_id), "999999")
        assert designer.post(missing).status_code in (404, 405)
        assert designer.get(missing).status_code in (404, 405)
    assert designer.get(browse(published)).status_code == 404


@pytest.mark.parametrize("person", [cast.outsider, cast.coder])
def test_without_the_right_there_is_no_bank(bank: Edition, draft: Edition, person: Any) -> None:
    client, question = signed_in(person()), bank.questions.all()[0]
    sent = {"question": question.pk, "section": draft.sections.all()[0].pk}

    assert client.get(browse(draft)).status_code == 403
    assert client.post(take(draft), sent).status_code == 403
    assert client.post(put(draft.questions.all()[0]), {"theme": bank.sections.all()[0].pk}).status_code == 403
    assert Client().post(take(draft), sent).status_code == 302
    assert (codes(draft), codes(bank)) == (["A1", "B1"], ["Q1", "Q2"])


# --- Putting ----------------------------------------------------------------------------------------------


def test_a_question_is_put_into_a_theme(designer: Client, bank: Edition, draft: Edition) -> None:
    question, theme = draft.questions.get(code="A1"), bank.sections.get(position=2)
    opened = {"open": f"question-{question.pk}"}
    assert put(question) in designer.get(f"{builder_of(draft)}changes/", opened).json()["sheet"]
    assert [pk for pk, _title in designer.get(put(question)).context["themes"]] == [
        each.pk for each in bank.sections.all()
    ]

    response = designer.post(put(question), {"theme": theme.pk}, follow=True)

    assert said(response) == ["Put into the bank as Q3."]
    assert (codes(bank), codes(draft)) == (["Q1", "Q2", "Q3"], ["A1", "B1"])
    again = designer.post(put(question), {"theme": theme.pk}, follow=True)
    assert said(again) == ["This question is in the bank already."]

    # It stands in the history of the bank, which was changed, and nowhere else; and it can be undone there.
    told = reverse("admin:surveys_questionnaire_history_all", args=[bank.questionnaire_id])
    assert [row.words for row in designer.get(told).context["rows"]] == ["Q3 added"]
    done = designer.get(builder_of(bank)).context["done"]
    assert (done.words, draft.changes.count()) == ("Q3 added", 0)
    designer.post(f"{builder_of(bank)}deed/", {"deed": "undo", "change": done.id})
    assert codes(bank) == ["Q1", "Q2"]


def test_what_is_asked_in_a_published_edition_can_be_put_too(designer: Client, bank: Edition) -> None:
    question = make.published("ute").questions.get(code="Q1")

    designer.post(put(question), {"theme": bank.sections.all()[0].pk})

    assert bank.questions.filter(origin="ute/Q1").count() == 1


@pytest.mark.parametrize("theme", ["", "x", "0"])
def test_a_theme_that_is_not_there(designer: Client, bank: Edition, draft: Edition, theme: str) -> None:
    response = designer.post(put(draft.questions.all()[0]), {"theme": theme}, follow=True)

    assert said(response) == ["The question or the theme is no longer there. Load the page again."]
    assert codes(bank) == ["Q1", "Q2"]


def test_a_question_that_is_not_there_is_not_put(designer: Client) -> None:
    assert designer.get(reverse("admin:surveys_question_bank", args=[999999])).status_code == 404
    assert designer.get(put(make.loaded("min").questions.all()[0])).context["themes"] == []
