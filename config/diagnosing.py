"""Diagnosing: is everything in order that the service needs? For `manage.py doctor`.

Asks the same questions as the system checks and `/readyz`, and those that cost more than a probe may: whether the
migrations are applied, whether the mail server lets us in, whether the clocks agree. It writes nothing and sends
nothing. What it says names no person, and no secret or password.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import redis
from django.conf import settings
from django.core.checks import ERROR, run_checks
from django.core.checks import WARNING as CAUTION
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from config import health
from config.checks import SMTP
from consult import posting
from consult.models import Letter, LetterStatus
from surveys.box import keyring
from surveys.models import Closing, Survey

# Sessions, leases and deadlines bear this much; more makes people see a deadline pass early or late.
MOST_CLOCK_DIFFERENCE = timedelta(seconds=2)


class Mark(Enum):
    """How a finding stands; the value is the sign before its line."""

    FINE = "✓"
    CAUTION = "!"
    WRONG = "✗"
    UNASKED = "–"


@dataclass(frozen=True)
class Finding:
    """One line: how it stands, and what was found in plain words."""

    mark: Mark
    text: str


Findings = Iterator[Finding]


def diagnose() -> Findings:
    """Every finding, one at a time as it is made. What needs the database is not asked when it does not answer."""
    yield from _settings()
    database_answers = True
    for finding in _database():
        database_answers = database_answers and finding.mark is Mark.FINE
        yield finding
    yield from _redis()
    for title, ask in IN_THE_DATABASE.items():
        if not database_answers:
            yield Finding(Mark.UNASKED, f"{title}: not looked at, because the database does not answer.")
            continue
        try:
            yield from ask()
        except DatabaseError as error:
            yield Finding(Mark.WRONG, f"{title}: the database refused the question ({type(error).__name__}).")
    yield from _mail()


def _settings() -> Findings:
    """Django's system checks and our own (config.checks)."""
    found = sorted(run_checks(), key=lambda message: -message.level)
    for message in found:
        if message.level >= CAUTION:
            mark = Mark.WRONG if message.level >= ERROR else Mark.CAUTION
            words = ("Settings:", str(message.msg), message.hint, f"({message.id})")
            yield Finding(mark, " ".join(word for word in words if word))
    if not any(message.level >= ERROR for message in found):
        yield Finding(Mark.FINE, "Settings: nothing in them breaks a promise.")


def _database() -> Findings:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            version = str(cursor.fetchone()[0]).split()[0]
    except (DatabaseError, OSError) as error:
        # The original message may repeat the address, password included.
        yield Finding(Mark.WRONG, f"Database: does not answer ({type(error).__name__}). Look at DATABASE_URL.")
    else:
        yield Finding(Mark.FINE, f"Database: PostgreSQL {version} answers.")


def _redis() -> Findings:
    try:
        health.PROBES["redis"]()
    except (redis.RedisError, OSError) as error:
        yield Finding(Mark.WRONG, f"Redis: does not answer ({type(error).__name__}). Look at REDIS_URL.")
    else:
        yield Finding(Mark.FINE, "Redis: answers.")


def _migrations() -> Findings:
    executor = MigrationExecutor(connection)
    waiting = [migration for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if waiting:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration in waiting)
        yield Finding(Mark.WRONG, f"Migrations: not applied: {names}. Run manage.py migrate.")
    else:
        yield Finding(Mark.FINE, "Migrations: all applied.")


def _clock() -> Findings:
    before = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    ours = before + (timezone.now() - before) / 2
    difference = abs(theirs - ours)
    seconds = f"{difference.total_seconds():.1f} seconds"
    if difference > MOST_CLOCK_DIFFERENCE:
        yield Finding(Mark.WRONG, f"Clock: {seconds} from the database's. Let both keep time by NTP.")
    else:
        yield Finding(Mark.FINE, f"Clock: agrees with the database's ({seconds} apart).")


def _keys() -> Findings:
    in_the_field = Survey.objects.filter(opened_at__isnull=False, closed_at__isnull=True).order_by("code")
    whole = 0
    for code, key_id in in_the_field.values_list("code", "key_id"):
        faults = keyring.check(key_id)
        whole += not faults
        if faults:
            yield Finding(Mark.WRONG, f"Keys of {code}: {', '.join(faults)}. See docs/operations.md, Key lost.")
    if whole:
        yield Finding(Mark.FINE, f"Keys: whole in {len(settings.KEYRING)} places, for surveys in the field: {whole}.")
    elif not in_the_field.exists():
        yield Finding(Mark.FINE, "Keys: no survey is in the field, so none is needed.")


def _closings() -> Findings:
    held = Closing.objects.filter(mixed_at__isnull=True, unreadable__gt=0).order_by("survey__code")
    for code, ballots in held.values_list("survey__code", "unreadable"):
        yield Finding(
            Mark.WRONG,
            f"Closing of {code}: sealed answers that do not open: {ballots}. Nothing has been destroyed. "
            "See docs/operations.md, Answers that do not open.",
        )
    if not held.exists():
        yield Finding(Mark.FINE, "Closings: none is held up by answers that do not open.")


def _letters() -> Findings:
    late = Letter.objects.filter(
        status=LetterStatus.PENDING,
        not_before__lt=timezone.now() - health.OVERDUE,
        mailing__paused_at__isnull=True,
    )
    if late.exists():
        yield Finding(Mark.WRONG, "Letters: some have been due for more than ten minutes. Do worker and beat run?")
    else:
        yield Finding(Mark.FINE, "Letters: none is overdue.")
    if Letter.objects.filter(status=LetterStatus.UNKNOWN).exists():
        yield Finding(Mark.CAUTION, "Letters: the fate of some is unknown, and a person must decide about them.")


def _mail() -> Findings:
    """Connect, EHLO, TLS and sign in as for a letter, and hang up."""
    if settings.DEMO:
        yield Finding(Mark.UNASKED, "Mail: the demo has a mailbox of its own.")
        return
    if settings.EMAIL_BACKEND != SMTP:
        yield Finding(Mark.UNASKED, "Mail: not looked at, because EMAIL_URL names no mail server.")
        return
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with posting.Line() as line:
            line.open()
    except posting.Unreachable as error:
        yield Finding(Mark.WRONG, f"Mail: {where} cannot be used ({error}). Look at EMAIL_URL.")
    else:
        yield Finding(Mark.FINE, f"Mail: {where} lets us in.")


IN_THE_DATABASE: dict[str, Callable[[], Findings]] = {
    "Migrations": _migrations,
    "Clock": _clock,
    "Keys": _keys,
    "Closings": _closings,
    "Letters": _letters,
}
