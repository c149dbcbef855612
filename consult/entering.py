"""Entering: answers from paper or the telephone, put in by staff through the pages that respondents meet.

Staff write and never read: the pages look the same whether the person has answered or not, what is submitted replaces
what there was, as anyone's fresh start does, and after submitting nobody can see it here again. What is noted is that
a user began one more entry that day (`surveys.ways.tallying`), not for whom.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.core import signing
from django.db.models import Q
from django.utils.translation import gettext as _

from consult.models import Invitation
from surveys.answering import Voter
from surveys.models import State, Survey, Way
from surveys.ways import tallying

PERMISSION = "surveys.enter_answers"
WAYS = (Way.PAPER, Way.TELEPHONE)
GOOD_SECONDS = 2 * 3600
MOST_FOUND = 20
LONGEST_SEARCH = 80

_SALT = "consult.entering"


class CannotEnter(Exception):
    """No answer can be entered; the message says why, for the person who tried."""


@dataclass(frozen=True)
class Found:
    """Someone invited: nothing here tells whether they have answered."""

    invitation: UUID
    name: str
    number: str


@dataclass(frozen=True)
class Entering:
    """What a key admits its user to: a voter, and for whom, by name (empty: nobody in particular)."""

    voter: Voter
    person: str = ""
    language: str = ""


def may(user: Any) -> bool:
    """Whether a user may enter answers for others."""
    return bool(user.is_active and user.is_staff and user.has_perm(PERMISSION))


def find(survey: Survey, text: str) -> list[Found]:
    """Those invited to a survey whose name or membership number has these words, at most twenty."""
    wanted = Q(survey=survey)
    words = text.replace(",", " ")[:LONGEST_SEARCH].replace("\0", "").split()
    for word in words:
        by_name = Q(person__given_name__icontains=word) | Q(person__family_name__icontains=word)
        wanted &= by_name | Q(person__number=word)
    if not words:
        return []
    rows = Invitation.objects.filter(wanted).select_related("person")
    rows = rows.order_by("person__family_name", "person__given_name", "person__number")[:MOST_FOUND]
    return [Found(row.pk, str(row.person), row.person.number) for row in rows]


def begin(survey: Survey, user: int, way: str, invitation: UUID | None, now: datetime) -> str:
    """The key of one entry, for this user and two hours.

    Args:
        invitation: of the person whose answer it is; None for someone without one, where the survey is anonymous.

    Raises:
        CannotEnter
    """
    if way not in WAYS:
        raise CannotEnter(_("Choose whether the answer comes on paper or by telephone."))
    if survey.state(now) != State.OPEN:
        raise CannotEnter(_("The survey takes no answers now."))
    if invitation is None and not survey.is_anonymous:
        raise CannotEnter(_("In a survey that is not anonymous every answer belongs to someone invited."))
    if invitation is not None and not Invitation.objects.filter(pk=invitation, survey=survey).exists():
        raise CannotEnter(_("This person is not invited to the survey."))
    tallying.note(survey, user, way, now)
    entry = {
        "survey": survey.pk,
        "user": user,
        "way": str(way),
        "ballot": (invitation or uuid4()).hex,
        "invited": invitation is not None,
        "until": int(now.timestamp()) + GOOD_SECONDS,
    }
    return signing.dumps(entry, salt=_SALT, compress=True)


def admit(key: str, user: int, now: datetime) -> Entering | None:
    """What a key admits to; None if it is not this user's, too old, or none. Reads only."""
    try:
        entry: dict[str, Any] = signing.loads(key, salt=_SALT)
    except signing.BadSignature:
        return None
    if entry["user"] != user or now.timestamp() >= entry["until"]:
        return None
    survey = Survey.objects.filter(pk=entry["survey"]).first()
    if survey is None or survey.state(now) != State.OPEN:
        return None
    ballot, way = UUID(hex=entry["ballot"]), entry["way"]
    if not entry["invited"]:
        return Entering(Voter(survey, ballot, way=way, is_invited=False, forgets=True))
    row = Invitation.objects.select_related("person").filter(pk=ballot, survey=survey).first()
    if row is None:
        return None
    voter = Voter(survey, ballot, row.facts, way=way, forgets=True)
    return Entering(voter, str(row.person), row.person.language)
