"""Questionnaires in the admin: listed, read, started afresh, published."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from surveys import authoring, critiquing
from surveys.models import Edition, Questionnaire
from tests import make
from tests.surveys.admin.questionnaires import LIST, page_of, publish_page, said, text

pytestmark = pytest.mark.django_db


# --- Reading ----------------------------------------------------------------------------------------------
def test_the_list_says_what_each_questionnaire_has(designer: Client) -> None:
    make.loaded("a-utkast")
    make.published("b-publisert")
    both = make.published("c-begge")
    authoring.draft(both.questionnaire)

    rows = designer.get(LIST).context["cl"].result_list

    assert [(row.code, row.drafts, row.published) for row in rows] == [
        ("a-utkast", 1, 0),
        ("b-publisert", 0, 1),
        ("c-begge", 1, 1),
    ]
    page = text(designer.get(LIST))
    for words in ("1 published edition", "draft, 1 published edition"):
        assert words in page


def test_the_list_needs_no_more_queries_for_three_than_for_one(designer: Client) -> None:
    make.loaded("a")
    designer.get(LIST)
    with CaptureQueriesContext(
        connection,
    ) as one:
        designer.get(LIST)
    make.loaded("b")
    make.published("c")

    with CaptureQueriesContext(connection) as three:
        designer.get(LIST)

    assert len(three) == len(one)


def test_the_page_shows_the_outline_in_order_with_conditions_in_words(designer: Client) -> None:
    draft = make.loaded()

    response = designer.get(page_of(draft.questionnaire))

    outline = response.context["outline"]
    assert [[(entry.code, entry.condition) for entry in part.entries] for part in outline.parts] == [
        [("Q1", ""), ("Q2", ""), ("Q3", "Q1 is “Yes”")]
    ]
    page = text(response)
    assert "Shown only if Q1 is “Yes”." in page
    assert "Q1, hva mener du? Yes · No Yes or no, text may be added" in page


def test_the_page_needs_no_more_queries_for_more_questions(designer: Client) -> None:
    small = make.loaded("liten", [make.asking("Q1")])
    large = make.loaded("stor", *([make.asking(f"Q{part}{place}") for place in range(4)] for part in range(3)))
    designer.get(page_of(small.questionnaire))

    with CaptureQueriesContext(connection) as one:
        designer.get(page_of(small.questionnaire))
    with CaptureQueriesContext(connection) as many:
        designer.get(page_of(large.questionnaire))

    assert len(many) == len(one)


def test_a_draft_has_links_to_edit_and_a_published_edition_has_none(designer: Client) -> None:
    draft = make.loaded()
    question = draft.questions.get(code="Q1")
    edit = f"{reverse('admin:surveys_questionnaire_build', args=[draft.questionnaire_id])}#question-{question.pk}"

    assert edit in designer.get(page_of(draft.questionnaire)).content.decode()

    designer.post(publish_page(draft.questionnaire))
    body = designer.get(page_of(draft.questionnaire)).content.decode()
    assert edit not in body
    assert publish_page(draft.questionnaire) not in body


def test_editions_are_chosen_by_number(designer: Client) -> None:
    first = make.published()
    authoring.draft(first.questionnaire)

    shown = designer.get(page_of(first.questionnaire)).context["edition"]
    chosen = designer.get(page_of(first.questionnaire), {"edition": 1}).context["edition"]

    assert (shown.is_draft, chosen) == (True, first)
    for number in ("7", "x", "-1"):
        assert designer.get(page_of(first.questionnaire), {"edition": number}).status_code == 404


def test_what_staff_write_is_shown_as_text(designer: Client) -> None:
    hostile = "<script>alert(1)</script>"
    draft = make.loaded(
        "prov-2021",
        [make.asking("Q1", text={"nb": hostile}, options=[{"code": "a", "label": {"nb": hostile}}])],
        title={"nb": hostile},
        purpose={"nb": hostile},
    )

    for url in (LIST, page_of(draft.questionnaire), publish_page(draft.questionnaire)):
        body = designer.get(url).content.decode()
        assert hostile not in body
        assert "alert(1)" in body or url == LIST


# --- Making -----------------------------------------------------------------------------------------------
def test_a_new_questionnaire_comes_with_an_empty_draft(designer: Client) -> None:
    response = designer.post(
        reverse("admin:surveys_questionnaire_add"), {"title_nb": "Ny kartlegging", "code": "ny-2026"}
    )

    questionnaire = Questionnaire.objects.get()
    builder = reverse("admin:surveys_questionnaire_build", args=[questionnaire.pk])
    assert (response.status_code, response["Location"]) == (302, builder)
    assert [edition.title_nb for edition in questionnaire.editions.all()] == ["Ny kartlegging"]


def test_a_code_in_use_is_refused_on_the_form(designer: Client) -> None:
    make.loaded()

    response = designer.post(reverse("admin:surveys_questionnaire_add"), {"title_nb": "Igjen", "code": "prov-2021"})

    assert response.context["errors"] == [["Questionnaire with this Code already exists."]]
    assert Questionnaire.objects.count() == 1


def test_a_draft_that_was_never_published_is_deleted_with_its_questionnaire(designer: Client) -> None:
    draft = make.loaded()

    designer.post(reverse("admin:surveys_questionnaire_delete", args=[draft.questionnaire_id]), {"post": "yes"})

    assert Questionnaire.objects.count() == 0


def test_a_published_questionnaire_is_not_deleted(designer: Client) -> None:
    edition = make.published()
    url = reverse("admin:surveys_questionnaire_delete", args=[edition.questionnaire_id])

    assert designer.post(url, {"post": "yes"}).status_code == 403
    assert Questionnaire.objects.count() == 1


def test_a_new_draft_is_started_from_the_newest_edition_once(designer: Client) -> None:
    edition = make.published()
    url = reverse("admin:surveys_questionnaire_draft", args=[edition.questionnaire_id])

    first, second = designer.post(url), designer.post(url)

    assert (first["Location"], second["Location"]) == (page_of(edition.questionnaire),) * 2
    assert edition.questionnaire.editions.filter(published_at__isnull=True).count() == 1
    assert designer.get(url).status_code == 405


# --- Publishing -------------------------------------------------------------------------------------------
def test_publishing_asks_first_and_changes_nothing(designer: Client) -> None:
    draft = make.loaded()

    response = designer.get(publish_page(draft.questionnaire))

    assert response.context["reasons"] == []
    assert Edition.objects.get().is_draft


def test_publishing_tells_of_what_the_critique_has_found(designer: Client) -> None:
    draft = make.loaded()
    critique = reverse("admin:surveys_edition_critique", args=[draft.pk])
    count = critiquing.open_count(draft)
    assert count > 1

    body = designer.get(publish_page(draft.questionnaire)).content.decode()

    assert f'<a href="{critique}">{count} findings of the critique' in body


def test_a_bad_code_is_refused_in_plain_words(designer: Client) -> None:
    response = designer.post(reverse("admin:surveys_questionnaire_add"), {"title_nb": "Min", "code": "min kode"})

    assert response.context["adminform"].form.errors["code"] == [
        "Use the letters a to z, digits and hyphens only, without spaces."
    ]


def test_publishing_freezes_the_draft_and_says_so(designer: Client) -> None:
    draft = make.loaded()

    response = designer.post(publish_page(draft.questionnaire))

    assert response["Location"] == page_of(draft.questionnaire) + "?edition=1"
    assert not Edition.objects.get().is_draft
    assert said(designer, response["Location"]) == [
        (
            "Edition 1 is published: what it asks is fixed, and a misspelling can still be corrected. "
            "Now plan a survey with it."
        )
    ]


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_not_ready_is_refused_with_the_reasons(designer: Client, method: str) -> None:
    draft = make.loaded(purpose={})

    response = getattr(designer, method)(publish_page(draft.questionnaire))

    assert response.context["reasons"] == [
        "The purpose is missing: say who asks, why, and what becomes of the answers."
    ]
    assert Edition.objects.get().is_draft


def test_publishing_twice_says_that_there_is_nothing_left(designer: Client) -> None:
    edition = make.published()

    response = designer.post(publish_page(edition.questionnaire))

    assert said(designer, response["Location"]) == [
        "There is no draft to publish. Perhaps someone else has just published it."
    ]
    assert Edition.objects.count() == 1
