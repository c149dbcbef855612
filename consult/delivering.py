"""Delivering: the only code that speaks SMTP. Letters go out effectively once.

A batch is claimed from one mailing and sent in groups over one connection. For each group: compose, note the
intent (committed before the first byte), send letter by letter, record all outcomes. Two statements a group
instead of two a letter are what makes it fast; what a crash within a group means is kept as small as with two a
letter by the group's journal (consult.tracing):

- a worker killed before the intent: nothing was sent, the lease ends, the letters wait again;
- killed within a group: the journal proves which letters were taken and which were never tried; the one between
  its two lines is looked up in the mail server's log, or left as "unknown" for a person to decide;
- paused for longer than its lease: it notes each letter in the journal *before* it looks at the clock, so either
  the sweep sees the note, or the worker sees that its time is over and sends nothing.

So nothing is lost, and a letter arrives twice only when a person decides that an unknown one is sent again. After a
power cut the journal is not believed, and what was in hand, at most a group a worker, is unknown. Selective
reminders have no journal and smaller groups.

Who was refused is a fact about that letter, except when the mail server refuses on policy (5.7.x) or refuses us
as sender: then nobody is marked, and the whole mailing is paused for a person to look at.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import structlog

from consult import claiming, distributing, reminding, tracing
from consult.claiming import Doubtful, Hand, Outcome
from consult.composing import Composer, Envelope, NotMailable
from consult.models import LetterKind, LetterStatus, Mailing
from consult.posting import Line, Reply, Unreachable, Verdict
from consult.tracing import Journal, Trace
from surveys.models import State

BATCH = 200
GROUP = 50
SELECTIVE_GROUP = 20
# A worker sends for so long, then looks up; far shorter than claiming.LEASE.
SHIFT_SECONDS = 300
# When the mail server cannot be reached, or something else stops a batch.
AGAIN = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=4)

log = structlog.get_logger(__name__)


def deliver_all(now: datetime, seconds: float = 50) -> int:
    """Deliver batch after batch over one connection until nothing waits or the time is up; how many letters."""
    until = _clock() + seconds
    total = 0
    with Line() as line:
        while _clock() < until and (handled := _deliver(line, now)):
            total += handled
    return total


def deliver_batch(now: datetime) -> int:
    """Deliver up to BATCH waiting letters of one mailing; how many came to an end or a new waiting time."""
    with Line() as line:
        return _deliver(line, now)


def sweep(now: datetime) -> int:
    """Decide about letters whose worker is gone: its lease is over. The number of letters decided about."""
    freed = claiming.reclaim()
    overdue = claiming.overdue()
    if overdue:
        known = tracing.traces()
        settled = (Trace.UNTRIED, Trace.TAKEN, Trace.REFUSED)
        open_ids = [one.message_id for one in overdue if known.get((one.letter, one.epoch)) not in settled]
        logged = (tracing.fates(open_ids) if open_ids else None) or {}
        outcomes = [_judged(one, known.get((one.letter, one.epoch)), logged.get(one.message_id), now) for one in overdue]
        decided = claiming.record(outcomes)
        log.warning("letters_swept", decided=decided, unknown=sum(one.status == LetterStatus.UNKNOWN for one in outcomes))
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
    if trace is Trace.TAKEN or (trace is not Trace.REFUSED and logged):
        is_selective = one.kind == LetterKind.REMINDER and not one.strict
        return Outcome(one.letter, one.epoch, LetterStatus.DONE if is_selective else LetterStatus.SENT)
    if trace is Trace.REFUSED or logged is False:
        return Outcome(one.letter, one.epoch, LetterStatus.PENDING, now)
    return Outcome(one.letter, one.epoch, LetterStatus.UNKNOWN)


def _deliver(line: Line, now: datetime) -> int:
    claim = claiming.claim(now, BATCH)
    if claim is None:
        return 0
    shift = _Shift(claim.hands, line, now)
    try:
        shift.work(Mailing.objects.select_related("survey__edition").get(pk=claim.mailing))
    except Unreachable as error:
        log.warning("mail_server_unreachable", reason=str(error))
    except OSError as error:
        log.error("letters_not_journalled", reason=str(error))
    finally:
        # Whatever is in hand still was not tried; if this fails too, the lease ends by itself.
        if shift.left:
            claiming.release(shift.left, now + AGAIN)
    return len(claim.hands) - len(shift.left)


class _Shift:
    """One worker's way through one batch. `left` is what it has in hand, claimed and not tried."""

    def __init__(self, hands: Sequence[Hand], line: Line, now: datetime) -> None:
        self.left = set(hands)
        self.line = line
        self.now = now
        self.until = _clock() + SHIFT_SECONDS

    def work(self, mailing: Mailing) -> None:
        """Check again whether letters may go out, and send them group by group."""
        state = mailing.survey.state(self.now)
        if state == State.SCHEDULED:
            self._give_back(self.left, not_before=mailing.survey.opens_at)
        elif state != State.OPEN:
            self._give_back(self.left, status=LetterStatus.SKIPPED)
        else:
            envelopes = self._composed(mailing)
            selective = reminding.is_selective(mailing.survey, mailing.kind)
            size = SELECTIVE_GROUP if selective else GROUP
            for start in range(0, len(envelopes), size):
                self.line.open()
                group = envelopes[start : start + size]
                if not (self._send_unseen(mailing, group) if selective else self._send_journalled(mailing, group)):
                    break

    def _composed(self, mailing: Mailing) -> list[Envelope]:
        drafts, unwanted = claiming.drafts(list(self.left))
        self._give_back(unwanted, status=LetterStatus.SKIPPED)
        composer = Composer(mailing.survey, mailing.kind)
        envelopes, faulty = [], []
        for draft in drafts:
            try:
                envelopes.append(composer.compose(draft, self.now))
            except NotMailable:
                faulty.append((draft.letter, draft.epoch))
        self._give_back(faulty, status=LetterStatus.FAILED, reply="The address cannot be used in a letter.")
        return envelopes

    def _send_journalled(self, mailing: Mailing, group: Sequence[Envelope]) -> bool:
        journal = Journal([(one.letter, one.epoch) for one in group])
        is_recorded = False
        try:
            attempts = self._intend(group)
            going = [one for one in group if one.letter in attempts]
            replies = list(self._send_each(going, journal))
            forbidden = self._pause_if_forbidden(mailing, replies)
            claiming.record([o for one, reply in zip(going, replies, strict=True) if (o := self._outcome(one, reply, attempts))])
            is_recorded = True
        finally:
            journal.close(keep=not is_recorded)
        return len(going) == len(group) and not forbidden and _goes_on(replies)

    def _send_unseen(self, mailing: Mailing, group: Sequence[Envelope]) -> bool:
        attempts = self._intend(group)
        going = [one for one in group if one.letter in attempts]
        ...

    def _intend(self, group):
        ...
