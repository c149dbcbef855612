"""The builder in a real browser: by keyboard, by dragging, two at once, without a network, for everyone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from surveys import authoring
from surveys.models import Edition
from tests import cast, make
from tests.browser.builder import WIDE, Writer, violations
from tests.browser.conftest import DESKTOP, PHONE, WCAG, OpenPage
from tests.make import asking
from tests.surveys.admin.pages import codes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _by_another_name(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]


def at_builder(live_server: LiveServer, open_page: OpenPage, draft: Edition, **options: Any) -> Writer:
    cast.designer()
    writer = Writer(open_page(**{"viewport": WIDE, "locale": "en", **options}), live_server)
    writer.sign_in("designer")
    writer.page.goto(f"{live_server.url}/admin/surveys/questionnaire/{draft.questionnaire_id}/build/")
    writer.page.wait_for_selector("#builder.is-scripted")
    return writer


def test_by_keyboard_alone(live_server: LiveServer, open_page: OpenPage) -> None:
    draft = make.loaded("prov-2021", [asking("B1"), asking("B2")])
    writer = at_builder(live_server, open_page, draft)
    page, keyboard = writer.page, writer.page.keyboard
    first, section = draft.questions.get(code="B1"), draft.sections.get()

    page.locator(f"#question-{first.pk}-open").focus()
    keyboard.press("Alt+ArrowDown")
    expect(page.locator(".builder-question .code").first).to_have_text("B2")
    assert page.evaluate("document.activeElement.id") == f"question-{first.pk}-open"
    writer.settle()
    assert codes(draft) == ["B2", "B1"]

    keyboard.press("Enter")
    page.wait_for_selector("[data-sheet]")
    page.wait_for_function(f"document.activeElement.id === 'question-{first.pk}-text_nb'")
    keyboard.press("Control+A")
    keyboard.type("Skrevet uten mus?")
    keyboard.press("Escape")
    page.wait_for_function(f"document.activeElement.id === 'question-{first.pk}-open'")
    writer.settle()
    first.refresh_from_db()
    assert first.text_nb == "Skrevet uten mus?"

    page.locator(f"#section-{section.pk}-add-question").focus()
    keyboard.press("Enter")
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("Enter")
    page.wait_for_selector('[data-sheet^="question-"]')
    keyboard.type("Hva velger du?")
    writer.settle()
    made = draft.questions.get(code="B3")
    page.locator(".builder-option input").first.focus()
    keyboard.type("Eple")
    keyboard.press("Enter")
    expect(page.locator(".builder-option")).to_have_count(3)
    keyboard.type("Pære")
    keyboard.press("Alt+ArrowUp")
    writer.settle()
    assert (made.kind, draft.questions.get(code="B3").text_nb) == ("single_choice", "Hva velger du?")
    assert [each.label_nb or "" for each in made.options.order_by("position")] == ["Eple", "Pære", ""]
    assert writer.errors == []


def test_a_question_is_dragged_into_another_section(live_server: LiveServer, open_page: OpenPage) -> None:
    draft = make.loaded("prov-2021", [asking("A1"), asking("A2")], [asking("B1")])
    writer = at_builder(live_server, open_page, draft)
    one, other = (draft.questions.get(code=code) for code in ("A1", "B1"))
    writer.page.locator(f"#question-{one.pk} .builder-handle").drag_to(
        writer.page.locator(f"#question-{other.pk} .builder-row"), target_position={"x": 40, "y": 3}
    )
    expect(writer.page.locator(".builder-question .code").first).to_have_text("A2")
    writer.settle()
    assert codes(draft) == ["A2", "A1", "B1"]


def test_two_at_one_question_see_each_other(live_server: LiveServer, open_page: OpenPage) -> None:
    draft = make.loaded("prov-2021", [asking("B1"), asking("B2")])
    mine = at_builder(live_server, open_page, draft)
    cast.designer("berit")
    hers = Writer(open_page(viewport=WIDE, locale="en"), live_server)
    hers.sign_in("berit")
    hers.page.goto(mine.page.url)
    one = draft.questions.get(code="B1")
    text = f"#question-{one.pk}-text_nb"
    for writer in (mine, hers):
        writer.click(f"#question-{one.pk}-open")
        writer.page.wait_for_selector(text)
    hers.fill(text, "Hennes?")
    hers.settle()
    mine.page.locator(text).fill("Mitt?")
    note = mine.page.locator(f"#question-{one.pk}-text_nb-note")
    expect(note).to_contain_text("Someone else wrote: “Hennes?”.")
    assert mine.page.locator(text).input_value() == "Mitt?"
    assert mine.page.locator("#builder-state").get_attribute("data-state") == "unsaved"
    note.get_by_role("button", name="Use what they wrote").click()
    mine.settle()
    assert mine.page.locator(text).input_value() == "Hennes?"
    # What she does elsewhere shows up by itself.
    hers.page.locator(f"#question-{one.pk}-help_nb").fill("Hennes hjelp")
    hers.settle()
    expect(mine.page.locator(f"#question-{one.pk}-help_nb")).to_have_value("Hennes hjelp", timeout=15000)
    assert mine.errors == hers.errors == []


def test_what_cannot_be_saved_stays_with_the_reason(live_server: LiveServer, open_page: OpenPage) -> None:
    draft = make.loaded("prov-2021", [asking("B1"), asking("B2")])
    writer = at_builder(live_server, open_page, draft)
    one = draft.questions.get(code="B1")
    writer.click(f"#question-{one.pk}-open")
    code = writer.page.locator(f"#question-{one.pk}-code")
    code.fill("B2")
    expect(writer.page.locator(f"#question-{one.pk}-code-note")).to_have_text("Another question has this code.")
    assert code.input_value() == "B2"
    code.fill("B7")
    writer.settle()
    assert codes(draft) == ["B7", "B2"]


def test_nothing_is_lost_while_the_server_cannot_be_reached(live_server: LiveServer, open_page: OpenPage) -> None:
    draft = make.loaded("prov-2021", [asking("B1")])
    writer = at_builder(live_server, open_page, draft)
    one = draft.questions.get(code="B1")
    writer.click(f"#question-{one.pk}-open")
    writer.page.wait_for_selector(f"#question-{one.pk}-text_nb")
    writer.page.context.set_offline(True)
    writer.page.locator(f"#question-{one.pk}-text_nb").fill("Skrevet i tunnelen?")
    writer.page.wait_for_function("document.getElementById('builder-state').dataset.state === 'offline'")
    writer.page.context.set_offline(False)
    writer.settle()
    one.refresh_from_db()
    assert one.text_nb == "Skrevet i tunnelen?"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP, WIDE], ids=["phone", "desktop", "wide"])
def test_everyone_can_read_and_use_it(
    live_server: LiveServer, open_page: OpenPage, viewport: dict[str, int], scheme: str
) -> None:
    options = [{"code": "a", "label": {"nb": "Eple", "nn": "Eple"}}, {"code": "b", "label": {"nb": "Pære"}}]
    condition = [{"source": "B1", "operator": "is", "option": "yes"}]
    draft = make.loaded(
        "prov-2021",
        [asking("B1"), asking("B2", "multiple_choice", options=options, conditions=condition), asking("B3", "number")],
        [asking("B4", "information")],
    )
    writer = at_builder(live_server, open_page, draft, viewport=viewport, color_scheme=scheme, locale="nb-NO")
    found = {"closed": violations(writer.page)}
    for code in ("B2", "B3", "B4"):
        one = draft.questions.get(code=code)
        writer.click(f"#question-{one.pk}-open")
        writer.page.wait_for_selector(f'[data-sheet="question-{one.pk}"]')
        for each in writer.page.locator("[data-sheet] details").all():
            each.evaluate("node => { node.open = true }")
        found[code] = violations(writer.page)
        wide = writer.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        found[code] += ["scrolls sideways"] if wide else []
        if folder := os.environ.get("SCREENSHOTS"):
            name = f"building-{viewport['width']}-{scheme}-{code}.png"
            writer.page.screenshot(path=Path(folder) / name, full_page=True)
    assert found == {"closed": [], "B2": [], "B3": [], "B4": []}


def test_the_change_page_leads_to_the_builder(live_server: LiveServer, open_page: OpenPage) -> None:
    draft = authoring.draft(make.empty_questionnaire())
    writer = at_builder(live_server, open_page, draft)
    writer.page.goto(f"{live_server.url}/admin/surveys/questionnaire/{draft.questionnaire_id}/change/")
    writer.click('a:has-text("Build")')
    writer.page.wait_for_selector("#builder.is-scripted")


def test_duplicated_deleted_and_shown_as_respondents_see_it(live_server: LiveServer, open_page: OpenPage) -> None:
    draft = make.loaded("prov-2021", [asking("B1"), asking("B2")])
    writer = at_builder(live_server, open_page, draft, viewport=PHONE)
    page, one = writer.page, draft.questions.get(code="B1")
    writer.click(f"#question-{one.pk}-open")
    writer.click(f"#question-{one.pk}-copy")
    expect(page.locator(".builder-question")).to_have_count(3)
    assert codes(draft) == ["B1", "B3", "B2"]
    copy = draft.questions.get(code="B3")
    writer.click("#builder-show")
    writer.fill(f"#question-{copy.pk}-text_nb", "Vises dette straks?")
    writer.settle()
    expect(page.frame_locator("#builder-frame").get_by_text("Vises dette straks?").first).to_be_visible()
    writer.click(f"#question-{copy.pk}-delete")
    expect(page.locator(".builder-question")).to_have_count(2)
    assert codes(draft) == ["B1", "B2"]
    expect(page.locator("#builder-done-words")).to_have_text("B3 deleted")
    writer.click("#builder-undo")
    expect(page.locator(".builder-question")).to_have_count(3)
    assert codes(draft) == ["B1", "B3", "B2"]
    expect(page.locator(f"#question-{copy.pk}-open")).to_be_focused()
    section = draft.sections.get()
    writer.click(f"#section-{section.pk}-open")
    writer.click(f"#section-{section.pk}-delete")
    writer.click('#builder-ask button[value="no"]')
    assert codes(draft) == ["B1", "B3", "B2"]
    assert writer.errors == []


def test_background_and_bands_are_chosen_and_used_at_once(live_server: LiveServer, open_page: OpenPage) -> None:
    draft = make.loaded("prov-2021", [asking("B1", "number")])
    writer = at_builder(live_server, open_page, draft, viewport=PHONE)
    page, place = writer.page, f"question-{draft.questions.get().pk}"
    writer.click(f"#{place}-open")
    page.wait_for_selector(f"#{place}-bands")
    writer.click(f"#{place}-suggest-bands")
    expect(page.locator(f"#{place}-bands")).not_to_have_value("")
    writer.fill(f"#{place}-bands", "1 or less, 2-4, 5+")
    page.locator(f"#{place}-bands").press("Tab")
    writer.settle()
    expect(page.locator(f"#{place}-bands")).to_have_value("1 or less, 2–4, 5 or more")
    writer.click("#builder-facts-summary")
    writer.click("#fact-role")
    expect(page.locator("#fact-role")).to_have_attribute("value", "withdraw")
    writer.open_details(f"{place}-when")
    writer.click(f"#{place}-and")
    page.locator(f"#{place}-conditions-0-source").select_option(index=1)
    page.locator(f"#{place}-conditions-0-answer").select_option(index=1)
    writer.settle()
    assert draft.questions.get().conditions.get().fact.name == "role"
    writer.click("#fact-role")
    expect(page.locator(".builder-refusal")).to_contain_text("B1")
    found = Axe().run(page, context={"include": ["#builder"], "exclude": ["iframe"]}, options={"runOnly": WCAG})
    assert [rule["id"] for rule in found.response["violations"]] == []
    assert writer.errors == []
