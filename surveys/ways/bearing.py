"""Bearing: the key of a ballot that an open link has handed out, and what it admits to.

The key is the whole entry: until something is saved there is no row, and no row ever leads from the link to the ballot
or says when it was handed out. Like the token in a letter it is computed again and compared; it is stored nowhere.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.cache import cache

from surveys.answering import Voter
from surveys.box import keyring, sealing
from surveys.models import OpenLink, State, Survey

CODE_LETTERS = 8
NONCE_BYTES = 10
NONCE_LETTERS = 16
KEY_LETTERS = CODE_LETTERS + NONCE_LETTERS + sealing.PROOF_LETTERS
# As long as someone might press Back at a shared screen.
ENDED_SECONDS = 24 * 3600

# Checked when there is no such link, so that a guess takes as long as a known one.
_NOBODY = keyring.SurveyKeys(token=secrets.token_bytes(32), locator=b"", seal=b"")


@dataclass(frozen=True)
class Entrance:
    """What an address below /o/ leads to: a link, or with `voter` a ballot of it; or why not.

    `refusal` is "unknown", "not_open", "closed" or, for a link that hands out no more ballots, "off" or "full".
    """

    link: OpenLink | None = None
    voter: Voter | None = None
    refusal: str = ""

    @property
    def survey(self) -> Survey | None:
        return self.link.survey if self.link is not None else None


def read_code(typed: str) -> str:
    """The code of a link as typed from a poster; empty if it cannot be one."""
    code = "".join(letter for letter in typed[:40].upper() if letter not in " -\u2010\u2011\u2013\u00a0")
    return code if len(code) == CODE_LETTERS and set(code) <= set(sealing.CODE_ALPHABET) else ""


def is_key(token: str) -> bool:
    """Whether it has the length of a ballot's key."""
    return len(token) == KEY_LETTERS


def look_up(typed: str, now: datetime) -> Entrance:
    """The link with this code, and whether it hands out ballots now. Reads only."""
    code = read_code(typed)
    link = OpenLink.objects.select_related("survey__edition").filter(code=code).first() if code else None
    if link is None:
        return Entrance(refusal="unknown")
    return Entrance(link, refusal=refusal(link, now))


def refusal(link: OpenLink, now: datetime) -> str:
    """Why a link hands out no ballot now; empty if it does."""
    state = link.survey.state(now)
    if state in (State.CLOSING, State.CLOSED) or (link.closes_at is not None and now >= link.closes_at):
        return "closed"
    if link.off_at is not None:
        return "off"
    if state != State.OPEN or (link.opens_at is not None and now < link.opens_at):
        return "not_open"
    return "full" if link.handed >= link.most else ""


def new_key(link: OpenLink) -> str:
    """The key of a new ballot.

    Raises:
        keyring.KeyLost: the survey's key is gone.
    """
    nonce = _base32(secrets.token_bytes(NONCE_BYTES))
    return (link.code + nonce + _proof(keyring.keys(link.survey.key_id), link, nonce)).lower()


def admit(token: str, now: datetime) -> Entrance:
    """Prove a ballot's key. Reads only.

    Whether its link is off, full or over does not matter: who has begun may finish until the survey's deadline.
    """
    code, nonce = token[:CODE_LETTERS].upper(), token[CODE_LETTERS : CODE_LETTERS + NONCE_LETTERS].upper()
    proof = token[CODE_LETTERS + NONCE_LETTERS :].upper().encode()
    link = OpenLink.objects.select_related("survey").filter(code=read_code(code)).first()
    if link is None or not is_key(token):
        hmac.compare_digest(proof, _proof(_NOBODY, OpenLink(pk=0, survey_id=0), nonce).encode())
        return Entrance(refusal="unknown")
    survey = link.survey
    try:
        keys = keyring.keys(survey.key_id)
    except keyring.KeyLost:
        return Entrance(link, refusal="closed")
    if not hmac.compare_digest(proof, _proof(keys, link, nonce).encode()):
        return Entrance(refusal="unknown")
    state = survey.state(now)
    if state != State.OPEN:
        return Entrance(link, refusal="closed" if state in (State.CLOSING, State.CLOSED) else "not_open")
    voter = Voter(
        survey,
        UUID(bytes=hmac.digest(keys.token, b"entry/ballot/" + _bound(link, nonce), "sha256")[:16]),
        link.facts,
        way=link.way,
        is_invited=False,
        forgets=link.is_kiosk,
    )
    return Entrance(link, voter)


def end(voter: Voter, now: datetime, *, after: int = 0) -> None:
    """Let nothing more be shown of a ballot at a shared screen, from so many seconds on. Nothing of it is deleted."""
    cache.set(_ended_name(voter), now.timestamp() + after, ENDED_SECONDS)


def is_ended(voter: Voter, now: datetime) -> bool:
    """Whether `end` says so."""
    ends = cache.get(_ended_name(voter))
    return ends is not None and now.timestamp() >= float(ends)


def _ended_name(voter: Voter) -> str:
    # A name that leads to the ballot only by way of the key.
    keys = keyring.keys(voter.survey.key_id)
    return "ways/ended/" + hmac.digest(keys.token, b"entry/ended/" + voter.invitation.bytes, "sha256")[:16].hex()


def _proof(keys: keyring.SurveyKeys, link: OpenLink, nonce: str) -> str:
    return _base32(hmac.digest(keys.token, b"entry/key/" + _bound(link, nonce), "sha256"))[: sealing.PROOF_LETTERS]


def _bound(link: OpenLink, nonce: str) -> bytes:
    return link.survey_id.to_bytes(8, "big") + (link.pk or 0).to_bytes(8, "big") + nonce.encode()


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=")
