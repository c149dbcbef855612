"""Drawing: Word and PDF files made in the background, since that takes more time and memory than a page may.

    asked ─claim→ in a worker's hand ─finish→ made ──a day──→ gone
      └──────────── dead worker, or a fault, at most thrice ──→ failed ─asked again→ asked

Every write names the row and the attempt it belongs to, so that a worker whose lease has been taken over changes
nothing. Leases run by the database's clock, which all workers share.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import connection
from django.utils.translation import override

from surveys import exchanging
from surveys.attachments import attaching
from surveys.exchanging import Exported
from surveys.formats import loading
from surveys.models import Drawn, Edition, Export

log = structlog.get_logger(__name__)

# Far longer than the largest questionnaire takes (500 questions: seconds).
LEASE = timedelta(minutes=5)
ATTEMPTS = 3
# The rest of `Drawn` is no questionnaire.
QUESTIONNAIRES = (Drawn.DOCX.value, Drawn.PDF.value)
KEPT = timedelta(days=1)
POSTER_NAME = "plakat"

# A failed file that is asked for again has all its attempts before it; one that is made is kept a day more.
_ASK = """
INSERT INTO surveys_export AS export
    (edition_id, format, language, sha256, document, person_id, requested_at, attempts)
VALUES (%(edition)s, %(format)s, %(language)s, %(sha256)s, %(document)s::jsonb, %(person)s, %(now)s, 0)
ON CONFLICT (edition_id, format, language, sha256) DO UPDATE
SET requested_at = GREATEST(export.requested_at, EXCLUDED.requested_at),
    attempts = CASE WHEN export.failed_at IS NULL THEN export.attempts ELSE 0 END,
    failed_at = NULL
RETURNING id
"""

_CLAIM = """
UPDATE surveys_export SET attempts = attempts + 1, lease_until = clock_timestamp() + %(lease)s
WHERE id = (
    SELECT id FROM surveys_export
    WHERE finished_at IS NULL AND failed_at IS NULL AND attempts < %(most)s
      AND (lease_until IS NULL OR lease_until < clock_timestamp())
    ORDER BY attempts, requested_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id, attempts, edition_id, format, language, document::text
"""

_GIVE_UP = """
UPDATE surveys_export SET failed_at = %(now)s, lease_until = NULL
WHERE finished_at IS NULL AND failed_at IS NULL AND attempts >= %(most)s
  AND (lease_until IS NULL OR lease_until < clock_timestamp())
"""


@dataclass(frozen=True)
class _Hand:
    """A file in a worker's hand."""

    export: int
    attempt: int
    edition: int
    format: str
    language: str
    document: dict[str, Any]


def ask(edition: Edition, form: str, language: str, person: int | None, now: datetime) -> int:
    """Ask for a file; the id of its row. Asking for the same again, as with two presses of one button, is asking once.

    Args:
        form: of `Drawn`.
        person: the id of the user who asks.
    """
    if form not in QUESTIONNAIRES:
        raise ValueError(form)
    draft = exchanging.drafted(edition)
    return ask_for(
        edition, form, language, {**loading.pack(draft, files=False), "files": sorted(draft.files)}, person, now
    )


def ask_for(
    edition: Edition, form: str, language: str, content: Mapping[str, Any], person: int | None, now: datetime
) -> int:
    """The same for anything that is drawn, from what it shows as plain values of JSON."""
    document = json.dumps(content, sort_keys=True)
    with connection.cursor() as cursor:
        cursor.execute(
            _ASK,
            {
                "edition": edition.pk,
                "format": form,
                "language": language,
                "sha256": hashlib.sha256(document.encode()).hexdigest(),
                "document": document,
                "person": person,
                "now": now,
            },
        )
        return int(cursor.fetchone()[0])


def draw_waiting(now: datetime) -> int:
    """Draw the files that wait, one after the other; how many were made. What cannot be made is given up."""
    made = 0
    while (hand := _claim()) is not None:
        made += _try(hand, now)
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_UP, {"now": now, "most": ATTEMPTS})
    return made


def made(export: Export) -> Exported:
    """A finished row as the file to hand out."""
    content = bytes(export.content or b"")
    if export.format == Drawn.POSTER:
        return Exported(content, f"{export.edition.questionnaire.code}-{POSTER_NAME}.pdf", "application/pdf", ())
    form = exchanging.FORMATS[export.format]
    return Exported(content, exchanging.file_name(export.edition, form), form.media_type, ())


def gone_at(export: Export) -> datetime:
    """When the row may be erased."""
    return export.requested_at + KEPT


def drop_old(now: datetime) -> int:
    """Erase what was asked for more than a day ago; how many rows."""
    return Export.objects.filter(requested_at__lt=now - KEPT).delete()[0]


def _claim() -> _Hand | None:
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {"lease": LEASE, "most": ATTEMPTS}
        cursor.execute(_CLAIM, parameters)
        row = cursor.fetchone()
    if row is None:
        return None
    export, attempt, edition, form, language, document = row
    return _Hand(export, attempt, edition, form, language, json.loads(document))


def _try(hand: _Hand, now: datetime) -> bool:
    mine = Export.objects.filter(
        pk=hand.export, attempts=hand.attempt, finished_at__isnull=True, failed_at__isnull=True
    )
    try:
        content = _draw(hand)
    except Exception as fault:  # noqa: BLE001
        # One file's fault must not hold up the others. The next attempt may come at once.
        log.error("drawing_failed", export=hand.export, fault=type(fault).__name__)  # noqa: TRY400
        mine.update(lease_until=None)
        return False
    return bool(mine.update(content=content, document=None, finished_at=now, lease_until=None))


def _draw(hand: _Hand) -> bytes:
    if hand.format == Drawn.POSTER:
        # Which asks for files here.
        from surveys.ways import placarding

        return placarding.draw(hand.document)
    # The interface does not exist in every language that questionnaires do.
    known = dict(settings.LANGUAGES)
    with override(hand.language if hand.language in known else settings.LANGUAGE_CODE):
        draft = loading.unpack(hand.document, attaching.kept(hand.document["files"]))
        return exchanging.FORMATS[hand.format].dump(draft, hand.language).content
