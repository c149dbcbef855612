"""States of whoever comes in otherwise than by the link in a letter, reached as in `states`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from consult.models import User
from surveys.models import OpenLink, Survey
from surveys.ways import limiting, linking
from tests import cast, kinds, make
from tests.browser.states import Look, Site, carried, every, send
from tests.browser.test_answer import press
from tests.browser.test_kinds import fill
from tests.surveys.ways import making

# What the administration's theme keeps of its own looks is not about anyone.
KEPT = """() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)].filter(each => each !== 'adminTheme')"""


def open_walk(page: Page, site: Site, look: Look) -> None:
    """By the poster's code, with a script, to the receipt and back again."""
    cache.clear()
    link = making.link(every("open"), facts={"role": "local"})
    page.goto(f"{site.url}/o/")
    look("open: type the code")
    page.locator("#typed").fill("ABCDEFGH")
    press(page, "find")
    look("open: wrong code")
    page.locator("#typed").fill(link.code)
    press(page, "find")
    _speak(page, site)
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true })")
    look("open: welcome, all opened")
    press(page, "start")
    look("open: page")
    page.locator('[name="A2_option"][value="home"]').check()
    press(page, "next")
    press(page, "leave")
    look("open: left")
    page.locator("main a").click()
    page.wait_for_load_state()
    _speak(page, site)
    look("open: own link")
    page.goto(f"{site.url}/o/{link.code}")
    _speak(page, site)
    look("open: welcome, begun on this device")
    press(page, "continue")
    _on_to_the_review(page)
    press(page, "submit")
    look("open: receipt")


def open_refused_walk(page: Page, site: Site, look: Look) -> None:
    """Without a script; and when there is no ballot."""
    cache.clear()
    link = making.link(every("open-2"))
    address = f"{site.url}/o/{link.code}"
    with _without_script(page):
        page.goto(address)
        _speak(page, site)
        press(page, "start")
    look("open: wait a little")
    with _without_script(page):
        site.now = make.DURING + timedelta(seconds=16)
        press(page, "start")
    look("open: page, without a script")
    site.now = make.DURING
    page.goto(address)
    page.context.clear_cookies()
    page.goto(address)
    _speak(page, site)
    fields = carried(page)
    send(page, "/o/", {**fields, "step": "open", "go": ""})
    look("open: unclear")
    for _number in range(limiting.WITH_SUM.address + 1):
        limiting.within(link.pk, "127.0.0.1", limiting.WITH_SUM, make.DURING, kind="sum")
    press(page, "start")
    look("open: crowded")
    OpenLink.objects.filter(pk=link.pk).update(handed=link.most)
    page.goto(address)
    look("open: no more ballots")
    later = making.link(link.survey, opens_at=make.DURING + timedelta(hours=1))
    page.goto(f"{site.url}/o/{later.code}")
    look("open: not open yet")
    off = making.link(link.survey)
    linking.turn_off(off, make.DURING)
    page.goto(f"{site.url}/o/{off.code}")
    look("open: turned off")
    page.goto(f"{site.url}/o/{'a' * 50}")
    look("refused: unknown")


def kiosk_walk(page: Page, site: Site, look: Look) -> None:
    """On a screen that many use: nothing of it stays."""
    cache.clear()
    link = making.link(every("kiosk"), facts={"role": "local"}, is_kiosk=True)
    address = f"{site.url}/o/{link.code}"

    def seen(state: str) -> None:
        look(state)
        kept = (page.evaluate(KEPT), page.context.cookies())
        assert kept == ([], []), f"{state}: {kept}"

    page.goto(address)
    _speak(page, site)
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true })")
    seen("kiosk: welcome, all opened")
    press(page, "start")
    seen("kiosk: page")
    page.locator('[name="A2_option"][value="home"]').check()
    page.locator('#saving[data-kind="saved"]').wait_for(timeout=15_000)
    page.context.set_offline(True)
    page.locator('[name="A2_option"][value="else"]').check()
    page.locator('#saving[data-kind="bad"]').wait_for(timeout=15_000)
    seen("kiosk: no contact")
    page.context.set_offline(False)
    page.locator('#saving[data-kind="saved"]').wait_for(timeout=15_000)
    page.evaluate("document.getElementById('still-there').showModal()")
    seen("kiosk: are you still there")
    page.locator("#still-there button").click()
    _on_to_the_review(page, lambda: seen("kiosk: page, mistakes"))
    seen("kiosk: review")
    press(page, "submit")
    seen("kiosk: receipt")
    press(page, "longer")
    seen("kiosk: receipt, longer")
    with page.expect_navigation(wait_until="load"):
        page.locator('.way-banner button[value="next_person"]').click()
    assert page.url == address
    seen("kiosk: the next person")


