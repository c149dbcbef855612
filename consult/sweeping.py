"""Sweeping: what is decided about letters whose worker is gone, or whose fate nobody knows.

Of a reminder without a journal the mail server's log is not asked. It may have been a selective one, of which no
journal is written; the log knows only those that were sent, so that the letters found in it would be told apart, as
"done", from the rest of their group: they are the ones whose owners had not answered. All of such a group are alike
of unknown fate, and a person decides about all of them. (Whether the survey reminds everyone *now* says nothing: it
may have been switched to that since.)
"""

from __future__ import annotations

from datetime import datetime

import structlog

from consult import claiming, tracing
from consult.claiming import Doubtful, Outcome
from consult.models import LetterKind, LetterStatus, Mailing
from consult.tracing import Trace

log = structlog.get_logger(__name__)


def sweep(now: datetime) -> int:
    """Decide about letters whose worker is gone: its lease is over. The number of letters decided about."""
    freed = claiming.reclaim()
    overdue = claiming.overdue()
    if overdue:
        known = tracing.traces()
        settled = (Trace.UNTRIED, Trace.TAKEN, Trace.REFUSED)
        open_ids = [
            one.message_id
            for one in overdue
            if (trace := known.get((one.letter, one.epoch))) not in settled and not _may_be_selective(one, trace)
        ]
        logged = (tracing.fates(open_ids) if open_ids else None) or {}
        outcomes = [
            _judged(one, known.get((one.letter, one.epoch)), logged.get(one.message_id), now) for one in overdue
        ]
        decided = claiming.record(outcomes)
        log.warning(
            "letters_swept", decided=decided, unknown=sum(one.status == LetterStatus.UNKNOWN for one in outcomes)
        )
        freed += decided
    tracing.forget(claiming.in_hand())
    return freed


def settle_unknown(mailing: Mailing, *, send_again: bool, now: datetime) -> int:
    """A person's decision about the letters of unknown fate: send them again (the same bytes), or let them be."""
    doubtful = claiming.unknown(mailing.pk)
    ended = LetterStatus.DONE if mailing.kind == LetterKind.REMINDER else LetterStatus.SENT
    status = LetterStatus.PENDING if send_again else ended
    outcomes = [Outcome(one.letter, one.epoch, status, now) for one in doubtful]
    return claiming.record(outcomes, found=LetterStatus.UNKNOWN)


def _judged(one: Doubtful, trace: Trace | None, logged: bool | None, now: datetime) -> Outcome:
    if trace is Trace.UNTRIED:
        return Outcome(one.letter, one.epoch, LetterStatus.PENDING, now, tried=False)
    if _may_be_selective(one, trace):
        return Outcome(one.letter, one.epoch, LetterStatus.UNKNOWN)
    if trace is Trace.TAKEN or (trace is not Trace.REFUSED and logged):
        return Outcome(one.letter, one.epoch, LetterStatus.SENT)
    if trace is Trace.REFUSED or logged is False:
        return Outcome(one.letter, one.epoch, LetterStatus.PENDING, now)
    return Outcome(one.letter, one.epoch, LetterStatus.UNKNOWN)


def _may_be_selective(one: Doubtful, trace: Trace | None) -> bool:
    return one.kind == LetterKind.REMINDER and trace is None
