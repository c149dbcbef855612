"""Locking: advisory locks by which workers take turns on a survey. The database releases them when a worker dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# The first of each lock's two numbers; the second is the survey's id. INTAKE stands in migration 0002 as well.
INTAKE = 7201
CLOSING = 7202
RELEASING = 7203


@contextmanager
def alone(lock: int, survey_id: int) -> Iterator[bool]:
    """Hold a lock for as long as the block lasts; False, at once, when another worker holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [lock, survey_id])
        held = bool(cursor.fetchone()[0])
        try:
            yield held
        finally:
            if held:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [lock, survey_id])


def wait_out(lock: int, survey_id: int) -> None:
    """Wait until everyone who holds a lock, shared or not, has let go of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [lock, survey_id])
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [lock, survey_id])


def hold(lock: int, survey_id: int) -> None:
    """Wait until everyone who holds a lock has let go of it, and keep it to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [lock, survey_id])
