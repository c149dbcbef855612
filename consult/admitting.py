"""Admitting: from the token in a personal link to the right to answer."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from time import monotonic, sleep
from typing import Any
from uuid import UUID

from django.db import connection

from consult.models import Invitation, Person
from surveys.answering import Voter
from surveys.box import keyring, sealing
from surveys.box.preparing import prepared_cursor
from surveys.models import State, Survey

EARLIER_LINKS_KNOWN = 4
# Far longer than looking takes, far shorter than anyone notices: so the time says nothing of what was found.
UNKNOWN_AFTER_SECONDS = 0.006
# Checked when no invitation has the selector, so that a guess takes as long as a known one.
_NOBODY = keyring.SurveyKeys(token=secrets.token_bytes(32), locator=b"", seal=b"")


@dataclass(frozen=True)
class Admission:
    """Either a voter, or why not: "incomplete", "unknown", "replaced", "not_open" or "closed".

    `token` is the link's token as it stands in the letter, however it was typed. "incomplete" says what anyone can
    see: that this is too short or too long for a link. `survey` is given with "replaced", "not_open" and "closed",
    for a link that proved to be genuine.
    """

    voter: Voter | None = None
    refusal: str = ""
    survey: Survey | None = None
    language: str = ""
    token: str = ""


_COLUMNS = [field.column for field in Survey._meta.concrete_fields]
# Written out: every page of every respondent begins here, and building this query costs more than running it.
_FIND = f"""
    SELECT i.id, i.generation, i.facts, p.language, {", ".join(f's."{column}"' for column in _COLUMNS)}
    FROM {Invitation._meta.db_table} i
    JOIN {Person._meta.db_table} p ON p.id = i.person_id
    JOIN {Survey._meta.db_table} s ON s.id = i.survey_id
    WHERE i.selector = %s
"""  # noqa: S608  # names of our own tables and columns


@dataclass(frozen=True)
class _Found:
    invitation: UUID
    generation: int
    facts: dict[str, str]
    language: str
    survey: Survey


def admit(typed: str, now: datetime) -> Admission:
    """Look a link up by what was typed of it, and prove it. Reads only; one statement for each way it can be meant.

    A link whose survey is closed for good can no longer be proved, since the key is gone; its selector alone
    then says "closed", which tells nothing that the survey's own end has not told.
    """
    begun = monotonic()
    admission = Admission(refusal="incomplete")
    for token in sealing.spellings(typed):
        admission = _admit(token, now)
        if admission.refusal != "unknown":
            break
    if admission.refusal == "unknown":
        # Reading an invitation and its keys takes longer than finding none.
        sleep(max(0.0, begun + UNKNOWN_AFTER_SECONDS - monotonic()))
    return admission


def _admit(token: str, now: datetime) -> Admission:
    selector = sealing.read_selector(token)
    # A selector that cannot be one is looked up too: it must not be answered any faster.
    found = _find(selector if selector is not None else 0)
    if found is None or selector is None:
        sealing.proves(token, _NOBODY, 0, UUID(int=0), 0)
        _was_issued(token, _NOBODY, 0, UUID(int=0), 0)
        return Admission(refusal="unknown")
    survey = found.survey
    known: dict[str, Any] = {"survey": survey, "language": found.language, "token": token}
    try:
        keys = keyring.keys(survey.key_id)
    except keyring.KeyLost:
        return Admission(refusal="closed", **known)
    if not sealing.proves(token, keys, survey.pk, found.invitation, found.generation):
        if _was_issued(token, keys, survey.pk, found.invitation, found.generation):
            return Admission(refusal="replaced", **known)
        return Admission(refusal="unknown")
    state = survey.state(now)
    if state == State.OPEN:
        return Admission(voter=Voter(survey, found.invitation, found.facts), **known)
    return Admission(refusal="closed" if state in (State.CLOSING, State.CLOSED) else "not_open", **known)


def _was_issued(token: str, keys: keyring.SurveyKeys, survey_id: int, invitation: UUID, generation: int) -> bool:
    """Whether this was the link once, before a newer one was sent. As many comparisons whatever is found.

    The first generation is 1, so that what is compared with 0 is no link at all.
    """
    earlier = [max(generation - back, 0) for back in range(1, EARLIER_LINKS_KNOWN + 1)]
    proved = [sealing.proves(token, keys, survey_id, invitation, each) and each > 0 for each in earlier]
    return any(proved)


def _find(selector: int) -> _Found | None:
    with prepared_cursor() as cursor:
        cursor.execute(_FIND, [selector])
        row: tuple[Any, ...] | None = cursor.fetchone()
    if row is None:
        return None
    invitation, generation, facts, language, *values = row
    survey = Survey.from_db(connection.alias, [field.attname for field in Survey._meta.concrete_fields], values)
    return _Found(invitation, generation, json.loads(facts), language, survey)
