"""Every state in which a respondent can find the service, reached in a real browser through the pages themselves.

A walk goes from state to state and calls `look` with the name of each. What a new template shows must be reached here:
`test_accessible` compares the templates there are with those that were rendered on these walks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from consult.models import Invitation
from consult.web import answer
from surveys import answering, authoring, fielding
from surveys.models import Survey
from tests import kinds, make
from tests.browser.test_answer import press
from tests.browser.test_kinds import fill
from tests.surveys import trials

Look = Callable[[str], None]
LONG_WORD = "partnerskapsavtaleforhandlinger" * 3


@dataclass
class Site:
    """The service in this process: its address, its clock, and the language of the person who visits."""

    url: str
    patch: pytest.MonkeyPatch
    language: str
    now: datetime = make.DURING
    _people: int = field(default=0)

    def link(self, survey: Survey, **facts: str) -> str:
        self._people += 1
        return f"{self.url}/s/{make.link(survey, self._people, language=self.language, **facts)}"


def every(code: str = "every-kind", promise: str = "anonymous", **rest: Any) -> Survey:
    """Every kind of question, in bokmål, English and Northern Sámi; nynorsk falls back."""
    parts = [_with_sami(each) for each in (kinds.TICKS, kinds.SCALES, kinds.MEASURES, kinds.ROUTED)]
    title = {"nb": "Alle slag", "en": "Every kind", "se": "Buot šlájat"}
    purpose = {"nb": "Vi spør for å *vite*.", "en": "We ask to *know*.", "se": "Mii jearrat vai diehtit."}
    edition = make.published(code, *parts, title=title, purpose=purpose, facts=kinds.FACTS, minutes=6)
    plan: dict[str, Any] = {"facts": [make.ROLE, make.REGION], "promise": promise, **rest}
    survey = fielding.plan(code, edition, opens_at=make.OPENS, closes_at=make.DEADLINE, **plan)
    fielding.open_survey(survey, make.OPENS)
    return survey


def _with_sami(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**each, "text": {**each["text"], "se": f"Gažaldat {each['code']}?"}} for each in questions]


def answering_walk(page: Page, site: Site, look: Look) -> None:
    """From the welcome page to the receipt, with every kind of mistake on the way."""
    link = site.link(every(), role="chief", region="north")
    page.goto(link)
    look("welcome")
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true })")
    look("welcome, all opened")
    page.locator("#typed").fill("23456789")
    press(page, "code")
    look("welcome, wrong code")
    page.goto(link)
    press(page, "start")
    look("page: ticks")
    press(page, "leave")
    look("left, nothing saved")
    press(page, "continue")
    page.locator('[name="A1_option"][value="no"]').check()
    page.locator('[name="A3_options"][value="none"]').check()
    page.locator('[name="A3_options"][value="pay"]').check()
    press(page, "next")
    look("page: ticks, mistakes")
    page.locator('[name="A3_options"][value="none"]').uncheck()
    fill(page, {**kinds.GIVEN[0], "A1_text": f"Et langt ord: {LONG_WORD}"})
    press(page, "next")
    look("page: scales")
    page.locator('[name="B2_option"][value="2"]').check()
    press(page, "next")
    look("page: scales, mistakes")
    press(page, "leave")
    look("left")
    page.goto(link)
    look("welcome, begun before")
    press(page, "continue")
    fill(page, kinds.GIVEN[1])
    press(page, "next")
    look("page: measures")
    fill(page, {"C1_rank1": "pay", "C1_rank2": "pay", "C2_number": "hundre", "C6_row1_subject": "Jus"})
    press(page, "next")
    look("page: measures, mistakes")
    fill(page, kinds.GIVEN[2])
    press(page, "next")
    look("page: routed, with earlier answers")
    press(page, "next")
    look("review")
    press(page, "submit")
    look("receipt")
    press(page, "review")
    look("review, submitted before")
    page.locator('main button[value="page-2"]').first.click()
    page.wait_for_load_state()
    look("page: from the review")
    press(page, "review")
    press(page, "submit")
    press(page, "forget")
    look("forgotten")


def interrupted_walk(page: Page, site: Site, look: Look) -> None:
    """Two windows at once, a required answer left out, a named survey."""
    link = site.link(every("interrupted"), role="local")
    page.goto(link)
    press(page, "start")
    page.locator('[name="A2_option"][value="home"]').check()
    press(page, "next")
    press(page, "back")
    other = page.context.browser.new_context().new_page()  # type: ignore[union-attr]
    other.goto(link)
    press(other, "start")
    other.locator('[name="A2_option"][value="office"]').check()
    press(other, "next")
    other.context.close()
    press(page, "next")
    look("page: begun afresh elsewhere")
    with site.patch.context() as patch:
        patch.setattr(answering, "_write", lambda *_: "stale")
        press(page, "next")
        look("page: being saved elsewhere")
    press(page, "next")
    page.goto(site.link(every("lacking"), role="local"))
    press(page, "start")
    press(page, "next")
    press(page, "leave")
    press(page, "continue")
    send(page, "/s/", {**carried(page), "step": "review"})
    look("welcome, nothing to go on with")
    page.goto(site.link(every("lacking-2"), role="local"))
    press(page, "start")
    page.locator('[name="A2_option"][value="home"]').check()
    press(page, "next")
    press(page, "leave")
    send(page, "/s/", {**carried(page), "step": "review", "go": "submit"})
    look("review, something is missing")
    send(page, "/s/", {**carried(page), "step": "nonsense"})
    look("welcome, unclear")
    page.goto(site.link(every("by-name", "named")))
    look("welcome, named")


def refused_walk(page: Page, site: Site, look: Look) -> None:
    """Every way a link can stay shut."""
    survey = make.routed()
    link = site.link(survey)
    page.goto(link[:-1])
    look("refused: incomplete")
    page.goto(link[:-1] + ("a" if link[-1] != "a" else "b"))
    look("refused: unknown")
    page.goto(f"{site.url}/s/")
    look("refused: unusable")
    send(page, link.removeprefix(site.url), {})
    look("refused: wrong method")
    page.goto(link)
    send(page, "/s/", {"token": "x" * 1_100_000})
    look("refused: too large")
    page.goto(link)
    press(page, "start")
    page.locator("#Q2_text").fill("Noe.")
    press(page, "next")
    page.locator("#Q3_option_1").check()
    press(page, "next")
    with site.patch.context() as patch:
        patch.setattr(answering, "_write", lambda *_: "stale")
        press(page, "submit")
        look("refused: busy")
    page.goto(link)
    for _time in range(answering.WRONG_CODES_ALLOWED + 1):
        page.locator("#typed").fill("23456789")
        press(page, "code")
    look("refused: throttled")
    site.now = make.OPENS - timedelta(days=1)
    page.goto(link)
    look("refused: not open")
    site.now = make.AFTER
    page.goto(link)
    look("refused: closed")
    Survey.objects.filter(pk=survey.pk).update(stopped_at=make.DURING)
    page.goto(link)
    look("refused: ended early")
    site.now = make.DURING
    newer = site.link(make.routed("newer"))
    Invitation.objects.update(generation=2)
    page.goto(newer)
    look("refused: replaced")


def trial_walk(page: Page, site: Site, look: Look) -> None:
    """A colleague tries a draft."""
    trial = trials.trial(authoring.draft(every("tried").edition.questionnaire))
    page.goto(f"{site.url}{trials.link(trial)}")
    if site.language != "nb":
        page.locator(f'.languages button[value="{site.language}"]').click()
        page.wait_for_load_state()
    look("trial: welcome")
    page.locator("#fact-role").select_option("chief")
    press(page, "start")
    page.locator("details.remark").evaluate_all("all => all.forEach(each => { each.open = true })")
    look("trial: page")
    page.locator('[name="A1_option"][value="no"]').check()
    press(page, "next")
    look("trial: page, mistakes")
    fill(page, kinds.GIVEN[0])
    press(page, "next")
    fill(page, kinds.GIVEN[1])
    press(page, "next")
    fill(page, kinds.GIVEN[2])
    press(page, "next")
    press(page, "next")
    look("trial: review")
    press(page, "submit")
    look("trial: end")
    page.goto(f"{site.url}/t/nothing")
    look("trial: refused")


def other_walk(page: Page, site: Site, look: Look) -> None:
    """The accessibility statement, an address that is none, and a fault of our own."""
    page.goto(f"{site.url}/accessibility/?language={site.language}")
    look("accessibility")
    page.goto(f"{site.url}/nothing/")
    look("no such page")

    def fails(*_: object) -> None:
        raise OSError("made for this test")

    with site.patch.context() as patch:
        patch.setattr(answer, "admit", fails)
        page.goto(f"{site.url}/s/{'a' * 39}")
        look("our own fault")


WALKS = [answering_walk, interrupted_walk, refused_walk, trial_walk, other_walk]


def carried(page: Page) -> dict[str, str]:
    """The hidden fields of the page's form."""
    fields: dict[str, str] = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('#answer input[type=hidden]')].map(i => [i.name, i.value]))"
    )
    return fields


def send(page: Page, path: str, fields: dict[str, str]) -> None:
    """Send a form that is not on the page, as a crooked browser does."""
    with page.expect_navigation(wait_until="load"):
        page.evaluate(
            """([path, fields]) => {
                const form = document.createElement('form');
                form.method = 'post';
                form.action = path;
                for (const [name, value] of Object.entries(fields)) {
                    const input = document.createElement('textarea');
                    input.name = name;
                    input.value = value;
                    form.append(input);
                }
                document.body.append(form);
                form.submit();
            }""",
            [path, fields],
        )
