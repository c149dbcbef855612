"""Voting: a voter, what they may see of their own ballot, and the proof that a code has opened it before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

from surveys.box import holding, keyring, sealing
from surveys.box.reaching import Row
from surveys.box.sealing import Box
from surveys.kinds.base import Answer
from surveys.models import Survey
from surveys.refusing import Closed


@dataclass(frozen=True)
class Voter:
    """Someone admitted by a link: the right to answer one survey, and the background facts it declares.

    Args:
        invitation: names the ballot; of someone without an invitation, drawn for this ballot alone.
        way: how they come in, if not by the link in a letter (`models.Way`).
        is_invited: whether the register's invitations lead to this ballot.
        forgets: submitting ends it: the code opens nothing any more, so that the next person at the same screen, or
            whoever entered the answers for another, cannot read them.
    """

    survey: Survey
    invitation: UUID
    facts: Mapping[str, str] = field(default_factory=dict)
    way: str = ""
    is_invited: bool = True
    forgets: bool = False


@dataclass(frozen=True)
class Progress:
    """What a person who has shown the resume code may see of their own ballot.

    `submitted` is about what was submitted with this code: whoever starts afresh by the link alone does not
    learn whether there was an answer before. `proof` shows later that this code has opened this ballot once;
    it is empty until the first answer has been written. `quoting` is what was said to being quoted when submitting,
    `receipt_hash` the hash of the receipt then given, and `reached` the number of the last page gone on from.
    """

    answers: dict[str, Answer]
    submitted: bool
    language: str
    proof: str = ""
    quoting: str = ""
    receipt_hash: str = ""
    reached: int = 0


def keys_of(voter: Voter) -> keyring.SurveyKeys:
    """The keys of the voter's survey.

    Raises:
        Closed: they have been destroyed.
    """
    try:
        return keyring.keys(voter.survey.key_id)
    except keyring.KeyLost as error:
        raise Closed from error


def seen(voter: Voter, code: str, row: Row | None) -> Box | None:
    """The ballot as the holder of a code sees it; None when it does not open, or there is none."""
    return holding.seen(row.box, sealing.code_hash(voter.survey.pk, code)) if row else None


def proof_of(voter: Voter, code: str) -> str:
    """Says that this code has opened this ballot. Carried by the pages, so that saving asks no throttle."""
    bound = f"{voter.survey.pk}/{voter.invitation}/{code}"
    return salted_hmac("surveys.answering.proof", bound, algorithm="sha256").hexdigest()


def proves(voter: Voter, code: str, proof: str) -> bool:
    """Whether the code has opened this ballot before, as a Progress said."""
    return bool(proof) and constant_time_compare(proof, proof_of(voter, code))
