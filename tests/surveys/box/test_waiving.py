"""Ballots that do not open: the closing waits, says so, and goes on without them only when two have decided so."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from consult import finishing
from surveys import answering, closing
from surveys.box import keyring, sealing, waiving
from surveys.models import Answer, Closing, Response, SealedBallot, Survey, Waiver
from tests import cast, make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _two(settings: Settings) -> None:
    settings.CLOSING_APPROVALS = 2


def box_of(survey: Survey, voter: answering.Voter) -> SealedBallot:
    return SealedBallot.objects.get(locator=sealing.locator(keyring.keys(survey.key_id), voter.invitation))


def damage(survey: Survey, *voters: answering.Voter) -> dict[bytes, bytes]:
    """Change one bit in each of these ballots; what they were before, by place."""
    before = {}
    for voter in voters:
        ballot = box_of(survey, voter)
        place, box = bytes(ballot.locator), bytes(ballot.box)
        before[place] = box
        SealedBallot.objects.filter(pk=place).update(box=box[:-1] + bytes([box[-1] ^ 1]))
    return before


def mend(boxes: dict[bytes, bytes]) -> None:
    for place, box in boxes.items():
        SealedBallot.objects.filter(pk=place).update(box=box)


def fielded(people: int = 12, promise: str = "anonymous") -> tuple[Survey, list[answering.Voter]]:
    survey = make.opened(promise=promise)
    voters = [make.voter(survey, role="local", region="north") for _number in range(people)]
    for number, voter in enumerate(voters):
        make.answered(voter, {"Q2": {"option": "good"}, "Q3": {"text": f"tekst {number}"}})
    return survey, voters


def advance(survey: Survey, voters: list[answering.Voter]) -> bool:
    return closing.advance(survey, lambda: make.places(survey, voters), make.AFTER)


def texts() -> list[str]:
    return sorted(Answer.objects.exclude(text="").values_list("text", flat=True))


def test_the_closing_waits_counts_them_all_and_destroys_nothing() -> None:
    survey, voters = fielded()
    damage(survey, voters[3], voters[7])
    for _attempt in range(2):
        with pytest.raises(closing.Unreadable) as refusal:
            advance(survey, voters)
        assert refusal.value.ballots == 2
    assert Closing.objects.values_list("unreadable", "left_out", "mixed_at").get() == (2, 0, None)
    assert (SealedBallot.objects.count(), Response.objects.count()) == (12, 0)
    assert keyring.check(survey.key_id) == []
    with pytest.raises(closing.NotYetVerified):
        closing.approve(survey, cast.designer(), make.AFTER)


def test_a_row_brought_back_from_a_copy_lets_it_go_on_with_nothing_lost() -> None:
    survey, voters = fielded()
    before = damage(survey, voters[3])
    with pytest.raises(closing.Unreadable):
        advance(survey, voters)
    mend(before)
    assert advance(survey, voters) is False  # verified; waits for approval
    assert Closing.objects.values_list("unreadable", "left_out", "responses").get() == (0, 0, 12)


def test_two_people_decide_and_it_is_all_in_the_record() -> None:
    survey, voters = fielded()
    damage(survey, voters[3], voters[7])
    with pytest.raises(closing.Unreadable):
        advance(survey, voters)
    first, second = cast.designer(), cast.designer("second")
    assert waiving.waive(survey, first, 2, make.DURING) == 1
    assert waiving.waive(survey, first, 2, make.AFTER) == 1  # twice by one is once
    with pytest.raises(closing.Unreadable):
        advance(survey, voters)
    assert waiving.waive(survey, second, 2, make.AFTER) == 0
    assert advance(survey, voters) is False
    assert Closing.objects.values_list("unreadable", "left_out", "responses").get() == (2, 2, 10)
    assert texts() == sorted(f"tekst {number}" for number in range(12) if number not in (3, 7))
    assert SealedBallot.objects.count() == 12  # kept until the destruction is approved
    for person in (first, second):
        closing.approve(survey, person, make.AFTER)
    assert advance(survey, voters) is True
    record = Closing.objects.get().record
    assert record["left_out"] == 2
    assert record["left_out_decided_by"] == [
        {"person": first.pk, "ballots": 2, "at": make.DURING.isoformat()},
        {"person": second.pk, "ballots": 2, "at": make.AFTER.isoformat()},
    ]
    assert record["signature"] == closing.sign(record)
    assert SealedBallot.objects.count() == 0


def test_the_background_is_coarsened_for_those_that_opened() -> None:
    """Five in the south, one of them broken: four that are left must not be stored as a group of four."""
    survey = make.opened(facts=[make.REGION])
    voters = [make.voter(survey, region="south" if number < 5 else "north") for number in range(12)]
    for voter in voters:
        make.answered(voter)
    damage(survey, voters[0])
    with pytest.raises(closing.Unreadable):
        advance(survey, voters)
    for name in ("one", "two"):
        waiving.waive(survey, cast.designer(name), 1, make.AFTER)
    advance(survey, voters)
    groups = Response.objects.values_list("background__value__code", flat=True)
    assert sorted(groups, key=str) == [None] * 11


def test_more_than_were_decided_about_need_a_new_decision_and_fewer_do_not() -> None:
    survey, voters = fielded()
    before = damage(survey, voters[3])
    with pytest.raises(closing.Unreadable):
        advance(survey, voters)
    people = [cast.designer("one"), cast.designer("two")]
    for person in people:
        waiving.waive(survey, person, 1, make.AFTER)
    damage(survey, voters[4], voters[5])
    with pytest.raises(closing.Unreadable):
        advance(survey, voters)
    with pytest.raises(waiving.NotThatMany) as refusal:
        waiving.waive(survey, people[0], 1, make.AFTER)
    assert refusal.value.ballots == 3
    for person in people:
        waiving.waive(survey, person, 3, make.AFTER)
    mend(before)
    advance(survey, voters)
    assert Closing.objects.values_list("unreadable", "left_out", "responses").get() == (2, 2, 10)
    assert Waiver.objects.count() == 4


def test_there_is_nothing_to_decide_while_all_open() -> None:
    survey, voters = fielded(6)
    for _step in ("open", "stopped"):
        with pytest.raises(waiving.NothingToWaive):
            waiving.waive(survey, cast.designer(f"{_step}"), 1, make.AFTER)
        closing.stop(survey, make.AFTER)
    assert advance(survey, voters) is False
    assert Waiver.objects.count() == 0


def test_nobody_is_never_enough(settings: Settings) -> None:
    settings.CLOSING_APPROVALS = 0
    survey, voters = fielded(6)
    damage(survey, voters[0])
    with pytest.raises(closing.Unreadable):
        advance(survey, voters)


def test_a_broken_draft_holds_up_nothing() -> None:
    survey, voters = fielded(6)
    drafter = make.voter(survey)
    answering.save(drafter, "CODE", {"Q3": {"text": "aldri sendt"}}, "nb", make.DURING)
    damage(survey, drafter)
    assert advance(survey, voters) is False
    assert Closing.objects.values_list("unreadable", "responses").get() == (0, 6)


def test_a_named_answer_that_is_stored_already_is_not_told_as_left_out() -> None:
    survey, voters = fielded(6, promise="named")
    damage(survey, voters[0])
    with pytest.raises(closing.Unreadable):
        advance(survey, voters)
    for name in ("one", "two"):
        waiving.waive(survey, cast.designer(name), 1, make.AFTER)
    assert advance(survey, voters) is True
    assert Closing.objects.values_list("unreadable", "left_out", "responses").get() == (1, 0, 6)


def test_one_person_who_decides_twice_is_one_person() -> None:
    survey, voters = fielded()
    damage(survey, voters[3])
    with pytest.raises(closing.Unreadable):
        advance(survey, voters)
    person = cast.designer()
    assert waiving.waive(survey, person, 1, make.AFTER) == 1
    before = damage(survey, voters[4], voters[5])
    with pytest.raises(closing.Unreadable):
        advance(survey, voters)
    assert waiving.waive(survey, person, 3, make.AFTER) == 1
    mend(before)
    with pytest.raises(closing.Unreadable):
        advance(survey, voters)
    # Both decisions hold for one answer, and there is still one person behind them.
    assert Waiver.objects.filter(ballots__gte=1).count() == 2
    assert waiving.missing(survey, 1) == 1
    assert Response.objects.count() == 0


def test_after_the_mix_there_is_nothing_more_to_decide() -> None:
    survey, voters = fielded()
    damage(survey, voters[3])
    with pytest.raises(closing.Unreadable):
        advance(survey, voters)
    for name in ("one", "two"):
        waiving.waive(survey, cast.designer(name), 1, make.AFTER)
    advance(survey, voters)
    assert Closing.objects.get().unreadable == 1
    with pytest.raises(waiving.NothingToWaive):
        waiving.waive(survey, cast.designer("three"), 1, make.AFTER)
    assert Waiver.objects.count() == 2


# --- Rows that somebody has changed -----------------------------------------------------------------------


def decided(survey: Survey, voters: list[answering.Voter], ballots: int) -> None:
    """The closing waits, two decide, and it goes on."""
    with pytest.raises(closing.Unreadable) as refusal:
        advance(survey, voters)
    assert refusal.value.ballots == ballots
    assert Closing.objects.values_list("unreadable", "mixed_at").get() == (ballots, None)
    for name in ("one", "two"):
        waiving.waive(survey, cast.designer(name), ballots, make.AFTER)
    assert advance(survey, voters) is False


@pytest.mark.parametrize("promise", ["anonymous", "named"])
def test_a_ballot_with_a_damaged_place_is_one_that_does_not_open(promise: str) -> None:
    survey, voters = fielded(promise=promise)
    row = box_of(survey, voters[3])
    place = bytes(row.locator)
    SealedBallot.objects.filter(pk=place).update(locator=place[:-1] + bytes([place[-1] ^ 1]))
    if promise == "named":
        with pytest.raises(closing.Unreadable):
            advance(survey, voters)
        return
    decided(survey, voters, 1)
    assert Closing.objects.values_list("unreadable", "left_out", "responses").get() == (1, 1, 11)
    assert texts() == sorted(f"tekst {number}" for number in range(12) if number != 3)


def test_a_ballot_that_opens_and_that_no_invitation_leads_to() -> None:
    survey, voters = fielded()
    decided(survey, voters[1:], 1)
    assert Closing.objects.values_list("unreadable", "left_out", "responses").get() == (1, 1, 11)


def test_a_draft_that_is_marked_as_submitted_is_not_counted() -> None:
    survey, voters = fielded()
    drafter = make.voter(survey, role="local", region="north")
    answering.save(drafter, "CODE", {"Q3": {"text": "aldri sendt"}}, "nb", make.DURING)
    SealedBallot.objects.filter(pk=box_of(survey, drafter).pk).update(final=True)
    decided(survey, [*voters, drafter], 1)
    assert "aldri sendt" not in texts()
    assert Closing.objects.values_list("responses", flat=True).get() == 12


@pytest.mark.parametrize("promise", ["anonymous", "named"])
def test_a_submission_that_is_marked_as_a_draft_is_counted(promise: str, caplog: pytest.LogCaptureFixture) -> None:
    """Its seal says that it was submitted, and cannot have been changed with the row."""
    survey, voters = fielded(promise=promise)
    answering.save(voters[0], "CODE", {"Q3": {"text": "endret, ikke sendt"}}, "nb", make.DURING)
    Response.objects.all().delete()
    for voter in voters[:2]:
        SealedBallot.objects.filter(pk=box_of(survey, voter).pk).update(final=False)
    assert advance(survey, voters) is (promise == "named")
    assert texts() == sorted(f"tekst {number}" for number in range(12))
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert [(line["event"], line["ballots"]) for line in lines if "ballots" in line] == [("closing_marks_mended", 2)]


def test_it_is_logged_with_a_name_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    survey = make.opened(facts=[])
    voter = make.voter(survey)
    make.answered(voter)
    damage(survey, voter)
    assert finishing.finish_due(make.AFTER) == 0
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    told = [(line["event"], line["survey"], line["ballots"]) for line in lines if "ballots" in line]
    assert told == [("closing_unreadable", survey.code, 1)]
