"""Selecting: from "local representatives in the north" to one invitation a person, frozen with its size.

All the choosing is done in the database, in one statement whatever the size of the audience.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consult.models import Audience, Invitation, Role, Stratum, Unit
from surveys import fielding
from surveys.box import keyring, sealing
from surveys.models import BackgroundValue, Survey
from surveys.ways import telling

# What the register can tell about a person it invites. A person whom one does not concern (a chief representative
# has no office, hence no size band) simply lacks it.
FACTS = ("role", "region", "size_band", "host_municipality")

# Who is invited in which capacity: of two matching appointments the one named first here, then the lowest unit code.
_PRECEDENCE = [Role.CHIEF.value, Role.DEPUTY.value, Role.LOCAL.value, Role.MEMBER.value]

# For every person selected, the one appointment they are invited by. The region may lie above the audience's unit,
# so the tree is walked from its root. Codes are compared byte by byte: the same choice on every server.
_CHOSEN = """
WITH RECURSIVE tree AS (
    SELECT id, CASE WHEN kind = 'region' THEN code END AS region, id = %(unit)s AS inside
    FROM consult_unit WHERE parent_id IS NULL
    UNION ALL
    SELECT u.id, CASE WHEN u.kind = 'region' THEN u.code ELSE t.region END, t.inside OR u.id = %(unit)s
    FROM consult_unit u JOIN tree t ON u.parent_id = t.id
), chosen AS (
    SELECT DISTINCT ON (a.person_id) a.person_id, a.role, t.region, u.size_band,
           CASE u.host_municipality WHEN true THEN 'yes' WHEN false THEN 'no' END AS host_municipality
    FROM consult_appointment a
    JOIN tree t ON t.id = a.unit_id AND t.inside
    JOIN consult_unit u ON u.id = a.unit_id
    JOIN consult_person p ON p.id = a.person_id
    WHERE a.role = ANY(%(roles)s::text[])
      AND a.starts_on <= %(day)s AND (a.ends_on IS NULL OR a.ends_on >= %(day)s)
      AND (p.left_on IS NULL OR p.left_on > %(day)s)
    ORDER BY a.person_id, array_position(%(precedence)s::text[], a.role::text), u.code COLLATE "C", a.id
)
"""

_COUNT = _CHOSEN + "SELECT count(*) FROM chosen"  # noqa: S608 - of constants

# The selector is 64 bits from the database's cryptographic generator: the random ends of two version 4 uuids.
_INVITE = (
    _CHOSEN  # noqa: S608 - of constants
    + """
, living AS (
    SELECT DISTINCT ON (person_id) person_id, id FROM consult_address
    WHERE dead_at IS NULL ORDER BY person_id, kind <> 'private', id
), known AS (
    SELECT person_id, jsonb_object_agg(fact, value) AS facts
    FROM chosen, LATERAL (VALUES ('role', role), ('region', region), ('size_band', NULLIF(size_band, '')),
                                 ('host_municipality', host_municipality)) AS told (fact, value)
    WHERE fact = ANY(%(facts)s::text[]) AND value IS NOT NULL
    GROUP BY person_id
)
INSERT INTO consult_invitation (id, survey_id, person_id, address_id, selector, generation, facts)
SELECT gen_random_uuid(), %(survey)s, c.person_id, l.id,
       ('x' || right(gen_random_uuid()::text, 8) || right(gen_random_uuid()::text, 8))::bit(64)::bigint,
       1, COALESCE(k.facts, '{}')
FROM chosen c LEFT JOIN living l USING (person_id) LEFT JOIN known k USING (person_id)
"""
)

_STRATA = """
INSERT INTO consult_stratum (audience_id, fact, value, size)
SELECT %(audience)s, told.key, told.value, count(*)
FROM consult_invitation i, LATERAL jsonb_each_text(i.facts) AS told
WHERE i.survey_id = %(survey)s
GROUP BY told.key, told.value
"""


class CannotSelect(Exception):
    """The audience cannot be defined or frozen. `reason` is a sentence for the person who tried."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AlreadyFrozen(CannotSelect):
    """The invitations have been made; who is asked is settled."""


class EmptyAudience(CannotSelect):
    """Nobody holds such an appointment there now."""


class UnknownFact(CannotSelect):
    """The survey declares a background fact, or lacks a value of one, so that the register cannot answer it."""


