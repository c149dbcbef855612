"""Informing: what people must be told before data about them is used (GDPR articles 13 and 14), with names and dates.

The words are in templates/surveys/privacy.html; whom they name comes from the configuration, and when something ends
from the survey. `VERSION` counts the editions of the words, so that it can be told later what someone was told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from surveys.assuring import assure
from surveys.models import Survey

VERSION = 3
"""Counted up with every change of privacy.html or assurance.html that says something else than before."""

YEARS_FACTS_ARE_MEANT_TO_BE_KEPT = 2


@dataclass(frozen=True)
class Help:
    """Whom to ask; empty where the operator has not said."""

    union: str
    email: str
    phone: str

    @property
    def is_known(self) -> bool:
        """Whether there is any way to reach them."""
        return bool(self.email or self.phone)

    @property
    def dial(self) -> str:
        """The telephone number as a telephone takes it."""
        return "".join(sign for sign in self.phone if sign.isdigit() or sign == "+")


@dataclass(frozen=True)
class Notice:
    """Who is responsible, who helps them, and when what is kept ends.

    `letters_until` and `invitation_until` are the days on which these are erased if everything goes as planned;
    while a survey is open, the earliest. `answers_until` is when the union means to delete the answers themselves.
    """

    version: int
    help: Help
    protection_officer: str
    processors: str
    letters_until: date
    invitation_until: date
    answers_until: date


def whom_to_ask() -> Help:
    """Whom people can turn to about surveys and about their data."""
    return Help(settings.UNION_NAME, settings.CONTACT_EMAIL, settings.CONTACT_PHONE)


def inform(survey: Survey) -> Notice:
    """What can be said of this survey as it stands."""
    said = assure(survey)
    ended = _day(survey.ends_at)
    letters = ended + timedelta(days=settings.LETTERS_KEPT_DAYS)
    return Notice(
        version=VERSION,
        help=whom_to_ask(),
        protection_officer=settings.DATA_PROTECTION_OFFICER,
        processors=settings.DATA_PROCESSORS,
        # Letters to an anonymous survey go with its invitations if these go first.
        letters_until=letters if said.is_named else min(letters, said.clean_on),
        invitation_until=said.clean_on,
        answers_until=_years_after(ended, YEARS_FACTS_ARE_MEANT_TO_BE_KEPT),
    )


def _day(moment: datetime) -> date:
    return timezone.localdate(moment)


def _years_after(day: date, years: int) -> date:
    """The same day later; the last of February for its 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
