"""Withdrawing: one's own answer taken back, by the code while a survey is open, by the receipt after it has closed.

While it is open the ballot is deleted, and nothing tells it from one that never was. After the closing the receipt is
the only thing that points out a response; the response goes with all that hangs on it, a backup is written without it,
and what has been published stays until so many have withdrawn that the figures without them tell of no few
(`surveys.gate.leaving`). What is kept is how many they were.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import F

from surveys import answering, voting
from surveys.answering import Busy, Closed, Superseded, Voter
from surveys.box import backing_up, holding, locking, reaching, receipting, sealing, storing
from surveys.models import Closing, Quoting, Response, Survey, Withdrawal

log = structlog.get_logger(__name__)

# A save that was on its way when its ballot was withdrawn is not taken for a new beginning for as long as this.
REMEMBERED_SECONDS = 24 * 3600


class Unknown(Exception):
    """No closed survey has an answer with this receipt: mistyped, withdrawn already, or put aside."""


class BeingCounted(Exception):
    """The survey no longer takes answers and is not yet closed: its answers are being counted and compared."""


@dataclass(frozen=True)
class Found:
    """The answer a receipt points out, as far as its holder is told: which survey's, and what was said of quoting."""

    survey: Survey
    quoting: str


# --- While the survey is open, by the code -----------------------------------------------------------------


def withdraw(voter: Voter, code: str, now: datetime, *, proof: str = "") -> None:
    """Delete what lies in the box under this code, drafted or submitted. Again: it is gone already.

    Where another code has submitted, only what this one has drafted goes, and nobody can tell the difference.

    Raises:
        Superseded: the code opens nothing here (any more).
        Closed, Busy, Throttled
    """
    place = sealing.locator(voting.keys_of(voter), voter.invitation)
    note = sealing.withdrawn_name(voting.keys_of(voter), place, code)
    if not voting.proves(voter, code, proof) and answering.resume(voter, code) is None:
        if cache.get(note):
            return
        raise Superseded
    for _attempt in range(answering.SAVE_ATTEMPTS):
        row = reaching.read(voter.survey.pk, voting.keys_of(voter), place)
        seen = voting.seen(voter, code, row)
        if row is None or seen is None:
            if row is None and cache.get(note):
                return
            raise Superseded
        # Before it is deleted: a save that comes between finds the note.
        cache.set(note, 1, REMEMBERED_SECONDS)
        outcome = _delete(voter, place, row, now) if holding.counts(seen) else _empty(voter, place, row, now)
        if outcome == "closed":
            raise Closed
        if outcome in ("gone", "kept"):
            return
    raise Busy


def _delete(voter: Voter, place: bytes, row: reaching.Row, now: datetime) -> str:
    if voter.survey.is_anonymous:
        return reaching.delete(voter.survey.pk, place, row.version, now)
    with transaction.atomic():
        # A submission that is being stored is waited for; one that is stored later finds no ballot.
        storing.take_turns(place)
        outcome = reaching.delete(voter.survey.pk, place, row.version, now)
        if outcome == "gone":
            # Whom the figures count stays noted (`Counted`): whoever answers again is not counted twice.
            Response.objects.filter(survey=voter.survey, locator=place).delete()
        return outcome


def _empty(voter: Voter, place: bytes, row: reaching.Row, now: datetime) -> str:
    """Take the draft out from beside another code's submission, of which everything stays: how it came in as well."""
    emptied = replace(row.box, draft={}, resume_hash="", language="", aside="")
    survey_id, keys = voter.survey.pk, voting.keys_of(voter)
    sealed = sealing.seal(keys, survey_id, place, row.version + 1, row.final, emptied)
    return reaching.write(survey_id, place, row.version, row.final, sealed, now)


# --- After it has closed, by the receipt -------------------------------------------------------------------


def find(typed: str) -> Found:
    """What a receipt points out.

    Raises:
        Unknown, BeingCounted
    """
    response = _response(typed)
    return Found(response.survey, response.quoting)


def remove(typed: str) -> Survey:
    """Delete the answer that a receipt points out, with its background and what was coded of it; its survey.

    Raises:
        Unknown: also when it has been withdrawn already.
        BeingCounted
    """
    with transaction.atomic():
        response = _response(typed, locks=True)
        Withdrawal.objects.create(survey=response.survey)
        response.delete()
        _note_change(response.survey)
    return response.survey


def change_quoting(typed: str, said: str) -> Survey:
    """Keep what the holder of a receipt now says to being quoted; the survey.

    Raises:
        Unknown: also of an answer whose writer was never asked.
        BeingCounted
        ValueError: it is none of the three things one can say.
    """
    if said not in Quoting.values:
        raise ValueError(said)
    with transaction.atomic():
        response = _response(typed, locks=True)
        if not response.quoting:
            raise Unknown
        Response.objects.filter(pk=response.pk).update(quoting=said)
        # The backup says what was said before: it is written anew, like after a withdrawal.
        _note_change(response.survey)
    return response.survey


def _response(typed: str, *, locks: bool = False) -> Response:
    number = receipting.read(typed)
    if not number:
        raise Unknown
    surveys = {survey.pk: survey for survey in Survey.objects.filter(stopped_at__isnull=False)}
    hashes = [bytes.fromhex(sealing.code_hash(pk, number)) for pk in surveys]
    rows = Response.objects.select_for_update() if locks else Response.objects.all()
    response = rows.filter(receipt_hash__in=hashes).first()
    if response is None:
        raise Unknown
    response.survey = surveys[response.survey_id]
    # What has been mixed is compared with what was in the box until the key is destroyed. Nothing may be missing.
    if response.survey.closed_at is None:
        raise BeingCounted
    return response


def _note_change(survey: Survey) -> None:
    Closing.objects.filter(survey=survey).update(changes=F("changes") + 1)


# --- In the background -------------------------------------------------------------------------------------


def expunge_due() -> int:
    """Write the backups anew of the surveys whose facts have been changed by holders of receipts; how many."""
    due = Closing.objects.filter(changes__gt=F("backed_up"), closed_at__isnull=False).select_related("survey")
    return sum(_expunge(closing.survey) for closing in due)


def _expunge(survey: Survey) -> bool:
    with locking.alone(locking.CLOSING, survey.pk) as held:
        if not held:
            return False
        with transaction.atomic():
            # One moment for the count of changes and for all that is written: who withdraws meanwhile has it written
            # once more. In a transaction around this one (a test's) nothing else happens meanwhile.
            with connection.cursor() as cursor:
                if not connection.savepoint_ids:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            changes = Closing.objects.values_list("changes", flat=True).get(survey=survey)
            stored = backing_up.stored_multiset(survey)
            name = backing_up.back_up(survey)
            if backing_up.restored_multiset(backing_up.place_of(name), name) != stored:
                log.error("backup_not_verified", survey=survey.code)
                return False
        Closing.objects.filter(survey=survey).update(backed_up=changes, responses=stored[0], digest=stored[1])
        storing.settle()
    return True
