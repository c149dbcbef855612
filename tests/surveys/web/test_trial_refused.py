"""A trial by its link: what it refuses, and what it tells."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from surveys import piloting, trying
from surveys.models import Trial, TrialRun
from tests import cast, make
from tests.surveys import trials
from tests.surveys.trials import Colleague, comments, link, trial

pytestmark = pytest.mark.django_db


# --- Hostile input ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "is_kept"),
    [
        ("<script>alert(1)</script>", True), ("=cmd|' /C calc'!A0", True), ("{{ 7*7 }} {Q2}", True), ("x" * 1000, True),
        ("x" * 1001, False), ("a\x00b", False), ("a\x1b[31m", False), ("a\u0085b", False),
    ],
)  # fmt: skip
def test_a_comment_is_text_and_not_too_long(text: str, is_kept: bool) -> None:
    colleague = Colleague(trial())
    colleague.press("start")
    page = colleague.press(comment__Q1=text, comment__Q2="Godt.", Q2_text="Svart.")
    assert colleague.response.status_code == (200 if is_kept else 422)
    assert comments() == ([("Q1", text, ""), ("Q2", "Godt.", "")] if is_kept else [])
    if is_kept:
        page = colleague.press("back")
        # The tree would hold the tag if it were one.
        assert page.find("textarea", id="comment-Q1").text == text
        assert page.all("script") == []
    else:
        assert [node.get("href") for node in page.find("div", "error-summary").all("a")] == ["#comment-Q1"]
        assert page.find("textarea", id="Q2_text").text == "Svart."
        assert "open" in page.all("details", "remark")[1].attributes


def test_a_comment_on_what_is_not_on_the_page_is_not_kept() -> None:
    colleague = Colleague(trial())
    colleague.press("start")
    colleague.press(comment__Q3="Fremmed.", comment__Q99="Oppdiktet.", comment__whole="Alt.")
    assert comments() == []


@pytest.mark.parametrize("name", ["x" * 81, "a\x00b"])
def test_a_name_is_a_short_line(name: str) -> None:
    colleague = Colleague(trial())
    colleague.press("start", name=name)
    assert (colleague.response.status_code, TrialRun.objects.count()) == (422, 0)
    assert colleague.page.find("input", id="name").get("aria-invalid") == "true"


@pytest.mark.parametrize("sent", ["", "x", "eyJydW4iOiIxIn0:1x:y", "a" * 3000])
def test_a_forged_state_leads_to_the_start(sent: str) -> None:
    colleague = Colleague(trial())
    colleague.press("start")
    colleague.press(carried=sent)
    assert (colleague.response.status_code, colleague.step) == (400, "welcome")


def test_the_state_of_one_trial_is_nothing_to_another() -> None:
    one, other = Colleague(trial()), Colleague(trial(trials.draft("annet")))
    one.press("start")
    other.press("start", carried=trials.form(one.page)["carried"])
    assert other.response.status_code == 400


@pytest.mark.parametrize("changes", [{"step": ""}, {"step": "left"}, {"page": "9"}, {"page": "²"}, {"page": "-1"}])
def test_what_is_not_complete_leads_to_the_start(changes: dict[str, str]) -> None:
    colleague = Colleague(trial())
    colleague.press("start")
    colleague.press(**changes)
    assert (colleague.response.status_code, colleague.step) == (400, "welcome")


def test_answers_that_a_ballot_has_no_room_for_have_none_here() -> None:
    started = trial(make.loaded("langt", [make.asking(f"Q{number}", "long_text") for number in range(20)]))
    colleague = Colleague(started)
    colleague.press("start")
    page = colleague.press(**{f"Q{number}_text": "æ" * 4000 for number in range(20)})
    assert colleague.response.status_code == 413
    assert page.find("textarea", id="Q7_text").text == "æ" * 4000


def test_a_leaked_link_fills_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "MOST_RUNS", 2)
    monkeypatch.setattr(trying, "MOST_COMMENTS", 2)
    started = trial()
    first, second, third = (Colleague(started) for _time in range(3))
    first.press("start")
    first.press(comment__Q1="En.")
    second.press("start")
    # Who has said nothing makes room, and gets it back by saying something.
    third.press("start")
    assert (third.response.status_code, third.step, TrialRun.objects.count()) == (200, "page", 2)
    page = second.press(comment__Q1="To.", comment__Q2="Tre.", Q2_text="Svart.")
    assert (second.response.status_code, comments()) == (429, [("Q1", "En.", "")])
    assert page.find("textarea", id="comment-Q2").text == "Tre."
    second.press(comment__Q1="To.", comment__Q2="")
    assert (second.response.status_code, second.step) == (200, "page")
    fourth = Colleague(started)
    fourth.press("start")
    assert (fourth.response.status_code, fourth.step, TrialRun.objects.count()) == (429, "welcome", 2)
    # Other words on the same question take no more room.
    first.press("back")
    first.press(comment__Q1="Endret.")
    assert comments() == [("Q1", "Endret.", ""), ("Q1", "To.", "")]


# --- The door ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_the_link_only_shows(method: str) -> None:
    response = getattr(Client(), method)(link(trial()), **{"raadslag.now": make.DURING})
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_steps_are_posted(method: str) -> None:
    response = getattr(Client(), method)(reverse("trial"))
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, POST")


def test_the_address_of_steps_cannot_be_looked_at() -> None:
    assert Client().get(reverse("trial")).status_code == 400
    assert Client().post(reverse("trial")).status_code == 400


def test_links_that_lead_nowhere_are_all_refused_alike() -> None:
    over, later, ended, open_one = (trial(trials.draft(f"p{number}")) for number in range(4))
    token = trying.link_token(open_one)
    Trial.objects.filter(pk=over.pk).update(closes_at=make.OPENS + timedelta(hours=1))
    piloting.end(ended, make.OPENS)
    made_later = make.DURING + timedelta(days=1)
    later = trial(trials.draft("senere"), now=made_later)
    other = trying.link_token(ended)
    tried = [
        trying.link_token(over), trying.link_token(ended), trying.link_token(later), "x", "a" * 39, "æ" * 39,
        token[:-1], token[:13] + other[13:], token[:-2] + ("aa" if token[-2:] != "aa" else "bb"), "../s/" + token,
    ]  # fmt: skip
    for method in ("get", "post"):
        seen = set()
        for each in tried:
            if method == "get":
                response = Client().get(reverse("trial_link", args=[each]), **{"raadslag.now": make.DURING})
            else:
                response = Client().post(reverse("trial"), {"token": each}, **{"raadslag.now": make.DURING})
            seen.add((response.status_code, response.content))
        assert len(seen) == 1
        assert seen.pop()[0] == 404
    assert Client().get(link(open_one), **{"raadslag.now": make.DURING}).status_code == 200
    assert Client().get(link(open_one) + ").", **{"raadslag.now": make.DURING}).status_code == 200


def test_a_trial_that_ends_meanwhile_takes_nothing_more() -> None:
    colleague = Colleague(trial())
    colleague.press("start")
    sent = {**trials.form(colleague.page), "go": "next", "comment-Q1": "For sent."}
    piloting.end(colleague.trial, make.DURING)
    colleague.send(sent)
    assert (colleague.response.status_code, comments()) == (404, [])


def test_pages_are_private_and_need_no_cookie() -> None:
    colleague = Colleague(trial())
    for response in (colleague.response, Client().get(reverse("trial_link", args=["x"]))):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Robots-Tag"] == "noindex"
        assert "unsafe" not in response.headers["Content-Security-Policy"]
        assert list(response.cookies) == []


def test_a_broken_body_is_refused() -> None:
    colleague = Colleague(trial())
    response = colleague.client.post(
        reverse("trial"), b"x" * (1024 * 1024 + 1), content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 413
    broken = colleague.client.post(reverse("trial"), b"\xff\xfe", content_type="multipart/form-data; boundary=x")
    assert broken.status_code == 400


def test_whoever_comments_is_told_who_reads_it() -> None:
    reader = cast.designer()
    reader.first_name, reader.last_name = "Kari", "<i>Stab</i>"
    reader.save()
    known = piloting.make(trials.draft().questionnaire, reader, make.OPENS)
    unknown = trial(trials.draft("annet"))
    with CaptureQueriesContext(connection) as queries:
        banners = [Colleague(each).page.find("div", "trial-banner").text for each in (known, unknown)]
    whole = "This is a trial. Your answers are not stored and never count. Comments are read by"
    assert banners == [
        f"{whole} Kari <i>Stab</i> and others at the union who work on the questionnaire.",
        f"{whole} those at the union who work on the questionnaire.",
    ]
    # The trial, what it asks and the files that it shows: the last two once a process.
    assert len(queries) == 6


def test_steps_ask_the_database_the_same_however_long_the_survey() -> None:
    counts = []
    for number in (3, 30):
        edition = make.loaded(f"lang-{number}", [make.asking(f"Q{each}") for each in range(number)])
        colleague = Colleague(trial(edition))
        colleague.press("start")
        with CaptureQueriesContext(connection) as queries:
            colleague.press(**{f"comment__Q{each}": "Hm." for each in range(number)})
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_trial_reads_the_same_when_the_draft_has_moved_on() -> None:
    edition = trials.draft()
    started = trial(edition)
    before = Colleague(started).press("start").text
    edition.questions.filter(code="Q1").update(text_en="Other words", text_nb="Andre ord")
    edition.questions.filter(code="Q2").delete()
    trying._kept.clear()
    assert Colleague(started).press("start").text == before
