"""The cryptography of the ballot box: link tokens, locators and sealed boxes (docs/anonymity.md).

Nothing here touches the database. Keys come from `surveys.box.keyring`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
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
_PLAIN_TOKEN = re.compile(f"[a-z2-7]{{{TOKEN_LETTERS}}}")
# What mail programs and people put between the letters, and what they put behind them.
_BETWEEN = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff.,;:'\"<>()\[\]{}*_=/\\\u2010-\u2015-]")
_END_OF_LINK = re.compile(r"[?&#]")
_MISTYPED = str.maketrans({"0": "o", "8": "b", "1": "l", "I": "l", "|": "l"})
LONGEST_TYPED = 200
# Each doubles what is looked up.
MOST_DOUBTFUL = 3
# A box is padded to one of these sizes, so that its length says almost nothing about how much was written. A draft and
# what comes of submitting it must fit into ROOM; the last size has room for another code's submission beside it.
BUCKETS = (1024, 4096, 16384, 65536, 131072)
ROOM = 65536
NONCE_BYTES = 12
LATER = ("quoting", "final_code", "aside", "way")
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
    says whether it was submitted with the code that `resume_hash` belongs to; `quoting` is what was then said to being
    quoted. Where submissions cannot be changed, `final_code` is the code of one that is not the draft's, and
    `aside` the receipt of a draft that was submitted after it (`surveys.box.holding`). `way` says how what was
    submitted came in (empty: by the link in a letter), and `facts` is the background of someone without an invitation.
    `reached` is the number of the last page that was gone on from.
    """

    draft: dict[str, Any] = field(default_factory=dict)
    final: dict[str, Any] | None = None
    final_is_own: bool = True
    resume_hash: str = ""
    receipt_hash: str = ""
    language: str = ""
    quoting: str = ""
    final_code: str = ""
    aside: str = ""
    way: str = ""
    facts: dict[str, str] | None = None
    reached: int = 0


def link_token(keys: SurveyKeys, survey_id: int, invitation: UUID, selector: int, generation: int) -> str:
    """The token of a personal link: selector ‖ 130 bits of HMAC, base32 in lower case, 39 letters."""
    head = _base32(selector.to_bytes(SELECTOR_BYTES, "big", signed=True))
    return (head + _proof(keys, survey_id, invitation, generation)).lower()


def spellings(typed: str) -> tuple[str, ...]:
    """The tokens that may be meant by what someone has typed, or a mail program has made of a link; likeliest first.

    Blanks, hyphens and the like fall out, and what follows an end of the address. A link in print is mistyped where
    letters look like digits: 0 is o and 8 is b, while 1, I and | may be l or i. Each token has one address only, so
    what is carried on is the token that proves to be right. Nothing is looked up here.
    """
    if _PLAIN_TOKEN.fullmatch(typed):
        # By far the most: `l` and `i` are then as they stand in the letter, or as mistyped as any other letter.
        return (typed,)
    plain = _BETWEEN.sub("", _END_OF_LINK.split(typed[:LONGEST_TYPED].strip(), maxsplit=1)[0])
    if len(plain) != TOKEN_LETTERS:
        return ()
    doubtful = [place for place, letter in enumerate(plain) if letter in "1I|"]
    read = plain.translate(_MISTYPED).lower()
    found = dict.fromkeys([plain.lower()] if _PLAIN_TOKEN.fullmatch(plain.lower()) else [])
    for letters in product("li", repeat=len(doubtful[:MOST_DOUBTFUL])):
        letter_at = dict(zip(doubtful, letters, strict=False))
        found[("".join(letter_at.get(place, letter) for place, letter in enumerate(read)))] = None
    return tuple(each for each in found if _PLAIN_TOKEN.fullmatch(each))


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
    return len(_pack(box)) + 4 <= ROOM


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


def withdrawn_name(keys: SurveyKeys, place: bytes, code: str) -> str:
    """Where it is noted that this code has withdrawn its ballot: a name that leads there by way of the key only."""
    return "withdrawn/" + hmac.digest(keys.token, b"withdrawn" + place + code.encode(), "sha256")[:16].hex()


def new_resume_code() -> str:
    """A code a person can write down: 8 letters, about 39 bits, guarded by a throttle."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LETTERS))


def new_receipt() -> str:
    """A receipt of 128 bits, in four groups that can be read aloud."""
    text = _base32(secrets.token_bytes(16)).lower()
    return "-".join((text[:6], text[6:13], text[13:19], text[19:]))


def code_hash(survey_id: int, code: str) -> str:
    """Hash of a resume code or receipt as typed (spaces, hyphens and case do not count), as hex."""
    plain = "".join(character for character in code.upper() if character.isalnum())
    return hashlib.sha256(f"{survey_id}/{plain}".encode()).hexdigest()


def content_hash(
    final: Mapping[str, Any], receipt_hash: str, background: Mapping[str, str | None], quoting: str = ""
) -> bytes:
    """Hash of one submitted ballot with its background, for comparing the multiset before and after the mix."""
    known = {name: value for name, value in background.items() if value is not None}
    # What begins with "@" is background that routing has looked at, not an answer.
    answers = {code: answer for code, answer in final.items() if not code.startswith("@")}
    content: dict[str, Any] = {"final": answers, "receipt": receipt_hash, "background": known}
    # Left out where nobody was asked: then a file from before anyone could be says the same.
    content |= {"quoting": quoting} if quoting else {}
    return hashlib.sha256(_canonical(content)).digest()


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
            # Seldom there, and then kept.
            **{name: kept for name in LATER if (kept := getattr(box, name))},
            **({"facts": box.facts} if box.facts is not None else {}),
            **({"reached": box.reached} if box.reached else {}),
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
        **{name: data.get(name, "") for name in LATER},
        facts=data.get("facts"),
        reached=data.get("reached", 0),
    )


def _pad(content: bytes) -> bytes:
    """Length (4 bytes), content, zeros up to the next bucket."""
    for bucket in BUCKETS:
        if len(content) + 4 <= bucket:
            return len(content).to_bytes(4, "big") + content.ljust(bucket - 4, b"\0")
    raise BoxTooLarge
