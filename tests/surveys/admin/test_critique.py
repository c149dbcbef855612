"""The critique's page: what is found is shown where it stands, repaired by one press, or accepted with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from surveys import authoring, critiquing, publishing
from surveys.models import AcceptedFinding, Edition, Option, Question
from tests import cast, make
from tests.make import OPENS
from tests.page import Node, parse

pytestmark = pytest.mark.django_db

YES_NO = [{"code": "yes", "label": {"nb": "Ja"}}, {"code": "no", "label": {"nb": "Nei"}}]
WORDS = "Er det <b>merkbare</b> forskjeller i lønn?"


@pytest.fixture
def designer() -> Client:
    return signed_in(cast.designer())


def signed_in(user: Any) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def draft(code: str = "prov", questions: int = 1) -> Edition:
    """A draft whose questions lack "don't know" and are vague."""
    asked = [make.asking(f"Q{n}", text={"nb": WORDS}, options=YES_NO) for n in range(1, questions + 1)]
    return make.loaded(code, asked)


def address(edition: Edition, name: str = "") -> str:
    return reverse(f"admin:surveys_edition_critique{'_' if name else ''}{name}", args=[edition.pk])


def question(edition: Edition, code: str = "Q1") -> Question:
    return Question.objects.get(edition=edition, code=code)


def fields(form: Node) -> dict[str, str]:
    """What the browser would send from a form without typing anything."""
    return {each.get("name"): each.get("value") or "" for each in form.all("input") if each.get("name")}


def form_of(client: Client, edition: Edition, name: str, rule: str) -> tuple[str, dict[str, str]]:
    """The form for a rule on the page: its address and its fields."""
    page = parse(client.get(address(edition)))
    for form in page.all("form", action=address(edition, name)):
        sent = fields(form)
        if sent["rule"] == rule:
            return form.attributes["action"], sent
    raise AssertionError(f"no form to {name} {rule}")


def said(client: Client, edition: Edition) -> list[str]:
    return [str(message) for message in client.get(address(edition)).context["messages"]]


def told(response: HttpResponse) -> list[tuple[str, list[str]]]:
    """The places on the page and what was found there."""
    return [(place.title, [each.rule for each in place.findings]) for place in response.context["places"]]


# --- The page ---------------------------------------------------------------------------------------------


def test_findings_stand_by_place_with_the_words_marked_and_escaped(designer: Client) -> None:
    edition = draft()

    response = designer.get(address(edition))

    assert told(response)[-1] == ("Q1", ["no-dont-know", "vague-quantity"])
    assert [title for title, _rules in told(response)] == ["The whole and its first page", "Q1"]
    page = parse(response)
    place = page.find("section", id=f"question-{question(edition).pk}")
    assert [mark.text for mark in place.all("mark")] == [WORDS, "merkbare"]
    assert place.find("blockquote").get("lang") == "nb"
    assert page.all("b") == []
    count = len(critiquing.findings(edition))
    assert f"{count} findings" in page.find("p", "counts").text
    assert "Everyone understands it in their own way, so the answers cannot be added up." in place.text


def test_the_questionnaires_page_leads_here(designer: Client) -> None:
    edition = draft()

    page = parse(designer.get(reverse("admin:surveys_questionnaire_change", args=[edition.questionnaire_id])))

    assert [link.text for link in page.all("a", href=address(edition))] == ["Critique"]


def test_three_questions_need_no_more_statements_than_one(designer: Client) -> None:
    small, large = draft("liten"), draft("stor", 3)
    designer.get(address(small))

    with CaptureQueriesContext(connection) as one:
        designer.get(address(small))
    with CaptureQueriesContext(connection) as three:
        designer.get(address(large))

    assert len(three) == len(one)


def test_a_published_edition_is_read_only(designer: Client) -> None:
    edition = draft()
    publishing.publish(edition.questionnaire_id, OPENS)

    response = designer.get(address(edition))

    assert told(response)[-1] == ("Q1", ["no-dont-know", "vague-quantity"])
    assert [
        form.get("action") for form in parse(response).all("form") if "critique" in (form.get("action") or "")
    ] == []
    assert "This edition is published and cannot be repaired; a new draft can." in parse(response).text


def test_a_template_without_findings_says_so(designer: Client) -> None:
    from pathlib import Path

    from surveys.formats import json

    path = Path(__file__).parents[3] / "surveys" / "reference" / "local-mapping.json"
    edition = authoring.draft(json.load(path.read_bytes()))

    page = parse(designer.get(address(edition)))

    assert page.find("p", "counts").text == "Nothing to repair"


# --- Accepting --------------------------------------------------------------------------------------------


def test_a_finding_is_accepted_shown_so_and_taken_back(designer: Client) -> None:
    edition = draft()
    url, sent = form_of(designer, edition, "accept", "vague-quantity")

    response = designer.post(url, {**sent, "reason": "Alle vet <hva>."})

    assert response["Location"] == f"{address(edition)}#question-{question(edition).pk}"
    assert said(designer, edition) == ["Accepted, with your reason."]
    response = designer.get(address(edition))
    page = parse(response)
    assert response.context["accepted_count"] == 1
    assert "1 accepted" in page.find("p", "counts").text
    assert page.find("p", "reason").text == "Why it stands: Alle vet <hva>."
    [row] = page.find("ul", "reasons").all("li")
    marked = "Er det <b>merkbare</b> forskjeller i lønn?"
    assert row.find("q").text == marked
    assert row.text.startswith(f"Q1: A vague word for how much or how often. {marked} Alle vet <hva>. (designer, ")

    url, sent = form_of(designer, edition, "take_back", "vague-quantity")
    designer.post(url, sent)

    assert said(designer, edition) == ["No longer accepted."]
    assert AcceptedFinding.objects.count() == 0


def test_a_finding_about_the_whole_is_accepted(designer: Client) -> None:
    edition = draft()
    url, sent = form_of(designer, edition, "accept", "missing-time")
    assert sent["question"] == ""

    response = designer.post(url, {**sent, "reason": "Står i brevet."})

    assert response["Location"] == f"{address(edition)}#whole"
    assert AcceptedFinding.objects.get().question is None


def test_accepting_twice_keeps_the_first_reason(designer: Client) -> None:
    edition = draft()
    url, sent = form_of(designer, edition, "accept", "vague-quantity")
    designer.post(url, {**sent, "reason": "Den første."})

    designer.post(url, {**sent, "reason": "Den andre."})

    assert said(designer, edition)[-1] == "This has already been accepted. Take that back first to give another reason."
    assert AcceptedFinding.objects.get().reason == "Den første."


def test_a_reason_is_asked_for(designer: Client) -> None:
    edition = draft()
    url, sent = form_of(designer, edition, "accept", "vague-quantity")

    designer.post(url, {**sent, "reason": " "})

    assert said(designer, edition) == ["Please write why it may stand."]
    assert AcceptedFinding.objects.count() == 0


# --- Repairing --------------------------------------------------------------------------------------------


def test_one_press_repairs_and_a_second_says_that_it_is_done(designer: Client) -> None:
    edition = draft()
    url, sent = form_of(designer, edition, "repair", "no-dont-know")

    designer.post(url, sent)

    assert said(designer, edition) == ["Repaired. Please read the result before you publish."]
    codes = Option.objects.filter(question__edition=edition).order_by("position").values_list("code", flat=True)
    assert list(codes) == ["yes", "no", "dont_know"]

    fresh = Edition.objects.get(pk=edition.pk)
    designer.post(url, {**sent, "draft_version": fresh.version})

    assert said(designer, edition) == ["This is no longer found. Perhaps someone else has just repaired it."]
    assert Option.objects.filter(question__edition=edition).count() == 3


def test_a_repair_of_what_someone_else_has_changed_is_refused(designer: Client) -> None:
    edition = draft()
    url, sent = form_of(designer, edition, "repair", "no-dont-know")
    with authoring.editing(edition.pk):
        pass

    designer.post(url, sent)

    assert said(designer, edition) == authoring.StaleDraft().reasons
    assert Option.objects.filter(question__edition=edition).count() == 2


# --- The matrix -------------------------------------------------------------------------------------------

DOORS = ["accept", "take_back", "repair"]


@pytest.mark.parametrize("door", DOORS)
def test_doors_that_change_take_only_post(designer: Client, door: str) -> None:
    assert designer.get(address(draft(), door)).status_code == 405


def test_the_page_is_only_read(designer: Client) -> None:
    assert designer.post(address(draft())).status_code == 405


@pytest.mark.parametrize("door", ["", *DOORS])
def test_without_the_right_nothing_is_shown_or_done(door: str) -> None:
    edition = draft()
    sent = {
        "rule": "no-dont-know",
        "question": question(edition).pk,
        "reason": "Fordi.",
        "draft_version": edition.version,
    }
    for user in (cast.outsider(), cast.coder()):
        client = signed_in(user)

        response = client.post(address(edition, door), sent) if door else client.get(address(edition))

        assert response.status_code == 403
    assert AcceptedFinding.objects.count() == 0
    assert Option.objects.filter(question__edition=edition).count() == 2


def test_strangers_are_sent_to_sign_in() -> None:
    edition = draft()

    assert Client().get(address(edition)).status_code == 302


@pytest.mark.parametrize("door", ["", *DOORS])
def test_an_edition_that_does_not_exist_is_not_found(designer: Client, door: str) -> None:
    edition = draft()
    edition.pk = 10**9

    response = designer.post(address(edition, door)) if door else designer.get(address(edition))

    assert response.status_code == 404


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"rule": "nonsense"},
        {"rule": "no-dont-know", "question": "x"},
        {"rule": "no-dont-know", "question": "9" * 30},
    ],
)
def test_what_is_malformed_is_refused(designer: Client, door: str, sent: dict[str, str]) -> None:
    assert designer.post(address(draft(), door), sent).status_code == 400


@pytest.mark.parametrize("door", ["accept", "repair"])
def test_a_question_of_another_questionnaire_is_not_found(designer: Client, door: str) -> None:
    edition, other = draft(), draft("annet")
    sent = {
        "rule": "no-dont-know",
        "question": question(other).pk,
        "reason": "Fordi.",
        "draft_version": edition.version,
    }

    designer.post(address(edition, door), sent)

    assert said(designer, edition) == ["This is no longer found. Perhaps someone else has just repaired it."]
    assert AcceptedFinding.objects.count() == 0
    assert Option.objects.count() == 4


@pytest.mark.parametrize("door", DOORS)
def test_a_published_edition_refuses_changes(designer: Client, door: str) -> None:
    edition = draft()
    sent = {
        "rule": "no-dont-know",
        "question": question(edition).pk,
        "reason": "Fordi.",
        "draft_version": edition.version,
    }
    publishing.publish(edition.questionnaire_id, OPENS)

    designer.post(address(edition, door), sent)

    assert said(designer, edition) == authoring.NotADraft().reasons
    assert AcceptedFinding.objects.count() == 0
