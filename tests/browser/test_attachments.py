"""Images and documents in a real browser: put in at the builder, and as respondents meet them."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from config import middleware
from surveys import authoring, fielding
from surveys.attachments import attaching
from surveys.models import Attachment, Edition, Question, Questionnaire
from tests import cast, files, make
from tests.browser.builder import WIDE, Writer
from tests.browser.builder import violations as in_builder
from tests.browser.conftest import DESKTOP, PHONE, OpenPage, violations
from tests.make import asking

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _by_another_name(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]


def picture(page: Page, name: str) -> None:
    """Kept to be looked at, when a folder is named."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def sent(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def at_builder(open_page: OpenPage, server: LiveServer, draft: Edition, viewport: dict[str, int]) -> tuple[Page, str]:
    """The page with the first block open, and its place."""
    cast.designer()
    page = open_page(viewport=viewport, locale="en")
    writer = Writer(page, server)
    writer.sign_in("designer")
    page.goto(f"{server.url}/admin/surveys/questionnaire/{draft.questionnaire_id}/build/")
    page.locator(".builder-question .builder-open").first.click()
    page.wait_for_selector('[data-sheet^="question-"]')
    return page, writer.opened()


def test_images_and_documents_are_put_in_exchanged_and_taken_out(live_server: LiveServer, open_page: OpenPage) -> None:
    draft = make.loaded("blokker", [asking("I1", "information"), asking("Q1")])
    page, place = at_builder(open_page, live_server, draft, WIDE)
    settle = "document.getElementById('builder-state').dataset.state === 'saved'"
    mistakes: list[str] = []
    page.on("pageerror", lambda error: mistakes.append(str(error)))

    # What is refused is said at the field, and nothing else changes; not even the field before it.
    page.set_input_files(f"#{place}-file", sent("bilde.png", b"MZ\x90" + b"\0" * 500))
    said = page.locator(f'[data-note="{place}-file"] [role=alert]')
    expect(said).to_have_text("This is neither an image (PNG, JPEG or WebP) nor a document (PDF).")
    assert page.input_value(f"#{place}-code") == "I1"
    assert Attachment.objects.count() == 0
    page.set_input_files(f"#{place}-file", sent("stort.jpg", b"\xff\xd8\xff" + b"\0" * 10 * 1024 * 1024))
    expect(said).to_have_text("The file is larger than 10 MB.")

    page.fill(f"#{place}-quotation_nb", "Spør først.")
    page.set_input_files(f"#{place}-file", sent("ring.png", files.png(1200, 600)))
    expect(page.locator(f"#{place}-alt_nb")).to_be_focused()
    expect(said).to_have_count(0)
    page.keyboard.type("En ring")
    page.wait_for_function(settle)
    question = Question.objects.get(edition=draft, code="I1")
    assert (question.quotation_nb, question.alt_nb) == ("Spør først.", "En ring")
    first = question.attachment_id
    # Beside it, as respondents will see it.
    frame = page.frame_locator("#builder-frame")
    expect(frame.locator("figure.picture img")).to_have_attribute("alt", "En ring")
    assert frame.locator("figure.picture img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    picture(page, "builder-image")
    assert in_builder(page) == []

    page.set_input_files(f"#{place}-file", sent("Avtalen.pdf", files.document()))
    expect(page.locator(f"#{place}-caption_nb")).to_be_focused()
    page.wait_for_function(settle)
    question.refresh_from_db()
    assert (question.caption_nb, question.attachment_id != first) == ("Avtalen", True)
    expect(frame.locator(".document a")).to_have_text("Avtalen")
    picture(page, "builder-document")
    assert in_builder(page) == []

    page.locator(f"#{place}-detach").focus()
    page.keyboard.press("Enter")
    page.locator("#builder-ask button[value=yes]").press("Enter")
    expect(page.locator(f"#{place}-file")).to_be_focused()
    expect(page.locator(".builder-file-shown")).to_have_count(0)
    assert Question.objects.get(pk=question.pk).attachment_id is None
    assert mistakes == []


def test_the_second_of_two_is_told(live_server: LiveServer, open_page: OpenPage) -> None:
    draft = make.loaded("blokker", [asking("I1", "information"), asking("Q1")])
    page, place = at_builder(open_page, live_server, draft, DESKTOP)
    row = Question.objects.get(edition=draft, code="I1")
    theirs = attaching.attach(draft.pk, row.pk, files.png(90, 90), "x", attaching.mark(row)).attachment_id
    page.set_input_files(f"#{place}-file", sent("ring.png", files.png()))
    expect(page.locator(f'[data-note="{place}-file"] [role=alert]')).to_contain_text("Someone else has changed")
    assert Question.objects.get(pk=row.pk).attachment_id == theirs


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_respondents_see_them_and_nothing_jumps(
    live_server: LiveServer, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, size: dict[str, int]
) -> None:
    edition = make.showing(
        published=True,
        ring=files.png(1200, 600),
        avtale=files.document(),
        foto=files.encoded(files.photograph(), "JPEG"),
    )
    survey = fielding.plan("med-filer", edition, opens_at=make.OPENS, closes_at=make.DEADLINE, promise="anonymous")
    fielding.open_survey(survey, make.OPENS)
    # The server runs in this process: it is asked at a time when the survey is open.
    monkeypatch.setattr(middleware, "timezone", SimpleNamespace(now=lambda: make.DURING, is_aware=timezone.is_aware))
    page = open_page(viewport=size)
    refused: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url) if "/files/" in request.url else None)
    page.goto(f"{live_server.url}/s/{make.link(survey)}")
    assert asked == []
    # Until they are let go, images are on their way.
    held: list[Any] = []

    def hold(route: Any) -> None:
        held.append(route)

    page.route("**/files/*", hold)
    page.locator('[name="go"][value="start"]').first.click()
    page.locator(".picture img").first.wait_for()
    # What comes when it is near does not hold this up.
    page.wait_for_load_state("load")
    boxes = (
        "[...document.images].map(image => [image.getBoundingClientRect().width, image.getBoundingClientRect().height])"
    )
    before = page.evaluate(boxes)
    for route in held:
        route.continue_()
    page.unroute("**/files/*")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.evaluate("Promise.all([...document.images].map(each => each.decode()))")
    after = page.evaluate(boxes)
    moved = [abs(now - then) for pair in zip(before, after, strict=True) for then, now in zip(*pair, strict=True)]
    assert max(moved) < 1
    assert all(width <= size["width"] for width, _height in after)
    if size is PHONE:
        assert [url for url in asked if url.endswith("-small.jpg")] != []
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    picture(page, f"respondent-{size['width']}")
    assert violations(page) == []
    with page.expect_download() as fetched:
        page.locator(".document a").click()
    assert fetched.value.suggested_filename == "Avtalen-om-ringen.pdf"
    # The page with the answers is still there.
    assert page.locator('[name="Q1_option"]').count() > 0
    assert refused == []


def test_a_block_gets_its_image_on_a_page_of_its_own_too(live_server: LiveServer, open_page: OpenPage) -> None:
    draft = make.loaded("blokker", [asking("I1", "information"), asking("Q1")])
    cast.designer()
    page = open_page(viewport=DESKTOP, locale="en")
    Writer(page, live_server).sign_in("designer")
    page.goto(f"{live_server.url}/admin/surveys/question/{draft.questions.get(code='I1').pk}/change/")
    page.set_input_files('[name="file"]', sent("ring.png", files.png()))
    page.locator('[name="alt_nb"]').fill("En ring")
    picture(page, "part")
    page.locator('[name="_save"]').click()
    edition = authoring.draft(Questionnaire.objects.get())
    assert Question.objects.get(edition=edition, code="I1").attachment_id == Attachment.objects.get().pk
