"""States of one's own answer, and of what saves by itself, reached as in `states`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from playwright.sync_api import Page

from surveys import answering, closing
from surveys.web.receipt import WRONG_RECEIPTS_ALLOWED
from tests import cast, kinds, make
from tests.browser.states import LONG_WORD, Look, Site, carried, every, send
from tests.browser.test_answer import press
from tests.browser.test_kinds import fill

GIVEN: Any = {"Q1": {"option": "yes", "text": "Fordi."}, "Q2": {"option": "good"}}


def own_walk(page: Page, site: Site, look: Look) -> None:
    """Quoted or not, a copy, withdrawn: where the answer may be changed."""
    link = site.link(every("own", asks_quoting=True), role="local")
    _to_the_review(page, link)
    look("review, may it be quoted")
    press(page, "withdraw")
    look("own: delete what is not submitted")
    press(page, "review")
    press(page, "copy")
    look("own: copy, not submitted")
    press(page, "review")
    page.locator("#quoting-ask").check()
    press(page, "submit")
    press(page, "copy")
    look("own: copy")
    press(page, "review")
    press(page, "page-1")
    left_open = page.context.new_page()
    left_open.goto(link)
    press(left_open, "continue")
    press(left_open, "withdraw")
    press(left_open, "withdraw-now")
    left_open.close()
    press(page, "review")
    look("page: withdrawn elsewhere")
    # Where it was, with what is typed: the script must not lead back to the code that is gone.
    assert page.locator('#answer input[name="page"]').count() == 1
    send(page, "/s/", {**carried(page), "step": "review", "go": "submit"})
    look("welcome, withdrawn or begun elsewhere")
    _to_the_review(page, site.link(every("own-2", asks_quoting=True, promise="named")))
    look("review, named, may it be quoted")
    press(page, "submit")
    look("receipt, named")
    press(page, "withdraw")
    look("own: withdraw, named")
    press(page, "withdraw-now")
    look("own: withdrawn")


def settled_walk(page: Page, site: Site, look: Look) -> None:
    """Where what is submitted cannot be changed."""
    link = site.link(every("settled", may_change=False), role="local")
    _to_the_review(page, link)
    look("review, submitted once")
    at_review = carried(page)
    press(page, "submit")
    look("receipt, submitted once")
    press(page, "review")
    look("own: settled")
    press(page, "withdraw")
    look("own: withdraw")
    press(page, "review")
    press(page, "copy")
    look("own: copy of what is settled")
    send(page, "/s/", {**at_review, "step": "page", "page": "1", "shown": "A2", "go": "next", "A2_option": "home"})
    look("own: settled, tried to change it")


def receipt_walk(page: Page, site: Site, look: Look) -> None:
    """With the receipt, after the survey has closed."""
    site.patch.setattr(settings, "CLOSING_APPROVALS", 1)
    cache.clear()
    survey = make.opened(asks_quoting=True)
    voters = [make.voter(survey) for _number in range(3)]
    receipts = []
    for voter in voters:
        answering.save(voter, "AAAABBBB", GIVEN, "nb", make.DURING)
        receipts.append(answering.submit(voter, "AAAABBBB", make.DURING, may_quote="ask"))
    site.now = make.AFTER
    page.goto(f"{site.url}/receipt/")
    look("receipt: enter")
    press(page, "find")
    look("receipt: nothing written")
    _find(page, LONG_WORD)
    look("receipt: unknown")
    closing.stop(survey, make.AFTER)
    _find(page, receipts[0])
    look("receipt: while the survey is being closed")
    make.closed(survey, voters, cast.designer())
    _find(page, receipts[0])
    look("receipt: found")
    page.locator("#quoting-no").check()
    press(page, "quoting")
    look("receipt: found, quoting kept")
    press(page, "withdraw")
    look("receipt: sure")
    press(page, "withdraw-now")
    look("receipt: gone")
    page.goto(f"{site.url}/receipt/")
    for _time in range(WRONG_RECEIPTS_ALLOWED + 1):
        _find(page, "nonsense")
    look("receipt: throttled")
    cache.clear()
    named = make.opened("receipt-named", "named")
    voter = make.voter(named)
    receipt = make.answered(voter)
    make.closed(named, [voter], cast.outsider())
    page.goto(f"{site.url}/receipt/")
    _find(page, receipt)
    press(page, "withdraw")
    look("receipt: sure, named")
    site.now = make.DURING


def saving_walk(page: Page, site: Site, look: Look) -> None:
    """What the script says while it saves, and what it finds again."""
    # What lies in the browser goes when the deadline has passed by the browser's own clock.
    page.context.clock.set_fixed_time(make.DURING)
    link = site.link(every("saving"), role="local")
    page.goto(link)
    press(page, "start")
    page.locator('[name="A2_option"][value="home"]').check()
    _until(page, "saved")
    look("saving: saved")
    page.context.set_offline(True)
    page.locator('[name="A2_option"][value="else"]').check()
    _until(page, "bad")
    look("saving: no contact")
    page.locator('main button[value="next"]').click()
    page.wait_for_timeout(300)
    look("saving: no contact, so one stays")
    page.locator("#shared").check()
    page.locator('[name="A2_option"][value="office"]').check()
    page.wait_for_timeout(600)
    look("saving: no contact, shared device")
    page.locator("#shared").uncheck()
    page.context.set_offline(False)
    page.wait_for_timeout(3000)
    _until(page, "saved")
    # No other window of this device may send it on.
    page.goto("about:blank")
    with_no_line = page.context.new_page()
    with_no_line.goto(link)
    press(with_no_line, "continue")
    page.context.set_offline(True)
    with_no_line.locator('[name="A3_options"][value="pay"]').check()
    _until(with_no_line, "bad")
    with_no_line.close()
    page.context.set_offline(False)
    page.goto(link)
    press(page, "continue")
    page.locator("p.notice-good").wait_for()
    look("saving: found on this device")
    fill(page, {**kinds.GIVEN[0], "A1_text": "å" * 4003})
    page.locator('[name="A2_option"]').first.focus()
    page.locator("#A1_text-error").wait_for()
    look("saving: too long")
    fill(page, kinds.GIVEN[0])
    _until(page, "saved")
    site.now = make.DEADLINE + timedelta(seconds=1)
    fill(page, {"A1_text": "Etter fristen."})
    _until(page, "bad")
    look("saving: the deadline has passed")
    site.now = make.DURING


def _until(page: Page, kind: str) -> None:
    page.locator(f'#saving[data-kind="{kind}"]').wait_for(timeout=15_000)


def _find(page: Page, receipt: str) -> None:
    page.locator("#receipt").fill(receipt)
    press(page, "find")


def _to_the_review(page: Page, link: str) -> None:
    """With the required answers given, and a text with a long word."""
    page.goto(link)
    press(page, "start")
    fill(page, {**kinds.GIVEN[0], "A1_text": f"Et langt ord: {LONG_WORD}"})
    for given in (kinds.GIVEN[1], {}, {}):
        press(page, "next")
        fill(page, given)
    if page.locator('main button[value="next"]').count():
        press(page, "next")


WALKS = [own_walk, settled_walk, receipt_walk, saving_walk]
