"""Closing with other ways in: every answer is counted once, with the background it came with, coarsened."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.cache import cache
from django.db import connection

from surveys import answering, closing, fielding, withdrawing
from surveys.answering import Voter
from surveys.box import keyring, sealing
from surveys.models import Background, Closing, Response, SealedBallot, Survey
from surveys.ways import bearing, declaring, linking
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _alone(settings) -> None:
    settings.CLOSING_APPROVALS = 0
    settings.DISCLOSURE_K = 5
    cache.clear()


def entered(link, count: int) -> None:
    """So many answers by an open link."""
    for _number in range(count):
        voter = bearing.admit(bearing.new_key(link), make.DURING).voter
        make.answered(voter)


def invited(survey: Survey, count: int, **rest) -> list[Voter]:
    voters = [make.voter(survey, region="north", role="local") for _number in range(count)]
    for voter in voters:
        make.answered(Voter(survey, voter.invitation, voter.facts, **rest))
    return voters


def close(survey: Survey, voters: list[Voter]) -> Closing:
    backgrounds = make.places(survey, voters)
    assert closing.advance(survey, lambda: backgrounds, make.AFTER)
    return Closing.objects.get(survey=survey)


def stored(survey: Survey, fact: str) -> dict[str | None, int]:
    values = [
        row.value.code if row.value else None for row in Background.objects.filter(fact__survey=survey, fact__name=fact)
    ]
    return {value: values.count(value) for value in set(values)}


def test_the_uninvited_are_counted_beside_the_invited() -> None:
    survey = make.opened()
    entered(linking.make(survey, "Årsmøtet", facts={"region": "south"}), 6)
    done = close(survey, invited(survey, 7))
    assert (done.responses, done.uninvited) == (13, 6)
    assert stored(survey, "region") == {"north": 7, "south": 6}


def test_ways_are_stored_where_they_are_declared_and_coarsened() -> None:
    survey = make.opened(facts=[make.REGION, declaring.fact()])
    link = linking.make(survey, "Årsmøtet", facts={"region": "north"})
    entered(link, 5)
    voters = invited(survey, 6) + invited(survey, 5, way="telephone")
    few = invited(survey, 2, way="paper")
    done = close(survey, voters + few)
    assert (done.responses, done.uninvited) == (18, 5)
    # Two on paper are too few: the smallest way of the others is merged away with them.
    assert stored(survey, "way") in ({"letter": 6, "open": 5, None: 7}, {"letter": 6, "telephone": 5, None: 7})


def test_ways_are_not_stored_where_they_are_not_declared() -> None:
    survey = make.opened()
    entered(linking.make(survey, "Årsmøtet"), 5)
    close(survey, invited(survey, 5))
    assert {row.fact.name for row in Background.objects.select_related("fact")} == {"role", "region"}


def test_a_ballot_of_nobody_still_stops_the_closing() -> None:
    survey = make.opened()
    entered(linking.make(survey, "Årsmøtet"), 5)
    voters = invited(survey, 5)
    with pytest.raises(closing.Unreadable) as refused:
        closing.advance(survey, lambda: make.places(survey, voters[1:]), make.AFTER)
    assert refused.value.ballots == 1
    assert Response.objects.count() == 0


def test_the_last_submission_counts_whichever_way_it_came() -> None:
    survey = make.opened(facts=[make.REGION, declaring.fact()])
    voters = [make.voter(survey, region="north") for _number in range(6)]
    for voter in voters:
        make.answered(voter, {"Q2": {"option": "good"}})
        make.answered(
            Voter(survey, voter.invitation, voter.facts, way="paper", forgets=True), {"Q2": {"option": "poor"}}
        )
    done = close(survey, voters)
    assert (done.responses, done.uninvited, stored(survey, "way")) == (6, 0, {"paper": 6})


def test_a_draft_on_paper_leaves_the_submitted_answer_and_its_way_alone() -> None:
    survey = make.opened(facts=[make.REGION, declaring.fact()])
    voters = invited(survey, 6, way="telephone")
    for voter in voters:
        staff = Voter(survey, voter.invitation, voter.facts, way="paper", forgets=True)
        answering.save(staff, sealing.new_resume_code(), {"Q2": {"option": "poor"}}, "nb", make.DURING)
    close(survey, voters)
    assert stored(survey, "way") == {"telephone": 6}


@pytest.mark.parametrize("withdraws", [False, True])
@pytest.mark.parametrize("may_change", [False, True])
def test_a_draft_of_another_code_leaves_way_and_background_of_the_uninvited_alone(
    may_change: bool, withdraws: bool
) -> None:
    """Or the closing would find a ballot that no invitation leads to, and stop."""
    survey = make.opened(facts=[make.REGION, declaring.fact()], may_change=may_change)
    link = linking.make(survey, "Årsmøtet", facts={"region": "south"})
    for _number in range(6):
        voter = bearing.admit(bearing.new_key(link), make.DURING).voter
        make.answered(voter)
        code = sealing.new_resume_code()
        answering.save(voter, code, {"Q2": {"option": "poor"}}, "nb", make.DURING)
        if withdraws:
            withdrawing.withdraw(voter, code, make.DURING)
    assert close(survey, []).uninvited == 6
    assert (stored(survey, "way"), stored(survey, "region")) == ({"open": 6}, {"south": 6})


def test_what_is_entered_cannot_be_read_back_once_submitted() -> None:
    survey = make.opened()
    voter = make.voter(survey)
    staff = Voter(survey, voter.invitation, way="telephone", forgets=True)
    code = sealing.new_resume_code()
    answering.save(staff, code, {"Q2": {"option": "poor"}}, "nb", make.DURING)
    assert answering.resume(staff, code) is not None
    answering.submit(staff, code, make.DURING)
    assert answering.resume(staff, code) is None
    assert answering.resume(voter, code) is None


def test_entering_does_not_tell_whether_the_person_has_answered() -> None:
    """The same is said of someone who has submitted as of someone who has not."""
    survey = make.opened()
    fresh, done = make.voter(survey), make.voter(survey)
    make.answered(done)
    said = []
    for voter in (fresh, done):
        staff = Voter(survey, voter.invitation, way="paper", forgets=True)
        code = sealing.new_resume_code()
        progress = answering.save(staff, code, {"Q2": {"option": "poor"}}, "nb", make.DURING)
        said.append((progress.answers, progress.submitted, len(answering.submit(staff, code, make.DURING))))
    assert said[0] == said[1]


def test_no_row_leads_from_a_link_to_a_ballot() -> None:
    survey = make.opened()
    link = linking.make(survey, "Årsmøtet")
    key = bearing.new_key(link)
    voter = bearing.admit(key, make.DURING).voter
    make.answered(voter)
    place = sealing.locator(keyring.keys(survey.key_id), voter.invitation)
    marks = {"nonce": key[8:24], "uuid": str(voter.invitation), "hex": voter.invitation.hex, "place": place.hex()}
    found: dict[str, str] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            text = "\n".join(row[0] for row in cursor.fetchall()).lower()
            found |= {name: table for name, mark in marks.items() if mark in text}
    assert found == {"place": "surveys_sealedballot"}


def test_a_named_survey_has_no_open_links() -> None:
    survey = make.opened(promise="named")
    with pytest.raises(linking.Refused):
        linking.make(survey, "Årsmøtet")


def test_paper_in_a_named_survey_is_stored_with_its_way() -> None:
    survey = make.opened(promise="named", facts=[make.REGION, declaring.fact()])
    voter = make.voter(survey, region="north")
    make.answered(Voter(survey, voter.invitation, voter.facts, way="paper", forgets=True))
    assert stored(survey, "way") == {"paper": 1}


def test_a_way_is_not_for_five_facts() -> None:
    facts = [
        make.ROLE,
        make.REGION,
        fielding.FactPlan("a", {"nb": "A"}),
        fielding.FactPlan("b", {"nb": "B"}),
        declaring.fact(),
    ]
    with pytest.raises(fielding.NotReady):
        make.planned(facts=facts)


def test_the_row_of_a_ballot_by_an_open_link_looks_like_any_other() -> None:
    survey = make.opened()
    entered(linking.make(survey, "Årsmøtet"), 1)
    invited(survey, 1)
    first, second = SealedBallot.objects.all()
    assert [len(bytes(row.locator)) for row in (first, second)] == [16, 16]
    assert (first.version, first.final, len(bytes(first.box))) == (second.version, second.final, len(bytes(second.box)))


def test_a_draft_taken_back_leaves_how_the_submitted_answer_came_and_its_background() -> None:
    """Otherwise whoever has a poster stops the closing: begin afresh beside one's own answer, and withdraw that."""
    survey = make.opened(facts=[make.REGION, declaring.fact()])
    link = linking.make(survey, "Årsmøtet", facts={"region": "north"})
    entered(link, 5)
    voters = invited(survey, 5)
    others = [bearing.admit(bearing.new_key(link), make.DURING).voter]
    others += [replace(make.voter(survey, region="north"), way="paper")]
    for voter in others:
        make.answered(voter)
        code = sealing.new_resume_code()
        proof = answering.save(voter, code, {"Q2": {"option": "poor"}}, "nb", make.DURING).proof
        withdrawing.withdraw(voter, code, make.DURING, proof=proof)
    paper = [Voter(survey, each.invitation, each.facts) for each in others[1:]]
    done = close(survey, [*voters, *paper])
    assert (done.responses, done.uninvited, done.unreadable) == (12, 6, 0)
    assert stored(survey, "region") == {"north": 12}
