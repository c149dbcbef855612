"""Which surveys someone may see, and what every page says first about each: name, state, release, participation.

A fixed number of statements whatever the number of surveys and answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery

from consult import granting, phrasing
from consult.granting import Scope
from consult.models import Audience, ParticipationReading
from consult.tabulating import Words, words
from surveys.models import Closing, Edition, Release, State, Survey

CODE = re.compile(r"[A-Za-z0-9_-]{1,80}")


@dataclass(frozen=True)
class ReleaseLine:
    """Where figures come from: printed on every page that shows any."""

    id: int
    number: int
    computed_at: datetime
    sha256: str

    @property
    def short(self) -> str:
        return self.sha256[:12]


@dataclass(frozen=True)
class Participation:
    """How many answered, of how many who were invited. None: withheld or not known.

    `percent` is the response rate RR1 of AAPOR: complete answers of all invited, the unreachable included. Those who
    came without an invitation are in neither number; `others` says about them what may be said.
    """

    responses: int | None
    invited: int | None
    percent: int | None
    percent_text: str
    text: str
    sentence: str
    others: str = ""


@dataclass(frozen=True)
class SurveyHead:
    """A survey as every page about it names it.

    `release` and `participation` are there only where figures may be shown; `reading` is the coarse
    participation while the survey is open, and `reading_others` at least how many more answered without an
    invitation. `left_out` answers could not be opened and are not in the figures.
    """

    code: str
    title: Words
    state: State
    anonymous: bool
    opens_at: datetime
    closes_at: datetime
    release: ReleaseLine | None
    participation: Participation | None
    reading: int | None = None
    reading_others: int | None = None
    left_out: int = 0

    @property
    def order(self) -> tuple[datetime, str]:
        """Oldest first."""
        return self.opens_at, self.code

    @property
    def reading_text(self) -> str:
        return phrasing.percent_text(self.reading)


def shows_results(survey: Survey, now: datetime) -> bool:
    """Whether figures may be shown: of an anonymous survey only once it is closed and its key destroyed."""
    return survey.opened_at is not None and (not survey.is_anonymous or survey.state(now) == State.CLOSED)


def visible(scope: Scope) -> QuerySet[Survey]:
    """The surveys of a scope with what it takes to name them, newest first; one statement.

    Adds `release_id` (the newest release that was computed and not refused) and `reading` to each.
    """
    releases = Release.objects.filter(survey=OuterRef("pk"), computed_at__isnull=False).exclude(sha256="")
    readings = ParticipationReading.objects.filter(survey=OuterRef("pk")).order_by("-read_on")
    return (
        granting.surveys(scope)
        .select_related("edition", "audience", "closing")
        .annotate(
            release_id=Subquery(releases.order_by("-number").values("pk")[:1]),
            reading=Subquery(readings.values("percent")[:1]),
            reading_others=Subquery(readings.values("others")[:1]),
        )
    )


def heads(surveys: Iterable[Survey], language: str, now: datetime) -> list[SurveyHead]:
    """Name the surveys (from `visible`), in their order; one statement for all their releases."""
    rows = list(surveys)
    wanted = [getattr(row, "release_id") for row in rows if shows_results(row, now)]  # noqa: B009 - annotated
    releases = Release.objects.in_bulk([pk for pk in wanted if pk])
    return [_head(row, releases.get(getattr(row, "release_id")), language, now) for row in rows]  # noqa: B009


def find(code: str, scope: Scope, language: str, now: datetime) -> SurveyHead:
    """One survey by its code; at most two statements.

    Raises:
        Survey.DoesNotExist: unknown, not opened or outside the scope; nothing tells which.
    """
    if not CODE.fullmatch(code):
        raise Survey.DoesNotExist(code)
    return heads([visible(scope).get(code=code)], language, now)[0]


SMALLEST_RATED_GROUP = 10


def participation(responses: int | None, invited: int | None) -> Participation:
    """The response rate and its words. Nothing but the symbol where the responses are withheld."""
    if responses is None or (invited is not None and responses > invited):
        return Participation(None, invited, None, "", phrasing.WITHHELD, "")
    if invited is None:
        return Participation(responses, None, None, "", phrasing.count(responses), "")
    share = phrasing.percent(responses, invited)
    return Participation(
        responses=responses,
        invited=invited,
        percent=share,
        percent_text=phrasing.percent_text(share),
        text=phrasing.of(responses, invited),
        sentence=phrasing.took_part(responses, invited),
    )


def _head(survey: Survey, release: Release | None, language: str, now: datetime) -> SurveyHead:
    line = None
    if release is not None and release.computed_at is not None:
        line = ReleaseLine(release.pk, release.number, release.computed_at, release.sha256)
    audience: Audience | None = getattr(survey, "audience", None)
    closing: Closing | None = getattr(survey, "closing", None)
    return SurveyHead(
        code=survey.code,
        title=_title(survey.edition, language),
        state=survey.state(now),
        anonymous=survey.is_anonymous,
        opens_at=survey.opens_at,
        closes_at=survey.ends_at,
        release=line,
        participation=None if release is None else _of_the_whole(release, audience, closing, survey.threshold),
        reading=getattr(survey, "reading") if survey.state(now) == State.OPEN else None,  # noqa: B009
        reading_others=getattr(survey, "reading_others") if survey.state(now) == State.OPEN else None,  # noqa: B009
        left_out=closing.left_out if release is not None and closing is not None else 0,
    )


def _of_the_whole(
    release: Release, audience: Audience | None, closing: Closing | None, threshold: int
) -> Participation:
    invited = audience.size if audience else None
    is_few = invited is not None and invited < SMALLEST_RATED_GROUP
    others = closing.uninvited if closing is not None else 0
    if others and invited is not None:
        return _beside_others(release.responses, invited, others, max(threshold, settings.DISCLOSURE_K))
    return participation(None if is_few else release.responses, invited)


def _beside_others(responses: int | None, invited: int, others: int, k: int) -> Participation:
    """Where some answered without an invitation. How many is told only if both groups are large enough."""
    of_invited = (responses or 0) - others
    if responses is None or others < k or of_invited < k or invited < SMALLEST_RATED_GROUP:
        said = participation(responses, None)
        return replace(said, others=phrasing.some_uninvited()) if said.responses is not None else said
    return replace(participation(of_invited, invited), others=phrasing.uninvited(others))


def _title(edition: Edition, language: str) -> Words:
    texts = {name: getattr(edition, f"title_{name}", None) or "" for name in ("nb", "nn", "en", "se")}
    return words({name: text for name, text in texts.items() if text}, language)
