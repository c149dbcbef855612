"""Reminders: to those who lack an answer, without a trace of who they were."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from consult import claiming, delivering, distributing, reminding, sweeping
from consult.claiming import Outcome
from consult.models import Invitation, Letter, LetterStatus
from surveys.models import Survey
from tests import make, sink
from tests.sink import DROP, Sink

pytestmark = pytest.mark.django_db

LATER = make.DURING + timedelta(hours=6)


def asked(count: int, answered: int, *, strict: bool = False) -> tuple[Survey, list[Invitation]]:
    """A survey with reminders queued for `count`, of whom the first `answered` have answered."""
    survey = make.opened(strict_reminders=strict)
    invitations = make.invited(survey, [make.person(number) for number in range(1, count + 1)])
    for invitation in invitations[:answered]:
        make.answered(make.voter(survey, invitation.pk))
    make.mailed(survey, "reminder")
    return survey, invitations


def rows(*excluded: str) -> list[dict]:
    """All there is in the letters' rows, apart from what differs from any letter to any other."""
    own = {"id", "invitation_id", "message_id", *excluded}
    return [{key: value for key, value in row.items() if key not in own} for row in Letter.objects.values()]


def test_only_those_who_lack_an_answer_are_sent_one(server: Sink) -> None:
    asked(4, answered=2)
    assert delivering.deliver_batch(make.DURING) == 4
    assert sorted(server.recipients) == ["person3@example.org", "person4@example.org"]


def test_a_draft_is_no_answer(server: Sink) -> None:
    from surveys import answering

    survey, invitations = asked(1, answered=0)
    answering.save(make.voter(survey, invitations[0].pk), "ABCDEFGH", {"Q2": {"option": "good"}}, "nb", make.DURING)
    delivering.deliver_batch(make.DURING)
    assert server.recipients == ["person1@example.org"]


def test_the_rows_do_not_tell_who_was_sent_one(server: Sink) -> None:
    asked(6, answered=3)
    delivering.deliver_batch(make.DURING)
    assert len(server.recipients) == 3
    assert Counter(str(row) for row in rows()).most_common() == [(str(rows()[0]), 6)]
    assert rows()[0] | {"mailing_id": 0} == {
        "mailing_id": 0,
        "kind": "reminder",
        "ordinal": 1,
        "status": "done",
        "epoch": 0,
        "lease_until": None,
        "attempts": 0,
        "not_before": make.OPENS,
        "dated_at": None,
        "language": "nb",
        "template_version": "",
        "smtp_reply": "",
    }


@pytest.mark.django_db(transaction=True)
def test_the_rows_are_written_together(server: Sink) -> None:
    """The transaction that wrote a row does not tell who was sent one; for its place on disk see `concealed`."""
    asked(6, answered=3)
    delivering.deliver_batch(make.DURING)
    assert len(server.recipients) == 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT xmin::text), count(DISTINCT cmin::text) FROM consult_letter")
        assert cursor.fetchone() == (1, 1)


def test_while_they_are_sent_all_look_the_same(server: Sink) -> None:
    asked(4, answered=2)
    seen: list[str] = []

    def look(_recipient: str) -> None:
        seen.append("called")

    states: list[list[dict]] = []
    spared = reminding.spared

    def watched(survey: Survey, invitations: list) -> set:
        states.append(rows("lease_until"))
        return spared(survey, invitations)

    server.at_data = look
    reminding.spared, kept = watched, reminding.spared
    try:
        delivering.deliver_batch(make.DURING)
    finally:
        reminding.spared = kept
    assert len(seen) == 2
    assert all(row == states[0][0] for row in states[0])
    assert states[0][0]["status"] == "sending"


def test_the_memory_and_the_disk_keep_nothing(server: Sink, settings: Settings, tmp_path) -> None:
    settings.DATA_DIR = tmp_path
    asked(4, answered=2)
    server.at_data = lambda recipient: str(list(tmp_path.rglob("*.journal")) or "") or None
    delivering.deliver_batch(make.DURING)
    assert len(server.recipients) == 2
    assert list(tmp_path.rglob("*.journal")) == []


def test_strict_mode_sends_to_everyone_and_says_so(server: Sink) -> None:
    asked(3, answered=2, strict=True)
    delivering.deliver_batch(make.DURING)
    assert len(server.recipients) == 3
    assert {row["status"] for row in rows()} == {"sent"}
    words = {"en": "If you have already answered, thank you: you can ignore this letter."}
    Letter.objects.update(status="pending", language="en")
    delivering.deliver_batch(make.DURING)
    assert all(words["en"] in sink.text(message) for message in server.messages[3:])


def test_switching_to_strict_in_between_counts(server: Sink) -> None:
    survey, _invitations = asked(3, answered=2)
    Survey.objects.filter(pk=survey.pk).update(strict_reminders=True)
    delivering.deliver_batch(make.DURING)
    assert len(server.recipients) == 3


