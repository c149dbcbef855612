"""The door of the personal link when it stays shut: scanners, strangers, hostile input, late and early."""

from __future__ import annotations

import io
import logging
import re
from datetime import timedelta
from unittest import mock

import pytest
from django.http import HttpResponse
from django.test import Client

from surveys import answering
from surveys.box import keyring, sealing
from surveys.models import SealedBallot
from tests import make
from tests.consult.web.test_answer import at_review, begun, box_of, browser, rows

pytestmark = pytest.mark.django_db

NEVER = "a" * sealing.TOKEN_LETTERS
MIB = 1024 * 1024


def send(fields: object, now: object = make.DURING, client: Client | None = None, **extra: object) -> HttpResponse:
    """POST to the one address that takes anything."""
    return (client or Client()).post("/s/", fields, **{"raadslag.now": now, **extra})  # type: ignore[return-value]


def look(path: str, now: object = make.DURING, method: str = "get") -> HttpResponse:
    return getattr(Client(), method)(path, **{"raadslag.now": now})  # type: ignore[no-any-return]


# --- Scanners ---------------------------------------------------------------------------------------------


def test_looking_changes_nothing_whatever_is_looked_at() -> None:
    token = make.link(make.routed())
    begun(token)
    before = rows()
    for path in (f"/s/{token}", "/s/", f"/s/{token}/", f"/s/{token}?go=submit&step=review", "/s/?token=" + token):
        for method in ("get", "head"):
            look(path, method=method)
    assert rows() == before


def test_the_welcome_page_is_the_same_whether_or_not_there_is_an_answer() -> None:
    survey = make.routed()
    token = make.link(survey)
    before = look(f"/s/{token}")
    at_review(token).press("go", "submit")
    assert len(rows()) == 1
    after = look(f"/s/{token}")
    assert (after.content, after.headers, after.cookies) == (before.content, before.headers, before.cookies)


@pytest.mark.parametrize("is_submitted", [False, True])
def test_a_scanner_that_presses_every_button_destroys_nothing(is_submitted: bool) -> None:
    survey = make.routed()
    token = make.link(survey)
    mine = at_review(token)
    if is_submitted:
        mine.press("go", "submit")
    before = rows()
    scanner = browser(token)
    for button in ("start", "leave", "continue", "next", "next"):
        if scanner.has("go", button):
            scanner.press("go", button)
    send({**scanner.forms[0].fields, "step": "page", "page": "2", "shown": "", "go": "next"})
    for go in ("submit", "leave", "page-1", "forget"):
        send({**scanner.forms[0].fields, "step": "review", "go": go})
    assert rows() == before


def test_who_starts_afresh_does_not_learn_that_there_was_an_answer_and_does_not_undo_it() -> None:
    survey = make.routed()
    token, untouched = make.link(survey, 1), make.link(survey, 2)
    at_review(token).press("go", "submit")
    final = box_of(survey).final
    pages = []
    for link in (token, untouched):
        other = begun(link)
        code, proof = other.forms[0].fields["code"], other.forms[0].fields["proof"]
        # Where a browser may lay what it could not send is made of link and code.
        [place] = re.findall('data-place="([0-9a-f.]+)"', other.text)
        pages.append(re.sub(f"{link}|{code}|{proof}|{place}", "", other.text))
    assert pages[0] == pages[1]
    keys = keyring.keys(survey.key_id)
    row = SealedBallot.objects.get(final=True)
    assert sealing.unseal(keys, survey.pk, bytes(row.locator), row.version, row.final, bytes(row.box)).final == final


# --- The link reads nothing -------------------------------------------------------------------------------


