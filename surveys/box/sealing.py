"""The cryptography of the ballot box: link tokens, locators and sealed boxes (docs/anonymity.md).

Nothing here touches the database. Keys come from `surveys.box.keyring`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from surveys.box.keyring import SurveyKeys

LOCATOR_BYTES = 16
SELECTOR_BYTES = 8
PROOF_BITS = 130
# 8 bytes selector (13 letters) and 130 bits of proof (26 letters), in base32 without padding.
SELECTOR_LETTERS = 13
PROOF_LETTERS = PROOF_BITS // 5
TOKEN_LETTERS = SELECTOR_LETTERS + PROOF_LETTERS
# A box is padded to one of these sizes, so that its length says almost nothing about how much was written.
BUCKETS = (1024, 4096, 16384, 65536)
NONCE_BYTES = 12
# Without the letters and digits that are mistaken for one another (I L O U 0 1).
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LETTERS = 8


class BrokenSeal(Exception):
    """A box that does not open: another survey's key, another row's place, or changed bytes."""


class BoxTooLarge(Exception):
    """More text than the largest box holds."""


@dataclass(frozen=True)
class Box:
    """What lies inside a sealed ballot.

    `draft` is what is being written and `final` what was last submitted, each {question code: answer};
    `final` is None until the first submission, and stays while a change is being written. `final_is_own`
    says whether it was submitted with the code that `resume_hash` belongs to. `way` says how what was submitted came
    in (empty: by the link in a letter), and `facts` is the background of someone without an invitation.
    """

    draft: dict[str, Any] = field(default_factory=dict)
    final: dict[str, Any] | None = None
    final_is_own: bool = True
    resume_hash: str = ""
    receipt_hash: str = ""
    language: str = ""
    way: str = ""
    facts: dict[str, str] | None = None


def link_token(keys: SurveyKeys, survey_id: int, invitation: UUID, selector: int, generation: int) -> str:
    """The token of a personal link: selector ‖ 130 bits of HMAC, base32 in lower case, 39 letters."""
    head = _base32(selector.to_bytes(SELECTOR_BYTES, "big", signed=True))
    return (head + _proof(keys, survey_id, invitation, generation)).lower()


def read_selector(token: str) -> int | None:
    """The selector in a token, or None if it does not have the form of a token."""
    if len(token) != TOKEN_LETTERS:
        return None
    head = token[:SELECTOR_LETTERS].upper()
    try:
        raw = base64.b32decode(head + "=" * (-len(head) % 8))
    except ValueError:
        return None
    # Base32 of 8 bytes has one spare bit: insist on the canonical spelling, so that a link has one address only.
    return int.from_bytes(raw, "big", signed=True) if _base32(raw) == head else None


def proves(token: str, keys: SurveyKeys, survey_id: int, invitation: UUID, generation: int) -> bool:
    """Whether the token's secret part belongs to this invitation; in constant time."""
    expected = _proof(keys, survey_id, invitation, generation)
    return hmac.compare_digest(token[SELECTOR_LETTERS:].upper().encode(), expected.encode())


def locator(keys: SurveyKeys, invitation: UUID) -> bytes:
    """Where in the ballot box an invitation's row lies: HMAC-SHA-256, 16 bytes."""
    return hmac.digest(keys.locator, invitation.bytes, "sha256")[:LOCATOR_BYTES]


def throttle_name(keys: SurveyKeys, place: bytes) -> str:
    """Where wrong codes for a ballot are counted: a name that leads to the ballot only by way of the key."""
    return "resume/" + hmac.digest(keys.token, b"throttle" + place, "sha256")[:16].hex()


def seal(keys: SurveyKeys, survey_id: int, place: bytes, version: int, final: bool, box: Box) -> bytes:
    """Encrypt and pad a box, bound to its survey, place and version, and to whether anything has been submitted.

    Raises:
        BoxTooLarge: the content is larger than the largest bucket.
    """
    content = _pad(_pack(box))
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + ChaCha20Poly1305(keys.seal).encrypt(nonce, content, _binding(survey_id, place, version, final))


