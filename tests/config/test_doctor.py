"""The doctor: a line for each thing looked at, and exit status 1 when one is wrong."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from pytest_django import Settings

from consult.models import Letter
from surveys.box import keyring
from surveys.models import Closing
from tests import make
from tests.sink import Sink

pytestmark = pytest.mark.django_db

SECRET = "a-password-nobody-may-read"


@pytest.fixture(autouse=True)
def mail_server(settings: Settings) -> Iterator[Sink]:
    # The test runner has put a backend in memory in its place.
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with Sink() as running:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*_: Any, **__: Any) -> None:
        raise OperationalError(f"connection failed for user postgres with password {SECRET}")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", refuse)
    yield
    monkeypatch.undo()


def doctor() -> tuple[list[str], str]:
    """(lines that are not about fine things, the refusal or "")."""
    output, refusal = io.StringIO(), ""
    try:
        call_command("doctor", stdout=output)
    except CommandError as error:
        refusal = str(error)
    lines = output.getvalue().splitlines()
    # Every folder of a test lies on one volume.
    return [line for line in lines if line[0] in "✗!–" and "raadslag.W002" not in line], refusal


def test_all_is_well() -> None:
    make.opened()
    output = io.StringIO()
    call_command("doctor", stdout=output)
    lines = output.getvalue().splitlines()
    subjects = [line[2:].partition(":")[0] for line in lines if line.startswith("✓")]
    assert subjects == ["Settings", "Database", "Redis", "Migrations", "Clock", "Keys", "Closings", "Letters", "Mail"]
    assert lines[-1] == "Everything is in order."


def test_it_takes_no_letter_and_no_row(mail_server: Sink) -> None:
    assert doctor() == ([], "")
    assert mail_server.taken == []


def test_a_database_that_does_not_answer_is_one_fault(no_database: None) -> None:
    lines, refusal = doctor()
    assert lines == [
        "✗ Database: does not answer (OperationalError). Look at DATABASE_URL.",
        *(
            f"– {subject}: not looked at, because the database does not answer."
            for subject in ("Migrations", "Clock", "Keys", "Closings", "Letters")
        ),
    ]
    assert refusal == "Not in order: 1."


def test_a_fault_is_an_exit_status_for_scripts(no_database: None) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("doctor", stdout=io.StringIO())
    assert refusal.value.returncode == 1


def test_a_redis_that_does_not_answer(settings: Settings) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": f"redis://:{SECRET}@127.0.0.1:1/0"}}
    assert doctor() == (["✗ Redis: does not answer (ConnectionError). Look at REDIS_URL."], "Not in order: 1.")


def test_a_migration_that_is_not_applied() -> None:
    last = max(name for app, name in MigrationLoader(connection).graph.leaf_nodes() if app == "consult")
    MigrationRecorder.Migration.objects.filter(app="consult", name=last).delete()
    lines, _refusal = doctor()
    assert lines == [f"✗ Migrations: not applied: consult.{last}. Run manage.py migrate."]


def test_a_clock_that_differs_from_the_databases() -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        lines, _refusal = doctor()
    assert [line.partition("from")[0] for line in lines] == ["✗ Clock: 60.0 seconds "]


def test_a_lost_replica_of_a_survey_in_the_field(settings: Settings) -> None:
    survey = make.opened("pulse-2026")
    (Path(settings.KEYRING[1]) / f"{survey.key_id}.key").unlink()
    lines, _refusal = doctor()
    assert lines == ["✗ Keys of pulse-2026: replica 2 is missing. See docs/operations.md, Key lost."]


def test_a_destroyed_key_is_no_fault() -> None:
    survey = make.in_field("pulse-2026", state="closed")
    keyring.create(survey.key_id)
    keyring.destroy(survey.key_id)
    assert doctor() == ([], "")


def test_a_closing_held_up_by_answers_that_do_not_open() -> None:
    survey = make.in_field("pulse-2026", state="open")
    Closing.objects.create(survey=survey, started_at=make.AFTER, unreadable=2)
    keyring.create(survey.key_id)
    told = "✗ Closing of pulse-2026: sealed answers that do not open: 2. Nothing has been destroyed."
    assert doctor() == ([f"{told} See docs/operations.md, Answers that do not open."], "Not in order: 1.")
    # What people have decided to go on without is no fault.
    Closing.objects.update(mixed_at=make.AFTER, left_out=2)
    assert doctor() == ([], "")


def test_letters_that_nobody_sends() -> None:
    survey = make.opened()
    make.invited(survey, [make.person(1)])
    mailing = make.mailed(survey)
    Letter.objects.update(not_before=timezone.now() - timedelta(minutes=11))
    assert doctor()[0] == ["✗ Letters: some have been due for more than ten minutes. Do worker and beat run?"]
    type(mailing).objects.update(paused_at=timezone.now())
    assert doctor()[0] == []


def test_letters_of_unknown_fate_are_pointed_out_and_no_fault() -> None:
    survey = make.opened()
    make.invited(survey, [make.person(1)])
    make.mailed(survey)
    Letter.objects.update(status="unknown")
    assert doctor() == (["! Letters: the fate of some is unknown, and a person must decide about them."], "")


def test_a_mail_server_that_does_not_answer(settings: Settings) -> None:
    settings.EMAIL_PORT = 1
    assert doctor()[0] == ["✗ Mail: 127.0.0.1:1 cannot be used (ConnectionRefusedError). Look at EMAIL_URL."]


def test_a_mail_server_that_does_not_take_the_password(settings: Settings, mail_server: Sink) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "raadslag", SECRET
    lines, _refusal = doctor()
    assert lines == [f"✗ Mail: 127.0.0.1:{mail_server.port} cannot be used (SMTPNotSupportedError). Look at EMAIL_URL."]


def test_mail_that_is_not_smtp(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    told = "✗ Settings: EMAIL_URL is no address of a mail server: letters are sent by SMTP only."
    assert doctor()[0] == [
        f"{told} Use smtp://, smtp+tls:// or smtp+ssl://. (raadslag.E005)",
        "– Mail: not looked at, because EMAIL_URL names no mail server.",
    ]


def test_the_demos_mail_is_not_looked_at(settings: Settings) -> None:
    settings.DEMO, settings.EMAIL_PORT = True, 1
    assert doctor() == (["– Mail: the demo has a mailbox of its own."], "")


def test_settings_that_break_a_promise(settings: Settings) -> None:
    settings.DISCLOSURE_K = 3
    assert doctor() == (["✗ Settings: DISCLOSURE_K is below 5. (raadslag.E004)"], "Not in order: 1.")


def test_every_fault_is_told_and_counted(settings: Settings) -> None:
    settings.EMAIL_PORT, settings.DISCLOSURE_K = 1, 3
    lines, refusal = doctor()
    assert (len(lines), refusal) == (2, "Not in order: 2.")
