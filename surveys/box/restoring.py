"""Restoring: the facts of a survey brought back from the file that was written when it closed (`backing_up`).

Two disasters are met. *The facts are gone:* the closing in the database knows how many there were and their hash, and
the file must say the same. *The database is older than the closing:* the survey stands as open, but its key is
destroyed, so that its ballots can never be opened; the file is then the only witness, and it is sealed with the
service's own key, for this survey. The survey is closed by what the file says, and its dead ballots are deleted.

A key that cannot be read is not taken for destroyed: its disk may only be out of reach, and the ballots may be all
there is of some answers. The keyring holds the mark of the destruction; where the keyring itself is lost, a person must
say so. Nor may there be more ballots than the file knows of.

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

from surveys import closing, participating
from surveys.box import backing_up, keyring, locking
from surveys.box.storing import Ballot, copy_in, settle
from surveys.models import Answer, Background, Closing, Response, Survey


class NotRestorable(Exception):
    """The facts cannot be restored; the message says why. Nothing has been changed."""


@dataclass(frozen=True)
class Restored:
    """How many rows were written, and whether the survey was closed by it."""

    responses: int
    answers: int
    background: int
    closed: bool


def restore(survey_code: str, path: Path, now: datetime, *, is_key_lost: bool = False) -> Restored:
    """Write the facts in a backup file back into the database, all or nothing.

    Args:
        is_key_lost: a person says that a key which is out of reach is lost for good.

    Raises:
        NotRestorable: there is no such survey, it has facts already, it can or might still be closed in the ordinary
            way, or the file is damaged, another survey's, not what was counted at closing, or knows of fewer answers
            than lie in the box.
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
            done = _restore(survey, path, now, is_key_lost)
    except backing_up.Damaged as error:
        raise NotRestorable(
            _("The file is damaged, or belongs to another survey or another master key; nothing has been restored.")
        ) from error
    settle()
    return done


def _restore(survey: Survey, path: Path, now: datetime, is_key_lost: bool) -> Restored:
    name = backing_up.name_of(survey)
    count, digest = backing_up.restored_multiset(path, name)
    counted = Closing.objects.filter(survey=survey, mixed_at__isnull=False).first()
    if counted is None:
        told = backing_up.restored_told(path, name)
        _stop(survey, count + told["left_out"], now, is_key_lost)
    elif (counted.responses, bytes(counted.digest or b"")) != (count, digest):
        raise NotRestorable(_("The file is not what was counted at closing; nothing has been restored."))
    copy_in(survey, _ballots(survey, path, name), _closed_on(path, name, now))
    if backing_up.stored_multiset(survey) != (count, digest):
        raise NotRestorable(_("What was written differs from the file; nothing has been restored."))
    if counted is None:
        facts = {"responses": count, "digest": digest, "backup": name}
        _close(survey, facts, told, now)
        _bury(survey, is_key_lost)
    return Restored(
        responses=count,
        answers=Answer.objects.filter(response__survey=survey).count(),
        background=Background.objects.filter(response__survey=survey).count(),
        closed=counted is None,
    )


def _ballots(survey: Survey, path: Path, name: str) -> Iterator[Ballot]:
    """The responses in the file, to be stored again; those to a named survey tied to their invitations."""
    for response in backing_up.restored(path, name):
        place = None if survey.is_anonymous or not response["locator"] else bytes.fromhex(response["locator"])
        yield Ballot(
            response["answers"],
            response["receipt"],
            response["background"],
            place=place,
            asked=response["asked"],
            # A file from before anyone was asked says nothing of it.
            quoting=response.get("quoting", ""),
        )


def _closed_on(path: Path, name: str, now: datetime) -> date:
    """The day of closing, the same in every line of the file."""
    first: dict[str, Any] = next(backing_up.restored(path, name), {})
    return date.fromisoformat(first["closed_on"]) if first.get("closed_on") else timezone.localdate(now)


def _stop(survey: Survey, known: int, now: datetime, is_key_lost: bool) -> None:
    """End the intake of a survey whose key is destroyed. With its key it is to be closed in the ordinary way.

    Args:
        known: of how many submitted answers the file knows.
    """
    if survey.opened_at is None:
        raise NotRestorable(_("The survey has not been opened, so it has no facts."))
    try:
        keyring.keys(survey.key_id)
    except keyring.KeyLost:
        if not keyring.is_destroyed(survey.key_id) and not is_key_lost:
            raise NotRestorable(_out_of_reach()) from None
    else:
        raise NotRestorable(_("The survey is not closed and has its key: it is closed in the ordinary way."))
    Survey.objects.filter(pk=survey.pk, stopped_at__isnull=True).update(stopped_at=now)
    # A save in flight is waited for, and counted; later ones find the survey stopped.
    locking.hold(locking.INTAKE, survey.pk)
    if participating.count_final(survey) > known:
        raise NotRestorable(
            _("More answers lie in the ballot box than the file knows of, and they would be lost. Nothing is restored.")
        )


def _close(survey: Survey, facts: dict[str, Any], told: dict[str, Any], now: datetime) -> None:
    """Note what the file proves: mixed, verified, key destroyed. The ballots of before can never be opened."""
    done: dict[str, Any] = {
        **facts,
        "mixed_at": now,
        "verified_at": now,
        "closed_at": now,
        "left_out": told["left_out"],
        "unreadable": told["unreadable"],
        # Files of before there were other ways in do not say.
        "uninvited": told.get("uninvited", 0),
    }
    if survey.is_anonymous:
        done["clean_on"] = timezone.localdate(now) + timedelta(days=settings.CLEAN_DAYS)
        done["record"] = _record(survey, facts, told, now)
    Closing.objects.update_or_create(survey=survey, defaults=done, create_defaults={**done, "started_at": now})
    Survey.objects.filter(pk=survey.pk, closed_at__isnull=True).update(closed_at=now)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM surveys_sealedballot WHERE survey_id = %s", [survey.pk])


def _bury(survey: Survey, is_key_lost: bool) -> None:
    """Destroy what is left of the key, and have it refused should it come back. A named survey keeps its key."""
    if not survey.is_anonymous:
        return
    try:
        keyring.destroy(survey.key_id, lost=is_key_lost)
    except keyring.OutOfReach as error:
        raise NotRestorable(_out_of_reach()) from error


def _out_of_reach() -> str:
    return _(
        "The key of the survey is out of reach, which is not to say destroyed: put every directory of the keyring in"
        " its place. If the keyring is lost for good, say so with --key-lost. Nothing has been restored."
    )


def _record(survey: Survey, facts: dict[str, Any], told: dict[str, Any], now: datetime) -> dict[str, Any]:
    """In place of the record of destruction, which was lost: when the facts came back, and that the key was gone."""
    record = {
        "survey": survey.code,
        "key": str(survey.key_id),
        "responses": facts["responses"],
        "digest": facts["digest"].hex(),
        "restored_at": now.isoformat(),
        **{name: told[name] for name in ("left_out", "left_out_decided_by") if told["left_out"]},
    }
    return {**record, "signature": closing.sign(record)}
