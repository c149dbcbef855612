"""Putting images and documents in at the builder, and on the page of a question without its script."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from surveys import authoring, publishing
from surveys.attachments import attaching
from surveys.drafting import undoing
from surveys.models import Attachment, Edition, Question
from tests import cast, files, make
from tests.make import asking
from tests.page import parse
from tests.surveys.admin.builds import SCRIPT, address, deed, question
from tests.surveys.admin.pages import change, errors, filled, signed_in

pytestmark = pytest.mark.django_db


def draft(*codes: str) -> Edition:
    return make.loaded("blokker", [*(asking(each, "information") for each in codes or ("I1",)), asking("Q1")])


def attach(client: Client, row: Question, content: bytes = b"", **sent: Any) -> Any:
    """What the page sends when a file has been chosen."""
    usual = {
        "place": f"question-{row.pk}",
        "read": attaching.mark(Question.objects.get(pk=row.pk)),
        "file": SimpleUploadedFile("ring.png", content or files.png()),
    }
    given = {name: value for name, value in {**usual, **sent}.items() if value is not None}
    return client.post(address(row.edition, "_attach"), given, headers=SCRIPT)


# --- The builder ------------------------------------------------------------------------------------------


def test_a_chosen_file_is_put_in_and_shown_and_its_text_asked_for(designer: Client) -> None:
    edition = draft()
    row = question(edition, "I1")
    response = attach(designer, row)
    assert response.status_code == 200
    data = response.json()
    row.refresh_from_db()
    assert (data["place"], data["focus"]) == (f"question-{row.pk}", f"question-{row.pk}-alt_nb")
    sheet = parse(data["sheet"])
    assert sheet.find("div", class_="builder-file-shown").find("img").get("src") == f"/files/{row.attachment_id}.png"
    assert sheet.find("input", type="file").get("data-read") == attaching.mark(row)
    assert [node.get("data-name") for node in sheet.all("textarea") if "alt_" in str(node.get("data-name"))] == [
        "alt_nb", "alt_nn", "alt_en", "alt_se",
    ]  # fmt: skip
    assert "with an image" in parse(data["board"]).find("li", id=f"question-{row.pk}").text
    # It is on record, and can be undone.
    undoing.undo(edition.pk, undoing.history(edition)[0].pk, None, make.DURING)
    row.refresh_from_db()
    assert row.attachment_id is None


def test_a_document_asks_for_its_title(designer: Client) -> None:
    row = question(draft(), "I1")
    data = attach(designer, row, file=SimpleUploadedFile("Avtalen_2024.pdf", files.document())).json()
    sheet = parse(data["sheet"])
    assert data["focus"] == f"question-{row.pk}-caption_nb"
    assert sheet.find("input", id=f"question-{row.pk}-caption_nb").get("value") == "Avtalen 2024"
    assert sheet.find("label", for_=f"question-{row.pk}-caption_nb").text == "Title of the document"
    assert sheet.all("textarea", id=f"question-{row.pk}-alt_nb") == []


@pytest.mark.parametrize(
    ("sent", "status", "reason"),
    [
        ({"file": None}, 422, "Please choose a file."),
        ({"file": SimpleUploadedFile("bilde.png", b"MZ\x90")}, 422, "This is neither an image"),
        ({"file": SimpleUploadedFile("tomt.png", b"")}, 422, "The file is empty."),
        ({"file": SimpleUploadedFile("a.png", files.png()[:200])}, 422, "The file is damaged"),
        ({"place": ""}, 410, "Someone else has deleted this"),
        ({"place": "question-0"}, 410, "Someone else has deleted this"),
        ({"place": "question-9' OR 1=1"}, 410, "Someone else has deleted this"),
        ({"read": "something else"}, 422, "Someone else has changed the image or document"),
        ({"read": None}, 422, "Someone else has changed the image or document"),
    ],
)
def test_what_is_refused_is_said_and_leaves_nothing(
    designer: Client, sent: dict[str, Any], status: int, reason: str
) -> None:
    row = question(draft(), "I1")
    response = attach(designer, row, **sent)
    assert (response.status_code, Attachment.objects.count()) == (status, 0)
    assert response.json()["reasons"][0].startswith(reason)


def test_a_file_above_the_limit_ends_the_request(designer: Client) -> None:
    row = question(draft(), "I1")
    response = attach(designer, row, b"\xff\xd8\xff" + b"\0" * 11 * 1024 * 1024)
    assert (response.status_code, Attachment.objects.count()) == (400, 0)


def test_only_by_post_and_only_with_the_right(designer: Client) -> None:
    row = question(draft(), "I1")
    assert designer.get(address(row.edition, "_attach")).status_code == 405
    assert attach(signed_in(cast.outsider()), row).status_code == 403
    assert attach(signed_in(cast.coder()), row).status_code == 403
    assert attach(Client(), row).status_code == 302
    assert Attachment.objects.count() == 0


def test_someone_elses_question_and_a_published_one(designer: Client) -> None:
    edition = draft()
    other = make.loaded("annet", [asking("I1", "information"), asking("Q1")])
    sent = {"place": f"question-{question(other, 'I1').pk}"}
    assert attach(designer, question(edition, "I1"), **sent).status_code == 410
    assert attach(designer, question(edition, "Q1")).status_code == 422
    publishing.publish(edition.questionnaire_id, make.OPENS)
    assert attach(designer, question(edition, "I1")).status_code == 410
    assert Attachment.objects.count() == 0


def test_taking_out_at_the_page(designer: Client) -> None:
    edition = draft()
    row = question(edition, "I1")
    attach(designer, row)
    row.refresh_from_db()
    stale = deed(designer, edition, "detach", place=f"question-{row.pk}", read="something else")
    assert (stale.status_code, question(edition, "I1").attachment_id) == (422, row.attachment_id)
    response = deed(designer, edition, "detach", place=f"question-{row.pk}", read=attaching.mark(row))
    assert (response.status_code, response.json()["focus"]) == (200, f"question-{row.pk}-file")
    assert question(edition, "I1").attachment_id is None


def test_a_file_is_not_written_as_a_field(designer: Client) -> None:
    edition = draft()
    sent = {"place": f"question-{question(edition, 'I1').pk}", "name": "attachment", "value": "0" * 64, "read": ""}
    assert designer.post(address(edition, "_write"), sent, headers=SCRIPT).status_code == 422


def test_the_page_asks_the_database_as_often_for_three_images_as_for_one(designer: Client) -> None:
    counts = []
    for size in (1, 3):
        contents = {f"fil{number}": files.png(60 + number, 60) for number in range(size)}
        edition = make.showing(f"med-{size}", **contents)
        with CaptureQueriesContext(connection) as page:
            designer.get(address(edition))
        with CaptureQueriesContext(connection) as changes:
            designer.get(
                address(edition, "_changes"), {"open": f"question-{question(edition, 'I2').pk}"}, headers=SCRIPT
            )
        # What is shown is what the file is like; the file itself is fetched at its own address.
        asked = [each["sql"] for each in (*page.captured_queries, *changes.captured_queries)]
        assert not any('"surveys_attachment"."content"' in each for each in asked)
        counts.append((len(page), len(changes)))
    assert counts[0] == counts[1]


# --- Without its script -----------------------------------------------------------------------------------


def test_a_file_comes_with_the_form_of_a_question(designer: Client) -> None:
    row = question(draft(), "I1")
    page = parse(designer.get(change(row)))
    assert page.find("form", id="question_form").get("enctype") == "multipart/form-data"
    sent = filled(designer, change(row), quotation_nb="Spør først.", source_nb="Avtalen", alt_nb="En ring")
    response = designer.post(change(row), {**sent, "file": SimpleUploadedFile("x.exe", files.png())})
    assert response.status_code == 302
    row.refresh_from_db()
    assert (row.attachment.media_type, row.alt_nb, row.quotation_nb, row.source_nb) == (
        "image/png", "En ring", "Spør først.", "Avtalen",
    )  # fmt: skip
    # Saved again without a file, it stays; ticked, it goes.
    assert designer.post(change(row), filled(designer, change(row))).status_code == 302
    assert Question.objects.get(pk=row.pk).attachment_id == row.attachment_id
    designer.post(change(row), filled(designer, change(row), without_file="on"))
    assert Question.objects.get(pk=row.pk).attachment_id is None


def test_a_block_may_be_an_image_and_nothing_more(designer: Client) -> None:
    row = question(draft(), "I1")
    sent = {**filled(designer, change(row), text_nb="", alt_nb="En ring"), "file": SimpleUploadedFile("x", files.png())}
    assert designer.post(change(row), sent).status_code == 302
    assert question(row.edition, "I1").text_nb == ""
    asked = question(row.edition, "Q1")
    refused = designer.post(change(asked), filled(designer, change(asked), text_nb=""))
    assert errors(refused) == ["This field is required."]


def test_a_form_with_a_bad_file_comes_back_with_the_reason(designer: Client) -> None:
    row = question(draft(), "I1")
    sent = filled(designer, change(row), text_nb="Nytt")
    response = designer.post(change(row), {**sent, "file": SimpleUploadedFile("x.png", b"MZ")})
    assert errors(response) == ["This is neither an image (PNG, JPEG or WebP) nor a document (PDF)."]
    assert (question(row.edition, "I1").text_nb, Attachment.objects.count()) == ("I1, hva mener du?", 0)


def test_a_form_made_before_someone_else_put_a_file_in_is_refused(designer: Client) -> None:
    row = question(draft(), "I1")
    sent = filled(designer, change(row), text_nb="Nytt")
    attach(designer, row)
    assert designer.post(change(row), sent).status_code == 200
    assert question(row.edition, "I1").text_nb == "I1, hva mener du?"


# --- Elsewhere in the admin -------------------------------------------------------------------------------


def test_the_comparison_says_that_an_image_was_exchanged(designer: Client) -> None:
    before = make.showing(published=True, ring=files.png())
    after = authoring.draft(before.questionnaire)
    row = question(after, "I2")
    attach(designer, row, files.png(300, 300))
    row.refresh_from_db()
    Question.objects.filter(pk=row.pk).update(alt_nb="En annen ring")
    page = parse(designer.get(reverse("admin:surveys_questionnaire_compare"), {"before": before.pk, "after": after.pk}))
    (changed,) = [each for each in page.all("tr", class_="compared-changed") if "I2" in each.text]
    assert "image or document exchanged for another (PNG → PNG)" in changed.text
    assert "text in place of the image (bokmål)" in changed.text
    deed(designer, after, "detach", place=f"question-{row.pk}", read=attaching.mark(row))
    page = parse(designer.get(reverse("admin:surveys_questionnaire_compare"), {"before": before.pk, "after": after.pk}))
    assert "image or document taken out (PNG)" in page.text
