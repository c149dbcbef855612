"""Assuring: what may truthfully be said to respondents about who can see their answers, with dates.

Nothing here is a text that someone wrote into a survey: every claim follows from the survey's settings, its
state and the service's configuration. While a survey is open its answers are *confidential*; the word
anonymous is not said before its conditions hold (docs/anonymity.md), and no page for respondents says it yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.utils import timezone

from surveys.models import BackgroundFact, Closing, Survey
from surveys.structure import Text, texts


@dataclass(frozen=True)
class Assurance:
    """The facts behind the statement; the words are in templates/surveys/assurance.html.

    `clean_on` is the day from which not even a backup can tell who gave which answer: a fixed day once the
    key is destroyed, before that the earliest it can be.
    """

    is_named: bool
    closes_at: datetime
    threshold: int
    background: tuple[Text, ...]
    reminds_everyone: bool
    approvals: int
    clean_days: int
    clean_on: date
    may_change: bool
    asks_quoting: bool
    quotes_from: int
    destroyed_on: date | None = None


def assure(survey: Survey) -> Assurance:
    """What can be said about this survey as it stands. One statement the first time a process meets it."""
    return Assurance(
        is_named=not survey.is_anonymous,
        closes_at=survey.ends_at,
        threshold=max(survey.threshold, settings.DISCLOSURE_K),
        background=_background(survey.pk),
        reminds_everyone=survey.strict_reminders,
        approvals=settings.CLOSING_APPROVALS,
        clean_days=settings.CLEAN_DAYS,
        clean_on=_clean_on(survey),
        may_change=survey.may_change,
        asks_quoting=survey.asks_quoting,
        quotes_from=settings.FEWEST_FOR_TEXTS,
        destroyed_on=timezone.localdate(survey.closed_at) if survey.closed_at else None,
    )


def _clean_on(survey: Survey) -> date:
    if survey.closed_at is not None:
        recorded = Closing.objects.filter(survey=survey).values_list("clean_on", flat=True).first()
        if recorded is not None:
            return recorded
    return timezone.localdate(survey.closed_at or survey.closes_at) + timedelta(days=settings.CLEAN_DAYS)


@lru_cache(maxsize=256)
def _background(survey_id: int) -> tuple[Text, ...]:
    """The background facts an open survey declares: a trigger keeps them fixed, so they are kept in memory."""
    return tuple(texts(fact, "label") for fact in BackgroundFact.objects.filter(survey_id=survey_id).order_by("rank"))
