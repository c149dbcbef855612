"""Every kind of question in a real browser: accessible in every size and scheme, and usable without a script."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from config import middleware
from surveys.models import SealedBallot
from tests import cast, kinds, make
from tests.browser.conftest import DESKTOP, PHONE, WCAG, OpenPage, violations
from tests.browser.test_answer import NARROW, press

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _in_the_field(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """The server runs in this process: it is asked by another name, and at a time when the survey is open."""
    settings.ALLOWED_HOSTS = ["localhost"]
    clock = SimpleNamespace(now=lambda: make.DURING, is_aware=timezone.is_aware)
    monkeypatch.setattr(middleware, "timezone", clock)


def picture(page: Page, name: str) -> None:
    """For people to look at: where PICTURES says."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def fill(page: Page, given: dict[str, object]) -> None:
    """Tick, choose and write what one page asks for."""
    for name, value in given.items():
        for each in value if isinstance(value, list) else [value]:
            ticks = page.locator(f'input[name="{name}"][value="{each}"]')
            if ticks.count() and ticks.first.get_attribute("type") in ("radio", "checkbox"):
                ticks.first.check()
            elif page.locator(f'select[name="{name}"]').count():
                page.locator(f'select[name="{name}"]').select_option(str(each))
            else:
                page.locator(f'[name="{name}"]').fill(str(each))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "size", "scheme", "forced"),
    [
        ("nb", NARROW, "light", "none"), ("nb", DESKTOP, "dark", "none"), ("en", PHONE, "dark", "none"),
        ("en", DESKTOP, "light", "none"), ("nb", DESKTOP, "light", "active"),
    ],
    ids=["nb-320", "nb-desktop-dark", "en-390-dark", "en-desktop", "nb-forced"],
)  # fmt: skip
def test_every_kind_can_be_used_by_everyone(
    live_server: LiveServer, open_page: OpenPage, language: str, size: dict[str, int], scheme: str, forced: str
) -> None:
    page = open_page(viewport=size, color_scheme=scheme, forced_colors=forced)
    name = f"{language}-{size['width']}-{scheme}-{forced}"
    found: dict[str, list[str]] = {}

    def look(state: str) -> None:
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        found[state] = violations(page) + (["scrolls sideways"] if wide else [])
        picture(page, f"{name}-{state}")

    link = make.link(kinds.every(), language=language, role="chief", region="north")
    page.goto(f"{live_server.url}/s/{link}")
    press(page, "start")
    look("1-ticks")
    page.locator('[name="A1_option"][value="no"]').check()
    page.locator('[name="A3_options"][value="none"]').check()
    page.locator('[name="A3_options"][value="pay"]').check()
    press(page, "next")
    look("1-ticks-error")
    page.locator('[name="A3_options"][value="none"]').uncheck()
    fill(page, kinds.GIVEN[0])
    press(page, "next")
    look("2-scales")
    page.locator('[name="B2_option"][value="2"]').check()
    press(page, "next")
    look("2-scales-error")
    fill(page, kinds.GIVEN[1])
    press(page, "next")
    look("3-measures")
    fill(page, {"C1_rank1": "pay", "C1_rank2": "pay", "C2_number": "hundre", "C6_row1_subject": "Jus"})
    press(page, "next")
    look("3-measures-error")
    fill(page, kinds.GIVEN[2])
    press(page, "next")
    look("4-routed")
    press(page, "next")
    look("5-review")
    assert {state: wrong for state, wrong in found.items() if wrong} == {}


def test_a_grid_is_answered_by_keyboard_without_a_script(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False, viewport=DESKTOP)
    page.goto(f"{live_server.url}/s/{make.link(kinds.every(), role='local')}")
    press(page, "start")
    press(page, "next")
    page.locator("#B1_option").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    assert page.locator("#B2_option:focus").count() == 1
    page.keyboard.press("Space")
    press(page, "next")
    press(page, "back")
    assert page.locator('[name="B1_option"]:checked').get_attribute("value") == "2"
    assert page.locator('[name="B2_option"]:checked').get_attribute("value") == "1"
    assert SealedBallot.objects.count() == 1


def test_a_grid_is_a_table_with_room_and_groups_of_answers_without(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    page = open_page(viewport=DESKTOP)
    page.goto(f"{live_server.url}/s/{make.link(kinds.every(), role='local', language='en')}")
    press(page, "start")
    press(page, "next")
    point = page.get_by_role("radio", name="I am consulted. Agree", exact=True)
    assert page.get_by_role("columnheader", name="Agree", exact=True).is_visible()
    assert page.get_by_role("rowheader", name="I am consulted.").is_visible()
    assert not page.locator("#B2_option_3-label").evaluate("each => each.offsetWidth > 1")
    page.set_viewport_size(PHONE)
    assert page.locator("#B2_option_3-label").evaluate("each => each.offsetWidth > 1")
    point.check()
    assert page.locator("#B2_option_3").is_checked()


def test_a_text_meant_for_one_answer_waits_for_it_and_stays_once_written(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{live_server.url}/s/{make.link(kinds.every(), role='local')}")
    press(page, "start")
    text = page.locator("#A1_text")
    assert not text.is_visible()
    page.locator('[name="A1_option"][value="yes"]').check()
    assert not text.is_visible()
    page.locator('[name="A1_option"][value="no"]').check()
    assert text.is_visible()
    text.fill("Møtene.")
    page.locator('[name="A1_option"][value="yes"]').check()
    assert text.is_visible()
    text.fill("")
    assert not text.is_visible()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_map_of_the_routing(
    live_server: LiveServer, open_page: OpenPage, client: Client, size: dict[str, int]
) -> None:
    client.force_login(cast.designer())
    edition = kinds.every().edition
    page = open_page(viewport=size)
    value = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])
    page.goto(live_server.url + reverse("admin:surveys_edition_map", args=[edition.pk]))
    assert page.locator(".routing-map .stop").all_text_contents() == ["role", "C2", "D1", "D2"]
    picture(page, f"map-{size['width']}")
    assert Axe().run(page, context=".sheet", options={"runOnly": WCAG}).response["violations"] == []
