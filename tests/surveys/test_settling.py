"""Where what is submitted cannot be changed: the first stands, and nobody learns from the link that there is one."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError

from surveys import answering, fielding
from surveys.answering import Voter
from surveys.box import keyring, reaching, receipting, sealing
from surveys.models import Answer, Response, SealedBallot, Survey
from tests import cast, make

pytestmark = pytest.mark.django_db

FIRST, SECOND, THIRD = "AAAABBBB", "CCCCDDDD", "EEEEFFFF"


@pytest.fixture(autouse=True)
def one_approval(settings: Any) -> None:
    settings.CLOSING_APPROVALS = 1


@pytest.fixture
def survey() -> Survey:
    return make.opened(may_change=False)


def save(voter: Voter, code: str, text: str, *, proof: str = "") -> answering.Progress:
    given = {"Q2": {"option": "good"}, "Q3": {"text": text}}
    return answering.save(voter, code, given, "nb", make.DURING, proof=proof)


def submitted(voter: Voter, code: str, text: str) -> str:
    save(voter, code, text)
    return answering.submit(voter, code, make.DURING)


def box_of(survey: Survey) -> sealing.Box:
    place = bytes(SealedBallot.objects.get().locator)
    row = reaching.read(survey.pk, keyring.keys(survey.key_id), place)
    assert row is not None
    return row.box


def test_what_is_submitted_can_be_read_and_not_changed(survey: Survey) -> None:
    voter = make.voter(survey)
    submitted(voter, FIRST, "mitt")
    before = SealedBallot.objects.values_list("version", "box").get()
    progress = answering.resume(voter, FIRST)
    assert progress is not None
    assert (progress.submitted, progress.answers["Q3"]) == (True, {"text": "mitt"})
    for proof in ("", progress.proof):
        with pytest.raises(answering.Settled):
            save(voter, FIRST, "noe annet", proof=proof)
        with pytest.raises(answering.Settled):
            answering.submit(voter, FIRST, make.DURING, proof=proof)
    assert SealedBallot.objects.values_list("version", "box").get() == before


def test_pressing_the_same_button_again_gives_the_same_receipt_and_writes_nothing(survey: Survey) -> None:
    voter = make.voter(survey)
    proof = save(voter, FIRST, "mitt").proof
    offered = receipting.offer(survey.pk, voter.invitation, FIRST)
    first = answering.submit(voter, FIRST, make.DURING, offered=offered, proof=proof)
    before = SealedBallot.objects.values_list("version", "box").get()
    assert answering.submit(voter, FIRST, make.DURING, offered=offered, proof=proof) == first == offered.number
    assert SealedBallot.objects.values_list("version", "box").get() == before


def test_a_later_one_by_the_link_alone_is_put_aside_and_the_first_goes_on_to_open(survey: Survey) -> None:
    voter = make.voter(survey)
    receipt = submitted(voter, FIRST, "mitt")
    other = submitted(voter, SECOND, "din sjef")
    box = box_of(survey)
    assert (box.final or {})["Q3"] == {"text": "mitt"}
    assert box.receipt_hash == sealing.code_hash(survey.pk, receipt) != sealing.code_hash(survey.pk, other)
    mine, theirs = answering.resume(voter, FIRST), answering.resume(voter, SECOND)
    assert mine is not None
    assert theirs is not None
    assert (mine.answers["Q3"]["text"], theirs.answers["Q3"]["text"]) == ("mitt", "din sjef")
    assert (mine.submitted, theirs.submitted) == (True, True)
    assert mine.receipt_hash == sealing.code_hash(survey.pk, receipt)


def test_a_third_and_a_draft_leave_the_first_as_it_is(survey: Survey) -> None:
    voter = make.voter(survey)
    submitted(voter, FIRST, "mitt")
    submitted(voter, SECOND, "andre")
    save(voter, THIRD, "tredje")
    assert (box_of(survey).final or {})["Q3"] == {"text": "mitt"}
    assert answering.resume(voter, SECOND) is None
    progress = answering.resume(voter, FIRST)
    assert progress is not None
    assert progress.answers["Q3"] == {"text": "mitt"}
    with pytest.raises(answering.Settled):
        save(voter, FIRST, "noe annet")
    assert answering.resume(voter, THIRD) is not None


def told(voter: Voter, code: str) -> list[object]:
    """Everything that someone who starts afresh by the link is told on the way to a receipt."""
    seen: list[object] = [answering.resume(voter, code)]
    progress = save(voter, code, "x" * 3000)
    seen.append((progress.answers, progress.submitted, progress.quoting, progress.receipt_hash))
    receipt = answering.submit(voter, code, make.DURING, proof=progress.proof)
    after = answering.resume(voter, code, proof=progress.proof)
    assert after is not None
    seen.append((after.answers, after.submitted, after.receipt_hash == sealing.code_hash(voter.survey.pk, receipt)))
    for again in (lambda: save(voter, code, "y"), lambda: answering.submit(voter, code, make.DURING)):
        with pytest.raises(answering.Settled):
            again()
    return seen


def test_who_has_the_link_alone_cannot_tell_whether_something_was_submitted(survey: Survey) -> None:
    untouched, taken = make.voter(survey), make.voter(survey)
    submitted(taken, FIRST, "mitt")
    assert told(taken, SECOND) == told(untouched, SECOND)


@pytest.mark.parametrize("may_change", [True, False])
def test_nor_by_writing_until_there_is_no_room(may_change: bool) -> None:
    survey = make.opened("rom", may_change=may_change)
    untouched, taken = make.voter(survey), make.voter(survey)
    submitted(taken, FIRST, "m" * 60_000)

    def most(voter: Voter) -> list[bool]:
        fits = []
        for size in (64_000, 65_000, 65_100, 65_200, 65_300, 66_000):
            try:
                save(voter, SECOND, "x" * size)
                fits.append(True)
            except sealing.BoxTooLarge:
                fits.append(False)
        return fits

    assert most(taken) == most(untouched)
    assert set(most(untouched)) == {True, False}
    answering.submit(taken, SECOND, make.DURING)


def test_the_closing_counts_the_first(survey: Survey) -> None:
    voter = make.voter(survey)
    submitted(voter, FIRST, "mitt")
    submitted(voter, SECOND, "andre")
    make.closed(survey, [voter], cast.designer())
    assert list(Answer.objects.filter(question__code="Q3").values_list("text", flat=True)) == ["mitt"]
    assert Response.objects.count() == 1


def test_a_named_survey_stores_the_first() -> None:
    survey = make.opened("navn", "named", may_change=False)
    voter = make.voter(survey)
    submitted(voter, FIRST, "mitt")
    submitted(voter, SECOND, "andre")
    assert list(Answer.objects.filter(question__code="Q3").values_list("text", flat=True)) == ["mitt"]


@pytest.mark.parametrize("field", ["may_change", "asks_quoting"])
def test_what_was_said_of_changing_and_quoting_is_fixed_by_the_opening(survey: Survey, field: str) -> None:
    with pytest.raises(fielding.NotReady):
        fielding.replan(survey.pk, {field: True})
    with pytest.raises(IntegrityError, match="changing and quoting is fixed"):
        Survey.objects.filter(pk=survey.pk).update(**{field: True})


def test_before_the_opening_it_can_be_changed() -> None:
    survey = make.planned()
    fielding.replan(survey.pk, {"may_change": False, "asks_quoting": True})
    survey.refresh_from_db()
    assert (survey.may_change, survey.asks_quoting) == (False, True)
