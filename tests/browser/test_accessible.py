"""Every state of the respondent's side can be used by everyone: WCAG 2.2 AA by axe, and what axe does not look at.

Each state is looked at in one load: on a phone; 320 pixels wide; with text twice as large; dark, with more contrast,
and in colours of the reader's choosing; printed; and gone through by Tab. The other languages than bokmål are looked at
on a phone, 320 pixels wide and with large text, unless THOROUGH is set.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test.signals import template_rendered
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from config import middleware
from surveys.web import anyone
from tests import make
from tests.browser import own_states, states, way_states
from tests.browser.conftest import PHONE, OpenPage, violations
from tests.browser.states import Site
from tests.browser.test_answer import NARROW
from tests.browser.test_kinds import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]

WALKS = [*states.WALKS, *own_states.WALKS, *way_states.WALKS]
TEMPLATES = Path(__file__).parents[2] / "templates/surveys"
LANGUAGES = ("nb", "nn", "en", "se")
WHOLE_PAGES = {
    path.stem for path in TEMPLATES.glob("*.html")
    if re.search(r'{% extends "surveys/(respondent|page|review).html" %}', path.read_text("utf-8"))
}  # fmt: skip
LEAST_TARGET = 24

TOO_SMALL = """least => [...document.querySelectorAll(
    'a[href], button, summary, select, textarea, input:not([type=hidden])')].filter(each => {
  if (each.closest('[aria-hidden=true], .visually-hidden, .skip-link') || !each.checkVisibility()) return false;
  // A link within a sentence is as high as its line.
  if (each.tagName === 'A' && getComputedStyle(each).display === 'inline') return false;
  const target = each.closest('label') || each;
  const box = target.getBoundingClientRect();
  return box.width < least || box.height < least;
}).map(each => `smaller than ${least} px: ${each.outerHTML.slice(0, 120)}`)"""

WIDER = """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
  ['scrolls sideways: ' + [...document.body.querySelectorAll('*')].filter(
    each => each.getBoundingClientRect().right > window.innerWidth + 1 && each.checkVisibility()
  ).map(each => each.outerHTML.slice(0, 80)).slice(-1)]"""

FOCUSED = """() => {
  const each = document.activeElement;
  if (!each || each === document.body) return null;
  const shown = each.matches('.tick input') ? each.closest('.tick') : each;
  const style = getComputedStyle(shown), box = shown.getBoundingClientRect();
  const order = [...document.querySelectorAll('*')].indexOf(each);
  return {order, name: each.outerHTML.slice(0, 100), top: box.top + window.scrollY, left: box.left, bottom: box.bottom,
    isSeen: (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none',
    isInView: box.bottom > 0 && box.top < window.innerHeight && box.width > 0};
}"""


@pytest.fixture
def site(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Callable[[str], Site]:
    """The server runs in this process: it is asked by another name, and at a time of ours."""
    settings.ALLOWED_HOSTS = ["localhost"]

    def made(language: str) -> Site:
        at = Site(live_server.url, monkeypatch, language)
        monkeypatch.setattr(middleware, "timezone", SimpleNamespace(now=lambda: at.now, is_aware=timezone.is_aware))
        return at

    return made


@pytest.fixture
def rendered() -> Iterator[set[str]]:
    """The names of the templates that are rendered while the test runs."""
    names: set[str] = set()

    def note(sender: object, template: object, **_: object) -> None:
        names.add(str(getattr(template, "name", "")))

    anyone._once.cache_clear()
    template_rendered.connect(note)
    yield names
    template_rendered.disconnect(note)


def contrast(page: Page) -> list[str]:
    """What can be read badly, or not told apart."""
    rules = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
    found = Axe().run(page, options=rules).response["violations"]
    return [f"{rule['id']}: {node['target']}" for rule in found for node in rule["nodes"]]


def in_every_size(page: Page) -> Iterator[tuple[str, list[str]]]:
    yield "phone", violations(page) + page.evaluate(WIDER)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    yield "320 px", page.evaluate(WIDER) + page.evaluate(TOO_SMALL, LEAST_TARGET)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    session = page.context.new_cdp_session(page)
    session.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    yield "text 200 %", page.evaluate(WIDER) + page.evaluate(TOO_SMALL, LEAST_TARGET)
    session.send("Page.setFontSizes", {"fontSizes": {"standard": 16, "fixed": 13}})
    session.detach()


def in_every_colour(page: Page) -> Iterator[tuple[str, list[str]]]:
    page.emulate_media(color_scheme="dark")
    yield "dark", contrast(page)
    page.emulate_media(color_scheme="dark", contrast="more")
    yield "dark, more contrast", contrast(page)
    page.emulate_media(color_scheme="light", contrast="more")
    yield "more contrast", contrast(page)
    page.emulate_media(contrast="no-preference", forced_colors="active", reduced_motion="reduce")
    yield "forced colours", contrast(page) + page.evaluate(MOVES)
    page.emulate_media(forced_colors="none", reduced_motion="no-preference", media="print")
    yield "print", contrast(page) + page.evaluate(WIDER) + page.evaluate(PRESSED_ON_PAPER)
    page.emulate_media(media="screen")


MOVES = """() => document.getAnimations().filter(each => each.playState === 'running').map(() => 'something moves')"""
PRESSED_ON_PAPER = """() => [...document.querySelectorAll('.actions button, .languages button')]
  .filter(each => each.checkVisibility()).map(each => 'a button on paper: ' + each.outerHTML.slice(0, 80))"""


def by_tab(page: Page) -> list[str]:
    """What is wrong with the way through the page by Tab: against the order of reading, unseen, out of sight."""
    page.evaluate("() => { document.activeElement.blur(); window.scrollTo(0, 0); }")
    wrong: list[str] = []
    before = {"order": -1, "top": -1.0, "name": "the beginning"}
    for _press in range(120):
        page.keyboard.press("Tab")
        now = page.evaluate(FOCUSED)
        if now is None or now["order"] == before["order"]:
            return wrong
        if now["order"] < before["order"]:
            return wrong if before["order"] > 0 and _press > 0 and _is_round(page, now) else [*wrong, "jumps back"]
        if not now["isSeen"]:
            wrong.append(f"focus not seen: {now['name']}")
        if not now["isInView"]:
            wrong.append(f"focus out of sight: {now['name']}")
        if now["top"] < before["top"] - 40 and "skip-link" not in before["name"]:
            wrong.append(f"focus jumps up: {before['name']} → {now['name']}")
        before = now
    return [*wrong, "Tab never comes round"]


def _is_round(page: Page, now: dict[str, object]) -> bool:
    """Whether Tab has come round to the first element again."""
    return "skip-link" in str(now["name"]) or page.locator(".skip-link").count() == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_can_be_used_by_everyone(
    site: Callable[[str], Site], open_page: OpenPage, rendered: set[str], language: str
) -> None:
    at = site(language)
    found: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    is_thorough = language == "nb" or "THOROUGH" in os.environ
    looked = 0

    for walk in WALKS:
        page = open_page(locale={"nb": "nb-NO", "nn": "nn-NO", "en": "en-GB", "se": "nb-NO"}[language])

        def look(state: str, page: Page = page) -> None:
            nonlocal looked
            titles[state] = page.title()
            wrong: list[str] = []
            if "mistakes" in state or "missing" in state:
                focused = page.evaluate("document.activeElement.className")
                wrong += [] if focused == "error-summary" else [f"focus is not on the list of errors but {focused!r}"]
            picture(page, f"accessible-{language}-{re.sub('[^a-z0-9]+', '-', state)}")
            modes = [*in_every_size(page)]
            if is_thorough:
                modes += [*in_every_colour(page), ("Tab", by_tab(page))]
            looked += len(modes)
            wrong += [f"{mode}: {each}" for mode, each_mode in modes for each in each_mode]
            wrong += _wrong_language(page, state, language)
            if wrong:
                found[state] = wrong

        walk(page, at, look)
        page.context.close()
    if folder := os.environ.get("PICTURES"):
        summary = {"states": len(titles), "looked": looked, "wrong": found, "titles": titles}
        (Path(folder) / f"accessible-{language}.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1))
    assert found == {}
    assert {f"surveys/{name}.html" for name in WHOLE_PAGES} - rendered == set(), "not looked at"
    assert _titles_that_hide_a_mistake(titles) == []


def _wrong_language(page: Page, state: str, language: str) -> list[str]:
    """The page says its language, and each part in another one says so."""
    if state in ("no such page", "our own fault", "refused: incomplete", "refused: unknown"):
        return []  # nobody is known: the browser's language
    expected = "nb" if language == "se" else language
    told = page.locator("html").get_attribute("lang")
    wrong = [] if told == expected else [f"lang is {told}"]
    if language == "se" and state == "welcome":
        wrong += [] if page.locator('h1[lang="se"]').count() else ["the title does not say that it is in Sámi"]
    return wrong


def _titles_that_hide_a_mistake(titles: dict[str, str]) -> list[str]:
    """States with a mistake whose title is that of the same page without one."""
    faulty = [state for state in titles if "mistakes" in state or "missing" in state or "wrong code" in state]
    right = {title for state, title in titles.items() if state not in faulty}
    return [state for state in faulty if titles[state] in right]


def test_the_checks_can_fail(open_page: OpenPage) -> None:
    """Each of our own checks finds what was made for it to find."""
    page = open_page()
    page.set_content(
        """<html lang="nb"><title>x</title><style>.off:focus { outline: none; box-shadow: none }</style><body>
        <div style="width: 2000px">wide</div><button style="width: 9px; height: 9px; padding: 0">.</button>
        <div style="display: flex; flex-direction: column-reverse; gap: 300px">
        <a href="#a">a</a><a href="#b">b</a></div>
        <button class="off">off</button><p class="actions"><button>press</button></p>"""
    )
    assert page.evaluate(WIDER)[0].startswith("scrolls sideways")
    assert len(page.evaluate(TOO_SMALL, LEAST_TARGET)) == 5
    wrong = " ".join(by_tab(page))
    assert "focus jumps up" in wrong
    assert "focus not seen" in wrong
    assert len(page.evaluate(PRESSED_ON_PAPER)) == 1
    assert _titles_that_hide_a_mistake({"page": "A", "page, mistakes": "A", "x": "B"}) == ["page, mistakes"]
    assert states.every("again").code == "again"
    assert make.DURING.year == 2026
