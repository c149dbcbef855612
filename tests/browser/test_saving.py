"""What a person sees of saving: the state, the limits, the shared device, and what a browser cannot do."""

from __future__ import annotations

import gzip
import re
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Response
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from config import middleware
from surveys.models import Survey
from tests import kinds, make
from tests.browser.conftest import OpenPage, violations
from tests.browser.test_answer import press
from tests.consult.web.test_answer import box_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FORBIDDEN = """
for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { get() { throw new DOMException("no", "SecurityError"); } });
"""
LEFT = "() => Object.keys(localStorage).length"


class Clock:
    def __init__(self) -> None:
        self.time: datetime = make.DURING

    def now(self) -> datetime:
        return self.time


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Clock:
    settings.ALLOWED_HOSTS = ["localhost"]
    made = Clock()
    monkeypatch.setattr(middleware, "timezone", SimpleNamespace(now=made.now, is_aware=timezone.is_aware))
    return made


def begun(live_server: LiveServer, page: Page, survey: Survey) -> str:
    """On the first page; the link."""
    # What is kept in the browser is thrown away after the deadline, by the browser's clock.
    page.clock.install(time=make.DURING)
    page.clock.resume()
    link = f"{live_server.url}/s/{make.link(survey)}"
    page.goto(link)
    press(page, "start")
    return link


def said(page: Page) -> str:
    return page.locator("#saving p").inner_text()


def until(page: Page, kind: str) -> None:
    page.locator(f'#saving[data-kind="{kind}"]').wait_for(timeout=8000)


def drafted(survey: Survey) -> dict[str, object]:
    return box_of(survey).draft


def test_after_withdrawing_start_begins_anew_in_the_same_window(live_server: LiveServer, open_page: OpenPage) -> None:
    survey, page = make.routed(), open_page()
    link = begun(live_server, page, survey)
    page.locator("#Q2_text").fill("Noe.")
    press(page, "next")
    page.locator("#Q3_option_1").check()
    press(page, "next")
    press(page, "withdraw")
    press(page, "withdraw-now")
    assert page.evaluate("() => sessionStorage.length + localStorage.length") == 0
    page.goto(link)
    press(page, "start")
    page.wait_for_timeout(500)
    assert page.locator("#Q2_text").input_value() == ""


def test_each_answer_is_saved_and_the_focus_stays(live_server: LiveServer, open_page: OpenPage) -> None:
    survey, page = make.routed(), open_page()
    begun(live_server, page, survey)
    assert page.locator("#saving").is_visible()
    assert page.locator("#saving [role=status]").text_content() == ""
    page.locator("#Q1_option").check()
    page.locator("#Q1_text").focus()
    page.keyboard.type("Fordi vi")
    until(page, "saved")
    page.wait_for_function("() => document.activeElement.id === 'Q1_text'")
    page.wait_for_timeout(1500)
    assert drafted(survey) == {"Q1": {"option": "yes", "text": "Fordi vi"}}
    assert "13:00" in said(page)
    # Heard once, not at every word.
    heard = page.locator("#saving [role=status]").text_content()
    page.keyboard.type(" spør")
    page.wait_for_timeout(1800)
    assert page.locator("#saving [role=status]").text_content() == heard
    assert page.evaluate(LEFT) == 0
    assert violations(page) == []


def test_what_is_not_confirmed_lies_here_without_the_link(live_server: LiveServer, open_page: OpenPage) -> None:
    survey, page = make.routed(), open_page()
    link = begun(live_server, page, survey)
    page.context.set_offline(True)
    page.locator("#Q2_text").fill("Ikke sendt.")
    until(page, "bad")
    kept = page.evaluate("() => JSON.stringify(localStorage)")
    assert "Ikke sendt." in kept
    token, code = link.rpartition("/")[2], page.locator('[name="code"]').input_value()
    assert token not in kept
    assert code not in kept
    assert violations(page) == []
    page.context.set_offline(False)
    until(page, "saved")
    assert page.evaluate(LEFT) == 0
    assert drafted(survey) == {"Q2": {"text": "Ikke sendt."}}


@pytest.mark.parametrize("how", ["submitted", "forgotten", "too old"])
def test_what_lies_here_goes(live_server: LiveServer, open_page: OpenPage, how: str) -> None:
    survey, page = make.routed(), open_page()
    begun(live_server, page, survey)
    page.locator("#Q2_text").fill("Litt.")
    until(page, "saved")
    # As another window of the same person may have left it, and one whose time is over.
    place = page.locator("#saving").get_attribute("data-place") or ""
    entry = '{"values": {"Q2_text": ["Rest."]}, "until": 9999999999}'
    old = entry.replace("9999999999", "1000000000")
    for name in (f"answers.{place}.Q9", f"answers.{place.partition('.')[0]}.another.Q2"):
        page.evaluate(
            "([name, value]) => localStorage.setItem(name, value)", [name, old if how == "too old" else entry]
        )
    page.evaluate("() => localStorage.setItem('theme', 'dark')")
    press(page, "next")
    page.locator("#Q3_option_1").check()
    until(page, "saved")
    press(page, "leave" if how == "forgotten" else "next")
    if how != "too old":
        press(page, "forget" if how == "forgotten" else "submit")
    assert page.evaluate("() => Object.keys(localStorage)") == ["theme"]


