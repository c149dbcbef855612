"""Letters go out effectively once, whatever the mail server does."""

from __future__ import annotations

import base64
import errno
import hashlib
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from pytest_django import DjangoAssertNumQueries, Settings

from consult import claiming, delivering, distributing, posting, sweeping
from consult.models import Address, Invitation, Letter, LetterStatus, Mailing
from surveys.models import Survey
from tests import make
from tests.sink import DROP, Sink, link

pytestmark = pytest.mark.django_db

LATER = make.DURING + timedelta(hours=6)


@pytest.fixture
def server(settings: Settings) -> Iterator[Sink]:
    with Sink() as running:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


def round_of(count: int, survey: Survey | None = None) -> Mailing:
    """A round of letters to person1@… personN@…, queued."""
    survey = survey or make.opened()
    make.invited(survey, [make.person(number) for number in range(1, count + 1)])
    return make.mailed(survey)


def letters(*fields: str) -> list:
    """The letters' fields, in the order of their people."""
    return list(Letter.objects.order_by("invitation__person__number").values_list(*fields, flat=len(fields) == 1))


def in_order(*fields: str) -> list:
    """The same, in the order they are sent."""
    return list(Letter.objects.order_by("id").values_list(*fields, flat=len(fields) == 1))


def address(number: int) -> str:
    return f"person{number}@example.org"


def let_leases_end() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE consult_letter SET lease_until = clock_timestamp() - interval '1 s' WHERE lease_until IS NOT NULL"
        )


# --- The straight way ---------------------------------------------------------------------------------------


def test_each_gets_one_letter(server: Sink) -> None:
    mailing = round_of(3)
    assert delivering.deliver_batch(make.DURING) == 3
    assert delivering.deliver_batch(make.DURING) == 0
    assert sorted(server.recipients) == [address(1), address(2), address(3)]
    assert (
        letters("status", "attempts", "epoch", "lease_until", "dated_at", "smtp_reply")
        == [("sent", 1, 1, None, make.DURING, "250 2.0.0 Taken")] * 3
    )
    assert server.connections == 1
    assert server.senders == {"no-reply@testserver"}
    assert distributing.progress(mailing) == {
        "total": 3,
        "waiting": 0,
        "sent": 3,
        "failed": 0,
        "skipped": 0,
        "unknown": 0,
    }