def test_the_link_without_the_code_shows_nothing_that_was_written() -> None:
    token = make.link(make.routed())
    mine = begun(token)
    assert "Mye." not in mine.text
    fields = {"token": token, "code": "23456789", "language": "nb", "proof": "0" * 64}
    asked = [
        {"step": "review"}, {"step": "review", "go": "page-1"}, {"step": "left", "go": "continue"},
        {"step": "receipt"}, {"step": "welcome", "go": "code", "typed": "23456789"},
        {"step": "welcome", "go": "continue"}, {"step": "page", "page": "2", "shown": "", "go": "back"},
    ]  # fmt: skip
    shown = [send({**fields, **each}).content.decode() for each in asked]
    assert [page for page in shown if "Mye." in page or "Fordi." in page] == []
    mine.press("go", "back")
    assert "Mye." in mine.text


def test_codes_are_not_guessed_for_long() -> None:
    token = make.link(make.routed())
    mine = begun(token)
    code = mine.forms[0].fields["code"]
    guess = {"token": token, "step": "welcome", "go": "code", "language": "nb"}
    wrong = [send({**guess, "typed": "2345678" + letter}).status_code for letter in "23456789AB"]
    assert wrong == [422] * 10
    refused = send({**guess, "typed": code})
    assert refused.status_code == 429
    assert refused.content == send({**guess, "typed": "23456789"}).content
    # Who has the page open already goes on undisturbed.
    mine.press("go", "next", Q3_option="no")
    assert mine.status == 200
    mine.press("go", "submit")
    assert mine.status == 200


def test_what_cannot_be_a_code_is_no_guess() -> None:
    token = make.link(make.routed())
    code = begun(token).forms[0].fields["code"]
    fields = {"token": token, "step": "welcome", "go": "code"}
    for typed in ("", "1234567", "O" * 8, "2" * 3000, "<b>", "\x00", "２３４５６７８９") * 2:
        assert send({**fields, "typed": typed}).status_code == 422
    assert send({**fields, "typed": code}).status_code == 200


# --- Two at once ------------------------------------------------------------------------------------------


def test_a_window_left_behind_by_a_fresh_start_says_so_and_keeps_what_was_typed() -> None:
    survey = make.routed()
    token = make.link(survey)
    old = begun(token)
    begun(token)
    before = rows()
    old.press("go", "next", Q3_option="no")
    assert (old.status, rows()) == (409, before)
    assert old.forms[0].fields["Q3_option"] == "no"
    old.press("go", "next")
    assert (old.status, box_of(survey).draft) == (200, {"Q3": {"option": "no"}})


def test_submitting_from_a_window_left_behind_submits_nothing() -> None:
    token = make.link(make.routed())
    old = at_review(token)
    begun(token)
    before = rows()
    old.press("go", "submit")
    assert (old.status, rows()) == (409, before)


def test_a_ballot_that_is_always_being_saved_elsewhere() -> None:
    token = make.link(make.routed())
    mine = begun(token)
    # Another process wins every race: each write finds a version it does not expect.
    with mock.patch.object(answering, "_write", return_value="stale"):
        mine.press("go", "next", Q3_option="yes")
        assert (mine.status, mine.forms[0].fields["Q3_option"]) == (409, "yes")
        submit = send({**mine.forms[0].fields, "step": "review", "go": "submit"})
    assert submit.status_code == 422
    mine.press("go", "next")
    assert mine.status == 200
    mine.press("go", "next")
    with mock.patch.object(answering, "_write", return_value="stale"):
        mine.press("go", "submit")
    assert mine.status == 409
    mine.press("go", "continue")
    assert mine.status == 200


# --- Early and late ---------------------------------------------------------------------------------------


def test_not_yet_open() -> None:
    token = make.link(make.routed())
    early = look(f"/s/{token}", make.OPENS - timedelta(seconds=1))
    assert early.status_code == 403
    assert send({"token": token}, make.OPENS - timedelta(seconds=1)).status_code == 403


def test_closed_between_opening_the_page_and_saving_it() -> None:
    token = make.link(make.routed())
    mine = at_review(token)
    before = rows()
    mine.now = make.DEADLINE
    mine.press("go", "submit")
    assert (mine.status, rows()) == (410, before)


