"""The languages of a questionnaire in a real browser: a sheet out and in, and what is still missing written."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests import cast, make
from tests.browser.builder import Writer
from tests.browser.conftest import DESKTOP, PHONE, WCAG, OpenPage
from tests.surveys.translating.sheets import Q1, texts, typed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _by_another_name(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]


def violations(page: Page) -> list[str]:
    """What is wrong with our own part of the page; around it is the theme's."""
    found = Axe().run(page, context=".sheet", options={"runOnly": WCAG}).response["violations"]
    return [f"{rule['id']}: {node['target']}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_sheet_goes_out_and_comes_in_and_a_gap_leads_to_its_field(
    open_page: OpenPage, live_server: LiveServer, tmp_path: Path, viewport: dict[str, int]
) -> None:
    draft, designer = make.loaded(), cast.designer()
    page = open_page(locale="en-GB", viewport=viewport)
    writer = Writer(page, live_server)
    writer.sign_in(designer.get_username())
    page.goto(f"{live_server.url}/admin/surveys/questionnaire/edition/{draft.pk}/translations/")
    assert violations(page) == []

    with page.expect_download() as download:
        page.get_by_role("link", name="Download the sheet").click()
    download.value.save_as(tmp_path / "ark.xlsx")
    (tmp_path / "ark.xlsx").write_bytes(typed((tmp_path / "ark.xlsx").read_bytes(), {(Q1, "nn"): "Kva meiner du?"}))
    page.set_input_files('input[type="file"]', tmp_path / "ark.xlsx")
    page.get_by_role("button", name="See what is new").click()
    expect(page.get_by_text("Kva meiner du?")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Write this into the draft").click()
    expect(page.get_by_text("1 text was written.")).to_be_visible()
    assert texts(draft)[Q1, "nn"] == "Kva meiner du?"

    page.locator("#missing-nn").get_by_role("link", name="Section 1 › Q2 · Text").click()
    field = page.locator(f"#question-{draft.questions.get(code='Q2').pk}-text_nn")
    expect(field).to_be_focused()
    field.fill("Kva med dette?")
    writer.settle()
    assert texts(draft)["questions/Q2/text", "nn"] == "Kva med dette?"
    assert writer.errors == []
