"""Puzzling: a small sum that a browser must do before it gets a ballot, and that costs a machine as much each time.

A challenge is signed and stored nowhere, so that showing a page writes nothing; only one that has been solved is
remembered, for as long as it would still be taken, so that it is good for one ballot.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.core.cache import cache
from django.core.signing import BadSignature, Signer

# About 130 000 hashes: under a second on a phone, by the script in static/js/open.js.
BITS = 17
MOST_BITS = 21
GOOD_SECONDS = 30 * 60
LONGEST = 300

_SALT = "surveys.ways.puzzling"


def challenge(link: int, bits: int, now: datetime) -> str:
    """A new one for an open link. Stores nothing."""
    return Signer(salt=_SALT).sign(f"{link}.{bits}.{int(now.timestamp())}.{secrets.token_urlsafe(12)}")


def bits_for(recent: int) -> int:
    """How hard it is made when so many ballots were handed out lately: twice as hard for every doubling above 30."""
    return min(BITS + max(0, (recent // 30).bit_length() - 1 if recent >= 30 else 0), MOST_BITS)


def solves(link: int, sent: str, answer: str, now: datetime) -> bool:
    """Whether the answer solves a challenge of this link, made lately. Each is taken once."""
    bits = _opened(link, sent, now)
    if bits is None or not (answer.isascii() and answer.isdigit() and len(answer) <= 12):
        return False
    found = hashlib.sha256(f"{sent}.{answer}".encode()).digest()
    if int.from_bytes(found[:4], "big") >> (32 - bits):
        return False
    return _take("puzzle", sent)


def ticket(link: int, seconds: int, now: datetime) -> str:
    """For a browser without a script: good for a ballot after so many seconds."""
    return Signer(salt=f"{_SALT}.ticket").sign(f"{link}.{int(now.timestamp()) + seconds}.{secrets.token_urlsafe(12)}")


def waits(link: int, sent: str, now: datetime) -> int | None:
    """For how many seconds a ticket of this link is not good yet; None for what is none, or too old."""
    fields = _read(f"{_SALT}.ticket", sent, 3)
    if fields is None or fields[0] != str(link):
        return None
    left = int(fields[1]) - int(now.timestamp())
    return None if left < -GOOD_SECONDS else max(left, 0)


def spend(sent: str) -> bool:
    """Use up a ticket; False if it has been used."""
    return _take("ticket", sent)


def _opened(link: int, sent: str, now: datetime) -> int | None:
    fields = _read(_SALT, sent, 4)
    if fields is None or fields[0] != str(link):
        return None
    age = int(now.timestamp()) - int(fields[2])
    return int(fields[1]) if 0 <= age <= GOOD_SECONDS else None


def _read(salt: str, sent: str, parts: int) -> list[str] | None:
    if len(sent) > LONGEST:
        return None
    try:
        fields = Signer(salt=salt).unsign(sent).split(".")
    except BadSignature:
        return None
    return fields if len(fields) == parts else None


def _take(kind: str, sent: str) -> bool:
    """The first to come gets it: adding is atomic."""
    name = hashlib.sha256(sent.encode()).hexdigest()[:32]
    return bool(cache.add(f"ways/{kind}/{name}", 1, 2 * GOOD_SECONDS))
