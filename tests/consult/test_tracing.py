"""What became of letters whose worker died: the journal, and the mail server's log."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from consult import claiming, composing, sweeping, tracing
from consult.models import Letter
from consult.tracing import Journal, Trace
from surveys.models import Survey
from tests import make

HANDS = [(1, 4), (2, 1), (3, 9), (4, 2)]


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def journal_of_a_killed_worker() -> Path:
    journal = Journal(HANDS)
    journal.write(Trace.TRYING, 1)
    journal.write(Trace.TAKEN, 1)
    journal.write(Trace.TRYING, 2)
    journal.write(Trace.REFUSED, 2)
    journal.write(Trace.TRYING, 3)
    journal.close(keep=True)
    (path,) = tracing._journals()
    return path


def test_how_far_each_came() -> None:
    path = journal_of_a_killed_worker()
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert tracing.traces() == {
        (1, 4): Trace.TAKEN,
        (2, 1): Trace.REFUSED,
        (3, 9): Trace.TRYING,
        (4, 2): Trace.UNTRIED,
    }


def test_a_journal_from_before_the_last_start_is_not_believed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    journal_of_a_killed_worker()
    (tmp_path / "boot").write_text("another-start\n")
    monkeypatch.setattr(tracing, "BOOT_ID", tmp_path / "boot")
    assert tracing.traces() == {}
    monkeypatch.setattr(tracing, "BOOT_ID", tmp_path / "no such file")
    assert tracing.traces() == {}


@pytest.mark.parametrize("damage", [b"tryi", b"\xff\n", b""])
def test_a_damaged_journal_is_not_believed(damage: bytes) -> None:
    path = journal_of_a_killed_worker()
    path.write_bytes(path.read_bytes() + damage if damage else b"")
    assert tracing.traces() == {}
    tracing.forget(set())
    assert not path.exists()


def test_a_journal_is_kept_while_one_of_its_letters_is_in_hand() -> None:
    path = journal_of_a_killed_worker()
    tracing.forget({(4, 2)})
    assert path.exists()
    tracing.forget({(4, 3)})
    assert not path.exists()


def test_a_finished_journal_is_gone() -> None:
    Journal(HANDS).close(keep=False)
    assert tracing._journals() == []


# --- The mail server's log ----------------------------------------------------------------------------------------

LOG = """\
Mar  5 13:00:01 mx postfix/smtpd[11]: 4A1: client=localhost[127.0.0.1]
Mar  5 13:00:01 mx postfix/cleanup[12]: 4A1: message-id=<one@testserver>
Mar  5 13:00:01 mx postfix/qmgr[13]: 4A1: from=<no-reply@testserver>, size=3200, nrcpt=1 (queue active)
Mar  5 13:00:02 mx postfix/cleanup[12]: 4A2: message-id=<two@testserver>
Mar  5 13:00:02 mx postfix/smtpd[11]: lost connection after DATA (2000 bytes) from localhost[127.0.0.1]
"""


def test_found_is_queued_not_merely_begun(settings: Settings, tmp_path: Path) -> None:
    settings.MTA_LOG = str(tmp_path / "mail.log")
    Path(settings.MTA_LOG).write_text(LOG)
    assert tracing.fates(["<one@testserver>", "<two@testserver>", "<three@testserver>"]) == {
        "<one@testserver>": True,
        "<two@testserver>": False,
        "<three@testserver>": False,
    }
    assert tracing.fate("<one@testserver>") is True


def test_the_log_before_this_one_counts(settings: Settings, tmp_path: Path) -> None:
    settings.MTA_LOG = str(tmp_path / "mail.log")
    (tmp_path / "mail.log.1").write_text(LOG)
    (tmp_path / "mail.log").write_text("")
    assert tracing.fate("<one@testserver>") is True


def test_no_log_is_no_answer(settings: Settings, tmp_path: Path) -> None:
    assert tracing.fate("<one@testserver>") is None
    settings.MTA_LOG = str(tmp_path / "missing.log")
    assert tracing.fate("<one@testserver>") is None
    Path(settings.MTA_LOG).write_text("")
    assert tracing.fate("<one@testserver>") is None


# --- What the sweep makes of it -----------------------------------------------------------------------------------


def sending(count: int, kind: str = "invitation", **plan: bool) -> list[Letter]:
    """Letters that were being sent when their worker died, long ago."""
    survey = make.opened(**plan)
    make.invited(survey, [make.person(number) for number in range(count)])
    make.mailed(survey, kind)
    claim = claiming.claim(make.DURING, count)
    assert claim is not None
    composer = composing.Composer(survey, kind)
    drafts, _unwanted = claiming.drafts(claim.hands)
    assert len(claiming.intend([composer.compose(draft, make.DURING) for draft in drafts])) == count
    with connection.cursor() as cursor:
        cursor.execute("UPDATE consult_letter SET lease_until = clock_timestamp() - interval '1 s'")
    return list(Letter.objects.order_by("id"))


@pytest.mark.django_db
def test_the_log_decides_where_the_journal_cannot(settings: Settings, tmp_path: Path) -> None:
    first, _second = sending(2)
    settings.MTA_LOG = str(tmp_path / "mail.log")
    Path(settings.MTA_LOG).write_text(LOG.replace("<one@testserver>", first.message_id))
    assert sweeping.sweep(make.DURING) == 2
    assert list(Letter.objects.order_by("id").values_list("status", "attempts")) == [("sent", 1), ("pending", 1)]


@pytest.mark.django_db
@pytest.mark.parametrize("switched", [False, True])
def test_the_log_is_not_asked_about_reminders_that_may_have_been_selective(
    settings: Settings, tmp_path: Path, switched: bool
) -> None:
    """It knows the first only: that one had not answered. No row may tell it from the others."""
    first, *_others = sending(3, "reminder", strict_reminders=False)
    settings.MTA_LOG = str(tmp_path / "mail.log")
    Path(settings.MTA_LOG).write_text(LOG.replace("<one@testserver>", first.message_id))
    if switched:
        Survey.objects.update(strict_reminders=True)
    assert sweeping.sweep(make.DURING) == 3
    own = {"id", "invitation_id", "message_id"}
    rows = [{key: value for key, value in row.items() if key not in own} for row in Letter.objects.values()]
    assert [row["status"] for row in rows] == ["unknown"] * 3
    assert all(row == rows[0] for row in rows)


@pytest.mark.django_db
def test_the_log_is_asked_about_reminders_that_went_to_everyone(settings: Settings, tmp_path: Path) -> None:
    first, second = sending(2, "reminder")
    settings.MTA_LOG = str(tmp_path / "mail.log")
    Path(settings.MTA_LOG).write_text(LOG.replace("<one@testserver>", first.message_id))
    journal = Journal([(letter.pk, letter.epoch) for letter in (first, second)])
    for letter in (first, second):
        journal.write(Trace.TRYING, letter.pk)
    journal.close(keep=True)
    assert sweeping.sweep(make.DURING) == 2
    assert list(Letter.objects.order_by("id").values_list("status", flat=True)) == ["sent", "pending"]


@pytest.mark.django_db
def test_with_neither_a_person_decides() -> None:
    sending(1)
    assert sweeping.sweep(make.DURING) == 1
    assert Letter.objects.get().status == "unknown"


@pytest.mark.django_db
def test_the_journal_decides_before_the_log(settings: Settings, tmp_path: Path) -> None:
    taken, trying, untried = sending(3)
    settings.MTA_LOG = str(tmp_path / "mail.log")
    Path(settings.MTA_LOG).write_text(LOG)
    journal = Journal([(letter.pk, letter.epoch) for letter in (taken, trying, untried)])
    journal.write(Trace.TRYING, taken.pk)
    journal.write(Trace.TAKEN, taken.pk)
    journal.write(Trace.TRYING, trying.pk)
    journal.close(keep=True)
    assert sweeping.sweep(make.DURING) == 3
    assert list(Letter.objects.order_by("id").values_list("status", "attempts")) == [
        ("sent", 1),
        ("pending", 1),
        ("pending", 0),
    ]
    assert tracing._journals() == []
