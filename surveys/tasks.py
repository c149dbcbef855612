"""The doors of background work: each task takes the time and makes one call. What waits are rows."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from surveys import disclosing, drawing, withdrawing


@shared_task(ignore_result=True)
def draw_exports() -> None:
    """Make the files that have been asked for."""
    drawing.draw_waiting(timezone.now())


@shared_task(ignore_result=True)
def drop_old_exports() -> None:
    """Erase the files that were asked for more than a day ago."""
    drawing.drop_old(timezone.now())


@shared_task(ignore_result=True)
def expunge_withdrawn() -> None:
    """Write backups anew without the answers that were withdrawn since."""
    withdrawing.expunge_due()


@shared_task(ignore_result=True)
def count_withdrawn() -> None:
    """Ask for new results where so many have withdrawn that the figures may follow."""
    disclosing.request_withdrawn(timezone.now())
