"""Reaching one ballot: read, written or deleted where it lies. Called by answering and withdrawing only.

A write is one statement. The request is in autocommit, so it is also the whole transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from surveys.box import keyring, sealing
from surveys.box.preparing import prepared_cursor
from surveys.box.sealing import Box


@dataclass(frozen=True)
class Row:
    """A ballot as it lies in the box, opened."""

    version: int
    final: bool
    box: Box


def read(survey_id: int, keys: keyring.SurveyKeys, place: bytes) -> Row | None:
    """The ballot at a place, or None."""
    with prepared_cursor() as cursor:
        cursor.execute(
            "SELECT version, final, box FROM surveys_sealedballot WHERE locator = %s AND survey_id = %s",
            [place, survey_id],
        )
        found = cursor.fetchone()
    if found is None:
        return None
    version, final, sealed = found
    return Row(version, final, sealing.unseal(keys, survey_id, place, version, final, bytes(sealed)))


def write(survey_id: int, place: bytes, version: int, final: bool, sealed: bytes, now: datetime) -> str:
    """Put a ballot in the place of that version (0: of none): "kept", "stale" or "closed"."""
    with prepared_cursor() as cursor:
        cursor.execute(
            "SELECT surveys_keep_sealed(%s, %s, %s, %s, %s, %s)", [survey_id, place, version, final, sealed, now]
        )
        return str(cursor.fetchone()[0])


def delete(survey_id: int, place: bytes, version: int, now: datetime) -> str:
    """Delete that version of a ballot: "gone", "stale" or "closed"."""
    with prepared_cursor() as cursor:
        cursor.execute("SELECT surveys_withdraw_sealed(%s, %s, %s, %s)", [survey_id, place, version, now])
        return str(cursor.fetchone()[0])