def test_a_shared_device_keeps_nothing(live_server: LiveServer, open_page: OpenPage) -> None:
    survey, page = make.routed(), open_page()
    link = begun(live_server, page, survey)
    code = page.locator('[name="code"]').input_value()
    page.locator("#Q1_option").check()
    until(page, "saved")
    assert len(page.context.cookies()) == 1
    page.locator("#shared").check()
    page.wait_for_timeout(1000)
    assert page.context.cookies() == []
    page.context.set_offline(True)
    page.locator("#Q1_text").fill("Bare her.")
    until(page, "bad")
    assert page.evaluate("() => localStorage.length + sessionStorage.length") == 0
    page.context.set_offline(False)
    until(page, "saved")
    press(page, "next")
    assert page.locator("#shared").is_checked()
    assert (page.context.cookies(), page.evaluate("() => localStorage.length + sessionStorage.length")) == ([], 0)
    page.goto(link)
    assert page.locator('button[value="continue"]').count() == 0
    page.locator("#typed").fill(code)
    press(page, "code")
    press(page, "back")
    assert page.locator("#Q1_text").input_value() == "Bare her."


def test_storage_forbidden_changes_nothing_else(live_server: LiveServer, open_page: OpenPage) -> None:
    survey, page = make.routed(), open_page()
    page.add_init_script(FORBIDDEN)
    failed: list[object] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    begun(live_server, page, survey)
    page.locator("#Q2_text").fill("Uten lager.")
    until(page, "saved")
    page.context.set_offline(True)
    page.locator("#Q2_text").fill("Uten lager og nett.")
    until(page, "bad")
    page.context.set_offline(False)
    until(page, "saved")
    press(page, "next")
    assert drafted(survey) == {"Q2": {"text": "Uten lager og nett."}}
    assert failed == []


def test_saved_since_with_something_else_the_person_decides(live_server: LiveServer, open_page: OpenPage) -> None:
    survey, page = make.routed(), open_page()
    link = begun(live_server, page, survey)
    code, context = page.locator('[name="code"]').input_value(), page.context
    page.locator("#Q2_text").fill("Først.")
    until(page, "saved")
    context.set_offline(True)
    page.locator("#Q2_text").fill("Her, uten nett.")
    page.wait_for_timeout(300)
    page.close()
    context.set_offline(False)
    other = open_page()
    other.goto(link)
    other.locator("#typed").fill(code)
    press(other, "code")
    other.locator("#Q2_text").fill("Der, etterpå.")
    until(other, "saved")
    press(other, "next")
    page = context.new_page()
    page.clock.install(time=make.DURING)
    page.goto(link)
    press(page, "continue")
    # From the page after, it is not sent over what was written later; on its own page the person is asked.
    page.wait_for_timeout(1500)
    assert drafted(survey) == {"Q2": {"text": "Der, etterpå."}}
    press(page, "back")
    assert page.locator("#Q2_text").input_value() == "Der, etterpå."
    assert page.locator(".found").inner_text() == "Her, uten nett."
    assert violations(page) == []
    page.locator(".notice-warning button").click()
    until(page, "saved")
    assert (page.locator("#Q2_text").input_value(), page.locator(".found").count()) == ("Her, uten nett.", 0)
    assert drafted(survey) == {"Q2": {"text": "Her, uten nett."}}


def test_a_question_answered_in_another_window_follows_here(live_server: LiveServer, open_page: OpenPage) -> None:
    survey, page = make.routed(), open_page()
    link = begun(live_server, page, survey)
    page.locator("#Q1_option").check()
    until(page, "saved")
    other = page.context.new_page()
    other.goto(link)
    press(other, "continue")
    other.locator("#Q2_text").fill("Fra vindu to.")
    other.locator("#Q1_option_1").check()
    until(other, "saved")
    page.wait_for_function("() => document.getElementById('Q2_text').value === 'Fra vindu to.'")
    assert page.locator("#Q1_option_1").is_checked()
    page.locator("#Q2_text").focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Og en.")
    page.wait_for_timeout(2000)
    assert drafted(survey) == {"Q1": {"option": "no"}, "Q2": {"text": "Fra vindu to. Og en."}}


