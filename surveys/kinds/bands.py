"""Bands: the runs in which the answers to a number or a date are counted, as values and as people write them. Pure.

A bound is a number as answers keep it: a date is the number of days since 1 January 1970.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from surveys.kinds.numerals import DAY_ZERO, EARLIEST_DAY, LATEST_DAY, plain, spoken

if TYPE_CHECKING:
    from surveys.structure import QuestionView

MOST_BANDS, FEWEST_BANDS = 20, 2
LONGEST_WRITTEN = 600
SUGGESTED, USUAL_WIDTH, YEARS = 5, 5, 5

# How people write bounds and what stands between and beside them, in the languages of the interface.
_VALUES = {
    "number": r"[-−]?[0-9]{1,12}(?:[.,][0-9]{1,4})?",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{4}|[0-9]{4}",
}
_BETWEEN = r"–|—|-|\.\.|to|til"
_UPWARD = r"\+|–|—|-|\.\.|(?:or|eller|og|and) (?:more|later|above|up|mer|meir|flere|fleire|senere|seinare|over|etter)"
_DOWNWARD = r"(?:or|eller|og|and) (?:less|fewer|earlier|below|mindre|færre|tidligere|tidlegare|under|før)"
_UP_TO = r"–|—|\.\.|up to|opp til|inntil|til og med|til"


class BadBands(ValueError):
    """Bands that would not count every answer once; the message says why, in the words of whoever wrote them."""


@dataclass(frozen=True)
class BandView:
    """Numbers counted together, both ends within; an open end is None."""

    lower: Decimal | None
    upper: Decimal | None


def code(kind: str, band: BandView) -> str:
    """The name of the value it makes: "2..4", "5..", "2020-01-01..2024-12-31". The same bounds have the same name."""
    lower, upper = ("" if each is None else _exact(kind, each) for each in (band.lower, band.upper))
    return f"{lower}..{upper}"


def label(kind: str, band: BandView) -> str:
    """What people read, in the language in force: "2–4", "5 or more", "2020–2024"."""
    lower, upper = _spoken(kind, band.lower, band.upper)
    if not lower or not upper:
        words = {
            ("number", True): _("%(bound)s or more"),
            ("number", False): _("%(bound)s or less"),
            ("date", True): _("%(bound)s or later"),
            ("date", False): _("%(bound)s or earlier"),
        }
        return words[kind, bool(lower)] % {"bound": lower or upper}
    return lower if lower == upper else f"{lower}–{upper}"


def written(kind: str, bands: Sequence[BandView]) -> str:
    """All of them as `read` understands them, in the language in force."""
    return ", ".join(label(kind, band) for band in bands)


def read(kind: str, text: str, decimals: int) -> tuple[BandView, ...]:
    """The bands that someone has written, such as “0–1, 2–4, 5 or more”, in order; none for an empty text.

    Raises:
        BadBands
    """
    if len(text) > LONGEST_WRITTEN:
        raise BadBands(_("There can be at most %(most)d bands.") % {"most": MOST_BANDS})
    # A comma with a blank after it parts bands; without one it may stand before decimals.
    comma = r",\s+" if decimals and kind == "number" else ","
    parts = [part.strip() for part in re.split(rf";|\n|{comma}", text)]
    bands = [_read(kind, part) for part in parts if part]
    ordered = tuple(sorted(bands, key=lambda band: (band.lower is not None, band.lower or 0)))
    check(kind, ordered, decimals)
    return ordered


def check(kind: str, bands: Sequence[BandView], decimals: int) -> None:
    """Refuse bands that overlap, leave gaps, or are too few or too many. None at all are fine.

    Raises:
        BadBands
    """
    if not bands:
        return
    if len(bands) < FEWEST_BANDS:
        raise BadBands(_("Please write two bands or more, such as “0–1, 2–4, 5 or more”."))
    if len(bands) > MOST_BANDS:
        raise BadBands(_("There can be at most %(most)d bands.") % {"most": MOST_BANDS})
    step = step_of(kind, decimals)
    for band in bands:
        if (band.lower, band.upper) == (None, None) or (
            band.lower is not None and band.upper is not None and band.lower > band.upper
        ):
            raise BadBands(_("A band goes from the smaller to the larger: “%(band)s”.") % {"band": label(kind, band)})
        if any(each is not None and each % step for each in (band.lower, band.upper)):
            raise BadBands(_("“%(band)s” has more decimals than an answer can have.") % {"band": label(kind, band)})
    for one, other in pairwise(bands):
        names = {"one": label(kind, one), "other": label(kind, other)}
        if one.upper is None or other.lower is None or other.lower <= one.upper:
            raise BadBands(_("“%(one)s” and “%(other)s” overlap: an answer would be counted twice.") % names)
        if other.lower != one.upper + step:
            raise BadBands(
                _("Between “%(one)s” and “%(other)s” there is a gap: answers in it would not count.") % names
            )


def uncovered(question: QuestionView) -> list[str]:
    """Why an answer could be in no band, one sentence each: the outermost must reach as far as answers may go."""
    if not question.bands:
        return []
    try:
        check(question.kind, question.bands, question.decimals)
    except BadBands as bad:
        return [f"{question.code}: {bad}"]
    smallest, largest = question.minimum, question.maximum
    if question.kind == "date":
        smallest, largest = (Decimal((each - DAY_ZERO).days) for each in (EARLIEST_DAY, LATEST_DAY))
    first, last = question.bands[0], question.bands[-1]
    found = []
    if first.lower is not None and (smallest is None or smallest < first.lower):
        found.append(
            _("%(question)s: answers below %(bound)s are in no band. Begin with “%(open)s”, or set a smallest number.")
            % {
                "question": question.code,
                "bound": _spoken(question.kind, first.lower, None)[0],
                "open": label(question.kind, BandView(None, first.upper)),
            }
        )
    if last.upper is not None and (largest is None or largest > last.upper):
        found.append(
            _("%(question)s: answers above %(bound)s are in no band. End with “%(open)s”, or set a largest number.")
            % {
                "question": question.code,
                "bound": _spoken(question.kind, None, last.upper)[1],
                "open": label(question.kind, BandView(last.lower, None)),
            }
        )
    return found


def suggestion(question: QuestionView, today: date) -> tuple[BandView, ...]:
    """Even bands for a question that has none: between its bounds, or of five numbers, or of five years.

    Raises:
        BadBands: there is nothing to divide.
    """
    step = step_of(question.kind, question.decimals)
    low, high = question.minimum, question.maximum
    if question.kind == "date":
        year = today.year - today.year % YEARS
        starts = [date(year - YEARS * back, 1, 1) for back in (3, 2, 1, 0)]
        edges = [Decimal((start - DAY_ZERO).days) for start in starts]
        low = high = None
    elif low is not None and high is not None:
        values = int((high - low) / step) + 1
        number = min(SUGGESTED, values)
        edges = [low + step * (values * place // number) for place in range(1, number)]
    elif high is not None:
        edges = [high + step - USUAL_WIDTH * back for back in (3, 2, 1)]
    else:
        edges = [(low or 0) + Decimal(USUAL_WIDTH) * place for place in (1, 2, 3)]
    lowers, uppers = [low, *edges], [*(edge - step for edge in edges), high]
    made = tuple(BandView(lower, upper) for lower, upper in zip(lowers, uppers, strict=True))
    check(question.kind, made, question.decimals)
    return made


def step_of(kind: str, decimals: int) -> Decimal:
    """How far two answers are apart at least."""
    return Decimal(1).scaleb(-decimals) if kind == "number" else Decimal(1)


def _read(kind: str, part: str) -> BandView:
    value = f"({_VALUES[kind]})"
    text = " ".join(part.casefold().split())
    forms: Iterator[tuple[str, tuple[bool, bool]]] = iter(
        (
            (rf"{value} ?(?:{_BETWEEN}) ?{value}", (True, True)),
            (rf"{value} ?(?:{_UPWARD})", (True, False)),
            (rf"{value} ?(?:{_DOWNWARD})", (False, True)),
            (rf"(?:{_UP_TO}) ?{value}", (False, True)),
            (value, (True, True)),
        )
    )
    for form, (has_lower, has_upper) in forms:
        if found := re.fullmatch(form, text):
            lower = _bound(kind, found[1], is_upper=False, part=part) if has_lower else None
            upper = _bound(kind, found.groups()[-1], is_upper=True, part=part) if has_upper else None
            return BandView(lower, upper)
    raise BadBands(_unreadable(part))


def _unreadable(part: str) -> str:
    return _("“%(part)s” could not be read. Write bands such as “0–1, 2–4, 5 or more”.") % {"part": part[:40]}


def _bound(kind: str, text: str, *, is_upper: bool, part: str) -> Decimal:
    if kind == "number":
        return Decimal(text.replace(",", ".").replace("−", "-"))
    try:
        if len(text) == len("2021"):
            day = date(int(text), 12, 31) if is_upper else date(int(text), 1, 1)
        elif "-" in text:
            day = date.fromisoformat(text)
        else:
            number, month, year = (int(each) for each in re.split(r"[./]", text))
            day = date(year, month, number)
    except ValueError as error:
        raise BadBands(_unreadable(part)) from error
    return Decimal((day - DAY_ZERO).days)


def day_of(number: Decimal) -> date:
    """The day that a bound of a date stands for."""
    return DAY_ZERO + timedelta(days=int(number))


def _exact(kind: str, bound: Decimal) -> str:
    return plain(bound) if kind == "number" else day_of(bound).isoformat()


def _spoken(kind: str, lower: Decimal | None, upper: Decimal | None) -> tuple[str, str]:
    """Both bounds in the language in force, empty where open; whole years as years."""
    if kind == "number":
        low, high = ("" if each is None else spoken(each) for each in (lower, upper))
        return low, high
    first, last = (None if each is None else day_of(each) for each in (lower, upper))
    whole = (first is None or (first.month, first.day) == (1, 1)) and (
        last is None or (last.month, last.day) == (12, 31)
    )
    days = [
        "" if day is None else str(day.year) if whole else f"{day.day}.{day.month}.{day.year}" for day in (first, last)
    ]
    return days[0], days[1]
