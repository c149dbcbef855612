"""Demonstrating: starts everything the demo needs, plays the reference case into it, and stops it all again.

    PostgreSQL, Redis ── mailbox (SMTP) ── migrate ── play the case once ── web, worker with beat ── wait

A killed demo leaves nothing running: every child asks the kernel to be told when its parent dies.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from config.confining import EmbeddedError
from config.embedded import Embedded

STOP_SECONDS = 20
PR_SET_PDEATHSIG = 1


class DemonstrationError(Exception):
    """The demo cannot run; the message says why and what to do."""


class Demonstration:
    """One run of the demo. `say` prints a line for the person at the terminal."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self._data = Path(settings.DATA_DIR)
        self._mailbox = self._data / "mailbox"
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._environment = dict(os.environ)

    def run(self) -> None:
        """Serve until Ctrl-C or SIGTERM, then stop everything.

        Raises:
            DemonstrationError: the port is taken, another demo uses DATA_DIR, or a part could not be started.
        """
        stopping = _Stopping()
        _check_port(settings.PORT)
        servers = Embedded(self._data, durable=True)
        try:
            self._step("Starting PostgreSQL and Redis")
            servers.start()
        except EmbeddedError as error:
            raise DemonstrationError(str(error)) from None
        try:
            self._start_mailbox()
            if not self._prepare(stopping):
                return
            self._start_service()
            self._introduce()
            self._watch(servers, stopping)
        finally:
            self._say("\nStopping.")
            self._stop_children()
            connections.close_all()
            servers.stop()

    def _step(self, text: str) -> None:
        self._say(f"  · {text} …")

    def _start_mailbox(self) -> None:
        port = _free_port()
        self._environment["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        self._spawn("mailbox", "-m", "consult.receiving", "--port", str(port), "--directory", str(self._mailbox))
        _wait_for_port(port)

    def _prepare(self, stopping: _Stopping) -> bool:
        """Migrate, and play the case if that has not been done to its end before; False when told to stop."""
        from config import demo_case

        mark = self._data / "case-played"
        if not mark.exists():
            # A case played halfway cannot be gone on with; nothing of a visitor's is in it yet.
            self._forget()
        self._step("Setting up the database")
        call_command("migrate", verbosity=0)
        call_command("load_reference", stdout=StringIO())
        if not mark.exists():
            password = _kept_password(self._data)
            for title, act in demo_case.steps(password, self._mailbox):
                if stopping.asked:
                    return False
                self._step(title)
                act()
            mark.write_text("")
        return not stopping.asked

    def _forget(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        for letter in self._mailbox.glob("*.eml"):
            letter.unlink()
        connections.close_all()

    def _start_service(self) -> None:
        self._step("Starting web and background work")
        self._spawn(
            "web",
            *("-m", "granian", "config.wsgi:application", "--interface", "wsgi"),
            *("--host", "127.0.0.1", "--port", str(settings.PORT), "--workers", "1", "--blocking-threads", "4"),
            *("--no-access-log", "--log-level", "warning"),
        )
        self._spawn("worker", "-m", "celery", "-A", "config", "worker", "-B", "-c", "2", "-l", "WARNING",
                    "--without-gossip", "--without-mingle", "-s", str(self._data / "beat"))  # fmt: skip
        _wait_for_port(settings.PORT)

    def _introduce(self) -> None:
        password = _kept_password(self._data)
        self._say(
            f"""
  Rådslag is running. Everything in it is made up.

    Results, for leadership   {settings.PUBLIC_URL}/results/         sign in as  leder  /  {password}
    Admin, for staff          {settings.PUBLIC_URL}/admin/           sign in as  stab   /  {password}
    Mailbox, with the links   {settings.PUBLIC_URL}/demo/mailbox/    open a letter and answer as its receiver

  Ctrl-C stops it and keeps the data; make demo-reset starts over.
"""
        )

    def _watch(self, servers: Embedded, stopping: _Stopping) -> None:
        while not stopping.asked:
            time.sleep(0.3)
            if failed := servers.failed():
                raise DemonstrationError(failed)
            for name, child in self._children.items():
                if child.poll() is not None and not stopping.asked:
                    raise DemonstrationError(f"{name} has stopped; see {self._data / 'log' / f'{name}.log'}")

    def _spawn(self, name: str, *arguments: str) -> None:
        log = self._data / "log"
        log.mkdir(mode=0o700, exist_ok=True)
        with (log / f"{name}.log").open("ab") as output:
            self._children[name] = subprocess.Popen(
                [sys.executable, *arguments],
                env=self._environment,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                # A group of its own: Ctrl-C reaches this process only, which then stops them in order.
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - this process has no other threads
            )

    def _stop_children(self) -> None:
        for child in reversed(self._children.values()):
            with contextlib.suppress(ProcessLookupError):
                child.terminate()
        for child in self._children.values():
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()


class _Stopping:
    """Whether Ctrl-C or SIGTERM has been received; a second one ends at once."""

    def __init__(self) -> None:
        self.asked = False
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, self._take)

    def _take(self, number: int, _frame: object) -> None:
        if self.asked:
            raise SystemExit(128 + number)
        self.asked = True


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _kept_password(data: Path) -> str:
    """The password of the demo's users: DEMO_PASSWORD if set when the case was played, else one made up then."""
    path = data / "demo-password"
    if not path.exists():
        password = os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(9)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(password)
    return path.read_text()


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise DemonstrationError(f"Port {port} is taken. Choose another: PORT=8010 make demo") from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_port(port: int, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise DemonstrationError(f"Nothing answers on port {port} of this machine.")
