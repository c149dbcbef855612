"""Someone who writes a questionnaire in a real browser, and counts what it takes."""

from __future__ import annotations

import time
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from surveys.models import Question
from tests import cast
from tests.browser.conftest import WCAG

WIDE = {"width": 1440, "height": 1000}


class Writer:
    """Someone at the builder, who counts what it takes: clicks, fields filled in, and seconds."""

    def __init__(self, page: Page, server: LiveServer) -> None:
        self.page, self.server = page, server
        self.clicks = self.fields = self.characters = 0
        self.begun = time.monotonic()
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def sign_in(self, name: str) -> None:
        self.page.goto(f"{self.server.url}/admin/login/")
        self.page.locator('[name="login"], [name="username"]').first.fill(name)
        self.page.locator('[name="password"]').fill(cast.PASSWORD)
        with self.page.expect_navigation(wait_until="load"):
            self.page.locator('[name="password"]').press("Enter")

    def click(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.clicks += 1

    def fill(self, selector: str, text: str) -> None:
        field = self.page.locator(selector)
        if field.input_value() != text:
            field.fill(text)
            self.fields += 1
            self.characters += len(text)

    def choose(self, selector: str, value: str) -> None:
        field = self.page.locator(selector)
        if field.input_value() != value:
            field.select_option(value)
            self.fields += 1

    def settle(self) -> None:
        """Wait until everything is saved, and shown as it was saved."""
        self.page.wait_for_function("document.getElementById('builder-state').dataset.state === 'saved'", timeout=15000)

    def opened(self) -> str:
        """The place of what is open."""
        return str(self.page.locator("[data-sheet]").get_attribute("data-sheet"))

    def open_details(self, identifier: str) -> None:
        if self.page.locator(f"#{identifier}:not([open])").count():
            self.click(f"#{identifier} > summary")

    def texts(self, place: str, name: str, texts: dict[str, str], *, within: str = "") -> None:
        """A text in every language; those after the first lie folded away."""
        for language, text in texts.items():
            if language != "nb" and self.page.locator(f"#{place}-{name}_{language}").input_value() != text:
                self.open_details(f"{within or place}-in-{language}")
            self.fill(f"#{place}-{name}_{language}", text)

    # --- The parts of a document ---------------------------------------------------------------------------

    def questionnaire(self, document: dict[str, Any]) -> None:
        self.page.goto(f"{self.server.url}/admin/surveys/questionnaire/add/")
        self.fill("#id_title_nb", document["title"]["nb"])
        self.fill("#id_code", document["code"])
        for language in ("nn", "en"):
            self.page.evaluate(
                "name => document.getElementsByName(name)[0].closest('details')?.setAttribute('open', '')",
                f"title_{language}",
            )
            self.page.locator(f"#id_title_{language}").fill(document["title"][language], force=True)
            self.fields += 1
        self.click('[name="_save"]')
        self.page.wait_for_selector("#builder.is-scripted")

    def title_page(self, document: dict[str, Any]) -> None:
        self.click(".builder-top .builder-open")
        self.page.wait_for_selector("[data-sheet]")
        place = self.opened()
        self.texts(place, "title", document["title"])
        self.texts(place, "purpose", document["purpose"])
        self.fill(f"#{place}-minutes", str(document["minutes"]))
        self.settle()

    def section(self, section: dict[str, Any], document: dict[str, Any]) -> None:
        before = self.page.locator(".builder-section").count()
        self.click("#builder-add-section")
        expect(self.page.locator(".builder-section")).to_have_count(before + 1)
        self.page.wait_for_selector('[data-sheet^="section-"]')
        place = self.opened()
        self.texts(place, "title", section.get("title", {}))
        self.texts(place, "intro", section.get("intro", {}))
        self.settle()
        for question in section["questions"]:
            self.question(place, question, document)

    def question(self, section: str, question: dict[str, Any], document: dict[str, Any]) -> None:
        before = self.page.locator(".builder-question").count()
        self.click(f"#{section} > .builder-add > summary")
        self.click(f'#{section} > .builder-add button[formaction*="kind={question["kind"]}&"]')
        expect(self.page.locator(".builder-question")).to_have_count(before + 1)
        self.page.wait_for_selector('[data-sheet^="question-"]')
        place = self.opened()
        self.fill(f"#{place}-code", question["code"])
        if "elaboration" in question:
            self.choose(f"#{place}-elaboration", question["elaboration"])
            self.page.wait_for_selector(f"#{place}-elaboration_prompt_nb")
        self.settle()
        for name in ("text", "help"):
            self.texts(place, name, question.get(name, {}))
        self.texts(place, "elaboration_prompt", question.get("prompt", {}))
        self.options(place, question.get("options", []))
        if "concept" in question:
            self.concept(place, question["concept"], document["concepts"][question["concept"]])
        self.settle()
        if "conditions" in question:
            self.conditions(place, question["conditions"])
        self.settle()

    def options(self, place: str, options: list[dict[str, Any]]) -> None:
        rows = self.page.locator(".builder-option")
        while rows.count() < len(options):
            before = rows.count()
            self.click(f"#{place}-add-option")
            expect(rows).to_have_count(before + 1)
        ids = [row.get_attribute("data-option") for row in rows.all()]
        for option, given in zip(ids, options, strict=True):
            self.texts(str(option), "label", given["label"], within=place)
            self.settle()
            for name in ("meaning", "elaboration", "code"):
                field = self.page.locator(f"#{option}-{name}")
                if name in given and field.count() and field.input_value() != given[name]:
                    self.open_details(f"{option}-more")
                    if name == "code":
                        self.fill(f"#{option}-code", given["code"])
                    else:
                        self.choose(f"#{option}-{name}", given[name])
            self.settle()

    def concept(self, place: str, code: str, titles: dict[str, str]) -> None:
        self.open_details(f"{place}-about")
        choice = self.page.locator(f"#{place}-concept")
        if choice.locator("option", has_text=titles["en"]).count():
            choice.select_option(label=titles["en"])
            self.fields += 1
            return
        self.fill(f"#{place}-concept-title", titles["nb"])
        for language in ("nn", "en"):
            self.fill(f"#{place}-concept-title-{language}", titles[language])
        self.fill(f"#{place}-concept-code", code)
        self.click(f"#{place}-about button[value=add_concept]")
        self.page.wait_for_selector(f"#{place}-comparability")

    def conditions(self, place: str, conditions: list[dict[str, Any]]) -> None:
        self.open_details(f"{place}-when")
        for number, condition in enumerate(conditions):
            self.click(f"#{place}-and")
            start = f"#{place}-conditions-{number}"
            source = Question.objects.get(edition__published_at=None, code=condition["source"])
            self.choose(f"{start}-source", f"question-{source.pk}")
            self.choose(f"{start}-operator", condition["operator"])
            if "option" in condition:
                option = source.options.get(code=condition["option"])
                self.choose(f"{start}-answer", str(option.pk))

    def report(self, name: str) -> str:
        seconds = time.monotonic() - self.begun
        return (
            f"{name}: {self.clicks} clicks, {self.fields} fields filled in ({self.characters} characters), "
            f"{seconds:.0f} s"
        )


def violations(page: Page) -> list[str]:
    """What axe finds in the builder itself; the theme around it and the respondents' pages have their own tests."""
    found = (
        Axe().run(page, context={"include": ["#builder"], "exclude": ["iframe"]}, options={"runOnly": WCAG}).response
    )
    return [f"{rule['id']}: {node['target']}" for rule in found["violations"] for node in rule["nodes"]]