def test_the_deadline_comes_while_someone_writes(live_server: LiveServer, open_page: OpenPage, clock: Clock) -> None:
    survey, page = make.routed(), open_page()
    begun(live_server, page, survey)
    page.locator("#Q2_text").fill("Før fristen.")
    until(page, "saved")
    clock.time = make.DEADLINE + timedelta(seconds=1)
    page.locator("#Q2_text").fill("Før fristen. Og etter.")
    until(page, "bad")
    assert drafted(survey) == {"Q2": {"text": "Før fristen."}}
    # Pressing Next would take the text away: it stays once, so that it can be copied.
    page.locator('main button[value="next"]').click()
    page.wait_for_timeout(500)
    assert page.locator("#Q2_text").input_value() == "Før fristen. Og etter."
    press(page, "next")
    assert page.locator("textarea").count() == 0


def test_too_long_is_seen_while_writing_and_nothing_is_cut(live_server: LiveServer, open_page: OpenPage) -> None:
    survey, page = make.routed(), open_page()
    begun(live_server, page, survey)
    box, limit = page.locator("#Q2_text"), page.locator("#Q2_text-limit")
    usual = limit.inner_text()
    box.fill("a" * 3000)
    assert limit.inner_text() == usual
    # Counted as the server counts: signs, not units of UTF-16, and no blanks at the ends.
    box.fill("🙂" * 3999 + "   ")
    assert re.findall(r"\d+", limit.inner_text()) == ["1"]
    box.fill("å" * 4003)
    assert re.findall(r"\d+", limit.inner_text()) == ["3"]
    until(page, "idle")
    page.wait_for_timeout(1800)
    page.locator("#Q1_option").focus()
    page.locator("#Q2_text-error").wait_for()
    assert box.get_attribute("aria-describedby") == "Q2_text-limit Q2_text-error"
    assert violations(page) == []
    press(page, "next")
    assert len(box.input_value()) == 4003
    assert page.evaluate("() => document.activeElement.className") == "error-summary"
    box.fill("å" * 4000)
    until(page, "saved")
    assert len(drafted(survey)["Q2"]["text"]) == 4000  # type: ignore[index]


def test_nor_is_it_cut_without_a_script(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{live_server.url}/s/{make.link(make.routed())}")
    press(page, "start")
    assert not page.locator("#saving").is_visible()
    page.locator("#Q2_text").fill("å" * 4003)
    press(page, "next")
    assert len(page.locator("#Q2_text").input_value()) == 4003
    assert page.locator(".error-summary:focus").count() == 1


def test_a_ranking_is_moved_by_buttons(live_server: LiveServer, open_page: OpenPage) -> None:
    survey, page = kinds.every(), open_page()
    begun(live_server, page, survey)
    for _page in range(12):
        if page.locator(".places").count():
            break
        page.evaluate("() => { document.querySelector('[name=shown]').value = '' }")
        press(page, "next")
    selects = page.locator(".places").first.locator("select")
    options = selects.first.locator("option").evaluate_all("all => all.map((each) => each.value)")[1:]
    selects.nth(0).select_option(options[0])
    selects.nth(1).select_option(options[1])
    # The same again: they change places, so that nothing stands there twice.
    selects.nth(1).select_option(options[0])
    assert [each.input_value() for each in selects.all()][:2] == [options[1], options[0]]
    page.locator(".places .up").first.click()
    assert [each.input_value() for each in selects.all()][:2] == options[:2]
    until(page, "saved")
    assert options[:2] in [answer.get("ranks") for answer in drafted(survey).values()]  # type: ignore[attr-defined]
    assert violations(page) == []


def test_what_each_page_weighs(live_server: LiveServer, open_page: OpenPage) -> None:
    """As it goes over the wire, compressed; in production style and script are fetched once."""
    page, loaded = open_page(), list[Response]()
    page.on("response", lambda response: loaded.insert(0, response))
    page.goto(f"{live_server.url}/s/{make.link(make.routed())}", wait_until="networkidle")
    weighed = [weight(loaded)]
    for go in ("start", "next"):
        loaded.clear()
        press(page, go)
        page.wait_for_load_state("networkidle")
        weighed.append(weight(loaded))
    print(weighed)  # noqa: T201 - the figures that are asked for
    (first, requests), (questions, _number), _second = weighed
    assert (first <= 25_000, requests <= 3) == (True, True)
    assert first + questions <= 25_000


def weight(loaded: list[Response]) -> tuple[int, int]:
    """Bytes compressed, and requests."""
    return sum(len(gzip.compress(each.body(), 9)) for each in loaded), len(loaded)


def test_the_script_is_small() -> None:
    assert len(gzip.compress(Path("static/js/answering.js").read_bytes(), 9)) <= 6 * 1024
