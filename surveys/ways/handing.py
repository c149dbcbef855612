"""Handing out: a blank ballot to whoever comes by an open link, and no more of them than people would want.

    Start ──a solved sum──────────────► within the limits? ──► one more of the link's ballots ──► its key
      └────no script: a ticket, a wait──┘

What is written is one number of the link. It says how many ballots have been handed out, not how many came back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from surveys.models import OpenLink
from surveys.ways import bearing, limiting, puzzling

WAIT_SECONDS = 15


class NotNow(Exception):
    """No ballot is handed out; `reason` is one of `bearing.Entrance.refusal`, or "crowded"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Wait(Exception):
    """The browser has solved nothing: it gets a ballot for this ticket, after so many seconds."""

    def __init__(self, ticket: str, seconds: int) -> None:
        super().__init__(str(seconds))
        self.ticket, self.seconds = ticket, seconds


@dataclass(frozen=True)
class Offered:
    """What a browser brings: a challenge with its answer, or a ticket; and the address it comes from."""

    challenge: str = ""
    answer: str = ""
    ticket: str = ""
    address: str = ""


def challenge(link: OpenLink, now: datetime) -> str:
    """A sum to solve before Start is pressed. Stores nothing."""
    return puzzling.challenge(link.pk, puzzling.bits_for(limiting.recent(link.pk, now)), now)


def hand_out(link: OpenLink, offered: Offered, now: datetime) -> str:
    """The key of a new ballot.

    Raises:
        NotNow, Wait
    """
    if reason := bearing.refusal(link, now):
        raise NotNow(reason)
    if puzzling.solves(link.pk, offered.challenge, offered.answer, now):
        kind, limit = "sum", limiting.FOR_KIOSK if link.is_kiosk else limiting.WITH_SUM
    else:
        _demand_ticket(link, offered, now)
        kind, limit = "wait", limiting.WITHOUT_SUM
    if not limiting.within(link.pk, offered.address, limit, now, kind=kind):
        raise NotNow("crowded")
    is_open = Q(closes_at__isnull=True) | Q(closes_at__gt=now)
    taken = OpenLink.objects.filter(is_open, pk=link.pk, handed__lt=F("most"), off_at__isnull=True)
    if not taken.update(handed=F("handed") + 1):
        link.refresh_from_db(fields=["handed", "most", "off_at", "closes_at"])
        raise NotNow(bearing.refusal(link, now) or "full")
    return bearing.new_key(link)


def _demand_ticket(link: OpenLink, offered: Offered, now: datetime) -> None:
    left = puzzling.waits(link.pk, offered.ticket, now)
    if left:
        raise Wait(offered.ticket, left)
    if left is None or not puzzling.spend(offered.ticket):
        raise Wait(puzzling.ticket(link.pk, WAIT_SECONDS, now), WAIT_SECONDS)