def fits(box: Box) -> bool:
    """Whether a box has room for its content."""
    return len(_pack(box)) + 4 <= BUCKETS[-1]


def unseal(keys: SurveyKeys, survey_id: int, place: bytes, version: int, final: bool, sealed: bytes) -> Box:
    """Open a box.

    Raises:
        BrokenSeal: it was not sealed with this key for this survey, place and version, as submitted or not; or it is
            said to be submitted and holds no submission.
    """
    nonce, content = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        plain = ChaCha20Poly1305(keys.seal).decrypt(nonce, content, _binding(survey_id, place, version, final))
    except (InvalidTag, ValueError) as error:
        raise BrokenSeal from error
    size = int.from_bytes(plain[:4], "big")
    box = _unpack(plain[4 : 4 + size])
    if final and box.final is None:
        raise BrokenSeal
    return box


def new_resume_code() -> str:
    """A code a person can write down: 8 letters, about 39 bits, guarded by a throttle."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LETTERS))


def new_receipt() -> str:
    """A receipt of 128 bits, in groups that can be read aloud."""
    text = _base32(secrets.token_bytes(16)).lower()
    return "-".join(text[start : start + 5] for start in range(0, len(text), 5))


def code_hash(survey_id: int, code: str) -> str:
    """Hash of a resume code or receipt as typed (spaces, hyphens and case do not count), as hex."""
    plain = "".join(character for character in code.upper() if character.isalnum())
    return hashlib.sha256(f"{survey_id}/{plain}".encode()).hexdigest()


def content_hash(final: Mapping[str, Any], receipt_hash: str, background: Mapping[str, str | None]) -> bytes:
    """Hash of one submitted ballot with its background, for comparing the multiset before and after the mix."""
    known = {name: value for name, value in background.items() if value is not None}
    # What begins with "@" is background that routing has looked at, not an answer.
    answers = {code: answer for code, answer in final.items() if not code.startswith("@")}
    return hashlib.sha256(_canonical({"final": answers, "receipt": receipt_hash, "background": known})).digest()


def _proof(keys: SurveyKeys, survey_id: int, invitation: UUID, generation: int) -> str:
    message = survey_id.to_bytes(8, "big") + invitation.bytes + generation.to_bytes(4, "big")
    return _base32(hmac.digest(keys.token, message, "sha256"))[:PROOF_LETTERS]


def _binding(survey_id: int, place: bytes, version: int, final: bool) -> bytes:
    return survey_id.to_bytes(8, "big") + place + version.to_bytes(4, "big") + bytes([final])


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=")


def _canonical(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _pack(box: Box) -> bytes:
    return _canonical(
        {
            # Right after submission both are the same: kept once, so that all that fits as a draft can be submitted.
            "draft": None if box.draft == box.final else box.draft,
            "final": box.final,
            "own": box.final_is_own,
            "resume": box.resume_hash,
            "receipt": box.receipt_hash,
            "language": box.language,
            **({"way": box.way} if box.way else {}),
            **({"facts": box.facts} if box.facts is not None else {}),
        }
    )


def _unpack(content: bytes) -> Box:
    data = json.loads(content)
    return Box(
        draft=dict(data["final"]) if data["draft"] is None else data["draft"],
        final=data["final"],
        final_is_own=data["own"],
        resume_hash=data["resume"],
        receipt_hash=data["receipt"],
        language=data["language"],
        way=data.get("way", ""),
        facts=data.get("facts"),
    )


def _pad(content: bytes) -> bytes:
    """Length (4 bytes), content, zeros up to the next bucket."""
    for bucket in BUCKETS:
        if len(content) + 4 <= bucket:
            return len(content).to_bytes(4, "big") + content.ljust(bucket - 4, b"\0")
    raise BoxTooLarge