def test_closed_in_the_very_statement_that_saves() -> None:
    token = make.link(make.routed())
    mine = begun(token)
    before = rows()
    with mock.patch.object(answering, "_write", return_value="closed"):
        mine.press("go", "next", Q3_option="no")
    assert (mine.status, rows()) == (410, before)


def test_closed_for_good_says_when_the_key_was_destroyed() -> None:
    survey = make.routed()
    token = make.link(survey)
    type(survey).objects.filter(pk=survey.pk).update(stopped_at=make.DEADLINE)
    type(survey).objects.filter(pk=survey.pk).update(closed_at=make.AFTER)
    keyring.destroy(survey.key_id)
    late = look(f"/s/{token}", make.AFTER + timedelta(days=1))
    assert late.status_code == 410
    assert "15 mars 2026" in late.content.decode() or "15. mars 2026" in late.content.decode()


# --- Strangers --------------------------------------------------------------------------------------------


def test_links_that_prove_nothing_are_all_refused_alike() -> None:
    survey = make.routed()
    token = make.link(survey)
    forged = token[:-1] + ("a" if token[-1] != "a" else "b")
    cut = [token[:-1], token + "a", "x", "æøå", "%00", "a" * 3000, "../../etc/passwd", token + "/x"]
    for strange in ([forged, NEVER], cut):
        pages = [look(f"/s/{each}") for each in strange]
        assert {page.status_code for page in pages} == {404}
        assert len({page.content for page in pages}) == 1
        posted = [send({"token": each, "step": "welcome", "go": "start"}) for each in strange]
        assert {page.status_code for page in posted} == {404}
        assert {page.content for page in posted} == {pages[0].content}


def test_punctuation_behind_the_link_and_capitals_do_no_harm() -> None:
    token = make.link(make.routed())
    for each in (token + ".", token + "/", token + ">", token.upper()):
        assert look(f"/s/{each}").status_code == 200


def test_a_link_made_void_by_a_newer_one() -> None:
    survey = make.routed()
    token = make.link(survey)
    survey.invitations.update(generation=2)
    assert look(f"/s/{token}").status_code == 410
    assert look(f"/s/{make.token(survey.invitations.get())}").status_code == 200


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "post"])
def test_wrong_methods(method: str) -> None:
    token = make.link(make.routed())
    assert look(f"/s/{token}", method=method).status_code == 405
    if method != "post":
        assert look("/s/", method=method).status_code == 405


# --- What is said and kept about a visit ------------------------------------------------------------------


def test_private_pages_are_stored_and_indexed_by_nobody() -> None:
    token = make.link(make.routed())
    for response in (look(f"/s/{token}"), look(f"/s/{NEVER}"), look("/s/"), send({"token": token})):
        assert response["Cache-Control"] == "no-store"
        assert response["X-Robots-Tag"] == "noindex"
        assert response["Referrer-Policy"] == "same-origin"
        assert "'unsafe-inline'" not in response["Content-Security-Policy"]


def test_the_token_stands_in_hidden_fields_only_and_never_in_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    ours = next(each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler)
    monkeypatch.setattr(ours, "stream", log)
    token = make.link(make.routed())
    mine = at_review(token)
    mine.press("go", "submit")
    mine.open(f"/s/{token}")
    hidden = f'<input type="hidden" name="token" value="{token}">'
    assert hidden in mine.text
    assert token not in mine.text.replace(hidden, "")
    look(f"/s/{token[:-1]}x")
    assert "Not Found" in log.getvalue()
    assert token[:13] not in log.getvalue()


def test_no_session_and_no_csrf_cookie_is_set() -> None:
    made = at_review(make.link(make.routed()))
    made.press("go", "submit")
    assert [name for name in made.client.cookies if not name.startswith("__Host-resume-")] == []


def test_answering_needs_no_csrf_cookie() -> None:
    client = Client(enforce_csrf_checks=True)
    response = send({"token": make.link(make.routed()), "step": "welcome", "go": "start"}, client=client)
    assert response.status_code == 200
