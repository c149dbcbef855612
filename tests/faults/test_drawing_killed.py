"""A worker that is killed by the kernel while it draws a file, in a process of its own; another one takes it up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection
from django.db.models import F

from surveys import drawing
from surveys.models import Export
from tests import make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROOT = Path(__file__).resolve().parent.parent.parent


def killed_when(moment: str) -> None:
    """Let a worker draw what waits, and be killed at this moment."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = {
        **os.environ,
        "DATABASE_URL": urlunsplit(database),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LOG_LEVEL": "ERROR",
    }
    worker = [sys.executable, "-m", "tests.faults.drawing_worker", moment, make.DURING.isoformat()]
    ended = subprocess.run(worker, cwd=ROOT, env=environment, timeout=120, check=False)
    assert ended.returncode == -signal.SIGKILL


def asked() -> Export:
    row = drawing.ask(make.loaded(), "docx", "nb", None, make.DURING)
    return Export.objects.get(pk=row)


def lease_runs_out() -> None:
    """As long later as a lease lasts: by the database's clock, which no test can wait for."""
    changed = Export.objects.filter(lease_until__isnull=False).update(
        lease_until=F("lease_until") - drawing.LEASE - timedelta(seconds=1)
    )
    assert changed == 1


@pytest.mark.parametrize("moment", ["claimed", "drawn"])
def test_another_draws_it_once_the_lease_of_the_dead_one_is_over(moment: str) -> None:
    file = asked()
    killed_when(moment)
    file.refresh_from_db()
    assert (file.attempts, file.finished_at, file.failed_at, bytes(file.content or b"")) == (1, None, None, b"")
    assert drawing.draw_waiting(make.DURING) == 0, "it may still be in a living hand"

    lease_runs_out()

    assert drawing.draw_waiting(make.DURING) == 1
    file.refresh_from_db()
    assert (file.attempts, file.finished_at, file.lease_until, file.document) == (2, make.DURING, None, None)
    assert bytes(file.content).startswith(b"PK")
    assert drawing.draw_waiting(make.DURING) == 0


def test_what_was_kept_is_not_drawn_again() -> None:
    file = asked()
    killed_when("kept")
    file.refresh_from_db()
    assert (file.attempts, file.finished_at) == (1, make.DURING)
    assert bytes(file.content).startswith(b"PK")
    assert drawing.draw_waiting(make.DURING) == 0


def test_a_file_that_kills_every_worker_is_given_up_and_the_next_one_is_drawn() -> None:
    file = asked()
    for _attempt in range(drawing.ATTEMPTS):
        killed_when("claimed")
        lease_runs_out()
    other = drawing.ask(make.loaded("annen"), "docx", "nb", None, make.DURING)

    assert drawing.draw_waiting(make.DURING) == 1

    file.refresh_from_db()
    assert (file.attempts, file.failed_at, file.finished_at) == (drawing.ATTEMPTS, make.DURING, None)
    assert Export.objects.get(pk=other).finished_at == make.DURING
    # Asked for again it has all its attempts before it.
    assert drawing.ask(file.edition, "docx", "nb", None, make.DURING) == file.pk
    assert drawing.draw_waiting(make.DURING) == 1
