"""The keyring: one random root a survey, in files apart from the database and its backups.

A root is 32 random bytes. From it HKDF-SHA-256 (RFC 5869) derives one key a purpose, so that no key ever
serves two. The file holds the root sealed with the service's master key; it lies in every directory of
`settings.KEYRING` with mode 0600. Without the root the sealed ballots of its survey cannot be opened by
anyone, which is the promise after closing and the danger before it: hence the replicas, and hence
`check`, which `manage.py doctor` and `/readyz` call.

A destroyed root leaves a *mark* in every directory, an empty file. By it "destroyed" differs from "out of reach" (a
disk that is not mounted), and a replica that comes back on such a disk is refused.
"""

from __future__ import annotations

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

from surveys.box import filing

ROOT_BYTES = 32
NONCE_BYTES = 12


class KeyLost(Exception):
    """No replica holds a readable root: it was destroyed on purpose, or is out of reach, or the fieldwork is lost."""


class OutOfReach(KeyLost):
    """A directory holds neither the root nor the mark of its destruction: its disk may come back with a replica."""


@dataclass(frozen=True)
class SurveyKeys:
    """The keys of one survey, one a purpose (32 bytes each)."""

    token: bytes
    locator: bytes
    seal: bytes


def create(key_id: UUID) -> None:
    """Make a new root and write it to every replica, reading each back.

    Running it again where a readable root exists keeps that root, and completes and mends its replicas.

    Raises:
        KeyLost: the root has been destroyed, or there are replicas and none can be read, or a replica could not be
            written or did not read back as written.
    """
    if is_destroyed(key_id) or any(_is_there(path) for path in _paths(key_id)):
        _replicate(key_id, _read_root(key_id))
    else:
        _replicate(key_id, secrets.token_bytes(ROOT_BYTES))


def complete(key_id: UUID) -> None:
    """Write the root that there is to every replica that lacks it or cannot be read, reading each back.

    Raises:
        KeyLost: there is none, or a replica could not be written or did not read back as written.
    """
    _replicate(key_id, _read_root(key_id))


def _replicate(key_id: UUID, root: bytes) -> None:
    for path in _paths(key_id):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with filing.alone(path.parent):
            # A draft holds a root, perhaps this one.
            filing.sweep(path)
            if _try(key_id, path) is None:
                filing.write(path, _wrap(key_id, root))
            if _try(key_id, path) != root:
                raise KeyLost(f"replica {path.parent} does not read back")


def keys(key_id: UUID) -> SurveyKeys:
    """The keys of a survey, from any readable replica.

    Raises:
        KeyLost: there is none, or the root has been destroyed.
    """
    _forget_destroyed()
    if is_destroyed(key_id):
        raise KeyLost("this key has been destroyed")
    for path in _paths(key_id):
        try:
            stamp = path.stat()
        except OSError:
            continue
        cached = _cache.get(key_id)
        if cached and cached[0] == (stamp.st_ino, stamp.st_mtime_ns):
            return cached[1]
        if root := _try(key_id, path):
            derived = _derive_all(root)
            _cache[key_id] = ((stamp.st_ino, stamp.st_mtime_ns), derived)
            return derived
    raise KeyLost("no replica of this key can be read")


def destroy(key_id: UUID, *, lost: bool = False) -> int:
    """Overwrite and delete the root in every replica, drafts of it too; the number of files deleted. Idempotent.

    Every directory is marked before anything is deleted: whatever happens in between, the root is no longer used.

    Args:
        lost: a person says that what is not there now is gone for good.

    Raises:
        OutOfReach: a directory holds neither the root nor its mark, and might come back with it; nothing is deleted.
    """
    paths = _paths(key_id)
    for path in paths:
        if not lost and not _is_there(path) and not _is_there(_mark(path)):
            raise OutOfReach(f"replica {path.parent} is out of reach")
    for path in paths:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _mark(path).touch(mode=0o600)
        filing.sync_directory(path.parent)
    deleted = 0
    for path in paths:
        with filing.alone(path.parent):
            deleted += sum([filing.wipe(file) for file in (path, *_beside(path))])
    _cache.pop(key_id, None)
    return deleted


def is_destroyed(key_id: UUID) -> bool:
    """Whether the root has been destroyed on purpose: one mark is enough."""
    return any(_is_there(mark) for mark in _marks_in(tuple(settings.KEYRING), key_id))


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
        if _beside(path):
            faults.append(f"replica {number} has a draft or copy beside it")
    if len(roots) > 1:
        faults.append("replicas differ")
    return faults


_cache: dict[UUID, tuple[tuple[int, int], SurveyKeys]] = {}


def _forget_destroyed() -> None:
    """Let go of keys whose files are gone: another process may have destroyed them."""
    for key_id in list(_cache):
        if is_destroyed(key_id) or not any(_is_there(path) for path in _paths(key_id)):
            _cache.pop(key_id, None)


def _paths(key_id: UUID) -> tuple[Path, ...]:
    return _paths_in(tuple(settings.KEYRING), key_id)


@lru_cache(maxsize=256)
def _paths_in(directories: tuple[str | Path, ...], key_id: UUID) -> tuple[Path, ...]:
    """Kept, because every request of a respondent asks, and putting paths together takes longer than looking."""
    return tuple(Path(directory) / f"{key_id}.key" for directory in directories)


@lru_cache(maxsize=256)
def _marks_in(directories: tuple[str | Path, ...], key_id: UUID) -> tuple[Path, ...]:
    return tuple(_mark(path) for path in _paths_in(directories, key_id))


def _is_there(path: Path) -> bool:
    """Also when its directory cannot be looked into, which is to say no."""
    try:
        path.stat()
    except OSError:
        return False
    return True


def _mark(path: Path) -> Path:
    """The file that says that the root of this replica has been destroyed."""
    return path.with_suffix(".destroyed")


def _beside(path: Path) -> list[Path]:
    """Whatever else is named after the root: what a killed worker left, or a copy that someone made."""
    return [each for each in path.parent.glob(f"{path.stem}.*") if each not in (path, _mark(path))]


def _read_root(key_id: UUID) -> bytes:
    if is_destroyed(key_id):
        raise KeyLost("this key has been destroyed")
    for path in _paths(key_id):
        if root := _try(key_id, path):
            return root
    raise KeyLost("no replica of this key can be read")


def _try(key_id: UUID, path: Path) -> bytes | None:
    """The root in one replica, or None if it is missing, damaged or cannot be read."""
    try:
        return _unwrap(key_id, path.read_bytes())
    except (OSError, KeyLost):
        return None


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
