"""Backing up: an encrypted file of a closed survey's facts, and the proof that it can be restored.

The file is a run of chunks, each a 4-byte length and a sealed piece of JSON lines (nonce ‖ ciphertext), bound
to its place in the file; an empty chunk ends it, so that a cut file is noticed. The first chunk tells about the closing
what its facts do not: how many answers were left out, and who decided so.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from itertools import groupby, islice
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from django.conf import settings
from django.db import connection, transaction

from surveys.box import filing, keyring, sealing, waiving
from surveys.kinds import registry
from surveys.kinds.base import Fact
from surveys.models import Closing, Survey

CHUNK_RESPONSES = 500
NONCE_BYTES = 12


class Damaged(Exception):
    """A backup file that has been cut or changed, or belongs to another master key."""


class MultisetHash:
    """Hash of a multiset of 32-byte hashes: their sum modulo 2**256. The order does not matter."""

    def __init__(self) -> None:
        self._sum = 0

    def add(self, content: bytes) -> None:
        self._sum = (self._sum + int.from_bytes(content, "big")) % 2**256

    def value(self) -> bytes:
        return self._sum.to_bytes(32, "big")


def stored_multiset(survey: Survey) -> tuple[int, bytes]:
    """(number of responses, multiset hash of their contents) as they now stand in the fact table."""
    return _multiset(_stored(survey))


def restored_multiset(path: Path, name: str) -> tuple[int, bytes]:
    """The same, as a backup file gives it back.

    Raises:
        Damaged
    """
    return _multiset(restored(path, name))


def told(survey: Survey) -> dict[str, Any]:
    """What the first chunk says: how many ballots did not open, how many answers were left out, and who decided so;
    how many came without an invitation."""
    closing = Closing.objects.filter(survey=survey).first() or Closing(survey=survey)
    about = waiving.record(survey, closing.left_out)
    counts = {"left_out": closing.left_out, "unreadable": closing.unreadable, "uninvited": closing.uninvited}
    return {**counts, **about}


def restored_told(path: Path, name: str) -> dict[str, Any]:
    """The same, as a backup file gives it back.

    Raises:
        Damaged
    """
    try:
        with path.open("rb") as file:
            about: dict[str, Any] = json.loads(_read_chunk(file, name, 0))
    except OSError as error:
        raise Damaged(name) from error
    return about


def restored(path: Path, name: str) -> Iterator[dict[str, Any]]:
    """Every response in a backup file: its answers, receipt, background, day of closing and (named) locator.

    Args:
        path: where the file lies now.
        name: what it was called when it was written (`name_of`), to which its content is bound.

    Raises:
        Damaged: also when there is no such file, or it cannot be read.
    """
    try:
        with path.open("rb") as file:
            _read_chunk(file, name, 0)
            number = 1
            while chunk := _read_chunk(file, name, number):
                for line in chunk.split(b"\n"):
                    yield json.loads(line)
                number += 1
    except OSError as error:
        raise Damaged(name) from error


def name_of(survey: Survey) -> str:
    """What the backup file of a survey is called."""
    return f"{survey.code}-facts.bin"


def place_of(name: str) -> Path:
    """Where a backup file is written."""
    return _folder() / name


def back_up(survey: Survey) -> str:
    """Write the survey's facts to an encrypted file in DATA_DIR/backups, to stay there after a power cut; its name.

    The key is destroyed on the strength of this file.
    """
    name = name_of(survey)
    path = place_of(name)
    filing.sweep(path)
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            _write_all(file, survey, name)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    for folder in (path.parent, path.parent.parent):
        filing.sync_directory(folder)
    return name


def _write_all(file: BinaryIO, survey: Survey, name: str) -> None:
    _write_chunk(file, name, 0, json.dumps(told(survey)).encode())
    number = 1
    lines_of_all = (json.dumps(response, ensure_ascii=False).encode() for response in _stored(survey))
    while lines := list(islice(lines_of_all, CHUNK_RESPONSES)):
        _write_chunk(file, name, number, b"\n".join(lines))
        number += 1
    _write_chunk(file, name, number, b"")


def _multiset(responses: Iterator[dict[str, Any]]) -> tuple[int, bytes]:
    digest, count = MultisetHash(), 0
    for response in responses:
        said = response.get("quoting", "")
        digest.add(sealing.content_hash(response["answers"], response["receipt"], response["background"], said))
        count += 1
    return count, digest.value()


def _stored(survey: Survey) -> Iterator[dict[str, Any]]:
    """Every response with its background, and its answers in the form they had in the ballot."""
    sql = """
        SELECT r.id, encode(r.receipt_hash, 'hex'), r.closed_on::text, encode(r.locator, 'hex'),
               r.quoting, b.known, q.code, q.kind, o.code, a.text, a.number, a.rank
        FROM surveys_response r
        CROSS JOIN LATERAL (
            SELECT coalesce(json_object_agg(f.name, v.code), '{}') AS known
            FROM surveys_background g
            JOIN surveys_backgroundfact f ON f.id = g.fact_id JOIN surveys_backgroundvalue v ON v.id = g.value_id
            WHERE g.response_id = r.id
        ) b
        LEFT JOIN surveys_answer a ON a.response_id = r.id
        LEFT JOIN surveys_question q ON q.id = a.question_id
        LEFT JOIN surveys_option o ON o.id = a.option_id
        WHERE r.survey_id = %s ORDER BY r.id, a.id
    """
    # A server-side cursor: the survey may be larger than memory.
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(sql, [survey.pk])
        for response, rows in groupby(cursor, key=lambda row: row[0]):
            facts: dict[tuple[str, str], list[Fact]] = {}
            receipt, background, closed_on, locator, quoting = "", {}, None, None, ""
            for _id, receipt_hash, day, place, said, known, question, kind, option, text, number, rank in rows:
                receipt, background, closed_on, locator, quoting = receipt_hash, known, day, place, said
                if question is not None:
                    facts.setdefault((question, kind), []).append(Fact(option, text, number, rank))
            restored = {question: registry.kind(kind).restore(found) for (question, kind), found in facts.items()}
            answers = {question: answer for question, answer in restored.items() if answer}
            yield {
                "response": str(response), "receipt": receipt, "background": background, "answers": answers,
                "asked": list(restored), "closed_on": closed_on, "locator": locator, "quoting": quoting,
            }  # fmt: skip


def _cipher() -> ChaCha20Poly1305:
    return ChaCha20Poly1305(keyring.derive(settings.MASTER_KEY, "backup"))


def _write_chunk(file: BinaryIO, name: str, number: int, content: bytes) -> None:
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = nonce + _cipher().encrypt(nonce, content, f"{name}/{number}".encode())
    file.write(len(sealed).to_bytes(4, "big") + sealed)


def _read_chunk(file: BinaryIO, name: str, number: int) -> bytes:
    size = int.from_bytes(file.read(4), "big")
    sealed = file.read(size)
    try:
        return _cipher().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], f"{name}/{number}".encode())
    except (InvalidTag, ValueError) as error:
        raise Damaged(name) from error


def _folder() -> Path:
    folder = Path(settings.DATA_DIR) / "backups"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
