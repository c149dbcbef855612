"""The same interruptions for someone without a script: each page is saved on Next, and what stood on it when something
went wrong is sent again by the browser's own button.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.sync_api import Error

from surveys.models import Survey
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.interrupting import Person, Service, cut_database, drafted, submitted
from tests.browser.test_interrupted import begin, finish, service, survey

__all__ = ["service", "survey"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def send_again(person: Person) -> None:
    """Press the browser's own button, as soon as its error page stands."""
    for _time in range(5):
        person.page.wait_for_timeout(500)
        with suppress(Error):
            person.page.reload()
        if person.page.locator("[name=token]").count():
            return
    raise AssertionError(f"still at {person.page.url}: {person.page.inner_text('body')[:200]}")


def next_while(mode: str) -> Callable[[Person], None]:
    """Next is pressed while the line does this; then the page is sent again."""

    def happen(person: Person) -> None:
        person.service.line.mode = mode
        with suppress(Error), person.page.expect_navigation(wait_until="load", timeout=4000):
            person.page.locator('main button[value="next"]').click(no_wait_after=True)
        person.service.line.mode = "pass"
        send_again(person)

    return happen


def server_killed(person: Person) -> None:
    person.service.kill()
    with suppress(Error), person.page.expect_navigation(wait_until="load", timeout=4000):
        person.page.locator('main button[value="next"]').click(no_wait_after=True)
    person.service.start()
    send_again(person)


def database_restarted(person: Person) -> None:
    cut_database()
    person.press("next")
    # It may have met a connection that was gone.
    send_again(person)


def cookie_deleted(person: Person) -> None:
    person.context.clear_cookies()
    person.press("next")


def language_changed(person: Person) -> None:
    with person.page.expect_navigation(wait_until="load"):
        person.page.locator('button[name="speak"][value="nn"]').click()
    person.press("next")


def window_closed_after(person: Person) -> None:
    person.press("next")
    person.page.close()
    person.open(anew=True)


def other_device(person: Person) -> None:
    person.press("next")
    mine, browser = person.page, person.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    person.page = context.new_page()
    person.open_by_code()
    person.seek("B2")
    person.type("B2", "Fra den andre.")
    person.press("next")
    context.close()
    person.page = mine


HAPPENINGS: dict[str, Callable[[Person], None]] = {
    **{
        mode: next_while(mode)
        for mode in ("dead", "silent", "half", "lost", "bad gateway", "busy", "portal page")
    },
    "server killed": server_killed,
    "database restarted": database_restarted,
    "cookie deleted": cookie_deleted,
    "language changed": language_changed,
    "window closed": window_closed_after,
    "other device": other_device,
}  # fmt: skip


def test_no_word_that_was_sent_is_lost_without_a_script(service: Service, survey: Survey, open_page: OpenPage) -> None:
    person = begin(service, survey, open_page(java_script_enabled=False))
    for number, (name, happen) in enumerate(HAPPENINGS.items()):
        person.seek("B4")
        person.choose("B4", "yes")
        person.type("B4", f"Ord {number}, «æøå» 🙂.")
        happen(person)
        assert drafted() == person.expected, f"LOST after {name}"
        person.page.wait_for_load_state()
    finish(person)
    assert submitted() == person.expected
    print(f"{len(HAPPENINGS)} interruptions without a script, 0 words lost")  # noqa: T201 - the figure asked for
