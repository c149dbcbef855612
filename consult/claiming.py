"""Claiming: the letters' rows as a queue, moved from state to state by conditional updates only.

    pending ─claim→ claimed ─intend→ sending ─record→ sent · failed · done · pending again
                       └──────────── release → pending (or skipped) ────────────┘

Every write names the row, the epoch of the claim and the state it must find, so that a worker whose lease has
been taken over changes nothing. Leases run by the database's clock, which all workers share. What is due is
judged by the `now` of the caller. Every function is one statement, committed on its own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from consult.composing import Draft, Envelope
from consult.models import LetterStatus

# Far longer than the longest a worker may take over the letters in its hand (delivering.SHIFT and one SMTP
# conversation in which every answer comes at the last moment).
LEASE = timedelta(minutes=20)

Hand = tuple[int, int]
"""A letter in a worker's hand: its id and the epoch of the claim."""


@dataclass(frozen=True)
class Claim:
    """Letters of one mailing claimed together."""

    mailing: int
    hands: list[Hand]


@dataclass(frozen=True)
class Outcome:
    """What becomes of a letter that was tried, or was about to be.

    `tried` is False when not one byte of it was sent; then the attempt does not count.
    """

    letter: int
    epoch: int
    status: LetterStatus
    not_before: datetime | None = None
    reply: str = ""
    tried: bool = True


# The shape of these statements is for the planner, which cannot know how few rows are in hand at a time: LATERAL with
# LIMIT looks into each mailing for one letter instead of reading all that wait; ARRAY and MATERIALIZED are worked out
# once, and the rows then found by their key.
_CLAIM = """
UPDATE consult_letter AS letter
SET status = 'claimed', epoch = letter.epoch + 1, lease_until = clock_timestamp() + %(lease)s
WHERE letter.id = ANY (ARRAY (
    SELECT id FROM consult_letter
    WHERE status = 'pending' AND not_before <= %(now)s AND mailing_id = (
        SELECT mailing.id FROM consult_mailing AS mailing
        CROSS JOIN LATERAL (
            SELECT FROM consult_letter AS waiting
            WHERE waiting.mailing_id = mailing.id AND waiting.status = 'pending' AND waiting.not_before <= %(now)s
            LIMIT 1
        ) AS found
        WHERE mailing.queued_at IS NOT NULL AND mailing.paused_at IS NULL
        ORDER BY mailing.due_at, mailing.id LIMIT 1
    )
    ORDER BY not_before, id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
))
RETURNING letter.mailing_id, letter.id, letter.epoch
"""

_DRAFTS = """
SELECT letter.id, letter.epoch, letter.message_id, letter.dated_at, letter.language,
       person.given_name || ' ' || person.family_name, person.given_name, address.email, address.kind = 'work',
       invitation.id, invitation.selector, invitation.generation,
       invitation.opted_out_at IS NULL AND address.id IS NOT NULL AND address.dead_at IS NULL
FROM consult_letter AS letter
JOIN consult_invitation AS invitation ON invitation.id = letter.invitation_id
JOIN consult_person AS person ON person.id = invitation.person_id
LEFT JOIN consult_address AS address ON address.id = invitation.address_id
WHERE letter.id = ANY(%(letters)s) AND letter.status = 'claimed'
ORDER BY letter.id
"""

