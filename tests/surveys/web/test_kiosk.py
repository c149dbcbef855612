"""A shared screen: each person gets a ballot, and the next one finds nothing of the last."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from consult.reference.browsing import Browser, Form
from surveys.models import OpenLink
from tests import make
from tests.page import parse
from tests.surveys.ways import making

pytestmark = pytest.mark.django_db

SECRET = "Det bare jeg vet."


@pytest.fixture(autouse=True)
def _easy(monkeypatch: pytest.MonkeyPatch) -> None:
    making.easy(monkeypatch)
    cache.clear()


@pytest.fixture
def link() -> OpenLink:
    return making.link(title="Nettbrettet", is_kiosk=True)


def sent(browser: Browser, step: str) -> Form:
    return next(form for form in browser.forms if form.fields.get("step") == step)


def again(fields: dict[str, str], now=make.DURING):
    """What the browser sends again when someone presses Back and says yes."""
    return Client().post("/o/", fields, **{"raadslag.now": now})


def leftovers(link: OpenLink, response) -> bool:
    return response.status_code != 303 or response["Location"] != f"/o/{link.code}" or bool(response.cookies)


def test_two_people_one_after_the_other(link: OpenLink) -> None:
    making.submitted(link)
    making.submitted(link)
    assert [final for _place, final, _version in making.ballots()] == [True, True]


def test_no_cookie_and_no_code_to_write_down(link: OpenLink) -> None:
    browser = making.started(link)
    assert not browser.client.cookies
    assert not parse(browser.text).all("samp")
    browser.press("go", "next", Q1_option="yes", Q1_text=SECRET)
    browser.press("go", "next", Q3_option="no")
    assert not browser.has("go", "leave")
    browser.press("go", "submit")
    assert not browser.client.cookies


def test_after_the_receipt_everything_sent_again_leads_to_the_next_person(link: OpenLink) -> None:
    browser = making.started(link)
    first = {**sent(browser, "page").fields, "go": "next", "Q1_option": "yes", "Q1_text": SECRET}
    faulty = {**first, "Q1_option": "yes", "Q1_text": "", "Q2_text": SECRET}
    browser.press("go", "next", Q1_option="yes", Q1_text=SECRET)
    second = {**sent(browser, "page").fields, "go": "back"}
    browser.press("go", "next", Q3_option="no")
    review = dict(sent(browser, "review").fields)
    browser.press("go", "submit")
    receipt = dict(sent(browser, "receipt").fields)
    assert receipt["receipt"] in browser.text
    others = [{**review, "go": "page-1"}, {**review, "speak": "en"}, {**review, "go": "leave"}]
    for fields in (first, faulty, second, *others):
        assert not leftovers(link, again(fields)), fields
    # A minute later not even the receipt.
    later = make.DURING + timedelta(seconds=61)
    for fields in ({**review, "go": "submit"}, {**receipt, "go": "longer"}, {**receipt, "speak": "en"}):
        assert not leftovers(link, again(fields, later)), fields
    assert len(making.ballots()) == 1


def test_pressing_next_ends_it_at_once(link: OpenLink) -> None:
    browser = making.submitted(link)
    receipt = dict(sent(browser, "receipt").fields)
    browser.press("go", "next_person")
    assert (browser.status, browser.address) == (200, f"/o/{link.code}")
    assert not leftovers(link, again({**receipt, "go": "longer"}))


def test_what_was_begun_and_left_is_not_shown_to_the_next(link: OpenLink) -> None:
    browser = making.started(link)
    first = {**sent(browser, "page").fields, "go": "next", "Q1_option": "yes", "Q2_text": SECRET}
    assert SECRET in again(first).content.decode()  # a fault on the page: shown as typed, to the same person
    browser.press("go", "next_person")  # stop and clear the screen
    assert browser.address == f"/o/{link.code}"
    assert not leftovers(link, again(first))
    assert making.ballots() == []


def test_the_receipt_goes_by_itself_and_can_be_kept_longer(link: OpenLink) -> None:
    browser = making.started(link)
    browser.press("go", "next", Q1_option="yes", Q1_text="Fordi.")
    browser.press("go", "next", Q3_option="no")
    review = {**sent(browser, "review").fields, "go": "submit"}
    shown = again(review)
    assert shown["Refresh"] == f"60; url=/o/{link.code}"
    receipt = {field.get("name"): field.get("value") for field in parse(shown).all("input", type="hidden")}
    longer = again({**receipt, "step": "receipt", "go": "longer"}, make.DURING + timedelta(seconds=50))
    assert longer["Refresh"] == f"180; url=/o/{link.code}"
    assert receipt["receipt"] in longer.content.decode()


def test_pressing_submit_twice_shows_one_receipt(link: OpenLink) -> None:
    browser = making.started(link)
    browser.press("go", "next", Q1_option="yes", Q1_text="Fordi.")
    browser.press("go", "next", Q3_option="no")
    review = {**sent(browser, "review").fields, "go": "submit"}
    assert len({parse(again(review)).find("samp").text for _time in range(2)}) == 1


def test_a_receipt_of_ones_own_making_shows_nothing(link: OpenLink) -> None:
    browser = making.submitted(link)
    receipt = dict(sent(browser, "receipt").fields)
    assert not leftovers(link, again({**receipt, "receipt": "aaaaa-bbbbb", "go": "longer"}))


def test_a_ballot_at_a_shared_screen_has_no_address(link: OpenLink) -> None:
    browser = making.started(link)
    key = sent(browser, "page").fields["token"]
    assert Client().get(f"/o/{key}", **{"raadslag.now": make.DURING}).status_code == 404


def test_without_a_script_it_works_by_its_buttons(link: OpenLink) -> None:
    browser = making.waited(link)
    browser.press("go", "next", Q1_option="yes", Q1_text="Fordi.")
    browser.press("go", "next", Q3_option="no")
    browser.press("go", "submit")
    browser.press("go", "next_person")
    assert browser.address == f"/o/{link.code}"
    assert making.ballots()[0][1] is True
