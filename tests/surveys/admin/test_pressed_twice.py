"""What is pressed twice is imported once, and both presses are told the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from surveys.models import DraftChange, Edition, Questionnaire
from tests import cast, make
from tests.make import asking
from tests.page import parse
from tests.surveys.admin.pages import page_of, signed_in
from tests.together import together

IMPORT = reverse("admin:surveys_questionnaire_import")
APPLY = reverse("admin:surveys_questionnaire_import_apply")


def planned(client: Client, **rest: Any) -> str:
    content = json.dumps(make.document("prov-2021", [asking("B1"), asking("B2", "number")], **rest)).encode()
    page = client.post(IMPORT, {"file": SimpleUploadedFile("prov.json", content), "code": ""})
    return str(page.context["sealed"])


def told(response: Any) -> list[str]:
    return [str(each) for each in response.context["messages"]]


@pytest.mark.django_db
@pytest.mark.parametrize("stands_before", [False, True])
def test_one_after_the_other(designer: Client, stands_before: bool) -> None:
    if stands_before:
        make.loaded("prov-2021", [asking("X1")])
    plan = planned(designer)

    for _press in range(2):
        response = designer.post(APPLY, {"plan": plan}, follow=True)
        draft = Edition.objects.get()
        assert response.redirect_chain == [(page_of(draft), 302)]
        assert told(response) == ["Read into the draft of “Prøve”."]
    assert list(draft.questions.order_by("position").values_list("code", flat=True)) == ["B1", "B2"]
    assert DraftChange.objects.count() == 1


@pytest.mark.django_db
def test_a_draft_that_was_changed_since_is_not_taken_for_done(designer: Client) -> None:
    plan = planned(designer)
    designer.post(APPLY, {"plan": plan}, follow=True)
    draft = Edition.objects.get()
    draft.questions.filter(code="B1").update(text_nb="Min egen?")

    response = designer.post(APPLY, {"plan": plan}, follow=True)

    assert told(response) == [
        "Someone else has changed this draft since you opened it. Nothing was done; look at it again."
    ]
    assert draft.questions.get(code="B1").text_nb == "Min egen?"  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_both_at_once() -> None:
    clients = [signed_in(cast.designer(name)) for name in ("one", "two")]
    plan = planned(clients[0])

    answers = together([lambda client=client: client.post(APPLY, {"plan": plan}) for client in clients])

    questionnaire = Questionnaire.objects.get()
    assert [(each.status_code, each["Location"]) for each in answers] == [(302, page_of(Edition.objects.get()))] * 2
    assert questionnaire.editions.count() == 1
    assert DraftChange.objects.count() == 1


@pytest.mark.django_db
def test_every_form_that_takes_seconds_says_so(designer: Client) -> None:
    edition = make.loaded()
    pages = {
        IMPORT: "The file is being read. This can take some seconds …",
        reverse("admin:surveys_edition_translations", args=[edition.pk]): (
            "The file is being read. This can take some seconds …"
        ),
    }
    for url, words in pages.items():
        page = parse(designer.get(url))
        assert [each.get("data-busy") for each in page.all("form") if each.get("data-busy")] == [words]
        assert [each for each in page.all("script") if "busy" in (each.get("src") or "")]
