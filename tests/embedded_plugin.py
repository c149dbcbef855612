"""Starts PostgreSQL and Redis for the tests, before anything reads the settings.

Loaded with `-p` from pyproject.toml: a conftest.py would be too late, pytest-django has read the settings by
then. Servers named by DATABASE_URL and REDIS_URL are used as they are.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from config.embedded import Embedded


def _environment(folder: Path) -> dict[str, str]:
    """What the settings read in a test run; the values are public and protect nothing."""
    return {
        "SECRET_KEY": "tests-only-" * 6,
        "MASTER_KEY": "00112233445566778899aabbccddeeff" * 2,
        "DATA_DIR": str(folder),
        "PUBLIC_URL": "http://testserver",
        "EMAIL_URL": "smtp://127.0.0.1:1",
        "DEMO": "0",
        "STATIC_COLLECTED": "0",
        "LOG_LEVEL": "WARNING",
        "UNION_NAME": "Forbundet",
        "CONTACT_EMAIL": "hjelp@forbundet.example",
    }


# What an operator's shell may hold, and a test must not inherit.
_FOREIGN = (
    "SECRET_KEY_FILE", "MASTER_KEY_FILE", "METRICS_TOKEN", "METRICS_TOKEN_FILE", "KEYRING", "CLOSING_APPROVALS",
    "CLEAN_DAYS", "DISCLOSURE_K", "DEFAULT_FROM_EMAIL", "REPLY_TO_EMAIL", "DATABASE_POOL", "TRUSTED_PROXIES", "PORT",
    "UNION_NAME", "CONTACT_EMAIL", "CONTACT_PHONE", "DATA_PROTECTION_OFFICER", "DATA_PROCESSORS",
)  # fmt: skip


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Set the environment and start the servers; a wrapper, so that it comes before pytest-django's."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        _move_apart(worker)
    else:
        _prepare(early_config)
    return (yield)


def _prepare(config: pytest.Config) -> None:
    folder = Path(tempfile.mkdtemp(prefix="rt-"))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    for name in _FOREIGN:
        os.environ.pop(name, None)
    os.environ.update(_environment(folder))
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return
    servers = Embedded(folder, durable=False)
    # Cleanups run last in, first out: the servers end before their folder goes.
    config.add_cleanup(servers.stop)
    servers.start()
    os.environ["DATABASE_URL"] = servers.database_url
    os.environ["REDIS_URL"] = servers.redis_url


def _move_apart(worker: str) -> None:
    """Workers share the servers, so each gets logical databases of Redis and a folder of its own.

    pytest-django already gives each a PostgreSQL database.
    """
    number = 2 * (int(worker.removeprefix("gw")) + 1)
    parts = urlsplit(os.environ["REDIS_URL"])
    moved = parts._replace(query=f"db={number}") if parts.scheme == "unix" else parts._replace(path=f"/{number}")
    os.environ["REDIS_URL"] = urlunsplit(moved)
    folder = Path(os.environ["DATA_DIR"]) / worker
    folder.mkdir(exist_ok=True)
    os.environ["DATA_DIR"] = str(folder)
