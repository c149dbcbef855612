"""Unsealing: the ballot box read at closing, and what in it does not open or cannot be right."""

from __future__ import annotations

from collections.abc import Container, Iterator

import structlog
from django.db import connection

from surveys.box import keyring, sealing
from surveys.box.storing import Register
from surveys.models import Survey

log = structlog.get_logger(__name__)

BATCH = 1000


def places_in(survey: Survey, *, final: bool) -> list[bytes]:
    """Where the submitted ballots of a survey lie, or its drafts, as the rows themselves say."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT locator FROM surveys_sealedballot WHERE survey_id = %s AND final = %s", [survey.pk, final]
        )
        return [bytes(row[0]) for row in cursor.fetchall()]


def opened(survey: Survey, places: list[bytes]) -> Iterator[tuple[bytes, sealing.Box]]:
    """Open the ballots at these places, in this order.

    Raises:
        sealing.BrokenSeal: one of them does not open.
    """
    keys = keyring.keys(survey.key_id)
    for place, version, final, sealed in _sealed(places):
        yield place, sealing.unseal(keys, survey.pk, place, version, final, sealed)


def _sealed(places: list[bytes]) -> Iterator[tuple[bytes, int, bool, bytes]]:
    """(place, version, final, box) of the ballots at these places, in this order."""
    for start in range(0, len(places), BATCH):
        batch = places[start : start + BATCH]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT locator, version, final, box FROM surveys_sealedballot WHERE locator = ANY(%s)", [batch]
            )
            found = {bytes(row[0]): (row[1], row[2], bytes(row[3])) for row in cursor.fetchall()}
        for place in batch:
            yield place, *found[place]


def broken(survey: Survey, invited: Container[bytes]) -> frozenset[bytes]:
    """The places of submitted ballots that do not open, or that no invitation leads to."""
    keys = keyring.keys(survey.key_id)
    places = places_in(survey, final=True)
    shut = {
        place for place, version, final, box in _sealed(places) if not _opens(keys, survey, place, version, final, box)
    }
    return frozenset(shut | strays(survey, places, invited))


def strays(survey: Survey, places: list[bytes], invited: Container[bytes]) -> set[bytes]:
    """Those of these places that no invitation leads to, and whose ballot does not say that it came without one.

    Stored without background they would be merged away for ever, and nobody would notice.
    """
    if not Register.of(survey).names:
        return set()
    keys = keyring.keys(survey.key_id)
    found = set()
    for place, version, final, sealed in _sealed([place for place in places if place not in invited]):
        try:
            came_without = sealing.unseal(keys, survey.pk, place, version, final, sealed).facts is not None
        except sealing.BrokenSeal:
            came_without = False
        if not came_without:
            found.add(place)
    return found


def _opens(keys: keyring.SurveyKeys, survey: Survey, place: bytes, version: int, final: bool, sealed: bytes) -> bool:
    try:
        sealing.unseal(keys, survey.pk, place, version, final, sealed)
    except sealing.BrokenSeal:
        return False
    return True


def mend_marks(survey: Survey) -> None:
    """Mark as submitted what says so by its seal and not by its row: someone has changed the row."""
    keys = keyring.keys(survey.key_id)
    found = [
        place
        for place, version, _final, sealed in _sealed(places_in(survey, final=False))
        if not _opens(keys, survey, place, version, False, sealed)
        and _opens(keys, survey, place, version, True, sealed)
    ]
    if found:
        log.error("closing_marks_mended", survey=survey.code, ballots=len(found))
        with connection.cursor() as cursor:
            cursor.execute("UPDATE surveys_sealedballot SET final = TRUE WHERE locator = ANY(%s)", [found])
