"""Linking: open links made, changed, turned off and on."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from surveys.box import sealing
from surveys.models import BackgroundValue, OpenLink, Survey
from surveys.ways import bearing
from surveys.ways.telling import FACT

ATTEMPTS = 5
MOST_BALLOTS = 100_000
# Whether a number is refused as too low tells how many ballots have been handed out: so only so precisely.
STEP = 10


class Refused(Exception):
    """The link cannot be made or changed so; the message says why, for the person who tried."""


def make(
    survey: Survey,
    title: str,
    *,
    is_kiosk: bool = False,
    facts: Mapping[str, str] | None = None,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    most: int = 300,
) -> OpenLink:
    """A new open link to a survey in the field.

    Args:
        facts: {fact: value} that everyone who comes by it has, of those the survey declares.

    Raises:
        Refused
    """
    if not survey.is_anonymous:
        raise Refused(_("This survey is not anonymous: it is for those who are invited by name."))
    if survey.opened_at is None:
        raise Refused(_("Open the survey first: then what it asks and promises is fixed."))
    if survey.stopped_at is not None:
        raise Refused(_("The survey is closed and takes no more answers."))
    known = dict(facts or {})
    _check_facts(survey, known)
    _check(title, opens_at, closes_at, most)
    values = {"is_kiosk": is_kiosk, "facts": known, "opens_at": opens_at, "closes_at": closes_at, "most": most}
    for _attempt in range(ATTEMPTS):
        code = "".join(secrets.choice(sealing.CODE_ALPHABET) for _ in range(bearing.CODE_LETTERS))
        try:
            with transaction.atomic():
                return OpenLink.objects.create(survey=survey, title=title.strip(), code=code, **values)
        except IntegrityError:
            # One in 650 000 million; but then it must not be someone else's link.
            if not OpenLink.objects.filter(code=code).exists():
                raise
    raise Refused(_("Please try once more."))


def change(link: OpenLink, title: str, *, opens_at: datetime | None, closes_at: datetime | None, most: int) -> None:
    """Another name, period or number of ballots. What stands on the posters, and the background, stays.

    Raises:
        Refused
    """
    _check(title, opens_at, closes_at, most)
    changed = OpenLink.objects.filter(pk=link.pk, handed__lte=most).update(
        title=title.strip(), opens_at=opens_at, closes_at=closes_at, most=most
    )
    if not changed:
        raise Refused(_("More ballots than that have been handed out already."))


def turn_off(link: OpenLink, now: datetime) -> None:
    """Hand out no more ballots. Those who have begun may finish. Twice is once."""
    OpenLink.objects.filter(pk=link.pk, off_at__isnull=True).update(off_at=now)


def turn_on(link: OpenLink) -> None:
    """Hand out ballots again. Twice is once."""
    OpenLink.objects.filter(pk=link.pk, off_at__isnull=False).update(off_at=None)


def has_other_ways(survey: Survey) -> bool:
    """Whether some may have answered this survey without an invitation."""
    begun = Q(open_links__handed__gte=1) | Q(entry_tallies__isnull=False)
    return Survey.objects.filter(begun, pk=survey.pk).exists()


def _check(title: str, opens_at: datetime | None, closes_at: datetime | None, most: int) -> None:
    if not title.strip():
        raise Refused(_("Give the link a name, such as the meeting it is for."))
    if opens_at and closes_at and opens_at >= closes_at:
        raise Refused(_("The link must open before it closes."))
    if not STEP <= most <= MOST_BALLOTS or most % STEP:
        raise Refused(_("From 10 to %(most)d ballots, in tens.") % {"most": MOST_BALLOTS})


def _check_facts(survey: Survey, facts: Mapping[str, str]) -> None:
    declared = set(BackgroundValue.objects.filter(fact__survey=survey).values_list("fact__name", "code"))
    unknown = [name for name, value in facts.items() if name == FACT or (name, value) not in declared]
    if unknown:
        raise Refused(_("The survey does not declare this background: %(names)s.") % {"names": ", ".join(unknown)})
