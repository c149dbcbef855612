"""Where the servers are: the addresses of the embedded ones of a data directory, and one Redis for two clients.

The addresses follow from the directory alone and nothing here starts anything, so that a command beside a running
demo finds its servers without asking anyone.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

DATABASE = "raadslag"
SUPERUSER = "postgres"
POSTGRES_PORT = 5432  # only names the socket file

# sockaddr_un holds 108 bytes on Linux and 104 elsewhere; PostgreSQL appends its own file name.
LONGEST_SOCKET_PATH = 100


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
