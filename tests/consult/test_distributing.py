"""Rounds of letters: who may plan them, and that queueing ends in the same state however often it runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from consult import distributing
from consult.distributing import NotSchedulable
from consult.models import Audience, Letter, LetterStatus, Mailing
from surveys import closing
from surveys.models import Survey
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def invited(count: int = 3, survey: Survey | None = None) -> Survey:
    survey = survey or make.opened()
    make.invited(survey, [make.person(number) for number in range(1, count + 1)])
    return survey


# --- Planning -----------------------------------------------------------------------------------------------------


def test_schedule() -> None:
    mailing = distributing.schedule(invited(), "invitation", make.DURING)
    assert (mailing.kind, mailing.ordinal, mailing.due_at, mailing.queued_at) == ("invitation", 1, make.DURING, None)


def test_once() -> None:
    survey = invited()
    distributing.schedule(survey, "invitation", make.DURING)
    with pytest.raises(NotSchedulable, match="is planned already"):
        distributing.schedule(survey, "invitation", make.DURING)
    distributing.schedule(survey, "invitation", make.DURING, ordinal=2)
    assert Mailing.objects.count() == 2


def refusal(survey: Survey, kind: str = "invitation", due_at=make.DURING) -> list[str]:
    with pytest.raises(NotSchedulable) as refused:
        distributing.schedule(survey, kind, due_at)
    assert Mailing.objects.count() == 0
    return refused.value.reasons


OPEN_FIRST = "Open the survey first: a link works only once its keys are made."
FREEZE_FIRST = "Freeze the audience first, so that it is settled who is asked."
OVER = "The survey is closed and takes no more answers."


def test_not_for_a_survey_that_is_only_planned() -> None:
    assert refusal(make.planned()) == [OPEN_FIRST, FREEZE_FIRST]


def test_not_for_an_audience_that_is_not_frozen() -> None:
    survey = make.opened()
    Audience.objects.create(survey=survey, roles=["local"], unit=make.unit())
    assert refusal(survey) == [FREEZE_FIRST]


def test_not_after_the_end() -> None:
    survey = invited()
    assert refusal(survey, due_at=make.DEADLINE) == ["The letters must go out before the deadline."]
    closing.stop(survey, make.DURING)
    survey.refresh_from_db()
    assert refusal(survey) == [OVER]


def test_not_before_the_start() -> None:
    early = make.OPENS - timedelta(minutes=1)
    assert refusal(invited(), due_at=early) == ["The letters must not go out before the survey opens."]


def test_not_of_another_kind() -> None:
    assert refusal(invited(), kind="receipt") == ["There is no such kind of letter."]


def test_move() -> None:
    mailing = distributing.schedule(invited(), "reminder", make.DURING)
    later = make.DURING + timedelta(days=1)
    distributing.move(mailing, later)
    assert mailing.due_at == later
    with pytest.raises(NotSchedulable, match="before the deadline"):
        distributing.move(mailing, make.AFTER)
    distributing.queue_due(later)
    with pytest.raises(NotSchedulable, match="written already"):
        distributing.move(mailing, later)


# --- Queueing -----------------------------------------------------------------------------------------------------


def test_queue_makes_one_letter_a_person_and_running_again_changes_nothing() -> None:
    survey = invited(3)
    mailing = distributing.schedule(survey, "invitation", make.OPENS)
    assert distributing.queue_due(make.DURING) == 3
    before = list(Letter.objects.order_by("id").values())
    assert distributing.queue_due(make.DURING) == 0
    Mailing.objects.update(queued_at=None)  # as if the note had been lost
    assert distributing.queue_due(make.DURING) == 0
    assert list(Letter.objects.order_by("id").values()) == before
    mailing.refresh_from_db()
    assert mailing.queued_at == make.DURING
    assert {(letter["status"], letter["kind"], letter["ordinal"], letter["not_before"]) for letter in before} == {
        ("pending", "invitation", 1, make.OPENS)
    }
    assert len({letter["message_id"] for letter in before}) == 3


def test_one_statement_whatever_the_size(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    distributing.schedule(invited(1), "invitation", make.OPENS)
    with django_assert_num_queries(1):
        assert distributing.queue_due(make.DURING) == 1
    survey = make.opened("second")
    make.invited(survey, [make.person(number) for number in (11, 12, 13)])
    distributing.schedule(survey, "invitation", make.OPENS)
    with django_assert_num_queries(1):
        assert distributing.queue_due(make.DURING) == 3


def test_only_what_is_due_and_not_paused() -> None:
    survey = invited()
    mailing = distributing.schedule(survey, "invitation", make.DURING)
    assert distributing.queue_due(make.DURING - timedelta(seconds=1)) == 0
    distributing.pause(mailing, make.DURING)
    assert distributing.queue_due(make.DURING) == 0
    distributing.resume(mailing)
    assert distributing.queue_due(make.DURING) == 3


@pytest.mark.parametrize("change", ["not opened", "not frozen", "stopped", "over"])
def test_never_for_a_survey_that_takes_no_answers(change: str) -> None:
    survey = invited(survey=make.planned() if change == "not opened" else None)
    Mailing.objects.create(survey=survey, kind="invitation", due_at=make.OPENS)
    now = make.DURING
    if change == "not frozen":
        Audience.objects.update(frozen_at=None, size=None)
    elif change == "stopped":
        Survey.objects.update(stopped_at=now)
    elif change == "over":
        now = make.AFTER
    assert distributing.queue_due(now) == 0
    assert Letter.objects.count() == 0


def test_letters_speak_the_persons_language() -> None:
    survey = make.opened()
    people = [make.person(1, language="nn"), make.person(2, language="en"), make.person(3, language="xx")]
    make.invited(survey, people)
    make.mailed(survey)
    rows = Letter.objects.order_by("invitation__person__number").values_list("language", flat=True)
    assert list(rows) == ["nn", "en", "nb"]


def test_a_reminder_is_queued_for_everyone_answered_or_not() -> None:
    survey = invited(2)
    invitation = survey.invitations.first()
    make.answered(make.voter(survey, invitation.pk))
    make.mailed(survey, "reminder")
    assert Letter.objects.filter(kind="reminder").count() == 2


def test_the_database_refuses_a_second_letter_of_the_same_round() -> None:
    make.mailed(invited(1))
    letter = Letter.objects.get()
    letter.pk, letter.message_id = None, "<another@testserver>"
    with pytest.raises(IntegrityError, match="letter_once"), transaction.atomic():
        letter.save(force_insert=True)


@pytest.mark.parametrize(("status", "leased"), [("pending", True), ("sending", False), ("done", True)])
def test_the_database_refuses_a_lease_without_a_hand(status: str, leased: bool) -> None:
    make.mailed(invited(1))
    with pytest.raises(IntegrityError, match="letter_leased_iff_in_hand"), transaction.atomic():
        Letter.objects.update(status=status, lease_until=make.DURING if leased else None)


# --- Progress -----------------------------------------------------------------------------------------------------


def test_progress_of_reminders_does_not_tell_how_many_were_sent() -> None:
    survey = invited(8)
    mailing = make.mailed(survey, "reminder")
    for letter, status in zip(Letter.objects.all(), LetterStatus.values, strict=True):
        lease = make.DURING if status in ("claimed", "sending") else None
        Letter.objects.filter(pk=letter.pk).update(status=status, lease_until=lease)
    assert distributing.progress(mailing) == {"total": 8, "waiting": 3, "done": 4, "unknown": 1}
    Letter.objects.update(kind="invitation")
    Mailing.objects.update(kind="invitation")
    mailing.refresh_from_db()
    assert distributing.progress(mailing) == {
        "total": 8,
        "waiting": 3,
        "sent": 1,
        "failed": 1,
        "skipped": 1,
        "unknown": 1,
    }


def test_progress_of_many_in_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    survey = invited(2)
    mailings = [make.mailed(survey), make.mailed(survey, "reminder"), make.mailed(survey, "reminder", ordinal=2)]
    with django_assert_num_queries(1):
        counts = distributing.progress_of(mailings)
    assert [counts[mailing.pk]["waiting"] for mailing in mailings] == [2, 2, 2]
