"""The Celery application and its whole timetable.

The database is the truth about what waits; Redis only wakes the workers. A task lost with the broker is
found again by the sweeps below, and running one twice ends in the same state.
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("raadslag")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def _every(task: str, seconds: int) -> dict[str, Any]:
    # A tick that nobody fetched before the next one is due is worth nothing: let it expire.
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


app.conf.beat_schedule = {
    "deliver-letters": _every("consult.tasks.deliver_letters", 5),
    "sweep-letters": _every("consult.tasks.sweep_letters", 60),
    "queue-due-letters": _every("consult.tasks.queue_due_letters", 30),
    "close-due-surveys": _every("consult.tasks.close_due_surveys", 5),
    "refresh-named-results": _every("consult.tasks.refresh_named_results", 60),
    "compute-releases": _every("consult.tasks.compute_releases", 5),
    "expunge-withdrawn": _every("surveys.tasks.expunge_withdrawn", 3600),
    "count-withdrawn": _every("surveys.tasks.count_withdrawn", 3600),
    "draw-exports": _every("surveys.tasks.draw_exports", 3),
    "drop-old-exports": _every("surveys.tasks.drop_old_exports", 3600),
    "drop-forgotten-imports": _every("consult.tasks.drop_forgotten_imports", 3600),
    "sweep-attachments": _every("consult.tasks.sweep_attachments", 3600),
    "erase-contacts": _every("consult.tasks.erase_contacts", 3600),
    "erase-trials": _every("consult.tasks.erase_trials", 3600),
    "read-participation": _every("consult.tasks.read_participation", 3600),
}


@setup_logging.connect
def _keep_our_logging(**_: Any) -> None:
    """Being connected is enough: Celery then leaves the logging that Django's settings configure alone."""
