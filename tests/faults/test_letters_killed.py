"""Workers killed at any moment, mail servers that fail in any way: every letter is accounted for.

LETTER_KILLS sets how many kills a run makes; the seed is printed with a failure.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import redis
from celery import current_app
from django.conf import settings as django_settings
from django.db import connection
from pytest_django import Settings

from config.celery import app
from consult import delivering, sweeping, tasks
from consult.models import Letter, Mailing
from surveys.models import Survey
from tests import make
from tests.sink import DROP, Sink

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

KILLS = int(os.environ.get("LETTER_KILLS", "40"))
LETTERS = 400
ROOT = Path(__file__).resolve().parent.parent.parent


def environment(server: Sink) -> dict[str, str]:
    """For a process of its own: this test's database and mail server."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return {
        **os.environ,
        "DATABASE_URL": urlunsplit(database),
        "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LOG_LEVEL": "ERROR",
    }


class Worker:
    """Children that deliver letters, to be killed."""

    def __init__(self, server: Sink) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.letter_worker"],
            cwd=ROOT,
            env=environment(server),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._read() == "ready"

    def run(self, seconds: float | None) -> bool:
        """Let a child deliver; kill it after so long. Whether it was killed in the middle of its work."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{make.DURING.isoformat()}\n")
        self.process.stdin.flush()
        child = int(self._read())
        if seconds is not None:
            time.sleep(seconds)
            os.kill(child, signal.SIGKILL)  # a child that has ended is still there until it is waited for
        return int(self._read()) == -signal.SIGKILL

    def end(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(10)

    def _read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@pytest.fixture
def server(settings: Settings) -> Iterator[Sink]:
    with Sink() as running:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


@pytest.fixture
def worker(server: Sink) -> Iterator[Worker]:
    running = Worker(server)
    yield running
    running.end()


def asked(count: int, kind: str = "invitation", answered: int = 0, **plan: object) -> Mailing:
    survey = make.opened(**plan)  # type: ignore[arg-type]
    invitations = make.invited(survey, [make.person(number) for number in range(count)])
    for invitation in invitations[:answered]:
        make.answered(make.voter(survey, invitation.pk))
    return make.mailed(survey, kind)


def sweep() -> None:
    """As the timetable would, once the leases of the dead are over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE consult_letter SET lease_until = clock_timestamp() - interval '1 s' WHERE lease_until IS NOT NULL"
        )
    sweeping.sweep(make.DURING)


def test_killed_at_random_moments(server: Sink, worker: Worker) -> None:
    """Nothing lost, nothing doubled; at most the one letter on the line at each kill is left to a person."""
    seed = random.randrange(10**9)
    chance = random.Random(seed)
    mailing = asked(LETTERS)
    server.at_data = lambda recipient: time.sleep(chance.choice((0, 0, 0.001, 0.004)))  # type: ignore[func-returns-value]
    kills = 0
    while Letter.objects.filter(status="pending").exists() and kills < KILLS:
        kills += worker.run(chance.uniform(0.005, 0.12))
        sweep()
    assert kills > 5, "too few kills to prove anything"
    server.at_data = lambda recipient: None
    assert worker.run(None) is False

    arrived = server.times()
    by_status: dict[str, int] = {}
    for message_id, status in Letter.objects.values_list("message_id", "status"):
        by_status[status] = by_status.get(status, 0) + 1
        assert status in ("sent", "unknown"), seed
        assert arrived[message_id] == 1 or (status == "unknown" and arrived[message_id] == 0), seed
    assert sum(by_status.values()) == LETTERS
    assert by_status.get("unknown", 0) <= kills, seed

    # The person decides: send them again. What arrives twice is the same letter, byte for byte.
    unknown = by_status.get("unknown", 0)
    sweeping.settle_unknown(mailing, send_again=True, now=make.DURING)
    assert worker.run(None) is False
    assert Letter.objects.filter(status="sent").count() == LETTERS
    letters: dict[str, set[bytes]] = {}
    for message, (_recipient, content) in zip(server.messages, server.taken, strict=True):
        letters.setdefault(str(message["Message-ID"]), set()).add(content)
    assert len(letters) == LETTERS
    assert {len(contents) for contents in letters.values()} == {1}, seed
    assert LETTERS <= len(server.taken) <= LETTERS + unknown