def define(survey: Survey, roles: Sequence[str], unit: Unit) -> Audience:
    """Say who a survey is put to: holders of one of `roles` (codes of `Role`) at or below `unit`.

    Saying it again replaces what was said.

    Raises:
        AlreadyFrozen: the invitations have been made.
        CannotSelect: no role, or one that does not exist.
    """
    if not roles or not set(roles) <= set(Role.values):
        raise CannotSelect(_("Choose at least one kind of appointment."))
    with transaction.atomic():
        audience, made = Audience.objects.get_or_create(survey=survey, defaults={"roles": list(roles), "unit": unit})
        if made:
            return audience
        free = Audience.objects.filter(pk=audience.pk, frozen_at__isnull=True)
        if not free.update(roles=list(roles), unit=unit):
            raise AlreadyFrozen(_("The invitations have been made; who is asked can no longer be changed."))
    audience.refresh_from_db()
    return audience


def count(audience: Audience, now: datetime) -> int:
    """How many would be invited at `now`, each person once. Once frozen: how many were."""
    if audience.size is not None:
        return audience.size
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, _choice(audience, now))
        return int(cursor.fetchone()[0])


def freeze(audience: Audience, now: datetime) -> Audience:
    """Make one invitation a person, with the facts the survey declares, and the size of every stratum.

    Values that nobody invited has are taken out of the declared facts, unless the survey has been opened.
    All or nothing. People without a living address are invited too, with no address: they count in the size and
    `unreachable` tells how many they are.

    Raises:
        AlreadyFrozen: it was done before; nothing is changed.
        EmptyAudience: there is nobody to invite.
        UnknownFact: the survey declares a fact that the register does not know, or lacks a value that someone has.
    """
    with transaction.atomic():
        audience = Audience.objects.select_for_update().get(pk=audience.pk)
        if audience.frozen_at is not None:
            raise AlreadyFrozen(_("The invitations have already been made."))
        declared = set(audience.survey.facts.values_list("name", flat=True))
        _check_names(declared)
        with connection.cursor() as cursor:
            cursor.execute(_INVITE, _choice(audience, now) | {"survey": audience.survey_id, "facts": list(declared)})
            size = cursor.rowcount
            if not size:
                raise EmptyAudience(_("Nobody holds such an appointment there now, so there is nobody to invite."))
            cursor.execute(_STRATA, {"audience": audience.pk, "survey": audience.survey_id})
        fielding.narrow(audience.survey_id, _check_values(audience))
        audience.frozen_at, audience.size = now, size
        audience.save(update_fields=["frozen_at", "size"])
    return audience


def unreachable(audience: Audience) -> int:
    """How many of the invited have no address that a letter can be sent to."""
    invited = Invitation.objects.filter(survey=audience.survey_id)
    return invited.exclude(address__isnull=False, address__dead_at__isnull=True).count()


def facts_by_locator(survey: Survey) -> dict[bytes, dict[str, str]]:
    """The facts of everyone invited, by where their ballot lies. For closing: used once, kept nowhere.

    People with the same facts share one dictionary, so that a million take little room; do not change them.

    Raises:
        KeyLost: the survey's key is destroyed or lost.
    """
    keys = keyring.keys(survey.key_id)
    shared: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
    rows = Invitation.objects.filter(survey=survey).order_by().values_list("id", "facts")
    return {
        sealing.locator(keys, invitation): shared.setdefault(tuple(sorted(facts.items())), facts)
        for invitation, facts in rows.iterator(chunk_size=5000)
    }


def _choice(audience: Audience, now: datetime) -> dict[str, Any]:
    return {
        "unit": audience.unit_id,
        "roles": audience.roles,
        "day": timezone.localdate(now),
        "precedence": _PRECEDENCE,
    }


def _check_names(declared: set[str]) -> None:
    # How an answer came in is told by the ballot, not by the register.
    unknown = sorted(declared - {*FACTS, telling.FACT})
    if unknown:
        raise UnknownFact(_("The register does not know: %(names)s.") % {"names": ", ".join(unknown)})


def _check_values(audience: Audience) -> set[tuple[str, str]]:
    """Everyone's value must be one the survey declares: others could neither be counted nor shown. What was found."""
    declared = BackgroundValue.objects.filter(fact__survey=audience.survey_id).values_list("fact__name", "code")
    found = set(Stratum.objects.filter(audience=audience).values_list("fact", "value"))
    missing = sorted(found - set(declared))
    if missing:
        names = ", ".join(f"{fact} = {value}" for fact, value in missing)
        raise UnknownFact(
            _("The survey does not declare these values, which some people have: %(names)s.") % {"names": names}
        )
    return found
