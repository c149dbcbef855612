"""Open links for tests, and browsers that come by them."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache

from consult.reference.browsing import Browser
from surveys.models import OpenLink, SealedBallot, Survey
from surveys.ways import linking, puzzling
from tests import make


def link(survey: Survey | None = None, title: str = "Årsmøtet", **rest: Any) -> OpenLink:
    """An open link to this survey, or to one of `make.routed`."""
    return linking.make(survey or make.routed(), title, **rest)


def solved(challenge: str) -> str:
    """What a browser's script finds."""
    bits = int(challenge.split(".")[1])
    for number in range(1 << 28):
        found = hashlib.sha256(f"{challenge}.{number}".encode()).digest()
        if not int.from_bytes(found[:4], "big") >> (32 - bits):
            return str(number)
    raise AssertionError(challenge)


def at(row: OpenLink, now: datetime = make.DURING, **headers: Any) -> Browser:
    """A browser that has scanned the poster."""
    browser = Browser(now)
    browser.open(f"/o/{row.code}")
    assert browser.status == 200
    return browser


def started(row: OpenLink, now: datetime = make.DURING) -> Browser:
    """The same, on the first page of questions."""
    browser = at(row, now)
    browser.press("go", "start", answer=solved(browser.forms[0].fields["challenge"]))
    assert browser.status == 200, browser.text
    assert browser.forms[-1].fields["step"] == "page", browser.text
    return browser


def submitted(row: OpenLink, now: datetime = make.DURING, *, choice: str = "no", text: str = "Mye.") -> Browser:
    """The same, with an answer to `make.routed` submitted."""
    browser = started(row, now)
    browser.press("go", "next", Q1_option="yes", Q1_text="Fordi.", Q2_text=text)
    browser.press("go", "next", Q3_option=choice)
    browser.press("go", "submit")
    assert browser.forms[-1].fields["step"] == "receipt", browser.text
    return browser


def waited(row: OpenLink, now: datetime = make.DURING) -> Browser:
    """A browser without a script that has waited as it was told to."""
    browser = at(row, now)
    browser.press("go", "start")
    browser.now = now + timedelta(seconds=16)
    browser.press("go", "start")
    return browser


def ballots() -> list[tuple[bytes, bool, int]]:
    """(place, whether submitted, version) of everything in the box."""
    return sorted((bytes(row.locator), row.final, row.version) for row in SealedBallot.objects.all())


def counters() -> list[str]:
    """What other ways in have left in Redis."""
    return sorted(key.decode() for key in cache._cache.get_client().keys("*ways/*"))


def easy(monkeypatch: Any) -> None:
    """Sums that take no time."""
    monkeypatch.setattr(puzzling, "BITS", 1)
