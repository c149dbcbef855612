"""Link scanners: every address of the respondent's side is opened and every button pressed, and nothing is changed.

Mail filters open each link before the person does, follow what they find, and some send forms as they stand. None of
them fills anything in: that is the one thing only a person does. So what is written must wait for an answer.
"""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from typing import Any
from unittest.mock import ANY
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import get_resolver

from consult.models import Invitation
from consult.reference.browsing import Form, _FormReader
from surveys import fielding
from surveys.models import Attachment, Survey
from surveys.ways import linking
from tests import kinds, make, whole
from tests.consult.web.test_answer import at_review, begun, browser
from tests.files import png
from tests.page import parse
from tests.surveys import trials
from tests.surveys.ways import making

pytestmark = pytest.mark.django_db

MOST_PAGES = 6000
# Where respondents are led; the rest needs an account, or is for machines of the operator.
RESPONDENTS = {
    "answer", "answer_link", "trial", "trial_link", "file", "accessibility", "set_language", "home",
    "open", "open_link", "receipt", "enter",
}  # fmt: skip
# What is new each time, and leads to the same pages.
MADE_ANEW = ("code", "proof", "receipt", "receipt_mark", "challenge", "ticket")
OTHERS = {
    "account_login", "account_logout", "healthz", "readyz", "metrics", "mailbox", "mailbox_letter", "results",
    "results_survey", "results_variable", "results_consultation",
}  # fmt: skip


class Scanner:
    """Opens, follows and presses, from a number of addresses on; fills nothing in."""

    def __init__(self, *, keeps_cookies: bool = True, now: object = make.DURING) -> None:
        self.client = Client()
        self.keeps_cookies, self.now = keeps_cookies, now
        self.seen: set[Any] = set()
        self.waiting: deque[tuple[str, str, dict[str, str]]] = deque()
        self.statuses: dict[tuple[str, int], int] = {}
        self.pressed: set[tuple[str, str]] = set()

    def run(self, paths: list[str]) -> None:
        for path in paths:
            self.waiting.append(("HEAD", path, {}))
            self.waiting.append(("GET", path, {}))
        while self.waiting:
            assert len(self.seen) < MOST_PAGES, "it never comes to an end"
            self._ask(*self.waiting.popleft())

    def _ask(self, method: str, path: str, fields: dict[str, str]) -> None:
        same = {name: value for name, value in fields.items() if name not in MADE_ANEW}
        key = (method, path, frozenset(same.items()))
        if key in self.seen:
            return
        self.seen.add(key)
        if not self.keeps_cookies:
            self.client.cookies.clear()
        response = self.client.generic(method, path, **{"raadslag.now": self.now}) if method != "POST" else (
            self.client.post(path, fields, **{"raadslag.now": self.now})
        )  # fmt: skip
        assert response.status_code < 500
        count = (f"{method} /{urlsplit(path).path.split('/')[1]}/", response.status_code)
        self.statuses[count] = self.statuses.get(count, 0) + 1
        kind = response.headers.get("Content-Type", "")
        if method != "HEAD" and kind.startswith("text/html") and response.content:
            self._follow(path, response.content.decode())

    def _follow(self, path: str, text: str) -> None:
        page = parse(text)
        for node in page.all():
            address = node.get("href") or node.get("src")
            if address and urlsplit(urljoin("http://testserver", address)).hostname == "testserver":
                found = urlsplit(urljoin(path, address))
                if not found.path.startswith("/static/") and found.path:
                    self.waiting.append(("GET", found.path + (f"?{found.query}" if found.query else ""), {}))
        reader = _FormReader()
        reader.feed(text)
        # Buttons that stand outside their form belong to it by its name.
        outside = [(b.get("name") or "", b.get("value") or "") for b in page.all("button", form="answer")]
        for form, node in zip(reader.forms, page.all("form"), strict=True):
            buttons = form.buttons + (outside if node.get("id") == "answer" else [])
            # One other language is as good as three.
            pressed = [each for each in buttons if each not in (("speak", "en"), ("speak", "nb"))]
            for button in dict.fromkeys([*pressed, ("", "")]):
                self._press(path, form, button)

    def _press(self, path: str, form: Form, button: tuple[str, str]) -> None:
        name, value = button
        self.pressed.add((form.fields.get("step", form.action), value))
        # As it stands: nothing ticked, nothing written, and what was carried carried on.
        fields = {**form.fields, **({name: value} if name else {})}
        self.waiting.append((form.method.upper(), urljoin(path, form.action), fields))


def _links() -> list[str]:
    """A link to a survey in each state, and to a trial, with people who have begun and who have submitted."""
    token = make.link(kinds.every(), 1)
    scanned = [token, token.upper(), token[:-1], token + "?utm_source=x", "a" * 39, ""]
    answered = make.routed("answered")
    begun(make.link(answered, 2))
    at_review(make.link(answered, 3)).press("go", "submit")
    replaced = make.link(make.routed("replaced"), 4)
    Invitation.objects.filter(person__number="4").update(generation=2)
    scanned += [make.token(row) for row in Invitation.objects.filter(person__number__in=("2", "3"))] + [replaced]
    closed = make.link(make.routed("closed"), 5)
    Survey.objects.filter(code="closed").update(stopped_at=make.DURING - timedelta(days=1))
    early = fielding.plan(
        "early", make.published("early"), opens_at=make.DEADLINE, closes_at=make.DEADLINE + timedelta(days=9), facts=[]
    )
    fielding.open_survey(early, make.OPENS)
    scanned += [closed, make.link(early, 6), make.link(make.routed("by-name", "named"), 7)]
    return [
        *(f"/s/{each}" for each in scanned), trials.link(trials.trial()), "/t/", "/t/nothing", "/accessibility/",
        *_other_ways(),
    ]  # fmt: skip


