"""A visit to a trial: one request of a colleague, with all that the pages carry along.

What has been answered travels in the pages themselves, signed, and is kept by nobody: there is no survey, no session
and no cookie. Only comments, and when the way through began and ended, are written down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.core import signing
from django.utils.datastructures import MultiValueDict

from surveys import routing, trying
from surveys.kinds.base import Answer
from surveys.models import Trial
from surveys.structure import EditionView

# The room that a real ballot has, so that what is too long there is too long here.
LONGEST_CARRIED = 60_000


class TooLong(Exception):
    """The answers together are longer than a ballot has room for."""


@dataclass(frozen=True)
class Carried:
    """What the pages of one colleague carry.

    Args:
        run: drawn by the first page; names the way through.
        facts: the background chosen on the first page, {name: value}.
        answers: what has been answered, {question code: answer}.
    """

    run: UUID = field(default_factory=uuid4)
    facts: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)

    def with_answers(self, given: Mapping[str, Answer]) -> Carried:
        """With the answers of one page; an empty answer blanks the question.

        Raises:
            TooLong
        """
        answers = {code: answer for code, answer in {**self.answers, **given}.items() if answer}
        if len(signing.JSONSerializer().dumps(answers)) > LONGEST_CARRIED:
            raise TooLong
        return replace(self, answers=answers)


@dataclass(frozen=True)
class TrialVisit:
    """One request.

    Args:
        key: the token in the link, sent along in the body of each form.
        action: the address the forms post to.
        notice: the name of something to say at the top of the next page; see surveys/trial_notice.html.
    """

    trial: Trial
    key: str
    action: str
    now: datetime
    language: str
    posted: Mapping[str, Any] = field(default_factory=MultiValueDict)
    state: Carried = field(default_factory=Carried)
    notice: str = ""

    # Pages of respondents carry these; a trial has nothing to resume.
    code: ClassVar[str] = ""
    proof: ClassVar[str] = ""

    @property
    def edition(self) -> EditionView:
        return trying.content(self.trial)

    @property
    def has_sami(self) -> bool:
        """Whether the questions can be read in Northern Sámi."""
        return self.edition.has_sami

    @property
    def answers(self) -> dict[str, Answer]:
        """What has been answered so far, by the person and by the background they chose."""
        return {**self.state.answers, **routing.background(self.state.facts, self.edition)}

    @cached_property
    def carried(self) -> str:
        """The state as text that comes back unchanged, in pages of this trial only."""
        state = {"run": self.state.run.hex, "facts": self.state.facts, "answers": self.state.answers}
        return signing.dumps(state, salt=_salt(self.trial), compress=True)

    @property
    def reader(self) -> str:
        """Who made the trial, by name, if they have one: whoever writes a comment should know who reads it."""
        person = self.trial.person
        return person.get_full_name() if person is not None else ""

    def field(self, name: str) -> str:
        """A posted field; empty if it was not sent."""
        found: str = self.posted.get(name, "")
        return found


def reopen(sent: str, trial: Trial) -> Carried | None:
    """What a page carried; None for anything that this trial has not made."""
    try:
        state = signing.loads(sent, salt=_salt(trial))
    except signing.BadSignature:
        return None
    return Carried(UUID(state["run"]), state["facts"], state["answers"])


def _salt(trial: Trial) -> str:
    return f"surveys.web.trial/{trial.pk}/{trial.selector}"
