"""Filing: small secret files that are there whole or not at all, and that are gone when they are deleted."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write a 0600 file that exists whole or not at all, also after a power cut; in place of a damaged one."""
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        wipe(path)
        # link, not rename: two processes that create at once must agree on the first one's root.
        os.link(draft, path)
    except FileExistsError:
        wipe(draft)
    except OSError:
        wipe(draft)
        raise
    else:
        draft.unlink()
    sync_directory(path.parent)


def sweep(path: Path) -> None:
    """Delete the drafts that killed workers left beside a file. Not while another may be writing it: see `alone`."""
    for draft in drafts(path):
        if path.exists() and draft.samefile(path):
            # Killed after the link: the same file under two names, which must not be overwritten.
            draft.unlink()
        else:
            wipe(draft)


def drafts(path: Path) -> list[Path]:
    """What `write` leaves when it is killed."""
    draft = re.compile(re.escape(path.stem) + r"\.[0-9a-f]{8}")
    return [each for each in path.parent.glob(f"{path.stem}.*") if draft.fullmatch(each.name)]


def wipe(path: Path) -> bool:
    """Overwrite and delete a file; whether there was one."""
    try:
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return False
    path.unlink()
    sync_directory(path.parent)
    return True


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """One process at a time writes in a directory: another's draft is then a dead one's."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def sync_directory(directory: Path) -> None:
    """Let a directory's changes survive a power cut."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
