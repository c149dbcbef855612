"""Limiting: how many ballots one link, and one address, may get within ten minutes.

Addresses are not kept. What is counted is a short hash of one, under the master key and a salt that is drawn anew for
every ten minutes and forgotten with them; so few of its bits are kept that several addresses share a counter.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.cache import cache

from surveys.box.keyring import derive

WINDOW_SECONDS = 600
SALT_BYTES = 16
# 65 536 counters for all the addresses of the world.
HASH_BYTES = 2


@dataclass(frozen=True)
class Limit:
    """How many within ten minutes: by all together, and by one address (a meeting's whole network is one)."""

    link: int
    address: int


WITH_SUM = Limit(link=600, address=120)
WITHOUT_SUM = Limit(link=60, address=10)
# A shared screen at a meeting: one address, one person after the other.
FOR_KIOSK = Limit(link=120, address=120)


def within(link: int, address: str, limit: Limit, now: datetime, *, kind: str) -> bool:
    """Count one more ballot of this kind; whether that is still within the limit."""
    window = _window(now)
    of_address = _count(f"ways/{kind}/{link}/{window}/{_hashed(address, window)}")
    # An address that is over its own limit does not use up what all have together.
    return of_address <= limit.address and _count(f"ways/{kind}/{link}/{window}") <= limit.link


def recent(link: int, now: datetime) -> int:
    """How many ballots a link has handed out for a solved sum in these ten minutes."""
    return int(cache.get(f"ways/sum/{link}/{_window(now)}") or 0)


def _window(now: datetime) -> int:
    return int(now.timestamp()) // WINDOW_SECONDS


def _count(name: str) -> int:
    cache.add(name, 0, 2 * WINDOW_SECONDS)
    return int(cache.incr(name))


def _hashed(address: str, window: int) -> str:
    name = f"ways/salt/{window}"
    cache.add(name, secrets.token_bytes(SALT_BYTES), 2 * WINDOW_SECONDS)
    salt: bytes = cache.get(name) or b""
    key = derive(settings.MASTER_KEY, "ways/address")
    return hmac.digest(key, salt + _network(address).encode(), "sha256")[:HASH_BYTES].hex()


def _network(address: str) -> str:
    """The address itself, or for IPv6 what a household or a meeting shares; "" for what is none."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 56), strict=False))
    return str(found)
