"""Letters go out effectively once, whatever the mail server does."""

from __future__ import annotations

import base64
import errno
import hashlib
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from pytest_django import DjangoAssertNumQueries, Settings

from consult import claiming, delivering, distributing, sweeping
from consult.models import Address, Invitation, Letter, LetterStatus, Mailing
from surveys.models import Survey
from tests import make
from tests.sink import DROP, Sink, link

pytestmark = pytest.mark.django_db

LATER = make.DURING + timedelta(hours=6)


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
    # claim; mailing with survey and edition; a corrected title; drafts; intent (in a savepoint, here in a test's
    # transaction); outcomes
    with django_assert_num_queries(8):
        assert delivering.deliver_batch(make.DURING) == 1
    monkeypatch.setattr(delivering, "BATCH", 3)
    with django_assert_num_queries(8):
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
