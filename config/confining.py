"""Processes of the embedded servers: never as root, told to stop when their launcher is gone, ended in good order."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

STOP_SECONDS = 30
NOBODY = 65534
PR_SET_PDEATHSIG = 1

NAMESPACE_PREFIX = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
# setpriv changes the credentials, which clears the death signal set before exec: it must set it again.
SETPRIV_PREFIX = (
    "setpriv",
    f"--reuid={NOBODY}",
    f"--regid={NOBODY}",
    "--clear-groups",
    "--pdeathsig=INT",
)


class EmbeddedError(RuntimeError):
    """The embedded servers cannot be started; the message says why and what to do."""


def is_root() -> bool:
    """Whether this process may do everything."""
    return os.geteuid() == 0


def unprivileged_prefix(cluster: Path) -> tuple[str, ...]:
    """What to put before PostgreSQL's programs so that they do not see themselves as root.

    A user name space leaves every file ours. Where the kernel refuses one, the files are handed to
    `nobody`; a cluster that was handed over once stays so.
    """
    if not is_root():
        return ()
    handed_over = cluster.exists() and cluster.stat().st_uid != 0
    if not handed_over and _works((*NAMESPACE_PREFIX, "true")):
        return NAMESPACE_PREFIX
    if _works((*SETPRIV_PREFIX, "true")):
        return SETPRIV_PREFIX
    raise EmbeddedError("PostgreSQL does not run as root, and neither unshare nor setpriv works here.")


def _works(command: tuple[str, ...]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def hand_over(cluster: Path, sockets: Path, data_dir: Path) -> None:
    """Give the cluster and the socket folder to `nobody`, who may pass through the data directory only."""
    data_dir.chmod(0o711)
    os.chown(sockets, NOBODY, NOBODY)
    for folder, _, files in os.walk(cluster):
        os.chown(folder, NOBODY, NOBODY)
        for name in files:
            os.chown(Path(folder, name), NOBODY, NOBODY, follow_symlinks=False)


def die_with(parent: int) -> Callable[[], None] | None:
    """What a child runs before exec, so that it is told to stop when `parent` is killed (Linux only)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def arrange() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])  # a launcher blocks signals for sigwait
        if os.getppid() != parent:
            os._exit(1)  # the parent died before the arrangement was made

    return arrange


def end(process: subprocess.Popen[bytes] | None, polite: signal.Signals) -> None:
    """Ask a process to stop, and kill it when it does not; harmless when there is none."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(polite)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def signals_held() -> Iterator[None]:
    """Let SIGINT and SIGTERM wait until the block is done."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
