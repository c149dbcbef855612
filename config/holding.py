"""The data directory of the embedded servers: private, held by one launcher at a time, erased as a whole."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import time
from pathlib import Path

from config.addresses import socket_folder
from config.confining import NOBODY, STOP_SECONDS, EmbeddedError, is_root

REFUSE_SECONDS = 2


def private_opener(path: str, flags: int) -> int:
    """For `open`: a new file that only this user reads."""
    return os.open(path, flags, 0o600)


def private_folder(folder: Path) -> None:
    """Make `folder` with mode 0700, or accept one that is ours; a link or a stranger's folder is refused."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), NOBODY if is_root() else -1}:
        raise EmbeddedError(f"{folder} must be a folder of this user; it is not.")
    if found.st_mode & 0o077:
        folder.chmod(0o700)


def take_lock(data_dir: Path) -> int:
    """Lock the data directory for this process and the servers it starts; returns the descriptor.

    Servers of a killed launcher hold the lock while they shut down, which is waited for. A living launcher
    is refused after a moment.
    """
    lock = os.open(data_dir / "embedded.lock", os.O_RDWR | os.O_CREAT, 0o600)
    started = time.monotonic()
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            holder = os.pread(lock, 20, 0).decode("ascii", "replace").strip()
            # A launcher that was killed this very moment still looks alive: a little patience for it too.
            if time.monotonic() - started > (REFUSE_SECONDS if _lives(holder) else STOP_SECONDS):
                os.close(lock)
                raise EmbeddedError(
                    f"{data_dir} is in use by a running launcher (process {holder or 'unknown'}). Stop that one "
                    "first, or choose another DATA_DIR."
                ) from None
            time.sleep(0.05)
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock


def in_use(data_dir: Path) -> bool:
    """Whether a launcher or its servers hold `data_dir` right now."""
    try:
        lock = os.open(data_dir / "embedded.lock", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def erase(data_dir: Path) -> None:
    """Remove a data directory with everything in it, keys included.

    Raises EmbeddedError when it is in use, or when it does not look like a data directory of ours.
    """
    data_dir = data_dir.absolute()
    if not data_dir.exists():
        return
    if not (data_dir / "embedded.lock").exists():
        raise EmbeddedError(f"{data_dir} has never held embedded servers; it is left as it is.")
    if in_use(data_dir):
        raise EmbeddedError(f"{data_dir} is in use. Stop what runs on it first.")
    sockets = socket_folder(data_dir)
    shutil.rmtree(data_dir)
    shutil.rmtree(sockets, ignore_errors=True)


def _lives(process_id: str) -> bool:
    if not process_id.isdigit():
        return False
    try:
        os.kill(int(process_id), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(int(process_id))


def _is_zombie(process_id: int) -> bool:
    """A killed launcher nobody has waited for yet; told from its state in /proc where there is one."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state == "Z"
