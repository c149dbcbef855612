"""Withdrawing once a survey has closed, by the receipt."""

from __future__ import annotations

from typing import Any

import pytest

from surveys import answering, closing, coding, withdrawing
from surveys.box import backing_up, restoring
from surveys.models import Answer, Background, Closing, Codebook, Coding, Quoting, Response, Survey, Withdrawal
from tests import cast, make

pytestmark = pytest.mark.django_db

CODE = "AAAABBBB"
GIVEN = {"Q1": {"option": "yes", "text": "Fordi."}, "Q2": {"option": "good"}}


@pytest.fixture(autouse=True)
def one_approval(settings: Any) -> None:
    settings.CLOSING_APPROVALS = 1


@pytest.fixture
def survey() -> Survey:
    return make.opened()


def closed_with(survey: Survey, people: int = 12) -> list[str]:
    """The survey closed, and the receipts of these many."""
    voters = [make.voter(survey, role="local", region="north") for _ in range(people)]
    receipts = [make.answered(voter, GIVEN) for voter in voters]
    make.closed(survey, voters, cast.designer())
    return receipts


def test_a_response_goes_with_all_that_hangs_on_it(survey: Survey) -> None:
    receipts = closed_with(survey)
    codebook = Codebook.objects.get()
    coder = cast.coder()
    for answer in coding.next_answers(codebook, 20):
        coding.assign(codebook.pk, answer.answer_id, "no", coder, make.AFTER)
    before = (Response.objects.count(), Answer.objects.count(), Background.objects.count(), Coding.objects.count())
    withdrawing.remove(receipts[0])
    after = (Response.objects.count(), Answer.objects.count(), Background.objects.count(), Coding.objects.count())
    assert [one - other for one, other in zip(before, after, strict=True)] == [1, 3, 2, 1]
    assert Withdrawal.objects.values_list("survey", "number").get() == (survey.pk, None)
    assert Closing.objects.get().changes == 1


@pytest.mark.parametrize("spell", [str, str.upper, lambda each: each.replace("-", ""), lambda each: f" {each}\t"])
def test_a_receipt_is_read_as_people_write_it(survey: Survey, spell: Any) -> None:
    receipts = closed_with(survey)
    assert withdrawing.find(spell(receipts[0])).survey == survey


def test_twice_is_unknown_the_second_time_and_counted_once(survey: Survey) -> None:
    receipts = closed_with(survey)
    withdrawing.remove(receipts[0])
    for deed in (withdrawing.find, withdrawing.remove):
        with pytest.raises(withdrawing.Unknown):
            deed(receipts[0])
    assert (Response.objects.count(), Withdrawal.objects.count()) == (11, 1)


@pytest.mark.parametrize("typed", ["", "x", "a" * 26, "ab1cd-" * 5, "\x00" * 26, "ａ" * 26, "x" * 100_000])
def test_what_is_no_receipt_of_anybody(survey: Survey, typed: str) -> None:
    closed_with(survey)
    with pytest.raises(withdrawing.Unknown):
        withdrawing.remove(typed)
    assert Response.objects.count() == 12


def test_nothing_while_it_is_open_or_being_counted(survey: Survey) -> None:
    voter = make.voter(survey)
    receipt = make.answered(voter, GIVEN)
    with pytest.raises(withdrawing.Unknown):
        withdrawing.remove(receipt)
    closing.advance(survey, lambda: make.places(survey, [voter]), make.AFTER)
    with pytest.raises(withdrawing.BeingCounted):
        withdrawing.remove(receipt)
    assert Response.objects.count() == 1


def test_the_backup_is_written_anew_without_it(survey: Survey) -> None:
    receipts = closed_with(survey)
    path = backing_up.place_of(backing_up.name_of(survey))
    assert withdrawing.expunge_due() == 0
    withdrawing.remove(receipts[0])
    assert backing_up.restored_multiset(path, path.name)[0] == 12
    assert withdrawing.expunge_due() == 1
    assert backing_up.restored_multiset(path, path.name) == backing_up.stored_multiset(survey)
    assert withdrawing.expunge_due() == 0
    Answer.objects.all().delete()
    Background.objects.all().delete()
    Response.objects.all().delete()
    assert restoring.restore(survey.code, path, make.AFTER).responses == 11
    with pytest.raises(withdrawing.Unknown):
        withdrawing.find(receipts[0])


def test_what_was_said_of_quoting_can_be_changed_where_it_was_asked() -> None:
    survey = make.opened(asks_quoting=True)
    voters = [make.voter(survey) for _ in range(2)]
    receipts = []
    for voter, given in zip(voters, (GIVEN, {"Q2": {"option": "good"}}), strict=True):
        answering.save(voter, CODE, given, "nb", make.DURING)
        receipts.append(answering.submit(voter, CODE, make.DURING, may_quote="ask"))
    make.closed(survey, voters, cast.designer())
    assert withdrawing.find(receipts[0]).quoting == Quoting.ASK
    withdrawing.change_quoting(receipts[0], "yes")
    assert withdrawing.find(receipts[0]).quoting == Quoting.YES
    with pytest.raises(withdrawing.Unknown):
        withdrawing.change_quoting(receipts[1], "yes")
    with pytest.raises(ValueError, match="maybe"):
        withdrawing.change_quoting(receipts[0], "maybe")
    assert withdrawing.expunge_due() == 1
