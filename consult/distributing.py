"""Distributing: rounds of letters, and the rows that wait in them.

Queueing is one statement: it locks each mailing that is due, inserts a letter for every invitation that has
none of this kind and number yet, and notes that it was done. Run twice, or twice at once, it ends in the same
state. Only a survey that is opened (its keys are safe) and whose audience is frozen gets letters.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from consult.models import Audience, Letter, LetterKind, LetterStatus, Mailing
from surveys.models import State, Survey

WAITING = (LetterStatus.PENDING, LetterStatus.CLAIMED, LetterStatus.SENDING)

_QUEUE = """
WITH due AS (
    SELECT mailing.id, mailing.survey_id, mailing.kind, mailing.ordinal, mailing.due_at
    FROM consult_mailing AS mailing
    JOIN surveys_survey AS survey ON survey.id = mailing.survey_id
    JOIN consult_audience AS audience ON audience.survey_id = survey.id
    WHERE mailing.queued_at IS NULL AND mailing.paused_at IS NULL AND mailing.due_at <= %(now)s
      AND survey.opened_at IS NOT NULL AND survey.stopped_at IS NULL AND survey.closes_at > %(now)s
      AND audience.frozen_at IS NOT NULL
    FOR UPDATE OF mailing SKIP LOCKED
), queued AS (
    INSERT INTO consult_letter (mailing_id, invitation_id, kind, ordinal, status, epoch, attempts, not_before,
                                message_id, language, template_version, smtp_reply)
    SELECT due.id, invitation.id, due.kind, due.ordinal, 'pending', 0, 0, due.due_at,
           '<' || gen_random_uuid() || '@' || %(host)s || '>',
           CASE WHEN person.language = ANY(%(languages)s) THEN person.language ELSE %(default)s END, '', ''
    FROM due
    JOIN consult_invitation AS invitation ON invitation.survey_id = due.survey_id
    JOIN consult_person AS person ON person.id = invitation.person_id
    ORDER BY due.id, invitation.id
    ON CONFLICT DO NOTHING
    RETURNING 1
), noted AS (
    UPDATE consult_mailing AS mailing SET queued_at = %(now)s FROM due WHERE mailing.id = due.id
)
SELECT count(*) FROM queued
"""


class NotSchedulable(Exception):
    """Letters cannot be planned like this; `reasons` says why, in the words of the person who tried."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def schedule(survey: Survey, kind: str, due_at: datetime, ordinal: int = 1) -> Mailing:
    """Plan a round of letters to everyone invited.

    Args:
        kind: a LetterKind.
        due_at: from when the letters may go out.
        ordinal: 1 for the first of its kind, 2 for the second.

    Raises:
        NotSchedulable: the survey is not opened, is over, has no frozen audience, the time lies outside its
            period, or this round is planned already.
    """
    if reasons := hindrances(survey, kind, due_at):
        raise NotSchedulable(reasons)
    try:
        with transaction.atomic():
            return Mailing.objects.create(survey=survey, kind=kind, due_at=due_at, ordinal=ordinal)
    except IntegrityError as error:
        round_name = f"{LetterKind(kind).label} {ordinal}"
        raise NotSchedulable([_("“%(round)s” is planned already.") % {"round": round_name}]) from error


def move(mailing: Mailing, due_at: datetime) -> None:
    """Give a round whose letters are not yet written another time.

    Raises:
        NotSchedulable: its letters are written already, or the time lies outside the survey's period.
    """
    if reasons := hindrances(mailing.survey, mailing.kind, due_at):
        raise NotSchedulable(reasons)
    if not Mailing.objects.filter(pk=mailing.pk, queued_at__isnull=True).update(due_at=due_at):
        raise NotSchedulable([_("The letters of this round are written already, so it cannot be moved.")])
    mailing.refresh_from_db(fields=["due_at"])


def hindrances(survey: Survey, kind: str, due_at: datetime) -> list[str]:
    """Why such letters cannot be planned for that time, as sentences; empty when they can."""
    reasons = []
    if kind not in LetterKind.values:
        reasons.append(_("There is no such kind of letter."))
    if survey.opened_at is None:
        reasons.append(_("Open the survey first: a link works only once its keys are made."))
    if not Audience.objects.filter(survey=survey, frozen_at__isnull=False).exists():
        reasons.append(_("Freeze the audience first, so that it is settled who is asked."))
    if survey.stopped_at is not None:
        reasons.append(_("The survey is closed and takes no more answers."))
    elif due_at >= survey.closes_at:
        reasons.append(_("The letters must go out before the deadline."))
    elif survey.state(due_at) == State.SCHEDULED:
        reasons.append(_("The letters must not go out before the survey opens."))
    return reasons


def queue_due(now: datetime) -> int:
    """Write the letters of every round that is due; the number of new letters. Idempotent."""
    parameters = {
        "now": now,
        "host": urlsplit(settings.PUBLIC_URL).hostname,
        "languages": [code for code, _name in settings.LANGUAGES],
        "default": settings.LANGUAGE_CODE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE, parameters)
        return int(cursor.fetchone()[0])


def pause(mailing: Mailing, now: datetime) -> bool:
    """Hold back every letter of this round that has not gone out; False if it was paused already."""
    paused = Mailing.objects.filter(pk=mailing.pk, paused_at__isnull=True).update(paused_at=now)
    mailing.refresh_from_db(fields=["paused_at"])
    return bool(paused)


def resume(mailing: Mailing) -> bool:
    """Let a paused round go on; False if it was not paused."""
    resumed = Mailing.objects.filter(pk=mailing.pk, paused_at__isnull=False).update(paused_at=None)
    mailing.refresh_from_db(fields=["paused_at"])
    return bool(resumed)


def progress(mailing: Mailing) -> dict[str, int]:
    """How many letters of a round have come how far.

    For reminders only "waiting", "done" and "unknown" are told apart: how many were sent is how many have not
    answered.
    """
    return progress_of([mailing])[mailing.pk]


def progress_of(mailings: list[Mailing]) -> dict[int, dict[str, int]]:
    """`progress` of several rounds in one statement, by their ids."""
    rows = (
        Letter.objects.filter(mailing__in=mailings)
        .values_list("mailing_id", "status")
        .annotate(n=Count("id"))
        .order_by()
    )
    counts: dict[int, dict[str, int]] = {mailing.pk: {} for mailing in mailings}
    for mailing_id, status, number in rows:
        counts[mailing_id][status] = number
    return {
        # Of letters that have been erased only the counts are left.
        mailing.pk: dict(mailing.tally) if mailing.erased_at else _coarsened(mailing, counts[mailing.pk])
        for mailing in mailings
    }


def _coarsened(mailing: Mailing, by_status: dict[str, int]) -> dict[str, int]:
    total = sum(by_status.values())
    waiting = sum(by_status.get(status, 0) for status in WAITING)
    unknown = by_status.get(LetterStatus.UNKNOWN, 0)
    if mailing.kind == LetterKind.REMINDER:
        return {"total": total, "waiting": waiting, "done": total - waiting - unknown, "unknown": unknown}
    ended = {
        str(status): by_status.get(status, 0)
        for status in (LetterStatus.SENT, LetterStatus.FAILED, LetterStatus.SKIPPED)
    }
    return {"total": total, "waiting": waiting, **ended, "unknown": unknown}
