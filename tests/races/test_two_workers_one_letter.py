"""Several workers at the same rows at the same moment: each letter is one worker's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from consult import claiming, delivering, distributing, sweeping
from consult.distributing import NotSchedulable
from consult.models import Letter, Mailing
from surveys.models import Survey
from tests import make
from tests.sink import Sink
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 6


def at_once(deed: Callable[[], Any], times: int = WORKERS) -> list[Any]:
    """What the deed returns or raises in each of several threads that start together."""
    return together([deed] * times)


def asked(count: int) -> Survey:
    survey = make.opened()
    make.invited(survey, [make.person(number) for number in range(count)])
    return survey


def test_a_letter_is_claimed_by_one() -> None:
    make.mailed(asked(40))
    claims = at_once(lambda: claiming.claim(make.DURING, 15))
    hands = [hand for claim in claims if claim is not None for hand in claim.hands]
    assert len(hands) == len(set(hands))
    assert {epoch for _letter, epoch in hands} == {1}
    assert Letter.objects.filter(status="claimed").count() == len(hands)


def test_workers_together_send_each_letter_once(server: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "BATCH", 7)
    make.mailed(asked(60))
    handled = at_once(lambda: delivering.deliver_all(make.DURING))
    # A worker that finds all rows in others' hands goes home; the last letters are the next call's.
    assert sum(handled) + delivering.deliver_all(make.DURING) == 60
    assert sorted(server.times().values()) == [1] * 60
    assert set(Letter.objects.values_list("status", "epoch")) == {("sent", 1)}


def test_queueing_at_once_writes_each_letter_once() -> None:
    distributing.schedule(asked(30), "invitation", make.OPENS)
    assert sorted(at_once(lambda: distributing.queue_due(make.DURING))) == [0] * (WORKERS - 1) + [30]
    assert Letter.objects.count() == 30


def test_queueing_at_once_without_the_note_still_writes_each_once() -> None:
    """The unique row is what counts: take the note away under the feet of those who queue."""
    distributing.schedule(asked(30), "invitation", make.OPENS)

    def queue() -> int:
        written = distributing.queue_due(make.DURING)
        Mailing.objects.update(queued_at=None)
        return written + distributing.queue_due(make.DURING)

    assert sum(at_once(queue)) == 30
    assert Letter.objects.count() == 30


def test_one_of_two_who_plan_the_same_round_is_told() -> None:
    survey = asked(1)
    outcomes = at_once(lambda: distributing.schedule(survey, "reminder", make.DURING))
    assert sum(isinstance(outcome, Mailing) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, NotSchedulable) for outcome in outcomes) == WORKERS - 1


def test_sweepers_at_once_decide_each_letter_once() -> None:
    make.mailed(asked(30))
    claim = claiming.claim(make.DURING, 30)
    assert claim is not None
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE consult_letter SET status = CASE WHEN id %% 2 = 0 THEN 'sending' ELSE status END, "
            "lease_until = clock_timestamp() - interval '1 s'",
            [],
        )
    assert sum(at_once(lambda: sweeping.sweep(make.DURING))) == 30
    assert set(Letter.objects.values_list("status", flat=True)) == {"pending", "unknown"}


def test_pausing_while_others_send(server: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "GROUP", 2)
    mailing = make.mailed(asked(40))
    server.delay = 0.005
    outcomes = at_once(lambda: distributing.pause(mailing, make.DURING) or delivering.deliver_all(make.DURING))
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert set(Letter.objects.values_list("status", flat=True)) <= {"pending", "sent"}
    assert Letter.objects.filter(status="sent").count() == len(server.taken)