def test_killed_while_the_mail_server_fails_in_every_way(server: Sink, worker: Worker) -> None:
    seed = random.randrange(10**9)
    chance = random.Random(seed)
    asked(LETTERS)

    def fails(_recipient: str) -> str | None:
        return chance.choices((None, "451 4.2.0 Busy", "421 4.3.2 Bye", DROP, "lose"), (80, 5, 5, 5, 5))[0]

    server.at_data = server.at_rcpt = fails
    kills = 0
    for _round in range(KILLS):
        kills += worker.run(chance.uniform(0.005, 0.12))
        sweep()
        Letter.objects.filter(status="pending").update(not_before=make.OPENS)
    server.at_data = server.at_rcpt = lambda recipient: None
    while worker.run(None) or Letter.objects.filter(status="pending").exists():
        Letter.objects.filter(status="pending").update(not_before=make.OPENS)

    arrived = server.times()
    rows = dict(Letter.objects.values_list("message_id", "status"))
    assert len(rows) == LETTERS
    assert set(rows.values()) <= {"sent", "unknown"}, seed
    assert [one for one, status in rows.items() if status == "sent" and arrived[one] != 1] == [], seed
    assert [one for one, status in rows.items() if arrived[one] > 1] == [], seed


def test_selective_reminders_killed(server: Sink, worker: Worker) -> None:
    """Nobody who has answered is ever sent one, nobody gets two, and no row tells who was."""
    seed = random.randrange(10**9)
    chance = random.Random(seed)
    asked(120, "reminder", answered=60, strict_reminders=False)
    for _round in range(KILLS // 4):
        worker.run(chance.uniform(0.005, 0.06))
        sweep()
    worker.run(None)
    assert set(Letter.objects.values_list("status", flat=True)) <= {"done", "unknown"}
    numbers = [int(recipient.removeprefix("person").split("@")[0]) for recipient in server.recipients]
    assert min(numbers) >= 60, seed
    assert len(numbers) == len(set(numbers)), seed
    assert set(Letter.objects.filter(status="done").values_list("attempts", "epoch", "dated_at", "smtp_reply")) == {
        (0, 0, None, "")
    }


def test_a_paused_worker_sends_nothing_after_its_time(server: Sink, worker: Worker) -> None:
    """Stopped, swept, woken: it finds that others have taken over. Nothing arrives twice."""
    asked(60)
    server.delay = 0.01
    assert worker.process.stdin is not None
    worker.process.stdin.write(f"{make.DURING.isoformat()}\n")
    worker.process.stdin.flush()
    child = int(worker._read())
    time.sleep(0.15)
    os.kill(child, signal.SIGSTOP)
    sweep()
    server.delay = 0
    assert delivering.deliver_all(make.DURING) > 0
    # Its shift is over by the clock it looks at: the test cannot wait five minutes, so it ends it.
    os.kill(child, signal.SIGKILL)
    worker._read()
    arrived = server.times()
    rows = dict(Letter.objects.values_list("message_id", "status"))
    assert set(rows.values()) <= {"sent", "unknown"}
    assert [one for one in rows if arrived[one] > 1] == []


def test_an_empty_broker_loses_nothing(server: Sink) -> None:
    """What Redis holds is only a wake-up call; the letters are rows, and the next call finds them."""
    asked(25)
    broker = redis.Redis.from_url(
        django_settings.CELERY_BROKER_URL.replace("redis+socket", "unix").replace("virtual_host", "db")
    )
    for _call in range(3):
        tasks.deliver_letters.delay()
    assert broker.llen("celery") == 3
    broker.flushall()
    assert broker.llen("celery") == 0
    assert Letter.objects.filter(status="pending").count() == 25

    celery = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "config.celery", "worker", "--pool", "solo", "--loglevel", "ERROR"],
        cwd=ROOT,
        env=environment(server),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        Survey.objects.update(closes_at="2999-01-01T00:00:00Z")  # this worker has the real time
        tasks.deliver_letters.delay()
        until = time.monotonic() + 30
        while Letter.objects.exclude(status="sent").exists() and time.monotonic() < until:
            time.sleep(0.1)
    finally:
        celery.terminate()
        celery.wait(20)
    assert set(Letter.objects.values_list("status", flat=True)) == {"sent"}
    assert sorted(server.times().values()) == [1] * 25
