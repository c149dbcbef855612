"""Numbers and days as they stand in the expressions of other programs."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation

# Other programs keep a day as the moment at which it begins.
WRITTEN_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]00:00(?::00)?)?")


def day(written: str) -> date | None:
    """A plain day in a text of an expression; None if it is something else."""
    found = WRITTEN_DAY.fullmatch(written.strip())
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def number(written: str) -> Decimal | None:
    """A plain decimal number in a text of an expression; None if it is something else."""
    try:
        found = Decimal(written.strip())
    except InvalidOperation:
        return None
    # As wide as the database keeps them.
    if not found.is_finite() or abs(found) >= 10**12 or found != round(found, 4):
        return None
    return found if found != found.to_integral_value() else found.quantize(Decimal(1))
