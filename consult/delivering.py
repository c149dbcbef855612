"""Delivering: letters go out effectively once. The conversation with the mail server is in consult.posting.

A batch is claimed from one mailing and sent in groups over one connection. For each group: compose, note the
intent (committed before the first byte), send letter by letter, record all outcomes. Two statements a group
instead of two a letter are what makes it fast; what a crash within a group means is kept as small as with two a
letter by the group's journal (consult.tracing):

- a worker killed before the intent: nothing was sent, the lease ends, the letters wait again;
- killed within a group: the journal proves which letters were taken and which were never tried; the one between
  its two lines is looked up in the mail server's log, or left as "unknown" for a person to decide;
- paused for longer than its lease: it notes each letter in the journal *before* it looks at the clock, so either
  the sweep sees the note, or the worker sees that its time is over and sends nothing.

So nothing is lost, and a letter arrives twice, byte for byte the same, in two cases only: a person decides that an
unknown one is sent again; or a worker is paused on the very letter it is about to send, for longer than its lease, and
the mail server's log, asked meanwhile, does not know that letter. Effectively once, not exactly once. After a power
cut the journal is not believed, and what was in hand, at most GROUP letters a worker, is unknown. Selective reminders
have no journal and smaller groups.

Who was refused is a fact about that letter, except when the mail server refuses on policy (5.7.x) or refuses us
as sender: then nobody is marked, and the whole mailing is paused for a person to look at.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

import structlog

from consult import claiming, distributing, reminding
from consult.claiming import Hand, Outcome
from consult.composing import Composer, Envelope, NotMailable
from consult.models import LetterStatus, Mailing
from consult.posting import UNTRIED, Line, Reply, Unreachable, Verdict
from consult.sweeping import settle_unknown, sweep
from consult.tracing import Journal, NoJournal, Trace
from surveys.models import State

__all__ = ["deliver_all", "deliver_batch", "settle_unknown", "sweep"]

BATCH = 200
GROUP = 200
SELECTIVE_GROUP = 20
# A worker sends for so long, then looks up; far shorter than claiming.LEASE.
SHIFT_SECONDS = 300
# When the mail server cannot be reached, or something else stops a batch.
AGAIN = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=4)
NOT_MAILABLE = "The address cannot be used in a letter."

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


def _deliver(line: Line, now: datetime) -> int:
    claim = claiming.claim(now, BATCH)
    if claim is None:
        return 0
    shift = _Shift(claim.hands, line, now)
    try:
        shift.work(Mailing.objects.select_related("survey__edition").get(pk=claim.mailing))
    except Unreachable as error:
        log.warning("mail_server_unreachable", reason=str(error))
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
            is_selective = reminding.is_selective(mailing.survey, mailing.kind)
            size = SELECTIVE_GROUP if is_selective else GROUP
            for start in range(0, len(envelopes), size):
                self.line.open()
                if not self._send_group(mailing, envelopes[start : start + size], is_selective):
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
        self._give_back(faulty, status=LetterStatus.FAILED, reply=NOT_MAILABLE)
        return envelopes

    def _send_group(self, mailing: Mailing, group: Sequence[Envelope], is_selective: bool) -> bool:
        """Intent, sending, outcomes. False when the rest of the batch had better wait."""
        hands = {(one.letter, one.epoch) for one in group}
        try:
            journal = NoJournal() if is_selective else Journal(hands)
        except OSError as error:
            log.warning("letters_not_journalled", reason=str(error))
            return False
        is_recorded = False
        try:
            attempts = claiming.intend(group)
            self.left -= {hand for hand in hands if hand[0] in attempts}
            going = [one for one in group if one.letter in attempts]
            spared = reminding.spared(mailing.survey, [one.invitation for one in going]) if is_selective else set()
            sent_to = [one for one in going if one.invitation not in spared]
            replies = list(self._replies(sent_to, journal))
            self._pause_if_forbidden(mailing, replies)
            outcomes = [
                self._outcome(one, reply, attempts[one.letter]) for one, reply in zip(sent_to, replies, strict=True)
            ]
            if is_selective:
                others = [
                    Outcome(one.letter, one.epoch, LetterStatus.DONE) for one in going if one.invitation in spared
                ]
                outcomes = reminding.concealed(outcomes, others)
            # What is uncertain stays as it is, for the sweep to look into when the lease is over.
            claiming.record([outcome for outcome in outcomes if outcome.status != LetterStatus.SENDING])
            is_recorded = True
        finally:
            journal.close(keep=not is_recorded)
        stopped = {Verdict.UNTRIED, Verdict.FORBIDDEN}
        return len(going) == len(group) and stopped.isdisjoint(reply.verdict for reply in replies)

    def _replies(self, envelopes: Sequence[Envelope], journal: Journal | NoJournal) -> Iterator[Reply]:
        """Send one by one; once sending must stop, the rest is answered with "not tried"."""
        is_stopped = False
        for one in envelopes:
            reply = UNTRIED if is_stopped else self._reply(one, journal)
            is_stopped = is_stopped or reply.verdict in (Verdict.UNTRIED, Verdict.FORBIDDEN)
            yield reply

    def _reply(self, one: Envelope, journal: Journal | NoJournal) -> Reply:
        try:
            self.line.open()  # again, if the last letter cost the connection
            journal.write(Trace.TRYING, one.letter)
        except (Unreachable, OSError) as error:
            log.warning("sending_stopped", reason=str(error))
            return UNTRIED
        # After the note, not before: see the module's text on paused workers.
        if _clock() >= self.until:
            return UNTRIED
        reply = self.line.send(one.recipient, one.content)
        if reply.verdict is not Verdict.UNCERTAIN:
            # Without this line the letter is merely uncertain if the worker dies in this very group.
            with contextlib.suppress(OSError):
                journal.write(Trace.TAKEN if reply.verdict is Verdict.TAKEN else Trace.REFUSED, one.letter)
        return reply

    def _pause_if_forbidden(self, mailing: Mailing, replies: Sequence[Reply]) -> None:
        for reply in replies:
            # Before the letters are given back, so that no other worker takes them up in between.
            if reply.verdict is Verdict.FORBIDDEN and distributing.pause(mailing, self.now):
                log.error("mailing_paused", mailing=mailing.pk, reply=reply.text)

    def _outcome(self, one: Envelope, reply: Reply, attempts: int) -> Outcome:
        match reply.verdict:
            case Verdict.TAKEN:
                return Outcome(one.letter, one.epoch, LetterStatus.SENT, reply=reply.text)
            case Verdict.REFUSED:
                return Outcome(one.letter, one.epoch, LetterStatus.FAILED, reply=reply.text)
            case Verdict.LATER:
                wait = min(AGAIN * 2 ** min(attempts - 1, 10), LONGEST_WAIT)
                return Outcome(one.letter, one.epoch, LetterStatus.PENDING, self.now + wait, reply.text)
            case Verdict.FORBIDDEN:
                return Outcome(one.letter, one.epoch, LetterStatus.PENDING, self.now, reply.text, tried=False)
            case Verdict.UNTRIED:
                return Outcome(one.letter, one.epoch, LetterStatus.PENDING, self.now + AGAIN, tried=False)
            case Verdict.UNCERTAIN:
                return Outcome(one.letter, one.epoch, LetterStatus.SENDING)

    def _give_back(
        self,
        hands: Collection[Hand],
        *,
        not_before: datetime | None = None,
        status: LetterStatus = LetterStatus.PENDING,
        reply: str = "",
    ) -> None:
        if hands:
            claiming.release(hands, not_before, status, reply)
            self.left = self.left - set(hands)


def _clock() -> float:
    """Seconds that also pass while the machine sleeps, where it can tell."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
