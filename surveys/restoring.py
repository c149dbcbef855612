"""Restoring: the facts of a survey brought back from the file that was written when it closed (`backing_up`).

Two disasters are met. *The facts are gone:* the closing in the database knows how many there were and their hash, and
the file must say the same. *The database is older than the closing:* the survey stands as open, but its key is
destroyed, so that its ballots can never be opened; the file is then the only witness, and it is sealed with the
service's own key, for this survey. The survey is closed by what the file says, and its dead ballots are deleted.

The file is from before anyone coded: codings are not in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from surveys import backing_up, closing, keyring
from surveys.models import Answer, Background, Closing, Response, Survey
from surveys.storing import Ballot, copy_in, settle


class NotRestorable(Exception):
    """The facts cannot be restored; the message says why. Nothing has been changed."""


@dataclass(frozen=True)
class Restored:
    """How many rows were written, and whether the survey was closed by it."""

    responses: int
    answers: int
    background: int
    closed: bool


def restore(survey_code: str, path: Path, now: datetime) -> Restored:
    """Write the facts in a backup file back into the database, all or nothing.

    Raises:
        NotRestorable: there is no such survey, it has facts already, it can still be closed in the ordinary way, or
            the file is damaged, another survey's, or not what was counted at closing.
    """
    if not path.is_file():
        raise NotRestorable(_("There is no file %(file)s.") % {"file": path})
    try:
        with transaction.atomic():
            # Two at once: the second waits, and finds facts.
            survey = Survey.objects.select_for_update().filter(code=survey_code).first()
            if survey is None:
                raise NotRestorable(_("There is no survey called %(code)s.") % {"code": survey_code})
            if Response.objects.filter(survey=survey).exists():
                raise NotRestorable(_("The survey has its facts; nothing has been restored."))
            done = _restore(survey, path, now)
    except backing_up.Damaged as error:
        raise NotRestorable(
            _("The file is damaged, or belongs to another survey or another master key; nothing has been restored.")
        ) from error
    settle()
    return done


def _restore(survey: Survey, path: Path, now: datetime) -> Restored:
    name = backing_up.name_of(survey)
    count, digest = backing_up.restored_multiset(path, name)
    counted = Closing.objects.filter(survey=survey, mixed_at__isnull=False).first()
    if counted is None:
        _stop(survey, now)
    elif (counted.responses, bytes(counted.digest or b"")) != (count, digest):
        raise NotRestorable(_("The file is not what was counted at closing; nothing has been restored."))
    locators: dict[str, str] = {}
    copy_in(survey, _ballots(path, name, locators), _closed_on(path, name, now))
    if not survey.is_anonymous:
        _link(survey, locators)
    if backing_up.stored_multiset(survey) != (count, digest):
        raise NotRestorable(_("What was written differs from the file; nothing has been restored."))
    if counted is None:
        _close(survey, name, count, digest, now)
    return Restored(
        responses=count,
        answers=Answer.objects.filter(response__survey=survey).count(),
        background=Background.objects.filter(response__survey=survey).count(),
        closed=counted is None,
    )


def _ballots(path: Path, name: str, locators: dict[str, str]) -> Iterator[Ballot]:
    """The responses in the file, to be stored again; fills in {receipt: locator} of a named survey on the way."""
    for response in backing_up.restored(path, name):
        if locator := response.get("locator"):
            locators[response["receipt"]] = locator
        yield Ballot(response["answers"], response["receipt"], response["background"])


def _closed_on(path: Path, name: str, now: datetime) -> date:
    """The day of closing, the same in every line of the file."""
    first: dict[str, Any] = next(backing_up.restored(path, name), {})
    return date.fromisoformat(first["closed_on"]) if first.get("closed_on") else timezone.localdate(now)


def _link(survey: Survey, locators: dict[str, str]) -> None:
    """Tie the responses to a named survey to their invitations again; they carry no day of closing."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE surveys_response AS response SET locator = decode(known.locator, 'hex'), closed_on = NULL
            FROM unnest(%s::text[], %s::text[]) AS known(receipt, locator)
            WHERE response.survey_id = %s AND response.receipt_hash = decode(known.receipt, 'hex')
            """,
            [list(locators), list(locators.values()), survey.pk],
        )


def _stop(survey: Survey, now: datetime) -> None:
    """End the intake of a survey whose key is destroyed. With its key it is to be closed in the ordinary way."""
    try:
        keyring.keys(survey.key_id)
    except keyring.KeyLost:
        if survey.opened_at is None:
            raise NotRestorable(_("The survey has not been opened, so it has no facts.")) from None
        Survey.objects.filter(pk=survey.pk, stopped_at__isnull=True).update(stopped_at=now)
    else:
        raise NotRestorable(_("The survey is not closed and has its key: it is closed in the ordinary way."))


def _close(survey: Survey, name: str, count: int, digest: bytes, now: datetime) -> None:
    """Note what the file proves: mixed, verified, key destroyed. The ballots of before can never be opened."""
    done: dict[str, Any] = {
        "mixed_at": now,
        "verified_at": now,
        "closed_at": now,
        "responses": count,
        "digest": digest,
        "backup": name,
    }
    if survey.is_anonymous:
        done["clean_on"] = timezone.localdate(now) + timedelta(days=settings.CLEAN_DAYS)
        done["record"] = _record(survey, count, digest, now)
    Closing.objects.update_or_create(survey=survey, defaults=done, create_defaults={**done, "started_at": now})
    Survey.objects.filter(pk=survey.pk, closed_at__isnull=True).update(closed_at=now)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM surveys_sealedballot WHERE survey_id = %s", [survey.pk])


def _record(survey: Survey, count: int, digest: bytes, now: datetime) -> dict[str, Any]:
    """In place of the record of destruction, which was lost: when the facts came back, and that the key was gone."""
    record = {
        "survey": survey.code,
        "key": str(survey.key_id),
        "responses": count,
        "digest": digest.hex(),
        "restored_at": now.isoformat(),
    }
    return {**record, "signature": closing.sign(record)}
