"""Slowing: how often one address may try something within an hour, without the address being kept.

What is counted stands in the cache under a hash of the address with a random salt. The salt is made anew every hour and
stands nowhere else: when it is forgotten, nothing leads back to an address.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

from django.core.cache import cache
from django.http import HttpRequest

from surveys.web.remote import address_of

HOUR_SECONDS = 3600


def counted(request: HttpRequest, what: str, now: datetime) -> int:
    """How many times this address has tried `what` within the hour, this time included."""
    name = _name(request, what, now)
    cache.add(name, 0, HOUR_SECONDS)
    return int(cache.incr(name))


def forgiven(request: HttpRequest, what: str, now: datetime) -> None:
    """That it was no try after all."""
    cache.decr(_name(request, what, now))


def _name(request: HttpRequest, what: str, now: datetime) -> str:
    hour = int(now.timestamp()) // HOUR_SECONDS
    salt = cache.get_or_set(f"slowing/{hour}", lambda: secrets.token_hex(16), 2 * HOUR_SECONDS)
    hashed = hmac.digest(str(salt).encode(), f"{what}/{address_of(request)}".encode(), "sha256")
    return f"slowing/{what}/{hashed[:12].hex()}"
