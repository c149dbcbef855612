"""Twenty presses of one button at the same moment, against a real database."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.http import HttpResponse
from django.test import Client

from surveys.box import keyring, sealing
from surveys.models import Response, SealedBallot, Survey
from tests import make
from tests.consult.web.test_answer import at_review, begun
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)

PRESSES = 20


def all_at_once(press: Callable[[int], HttpResponse]) -> list[HttpResponse]:
    """Call `press` with 0 … 19, each in a thread of its own, started together."""
    return together([partial(press, number) for number in range(PRESSES)])


def post(fields: dict[str, str]) -> HttpResponse:
    return Client().post("/s/", fields, **{"raadslag.now": make.DURING})  # type: ignore[arg-type, return-value]


def ballot(survey: Survey) -> tuple[SealedBallot, sealing.Box]:
    row = SealedBallot.objects.get()
    keys = keyring.keys(survey.key_id)
    return row, sealing.unseal(keys, survey.pk, bytes(row.locator), row.version, row.final, bytes(row.box))


def test_one_button_pressed_twenty_times_is_one_ballot() -> None:
    survey = make.routed()
    page = at_review(make.link(survey))
    fields = {**page.forms[0].fields, "go": "submit"}
    answers = all_at_once(lambda _number: post(fields))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert any(answer.status_code == 200 for answer in answers)
    row, box = ballot(survey)
    assert (row.final, box.final) == (True, box.draft)
    assert box.receipt_hash == sealing.code_hash(survey.pk, fields["receipt"])


def test_twenty_different_saves_leave_one_that_was_acknowledged() -> None:
    survey = make.routed()
    page = begun(make.link(survey))
    page.press("go", "back")
    fields = {**page.forms[0].fields, "go": "next"}
    answers = all_at_once(lambda number: post({**fields, "Q2_text": f"utgave {number}"}))
    kept = {f"utgave {number}" for number, answer in enumerate(answers) if answer.status_code == 200}
    assert {answer.status_code for answer in answers} <= {200, 409}
    row, box = ballot(survey)
    assert box.draft["Q2"]["text"] in kept
    # One version a kept save, none lost in between: first page, back, then these.
    assert row.version == 2 + len(kept)


def test_twenty_first_saves_under_twenty_codes_leave_one_ballot_of_one_code() -> None:
    survey = make.routed()
    token = make.link(survey)
    codes = [sealing.new_resume_code() for _press in range(PRESSES)]
    base = {"token": token, "language": "nb", "step": "page", "page": "1", "shown": "Q1,Q2", "go": "next"}
    answers = all_at_once(lambda number: post({**base, "code": codes[number], "Q2_text": f"person {number}"}))
    assert {answer.status_code for answer in answers} <= {200, 409}
    row, box = ballot(survey)
    winner = int(box.draft["Q2"]["text"].removeprefix("person "))
    assert answers[winner].status_code == 200
    assert box.resume_hash == sealing.code_hash(survey.pk, codes[winner])
    assert row.final is False


def test_a_named_answer_pressed_twenty_times_is_one_response() -> None:
    survey = make.routed("named", promise="named")
    page = at_review(make.link(survey))
    fields = {**page.forms[0].fields, "go": "submit"}
    answers = all_at_once(lambda _number: post(fields))
    assert {answer.status_code for answer in answers} <= {200, 409}
    response = Response.objects.get()
    assert response.answers.count() == 3
