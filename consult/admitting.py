"""Admitting: from the token in a personal link to the right to answer."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from consult.models import Invitation
from surveys import keyring, sealing
from surveys.answering import Voter
from surveys.models import State, Survey

# Checked when no invitation has the selector, so that a guess takes as long as a known one.
_NOBODY = keyring.SurveyKeys(token=secrets.token_bytes(32), locator=b"", seal=b"")


@dataclass(frozen=True)
class Admission:
    """Either a voter, or why not: "unknown", "not_open" or "closed".

    `survey` is given with "not_open" and "closed", for a link that proved to be genuine.
    """

    voter: Voter | None = None
    refusal: str = ""
    survey: Survey | None = None
    language: str = ""


def admit(token: str, now: datetime) -> Admission:
    """Look a token up and prove it. Reads only; one statement.

    A link whose survey is closed for good can no longer be proved, since the key is gone; its selector alone
    then says "closed", which tells nothing that the survey's own end has not told.
    """
    selector = sealing.read_selector(token)
    invitation = None
    if selector is not None:
        invitation = (
            Invitation.objects.select_related("survey", "person").filter(selector=selector).first()
        )
    if invitation is None:
        sealing.proves(token.ljust(sealing.TOKEN_LETTERS), _NOBODY, 0, UUID(int=0), 0)
        return Admission(refusal="unknown")
    survey = invitation.survey
    language = invitation.person.language
    try:
        keys = keyring.keys(survey.key_id)
    except keyring.KeyLost:
        return Admission(refusal="closed", survey=survey, language=language)
    if not sealing.proves(token, keys, survey.pk, invitation.pk, invitation.generation):
        return Admission(refusal="unknown")
    state = survey.state(now)
    if state == State.OPEN:
        return Admission(voter=Voter(survey, invitation.pk, invitation.facts), survey=survey, language=language)
    refusal = "closed" if state in (State.CLOSING, State.CLOSED) else "not_open"
    return Admission(refusal=refusal, survey=survey, language=language)
