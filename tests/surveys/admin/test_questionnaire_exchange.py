"""Questionnaires in the admin: exported and imported, and kept from those without the right."""

from __future__ import annotations

import json as standard_json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from surveys import exchanging
from surveys.formats import json
from surveys.models import Drawn, Edition, Questionnaire
from tests import cast, make
from tests.surveys.admin.pages import signed_in
from tests.surveys.admin.questionnaires import LIST, page_of, preview_page, publish_page, said
from tests.surveys.formats.test_xlsform import YES_NO, book

pytestmark = pytest.mark.django_db


IMPORT = reverse("admin:surveys_questionnaire_import")


APPLY = reverse("admin:surveys_questionnaire_import_apply")


# --- In and out -------------------------------------------------------------------------------------------
def test_export_gives_a_file_that_import_reads_back(designer: Client) -> None:
    edition = make.published()

    response = designer.get(reverse("admin:surveys_edition_export", args=[edition.pk]))

    assert response["Content-Disposition"] == 'attachment; filename="prov-2021-1.json"'
    assert standard_json.loads(response.content) == json.dump(edition)


def upload(client: Client, content: bytes, code: str = "") -> Any:
    return client.post(IMPORT, {"file": SimpleUploadedFile("questionnaire.json", content), "code": code})


def test_import_shows_a_plan_and_reads_the_file_into_a_draft(designer: Client) -> None:
    page = upload(designer, standard_json.dumps(make.document()).encode())
    assert page.context["counts"] == {"sections": 1, "questions": 3, "options": 4, "conditions": 1}
    assert Questionnaire.objects.count() == 0

    response = designer.post(APPLY, {"plan": page.context["sealed"]})

    questionnaire = Questionnaire.objects.get()
    assert response["Location"] == page_of(questionnaire)
    assert said(designer, response["Location"]) == ["Read into the draft of “Prøve”."]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"not json", "This is no questionnaire in a format that can be read here."),
        (b'{"code": }', "The file is not valid JSON: line 1, column 10."),
        (b'{"title": {"nb": "x"}}', "code: is missing"),
        (b'{"code": "\xff"}', "The file is not text in UTF-8. Save it as UTF-8 and try again."),
        (b"", "The submitted file is empty."),
    ],
)
def test_a_bad_file_is_refused_on_the_form(designer: Client, content: bytes, expected: str) -> None:
    response = upload(designer, content)

    assert response.context["form"].errors == {"file": [expected]}
    assert Questionnaire.objects.count() == 0


def test_the_plan_names_what_is_lost_and_what_is_replaced(designer: Client) -> None:
    make.loaded("min-egen")
    page = upload(designer, book(YES_NO, ["geopoint", "sted", "<b>Hvor?</b>"]), code="min-egen")

    assert [each.what for each in page.context["planned"].lost] == ["label", "geopoint · sted · <b>Hvor?</b>"]
    assert "geopoint · sted · &lt;b&gt;Hvor?&lt;/b&gt;" in page.content.decode()
    assert page.context["standing"] == Questionnaire.objects.get()


def test_a_plan_is_not_applied_over_what_someone_wrote_meanwhile(designer: Client) -> None:
    page = upload(designer, standard_json.dumps(make.document()).encode())
    draft = make.loaded("prov-2021", [make.asking("NY")])

    response = designer.post(APPLY, {"plan": page.context["sealed"]})

    assert response["Location"] == IMPORT
    assert said(designer, IMPORT) == [
        "Someone else has changed this draft since you opened it. Nothing was done; look at it again."
    ]
    assert list(draft.questions.values_list("code", flat=True)) == ["NY"]


@pytest.mark.parametrize("sent", [{}, {"plan": ""}, {"plan": "eJx:forged"}])
def test_a_plan_that_was_not_made_here_is_refused(designer: Client, sent: dict[str, str]) -> None:
    response = designer.post(APPLY, sent)

    assert response["Location"] == IMPORT
    assert said(designer, IMPORT) == ["This plan can no longer be used. Choose the file again."]
    assert Questionnaire.objects.count() == 0


