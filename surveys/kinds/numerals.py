"""Numbers and days as they are kept, and as people read them. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils import formats

# A day is kept as the number of days since this one.
DAY_ZERO = date(1970, 1, 1)
# A year beyond these is a slip of the finger: browsers send 0021 while someone is typing.
EARLIEST_DAY, LATEST_DAY = date(1900, 1, 1), date(2100, 12, 31)


def count_of(day: date) -> Decimal:
    """A day as the number that it is kept as."""
    return Decimal((day - DAY_ZERO).days)


def plain(number: Decimal) -> str:
    """A number as text with a point, without zeros at the end: how it is kept."""
    return f"{number.normalize():f}" if number else "0"


def spoken(number: Decimal) -> str:
    """A number as the language in force writes it."""
    return str(formats.number_format(Decimal(plain(number))))