def test_statements_do_not_grow_with_the_batch(
    server: Sink, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_of(4)
    monkeypatch.setattr(delivering, "BATCH", 1)
    # claim; mailing with survey and edition; drafts; intent (in a savepoint, here in a test's transaction); outcomes
    with django_assert_num_queries(7):
        assert delivering.deliver_batch(make.DURING) == 1
    monkeypatch.setattr(delivering, "BATCH", 3)
    with django_assert_num_queries(7):
        assert delivering.deliver_batch(make.DURING) == 3


def test_everything_waiting_goes_over_one_connection(server: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    round_of(7)
    monkeypatch.setattr(delivering, "BATCH", 3)
    monkeypatch.setattr(delivering, "GROUP", 2)
    assert delivering.deliver_all(make.DURING) == 7
    assert server.connections == 1
    assert len(server.recipients) == 7


def test_an_empty_table_opens_no_connection(server: Sink) -> None:
    assert delivering.deliver_all(make.DURING) == 0
    assert server.connections == 0


def test_two_rounds_go_out_in_the_order_they_were_due(server: Sink) -> None:
    round_of(1)
    second = make.opened("second")
    make.invited(second, [make.person(9)])
    make.mailed(second, due_at=make.OPENS + timedelta(hours=1))
    assert delivering.deliver_all(make.DURING) == 2
    assert server.recipients == [address(1), address(9)]


def test_not_before_it_is_due(server: Sink) -> None:
    round_of(1)
    Letter.objects.update(not_before=LATER)
    assert delivering.deliver_batch(make.DURING) == 0
    assert delivering.deliver_batch(LATER) == 1


# --- Checked again before sending -----------------------------------------------------------------------------


def test_not_to_those_who_opted_out_or_cannot_be_reached(server: Sink) -> None:
    round_of(4)
    Invitation.objects.filter(person__number="1").update(opted_out_at=make.DURING)
    Address.objects.filter(person__number="2").update(dead_at=make.DURING)
    Address.objects.filter(person__number="3").delete()
    delivering.deliver_batch(make.DURING)
    assert letters("status") == ["skipped", "skipped", "skipped", "sent"]
    assert server.recipients == [address(4)]


def test_not_once_the_survey_is_over(server: Sink) -> None:
    round_of(2)
    delivering.deliver_batch(make.AFTER)
    assert letters("status") == ["skipped", "skipped"]
    assert server.recipients == []


def test_not_before_the_survey_opens(server: Sink) -> None:
    mailing = round_of(1)
    Survey.objects.filter(pk=mailing.survey_id).update(opens_at=LATER)
    delivering.deliver_batch(make.DURING)
    assert letters("status", "not_before") == [("pending", LATER)]
    assert server.recipients == []


def test_a_paused_round_waits_and_goes_on(server: Sink) -> None:
    mailing = round_of(2)
    assert distributing.pause(mailing, make.DURING) is True
    assert distributing.pause(mailing, make.DURING) is False
    assert delivering.deliver_batch(make.DURING) == 0
    assert distributing.resume(mailing) is True
    assert delivering.deliver_batch(make.DURING) == 2


@pytest.mark.parametrize("change", ["pause", "opt out", "stop", "dead"])
def test_what_changes_between_claim_and_intent_is_seen(
    server: Sink, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    mailing = round_of(1)
    intend = claiming.intend

    def meanwhile(envelopes: list) -> dict[int, int]:
        if change == "pause":
            distributing.pause(mailing, make.DURING)
        elif change == "opt out":
            Invitation.objects.update(opted_out_at=make.DURING)
        elif change == "stop":
            Survey.objects.update(stopped_at=make.DURING)
        else:
            Address.objects.update(dead_at=make.DURING)
        return intend(envelopes)

    monkeypatch.setattr(claiming, "intend", meanwhile)
    assert delivering.deliver_batch(make.DURING) == 0
    assert server.recipients == []
    assert letters("status", "attempts") == [("pending", 0)]


# --- What the mail server says ----------------------------------------------------------------------------------


def test_not_now_is_tried_again_later(server: Sink) -> None:
    seen: list[bytes] = []
    round_of(2)
    server.at_data = lambda recipient: "451 4.2.0 Busy" if recipient == address(1) and not seen else None
    delivering.deliver_batch(make.DURING)
    assert letters("status", "attempts", "smtp_reply") == [
        ("pending", 1, "451 4.2.0 Busy"),
        ("sent", 1, "250 2.0.0 Taken"),
    ]
    assert Letter.objects.get(status="pending").not_before == make.DURING + timedelta(minutes=1)
    assert delivering.deliver_batch(make.DURING) == 0
    seen.append(b"")
    assert delivering.deliver_batch(make.DURING + timedelta(minutes=1)) == 1
    assert letters("status", "attempts", "dated_at") == [("sent", 2, make.DURING), ("sent", 1, make.DURING)]
    assert len(server.recipients) == 2


def test_waiting_doubles_up_to_four_hours(server: Sink) -> None:
    round_of(1)
    server.at_rcpt = lambda recipient: "450 4.2.1 Later"
    now = make.DURING
    waits = []
    for _round in range(11):
        assert delivering.deliver_batch(now) == 1
        letter = Letter.objects.get()
        waits.append(int((letter.not_before - now).total_seconds() // 60))
        now = letter.not_before
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240]


@pytest.mark.parametrize("place", ["at_rcpt", "at_data"])
def test_a_refusal_is_the_letters_own_and_the_rest_goes_on(server: Sink, place: str) -> None:
    round_of(3)
    setattr(server, place, lambda recipient: "550 5.1.1 No such user" if recipient == address(2) else None)
    assert delivering.deliver_batch(make.DURING) == 3
    assert letters("status", "smtp_reply") == [
        ("sent", "250 2.0.0 Taken"),
        ("failed", "550 5.1.1 No such user"),
        ("sent", "250 2.0.0 Taken"),
    ]
    assert server.connections == 1


@pytest.mark.parametrize(
    ("place", "answer"),
    [
        ("at_rcpt", "550 5.7.1 Not allowed"),
        ("at_data", "554 5.7.26 Not aligned"),
        ("at_mail", "550 Who are you"),
    ],
)
def test_policy_pauses_the_round_and_marks_nobody(server: Sink, place: str, answer: str) -> None:
    mailing = round_of(3)
    said: list[str] = []

    def once(_who: str) -> str | None:
        said.append(_who)
        return answer if len(said) == 2 else None

    setattr(server, place, once)
    assert delivering.deliver_batch(make.DURING) == 3
    mailing.refresh_from_db()
    assert mailing.paused_at == make.DURING
    assert in_order("status", "attempts", "smtp_reply") == [
        ("sent", 1, "250 2.0.0 Taken"),
        ("pending", 0, answer),
        ("pending", 0, ""),
    ]
    assert delivering.deliver_batch(LATER) == 0
    distributing.resume(mailing)
    assert delivering.deliver_all(LATER) == 2
    assert letters("status") == ["sent", "sent", "sent"]


def test_a_closing_server_is_called_again(server: Sink) -> None:
    round_of(3)
    said: list[str] = []
    server.at_mail = lambda sender: said.append(sender) or ("421 4.3.2 Going down" if len(said) == 2 else None)  # type: ignore[func-returns-value]
    delivering.deliver_batch(make.DURING)
    assert in_order("status") == ["sent", "pending", "sent"]
    assert server.connections == 2


def test_lost_before_the_letter_waits(server: Sink) -> None:
    round_of(2)
    server.at_rcpt = lambda recipient: DROP if recipient == address(1) else None
    delivering.deliver_batch(make.DURING)
    assert letters("status", "attempts") == [("pending", 1), ("sent", 1)]
    assert server.recipients == [address(2)]


@pytest.mark.parametrize(("how", "arrived"), [(DROP, 1), ("lose", 0)])
def test_lost_after_the_letter_is_unknown_and_never_sent_again_by_itself(server: Sink, how: str, arrived: int) -> None:
    mailing = round_of(2)
    server.at_data = lambda recipient: how if recipient == address(1) else None
    delivering.deliver_batch(make.DURING)
    assert letters("status") == ["sending", "sent"]
    assert sweeping.sweep(LATER) == 0  # the lease is not over
    let_leases_end()
    assert sweeping.sweep(LATER) == 1
    assert letters("status", "lease_until") == [("unknown", None), ("sent", None)]
    assert delivering.deliver_all(LATER) == 0
    assert server.recipients.count(address(1)) == arrived
    assert distributing.progress(mailing)["unknown"] == 1


def test_a_person_decides_to_send_again_and_it_is_the_same_letter(server: Sink) -> None:
    mailing = round_of(1)
    server.at_data = lambda recipient: DROP
    delivering.deliver_batch(make.DURING)
    let_leases_end()
    sweeping.sweep(LATER)
    server.at_data = lambda recipient: None
    assert sweeping.settle_unknown(mailing, send_again=True, now=LATER) == 1
    assert sweeping.settle_unknown(mailing, send_again=True, now=LATER) == 0
    delivering.deliver_batch(LATER)
    assert letters("status") == ["sent"]
    assert len(server.taken) == 2
    assert server.taken[0] == server.taken[1]


def test_a_person_decides_to_let_it_be(server: Sink) -> None:
    mailing = round_of(1)
    server.at_data = lambda recipient: DROP
    delivering.deliver_batch(make.DURING)
    let_leases_end()
    sweeping.sweep(LATER)
    assert sweeping.settle_unknown(mailing, send_again=False, now=LATER) == 1
    assert letters("status") == ["sent"]


def test_a_slow_answer_is_waited_for_and_a_silent_one_given_up(
    server: Sink, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    round_of(1)
    server.delay = 0.5  # longer than the usual time-out: a scanner at work
    delivering.deliver_batch(make.DURING)
    assert letters("status") == ["sent"]
    Letter.objects.update(status="pending")
    monkeypatch.setattr(posting, "LAST_ANSWER_SECONDS", 0.2)
    delivering.deliver_batch(make.DURING)
    assert letters("status") == ["sending"]


def test_no_server_at_all(settings: Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    round_of(2)
    assert delivering.deliver_batch(make.DURING) == 0
    assert letters("status", "attempts", "not_before") == [("pending", 0, make.DURING + timedelta(minutes=1))] * 2


def test_an_address_that_no_letter_can_go_to_fails_alone(server: Sink) -> None:
    round_of(3)
    Address.objects.filter(person__number="2").update(email="a b@example.org")
    Address.objects.filter(person__number="3").update(email="x@example.org>\r\nRCPT TO:<evil@example.org")
    delivering.deliver_batch(make.DURING)
    assert letters("status") == ["sent", "failed", "failed"]
    assert letters("smtp_reply")[1:] == [delivering.NOT_MAILABLE] * 2
    assert server.recipients == [address(1)]


# --- Time, disk, and workers that went away ---------------------------------------------------------------------


def test_a_worker_whose_shift_is_over_gives_the_rest_back(server: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    round_of(3)
    server.at_data = lambda recipient: monkeypatch.setattr(delivering, "_clock", lambda: float("inf"))  # type: ignore[func-returns-value]
    delivering.deliver_batch(make.DURING)
    assert in_order("status", "attempts") == [("sent", 1), ("pending", 0), ("pending", 0)]


def test_a_lease_that_was_taken_over_leaves_the_late_worker_powerless(server: Sink) -> None:
    round_of(1)
    late = claiming.claim(make.DURING, 10)
    assert late is not None
    let_leases_end()
    assert sweeping.sweep(make.DURING) == 1
    delivering.deliver_batch(make.DURING)
    assert letters("status", "epoch") == [("sent", 2)]
    assert claiming.drafts(late.hands) == ([], [])
    assert claiming.release(late.hands) == 0
    assert claiming.record([claiming.Outcome(*late.hands[0], LetterStatus.FAILED)]) == 0
    assert letters("status", "epoch") == [("sent", 2)]


def test_a_full_disk_stops_sending_and_loses_nothing(server: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    round_of(3)
    write = os.write

    def full(file: int, data: bytes) -> int:
        if data.startswith(b"trying") and len(server.taken) == 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data)

    monkeypatch.setattr("consult.tracing.os.write", full)
    delivering.deliver_batch(make.DURING)
    assert in_order("status", "attempts") == [("sent", 1), ("pending", 0), ("pending", 0)]


def test_no_journal_no_letter(server: Sink, settings: Settings, tmp_path: Path) -> None:
    round_of(1)
    settings.DATA_DIR = tmp_path / "file"
    settings.DATA_DIR.write_text("in the way")
    assert delivering.deliver_batch(make.DURING) == 0
    assert letters("status", "attempts") == [("pending", 0)]
    assert server.recipients == []


def test_an_outcome_that_could_not_be_recorded_is_found_in_the_journal(
    server: Sink, monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    round_of(3)
    server.at_data = lambda recipient: "451 4.2.0 Busy" if recipient == address(2) else None

    def gone(_outcomes: list) -> int:
        raise OperationalError("the database is gone")

    with monkeypatch.context() as broken:
        broken.setattr(claiming, "record", gone)
        with pytest.raises(OperationalError):
            delivering.deliver_batch(make.DURING)
    assert letters("status") == ["sending"] * 3
    let_leases_end()
    assert sweeping.sweep(LATER) == 3
    assert letters("status") == ["sent", "pending", "sent"]
    assert list((tmp_path / "letters").iterdir()) == []
    server.at_data = lambda recipient: None
    delivering.deliver_all(LATER)
    assert sorted(server.times().values()) == [1, 1, 1]


# --- What is never kept -------------------------------------------------------------------------------------------


def everything_kept(folder: Path) -> str:
    """All rows of all tables and all files of the service, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(f"SELECT row_to_json(kept)::text FROM {table} AS kept")
            rows += [row for (row,) in cursor.fetchall()]
    files = [path.read_bytes().decode("utf-8", "replace") for path in folder.rglob("*") if path.is_file()]
    return "\n".join(rows + files).lower()


def test_the_link_is_kept_nowhere(
    server: Sink, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.DATA_DIR = tmp_path
    caplog.set_level("DEBUG")
    round_of(3)
    # One sent, one uncertain, one refused: every kind of trace there is.
    server.at_data = {address(1): DROP, address(2): "550 5.1.1 No such user"}.get
    kept: list[str] = []
    record = claiming.record

    def looked(outcomes: list, **rest: object) -> int:
        kept.append(everything_kept(tmp_path))  # with the journal still there
        return record(outcomes, **rest)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as watching:
        watching.setattr(claiming, "record", looked)
        delivering.deliver_batch(make.DURING)
    let_leases_end()
    sweeping.sweep(LATER)
    tokens = [link(message).rsplit("/", 1)[1] for message in server.messages]
    assert len(tokens) == 2
    # The mail server of this test, in this very process, logs what it is told.
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name != "mail.log")
    haystack = "\n".join([*kept, everything_kept(tmp_path), logged.lower()])
    assert address(1) in haystack  # the search finds what is there
    assert "trying" in haystack
    for token in tokens:
        raw = base64.b32decode(token.upper() + "=")
        for shape in (
            token[13:],
            hashlib.sha256(token.encode()).hexdigest(),
            hashlib.sha256(token[13:].encode()).hexdigest(),
            raw[8:].hex(),
            base64.b64encode(raw[9:21]).decode().lower(),
        ):
            assert shape not in haystack
