"""Answering: saved, resumed, changed, submitted; and what two at once may not do."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from surveys import answering, participating
from surveys.box import keyring, receipting, sealing
from surveys.models import Response, SealedBallot, Survey
from surveys.structure import edition_view
from tests import make

pytestmark = pytest.mark.django_db

CODE, OTHER = "23456789", "BCDEFGHJ"
GOOD = {"Q2": {"option": "good"}}


def save(voter: answering.Voter, given: object = GOOD, code: str = CODE, **rest: object) -> answering.Progress:
    return answering.save(voter, code, given, "nb", rest.pop("now", make.DURING), **rest)  # type: ignore[arg-type]


def submit(voter: answering.Voter, code: str = CODE, **rest: object) -> str:
    return answering.submit(voter, code, rest.pop("now", make.DURING), **rest)  # type: ignore[arg-type]


def box(voter: answering.Voter) -> sealing.Box:
    keys = keyring.keys(voter.survey.key_id)
    place = sealing.locator(keys, voter.invitation)
    row = SealedBallot.objects.get(locator=place)
    return sealing.unseal(keys, voter.survey.pk, place, row.version, row.final, bytes(row.box))


@pytest.fixture
def survey() -> Survey:
    return make.opened()


# --- Saving and resuming ----------------------------------------------------------------------------------


def test_pages_add_up_and_a_blank_takes_away(survey: Survey) -> None:
    voter = make.voter(survey)
    save(voter)
    proof = save(voter, {"Q3": {"text": "x"}, "Q1": {"option": "yes"}}).proof
    progress = save(voter, {"Q1": {}}, proof=proof)
    assert progress.answers == {"Q2": {"option": "good"}, "Q3": {"text": "x"}}
    resumed = answering.resume(voter, CODE)
    assert resumed == progress
    assert resumed is not None
    assert (resumed.submitted, resumed.language) == (False, "nb")


def test_nobody_resumes_with_another_code_or_another_invitation(survey: Survey) -> None:
    voter = make.voter(survey)
    save(voter)
    assert answering.resume(voter, OTHER) is None
    assert answering.resume(make.voter(survey), CODE) is None


def test_the_code_is_asked_for_at_most_ten_times_an_hour(survey: Survey) -> None:
    voter, neighbour = make.voter(survey), make.voter(survey)
    proof = save(voter).proof
    save(neighbour)
    for _time in range(10):
        assert answering.resume(voter, OTHER) is None
    for ask in (lambda: answering.resume(voter, CODE), lambda: submit(voter), lambda: submit(voter, OTHER)):
        with pytest.raises(answering.Throttled):
            ask()
    assert answering.resume(voter, CODE, proof=proof) is not None
    assert answering.resume(neighbour, CODE) is not None


def test_a_proof_is_good_for_its_own_code_and_ballot_only(survey: Survey) -> None:
    voter, neighbour = make.voter(survey), make.voter(survey)
    proof = save(voter).proof
    save(neighbour)
    for _time in range(10):
        answering.resume(neighbour, OTHER, proof=proof)
    with pytest.raises(answering.Throttled):
        answering.resume(neighbour, CODE, proof=proof)
    with pytest.raises(answering.Throttled):
        answering.resume(neighbour, CODE, proof="æ")


def test_another_code_begins_afresh_and_leaves_what_was_submitted(survey: Survey) -> None:
    voter = make.voter(survey)
    save(voter, {**GOOD, "Q3": {"text": "secret"}})
    submit(voter)
    progress = save(voter, {"Q2": {"option": "poor"}}, OTHER)
    assert (progress.answers, progress.submitted) == ({"Q2": {"option": "poor"}}, False)
    assert box(voter).final == {**GOOD, "Q3": {"text": "secret"}}
    assert answering.resume(voter, CODE) is None
    submit(voter, OTHER)
    assert box(voter).final == {"Q2": {"option": "poor"}}


def test_a_blank_page_under_a_new_code_begins_nothing(
    survey: Survey, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    voter = make.voter(survey)
    save(voter)
    before = box(voter)
    with django_assert_num_queries(0):
        progress = save(voter, {"Q1": {}, "Q2": {}}, OTHER)
    assert (progress.answers, progress.proof, box(voter)) == ({}, "", before)


def test_a_window_left_behind_may_not_replace_what_another_has_begun(survey: Survey) -> None:
    voter = make.voter(survey)
    proof = save(voter).proof
    save(voter, {"Q3": {"text": "new"}}, OTHER)
    for act in (lambda: save(voter, {"Q3": {"text": "old"}}, proof=proof), lambda: submit(voter, proof=proof)):
        with pytest.raises(answering.Superseded):
            act()
    assert box(voter).draft == {"Q3": {"text": "new"}}


def test_a_save_that_meets_a_newer_version_adds_to_it(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    voter = make.voter(survey)
    save(voter)
    real, meanwhile = answering._write, [{"Q3": {"text": "elsewhere"}}]

    def write(*arguments: object) -> str:
        if meanwhile:
            save(voter, meanwhile.pop())
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(answering, "_write", write)
    progress = save(voter, {"Q1": {"option": "no"}})
    assert progress.answers == {**GOOD, "Q3": {"text": "elsewhere"}, "Q1": {"option": "no"}}


def test_a_ballot_saved_from_elsewhere_all_the_time(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "_write", lambda *_arguments: "stale")
    with pytest.raises(answering.Busy):
        save(make.voter(survey))


def test_more_than_the_box_holds(survey: Survey) -> None:
    voter = make.voter(survey)
    save(voter)
    with pytest.raises(sealing.BoxTooLarge):
        save(voter, {"Q3": {"text": "x" * 70_000}})
    assert box(voter).draft == GOOD


# --- Submitting -------------------------------------------------------------------------------------------


def test_submitting_again_replaces_and_keeps_the_receipt_it_was_given(survey: Survey) -> None:
    voter = make.voter(survey)
    save(voter)
    offered = receipting.offer(survey.pk, voter.invitation, CODE)
    assert [submit(voter, offered=offered) for _press in range(2)] == [offered.number, offered.number]
    assert box(voter).receipt_hash == sealing.code_hash(survey.pk, offered.number)
    assert submit(voter) != offered.number
    assert participating.count_final(survey) == 1


def test_a_receipt_cannot_be_chosen(survey: Survey) -> None:
    """Not made up, not taken from another ballot, code or survey, and not changed: each gets a new one."""
    voter, other = make.voter(survey), make.voter(survey)
    save(voter)
    ours = receipting.offer(survey.pk, voter.invitation, CODE)
    chosen = [
        receipting.Receipt("aaaaa-aaaaa-aaaaa-aaaaa-aaaaa-a", ""),
        receipting.Receipt("aaaaa-aaaaa-aaaaa-aaaaa-aaaaa-a", ours.mark),
        receipting.Receipt("", ours.mark),
        receipting.Receipt("æ\0", "ø"),
        receipting.offer(survey.pk, other.invitation, CODE),
        receipting.offer(survey.pk, voter.invitation, OTHER),
        receipting.offer(survey.pk + 1, voter.invitation, CODE),
    ]
    given = [submit(voter, offered=each) for each in chosen]
    assert not {each.number for each in chosen} & set(given)
    assert len(set(given)) == len(chosen)
    assert submit(voter, offered=ours) == ours.number


def test_a_change_counts_only_when_submitted(survey: Survey) -> None:
    voter = make.voter(survey)
    save(voter)
    submit(voter)
    progress = save(voter, {"Q2": {"option": "poor"}})
    assert progress.submitted is True
    assert (box(voter).final, SealedBallot.objects.get().final) == (GOOD, True)


def test_what_must_be_answered_is_asked_for(survey: Survey) -> None:
    voter = make.voter(survey)
    save(voter, {"Q3": {"text": "x"}})
    with pytest.raises(answering.Incomplete) as caught:
        submit(voter)
    assert caught.value.codes == ["Q2"]
    assert participating.count_final(survey) == 0


def test_an_elaboration_that_must_be_written_is_asked_for() -> None:
    survey = make.routed()
    voter = make.voter(survey)
    save(voter, {"Q1": {"option": "yes"}, "Q3": {"option": "no"}})
    with pytest.raises(answering.Incomplete) as caught:
        submit(voter)
    assert caught.value.codes == ["Q1"]


def test_nothing_is_not_submitted(survey: Survey) -> None:
    voter = make.voter(survey)
    with pytest.raises(answering.Blank):
        submit(voter)
    save(voter, {"Q2": {}}, proof=save(voter).proof)
    with pytest.raises(answering.Incomplete):
        submit(voter)
    with pytest.raises(answering.Blank):
        submit(voter, OTHER)
    assert participating.count_final(survey) == 0


def test_who_has_submitted_is_known_by_place_only(survey: Survey) -> None:
    voters = [make.voter(survey) for _person in range(3)]
    save(voters[0])
    submit(voters[0])
    save(voters[1])
    keys = keyring.keys(survey.key_id)
    places = [sealing.locator(keys, voter.invitation) for voter in voters]
    assert participating.submitted(survey, places) == {places[0]}


# --- The period -------------------------------------------------------------------------------------------


def test_the_last_moment_counts_and_the_next_does_not(survey: Survey) -> None:
    voter = make.voter(survey)
    save(voter, now=make.DEADLINE - timedelta(microseconds=1))
    with pytest.raises(answering.Closed):
        submit(voter, now=make.DEADLINE)
    submit(voter, now=make.DEADLINE - timedelta(microseconds=1))
    with pytest.raises(answering.Closed):
        save(make.voter(survey), now=make.DEADLINE)
    with pytest.raises(answering.Closed):
        save(make.voter(survey), now=make.OPENS - timedelta(microseconds=1))


def test_a_survey_that_was_stopped_takes_nothing_though_the_voter_was_admitted_before(survey: Survey) -> None:
    voter = make.voter(survey)
    save(voter)
    Survey.objects.filter(pk=survey.pk).update(stopped_at=make.DURING)
    with pytest.raises(answering.Closed):
        submit(voter)


def test_without_the_key_there_is_nothing_to_answer(survey: Survey) -> None:
    voter = make.voter(survey)
    save(voter)
    keyring.destroy(survey.key_id)
    for act in (lambda: save(voter), lambda: submit(voter), lambda: answering.resume(voter, CODE)):
        with pytest.raises(answering.Closed):
            act()


# --- What is stored ---------------------------------------------------------------------------------------


def test_a_ballot_lies_padded_and_sealed_with_nothing_readable(survey: Survey) -> None:
    voter = make.voter(survey)
    save(voter, {**GOOD, "Q3": {"text": "lederen min"}})
    row = SealedBallot.objects.get()
    stored = b"".join(bytes(part) for part in (row.locator, row.box))
    assert len(bytes(row.box)) == 1024 + 28
    for secret in (b"lederen", b"good", CODE.encode(), voter.invitation.bytes, str(voter.invitation).encode()):
        assert secret not in stored
    assert {column.name for column in SealedBallot._meta.get_fields()} == {
        "locator", "survey", "final", "version", "box"
    }  # fmt: skip


def test_statements(survey: Survey, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    voter = make.voter(survey)
    edition_view(survey.edition_id)  # kept in memory, as every page before has done
    with django_assert_num_queries(2):
        proof = save(voter).proof
    with django_assert_num_queries(1):
        answering.resume(voter, CODE)
    submit(voter, proof=proof)
    with django_assert_num_queries(2):
        submit(voter, proof=proof)


def test_a_named_survey_has_facts_at_once_and_one_response_a_person() -> None:
    survey = make.opened("named", promise="named")
    voter = make.voter(survey, role="local", region="north")
    for option in ("good", "poor"):
        save(voter, {"Q2": {"option": option}})
        submit(voter)
    response = Response.objects.get()
    assert list(response.answers.filter(question__code="Q2").values_list("option__code", flat=True)) == ["poor"]
    assert bytes(response.locator or b"") == sealing.locator(keyring.keys(survey.key_id), voter.invitation)


def test_an_anonymous_survey_has_no_facts_while_it_is_open(survey: Survey) -> None:
    voter = dataclasses.replace(make.voter(survey), facts={"role": "local"})
    save(voter)
    submit(voter)
    assert Response.objects.count() == 0
