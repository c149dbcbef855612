"""Surveys in the admin: closed, and approved by two."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from surveys import closing
from surveys.admin.standing import Trouble
from surveys.box import keyring
from surveys.models import Approval, State
from tests import cast, make
from tests.make import AFTER, DURING
from tests.surveys.admin.planning import deed, page_of, said, signed_in
from tests.surveys.box.test_waiving import damage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _one_approval(settings: Any) -> None:
    settings.CLOSING_APPROVALS = 1


# --- Closing ----------------------------------------------------------------------------------------------
def test_closing_says_first_what_cannot_be_undone(planner: Client) -> None:
    survey = make.opened()

    body = planner.get(deed("close", survey)).content.decode()

    survey.refresh_from_db()
    assert survey.stopped_at is None
    assert "The survey can never be opened again." in body


def test_closing_stops_the_intake_and_then_waits_for_approval(planner: Client) -> None:
    survey = make.opened()

    response = planner.post(deed("close", survey), follow=True)

    survey.refresh_from_db()
    assert survey.stopped_at == DURING
    standing = response.context["standing"]
    assert (standing.state, standing.awaits_approval, standing.has_approved) == (State.CLOSING, False, False)
    assert [step.at for step in standing.steps] == [DURING, None, None, None]
    closing.advance(survey, dict, DURING)
    standing = planner.get(page_of(survey)).context["standing"]
    assert (standing.state, standing.awaits_approval, standing.has_approved) == (State.CLOSING, True, False)


def test_closing_again_or_something_unopened_changes_nothing(planner: Client) -> None:
    survey = make.opened()
    planner.post(deed("close", survey))
    signed_in(cast.designer("other"), DURING + timedelta(hours=1)).post(deed("close", survey))
    survey.refresh_from_db()
    assert survey.stopped_at == DURING

    planned = make.planned("pulse-2027")
    assert planner.get(deed("close", planned))["Location"] == page_of(planned)
    response = planner.post(deed("close", planned), follow=True)
    assert said(response)[-1] == "The survey has not been opened, so there is nothing to close."


def test_approval_is_given_once_a_person_and_only_after_the_stop(planner: Client) -> None:
    survey = make.opened()
    assert said(planner.post(deed("approve", survey), follow=True)) == ["Close the survey first."]
    assert Approval.objects.count() == 0
    planner.post(deed("close", survey))
    refused = planner.post(deed("approve", survey), follow=True)
    assert said(refused)[-1] == "The answers are still being counted. Approve when that is done."
    assert Approval.objects.count() == 0
    closing.advance(survey, dict, DURING)

    planner.post(deed("approve", survey))
    planner.post(deed("approve", survey))

    assert Approval.objects.count() == 1
    assert closing.approvals_needed(survey) == 0


def test_the_page_follows_the_closing_to_its_end(planner: Client) -> None:
    survey = make.opened()
    voters = [make.voter(survey, role="local", region="north") for _ in range(6)]
    for voter in voters:
        make.answered(voter)
    make.closed(survey, voters, cast.coder())

    response = signed_in(cast.designer("later"), AFTER).get(page_of(survey))

    standing = response.context["standing"]
    assert standing.state == State.CLOSED
    assert [step.at for step in standing.steps] == [AFTER] * 4
    assert "the key that tied them to people is gone" in response.content.decode()


def test_answers_that_do_not_open_are_told_and_two_decide_to_go_on(planner: Client, settings: Any) -> None:
    settings.CLOSING_APPROVALS = 2
    survey = make.opened()
    voters = [make.voter(survey, role="local", region="north") for _ in range(7)]
    for voter in voters:
        make.answered(voter)
    refused = planner.post(deed("waive", survey), {"ballots": "1"}, follow=True)
    assert said(refused) == ["There are no answers to go on without."]
    damage(survey, voters[0])
    with pytest.raises(closing.Unreadable):
        closing.advance(survey, lambda: make.places(survey, voters), AFTER)

    page = planner.get(page_of(survey))
    assert page.context["standing"].trouble == Trouble(1, 0, 2, has_waived=False, is_key_lost=False)
    assert "1 sealed answer cannot be opened." in page.content.decode()
    assert "Nothing has been destroyed" in page.content.decode()
    for nonsense in ({}, {"ballots": "x"}, {"ballots": "2"}, {"ballots": "9" * 40}):
        answer = planner.post(deed("waive", survey), nonsense, follow=True)
        assert said(answer) == ["The number of answers that cannot be opened has changed. Look at it again."]

    fields = {"ballots": "1"}
    once = planner.post(deed("waive", survey), fields, follow=True)
    again = planner.post(deed("waive", survey), fields, follow=True)
    assert said(once) == said(again) == ["Your decision is recorded. Another person must decide the same."]
    assert again.context["standing"].trouble == Trouble(1, 1, 2, has_waived=True, is_key_lost=False)
    second = signed_in(cast.designer("second")).post(deed("waive", survey), fields, follow=True)
    assert said(second) == ["Your decision is recorded. The closing goes on without them."]

    closing.advance(survey, lambda: make.places(survey, voters), AFTER)
    page = planner.get(page_of(survey))
    assert (page.context["standing"].trouble, page.context["standing"].left_out) == (None, 1)
    assert "1 answer could not be opened and was left out." in page.content.decode()


def test_a_key_that_cannot_be_found_is_told(planner: Client) -> None:
    survey = make.opened()
    assert planner.get(page_of(survey)).context["standing"].trouble is None
    keyring.destroy(survey.key_id)
    closing.stop(survey, AFTER)
    page = planner.get(page_of(survey))
    assert page.context["standing"].trouble.is_key_lost is True
    assert "The key to the answers cannot be found" in page.content.decode()
