"""Erasing: who was asked, and the letters to them, are forgotten when their time is over (docs/data.md).

- *Letters* go thirty days after their survey stopped taking answers; how many had come how far stays with the round.
- *Invitations* to an anonymous survey go at its clean date, and their letters with them. Those to a named survey lose
  the address and stay: by them the union finds who answered what, which is what people were told.

What results need stays: how many were invited, in all and by group, was counted when the audience was frozen. A
survey that never came to the end of its closing keeps its invitations: they may still be needed to finish it.

Every step is a transaction of its own that may be repeated: a worker killed anywhere leaves the rest to the next call.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from consult import distributing
from consult.models import Invitation, Letter, Mailing
from surveys.models import Promise, Survey

log = structlog.get_logger(__name__)
LETTERS_KEPT = timedelta(days=settings.LETTERS_KEPT_DAYS)


@dataclass(frozen=True)
class Erased:
    """How many rows one call has erased; `addresses` are those taken out of invitations that stay."""

    letters: int = 0
    invitations: int = 0
    addresses: int = 0


def erase_due(now: datetime) -> Erased:
    """Erase everything whose time is over at `now`. Idempotent."""
    letters = sum(_erase_letters(mailing_id, now) for mailing_id in _mailings_due(now))
    invitations = sum(_erase_invitations(survey) for survey in _surveys_due(now))
    addresses = Invitation.objects.filter(
        survey__promise=Promise.NAMED,
        survey__closed_at__lte=now - timedelta(days=settings.CLEAN_DAYS),
        address__isnull=False,
    ).update(address=None)
    erased = Erased(letters, invitations, addresses)
    if erased != Erased():
        # Not named "addresses": the log would take the number for one.
        log.info("contacts_erased", letters=letters, invitations=invitations, detached=addresses)
    return erased


def _is_clean(now: datetime, survey: str = "") -> Q:
    """That an anonymous survey has reached its clean date."""
    named = {f"{survey}promise": Promise.ANONYMOUS, f"{survey}closing__clean_on__lte": timezone.localdate(now)}
    return Q(**named)


def _mailings_due(now: datetime) -> list[int]:
    over = Q(survey__stopped_at__lte=now - LETTERS_KEPT) | _is_clean(now, "survey__")
    due = Mailing.objects.filter(over, erased_at__isnull=True).order_by("pk")
    return list(due.values_list("pk", flat=True))


def _surveys_due(now: datetime) -> list[int]:
    still_there = Exists(Invitation.objects.filter(survey=OuterRef("pk")))
    # Not before their letters have been counted.
    uncounted = Exists(Mailing.objects.filter(survey=OuterRef("pk"), erased_at__isnull=True))
    due = Survey.objects.filter(_is_clean(now), still_there).exclude(uncounted)
    return list(due.order_by("pk").values_list("pk", flat=True))


def _erase_letters(mailing_id: int, now: datetime) -> int:
    """Note how far the letters of a round had come, and delete them; how many."""
    with transaction.atomic():
        # Of two workers the second finds nothing left to do.
        free = Mailing.objects.select_for_update(skip_locked=True)
        mailing = free.filter(pk=mailing_id, erased_at__isnull=True).first()
        if mailing is None:
            return 0
        mailing.tally, mailing.erased_at = distributing.progress(mailing), now
        mailing.save(update_fields=["tally", "erased_at"])
        return Letter.objects.filter(mailing=mailing).delete()[0]


def _erase_invitations(survey_id: int) -> int:
    # In one statement: loading a million rows to delete them takes a gigabyte.
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM consult_invitation WHERE survey_id = %s", [survey_id])
        return int(cursor.rowcount)
