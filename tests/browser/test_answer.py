"""Answering in a real browser: by keyboard on a phone without a script, and every state under axe."""

from __future__ import annotations

from contextlib import suppress
from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import Error, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from config import middleware
from surveys.models import SealedBallot
from tests import make
from tests.browser.conftest import DESKTOP, OpenPage, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NARROW = {"width": 320, "height": 640}


@pytest.fixture(autouse=True)
def _in_the_field(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """The server runs in this process: it is asked by another name, and at a time when the survey is open."""
    settings.ALLOWED_HOSTS = ["localhost"]
    clock = SimpleNamespace(now=lambda: make.DURING, is_aware=timezone.is_aware)
    monkeypatch.setattr(middleware, "timezone", clock)


def press(page: Page, value: str) -> None:
    """Click the visible button that goes there, and wait until the next page is whole."""
    with page.expect_navigation(wait_until="load"):
        page.locator(f'main button[name="go"][value="{value}"]').first.click()


def enter(page: Page) -> None:
    """Press Enter, and wait until the next page is whole."""
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus, as someone without a pointer does."""
    for _time in range(40):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus").count():
            return
    raise AssertionError(f"{selector} cannot be reached by Tab")


def test_the_whole_way_by_keyboard_on_a_phone_without_a_script(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{live_server.url}/s/{make.link(make.routed())}")
    tab_to(page, 'button[value="start"]')
    enter(page)
    tab_to(page, "#Q1_option")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("Fordi.")
    tab_to(page, 'main button[value="next"]')
    enter(page)
    tab_to(page, "#Q3_option")
    page.keyboard.press("ArrowDown")
    # Enter inside the form means Next, although the buttons of the languages stand first.
    enter(page)
    tab_to(page, 'button[value="submit"]')
    assert page.locator(".written").inner_text() == "Fordi."
    enter(page)
    assert page.locator('input[name="step"]').input_value() == "receipt"
    assert SealedBallot.objects.get().final is True


def test_errors_lead_to_their_fields(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{live_server.url}/s/{make.link(make.routed())}")
    press(page, "start")
    page.locator("#Q1_option").check()
    page.locator("#Q2_text").fill("Dette skal bli stående.")
    press(page, "next")
    page.locator(".error-summary a").click()
    page.keyboard.type("Her.")
    assert page.locator("#Q1_text").input_value() == "Her."
    assert page.locator("#Q2_text").input_value() == "Dette skal bli stående."
    assert page.locator("#Q1_option").is_checked()


def test_going_back_and_reloading_do_no_harm(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page()
    link = f"{live_server.url}/s/{make.link(make.routed())}"
    page.goto(link)
    press(page, "start")
    page.locator("#Q2_text").fill("Beholdt.")
    press(page, "next")
    # The pages are kept nowhere: the browser asks whether to send the form again, and people open the link anew.
    with suppress(Error):
        page.go_back()
    page = page.context.new_page()
    page.goto(link)
    press(page, "continue")
    page.locator("#Q3_option_1").check()
    press(page, "next")
    press(page, "submit")
    page.reload()
    assert page.locator('input[name="step"]').input_value() == "receipt"
    assert SealedBallot.objects.count() == 1


def test_the_first_load_is_three_requests(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.resource_type))
    page.goto(f"{live_server.url}/s/{make.link(make.routed())}", wait_until="networkidle")
    assert len(asked) <= 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "size", "scheme"),
    [
        ("nb", NARROW, "light"), ("nb", DESKTOP, "dark"), ("nn", NARROW, "dark"), ("nn", DESKTOP, "light"),
        ("en", NARROW, "light"), ("en", DESKTOP, "dark"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value['width']}px",
)  # fmt: skip
def test_every_state_can_be_used_by_everyone(
    live_server: LiveServer, open_page: OpenPage, language: str, size: dict[str, int], scheme: str
) -> None:
    page = open_page(viewport=size, color_scheme=scheme)
    link = f"{live_server.url}/s/{make.link(make.routed(), language=language)}"
    found: dict[str, list[str]] = {}

    def look(state: str) -> None:
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        found[state] = violations(page) + (["scrolls sideways"] if wide else [])
        assert page.locator("html").get_attribute("lang") == language or state == "unknown"

    page.goto(link)
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true })")
    look("welcome")
    press(page, "start")
    look("first page")
    page.locator("#Q1_option").check()
    press(page, "next")
    look("error")
    page.locator("#Q1_text").fill("Et langt ord: " + "partnerskapsavtaleforhandlinger" * 3)
    press(page, "next")
    look("second page")
    page.locator("#Q3_option").check()
    press(page, "leave")
    look("left")
    press(page, "continue")
    look("third page")
    press(page, "next")
    look("review")
    press(page, "submit")
    look("receipt")
    press(page, "forget")
    look("forgotten")
    page.goto(link)
    page.locator("#typed").fill("23456789")
    press(page, "code")
    look("wrong code")
    page.goto(link[:-1])
    look("unknown")
    assert {state: wrong for state, wrong in found.items() if wrong} == {}