# Rows are locked in the order of their ids, here and below, so that a late worker and the sweep that takes over from
# it wait for each other instead of deadlocking. What has changed since the claim is asked once more; what is not
# returned stays claimed, to be released.
_INTEND = """
WITH held AS MATERIALIZED (
    SELECT letter.id, hand.dated_at, hand.version
    FROM unnest(%(letters)s::bigint[], %(epochs)s::int[], %(dates)s::timestamptz[], %(versions)s::text[])
             AS hand(id, epoch, dated_at, version)
    JOIN consult_letter AS letter ON letter.id = hand.id AND letter.epoch = hand.epoch AND letter.status = 'claimed'
    JOIN consult_mailing AS mailing ON mailing.id = letter.mailing_id AND mailing.paused_at IS NULL
    JOIN surveys_survey AS survey ON survey.id = mailing.survey_id AND survey.stopped_at IS NULL
    JOIN consult_invitation AS invitation ON invitation.id = letter.invitation_id AND invitation.opted_out_at IS NULL
    JOIN consult_address AS address ON address.id = invitation.address_id AND address.dead_at IS NULL
    ORDER BY letter.id FOR UPDATE OF letter
)
UPDATE consult_letter AS letter
SET status = 'sending', lease_until = clock_timestamp() + %(lease)s, attempts = letter.attempts + 1,
    dated_at = held.dated_at, template_version = held.version
FROM held WHERE letter.id = held.id
RETURNING letter.id, letter.attempts
"""

# A letter that has reached "done" keeps nothing by which those who were sent one differ from those who were not.
_RECORD = """
WITH held AS MATERIALIZED (
    SELECT outcome.*, mailing.due_at
    FROM unnest(%(letters)s::bigint[], %(epochs)s::int[], %(statuses)s::text[], %(waits)s::timestamptz[],
                %(replies)s::text[], %(tried)s::bool[]) AS outcome(id, epoch, status, not_before, reply, tried)
    JOIN consult_letter AS letter
      ON letter.id = outcome.id AND letter.epoch = outcome.epoch AND letter.status = %(found)s
    JOIN consult_mailing AS mailing ON mailing.id = letter.mailing_id
    ORDER BY letter.id FOR UPDATE OF letter
)
UPDATE consult_letter AS letter
SET status = held.status, lease_until = NULL,
    not_before = CASE WHEN held.status = 'done' THEN held.due_at ELSE COALESCE(held.not_before, letter.not_before) END,
    attempts = CASE WHEN held.status = 'done' THEN 0
                    WHEN held.tried THEN letter.attempts ELSE GREATEST(letter.attempts - 1, 0) END,
    epoch = CASE WHEN held.status = 'done' THEN 0 ELSE letter.epoch END,
    dated_at = CASE WHEN held.status = 'done' THEN NULL ELSE letter.dated_at END,
    template_version = CASE WHEN held.status = 'done' THEN '' ELSE letter.template_version END,
    smtp_reply = CASE WHEN held.status = 'done' THEN '' ELSE held.reply END
FROM held WHERE letter.id = held.id
"""

_RELEASE = """
WITH held AS MATERIALIZED (
    SELECT letter.id FROM unnest(%(letters)s::bigint[], %(epochs)s::int[]) AS hand(id, epoch)
    JOIN consult_letter AS letter ON letter.id = hand.id AND letter.epoch = hand.epoch AND letter.status = 'claimed'
    ORDER BY letter.id FOR UPDATE OF letter
)
UPDATE consult_letter AS letter
SET status = %(status)s, lease_until = NULL, smtp_reply = %(reply)s,
    not_before = GREATEST(letter.not_before, %(not_before)s::timestamptz)
FROM held WHERE letter.id = held.id
"""

# A row that someone is writing to this very moment has a living owner.
_RECLAIM = """
UPDATE consult_letter SET status = 'pending', lease_until = NULL
WHERE id IN (
    SELECT id FROM consult_letter WHERE status = 'claimed' AND lease_until < clock_timestamp() FOR UPDATE SKIP LOCKED
)
"""


def claim(now: datetime, limit: int) -> Claim | None:
    """Take up to `limit` due letters of the mailing that has waited longest; None when nothing waits."""
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {"now": now, "limit": limit, "lease": LEASE}
        cursor.execute(_CLAIM, parameters)
        rows = sorted(cursor.fetchall())
    return Claim(rows[0][0], [(letter, epoch) for _mailing, letter, epoch in rows]) if rows else None


