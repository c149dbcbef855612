"""The keyring: one random root a survey, in files apart from the database and its backups.

A root is 32 random bytes. From it HKDF-SHA-256 (RFC 5869) derives one key a purpose, so that no key ever
serves two. The file holds the root sealed with the service's master key; it lies in every directory of
`settings.KEYRING` with mode 0600. Without the root the sealed ballots of its survey cannot be opened by
anyone, which is the promise after closing and the danger before it: hence the replicas, and hence
`check`, which `manage.py doctor` and `/readyz` call.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

ROOT_BYTES = 32
NONCE_BYTES = 12


class KeyLost(Exception):
    """No replica holds a readable root: either it was destroyed on purpose, or the fieldwork is lost."""


@dataclass(frozen=True)
class SurveyKeys:
    """The keys of one survey, one a purpose (32 bytes each)."""

    token: bytes
    locator: bytes
    seal: bytes


def create(key_id: UUID) -> None:
    """Make a new root and write it to every replica, reading each back.

    Running it again where a root exists keeps that root and completes its replicas.

    Raises:
        KeyLost: a replica could not be written or did not read back as written.
    """
    try:
        root = _read_root(key_id)
    except KeyLost:
        root = secrets.token_bytes(ROOT_BYTES)
    _replicate(key_id, root)


def complete(key_id: UUID) -> None:
    """Write the root that there is to every replica that lacks it, reading each back.

    Raises:
        KeyLost: there is none, or a replica could not be written or did not read back as written.
    """
    _replicate(key_id, _read_root(key_id))


def _replicate(key_id: UUID, root: bytes) -> None:
    for path in _paths(key_id):
        if not path.exists():
            _write(path, _wrap(key_id, root))
        if _unwrap(key_id, path.read_bytes()) != root:
            raise KeyLost(f"replica {path.parent} does not read back")


def keys(key_id: UUID) -> SurveyKeys:
    """The keys of a survey, from any readable replica.

    Raises:
        KeyLost: there is none.
    """
    _forget_destroyed()
    for path in _paths(key_id):
        try:
            stamp = path.stat()
        except FileNotFoundError:
            continue
        cached = _cache.get(key_id)
        if cached and cached[0] == (stamp.st_ino, stamp.st_mtime_ns):
            return cached[1]
        derived = _derive_all(_unwrap(key_id, path.read_bytes()))
        _cache[key_id] = ((stamp.st_ino, stamp.st_mtime_ns), derived)
        return derived
    raise KeyLost("no replica holds this key")


def destroy(key_id: UUID) -> int:
    """Overwrite and delete the root in every replica; the number of files deleted. Idempotent."""
    deleted = 0
    for path in _paths(key_id):
        if path.exists():
            with path.open("r+b") as file:
                file.write(secrets.token_bytes(path.stat().st_size))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
            _sync_directory(path.parent)
            deleted += 1
    _cache.pop(key_id, None)
    return deleted


def check(key_id: UUID) -> list[str]:
    """What is wrong with the replicas of a root, as short technical phrases; empty when all is well."""
    faults = []
    roots = set()
    for number, path in enumerate(_paths(key_id), start=1):
        try:
            roots.add(_unwrap(key_id, path.read_bytes()))
        except FileNotFoundError:
            faults.append(f"replica {number} is missing")
        except (OSError, KeyLost):
            faults.append(f"replica {number} is unreadable")
    if len(roots) > 1:
        faults.append("replicas differ")
    return faults


_cache: dict[UUID, tuple[tuple[int, int], SurveyKeys]] = {}


def _forget_destroyed() -> None:
    """Let go of keys whose files are gone: another process may have destroyed them."""
    for key_id in list(_cache):
        if not any(path.exists() for path in _paths(key_id)):
            _cache.pop(key_id, None)


def _paths(key_id: UUID) -> tuple[Path, ...]:
    return _paths_in(tuple(settings.KEYRING), key_id)


@lru_cache(maxsize=256)
def _paths_in(directories: tuple[str | Path, ...], key_id: UUID) -> tuple[Path, ...]:
    """Kept, because every request of a respondent asks, and putting paths together takes longer than looking."""
    return tuple(Path(directory) / f"{key_id}.key" for directory in directories)


def _read_root(key_id: UUID) -> bytes:
    for path in _paths(key_id):
        if path.exists():
            return _unwrap(key_id, path.read_bytes())
    raise KeyLost("no replica holds this key")


def _derive_all(root: bytes) -> SurveyKeys:
    return SurveyKeys(token=derive(root, "token"), locator=derive(root, "locator"), seal=derive(root, "seal"))


def derive(root: bytes, purpose: str) -> bytes:
    """The 32-byte key for one purpose: HKDF-SHA-256 of the root with the purpose as its label."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"raadslag/{purpose}".encode()).derive(root)


def _wrap(key_id: UUID, root: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(_wrapping_key()).encrypt(nonce, root, key_id.bytes)


def _unwrap(key_id: UUID, wrapped: bytes) -> bytes:
    try:
        return AESGCM(_wrapping_key()).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], key_id.bytes)
    except (InvalidTag, ValueError) as error:
        raise KeyLost("the key file does not open with this master key") from error


def _wrapping_key() -> bytes:
    return derive(settings.MASTER_KEY, "wrap")


def _write(path: Path, content: bytes) -> None:
    """Write a 0600 file that exists whole or not at all, also after a power cut."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    # link, not rename: two processes that create at once must agree on the first one's root.
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
