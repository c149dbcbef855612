"""Server time of a dashboard page at several numbers of responses, against an empty page of the site.

The responses are really there: facts in the database, and a release computed from them by the service itself.
Pages and floor take turns within a round, so that a noisy neighbour hits both.
"""

from __future__ import annotations

import secrets
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from benchmarks import facts
from benchmarks.figures import Aim, Figure, Round, compared, number
from consult.models import User
from surveys import disclosing
from surveys.models import Survey

SIZES, ROUNDS, PAGES = (1_000, 33_000, 200_000), 5, 60


def run(*, quick: bool = False) -> list[Figure]:
    """Milliseconds of server time a page."""
    return pages_of(*(((50, 100), 1, 2) if quick else (SIZES, ROUNDS, PAGES)))


def pages_of(sizes: tuple[int, ...], rounds: int, pages: int) -> list[Figure]:
    """The pages of surveys with so many responses each."""
    client = _leader()
    surveys = {size: _released(size) for size in sizes}
    figures = []
    for size, survey in surveys.items():
        for name, path in (("survey", f"/results/{survey.code}/"), ("variable", f"/results/{survey.code}/B2.stance/")):
            found = [_round(client, path, pages) for _time in range(rounds)]
            aims = (Aim("value", "at most", 8), Aim("ratio", "at most", 6))
            figures.append(compared(f"dashboard page of a {name}, {number(size)} responses", "ms", found, *aims))
    path = f"/results/{surveys[sizes[-1]].code}/"
    found = [_round(client, path, pages, before=cache.clear) for _time in range(rounds)]
    figures.append(
        compared("the same, first time after a release (nothing cached)", "ms", found, note="no aim of its own")
    )
    return [*figures, _growth(client, surveys, pages, rounds)]


def _growth(client: Client, surveys: dict[int, Survey], pages: int, rounds: int) -> Figure:
    few, many = min(surveys), max(surveys)
    found: list[Round] = []
    for _time in range(rounds):
        large = _milliseconds(client, f"/results/{surveys[many].code}/", pages)
        found.append((large, _milliseconds(client, f"/results/{surveys[few].code}/", pages)))
    name = f"dashboard page, {number(many)} against {number(few)} responses"
    return compared(name, "ms", found, Aim("ratio", "at most", 1.3))


def _round(client: Client, path: str, pages: int, before: Callable[[], object] | None = None) -> Round:
    return _milliseconds(client, path, pages, before), _milliseconds(client, "/floor/empty", pages)


def _milliseconds(client: Client, path: str, pages: int, before: Callable[[], object] | None = None) -> float:
    _open(client, path)
    spent = []
    for _time in range(pages):
        if before:
            before()
        begun = time.perf_counter()
        _open(client, path)
        spent.append(time.perf_counter() - begun)
    return statistics.median(spent) * 1000


def _open(client: Client, path: str) -> Any:
    response = client.get(path)
    if response.status_code != 200:
        raise RuntimeError(f"{path}: {response.status_code}")
    return response


def _leader() -> Client:
    client = Client(SERVER_NAME="testserver")
    client.force_login(User.objects.create_superuser(f"bench-{secrets.token_hex(4)}"))
    return client


def _released(size: int) -> Survey:
    """Survey B with this many responses, closed and released."""
    survey = facts.closed(size)
    now = timezone.now()
    disclosing.request_release(survey, None, now)
    disclosing.compute_waiting(now)
    return survey
