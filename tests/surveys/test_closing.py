import json
import threading
from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from surveys import answering, closing, fielding
from surveys.box import backing_up, keyring, sealing
from surveys.models import Answer, Background, Closing, Response, SealedBallot, Survey
from tests import cast, make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def one_approval(settings):
    settings.CLOSING_APPROVALS = 1


def fill(survey, people=12):
    voters = [
        make.voter(survey, role="chief" if number % 2 else "local", region="north" if number % 3 else "south")
        for number in range(people)
    ]
    for number, voter in enumerate(voters):
        make.answered(voter, {"Q2": {"option": "good" if number % 4 else "poor"}, "Q3": {"text": f"tekst {number}"}})
    return voters


def places(survey, voters):
    """{locator: facts} of these voters, as the register would give it."""
    keys = keyring.keys(survey.key_id)
    return {sealing.locator(keys, voter.invitation): voter.facts for voter in voters}


def test_what_was_submitted_becomes_facts_and_the_key_is_gone(one_approval):
    survey = make.opened()
    voters = fill(survey)
    make.closed(survey, voters, cast.designer())
    assert Response.objects.filter(survey=survey).count() == 12
    assert sorted(Answer.objects.exclude(text="").values_list("text", flat=True)) == sorted(
        f"tekst {number}" for number in range(12)
    )
    # A question that was asked and left blank has an empty row.
    assert Answer.objects.filter(question__code="Q1", option=None, text="").count() == 12
    assert not SealedBallot.objects.exists()
    with pytest.raises(keyring.KeyLost):
        keyring.keys(survey.key_id)
    survey.refresh_from_db()
    assert survey.closed_at == make.AFTER


def test_drafts_never_become_facts(one_approval):
    survey = make.opened()
    voters = fill(survey)
    answering.save(make.voter(survey), "CODE", {"Q3": {"text": "aldri sendt"}}, "nb", make.DURING)
    make.closed(survey, voters, cast.designer())
    assert not Answer.objects.filter(text="aldri sendt").exists()
    assert Response.objects.count() == 12


def test_nothing_is_destroyed_before_two_have_approved(settings):
    settings.CLOSING_APPROVALS = 2
    survey = make.opened()
    voters = fill(survey)
    first = cast.designer()
    make.closed(survey, voters, first)
    closing.approve(survey, first, make.AFTER)
    assert closing.advance(survey, dict, make.AFTER) is False
    assert keyring.check(survey.key_id) == []
    assert SealedBallot.objects.count() == 12
    closing.approve(survey, cast.leader(), make.AFTER)
    assert closing.advance(survey, dict, make.AFTER) is True
    assert not SealedBallot.objects.exists()


def test_a_changed_fact_stops_the_destruction(one_approval):
    survey = make.opened()
    facts = places(survey, fill(survey))
    closing.advance(survey, lambda: facts, make.AFTER)  # no approval yet: mixed and verified
    closing.approve(survey, cast.designer(), make.AFTER)
    Closing.objects.filter(survey=survey).update(verified_at=None)
    Answer.objects.filter(text="tekst 3").update(text="noe annet")
    with pytest.raises(closing.NotVerified):
        closing.advance(survey, lambda: facts, make.AFTER)
    assert keyring.check(survey.key_id) == []
    assert SealedBallot.objects.count() == 12


def test_a_lost_background_stops_the_destruction(one_approval):
    survey = make.opened()
    facts = places(survey, fill(survey))
    closing.advance(survey, lambda: facts, make.AFTER)
    Closing.objects.filter(survey=survey).update(verified_at=None)
    assert Background.objects.exclude(value=None).update(value=None) > 0
    with pytest.raises(closing.NotVerified):
        closing.advance(survey, lambda: facts, make.AFTER)


def test_a_ballot_that_no_invitation_leads_to_is_not_mixed(one_approval):
    survey = make.opened()
    facts = places(survey, fill(survey)[1:])
    with pytest.raises(closing.Unreadable):
        closing.advance(survey, lambda: facts, make.AFTER)
    assert Closing.objects.get().unreadable == 1
    assert Response.objects.count() == 0
    assert SealedBallot.objects.count() == 12


def test_a_damaged_backup_stops_the_destruction(one_approval, monkeypatch):
    survey = make.opened()
    facts = places(survey, fill(survey))
    write = backing_up.back_up

    def damaged(survey):
        name = write(survey)
        path = backing_up._folder() / name
        content = bytearray(path.read_bytes())
        content[40] ^= 1
        path.write_bytes(bytes(content))
        return name

    monkeypatch.setattr(backing_up, "back_up", damaged)
    with pytest.raises(closing.NotVerified):
        closing.advance(survey, lambda: facts, make.AFTER)
    with pytest.raises(closing.NotYetVerified):
        closing.approve(survey, cast.designer(), make.AFTER)
    assert keyring.check(survey.key_id) == []
    assert len(facts) == SealedBallot.objects.count()


