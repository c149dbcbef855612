"""Workers killed at any moment, mail servers that fail in any way: every letter is accounted for.

LETTER_KILLS sets how many kills a run makes; the seed is printed with a failure.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection

from consult import delivering, sweeping, tasks
from consult.models import Letter, Mailing
from surveys.models import Survey
from tests import make
from tests.sink import DROP, Sink

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

KILLS = int(os.environ.get("LETTER_KILLS", "25"))
LETTERS = 10 * KILLS
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

    def __init__(self, server: Sink, **more: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.letter_worker"],
            cwd=ROOT,
            env=environment(server) | more,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._read() == "ready"

    def start(self) -> int:
        """Let a child deliver; a descriptor of it, which never comes to mean another process."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{make.DURING.isoformat()}\n")
        self.process.stdin.flush()
        return os.pidfd_open(int(self._read()))

    def wait(self) -> int:
        """How the child ended."""
        return int(self._read())

    def run(self) -> None:
        """Let a child deliver to its end."""
        os.close(self.start())
        assert self.wait() == 0

    def run_until_killed(self, server: Sink, chance: random.Random) -> bool:
        """Let a child deliver and kill it after some letters, at a random step of the conversation or soon after.

        False when it came to its end first.
        """
        steps = chance.randrange(1, 80)
        delay = chance.choice((0.0, 0.0, 0.0005, 0.002, 0.01, 0.03))
        usual = server.at_mail, server.at_rcpt, server.at_data

        def watched(then: Callable[[str], str | None]) -> Callable[[str], str | None]:
            def step(who: str) -> str | None:
                nonlocal steps
                steps -= 1
                if steps == 0:
                    threading.Timer(delay, kill).start() if delay else kill()
                return then(who)

            return step

        def kill() -> None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(child, signal.SIGKILL)

        child = self.start()
        server.at_mail, server.at_rcpt, server.at_data = (watched(hook) for hook in usual)
        ended = self.wait()
        server.at_mail, server.at_rcpt, server.at_data = usual
        return ended == -signal.SIGKILL

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


def until_some_arrived(server: Sink) -> None:
    until = time.monotonic() + 20
    while len(server.taken) < 5 and time.monotonic() < until:
        time.sleep(0.005)


def sweep() -> None:
    """As the timetable would, once the leases of the dead are over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE consult_letter SET lease_until = clock_timestamp() - interval '1 s' WHERE id IN "
            "(SELECT id FROM consult_letter WHERE lease_until IS NOT NULL ORDER BY id FOR UPDATE)"
        )
    sweeping.sweep(make.DURING)


def test_killed_at_random_moments(server: Sink, worker: Worker) -> None:
    """Nothing lost, nothing doubled; at most the one letter on the line at each kill is left to a person."""
    seed = random.randrange(10**9)
    chance = random.Random(seed)
    mailing = asked(LETTERS)
    kills = 0
    while kills < KILLS and Letter.objects.filter(status="pending").exists():
        kills += worker.run_until_killed(server, chance)
        sweep()
    assert kills >= min(KILLS, 5), "too few kills to prove anything"
    # A statement of a killed worker may have come through after the sweep that followed.
    sweep()
    worker.run()

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
    worker.run()
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
        kills += worker.run_until_killed(server, chance)
        sweep()
        Letter.objects.filter(status="pending").update(not_before=make.OPENS)
    server.at_data = server.at_rcpt = lambda recipient: None
    sweep()
    while Letter.objects.filter(status="pending").exists():
        Letter.objects.filter(status="pending").update(not_before=make.OPENS)
        worker.run()
    assert kills >= KILLS // 2, "too few kills to prove anything"

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
        worker.run_until_killed(server, chance)
        sweep()
    sweep()
    worker.run()
    assert set(Letter.objects.values_list("status", flat=True)) <= {"done", "unknown"}
    numbers = [int(recipient.removeprefix("person").split("@")[0]) for recipient in server.recipients]
    assert min(numbers) >= 60, seed
    assert len(numbers) == len(set(numbers)), seed
    assert set(Letter.objects.filter(status="done").values_list("attempts", "epoch", "dated_at", "smtp_reply")) == {
        (0, 0, None, "")
    }


def test_a_paused_worker_sends_nothing_after_its_time(server: Sink) -> None:
    """Stopped, swept, its letters sent by another, woken: it says no more, and its outcomes count for nothing."""
    asked(60)
    server.delay = 0.01
    worker = Worker(server, SHIFT_SECONDS="0.5")
    child = worker.start()
    until_some_arrived(server)
    signal.pidfd_send_signal(child, signal.SIGSTOP)
    time.sleep(0.5)
    sweep()
    server.delay = 0
    others = delivering.deliver_all(make.DURING)
    before = len(server.taken)
    signal.pidfd_send_signal(child, signal.SIGCONT)
    assert worker.wait() == 0
    worker.end()
    assert others > 30
    # The letter that was on the line when it was stopped may be finished; it was not given to anyone else.
    assert len(server.taken) - before <= 1
    arrived = server.times()
    rows = dict(Letter.objects.values_list("message_id", "status"))
    assert set(rows.values()) <= {"sent", "unknown"}
    assert list(rows.values()).count("unknown") <= 1
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
