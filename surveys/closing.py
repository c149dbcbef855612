"""Closing: the ballot box is stopped, shaken, opened, verified, and its key destroyed (docs/anonymity.md).

A restartable state machine: `advance` does the next step that can be done and may be killed anywhere.

    stop ──► mix ──► verify (backup, restore test) ──► [approvals] ──► destroy

A named survey takes the same way without approvals, without the mix (its facts are there already), and its key
is kept. A ballot that does not open, or that no invitation leads to, stops the mix until enough people have decided
to go on without it (`surveys.box.waiving`); nothing is destroyed before.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from surveys.box import backing_up, keyring, locking, sealing, unsealing, waiving
from surveys.box.coarsening import coarsen
from surveys.box.storing import Ballot, Register, copy_in, settle, store_named
from surveys.branching.rerouting import Rerouting
from surveys.models import Approval, Closing, Response, Survey
from surveys.structure import edition_view
from surveys.ways import joining

Backgrounds = Mapping[bytes, Mapping[str, str]]


class NotVerified(Exception):
    """What came out of the mix or the backup is not what went in. Nothing is destroyed."""


class Unreadable(NotVerified):
    """So many submitted ballots do not open, or lie where no invitation leads, and too few people have waived them."""

    def __init__(self, survey: Survey, ballots: int) -> None:
        super().__init__(f"{survey.code}: ballots that do not open: {ballots}")
        self.ballots = ballots


class NotYetVerified(Exception):
    """The answers have not yet been mixed and verified, so the destruction cannot be approved."""


class NotStopped(Exception):
    """The survey still takes answers."""


def stop(survey: Survey, now: datetime) -> Closing:
    """End the intake. Idempotent; what was acknowledged before is in, what comes after is refused."""
    with transaction.atomic():
        Survey.objects.filter(pk=survey.pk, opened_at__isnull=False, stopped_at__isnull=True).update(stopped_at=now)
        survey.refresh_from_db(fields=["stopped_at", "opened_at"])
        if survey.stopped_at is None:
            raise NotStopped
        closing, _created = Closing.objects.get_or_create(survey=survey, defaults={"started_at": now})
    return closing


def approve(survey: Survey, person: Any, now: datetime) -> int:
    """Record one person's consent to destroy the key; how many there are now. Twice by one person is once.

    Raises:
        NotYetVerified: there is nothing to consent to before the answers are counted and the backup tried.
    """
    if not Closing.objects.filter(survey=survey, verified_at__isnull=False).exists():
        raise NotYetVerified
    Approval.objects.get_or_create(survey=survey, person=person, defaults={"given_at": now})
    return Approval.objects.filter(survey=survey).count()


def approvals_needed(survey: Survey) -> int:
    """How many persons must still approve the destruction."""
    if not survey.is_anonymous:
        return 0
    return max(0, settings.CLOSING_APPROVALS - Approval.objects.filter(survey=survey).count())


def due(now: datetime) -> list[Survey]:
    """Surveys past their deadline, or stopped by hand, whose key is not yet destroyed."""
    return [
        survey
        for survey in Survey.objects.filter(opened_at__isnull=False, closed_at__isnull=True)
        if survey.stopped_at is not None or now >= survey.closes_at
    ]


def advance(survey: Survey, backgrounds: Callable[[], Backgrounds], now: datetime) -> bool:
    """Take the closing as far as it goes; True once the key is destroyed.

    Args:
        backgrounds: gives {locator: {fact: value}} for everyone invited; asked for once, at the mix.

    Raises:
        NotVerified: before = after does not hold, or (Unreadable) a ballot does not open; nothing has been destroyed.
        keyring.OutOfReach: a replica of the key is not there, and might come back; nothing has been destroyed.
    """
    stop(survey, now)
    with locking.alone(locking.CLOSING, survey.pk) as held:
        if not held:
            return False
        closing = Closing.objects.get(survey=survey)
        if closing.mixed_at is None:
            # Saves in flight hold the lock shared; later ones find the survey stopped.
            locking.wait_out(locking.INTAKE, survey.pk)
            _mix(survey, closing, backgrounds(), now)
            settle()
        if closing.verified_at is None:
            _verify(survey, closing, now)
        if closing.closed_at is None and approvals_needed(survey) == 0:
            _complete(survey, closing, now)
        return closing.closed_at is not None


def _mix(survey: Survey, closing: Closing, backgrounds: Backgrounds, now: datetime) -> None:
    """Open every final ballot and insert it as facts, in a random order.

    Raises:
        Unreadable: some do not open, or no invitation leads to them. How many is noted, for people to see and decide.
    """
    unsealing.mend_marks(survey)
    try:
        _mix_without(survey, closing, backgrounds, now, frozenset())
    except sealing.BrokenSeal:
        broken = unsealing.broken(survey, backgrounds)
        Closing.objects.filter(pk=closing.pk).update(unreadable=len(broken))
        if waiving.missing(survey, len(broken)):
            raise Unreadable(survey, len(broken)) from None
        _mix_without(survey, closing, backgrounds, now, broken)


def _mix_without(
    survey: Survey, closing: Closing, backgrounds: Backgrounds, now: datetime, broken: frozenset[bytes]
) -> None:
    """The mix without the broken ballots, all in one transaction."""
    with transaction.atomic():
        places = [place for place in unsealing.places_in(survey, final=True) if place not in broken]
        known = joining.join(survey, places, backgrounds, Register.of(survey).names)
        mix = _mix_anonymous if survey.is_anonymous else _complete_named
        count, digest = mix(survey, places, known if survey.is_anonymous else backgrounds, now)
        closing.mixed_at, closing.responses, closing.digest = now, count, digest
        closing.uninvited = known.uninvited
        closing.unreadable, closing.left_out = len(broken), len(broken) - _stored_already(survey, broken)
        closing.save(update_fields=["mixed_at", "responses", "uninvited", "digest", "unreadable", "left_out"])


def _stored_already(survey: Survey, broken: frozenset[bytes]) -> int:
    """How many of them a named survey holds as facts since they were submitted; none of an anonymous one."""
    return Response.objects.filter(survey=survey, locator__in=broken).count() if broken else 0


def _complete_named(survey: Survey, places: list[bytes], backgrounds: Backgrounds, now: datetime) -> tuple[int, bytes]:
    """Store every submitted ballot again: one whose worker was killed between box and facts is still missing."""
    for place, _box in unsealing.opened(survey, places):
        store_named(survey, place, backgrounds.get(place, {}))
    return backing_up.stored_multiset(survey)


def _mix_anonymous(survey: Survey, places: list[bytes], backgrounds: Backgrounds, now: datetime) -> tuple[int, bytes]:
    secrets.SystemRandom().shuffle(places)
    names = Register.of(survey).names
    combinations = {place: tuple(backgrounds.get(place, {}).get(name) for name in names) for place in places}
    k = max(survey.threshold, settings.DISCLOSURE_K)
    coarse = coarsen(Counter(combinations.values()), k)
    stored_as = {place: coarse[combinations[place]] for place in places}
    reroute = Rerouting(edition_view(survey.edition_id), backgrounds, stored_as, k)
    digest = backing_up.MultisetHash()

    def ballots() -> Iterator[Ballot]:
        for place, box in unsealing.opened(survey, places):
            final = reroute(place, box.final or {})
            background = dict(zip(names, stored_as[place], strict=True))
            digest.add(sealing.content_hash(final, box.receipt_hash, background, box.quoting))
            yield Ballot(final, box.receipt_hash, background, quoting=box.quoting)

    stored = copy_in(survey, ballots(), timezone.localdate(now))
    return stored, digest.value()


def _verify(survey: Survey, closing: Closing, now: datetime) -> None:
    """Compare what is stored, and what a backup of it gives back, with what was in the box."""
    expected = (closing.responses, bytes(closing.digest or b""))
    if backing_up.stored_multiset(survey) != expected:
        raise NotVerified(f"{survey.code}: the stored facts differ from the ballots")
    name = backing_up.back_up(survey)
    path = backing_up.place_of(name)
    try:
        restored, told = backing_up.restored_multiset(path, name), backing_up.restored_told(path, name)
    except backing_up.Damaged as error:
        raise NotVerified(f"{survey.code}: the backup cannot be restored") from error
    if restored != expected or told != backing_up.told(survey):
        raise NotVerified(f"{survey.code}: the backup does not restore to the same")
    closing.backup, closing.verified_at = name, now
    closing.save(update_fields=["backup", "verified_at"])


def _complete(survey: Survey, closing: Closing, now: datetime) -> None:
    """Destroy the key, delete the sealed ballots, and write the signed record. Every part may be repeated.

    A named survey keeps its key: by it the union finds who answered what, which is what people were told.
    """
    if survey.is_anonymous:
        keyring.destroy(survey.key_id)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM surveys_sealedballot WHERE survey_id = %s", [survey.pk])
    _vacuum()
    with transaction.atomic():
        Survey.objects.filter(pk=survey.pk, closed_at__isnull=True).update(closed_at=now)
        closing.closed_at = now
        if survey.is_anonymous:
            closing.clean_on = timezone.localdate(now) + timedelta(days=settings.CLEAN_DAYS)
            closing.record = _record(survey, closing, now)
        closing.save(update_fields=["closed_at", "clean_on", "record"])
    survey.closed_at = now


def _record(survey: Survey, closing: Closing, now: datetime) -> dict[str, Any]:
    record: dict[str, Any] = {
        "survey": survey.code,
        "key": str(survey.key_id),
        "replicas": len(settings.KEYRING),
        "responses": closing.responses,
        "digest": bytes(closing.digest or b"").hex(),
        "destroyed_at": now.isoformat(),
        "approved_by": [approval.person_id for approval in survey.approvals.order_by("given_at")],
        **waiving.record(survey, closing.left_out),
    }
    return {**record, "signature": sign(record)}


def sign(record: Mapping[str, Any]) -> str:
    """HMAC-SHA-256 of the record's canonical text without its signature, under a key of its own, as hex."""
    content = {name: value for name, value in record.items() if name != "signature"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hmac.new(keyring.derive(settings.MASTER_KEY, "record"), text.encode(), "sha256").hexdigest()


def _vacuum() -> None:
    """Let the deleted rows' space be overwritten. Not possible inside a transaction, and no harm if skipped there."""
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute("VACUUM surveys_sealedballot")
