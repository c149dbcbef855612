"""A question that says it has the wording of others, and has not, is not published: asked at the real door."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from surveys.models import Edition, Question
from tests import make
from tests.make import asking
from tests.surveys.admin.pages import change, errors, filled

pytestmark = pytest.mark.django_db

CLAIM = "Q1 is said to have the same wording as fjor/Q1, and has not."


def about(code: str, text: str, *, publish: bool = False, comparability: str = "wording") -> Edition:
    asked: dict[str, Any] = asking("Q1", concept="value", comparability=comparability, text={"nb": text})
    return (make.published if publish else make.loaded)(code, [asked])


def publishing_of(draft: Edition) -> str:
    return reverse("admin:surveys_questionnaire_publish", args=[draft.questionnaire_id])


def test_it_is_refused_with_the_reason_until_it_is_true(designer: Client) -> None:
    about("fjor", "Hva nå?", publish=True)
    draft = about("i-aar", "Hva da?")
    for method in (designer.get, designer.post):
        assert method(publishing_of(draft)).context["reasons"] == [CLAIM]
    draft.refresh_from_db()
    assert draft.is_draft

    # The builder does not let it be written; the bank, a file or another's publishing brings it about.
    question = draft.questions.get()
    designer.post(change(question), filled(designer, change(question), text_nb="Hva nå?"))
    assert designer.post(publishing_of(draft)).status_code == 302
    draft.refresh_from_db()
    assert not draft.is_draft


@pytest.mark.parametrize("comparability", ["meaning", "theme"])
def test_a_lesser_claim_is_no_obstacle(designer: Client, comparability: str) -> None:
    about("fjor", "Hva nå?", publish=True)
    draft = about("i-aar", "Hva da?", comparability=comparability)
    assert designer.post(publishing_of(draft)).status_code == 302


def test_another_draft_is_none_either_and_so_is_what_this_questionnaire_once_asked(designer: Client) -> None:
    about("fjor", "Hva nå?")
    earlier = about("i-aar", "Hva før?", publish=True)
    draft = about("i-aar", "Hva da?")
    assert earlier.questionnaire_id == draft.questionnaire_id
    assert designer.post(publishing_of(draft)).status_code == 302


def test_the_claim_cannot_be_written_on_the_form(designer: Client) -> None:
    about("fjor", "Hva nå?", publish=True)
    draft = about("i-aar", "Hva da?", comparability="meaning")
    question = draft.questions.get()

    response = designer.post(change(question), filled(designer, change(question), comparability="wording"))

    assert [each.split(".")[0] for each in errors(response)] == ["This does not have the same wording as fjor/Q1"]
    assert Question.objects.get(pk=question.pk).comparability == "meaning"