def _other_ways() -> list[str]:
    """Open links in each state, one of them with a ballot begun and one with a submitted one; the receipt's page."""
    link, kiosk = making.link(make.routed("open")), making.link(make.routed("kiosk"), is_kiosk=True)
    begun_key = making.started(link).forms[-1].fields["token"]
    submitted_key = making.submitted(link).forms[-1].fields["token"]
    off = making.link(link.survey)
    linking.turn_off(off, make.DURING)
    later = making.link(link.survey, opens_at=make.DURING + timedelta(hours=1))
    shown = [link.code, kiosk.code, off.code, later.code, begun_key, submitted_key, "ABCDEFGH", "a" * 50]
    return [*(f"/o/{each}" for each in shown), "/o/", "/receipt/", "/e/"]


@pytest.mark.slow
@pytest.mark.parametrize("keeps_cookies", [False, True], ids=["no-cookies", "cookies"])
def test_every_address_opened_and_every_button_pressed_changes_nothing(keeps_cookies: bool) -> None:
    paths = _links()
    assert make.showing(published=True, ring=png(40, 30)).published_at
    paths += [f"/files/{Attachment.objects.get().pk}.png", "/files/nothing.png", "/"]
    scanner = Scanner(keeps_cookies=keeps_cookies)
    before = whole.everything()
    scanner.run(paths)
    differing = set(whole.changed(before, whole.everything()))
    # A trial begun is written down, with nothing in it: it is no survey, and only colleagues have its link. A code kept
    # as a cookie and tried again is a guess like any other, and counted for an hour.
    assert differing <= {"surveys_trialrun"} | ({"(cache)"} if keeps_cookies else set())
    assert {("POST /s/", 200), ("POST /o/", 200), ("POST /receipt/", 200), ("HEAD /e/", 302)} <= scanner.statuses.keys()
    assert {
        ("welcome", "start"), ("welcome", "code"), ("page", "next"), ("page", "leave"), ("page", "back"),
        ("left", "forget"), ("left", "continue"), ("page", "nn"), ("open", "start"), ("find", "find"),
        ("/receipt/", "find"),
    } <= scanner.pressed  # fmt: skip
    assert len(scanner.seen) > 150


def test_start_on_an_open_link_counts_one_ballot_and_writes_nothing_else() -> None:
    """The one exception: whoever solves the sum, or waits, has a ballot, and the link may hand out only so many.

    No answer, no code and no address: the number of ballots handed out, and for ten minutes how many to whom.
    """
    link = making.link()
    before = whole.everything()
    assert making.waited(link).forms[-1].fields["step"] == "page"
    assert whole.changed(before, whole.everything()) == {"surveys_openlink": (1, 1), "(cache)": ANY}
    link.refresh_from_db()
    assert link.handed == 1


def test_a_person_is_not_locked_out_by_scanners() -> None:
    """What scanners press must not count as guesses at the code: three of them open the letter before its reader."""
    token = make.link(kinds.every(), 1)
    mine = browser(token)
    mine.press("go", "start")
    code = mine.forms[0].fields["code"]
    mine.press("go", "next", A2_option="home")
    for _scan in range(3):
        Scanner(keeps_cookies=False).run([f"/s/{token}"])
    other = browser(token)
    other.press("go", "code", typed=code)
    assert (other.status, other.forms[0].fields["page"]) == (200, "2")


def test_no_address_of_respondents_is_left_out() -> None:
    """A new address must be sorted into one of the two lists, and those for respondents be opened above."""
    names = {pattern.name for pattern in _patterns(get_resolver().url_patterns) if pattern.name}
    assert {name for name in names if not name.startswith("api")} - {"schema", "docs"} == RESPONDENTS | OTHERS


def _patterns(patterns: list[Any]) -> list[Any]:
    found = []
    for each in patterns:
        if hasattr(each, "url_patterns"):
            if getattr(each, "app_name", "") != "admin":
                found += _patterns(each.url_patterns)
        else:
            found.append(each)
    return found


def test_the_comparison_sees_a_change_and_a_row_written_again() -> None:
    survey = make.routed()
    token = make.link(survey)
    before = whole.everything()
    begun(token)
    assert whole.changed(before, whole.everything()) == {"surveys_sealedballot": (0, 1)}
    before = whole.everything()
    Survey.objects.filter(pk=survey.pk).update(code=survey.code)
    assert whole.changed(before, whole.everything()) == {"surveys_survey": (1, 1)}


def test_a_scanner_that_fills_something_in_is_seen_by_the_test() -> None:
    """The control: with one answer given, the same presses do write."""
    token = make.link(kinds.every(), 1)
    scanner = Scanner()
    before = whole.everything()
    real = scanner._press

    def fills(path: str, form: Form, button: tuple[str, str]) -> None:
        if "A2_option" in form.choices:
            form.fields["A2_option"] = form.choices["A2_option"][0]
        real(path, form, button)

    scanner._press = fills  # type: ignore[method-assign]
    scanner.run([f"/s/{token}"])
    assert "surveys_sealedballot" in whole.changed(before, whole.everything())