def drafts(hands: Sequence[Hand]) -> tuple[list[Draft], list[Hand]]:
    """What the claimed letters are made from, and those that nobody is to get: opted out, or no live address."""
    epochs = dict(hands)
    wanted: list[Draft] = []
    unwanted: list[Hand] = []
    with connection.cursor() as cursor:
        cursor.execute(_DRAFTS, {"letters": list(epochs)})
        for *values, reachable in cursor.fetchall():
            draft = Draft(*values)
            if epochs[draft.letter] != draft.epoch:
                continue  # taken over by another worker
            if reachable:
                wanted.append(draft)
            else:
                unwanted.append((draft.letter, draft.epoch))
    return wanted, unwanted


def intend(envelopes: Sequence[Envelope]) -> dict[int, int]:
    """Note, durably, that these letters are about to be sent; for those that may be, how often they were tried.

    Raises:
        RuntimeError: called inside a transaction, where the note would not be durable.
    """
    parameters: dict[str, Any] = {
        "lease": LEASE,
        "letters": [envelope.letter for envelope in envelopes],
        "epochs": [envelope.epoch for envelope in envelopes],
        "dates": [envelope.dated_at for envelope in envelopes],
        "versions": [envelope.version for envelope in envelopes],
    }
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_INTEND, parameters)
        return dict(cursor.fetchall())


def record(outcomes: Sequence[Outcome], found: LetterStatus = LetterStatus.SENDING) -> int:
    """Write what became of letters that were being sent (or of unknown fate); how many rows took it."""
    parameters: dict[str, Any] = {
        "found": str(found),
        "letters": [outcome.letter for outcome in outcomes],
        "epochs": [outcome.epoch for outcome in outcomes],
        "statuses": [str(outcome.status) for outcome in outcomes],
        "waits": [outcome.not_before for outcome in outcomes],
        "replies": [outcome.reply for outcome in outcomes],
        "tried": [outcome.tried for outcome in outcomes],
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, parameters)
        return int(cursor.rowcount)


def release(
    hands: Collection[Hand],
    not_before: datetime | None = None,
    status: LetterStatus = LetterStatus.PENDING,
    reply: str = "",
) -> int:
    """Give claimed letters back, not to be tried before a time, or end them as skipped or failed."""
    parameters: dict[str, Any] = {
        "letters": [letter for letter, _epoch in hands],
        "epochs": [epoch for _letter, epoch in hands],
        "status": str(status),
        "not_before": not_before,
        "reply": reply,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, parameters)
        return int(cursor.rowcount)


def reclaim() -> int:
    """Free the claimed letters of workers whose lease is over: not a byte of them was sent."""
    with connection.cursor() as cursor:
        cursor.execute(_RECLAIM)
        return int(cursor.rowcount)


@dataclass(frozen=True)
class Doubtful:
    """A letter that was being sent, or is of unknown fate, and what is needed to decide about it."""

    letter: int
    epoch: int
    message_id: str
    kind: str


def overdue() -> list[Doubtful]:
    """Letters being sent by workers whose lease is over."""
    return _doubtful("letter.status = 'sending' AND letter.lease_until < clock_timestamp()", {})


def unknown(mailing: int) -> list[Doubtful]:
    """Letters of one mailing that may or may not have been taken by the mail server."""
    return _doubtful("letter.status = 'unknown' AND letter.mailing_id = %(mailing)s", {"mailing": mailing})


def in_hand() -> set[Hand]:
    """Every letter that a worker holds, or held when it died."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, epoch FROM consult_letter WHERE status IN ('claimed', 'sending')")
        return set(cursor.fetchall())


def _doubtful(condition: str, parameters: dict[str, int]) -> list[Doubtful]:
    statement = f"""
        SELECT letter.id, letter.epoch, letter.message_id, letter.kind
        FROM consult_letter AS letter
        WHERE {condition} ORDER BY letter.id
    """  # noqa: S608 - the condition is one of the two constants above
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [Doubtful(*row) for row in cursor.fetchall()]