def test_invitations_are_never_spared(server: Sink) -> None:
    survey, _invitations = asked(2, answered=2)
    distributing.schedule(survey, "invitation", make.OPENS)
    distributing.queue_due(make.DURING)
    delivering.deliver_all(make.DURING)
    assert len(server.recipients) == 2


# --- When the mail server says no ---------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["550 5.1.1 No such user", DROP])
def test_what_ends_badly_is_done_as_well(server: Sink, answer: str) -> None:
    asked(4, answered=2)
    server.at_data = lambda recipient: answer
    delivering.deliver_batch(make.DURING)
    assert all(row == rows()[0] for row in rows())
    assert rows()[0]["status"] == "done"


def test_what_must_wait_takes_as_many_of_the_others_along(server: Sink) -> None:
    asked(8, answered=4)
    server.at_data = lambda recipient: "451 4.2.0 Busy" if recipient[6] in "56" else None
    delivering.deliver_batch(make.DURING)
    numbers = {
        status: [
            int(number)
            for number in Letter.objects.filter(status=status).values_list("invitation__person__number", flat=True)
        ]
        for status in ("pending", "done")
    }
    assert sum(number <= 4 for number in numbers["pending"]) == 2
    assert sum(number > 4 for number in numbers["pending"]) == 2
    waiting = [row for row in rows() if row["status"] == "pending"]
    assert all(row == waiting[0] for row in waiting)
    assert waiting[0]["smtp_reply"] == ""
    server.at_data = lambda recipient: None
    delivering.deliver_batch(LATER)
    assert sorted(server.recipients) == [f"person{number}@example.org" for number in (5, 6, 7, 8)]
    assert all(row == rows()[0] for row in rows())


def test_policy_pauses_and_leaves_no_mark(server: Sink) -> None:
    survey, _invitations = asked(6, answered=3)
    server.at_rcpt = lambda recipient: "550 5.7.1 Not allowed"
    delivering.deliver_batch(make.DURING)
    mailing = survey.mailings.get()
    assert mailing.paused_at == make.DURING
    assert all(row == rows()[0] for row in rows())
    assert rows()[0]["status"] == "pending"
    assert rows()[0]["smtp_reply"] == ""


def test_concealing_keeps_the_proportion() -> None:
    for unanswered, deferred, answered in [
        (1, 1, 1),
        (10, 1, 10),
        (10, 3, 5),
        (4, 4, 9),
        (7, 2, 0),
        (3, 0, 5),
        (0, 0, 4),
    ]:
        sent = [
            Outcome(number, 1, LetterStatus.PENDING if number < deferred else LetterStatus.SENT, LATER, "said")
            for number in range(unanswered)
        ]
        others = [Outcome(100 + number, 1, LetterStatus.DONE) for number in range(answered)]
        outcomes = reminding.concealed(sent, others)
        assert [outcome.letter for outcome in outcomes] == sorted(one.letter for one in (*sent, *others))
        back = [outcome for outcome in outcomes if outcome.status == LetterStatus.PENDING]
        decoys = sum(outcome.letter >= 100 for outcome in back)
        assert decoys == (-(-answered * deferred // unanswered) if deferred else 0)
        for status in (LetterStatus.PENDING, LetterStatus.DONE):
            looks = {(o.not_before, o.reply, o.tried, o.epoch) for o in outcomes if o.status == status}
            assert len(looks) <= 1


# --- When the worker dies ---------------------------------------------------------------------------------------


def test_a_dead_worker_leaves_the_whole_group_alike(server: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    survey, _invitations = asked(4, answered=2)

    def dies(_outcomes: list) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(claiming, "record", dies)
        with pytest.raises(KeyboardInterrupt):
            delivering.deliver_batch(make.DURING)
    assert len(server.recipients) == 2
    with connection.cursor() as cursor:
        cursor.execute("UPDATE consult_letter SET lease_until = clock_timestamp() - interval '1 s'")
    assert sweeping.sweep(LATER) == 4
    assert all(row == rows()[0] for row in rows())
    assert rows()[0]["status"] == "unknown"
    mailing = survey.mailings.get()
    assert sweeping.settle_unknown(mailing, send_again=False, now=LATER) == 4
    assert {(row["status"], row["epoch"], row["dated_at"]) for row in rows()} == {("done", 0, None)}


def test_sending_again_asks_anew_who_has_answered(server: Sink) -> None:
    survey, invitations = asked(3, answered=1)
    Letter.objects.update(status="unknown", epoch=1, attempts=1)
    make.answered(make.voter(survey, invitations[1].pk))
    assert sweeping.settle_unknown(survey.mailings.get(), send_again=True, now=make.DURING) == 3
    delivering.deliver_batch(make.DURING)
    assert server.recipients == ["person3@example.org"]
