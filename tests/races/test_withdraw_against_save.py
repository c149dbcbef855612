"""A ballot withdrawn while it is saved, submitted, withdrawn elsewhere or closed: against a real database."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from surveys import closing, withdrawing
from surveys.models import Response, SealedBallot, Survey, Withdrawal
from tests import cast, make
from tests.consult.web.test_answer import at_review
from tests.races.test_double_submit import ballot
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 12


def post(fields: dict[str, str], now: datetime = make.DURING) -> HttpResponse:
    return Client().post("/s/", fields, **{"raadslag.now": now})  # type: ignore[arg-type, return-value]


def steps(survey: Survey, number: int) -> dict[str, dict[str, str]]:
    """What one person may press at the same moment, in several windows."""
    made = at_review(make.link(survey, number))
    submit = {**made.forms[0].fields, "go": "submit"}
    made.press("go", "page-1")
    save = {**made.forms[0].fields, "go": "next", "Q2_text": "sent"}
    made.press("go", "review")
    made.press("go", "withdraw")
    return {"submit": submit, "save": save, "withdraw": {**made.forms[0].fields, "go": "withdraw-now"}}


@pytest.mark.parametrize("promise", ["anonymous", "named"])
@pytest.mark.parametrize("other", ["save", "submit"])
def test_withdrawn_is_gone_whoever_comes_first(promise: str, other: str) -> None:
    survey = make.routed("kapplop", promise)
    for number in range(1, ROUNDS + 1):
        fields = steps(survey, number)
        withdrawn, acted = together([partial(post, fields["withdraw"]), partial(post, fields[other])])
        # A save between reading and deleting is read again, and goes as well.
        assert withdrawn.status_code == 200
        assert acted.status_code in (200, 409)
    assert SealedBallot.objects.count() == 0
    assert Response.objects.count() == 0


def test_withdrawn_twenty_times_at_once_is_withdrawn() -> None:
    survey = make.routed("tjue", "named")
    fields = steps(survey, 1)
    post(fields["submit"])
    answers = together([partial(post, fields["withdraw"])] * 20)
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert (SealedBallot.objects.count(), Response.objects.count()) == (0, 0)


def test_withdrawn_or_counted_and_the_person_is_told_which(settings: Any) -> None:
    settings.CLOSING_APPROVALS = 1
    for number in range(1, 7):
        survey = make.routed(f"slutt-{number}")
        fields = steps(survey, number)
        assert post(fields["submit"]).status_code == 200
        answer, _closing = together([partial(post, fields["withdraw"]), partial(closing.stop, survey, make.DURING)])
        assert answer.status_code in (200, 410)
        assert SealedBallot.objects.filter(survey=survey).exists() == (answer.status_code == 410)


def test_the_last_second_submitted_many_times_is_one_response() -> None:
    last = make.DEADLINE - timedelta(microseconds=1)
    survey = make.routed("siste")
    fields = steps(survey, 1)["submit"]
    answers = together([partial(post, fields, now) for now in [last, make.DEADLINE] * 8])
    told = [answer.status_code for answer in answers]
    assert set(told[1::2]) == {410}
    assert set(told[0::2]) <= {200, 409}
    assert 200 in told
    row, box = ballot(survey)
    assert (row.final, box.final) == (True, box.draft)


def test_once_only_submitted_by_two_codes_at_once_is_one_that_stands() -> None:
    survey = make.routed("to-koder", may_change=False)
    token = make.link(survey)
    pages = [at_review(token)]
    first = {**pages[0].forms[0].fields, "go": "submit"}
    assert {answer.status_code for answer in together([partial(post, first)] * 10)} <= {200, 409}
    _row, box = ballot(survey)
    kept = box.receipt_hash
    second = {**at_review(token).forms[0].fields, "go": "submit"}
    answers = together([partial(post, second)] * 5 + [partial(post, first)] * 5)
    assert {answer.status_code for answer in answers} <= {200, 409}
    _row, box = ballot(survey)
    assert box.receipt_hash == kept


def test_one_receipt_used_ten_times_at_once_withdraws_one(settings: Any) -> None:
    settings.CLOSING_APPROVALS = 1
    survey = make.opened()
    voters = [make.voter(survey) for _ in range(3)]
    receipts = [make.answered(voter) for voter in voters]
    make.closed(survey, voters, cast.designer())
    done = together([partial(withdrawing.remove, receipts[0])] * 10)
    assert sum(isinstance(each, Survey) for each in done) == 1
    assert all(isinstance(each, Survey | withdrawing.Unknown) for each in done)
    assert (Response.objects.count(), Withdrawal.objects.count()) == (2, 1)


def test_a_backup_written_while_answers_are_withdrawn_is_written_again_until_it_has_none_of_them(settings: Any) -> None:
    from surveys.box import backing_up

    settings.CLOSING_APPROVALS = 1
    survey = make.opened()
    voters = [make.voter(survey) for _ in range(12)]
    receipts = [make.answered(voter) for voter in voters]
    make.closed(survey, voters, cast.designer())
    withdrawing.remove(receipts[0])
    together([withdrawing.expunge_due, *(partial(withdrawing.remove, receipt) for receipt in receipts[1:6])])
    withdrawing.expunge_due()
    path = backing_up.place_of(backing_up.name_of(survey))
    assert backing_up.restored_multiset(path, path.name) == backing_up.stored_multiset(survey)
    assert backing_up.stored_multiset(survey)[0] == 6
    assert withdrawing.expunge_due() == 0
