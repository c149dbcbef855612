"""Several people or processes at once: each in a thread with a connection of its own, started together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.db import connections

SECONDS = 60


def together(deeds: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each of the deeds returns, or the exception it raises, in their order."""
    gate = threading.Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        try:
            # Connecting takes its time, and not always the same; more than the pool has must wait for each other.
            if len(deeds) <= settings.DATABASE_POOL:
                connections["default"].ensure_connection()
            gate.wait(SECONDS)
            return deed()
        except Exception as error:  # noqa: BLE001 - the outcome under test
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as people:
        return list(people.map(run, deeds, timeout=SECONDS))
