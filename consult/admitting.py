"""Admitting: from the token in a personal link to the right to answer."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from consult.models import Invitation, Person
from surveys.answering import Voter
from surveys.box import keyring, sealing
from surveys.box.preparing import prepared_cursor
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


def admit(token: str, now: datetime) -> Admission:
    """Look a token up and prove it. Reads only; one statement.

    A link whose survey is closed for good can no longer be proved, since the key is gone; its selector alone
    then says "closed", which tells nothing that the survey's own end has not told.
    """
    selector = sealing.read_selector(token)
    # A selector that cannot be one is looked up too: it must not be answered any faster.
    found = _find(selector if selector is not None else 0)
    if found is None or selector is None:
        sealing.proves(token[: sealing.TOKEN_LETTERS].ljust(sealing.TOKEN_LETTERS), _NOBODY, 0, UUID(int=0), 0)
        return Admission(refusal="unknown")
    survey, language = found.survey, found.language
    try:
        keys = keyring.keys(survey.key_id)
    except keyring.KeyLost:
        return Admission(refusal="closed", survey=survey, language=language)
    if not sealing.proves(token, keys, survey.pk, found.invitation, found.generation):
        return Admission(refusal="unknown")
    state = survey.state(now)
    if state == State.OPEN:
        voter = Voter(survey, found.invitation, found.facts)
        return Admission(voter=voter, survey=survey, language=language)
    refusal = "closed" if state in (State.CLOSING, State.CLOSED) else "not_open"
    return Admission(refusal=refusal, survey=survey, language=language)


def _find(selector: int) -> _Found | None:
    with prepared_cursor() as cursor:
        cursor.execute(_FIND, [selector])
        row: tuple[Any, ...] | None = cursor.fetchone()
    if row is None:
        return None
    invitation, generation, facts, language, *values = row
    survey = Survey.from_db(connection.alias, [field.attname for field in Survey._meta.concrete_fields], values)
    return _Found(invitation, generation, json.loads(facts), language, survey)
