"""Withdrawing while a survey is open, by the code."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache

from surveys import answering, closing, disclosing, participating, withdrawing
from surveys.answering import Voter
from surveys.models import (
    Answer,
    Counted,
    Response,
    SealedBallot,
    Survey,
)  # fmt: skip
from tests import cast, make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_approval(settings: Any) -> None:
    settings.CLOSING_APPROVALS = 1


CODE, OTHER = "AAAABBBB", "CCCCDDDD"
GIVEN = {"Q1": {"option": "yes", "text": "Fordi."}, "Q2": {"option": "good"}}


def save(voter: Voter, code: str = CODE, given: Any = None, *, proof: str = "") -> answering.Progress:
    return answering.save(voter, code, given or GIVEN, "nb", make.DURING, proof=proof)


def withdraw(voter: Voter, code: str = CODE, *, proof: str = "") -> None:
    withdrawing.withdraw(voter, code, make.DURING, proof=proof)


@pytest.fixture
def survey() -> Survey:
    return make.opened()


# --- While it is open ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_submitted", [True, False])
def test_the_ballot_is_gone_and_the_link_looks_unused(survey: Survey, is_submitted: bool) -> None:
    voter = make.voter(survey)
    proof = save(voter).proof
    if is_submitted:
        answering.submit(voter, CODE, make.DURING)
    withdraw(voter, proof=proof)
    assert SealedBallot.objects.count() == 0
    assert answering.resume(voter, CODE) is None
    place = next(iter(make.places(survey, [voter])))
    assert participating.submitted(survey, [place]) == set()


def test_again_is_done_already(survey: Survey) -> None:
    voter = make.voter(survey)
    proof = save(voter).proof
    for each in (proof, proof, ""):
        withdraw(voter, proof=each)
    assert SealedBallot.objects.count() == 0


def test_a_wrong_code_withdraws_nothing_and_is_a_guess(survey: Survey) -> None:
    voter = make.voter(survey)
    save(voter)
    for _guess in range(answering.WRONG_CODES_ALLOWED):
        with pytest.raises(answering.Superseded):
            withdraw(voter, OTHER)
    with pytest.raises(answering.Throttled):
        withdraw(voter, OTHER)
    assert SealedBallot.objects.count() == 1


def test_another_links_proof_withdraws_nothing(survey: Survey) -> None:
    mine, theirs = make.voter(survey), make.voter(survey)
    proof = save(mine).proof
    save(theirs, OTHER)
    with pytest.raises(answering.Superseded):
        withdraw(theirs, CODE, proof=proof)
    assert SealedBallot.objects.count() == 2


def test_not_once_the_survey_has_closed(survey: Survey) -> None:
    voter = make.voter(survey)
    proof = save(voter).proof
    for moment in (make.DEADLINE, make.AFTER):
        with pytest.raises(answering.Closed):
            withdrawing.withdraw(voter, CODE, moment, proof=proof)
    closing.stop(survey, make.DURING)
    with pytest.raises(answering.Closed):
        withdraw(voter, proof=proof)
    assert SealedBallot.objects.count() == 1


def test_up_to_the_last_moment(survey: Survey) -> None:
    voter = make.voter(survey)
    proof = save(voter).proof
    withdrawing.withdraw(voter, CODE, make.DEADLINE - timedelta(microseconds=1), proof=proof)
    assert SealedBallot.objects.count() == 0


def test_a_save_that_comes_late_brings_nothing_back(survey: Survey) -> None:
    voter = make.voter(survey)
    proof = save(voter).proof
    answering.submit(voter, CODE, make.DURING)
    withdraw(voter, proof=proof)
    for late in ("", proof):
        with pytest.raises(answering.Superseded):
            save(voter, proof=late)
        with pytest.raises((answering.Superseded, answering.Blank)):
            answering.submit(voter, CODE, make.DURING, proof=late)
    assert SealedBallot.objects.count() == 0


def test_nor_does_one_that_was_reading_when_it_was_withdrawn(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    voter = make.voter(survey)
    save(voter)
    real, meanwhile = answering._write, [True]

    def write(*arguments: Any) -> str:
        if meanwhile:
            meanwhile.pop()
            withdraw(voter)
        return real(*arguments)

    monkeypatch.setattr(answering, "_write", write)
    with pytest.raises(answering.Withdrawn):
        save(voter)
    assert SealedBallot.objects.count() == 0


def test_one_can_begin_anew_with_another_code(survey: Survey) -> None:
    voter = make.voter(survey)
    withdraw(voter, proof=save(voter).proof)
    save(voter, OTHER)
    answering.submit(voter, OTHER, make.DURING)
    assert participating.count_final(survey) == 1


def test_what_is_noted_meanwhile_leads_nowhere_and_goes_by_itself(survey: Survey) -> None:
    voter = make.voter(survey)
    withdraw(voter, proof=save(voter).proof)
    names = list(cache._cache.get_client().keys("*withdrawn*"))  # type: ignore[attr-defined]
    assert len(names) == 1
    assert voter.invitation.hex not in str(names)
    assert CODE not in str(names)
    assert 0 < cache._cache.get_client().ttl(names[0]) <= withdrawing.REMEMBERED_SECONDS  # type: ignore[attr-defined]


@pytest.mark.parametrize("may_change", [True, False])
def test_who_began_afresh_takes_back_a_draft_and_not_what_another_code_submitted(may_change: bool) -> None:
    survey = make.opened("to", may_change=may_change)
    voter = make.voter(survey)
    save(voter, CODE, {"Q2": {"option": "good"}})
    answering.submit(voter, CODE, make.DURING)
    proof = save(voter, OTHER, {"Q2": {"option": "poor"}}).proof
    if not may_change:
        answering.submit(voter, OTHER, make.DURING)
    withdraw(voter, OTHER, proof=proof)
    assert answering.resume(voter, OTHER) is None
    assert participating.count_final(survey) == 1
    make.closed(survey, [voter], cast.designer())
    assert list(Answer.objects.filter(question__code="Q2").values_list("option__code", flat=True)) == ["good"]


def test_the_code_of_what_stands_withdraws_all_of_it() -> None:
    survey = make.opened("star", may_change=False)
    voter = make.voter(survey)
    save(voter)
    answering.submit(voter, CODE, make.DURING)
    save(voter, OTHER)
    withdraw(voter, CODE)
    assert SealedBallot.objects.count() == 0


def test_a_named_response_goes_with_its_ballot_and_is_not_counted_twice() -> None:
    survey = make.opened("navn", "named")
    voters = [make.voter(survey, role="local", region="north") for _ in range(5)]
    for voter in voters:
        save(voter)
        answering.submit(voter, CODE, make.DURING)
    assert disclosing.refresh_named(make.DURING) == 1
    disclosing.compute_waiting(make.DURING)
    withdraw(voters[0])
    assert (Response.objects.count(), SealedBallot.objects.count(), Counted.objects.count()) == (4, 4, 5)
    save(voters[0], OTHER)
    answering.submit(voters[0], OTHER, make.DURING)
    assert disclosing.refresh_named(make.DURING) == 0
    assert Response.objects.count() == 5


def test_the_closing_of_a_named_survey_brings_nothing_back() -> None:
    survey = make.opened("navn", "named")
    voters = [make.voter(survey) for _ in range(2)]
    for voter in voters:
        save(voter)
        answering.submit(voter, CODE, make.DURING)
    withdraw(voters[0])
    make.closed(survey, voters, cast.designer())
    assert Response.objects.count() == 1


@pytest.mark.parametrize("may_change", [True, False])
def test_nor_does_taking_back_a_draft_tell_whether_another_code_has_submitted(may_change: bool) -> None:
    """Not by asking twice, nor by a save that comes late, with the proof and without."""
    survey = make.opened("uvitende", may_change=may_change)
    untouched, taken = make.voter(survey), make.voter(survey)
    save(taken)
    answering.submit(taken, CODE, make.DURING)

    def told(voter: Voter) -> list[str]:
        proof = save(voter, OTHER).proof
        said = [_outcome(lambda each=each: withdraw(voter, OTHER, proof=each)) for each in (proof, proof, "")]
        for each in (proof, ""):
            said.append(_outcome(lambda each=each: save(voter, OTHER, proof=each)))
            said.append(_outcome(lambda each=each: answering.submit(voter, OTHER, make.DURING, proof=each)))
        save(voter, "EEEEFFFF")
        said += [_outcome(lambda: withdraw(voter, OTHER, proof=proof)), _outcome(lambda: save(voter, OTHER))]
        return said

    assert told(taken) == told(untouched)


def _outcome(act: Any) -> str:
    try:
        act()
    except Exception as refused:  # noqa: BLE001
        return type(refused).__name__
    return "done"


def test_who_is_overtaken_while_withdrawing_is_not_told_that_it_is_done(
    survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another code has begun beside what was submitted, which stands."""
    voter = make.voter(survey)
    proof = save(voter).proof
    answering.submit(voter, CODE, make.DURING)
    delete = withdrawing._delete

    def overtaken(*what: Any) -> str:
        save(voter, OTHER)
        return delete(*what)

    monkeypatch.setattr(withdrawing, "_delete", overtaken)
    for _time in range(2):
        with pytest.raises(answering.Superseded):
            withdraw(voter, proof=proof)
    with pytest.raises(answering.Superseded):
        save(voter, proof=proof)
    assert participating.count_final(survey) == 1