@pytest.mark.parametrize("step", ["_mix", "_verify", "_complete", "_vacuum", "copy_in", "sign"])
def test_killed_at_any_step_it_goes_on_where_it_was(one_approval, monkeypatch, step):
    survey = make.opened()
    facts = places(survey, fill(survey))
    real, approver = getattr(closing, step), cast.designer()

    def killed(*args, **kwargs):
        real(*args, **kwargs)
        raise SystemExit

    def approve_and_finish():
        closing.advance(survey, lambda: facts, make.AFTER)
        closing.approve(survey, approver, make.AFTER)
        return closing.advance(survey, lambda: facts, make.AFTER)

    with monkeypatch.context() as patch:
        patch.setattr(closing, step, killed)
        with pytest.raises(SystemExit):
            approve_and_finish()
    assert approve_and_finish() is True
    assert Response.objects.count() == 12
    assert Answer.objects.exclude(text="").count() == 12
    assert Closing.objects.get().record["responses"] == 12


def test_the_record_is_signed_and_tells_the_clean_date(one_approval, settings):
    survey = make.opened()
    make.closed(survey, fill(survey), cast.designer())
    done = Closing.objects.get(survey=survey)
    assert done.record["signature"] == closing.sign(done.record)
    assert closing.sign({**done.record, "responses": 13}) != done.record["signature"]
    assert done.record["responses"] == 12
    assert (done.clean_on - timezone.localdate(make.AFTER)).days == settings.CLEAN_DAYS


def test_stored_background_is_k_anonymous(one_approval):
    survey = make.opened()
    voters = fill(survey, people=23)
    make.closed(survey, voters, cast.designer())
    combinations = Counter(
        tuple(Background.objects.filter(response=response).order_by("fact__rank").values_list("value__code", flat=True))
        for response in Response.objects.all()
    )
    assert sum(combinations.values()) == 23
    assert min(combinations.values()) >= 5


def test_nothing_in_the_facts_points_back(one_approval):
    survey = make.opened()
    voters = fill(survey)
    places = [sealing.locator(keyring.keys(survey.key_id), voter.invitation) for voter in voters]
    make.closed(survey, voters, cast.designer())
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(r)::text FROM surveys_response r")
        dump = json.dumps(cursor.fetchall())
        cursor.execute("SELECT count(DISTINCT xmin::text) FROM surveys_response")
        assert cursor.fetchone() == (1,)
    for voter, place in zip(voters, places, strict=True):
        assert str(voter.invitation) not in dump
        assert place.hex() not in dump


def test_after_the_stop_a_save_is_refused_and_the_ballot_untouched(one_approval):
    survey = make.opened()
    voter = make.voter(survey)
    make.answered(voter)
    closing.stop(survey, make.DURING)
    before = list(SealedBallot.objects.values_list("version", "final"))
    with pytest.raises(answering.Closed):
        make.answered(voter, {"Q2": {"option": "poor"}})
    assert list(SealedBallot.objects.values_list("version", "final")) == before


def test_a_named_survey_has_its_facts_at_once_and_closes_without_approval():
    survey = make.opened(promise="named")
    voter = make.voter(survey, role="chief", region="north")
    make.answered(voter, {"Q2": {"option": "good"}})
    make.answered(voter, {"Q2": {"option": "poor"}})
    assert list(Answer.objects.filter(question__code="Q2").values_list("option__code", flat=True)) == ["poor"]
    facts = places(survey, [voter])
    assert closing.advance(survey, lambda: facts, make.AFTER) is True
    assert Response.objects.count() == 1
    # By the key the union still finds who answered what, as people were told.
    assert bytes(Response.objects.get().locator) == sealing.locator(keyring.keys(survey.key_id), voter.invitation)
    assert not SealedBallot.objects.exists()


def test_a_named_answer_whose_worker_was_killed_before_the_facts_is_stored_at_closing(monkeypatch):
    survey = make.opened(promise="named")
    voter = make.voter(survey, role="chief", region="north")
    with monkeypatch.context() as patch:
        patch.setattr("surveys.box.storing.store_named", lambda *_: None)
        make.answered(voter, {"Q2": {"option": "good"}})
    assert Response.objects.count() == 0
    facts = places(survey, [voter])
    assert closing.advance(survey, lambda: facts, make.AFTER) is True
    assert list(Answer.objects.filter(question__code="Q2").values_list("option__code", flat=True)) == ["good"]


def test_two_workers_close_once(one_approval):
    survey = make.opened()
    facts = places(survey, fill(survey))
    closing.advance(survey, lambda: facts, make.AFTER)
    closing.approve(survey, cast.designer(), make.AFTER)
    outcomes = []

    def work():
        try:
            outcomes.append(closing.advance(Survey.objects.get(pk=survey.pk), lambda: facts, make.AFTER))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert True in outcomes
    assert Response.objects.count() == 12


def test_opening_a_closed_survey_again_makes_no_key(one_approval):
    survey = make.opened()
    voters = fill(survey)
    make.closed(survey, voters, cast.designer(), now=make.DURING)
    with pytest.raises(fielding.NotReady):
        fielding.open_survey(survey, make.DURING)
    with pytest.raises(keyring.KeyLost):
        keyring.keys(survey.key_id)


def test_opening_again_without_any_replica_makes_no_new_key():
    survey = make.opened()
    keyring.destroy(survey.key_id)
    with pytest.raises(fielding.NotReady):
        fielding.open_survey(survey, make.DURING)
    assert keyring.check(survey.key_id) != []


def test_an_empty_survey_closes(one_approval):
    survey = make.opened()
    make.closed(survey, [], cast.designer())
    assert Response.objects.count() == 0
    assert Closing.objects.get().responses == 0