def entering_walk(page: Page, site: Site, look: Look) -> None:
    """By staff, from paper and from the telephone."""
    survey = every("entered")
    user = cast._user("enterer", "surveys.enter_answers", "surveys.view_survey", staff=True)
    site.link(survey, role="local")
    _sign_in(page, site, user)

    def seen(state: str) -> None:
        look(state)
        of_staff = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
        kept = (page.evaluate(KEPT), {each.get("name") for each in page.context.cookies()} - of_staff)
        assert kept == ([], set()), f"{state}: {kept}"

    for way in ("telephone", "paper"):
        _begin(page, site, survey, way, "person")
        page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true })")
        seen(f"entry: welcome, {way}")
        press(page, "start")
        seen(f"entry: page, {way}")
    press(page, "leave")
    seen("entry: left, nothing saved")
    press(page, "continue")
    page.locator('[name="A2_option"][value="home"]').check()
    page.locator('#saving[data-kind="saved"]').wait_for(timeout=15_000)
    press(page, "leave")
    seen("entry: left")
    press(page, "continue")
    _on_to_the_review(page, lambda: seen("entry: page, mistakes"))
    seen("entry: review")
    at_review = carried(page)
    press(page, "submit")
    seen("entry: receipt")
    send(page, "/e/", {**at_review, "step": "review", "go": "page-1"})
    seen("entry: come to its end")
    for way in ("telephone", "paper"):
        _begin(page, site, survey, way, "nobody")
        _speak(page, site)
        seen(f"entry: welcome, {way}, nobody invited")
    page.context.clear_cookies()
    press(page, "start")
    seen("entry: signed out")
    _sign_in(page, site, user)
    site.now = make.DURING + timedelta(hours=3)
    with page.expect_navigation(wait_until="load"):
        page.locator("main form button").click()
    seen("entry: no longer open")
    site.now = make.DURING


def _sign_in(page: Page, site: Site, user: User) -> None:
    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": site.url}])


def _begin(page: Page, site: Site, survey: Survey, way: str, whose: str) -> None:
    """In the administration."""
    page.goto(f"{site.url}{reverse('admin:consult_entry', args=[survey.pk])}")
    page.locator(f'input[name="way"][value="{way}"]').check()
    if whose == "nobody":
        with page.expect_navigation(wait_until="load"):
            page.locator('button[name="go"][value="nobody"]').click()
        return
    page.locator("#find").fill("Nordmann")
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")
    with page.expect_navigation(wait_until="load"):
        page.locator(".found button").first.click()


def _speak(page: Page, site: Site) -> None:
    """Whoever has no letter is met in the browser's language."""
    if site.language == "se":
        with page.expect_navigation(wait_until="load"):
            page.locator('.languages button[value="se"]').click()


def _on_to_the_review(page: Page, mistaken: object = None) -> None:
    """From wherever one is to the list of answers, with what is required; a mistake on the way if it is looked at."""
    for _page in range(6):
        if page.locator('main button[value="submit"]').count():
            return
        if page.locator('[name="B1_option"]').count():
            if callable(mistaken):
                press(page, "next")
                mistaken()
            fill(page, kinds.GIVEN[1])
        press(page, "next")
    raise AssertionError(page.url)


@contextmanager
def _without_script(page: Page) -> Iterator[None]:
    """No script of a page that is opened meanwhile is run."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setScriptExecutionDisabled", {"value": True})
    yield
    session.send("Emulation.setScriptExecutionDisabled", {"value": False})
    session.detach()


WALKS = [open_walk, open_refused_walk, kiosk_walk, entering_walk]
