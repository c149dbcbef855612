"""Where a survey stands, as staff read it: its state in words, the steps of its closing, what is coded and out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from surveys import closing, coding
from surveys.models import Closing, Codebook, Release, State, Survey

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


@dataclass(frozen=True)
class Step:
    """One step of the closing; `at` is when it was done, None while it waits."""

    text: str
    at: datetime | None


@dataclass(frozen=True)
class Coded:
    """How far one codebook has come; None before there is anything to read."""

    codebook: Codebook
    coded: int | None
    total: int | None


@dataclass(frozen=True)
class Standing:
    """Everything the status panel says."""

    state: State
    words: str
    steps: list[Step]
    approvals: int
    approvals_needed: int
    has_approved: bool
    awaits_approval: bool
    codebooks: list[Coded]
    releases: list[Release]
    may_release: bool
    background: list[str]
    crosses: list[str]


def standing(survey: Survey, reader: AbstractBaseUser, now: datetime) -> Standing:
    """Read where a survey stands at `now`, for this reader."""
    state = survey.state(now)
    progress = Closing.objects.filter(survey=survey).first()
    approvers = list(survey.approvals.values_list("person_id", flat=True))
    codebooks = list(
        Codebook.objects.filter(survey=survey)
        .select_related("question", "survey")
        .order_by("question__section__position", "question__position")
    )
    is_open = coding.is_open(survey)
    is_verified = progress is not None and progress.verified_at is not None
    return Standing(
        state=state,
        words=_in_words(survey, state),
        steps=_steps(survey, progress) if progress else [],
        approvals=len(approvers),
        approvals_needed=settings.CLOSING_APPROVALS if survey.is_anonymous else 0,
        has_approved=reader.pk in approvers,
        awaits_approval=is_verified and survey.closed_at is None and closing.approvals_needed(survey) > 0,
        codebooks=[Coded(each, *(coding.progress(each) if is_open else (None, None))) for each in codebooks],
        releases=list(survey.releases.order_by("-number")),
        may_release=is_open or (not survey.is_anonymous and survey.opened_at is not None),
        background=[str(fact) for fact in survey.facts.order_by("rank")],
        crosses=[str(cross) for cross in survey.crosses.all()],
    )


def _in_words(survey: Survey, state: State) -> str:
    if state == State.PLANNED:
        return _("Planned. Nobody can answer, and no letter goes out, before it is opened.")
    if state == State.SCHEDULED:
        return _("Opened. It takes answers from the time it opens.")
    if state == State.OPEN and survey.is_anonymous:
        return _("Open. The answers lie sealed: nobody, you included, sees any of them before it is closed.")
    if state == State.OPEN:
        return _("Open. The answers are stored with the names of those who gave them.")
    if state == State.CLOSING:
        return _("Closing. It takes no more answers; the steps below are done one after the other.")
    return (
        _("Closed. The answers can be coded and published; the key that tied them to people is gone.")
        if (survey.is_anonymous)
        else _("Closed. The answers can be coded and published.")
    )


def _steps(survey: Survey, progress: Closing) -> list[Step]:
    if not survey.is_anonymous:
        return [
            Step(_("No more answers are taken"), progress.started_at),
            Step(_("Every answer is stored"), progress.mixed_at),
            Step(_("Backed up, and the backup tried"), progress.verified_at),
            Step(_("Closed"), progress.closed_at),
        ]
    return [
        Step(_("No more answers are taken"), progress.started_at),
        Step(_("The answers are opened, shuffled and separated from who gave them"), progress.mixed_at),
        Step(_("Counted again, backed up, and the backup tried"), progress.verified_at),
        Step(_("The key that tied answers to people is destroyed"), progress.closed_at),
    ]
