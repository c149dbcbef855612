"""Conditions chosen in the builder, in a real browser: every way to look at an answer and at the background."""

from __future__ import annotations

import os
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from surveys import structure
from surveys.models import Edition, EditionFactValue
from surveys.structure import ConditionView
from tests import cast, make
from tests.browser.conftest import DESKTOP, PHONE, WCAG, OpenPage
from tests.browser.test_building import Writer
from tests.make import asking

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Where to keep pictures, for whoever wants to look.
PICTURES = os.environ.get("PICTURES", "")
VALUES = [
    {"code": code, "label": {"nb": label}}
    for code, label in {"chief": "Hovedtillitsvalgt", "deputy": "Vara", "local": "Plasstillitsvalgt"}.items()
]
OPTIONS = [
    {"code": "pay", "label": {"nb": "Lønn"}},
    {"code": "hours", "label": {"nb": "Arbeidstid"}},
    {"code": "dk", "label": {"nb": "Vet ikke"}, "meaning": "dont_know"},
]


@pytest.fixture(autouse=True)
def _by_another_name(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]


def drafted() -> Edition:
    return make.loaded(
        "prov-2021",
        [
            asking("Q1", "single_choice", options=OPTIONS, text={"nb": "Hva haster mest?"}),
            asking("Q2", "number", text={"nb": "Hvor mange møter har du vært på?"}),
            asking("Q3", "date", text={"nb": "Når ble du valgt?"}),
        ],
        [asking("Q4", "long_text", text={"nb": "Hva bør forbundet gjøre?"})],
        facts=[{"name": "role", "label": {"nb": "Verv"}, "values": VALUES}],
    )


class Decider(Writer):
    """Someone who says when Q4 is shown."""

    draft: Edition
    place = ""

    def begin(self, draft: Edition) -> None:
        self.draft, self.place = draft, f"question-{draft.questions.get(code='Q4').pk}"
        self.click(f"#{self.place}-open")
        self.page.wait_for_selector(f"#{self.place}-when")
        self.open_details(f"{self.place}-when")

    def at(self, number: int, name: str) -> str:
        return f"#{self.place}-conditions-{number}-{name}"

    def add(self, number: int, source: str, operator: str, *, alternative: bool = False) -> None:
        self.click(f"#{self.place}-{'or' if alternative else 'and'}")
        self.choose(self.at(number, "source"), source)
        self.choose(self.at(number, "operator"), operator)

    def tick(self, number: int, *answers: Any) -> None:
        for each in answers:
            self.page.locator(self.at(number, f"answer-{each.pk}")).check()

    def stands(self) -> list[ConditionView]:
        self.settle()
        return list(structure.read(self.draft).questions["Q4"].conditions)

    def picture(self, name: str) -> None:
        if PICTURES:
            self.page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def decider(server: LiveServer, open_page: OpenPage, draft: Edition, **options: Any) -> Decider:
    cast.designer()
    writer = Decider(open_page(**{"locale": os.environ.get("LANGUAGE_SEEN", "en"), **options}), server)
    writer.sign_in("designer")
    writer.page.goto(f"{server.url}/admin/surveys/questionnaire/{draft.questionnaire_id}/build/")
    writer.page.wait_for_selector("#builder.is-scripted")
    writer.begin(draft)
    return writer


