"""The questionnaire's pages: read, publish, start afresh, import, export, preview."""

from __future__ import annotations

import json as standard_json
import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from surveys import authoring, critiquing, exchanging
from surveys.formats import json
from surveys.models import Drawn, Edition, Questionnaire
from tests import cast, make
from tests.surveys.admin.pages import signed_in
from tests.surveys.formats.test_xlsform import YES_NO, book

pytestmark = pytest.mark.django_db

LIST = reverse("admin:surveys_questionnaire_changelist")
IMPORT = reverse("admin:surveys_questionnaire_import")
APPLY = reverse("admin:surveys_questionnaire_import_apply")


def page_of(questionnaire: Questionnaire) -> str:
    return reverse("admin:surveys_questionnaire_change", args=[questionnaire.pk])


def publish_page(questionnaire: Questionnaire) -> str:
    return reverse("admin:surveys_questionnaire_publish", args=[questionnaire.pk])


def preview_page(edition: Edition) -> str:
    return reverse("admin:surveys_edition_preview", args=[edition.pk])


def text(response: HttpResponse) -> str:
    """What a page says, without its tags, blanks run together."""
    body = re.sub(r"(?s)<(script|style|svg).*?</\1>", " ", response.content.decode())
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def said(client: Client, url: str) -> list[str]:
    """The messages shown on the next page."""
    return [str(message) for message in client.get(url).context["messages"]]


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
