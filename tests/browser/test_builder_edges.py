"""The builder's rough edges in a real browser: staying in place, inserting answers, waiting for a file."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests import cast, make
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.test_building import Writer
from tests.make import asking

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _by_another_name(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]


def desk(server: LiveServer, open_page: OpenPage, viewport: dict[str, int] = DESKTOP) -> Writer:
    cast.designer()
    writer = Writer(open_page(viewport=viewport, locale="en-GB"), server)
    writer.sign_in("designer")
    return writer


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
def test_deleting_and_undoing_far_down_stays_there(
    live_server: LiveServer, open_page: OpenPage, viewport: dict[str, int]
) -> None:
    draft = make.loaded("prov-2021", [asking(f"B{n}") for n in range(1, 41)])
    writer = desk(live_server, open_page, viewport)
    page = writer.page
    page.goto(f"{live_server.url}/admin/surveys/questionnaire/{draft.questionnaire_id}/build/")
    gone, beside = (f"question-{draft.questions.get(code=code).pk}" for code in ("B30", "B31"))
    writer.click(f"#{gone}-open")
    page.wait_for_selector(f"#{gone}-delete")
    writer.click(f"#{gone}-delete")
    expect(page.locator(f"#{beside}-open")).to_be_focused()
    expect(page.locator(f"#{beside}-open")).to_be_in_viewport()
    writer.click("#builder-undo")
    expect(page.locator(f"#{gone}-open")).to_be_focused()
    expect(page.locator(f"#{gone}-open")).to_be_in_viewport()
    assert page.evaluate("window.scrollY") > 500
    assert writer.errors == []


def test_while_a_file_is_read_the_page_says_so_and_sends_it_once(live_server: LiveServer, open_page: OpenPage) -> None:
    writer = desk(live_server, open_page)
    page = writer.page
    page.goto(f"{live_server.url}/admin/surveys/questionnaire/import/")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    content = json.dumps(make.document()).encode()
    page.locator('input[type="file"]').set_input_files(
        {"name": "prov.json", "mimeType": "application/json", "buffer": content}
    )
    # What it says while one waits is gone with the page: it is noted on the way, and it is sent twice.
    page.evaluate(
        """() => {
          const form = document.querySelector("form[data-busy]");
          form.requestSubmit(form.querySelector(".deed-first"));
          form.requestSubmit(form.querySelector(".deed-first"));
          sessionStorage.setItem("said", document.querySelector(".busy-said").textContent);
          sessionStorage.setItem("pressed", form.querySelector(".deed-first").getAttribute("aria-disabled"));
        }"""
    )
    expect(page.locator("dl.counts")).to_be_visible()
    said = page.evaluate("[sessionStorage.getItem('said'), sessionStorage.getItem('pressed')]")
    assert said == ["The file is being read. This can take some seconds …", "true"]
    assert len(sent) == 1
    _applied(page)
    assert writer.errors == []


def _applied(page: Page) -> None:
    page.locator(".deed-first").dblclick()
    page.wait_for_url("**/change/")
    expect(page.get_by_text("Read into the draft of “Prøve”.")).to_be_visible()


def test_an_earlier_answer_is_put_where_one_wrote_with_what_is_said_instead(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    draft = make.loaded(
        "prov-2021",
        [
            asking("B1", "short_text", text={"nb": "Hvilket kontor?"}),
            asking("B2", "information", text={"nb": "Les dette."}, options=[]),
            asking("B3", "roster", options=[{"code": "master", "label": {"nb": "Master"}}]),
            asking("B4", text={"nb": "Er  et godt sted?"}),
            asking("B5"),
        ],
        facts=[{"name": "role", "label": {"nb": "Verv"}, "values": [{"code": "local", "label": {"nb": "PTV"}}]}],
    )
    writer = desk(live_server, open_page, PHONE)
    page, place = writer.page, f"question-{draft.questions.get(code='B4').pk}"
    page.goto(f"{live_server.url}/admin/surveys/questionnaire/{draft.questionnaire_id}/build/#{place}")
    page.wait_for_selector(f"#{place}-insert")
    writer.click(f"#{place}-insert-summary")
    assert page.locator(f"#{place}-insert-what option").evaluate_all("all => all.map(each => each.value)") == [
        "B1",
        "role",
    ]
    text = page.locator(f"#{place}-text_nb")
    text.focus()
    text.evaluate("field => field.setSelectionRange(3, 3)")
    page.locator(f"#{place}-insert-instead").fill("{kontoret}|ditt")
    writer.click(f"#{place}-insert-it")
    expect(text).to_have_value("Er {B1| kontoret  ditt} et godt sted?".replace("| kontoret  ditt", "|kontoret  ditt"))
    expect(text).to_be_focused()
    writer.settle()
    assert draft.questions.get(code="B4").text_nb == "Er {B1|kontoret  ditt} et godt sted?"  # type: ignore[attr-defined]
    page.locator(f"#{place}-help_nb").focus()
    page.locator(f"#{place}-insert-what").select_option("role")
    writer.click(f"#{place}-insert-it")
    writer.settle()
    assert draft.questions.get(code="B4").help_nb == "{role}"  # type: ignore[attr-defined]
    first = f"question-{draft.questions.get(code='B1').pk}"
    writer.click(f"#{first}-open")
    page.wait_for_selector(f"#{first}-insert")
    assert page.locator(f"#{first}-insert-what option").evaluate_all("all => all.map(each => each.value)") == ["role"]
    assert writer.errors == []