def words_of(page: Page, selector: str) -> list[str]:
    return [option.inner_text() for option in page.locator(f"{selector} option").all()][1:]


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_way_to_look_is_chosen_and_kept(
    live_server: LiveServer, open_page: OpenPage, size: dict[str, int]
) -> None:
    draft = drafted()
    fact = f"fact-{draft.facts.get().pk}"
    first, second, third = (draft.questions.get(code=code) for code in ("Q1", "Q2", "Q3"))
    pay, hours, _unsure = first.options.order_by("position")
    chief, deputy, local = EditionFactValue.objects.order_by("pk")
    writer = decider(live_server, open_page, draft, viewport=size)

    writer.add(0, fact, "one_of")
    writer.tick(0, chief, deputy)
    expected = [ConditionView(1, "@role", "one_of", None, ("chief", "deputy"))]
    assert writer.stands() == expected
    writer.choose(writer.at(0, "operator"), "none_of")
    assert writer.stands() == [ConditionView(1, "@role", "none_of", None, ("chief", "deputy"))]
    writer.tick(0, local)
    writer.page.locator(writer.at(0, f"answer-{chief.pk}")).uncheck()
    expected = [ConditionView(1, "@role", "none_of", None, ("deputy", "local"))]
    assert writer.stands() == expected

    writer.add(1, f"question-{first.pk}", "none_of")
    writer.tick(1, pay, hours)
    expected.append(ConditionView(1, "Q1", "none_of", None, ("pay", "hours")))
    assert writer.stands() == expected

    writer.add(2, f"question-{second.pk}", "more_than")
    writer.fill(writer.at(2, "number"), "2")
    writer.page.locator(writer.at(2, "number")).press("Tab")
    expected.append(ConditionView(1, "Q2", "more_than", number=Decimal(2)))
    assert writer.stands() == expected

    for number, (operator, day) in enumerate(
        [("less_than", date(2021, 9, 6)), ("at_least", date(1999, 12, 31))], start=3
    ):
        writer.add(number, f"question-{third.pk}", operator, alternative=number == 3)
        writer.page.locator(writer.at(number, "day")).fill(day.isoformat())
        writer.page.locator(writer.at(number, "day")).press("Tab")
        expected.append(ConditionView(2, "Q3", operator, day=day))
        assert writer.stands() == expected
    assert len(words_of(writer.page, writer.at(3, "operator"))) == 5
    assert words_of(writer.page, writer.at(3, "operator")) != words_of(writer.page, writer.at(2, "operator"))
    # A date that could be a number is neither sent nor kept when something else decides.
    writer.choose(writer.at(3, "source"), f"question-{second.pk}")
    expect(writer.page.locator(writer.at(3, "number"))).to_have_value("")
    writer.fill(writer.at(3, "number"), "7")
    writer.page.locator(writer.at(3, "number")).press("Tab")
    expected[3] = ConditionView(2, "Q2", "at_least", number=Decimal(7))
    assert writer.stands() == expected

    writer.page.locator(f"#{writer.place}-when").scroll_into_view_if_needed()
    writer.picture(f"conditions-{size['width']}")
    width = writer.page.evaluate("document.documentElement.scrollWidth")
    assert width <= size["width"]
    # At the top, where what stays there lies over nothing.
    writer.page.evaluate("scrollTo(0, 0)")
    found = Axe().run(writer.page, context={"include": ["#builder"], "exclude": ["iframe"]}, options={"runOnly": WCAG})
    assert [rule["id"] for rule in found.response["violations"]] == []
    # Loaded again, the page shows what was chosen.
    writer.page.reload()
    writer.begin(draft)
    expect(writer.page.locator(writer.at(4, "day"))).to_have_value("1999-12-31")
    assert [writer.page.locator(writer.at(0, f"answer-{each.pk}")).is_checked() for each in (chief, deputy, local)] == [
        False, True, True,
    ]  # fmt: skip
    assert writer.errors == []


def test_a_kind_that_a_condition_depends_on_is_not_changed(live_server: LiveServer, open_page: OpenPage) -> None:
    draft = drafted()
    writer = decider(live_server, open_page, draft, viewport=DESKTOP)
    third = draft.questions.get(code="Q3")
    writer.add(0, f"question-{third.pk}", "more_than")
    writer.page.locator(writer.at(0, "day")).fill("2021-09-06")
    writer.page.locator(writer.at(0, "day")).press("Tab")
    writer.settle()
    writer.click(f"#question-{third.pk}-open")
    writer.page.wait_for_selector(f"#question-{third.pk}-kind")
    writer.page.locator(f"#question-{third.pk}-kind").select_option("number")
    refusal = writer.page.locator(f'[data-note="question-{third.pk}-kind"]')
    expect(refusal).to_contain_text("Q4")
    expect(refusal).to_contain_text("Q3")
    writer.picture("kind-refused")
    assert draft.questions.get(code="Q3").kind == "date"
