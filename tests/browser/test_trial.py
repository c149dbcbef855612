"""A trial in a real browser: made by staff, tried by a colleague on a phone with and without a script, and read."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from config import middleware
from surveys import authoring
from surveys.models import Trial, TrialComment, TrialRun
from tests import cast, kinds, make
from tests.browser.conftest import DESKTOP, PHONE, WCAG, OpenPage, violations
from tests.browser.test_answer import NARROW, press, tab_to
from tests.browser.test_kinds import fill, picture
from tests.surveys import trials
from tests.surveys.admin.test_trial import page_of, trials_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _in_time(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """The server runs in this process: it is asked by another name, and at a time of ours."""
    settings.ALLOWED_HOSTS = ["localhost", "testserver"]
    clock = SimpleNamespace(now=lambda: make.DURING, is_aware=timezone.is_aware)
    monkeypatch.setattr(middleware, "timezone", clock)


def remark(page: Page, code: str, text: str) -> None:
    """Open the comment below a question, and write."""
    page.locator("details.remark", has=page.locator(f"#comment-{code}")).locator("summary").click()
    page.locator(f"#comment-{code}").fill(text)


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
def test_a_colleague_tries_it_on_a_phone(live_server: LiveServer, open_page: OpenPage, has_script: bool) -> None:
    trial = trials.trial()
    page = open_page(java_script_enabled=has_script, locale="nb-NO")
    page.goto(f"{live_server.url}{trials.link(trial)}")
    page.locator("#fact-role").select_option("chief")
    page.locator("#name").fill("Kari")
    press(page, "start")
    remark(page, "Q1", "Hva er bedre?")
    page.locator("#Q1_option").check()
    press(page, "next")
    # The text is missing; what was said is kept, and stays in sight.
    assert page.locator(".error-summary a").get_attribute("href") == "#Q1_text"
    assert page.locator("#comment-Q1").input_value() == "Hva er bedre?"
    page.locator("#Q1_text").fill("Fordi.")
    press(page, "next")
    page.locator("#Q3_option").check()
    press(page, "next")
    page.locator("#Q4_text").fill("Nav Bø")
    press(page, "next")
    assert "Nav Bø" in page.locator("main").inner_text()
    press(page, "next")
    press(page, "submit")
    page.locator("#comment-whole").fill("Passe langt.")
    press(page, "comment")
    assert page.locator("#comment-whole").input_value() == "Passe langt."
    said = list(TrialComment.objects.order_by("pk").values_list("question", "text", "run__name"))
    assert said == [("Q1", "Hva er bedre?", "Kari"), ("", "Passe langt.", "Kari")]
    assert TrialRun.objects.get().finished_at == make.DURING
    assert page.context.cookies() == []


def test_the_comment_is_reached_by_keyboard(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{live_server.url}{trials.link(trials.trial())}")
    tab_to(page, 'main button[value="start"]')
    page.keyboard.press("Enter")
    tab_to(page, "details.remark summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Uklart.")
    tab_to(page, 'main button[value="next"]')
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")
    assert TrialComment.objects.get().text == "Uklart."


@pytest.mark.parametrize(
    ("size", "scheme"), [(PHONE, "light"), (NARROW, "dark"), (DESKTOP, "light")], ids=["390", "320-dark", "desktop"]
)
def test_every_state_can_be_used_by_everyone(
    live_server: LiveServer, open_page: OpenPage, size: dict[str, int], scheme: str
) -> None:
    page = open_page(viewport=size, color_scheme=scheme, locale="nb-NO")
    trial = trials.trial(authoring.draft(kinds.every().edition.questionnaire))
    found: dict[str, list[str]] = {}

    def look(state: str) -> None:
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        found[state] = violations(page) + (["scrolls sideways"] if wide else [])
        assert page.locator("html").get_attribute("lang") == "nb"
        picture(page, f"trial-{size['width']}-{scheme}-{state}")

    page.goto(f"{live_server.url}{trials.link(trial)}")
    look("1-welcome")
    page.locator("#fact-role").select_option("chief")
    press(page, "start")
    look("2-page")
    remark(page, "A1", "Hva menes med å bli hørt?")
    page.locator('[name="A3_options"][value="none"]').check()
    page.locator('[name="A3_options"][value="pay"]').check()
    press(page, "next")
    look("3-error")
    page.locator('[name="A3_options"][value="none"]').uncheck()
    fill(page, kinds.GIVEN[0])
    press(page, "next")
    look("4-grid")
    page.locator("details.remark").evaluate_all("all => all.forEach(each => { each.open = true })")
    look("5-grid-open")
    fill(page, kinds.GIVEN[1])
    press(page, "next")
    fill(page, kinds.GIVEN[2])
    press(page, "next")
    press(page, "next")
    look("6-review")
    press(page, "submit")
    look("7-end")
    page.locator("#comment-whole").fill("Passe langt.")
    press(page, "comment")
    look("8-sent")
    page.goto(f"{live_server.url}/t/borte")
    look("9-refused")
    assert {state: wrong for state, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_staff_make_a_trial_read_it_and_end_it(
    live_server: LiveServer, open_page: OpenPage, client: Client, size: dict[str, int]
) -> None:
    client.force_login(cast.designer())
    edition = trials.draft()
    page = open_page(viewport=size, locale="nb-NO")
    value = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])

    def look(state: str) -> None:
        picture(page, f"staff-{size['width']}-{state}")
        found = Axe().run(page, context=".sheet", options={"runOnly": WCAG}).response["violations"]
        assert [rule["id"] for rule in found] == []
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")

    page.goto(f"{live_server.url}{trials_of(edition)}")
    look("1-none")
    page.locator(".sheet .deed-first").click()
    page.wait_for_selector("#link")
    look("2-made")
    trial = Trial.objects.get()
    for name, text in (("Kari Ås", "Hva er «bedre»?\nOg for hvem?"), ("", "Ja og nei er for lite.")):
        colleague = trials.Colleague(trial)
        colleague.press("start", name=name)
        colleague.press(comment__Q1=text, comment__Q2="Lang." if name else "", Q1_option="no", Q1_text="x")
        colleague.press(comment__I1="Hvorfor må jeg lese dette?" if name else "", Q3_option="no")
        colleague.press("submit")
    colleague.press("comment", comment__whole="Passe langt.")
    edition.questions.filter(code="Q1").update(text_nb="Får brukerne raskere svar?")
    edition.questions.filter(code="I1").delete()
    page.goto(f"{live_server.url}{page_of(trial)}")
    page.locator('#Q1 button[value="handle"]').first.click()
    page.wait_for_url("**#Q1")
    page.locator("#Q1 details").evaluate("each => { each.open = true }")
    look("3-heard")
    page.goto(f"{live_server.url}{trials_of(edition)}")
    look("4-list")
    page.goto(f"{live_server.url}{page_of(trial)}")
    page.locator('.sheet form[action$="/end/"] button').click()
    page.wait_for_selector("#link", state="detached")
    assert Trial.objects.get().ended_at == make.DURING
