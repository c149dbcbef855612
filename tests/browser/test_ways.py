"""Open links, a shared screen and entering for others in a real browser: with a script and without, and under axe."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Error, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from config import middleware
from surveys.models import OpenLink, SealedBallot
from surveys.ways import limiting, linking
from tests import cast, make
from tests.browser.conftest import DESKTOP, OpenPage, violations
from tests.surveys.ways import making

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _in_the_field(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """The server runs in this process: it is asked by another name, and at a time when the survey is open."""
    settings.ALLOWED_HOSTS = ["localhost"]
    clock = SimpleNamespace(now=lambda: make.DURING, is_aware=timezone.is_aware)
    monkeypatch.setattr(middleware, "timezone", clock)
    cache.clear()


def press(page: Page, value: str) -> None:
    with page.expect_navigation(wait_until="load"):
        page.locator(f'main button[name="go"][value="{value}"]').first.click()


def shown(page: Page) -> str:
    """What stands there, once the browser has made up its mind."""
    for _try in range(50):
        with suppress(Error):
            return page.content()
        page.wait_for_timeout(100)
    raise AssertionError(page.url)


def answer(page: Page, text: str = "Fordi.") -> None:
    """From the first page to the receipt."""
    page.locator("#Q1_option").check()
    page.locator("#Q1_text").fill(text)
    press(page, "next")
    page.locator("#Q3_option").check()
    press(page, "next")
    press(page, "next")
    press(page, "submit")
    expect(page.locator('input[name="step"][value="receipt"]')).to_have_count(1)


def languages_pass(page: Page) -> None:
    for language in ("nn", "en", "nb"):
        with page.expect_navigation(wait_until="load"):
            page.locator(f'.languages button[value="{language}"]').click()
        assert violations(page) == [], language


def test_by_the_script_start_takes_a_moment_and_no_wait(live_server: LiveServer, open_page: OpenPage) -> None:
    link = making.link()
    page = open_page()
    page.goto(f"{live_server.url}/o/{link.code}")
    languages_pass(page)
    press(page, "start")
    assert page.locator(".new-code samp").inner_text()
    assert violations(page) == []
    answer(page)
    assert violations(page) == []
    assert SealedBallot.objects.get().final is True


def test_the_script_s_hash_is_sha256(live_server: LiveServer, open_page: OpenPage) -> None:
    """Five sums in a row, each taken by the server: whatever the length of what is hashed."""
    link = making.link()
    page = open_page()
    for _number in range(5):
        page.goto(f"{live_server.url}/o/{link.code}")
        page.context.clear_cookies()
        page.goto(f"{live_server.url}/o/{link.code}")
        press(page, "start")
        assert page.locator('input[name="page"]').input_value() == "1"
    link.refresh_from_db()
    assert link.handed == 5


def test_without_a_script_one_waits(
    live_server: LiveServer, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = making.link()
    page = open_page(java_script_enabled=False)
    page.goto(f"{live_server.url}/o/{link.code}")
    press(page, "start")
    assert page.locator("#notice h2").inner_text()
    later = make.DURING + timedelta(seconds=16)
    clock = SimpleNamespace(now=lambda: later, is_aware=timezone.is_aware)
    monkeypatch.setattr(middleware, "timezone", clock)
    press(page, "start")
    assert page.locator('input[name="page"]').input_value() == "1"


@pytest.mark.parametrize("state", ["wait", "crowded", "find", "wrong", "off", "full", "not_open", "unknown"])
def test_every_other_state_under_axe(live_server: LiveServer, open_page: OpenPage, state: str) -> None:
    link = making.link(opens_at=make.DURING + timedelta(hours=1) if state == "not_open" else None)
    address = f"/o/{link.code}"
    if state == "off":
        linking.turn_off(link, make.DURING)
    elif state == "full":
        OpenLink.objects.filter(pk=link.pk).update(handed=300)
    elif state == "find":
        address = "/o/"
    elif state == "wrong":
        address = "/o/ABCDEFGH"
    elif state == "unknown":
        address = "/o/" + "a" * 50
    page = open_page()
    page.goto(live_server.url + address)
    if state in ("wait", "crowded"):
        if state == "crowded":
            for _number in range(limiting.WITH_SUM.address):
                limiting.within(link.pk, "127.0.0.1", limiting.WITH_SUM, make.DURING, kind="sum")
        else:
            page.evaluate("document.querySelector('input[name=challenge]').value = ''")
            expect(page.locator("input[name=answer]")).not_to_have_value("")
        press(page, "start")
        assert page.locator("#notice").count() == 1
    assert violations(page) == []


def test_a_shared_screen_keeps_nothing(live_server: LiveServer, open_page: OpenPage) -> None:
    link = making.link(is_kiosk=True)
    page = open_page(viewport={"width": 1024, "height": 768})
    page.goto(f"{live_server.url}/o/{link.code}")
    assert violations(page) == []
    press(page, "start")
    assert violations(page) == []
    answer(page, "Det bare jeg vet.")
    receipt = page.locator("samp").inner_text()
    assert violations(page) == []
    with page.expect_navigation(wait_until="load"):
        page.locator('.way-banner button[value="next_person"]').click()
    assert page.url.endswith(f"/o/{link.code}")
    assert page.context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    for _step in range(6):
        # The browser asks before it sends a form again; what then comes is in tests/surveys/web/test_kiosk.py.
        with suppress(Error):
            page.go_back(wait_until="load")
        text = shown(page)
        assert "Det bare jeg vet." not in text, page.url
        assert receipt not in text, page.url


def test_a_shared_screen_asks_and_then_clears_itself(live_server: LiveServer, open_page: OpenPage) -> None:
    link = making.link(is_kiosk=True)
    page = open_page()
    page.clock.install()
    page.goto(f"{live_server.url}/o/{link.code}")
    expect(page.locator("input[name=answer]")).not_to_have_value("")
    press(page, "start")
    page.locator("#Q2_text").fill("Halvveis.")
    page.clock.run_for(89_000)
    expect(page.locator("#still-there")).not_to_be_visible()
    page.clock.run_for(2_000)
    expect(page.locator("#still-there")).to_be_visible()
    assert violations(page) == []
    page.locator("#still-there button").click()
    expect(page.locator("#still-there")).not_to_be_visible()
    assert page.locator("#Q2_text").input_value() == "Halvveis."
    page.clock.run_for(91_000)
    expect(page.locator("#still-there")).to_be_visible()
    page.clock.run_for(31_000)
    page.wait_for_url(re.compile(f"/o/{link.code}$"))
    with suppress(Error):
        page.go_back(wait_until="load")
    assert "Halvveis." not in shown(page)
    # What the page saved on the way lies there, locked and not submitted: no code leads to it.
    assert not SealedBallot.objects.filter(final=True).exists()


@pytest.mark.parametrize("way", ["paper", "telephone"])
def test_entering_for_another_under_axe(live_server: LiveServer, open_page: OpenPage, way: str) -> None:
    cast._user("enterer", "surveys.enter_answers", "surveys.view_survey", staff=True)
    survey = make.routed()
    make.link(survey, 1, role="local")
    page = open_page(viewport=DESKTOP)
    page.goto(f"{live_server.url}{reverse('admin:consult_entry', args=[survey.pk])}")
    page.locator('input[name="login"]').fill("enterer")
    page.locator('input[name="password"]').fill(cast.PASSWORD)
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")
    page.locator(f'input[name="way"][value="{way}"]').check()
    page.locator("#find").fill("Nordmann")
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")
    assert page.locator(".found li").count() == 1
    # The theme's own frame is not ours to mend.
    assert [each for each in violations(page) if not each.startswith(("region", "landmark-one-main"))] == []
    with page.expect_navigation(wait_until="load"):
        page.locator(".found button").click()
    languages_pass(page)
    press(page, "start")
    assert violations(page) == []
    answer(page)
    assert violations(page) == []
    assert SealedBallot.objects.get().final is True
