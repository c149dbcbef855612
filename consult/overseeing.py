"""Overseeing: what waits for somebody at work in the administration, and how far the open surveys have come.

Everyone sees only what they have a right to do something about, and of an open survey nothing but the coarse
participation that leadership sees. A fixed number of statements whatever the number of surveys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from consult import granting, listing, phrasing
from consult.models import LetterStatus, Mailing, User
from surveys import coding
from surveys.models import Codebook, Edition, Role, State, Survey
from surveys.texts import amending

# Of each kind the first so many; the lists in the menu have them all.
MOST = 8


@dataclass(frozen=True)
class Running:
    """A survey that takes answers; `participation` is empty where it is not read or not to be seen."""

    survey: Survey
    participation: str


@dataclass(frozen=True)
class ToCode:
    """Answers to one question that nobody has coded yet."""

    codebook: Codebook
    left: int


@dataclass(frozen=True)
class Desk:
    """What waits. `doubtful` are rounds with letters of unknown fate, `.doubt` of them each."""

    drafts: Sequence[Edition] = ()
    unopened: Sequence[Survey] = ()
    running: Sequence[Running] = ()
    closing: Sequence[Survey] = ()
    approvals: Sequence[Survey] = ()
    doubtful: Sequence[Mailing] = ()
    to_code: Sequence[ToCode] = ()

    def __bool__(self) -> bool:
        return any(vars(self).values())


def desk(user: User, now: datetime) -> Desk:
    """What waits for `user`."""
    sees_surveys = user.has_perm("surveys.view_survey")
    going = list(_surveys().filter(closed_at__isnull=True)) if sees_surveys else []
    amending.retitle(survey.edition for survey in going)
    closing = [survey for survey in going if survey.state(now) == State.CLOSING]
    approvals = _to_approve(closing, user) if user.has_perm("surveys.close_survey") else []
    return Desk(
        drafts=_drafts() if user.has_perm("surveys.change_questionnaire") else (),
        unopened=_unopened(going) if user.has_perm("surveys.change_survey") else (),
        running=_running(going, user, now),
        closing=[survey for survey in closing if survey not in approvals][:MOST],
        approvals=approvals[:MOST],
        doubtful=_doubtful() if user.has_perm("consult.change_mailing") else (),
        to_code=_to_code() if user.has_perm("surveys.code_answers") else (),
    )


def _surveys() -> QuerySet[Survey]:
    return Survey.objects.select_related("edition").order_by("closes_at", "code")


def _drafts() -> list[Edition]:
    drafts = Edition.objects.filter(published_at__isnull=True, questionnaire__role=Role.QUESTIONNAIRE).select_related(
        "questionnaire"
    )
    return list(drafts.order_by("-questionnaire")[:MOST])


def _unopened(going: list[Survey]) -> list[Survey]:
    return [survey for survey in going if survey.opened_at is None][:MOST]


def _running(going: list[Survey], user: User, now: datetime) -> list[Running]:
    surveys = [survey for survey in going if survey.state(now) == State.OPEN][:MOST]
    scope = granting.scope(user) if surveys else None
    readings: dict[int, int | None] = {}
    if scope is not None:
        seen = listing.visible(scope).filter(pk__in=[survey.pk for survey in surveys])
        readings = {survey.pk: getattr(survey, "reading") for survey in seen}  # noqa: B009 - annotated
    return [Running(survey, phrasing.percent_text(readings.get(survey.pk))) for survey in surveys]


def _to_approve(closing: list[Survey], user: User) -> list[Survey]:
    """Surveys whose key waits for the approval of this very person."""
    waiting = Survey.objects.filter(pk__in=[survey.pk for survey in closing], closing__verified_at__isnull=False)
    keys = set(waiting.exclude(approvals__person=user).values_list("pk", flat=True)) if closing else set()
    return [survey for survey in closing if survey.pk in keys]


def _doubtful() -> list[Mailing]:
    unknown = Count("letters", filter=Q(letters__status=LetterStatus.UNKNOWN))
    rounds = Mailing.objects.filter(letters__status=LetterStatus.UNKNOWN).select_related("survey__edition")
    found: list[Mailing] = list(rounds.annotate(doubt=unknown).order_by("due_at", "pk")[:MOST])
    amending.retitle(mailing.survey.edition for mailing in found)
    return found


def _to_code() -> list[ToCode]:
    left = coding.left_to_code()
    books = Codebook.objects.filter(pk__in=left).select_related("survey__edition", "question")
    order = ("survey__closed_at", "survey", "question__section__position", "question__position")
    found = list(books.order_by(*order)[:MOST]) if left else []
    amending.retitle(book.survey.edition for book in found)
    return [ToCode(book, left[book.pk]) for book in found]
