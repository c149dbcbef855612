"""Where a survey stands, as staff read it: its state in words, the steps of its closing, what is coded and out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from surveys import closing, coding
from surveys.admin.outcome import Outcome, outcome
from surveys.box import keyring, waiving
from surveys.models import Closing, Codebook, PlannedCross, Release, State, Survey

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
class Trouble:
    """Why a closing does not go on: `ballots` submitted answers do not open, or the key cannot be found.

    `waivers` people of the `needed` have decided to go on without those answers.
    """

    ballots: int
    waivers: int
    needed: int
    has_waived: bool
    is_key_lost: bool


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
    trouble: Trouble | None
    left_out: int
    codebooks: list[Coded]
    releases: list[Release]
    outcome: Outcome
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
    releases = list(survey.releases.order_by("-number"))
    is_verified = progress is not None and progress.verified_at is not None
    return Standing(
        state=state,
        words=_in_words(survey, state),
        steps=_steps(survey, progress) if progress else [],
        approvals=len(approvers),
        approvals_needed=settings.CLOSING_APPROVALS if survey.is_anonymous else 0,
        has_approved=reader.pk in approvers,
        awaits_approval=is_verified and survey.closed_at is None and closing.approvals_needed(survey) > 0,
        trouble=_trouble(survey, progress, reader) if progress and progress.mixed_at is None else None,
        left_out=progress.left_out if progress else 0,
        codebooks=[Coded(each, *(coding.progress(each) if is_open else (None, None))) for each in codebooks],
        releases=releases,
        outcome=outcome(survey, releases),
        may_release=is_open or (not survey.is_anonymous and survey.opened_at is not None),
        background=[str(fact) for fact in survey.facts.order_by("rank")],
        crosses=[_in_question_codes(cross) for cross in survey.crosses.all()],
    )


def _trouble(survey: Survey, progress: Closing, reader: AbstractBaseUser) -> Trouble | None:
    try:
        keyring.keys(survey.key_id)
        is_key_lost = False
    except keyring.KeyLost:
        is_key_lost = True
    if not is_key_lost and not progress.unreadable:
        return None
    given = waiving.persons(survey, progress.unreadable)
    needed = len(given) + waiving.missing(survey, progress.unreadable)
    return Trouble(progress.unreadable, len(given), needed, reader.pk in given, is_key_lost)


def _in_question_codes(cross: PlannedCross) -> str:
    """ "B3 by B1": what stands in the names after the dot is for machines."""
    return _("%(question)s by %(by)s") % {
        "question": cross.variable.partition(".")[0],
        "by": cross.by.partition(".")[0],
    }


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
    mixed, verified, closed = progress.mixed_at, progress.verified_at, progress.closed_at
    return [
        Step(_("No more answers are taken"), progress.started_at),
        Step(
            _("The answers have been opened, shuffled and separated from who gave them")
            if mixed
            else _("The answers are to be opened, shuffled and separated from who gave them"),
            mixed,
        ),
        Step(
            _("Counted again, backed up, and the backup tried")
            if verified
            else _("To be counted again and backed up, and the backup tried"),
            verified,
        ),
        Step(
            _("The key that tied answers to people has been destroyed")
            if closed
            else _("The key that ties answers to people is to be destroyed"),
            closed,
        ),
    ]
