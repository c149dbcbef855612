"""Piloting: staff let colleagues try a draft, deal with what they say, and end the trial."""

from __future__ import annotations

import secrets
from datetime import date, datetime, time, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from surveys import exchanging, publishing, trying
from surveys.authoring import Refused
from surveys.formats import spelling
from surveys.formats.document import BadDocument
from surveys.models import Attachment, Edition, Questionnaire, Role, Trial, TrialComment
from surveys.models.pilot import KEPT

log = structlog.get_logger(__name__)
OPEN_AT_MOST = timedelta(days=90)
DAYS_END = time(23, 59, 59)


class NotReady(Refused):
    """The draft cannot be tried yet; `reasons` say what is missing, one sentence each."""


class UnfitDay(Refused):
    """A trial cannot be open until that day."""


def make(questionnaire: Questionnaire, person: Any, now: datetime, last_day: date | None = None) -> Trial:
    """A trial of the draft as it stands now.

    Args:
        last_day: on which it can be tried; None for as long as a trial may be open.

    Raises:
        NotReady, UnfitDay: nothing has been made.
    """
    today = timezone.localdate(now)
    last_day = last_day or today + OPEN_AT_MOST
    if not today <= last_day <= today + OPEN_AT_MOST:
        raise UnfitDay([_("Choose a day from today and within %(days)d days.") % {"days": OPEN_AT_MOST.days}])
    with transaction.atomic():
        # The row's own lock waits out a save in progress: what is checked is what is tried.
        edition = _drafts(questionnaire).select_for_update(of=("self",)).first()
        if (reasons := _missing(questionnaire, edition)) or edition is None:
            raise NotReady(reasons)
        draft = exchanging.drafted(edition)
        document = spelling.write(draft, files=False)
        shown = {each.attachment.digest: each.attachment for each in draft.view.questions.values() if each.attachment}
        try:
            trying.read(document, shown)
        except BadDocument as bad:
            raise NotReady([str(bad)]) from bad
        trial = Trial.objects.create(
            questionnaire=questionnaire,
            content=document,
            selector=secrets.randbits(63),
            person=person,
            made_at=now,
            closes_at=timezone.make_aware(datetime.combine(last_day, DAYS_END)),
        )
        trial.files.set(Attachment.objects.filter(pk__in=shown).only("pk"))
        return trial


def missing(questionnaire: Questionnaire) -> list[str]:
    """What keeps its draft from being tried, one sentence each; empty when it is ready."""
    return _missing(questionnaire, _drafts(questionnaire).first())


def _drafts(questionnaire: Questionnaire) -> QuerySet[Edition]:
    drafts = Edition.objects.select_related("questionnaire")
    return drafts.filter(questionnaire=questionnaire, published_at__isnull=True)


def _missing(questionnaire: Questionnaire, edition: Edition | None) -> list[str]:
    if questionnaire.role == Role.BANK:
        return [_("The question bank is copied from and put to nobody.")]
    if edition is None:
        return [_("There is no draft to try. Start a new one first.")]
    return publishing.obstacles(edition)


def end(trial: Trial, now: datetime) -> bool:
    """Let nobody try it any more; whether it was open. Ended once is ended for good."""
    open_still = Trial.objects.filter(pk=trial.pk, ended_at__isnull=True, closes_at__gt=now, made_at__lte=now)
    return bool(open_still.update(ended_at=now))


def handle(comment: TrialComment, person: Any, now: datetime) -> bool:
    """Mark a comment, as it was read, as dealt with; False if someone has already, or its words have changed."""
    unhandled = TrialComment.objects.filter(pk=comment.pk, handled_at__isnull=True, text=comment.text)
    return bool(unhandled.update(handled_at=now, handled_by=person))


def reopen(comment: TrialComment) -> bool:
    """A comment is not dealt with after all; False if it was not marked."""
    handled = TrialComment.objects.filter(pk=comment.pk, handled_at__isnull=False)
    return bool(handled.update(handled_at=None, handled_by=None))


def waiting(questionnaire: Questionnaire) -> int:
    """How many comments on trials of a questionnaire have not been dealt with."""
    return TrialComment.objects.filter(run__trial__questionnaire=questionnaire, handled_at__isnull=True).count()


def erase_due(now: datetime) -> int:
    """Erase trials whose time is over, with their comments; how many. Idempotent."""
    erased = 0
    # Each on its own: a worker killed here leaves the rest to the next call.
    for trial in Trial.objects.defer("content").filter(made_at__lt=now - KEPT).order_by("pk"):
        if trial.erased_at <= now:
            erased += Trial.objects.filter(pk=trial.pk).delete()[1].get("surveys.Trial", 0)
    if erased:
        log.info("trials_erased", trials=erased)
    return erased
