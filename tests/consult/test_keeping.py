"""What was built from releases is kept under their hashes, the scope and the language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisConnectionError

from consult import keeping
from consult.granting import Scope
from consult.listing import ReleaseLine
from tests import make

ALL = Scope(everything=True)
EAST = Scope(regions=frozenset({"oest"}))
FIRST = ReleaseLine(1, 1, make.AFTER, "a" * 64)


@pytest.fixture
def build() -> Callable[[], int]:
    """Says how many times it has been called."""
    calls: list[None] = []

    def built() -> int:
        calls.append(None)
        return len(calls)

    return built


def test_the_same_is_built_once(build: Callable[[], int]) -> None:
    assert [keeping.kept("survey", [FIRST], ALL, "nb", build) for _ in range(3)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("page", "releases", "scope", "language"),
    [
        ("variable:B1", [FIRST], ALL, "nb"),
        ("survey", [replace(FIRST, sha256="b" * 64)], ALL, "nb"),
        ("survey", [replace(FIRST, id=2)], ALL, "nb"),
        ("survey", [FIRST, FIRST], ALL, "nb"),
        ("survey", [FIRST], EAST, "nb"),
        ("survey", [FIRST], Scope(), "nb"),
        ("survey", [FIRST], ALL, "nn"),
    ],
)
def test_anything_else_is_built_on_its_own(
    build: Callable[[], int], page: str, releases: list[ReleaseLine], scope: Scope, language: str
) -> None:
    keeping.kept("survey", [FIRST], ALL, "nb", build)
    assert keeping.kept(page, releases, scope, language, build) == 2


def test_an_emptied_cache_builds_again(build: Callable[[], int]) -> None:
    keeping.kept("survey", [FIRST], ALL, "nb", build)
    cache.clear()
    assert keeping.kept("survey", [FIRST], ALL, "nb", build) == 2


@pytest.mark.parametrize("broken", ["get", "set"])
def test_a_cache_out_of_reach_is_done_without(
    build: Callable[[], int], broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise RedisConnectionError("gone")

    monkeypatch.setattr(f"django.core.cache.backends.redis.RedisCache.{broken}", gone)
    assert [keeping.kept("survey", [FIRST], ALL, "nb", build) for _ in range(2)] == [1, 2]


def test_what_cannot_be_built_is_not_kept() -> None:
    def fail() -> None:
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            keeping.kept("survey", [FIRST], ALL, "nb", fail)
