"""Run the benchmarks: `python -m benchmarks [--quick] [--only NAME …] [--json FILE]`.

PostgreSQL and Redis are started here, in a folder that is thrown away, with everything that makes them durable.
Each piece runs in a process of its own on a database of its own, one after the other.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.figures import Figure, table
from config.addresses import DATABASE, redis_url
from config.embedded import Embedded

PIECES = (
    "counting", "answering", "serving", "letters", "importing", "closing", "dashboard", "crosstab", "memory",
    "building", "rush", "guessing",
)  # fmt: skip
# Too long for every day; run by name only.
LARGE_PIECES = ("million",)
LONGEST_PIECE_SECONDS = 3600


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; 0 when every piece ran without an error, whatever the figures."""
    given = _parser().parse_args(arguments)
    # Told to stop, it leaves nothing behind: no server, no folder.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    figures: list[Figure] = []
    failed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="rb-") as name:
        folder = Path(name)
        with Embedded(folder / "servers", durable=True) as servers:
            environment = _environment(folder, servers)
            _prepare(environment)
            for piece in given.only or PIECES:
                begun = time.monotonic()
                with _own_database(servers, environment, folder, piece) as own:
                    found = _run(piece, own, folder, quick=given.quick)
                print(f"· {piece}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
                figures += found or []
                if found is None:
                    failed.append(piece)
                # Piece by piece: a run that is broken off has not been for nothing.
                if given.json:
                    content = {"machine": _machine(), "failed": failed, "figures": [each.plain() for each in figures]}
                    given.json.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")
    print(_machine(), table(figures), sep="\n\n")
    if failed:
        print(f"\nNot measured, because of an error: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure against the budgets.")
    parser.add_argument(
        "--only", nargs="+", choices=PIECES + LARGE_PIECES, metavar="NAME", help=", ".join(PIECES + LARGE_PIECES)
    )
    parser.add_argument("--quick", action="store_true", help="small sizes and one round: only to see that all runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    return parser


def _environment(folder: Path, servers: Embedded) -> dict[str, str]:
    """What an operator sets; nothing of the shell's own settings is taken over."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {
        **kept, "DJANGO_SETTINGS_MODULE": "benchmarks.settings", "SECRET_KEY": "benchmark-" * 6,
        "MASTER_KEY": "ab" * 32, "DATA_DIR": str(folder / "data"), "PUBLIC_URL": "http://testserver",
        "LOG_LEVEL": "ERROR", "STATIC_COLLECTED": "1", "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url, "PYTHONDONTWRITEBYTECODE": "1",
        "UNION_NAME": "Forbundet", "CONTACT_EMAIL": "hjelp@forbundet.example",
    }  # fmt: skip


def _prepare(environment: Mapping[str, str]) -> None:
    """An empty database with all tables, to be copied for each piece, and the static files as the image has them."""
    for command in (["migrate"], ["collectstatic", "--noinput"]):
        whole = [sys.executable, "manage.py", *command, "--verbosity", "0"]
        subprocess.run(whole, env=dict(environment), check=True)


@contextmanager
def _own_database(
    servers: Embedded, environment: Mapping[str, str], folder: Path, piece: str
) -> Iterator[dict[str, str]]:
    """A fresh copy of the empty database, a fresh DATA_DIR and an empty Redis."""
    import redis

    data = folder / f"data-{piece}"
    data.mkdir(mode=0o700)
    name = f"{DATABASE}_{piece}"
    admin = servers.database_url.replace(f"/{DATABASE}?", "/postgres?")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{DATABASE}"'.encode())
    with redis.Redis.from_url(redis_url(servers.data_dir)) as server:
        server.flushall()
    try:
        url = servers.database_url.replace(f"/{DATABASE}?", f"/{name}?")
        yield {**environment, "DATABASE_URL": url, "DATA_DIR": str(data)}
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
        shutil.rmtree(data)


def _run(piece: str, environment: Mapping[str, str], folder: Path, *, quick: bool) -> list[Figure] | None:
    """The figures of one piece; None when it failed, with its error on standard error."""
    result = folder / f"{piece}.json"
    command = [sys.executable, "-m", "benchmarks.piece", piece, str(result), *(["--quick"] if quick else [])]
    # Errors must be seen; what a piece prints besides must not get among the figures.
    done = subprocess.run(command, env=dict(environment), stdout=sys.stderr, timeout=LONGEST_PIECE_SECONDS, check=False)
    if done.returncode:
        return None
    return [Figure.read(plain) for plain in json.loads(result.read_text("utf-8"))]


def _machine() -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    busy = os.getloadavg()[0]
    return (
        f"{_processor()}, {cores} cores, {memory:.0f} GB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; load {busy:.1f}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    sys.exit(main())
