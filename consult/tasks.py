"""The doors of background work: each task takes the time and makes one call.

Nothing is passed along, so nothing is lost with the broker: what waits are rows, and each task finds its own.
"""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from consult import delivering, distributing, erasing, finishing, importing, monitoring
from surveys import disclosing, piloting
from surveys.attachments import attaching


@shared_task(ignore_result=True)
def queue_due_letters() -> None:
    """Write the letters of the rounds that are due."""
    distributing.queue_due(timezone.now())


@shared_task(ignore_result=True)
def deliver_letters() -> None:
    """Send waiting letters."""
    delivering.deliver_all(timezone.now())


@shared_task(ignore_result=True)
def sweep_letters() -> None:
    """Decide about letters whose worker is gone."""
    delivering.sweep(timezone.now())


@shared_task(ignore_result=True)
def read_participation() -> None:
    """Take today's coarse reading of participation."""
    monitoring.read_all(timezone.now())


@shared_task(ignore_result=True)
def close_due_surveys() -> None:
    """Close surveys past their deadline, or stopped by hand."""
    finishing.finish_due(timezone.now())


@shared_task(ignore_result=True)
def refresh_named_results() -> None:
    """Ask for new results of open named surveys."""
    disclosing.refresh_named(timezone.now())


@shared_task(ignore_result=True)
def compute_releases() -> None:
    """Compute the results that have been asked for."""
    disclosing.compute_waiting(timezone.now())


@shared_task(ignore_result=True)
def drop_forgotten_imports() -> None:
    """Let go of uploaded registers that nobody applied."""
    importing.drop_forgotten(timezone.now())


@shared_task(ignore_result=True)
def sweep_attachments() -> None:
    """Forget images and documents that nothing shows."""
    attaching.sweep(timezone.now())


@shared_task(ignore_result=True)
def erase_contacts() -> None:
    """Forget who was asked, and the letters to them, where the time is over."""
    erasing.erase_due(timezone.now())


@shared_task(ignore_result=True)
def erase_trials() -> None:
    """Forget trials of questionnaires, with the comments of colleagues, where the time is over."""
    piloting.erase_due(timezone.now())
