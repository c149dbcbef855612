"""Reminding: who is spared a reminder, worked out when it is sent and forgotten at once.

A round of reminders has a letter for everyone invited. In strict mode (`Survey.strict_reminders`) everyone is
sent one. Otherwise those who have answered are spared: for the few letters in a worker's hand the ballot box is
asked which of their locators hold a submitted answer. That set is never stored, logged or passed on. All
letters of the group, sent or spared, go through the same states in the same statements and end as "done" with
nothing in the row that tells them apart.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from consult.claiming import Outcome
from consult.models import LetterKind, LetterStatus
from surveys import participating
from surveys.box import keyring, sealing
from surveys.models import Survey


def is_selective(survey: Survey, kind: str) -> bool:
    """Whether letters of this kind go only to those who lack an answer."""
    return kind == LetterKind.REMINDER and not survey.strict_reminders


def spared(survey: Survey, invitations: Collection[UUID]) -> set[UUID]:
    """Those of the invitations whose answer has been submitted. For use at once; not to be kept."""
    keys = keyring.keys(survey.key_id)
    places = {sealing.locator(keys, invitation): invitation for invitation in invitations}
    return {places[place] for place in participating.submitted(survey, list(places))}


def concealed(sent_to: Sequence[Outcome], spared_letters: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes of a group of selective reminders, so that no row tells whether its letter was sent.

    What the mail server took, refused for good or left uncertain is done, like what was spared. What must be
    tried again goes back to waiting, and with it the same proportion of the spared ones, chosen at random:
    among the waiting rows, and among the done ones, those who have answered are as frequent as in the group.

    Args:
        sent_to: outcomes of those who were to be sent one.
        spared_letters: one outcome for each of the others; only the ids and epochs are read.
    """
    waiting = [replace(outcome, reply="", tried=True) for outcome in sent_to if outcome.status == LetterStatus.PENDING]
    done = [_done(outcome) for outcome in sent_to if outcome.status != LetterStatus.PENDING]
    mixed = list(spared_letters)
    secrets.SystemRandom().shuffle(mixed)
    back = -(-len(mixed) * len(waiting) // len(sent_to)) if waiting else 0
    not_before = max((outcome.not_before for outcome in waiting if outcome.not_before), default=None)
    returned = [
        replace(outcome, status=LetterStatus.PENDING, not_before=not_before, reply="", tried=True)
        for outcome in (*waiting, *mixed[:back])
    ]
    everyone = [*returned, *done, *(_done(outcome) for outcome in mixed[back:])]
    # They are written in this order, and the rows' places on disk keep it: it must say nothing.
    return sorted(everyone, key=lambda outcome: outcome.letter)


def _done(outcome: Outcome) -> Outcome:
    return Outcome(outcome.letter, outcome.epoch, LetterStatus.DONE)
