"""Interrupted again and again while answering reference survey B on a phone: not a word is lost.

INTERRUPTIONS sets how many a run makes; the seed is printed with a failure.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page

from surveys.models import Survey
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.interrupting import Person, Service, cut_database, someone, submitted, survey_b

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

INTERRUPTIONS = int(os.environ.get("INTERRUPTIONS", "24"))
WORDS = ["møte", "når", "avgjøres", "før", "oss", "«partnerskap»", "a\u030a", "🙂", "lønn,", "vertskommune", "–"]


@pytest.fixture
def service(transactional_db: None) -> Iterator[Service]:
    with Service() as running:
        yield running


@pytest.fixture
def survey(transactional_db: None) -> Survey:
    return survey_b()


def begin(service: Service, survey: Survey, page: Page) -> Person:
    person = someone(service, page.context, survey)
    page.close()
    person.open()
    return person


# --- What happens to people, and what they do about it ----------------------------------------------------


def broken(mode: str) -> Callable[[Person, random.Random], None]:
    """The line does this for a while, and comes back by itself."""

    def happen(person: Person, chance: random.Random) -> None:
        person.service.line.mode = mode
        write(person, chance)
        person.page.wait_for_timeout(chance.choice((300, 1500, 2500)))
        person.service.line.mode = "pass"

    return happen


def no_network(person: Person, chance: random.Random) -> None:
    person.context.set_offline(True)
    write(person, chance)
    person.page.wait_for_timeout(chance.choice((300, 1500)))
    person.context.set_offline(False)


def next_without_network(person: Person, chance: random.Random) -> None:
    """The button is pressed in a tunnel: the page stays."""
    person.context.set_offline(True)
    write(person, chance)
    person.page.locator('main button[value="next"], main button[value="review"]').last.click()
    person.page.wait_for_timeout(300)
    assert person.page.locator("[name=step]").input_value() == "page"
    person.context.set_offline(False)


def server_killed(person: Person, chance: random.Random) -> None:
    write(person, chance)
    person.page.wait_for_timeout(chance.choice((0, 1250)))
    person.service.kill()
    write(person, chance)
    person.service.start()


def database_restarted(person: Person, chance: random.Random) -> None:
    write(person, chance)
    cut_database()


def cookie_deleted(person: Person, chance: random.Random) -> None:
    person.context.clear_cookies()
    write(person, chance)


def cookie_deleted_and_reloaded(person: Person, chance: random.Random) -> None:
    person.wait_until_saved()
    person.context.clear_cookies()
    person.page.reload()


def reloaded(person: Person, chance: random.Random) -> None:
    """In the middle of a word."""
    write(person, chance)
    person.page.reload()


def killed(person: Person, chance: random.Random) -> None:
    """The window is gone in the middle of a word, and the link is opened anew."""
    write(person, chance)
    person.page.close()
    person.open(anew=True)


def killed_without_network(person: Person, chance: random.Random) -> None:
    person.context.set_offline(True)
    write(person, chance)
    person.page.wait_for_timeout(chance.choice((0, 1500)))
    person.page.close()
    person.context.set_offline(False)
    person.open(anew=True)


def gone_back(person: Person, chance: random.Random) -> None:
    write(person, chance)
    with suppress(Error):
        person.page.go_back(timeout=3000)
    person.open(anew=True)


def other_language(person: Person, chance: random.Random) -> None:
    write(person, chance)
    with person.page.expect_navigation(wait_until="load"):
        person.page.locator(f'button[name="speak"][value="{chance.choice(["nb", "nn", "en"])}"]').click()


def second_window(person: Person, chance: random.Random) -> None:
    """Another question is answered in another window; then both go on."""
    write(person, chance)
    person.wait_until_saved()
    first = person.page
    person.open(anew=True)
    person.seek("B3")
    person.type("B3", "Fra vindu to.")
    person.wait_until_saved()
    person.page.close()
    person.page = first


def other_device(person: Person, chance: random.Random) -> None:
    """Link and code on another device, which then is put away."""
    write(person, chance)
    person.wait_until_saved()
    mine, browser = person.page, person.context.browser
    assert browser is not None
    context = browser.new_context(viewport=PHONE)
    person.page = context.new_page()
    person.open_by_code()
    # One text written on two devices at once is the last one's; here it is another question.
    code = next(code for code in ("B4", "B2") if not mine.locator(f"#{code}_text").count())
    person.seek(code)
    person.type(code, "Fra den andre.")
    person.wait_until_saved()
    context.close()
    person.page = mine


HAPPENINGS: dict[str, Callable[[Person, random.Random], None]] = {
    **{
        f"line: {mode}": broken(mode)
        for mode in ("dead", "silent", "half", "lost", "bad gateway", "failing", "busy", "many", "portal",
                     "portal page", "portal json")
    },
    "no network": no_network,
    "next without network": next_without_network,
    "server killed": server_killed,
    "database restarted": database_restarted,
    "cookie deleted": cookie_deleted,
    "cookie deleted, reloaded": cookie_deleted_and_reloaded,
    "reloaded in a word": reloaded,
    "window killed": killed,
    "window killed without network": killed_without_network,
    "back button": gone_back,
    "language changed": other_language,
    "second window": second_window,
    "other device": other_device,
}  # fmt: skip


def write(person: Person, chance: random.Random) -> None:
    """A few words more, in one of the texts of the page; sometimes another tick."""
    here = [code for code in ("B1", "B2", "B3", "B4", "B5", "B7") if person.page.locator(f"#{code}_text").count()]
    if not here:
        return
    code = chance.choice(here)
    if code != "B7" and (code not in person.typed or chance.random() < 0.3):
        person.choose(code, chance.choice(["yes", "no"]))
    person.type(code, " ".join(chance.choices(WORDS, k=3)))


def finish(person: Person) -> None:
    """On to the list of answers, and submit."""
    for _page in range(6):
        if person.page.locator('main button[value="submit"]').count():
            break
        person.press("review" if person.page.locator('main button[value="review"]').count() else "next")
    person.press("submit")


def test_no_word_is_lost(service: Service, survey: Survey, open_page: OpenPage) -> None:
    seed = random.randrange(10**6)
    chance, happened = random.Random(seed), Counter[str]()
    person = begin(service, survey, open_page())
    person.seek("B6")
    person.choose("B6", "yes")
    names = list(HAPPENINGS)
    chance.shuffle(names)
    for number in range(INTERRUPTIONS):
        name = names[number % len(names)]
        person.seek(chance.choice(["B1", "B3", "B4", "B7"]))
        write(person, chance)
        happened[name] += 1
        try:
            HAPPENINGS[name](person, chance)
            person.wait_until_saved()
        except (AssertionError, Error) as error:
            raise AssertionError(f"seed {seed}, after {happened.total()} ({name}): {error}") from error
        # What lies on this device lies there only until it is confirmed.
        person.page.wait_for_function("() => !Object.keys(localStorage).length", timeout=90_000)
    finish(person)
    assert submitted() == person.expected
    print(f"{happened.total()} interruptions of {len(happened)} kinds, 0 words lost (seed {seed})")  # noqa: T201 - the figure that is asked for
