"""One's own answer by the personal link: settled, copied, withdrawn, quoted or not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from consult.reference.browsing import Browser
from surveys.box import sealing
from surveys.models import SealedBallot, Survey
from tests import make
from tests.consult.web.test_answer import at_review, box_of, browser, rows
from tests.page import parse

pytestmark = pytest.mark.django_db


def submitted(token: str) -> Browser:
    made = at_review(token)
    made.press("go", "submit")
    assert made.forms[0].fields["step"] == "receipt"
    return made


def post(fields: dict[str, str], now: Any = make.DURING) -> Any:
    return Client().post("/s/", fields, **{"raadslag.now": now})


# --- Where it cannot be changed --------------------------------------------------------------------------------


@pytest.fixture
def once() -> Survey:
    return make.routed("once", may_change=False)


def test_settled_answers_are_read_only_and_a_forged_change_is_refused(once: Survey) -> None:
    made = submitted(make.link(once))
    carried = {name: made.forms[0].fields[name] for name in ("token", "language", "code", "proof")}
    made.press("go", "review")
    page = parse(made.text)
    assert (made.status, made.forms[0].fields["step"], made.forms[0].fields["at"]) == (200, "own", "settled")
    assert [node.get("value") for node in page.all("button", name="go")] == ["copy", "withdraw", "forget"]
    assert "Mye." in page.find("ol", "lines").text
    before = rows()
    forged = {**carried, "step": "page", "page": "1", "shown": "Q1,Q2", "go": "next", "Q2_text": "noe annet"}
    for fields in (
        forged, {**forged, "proof": ""}, {**carried, "step": "review", "go": "submit"},
        {**carried, "step": "review", "go": "submit", "proof": ""},
    ):  # fmt: skip
        answer = post(fields)
        assert (answer.status_code, rows()) == (409, before)
        assert "Mye." in parse(answer).find("ol", "lines").text
    for fields in ({**carried, "step": "review", "go": "page-1"}, {**carried, "step": "left", "go": "continue"}):
        answer = post(fields)
        assert (answer.status_code, parse(answer).find("input", name="at").get("value")) == (200, "settled")


def test_pressing_submit_again_shows_the_same_receipt(once: Survey) -> None:
    fields = {**at_review(make.link(once)).forms[0].fields, "go": "submit"}
    first, second = post(fields), post(fields)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content
    assert len(rows()) == 1


def test_the_link_alone_tells_the_same_of_a_fresh_and_a_used_ballot(once: Survey) -> None:
    used = make.link(once, 1)
    submitted(used)
    pages = []
    for token in (used, make.link(once, 2)):
        made = at_review(token)
        at_list = parse(made.text).find("main").text
        made.press("go", "submit")
        pages.append((at_list, parse(made.text).find("main").text.replace(made.forms[0].fields["receipt"], "")))
    assert pages[0] == pages[1]


def texts(token: str) -> str:
    """The words of the first page, the list and the receipt."""
    made = browser(token)
    found = [parse(made.text).find("main").text]
    made.press("go", "start")
    made.press("go", "next", Q1_option="yes", Q1_text="x")
    made.press("go", "next", Q3_option="no")
    found.append(parse(made.text).find("main").text)
    made.press("go", "submit")
    found.append(parse(made.text).find("main").text)
    return " ".join(found)


def test_what_is_said_of_changing_is_true(once: Survey) -> None:
    may = texts(make.link(make.routed("may"), 1, language="en"))
    assert may.count("You can change") == 3
    assert "cannot be changed" not in may
    must = texts(make.link(once, 2, language="en"))
    assert "can change" not in must
    assert must.count("cannot be changed") == 3


# --- Withdrawn --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("promise", ["anonymous", "named"])
@pytest.mark.parametrize("may_change", [True, False])
def test_from_the_receipt_it_is_asked_and_then_gone(promise: str, may_change: bool) -> None:
    survey = make.routed("borte", promise, may_change=may_change)
    token = make.link(survey)
    made = submitted(token)
    made.press("go", "withdraw")
    assert (made.status, len(rows())) == (200, 1)
    assert [button for button in made.forms[0].buttons if button[0] == "go"] == [
        ("go", "withdraw-now"), ("go", "review")
    ]  # fmt: skip
    sure = {**made.forms[0].fields, "go": "withdraw-now"}
    made.press("go", "withdraw-now")
    assert (made.status, rows()) == (200, [])
    assert not made.client.cookies[f"__Host-resume-{survey.pk}"].value
    # Pressed again, it is gone already.
    assert (post(sure).status_code, rows()) == (200, [])
    # The link is as new.
    made.open(f"/s/{token}")
    assert made.has("go", "start")
    made.press("go", "start")
    made.press("go", "next", Q2_text="Igjen.")
    assert box_of(survey).draft["Q2"] == {"text": "Igjen."}


def test_from_the_list_before_anything_is_submitted() -> None:
    made = at_review(make.link(make.routed(), language="en"))
    made.press("go", "withdraw")
    made.press("go", "review")
    assert (made.forms[0].fields["step"], len(rows())) == ("review", 1)
    made.press("go", "withdraw")
    in_bokmaal = post({**made.forms[0].fields, "speak": "nb"})
    assert (in_bokmaal["Content-Language"], parse(in_bokmaal).find("input", name="at").get("value")) == (
        "nb",
        "withdraw",
    )
    assert "Delete what you have written?" in made.text
    made.press("go", "withdraw-now")
    assert rows() == []


def test_a_page_left_open_elsewhere_saves_nothing_until_pressed_again() -> None:
    survey = make.routed()
    made = at_review(make.link(survey))
    made.press("go", "page-1")
    elsewhere = {**made.forms[0].fields, "go": "next", "Q2_text": "Skrevet i mellomtiden."}
    made.press("go", "review")
    made.press("go", "withdraw")
    made.press("go", "withdraw-now")
    for proof in (elsewhere["proof"], ""):
        answer = post({**elsewhere, "proof": proof})
        assert (answer.status_code, rows()) == (409, [])
    page = parse(answer)
    assert page.find("textarea", name="Q2_text").text == "Skrevet i mellomtiden."
    anew = page.find("input", name="code").get("value")
    assert anew != elsewhere["code"]
    assert f"{(anew or '')[:4]} {(anew or '')[4:]}" in page.text
    assert post({**elsewhere, "code": anew or "", "proof": ""}).status_code == 200
    assert box_of(survey).draft["Q2"] == {"text": "Skrevet i mellomtiden."}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"code": ""}, 409), ({"code": "AAAABBBB", "proof": ""}, 409), ({"token": "x" * 39}, 404), ({"token": ""}, 400),
        ({"go": ""}, 200), ({"go": "withdraw"}, 200), ({"go": "\x00"}, 200), ({"at": "gone", "speak": "en"}, 200),
        ({"speak": "en"}, 200), ({"step": "receipt"}, 200), ({"step": "welcome"}, 400), ({"step": "page"}, 400),
    ],
)  # fmt: skip
def test_what_is_no_confirmation_withdraws_nothing(change: dict[str, str], status: int) -> None:
    made = submitted(make.link(make.routed()))
    made.press("go", "withdraw")
    before = rows()
    answer = post({**made.forms[0].fields, "go": "withdraw-now", **change})
    assert (answer.status_code, rows()) == (status, before)


def test_anothers_page_withdraws_only_with_its_own_code() -> None:
    survey = make.routed()
    mine, theirs = submitted(make.link(survey, 1)), submitted(make.link(survey, 2))
    mine.press("go", "withdraw")
    theirs.press("go", "withdraw")
    mixed = {**mine.forms[0].fields, "go": "withdraw-now", "token": theirs.forms[0].fields["token"]}
    assert (post(mixed).status_code, len(rows())) == (409, 2)


def test_not_after_the_deadline() -> None:
    made = submitted(make.link(make.routed()))
    made.press("go", "withdraw")
    fields = {**made.forms[0].fields, "go": "withdraw-now"}
    assert (post(fields, make.DEADLINE).status_code, len(rows())) == (410, 1)
    assert (post(fields, make.DEADLINE - timedelta(microseconds=1)).status_code, rows()) == (200, [])


# --- A copy -----------------------------------------------------------------------------------------------------


def test_a_copy_to_print_and_one_as_text() -> None:
    made = submitted(make.link(make.routed(), language="en"))
    receipt = made.forms[0].fields["receipt"]
    made.press("go", "copy")
    page = parse(made.text)
    assert receipt in page.text
    assert page.find("ol", "lines").all("button") == []
    assert "What have you seen? (en)" in made.text
    answer = post({**made.forms[0].fields, "go": "download"})
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="my-answers.txt"'
    assert answer["Cache-Control"] == "no-store"
    assert answer.content.decode() == (
        f"The partnership (en)\nMy answers, as submitted.\nReceipt: {receipt}\n\n"
        "Better help? (en)\n    Yes\n    Fordi.\n\nWhat have you seen? (en)\n    Mye.\n\n"
        "A host office? (en)\n    No\n"
    )


def test_a_copy_of_a_draft_says_so_and_shows_no_receipt_that_was_only_offered() -> None:
    made = at_review(make.link(make.routed(), language="en"))
    offered = made.forms[0].fields["receipt"]
    made.press("go", "copy")
    assert offered not in made.text
    assert "It is not submitted." in made.text
    text = post({**made.forms[0].fields, "go": "download", "receipt": offered}).content.decode()
    assert "They are not submitted." in text
    assert "Receipt" not in text


def test_a_copy_needs_the_code() -> None:
    made = submitted(make.link(make.routed()))
    made.press("go", "copy")
    for change in ({"code": ""}, {"code": "AAAABBBB", "proof": ""}):
        answer = post({**made.forms[0].fields, "go": "download", **change})
        assert answer.status_code == 409
        assert b"Mye." not in answer.content


def test_what_was_written_as_markup_stands_in_the_text_as_it_was_written() -> None:
    made = browser(make.link(make.routed()))
    made.press("go", "start")
    made.press("go", "next", Q2_text="<b>&amp; {role}\n=1+1")
    made.press("go", "review") if made.has("go", "review") else made.press("go", "next", Q3_option="no")
    made.press("go", "copy")
    text = post({**made.forms[0].fields, "go": "download"}).content.decode()
    assert "    <b>&amp; {role}\n    =1+1" in text


# --- Quoting ----------------------------------------------------------------------------------------------------


def test_whoever_has_written_something_is_asked_and_nothing_is_chosen_for_them() -> None:
    survey = make.routed("sitat", asks_quoting=True)
    made = at_review(make.link(survey))
    radios = parse(made.text).all("input", name="quoting")
    assert [(each.get("value"), each.get("checked")) for each in radios] == [("yes", None), ("ask", None), ("no", None)]
    made.press("go", "submit", quoting="ask")
    assert box_of(survey).quoting == "ask"
    made.press("go", "review")
    radios = parse(made.text).all("input", name="quoting")
    assert [each.get("value") for each in radios if each.get("checked") is not None] == ["ask"]


@pytest.mark.parametrize(("said", "kept"), [("yes", "yes"), ("no", "no"), ("", "no"), ("YES", "no"), ("\x00", "no")])
def test_what_is_kept_is_what_was_said_else_no(said: str, kept: str) -> None:
    survey = make.routed("sitat", asks_quoting=True)
    at_review(make.link(survey)).press("go", "submit", quoting=said)
    assert box_of(survey).quoting == kept


def test_nobody_is_asked_who_wrote_nothing_or_where_the_survey_does_not_ask() -> None:
    made = browser(make.link(make.routed("sitat", asks_quoting=True), 1))
    made.press("go", "start")
    made.press("go", "next")
    made.press("go", "next", Q3_option="no")
    assert parse(made.text).all("input", name="quoting") == []
    made.press("go", "submit", quoting="yes")
    assert made.forms[0].fields["step"] == "receipt"
    silent = at_review(make.link(make.routed("uten"), 2))
    assert parse(silent.text).all("input", name="quoting") == []
    silent.press("go", "submit", quoting="yes")
    kept = {bytes(row.locator) for row in SealedBallot.objects.all()}
    assert len(kept) == 2
    assert [row for row in _quoted() if row] == []


def _quoted() -> list[str]:
    from surveys.box import keyring

    found = []
    for row in SealedBallot.objects.select_related("survey"):
        keys = keyring.keys(row.survey.key_id)
        box = sealing.unseal(keys, row.survey_id, bytes(row.locator), row.version, row.final, bytes(row.box))
        found.append(box.quoting)
    return found


def test_the_statement_says_whether_one_is_quoted() -> None:
    asked = texts(make.link(make.routed("sitat", asks_quoting=True), 1, language="en"))
    silent = texts(make.link(make.routed("uten"), 2, language="en"))
    assert "quoted only if you say yes" in asked
    assert "What you write is not quoted." in silent
    assert "quoted only if" not in silent
