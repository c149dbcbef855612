"""The preview: what respondents will see, page by page, with nothing kept."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import make
from tests.surveys.admin.questionnaires import page_of, preview_page, said, text

pytestmark = pytest.mark.django_db


def test_preview_shows_the_welcome_page_and_then_every_question(designer: Client) -> None:
    draft = make.loaded()

    welcome = designer.get(preview_page(draft))
    page = designer.get(preview_page(draft), {"page": "1"})

    assert "For å prøve." in text(welcome)
    assert "This is a preview. Nothing is saved" in text(page)
    assert "Dates, and what is promised, are an example" in text(welcome)
    assert 'name="Q1_option"' in page.content.decode()
    assert 'name="Q2_text"' in page.content.decode()
    # Q3 depends on Q1 and so stands on a page of its own.
    assert 'name="Q3_option"' in designer.get(preview_page(draft), {"page": "2"}).content.decode()


@pytest.mark.parametrize(
    ("page", "sent", "expected"),
    [
        ("0", {"go": "start"}, "?page=1&language=en"),
        ("1", {"go": "next"}, "?page=2&language=en"),
        ("2", {"go": "back"}, "?page=1&language=en"),
        ("1", {"speak": "nn"}, "?page=1&language=nn"),
    ],
)
def test_the_buttons_of_the_preview_lead_on(designer: Client, page: str, sent: dict[str, str], expected: str) -> None:
    draft = make.loaded()

    response = designer.post(preview_page(draft) + f"?page={page}", {"language": "en", "Q1_text": "x", **sent})

    assert (response.status_code, response["Location"]) == (302, expected)


@pytest.mark.parametrize(("page", "go"), [("2", "next"), ("1", "leave")])
def test_the_preview_ends_back_at_the_questionnaire(designer: Client, page: str, go: str) -> None:
    draft = make.loaded()

    response = designer.post(preview_page(draft) + f"?page={page}", {"go": go})

    assert response["Location"] == page_of(draft.questionnaire)
    assert said(designer, response["Location"]) == ["That was the preview. Nothing was saved."]


def test_the_preview_writes_nothing_and_leaves_no_cookie(designer: Client) -> None:
    draft = make.loaded()

    with CaptureQueriesContext(connection) as queries:
        response = designer.get(preview_page(draft), {"page": "1"})

    assert [query["sql"] for query in queries if not query["sql"].startswith("SELECT")] == []
    assert list(response.cookies) == []
