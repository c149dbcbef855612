"""Receipting: a receipt for a page that submits, signed so that only we can have made it for this ballot.

Pressing the button twice must give one receipt, so the page carries it. Were it the browser's to choose, two people
could have the same, and a receipt would no longer point out one answer. It is random, not computed from the ballot: its
hash stays with the facts, and nothing may lead from there to an invitation. The mark is stored nowhere.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

from surveys.box import sealing

LETTERS = 26
ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
# What no receipt holds and a person may read instead. Receipts are shown in small letters, where 1 looks like l.
MISTAKEN = str.maketrans("018", "OLB")
LONGEST_TYPED = 200


@dataclass(frozen=True)
class Receipt:
    """A receipt as a page carries it: the number that is shown, and the mark that says it is ours."""

    number: str
    mark: str


def offer(survey_id: int, invitation: UUID, code: str) -> Receipt:
    """A new receipt for whoever submits this ballot with this code."""
    return signed(sealing.new_receipt(), survey_id, invitation, code)


def signed(number: str, survey_id: int, invitation: UUID, code: str) -> Receipt:
    """The receipt of this number, marked for this ballot and code."""
    bound = f"{survey_id}/{invitation}/{code}/{number}"
    return Receipt(number, salted_hmac("surveys.box.receipting", bound, algorithm="sha256").hexdigest())


def proves(receipt: Receipt, survey_id: int, invitation: UUID, code: str) -> bool:
    """Whether the receipt was made here, for this ballot and code; in constant time."""
    return constant_time_compare(receipt.mark, signed(receipt.number, survey_id, invitation, code).mark)


def read(typed: str) -> str:
    """A receipt as typed, without blanks, hyphens of any kind and the difference of case; empty if it is none."""
    plain = unicodedata.normalize("NFKC", typed[:LONGEST_TYPED]).upper().translate(MISTAKEN)
    letters = "".join(each for each in plain if unicodedata.category(each) not in ("Zs", "Pd", "Cc", "Cf"))
    return letters if len(letters) == LETTERS and set(letters) <= ALPHABET else ""
