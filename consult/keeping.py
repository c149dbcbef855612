"""Keeping what was built from releases: under the releases' own hashes, the scope, and the language.

What is kept can therefore never be older or wider than what it was built from. Redis may be emptied, or be out
of reach: it is then built again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import TypeVar, cast

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

from consult.granting import Scope
from consult.listing import ReleaseLine

log = structlog.get_logger(__name__)
Built = TypeVar("Built")

# Releases never change; the templates may, with a new version of the service.
KEPT_SECONDS = 600


def kept(page: str, releases: Iterable[ReleaseLine], scope: Scope, language: str, build: Callable[[], Built]) -> Built:
    """What `build` makes of these releases for this scope and language; built at most once in ten minutes."""
    sources = "+".join(f"{release.id}.{release.sha256}" for release in releases)
    key = "results:" + hashlib.sha256(f"{sources}:{scope.key}:{language}:{page}".encode()).hexdigest()
    try:
        found = cache.get(key)
    except RedisError:
        log.warning("results_cache_unreachable")
        return build()
    if found is not None:
        return cast("Built", found)
    built = build()
    try:
        cache.set(key, built, KEPT_SECONDS)
    except RedisError:
        log.warning("results_cache_unreachable")
    return built