def test_a_plan_too_large_for_a_browser_is_said_so(designer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchanging, "LONGEST_SEALED", 100)

    page = upload(designer, standard_json.dumps(make.document()).encode())

    assert page.context["form"].errors == {
        "file": ["The questionnaire is too large for this page. Use the command import_questionnaire."]
    }


@pytest.mark.parametrize("form", [each for each in exchanging.FORMATS if each not in Drawn.values])
def test_every_light_format_can_be_downloaded(designer: Client, form: str) -> None:
    edition = make.published()

    menu = designer.get(reverse("admin:surveys_edition_formats", args=[edition.pk]))
    file = designer.get(reverse("admin:surveys_edition_export", args=[edition.pk]), {"format": form})

    assert [each["format"].name for each in menu.context["choices"]] == list(exchanging.FORMATS)
    assert file["Content-Disposition"] == f'attachment; filename="prov-2021-1.{exchanging.FORMATS[form].suffix}"'


def test_an_unknown_format_is_not_found(designer: Client) -> None:
    edition = make.published()

    assert (
        designer.get(reverse("admin:surveys_edition_export", args=[edition.pk]), {"format": "exe"}).status_code == 404
    )


def test_import_without_a_file_asks_for_one(designer: Client) -> None:
    assert designer.post(IMPORT).context["form"].errors == {"file": ["This field is required."]}


# --- Who may ----------------------------------------------------------------------------------------------
def addresses(draft: Edition) -> list[tuple[str, str]]:
    """Every address of a questionnaire with the method that does something there."""
    return [
        ("get", LIST),
        ("get", page_of(draft.questionnaire)),
        ("get", publish_page(draft.questionnaire)),
        ("post", publish_page(draft.questionnaire)),
        ("post", reverse("admin:surveys_questionnaire_draft", args=[draft.questionnaire_id])),
        ("get", reverse("admin:surveys_edition_export", args=[draft.pk])),
        ("get", reverse("admin:surveys_edition_formats", args=[draft.pk])),
        ("get", preview_page(draft)),
        ("post", preview_page(draft)),
        ("get", IMPORT),
        ("post", IMPORT),
        ("post", APPLY),
        ("post", reverse("admin:surveys_questionnaire_delete", args=[draft.questionnaire_id])),
    ]


def test_staff_without_the_right_get_403_everywhere() -> None:
    draft = make.loaded()
    before = json.dump(draft)

    for user in (cast.outsider(), cast.coder()):
        client = signed_in(user)
        answers = {(method, url): getattr(client, method)(url).status_code for method, url in addresses(draft)}
        assert answers == dict.fromkeys(addresses(draft), 403)
    assert json.dump(Edition.objects.get()) == before


def test_whoever_is_not_staff_is_sent_to_sign_in() -> None:
    draft = make.loaded()

    for client in (Client(), signed_in(cast.leader())):
        for method, url in addresses(draft):
            response = getattr(client, method)(url)
            assert response.status_code in (302, 403)
            if response.status_code == 302:
                assert response["Location"].startswith(("/accounts/login/", "/admin/login/"))


def test_what_does_not_exist_is_not_found(designer: Client) -> None:
    draft = make.loaded()
    gone = [
        ("get", reverse("admin:surveys_questionnaire_publish", args=[draft.questionnaire_id + 99])),
        ("post", reverse("admin:surveys_questionnaire_draft", args=[draft.questionnaire_id + 99])),
        ("get", reverse("admin:surveys_edition_export", args=[draft.pk + 99])),
        ("get", reverse("admin:surveys_edition_formats", args=[draft.pk + 99])),
        ("get", reverse("admin:surveys_edition_preview", args=[draft.pk + 99])),
        ("get", LIST + "abc/publish/"),
    ]

    for method, url in gone:
        assert getattr(designer, method)(url, follow=False).status_code in (302, 404), url
