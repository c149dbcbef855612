"""Who may see which results, and with which key.

Rights filter a release, they never enlarge it: a scope only ever takes tables and groups away.
Nothing about rights is kept between requests, so what is withdrawn stops working at once.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from consult.models import ApiToken, UnitKind, User
from surveys.models import Survey

SEE_ALL = "surveys.view_release"
REGION = "region"

TOKEN_PREFIX = "rsl_"  # noqa: S105 - what every key begins with, no secret
TOKEN_FORM = re.compile(r"rsl_[A-Za-z0-9_-]{43}")

# From the granted units up to the root, and from the granted regions down to the offices: small walks
# along the tree whatever the size of the organisation.
WALK = """
WITH RECURSIVE
granted AS (
    SELECT unit.id, unit.parent_id, unit.kind, unit.code
    FROM consult_unit unit JOIN consult_grant g ON g.unit_id = unit.id WHERE g.user_id = %s
),
up AS (
    SELECT * FROM granted
    UNION
    SELECT unit.id, unit.parent_id, unit.kind, unit.code FROM consult_unit unit JOIN up ON up.parent_id = unit.id
),
down AS (
    SELECT id, code FROM up WHERE kind = 'region'
    UNION
    SELECT unit.id, down.code FROM consult_unit unit JOIN down ON unit.parent_id = down.id
)
SELECT 'granted', kind, id FROM granted
UNION ALL SELECT 'region', code, id FROM up WHERE kind = 'region'
UNION ALL SELECT 'below', '', id FROM down
"""


@dataclass(frozen=True)
class Scope:
    """What of a release someone may see.

    `everything`: the whole release. Otherwise the figures of the whole, and of the groups by region only those
    of `regions` (codes). `units` are the ids of the units at or below those regions.
    """

    everything: bool = False
    regions: frozenset[str] = frozenset()
    units: frozenset[int] = frozenset()

    @property
    def key(self) -> str:
        """A name for what is seen: equal for two people who see the same, and safe in a cache key."""
        if self.everything:
            return "everything"
        return "regions-" + hashlib.sha256("\n".join(sorted(self.regions)).encode()).hexdigest()[:24]

    def sees_table(self, by: str) -> bool:
        """Whether a table broken down by `by` ("" for none) is shown at all."""
        return self.everything or not by or (by == REGION and bool(self.regions))

    def sees_cell(self, variable: str, value: str, by: str, by_value: str) -> bool:
        """Whether one cell is shown; a region other than one's own is not, neither as group nor as answer."""
        if self.everything:
            return True
        if not self.sees_table(by) or (by == REGION and by_value not in self.regions):
            return False
        return variable != REGION or value in self.regions


def scope(user: Any) -> Scope | None:
    """What `user` may see; None for nobody: not signed in, inactive, or without any grant.

    Everything for staff with the right to see releases and for whoever is granted the union itself; for a
    grant at a region or below, that region.
    """
    if not isinstance(user, User) or not user.is_active:
        return None
    if user.is_superuser or (user.is_staff and user.has_perm(SEE_ALL)):
        return Scope(everything=True)
    with connection.cursor() as cursor:
        cursor.execute(WALK, [user.pk])
        rows = cursor.fetchall()
    granted = [name for what, name, _ in rows if what == "granted"]
    if not granted:
        return None
    if UnitKind.UNION in granted:
        return Scope(everything=True)
    return Scope(
        regions=frozenset(name for what, name, _ in rows if what == "region"),
        units=frozenset(unit for what, _, unit in rows if what == "below"),
    )


def surveys(scope: Scope) -> QuerySet[Survey]:
    """The surveys that have been opened and that the scope may know of.

    The total of a survey put to one region only is that region's figure: other regions do not see it.
    """
    opened = Survey.objects.filter(opened_at__isnull=False)
    if scope.everything:
        return opened
    return opened.filter(Q(audience__unit__kind=UnitKind.UNION) | Q(audience__unit__in=scope.units))


def create_token(user: User, now: datetime) -> str:
    """Make a key for the API and return it: the only time it can be read. 256 bits; only the hash is kept."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    ApiToken.objects.create(user=user, sha256=_hash(token), created_at=now)
    return token


def user_of_token(token: str) -> User | None:
    """The active user a key was made for; None if it is unknown, revoked or its user is switched off."""
    if not TOKEN_FORM.fullmatch(token):
        return None
    row = (
        ApiToken.objects.select_related("user")
        .filter(sha256=_hash(token), revoked_at__isnull=True, user__is_active=True)
        .first()
    )
    return row.user if row else None


def revoke(token_id: int, now: datetime) -> bool:
    """Make a key void at once; False if it already was."""
    return ApiToken.objects.filter(pk=token_id, revoked_at__isnull=True).update(revoked_at=now) == 1


def _hash(token: str) -> str:
    # A key is 256 random bits: it needs no slow hash, and is found by its hash in one look-up.
    return hashlib.sha256(token.encode()).hexdigest()
