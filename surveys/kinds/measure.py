"""A number, or a date: one value that can be compared and ordered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from surveys.kinds import bands
from surveys.kinds.base import Answer, Fact, Kind
from surveys.kinds.numerals import DAY_ZERO, EARLIEST_DAY, LATEST_DAY, count_of, plain, spoken

if TYPE_CHECKING:
    from surveys.structure import QuestionView, Text

WRITTEN_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(?:[.,]([0-9]{1,8}))?")
WRITTEN_DATE = re.compile(r"([0-9]{1,2})[./ -]([0-9]{1,2})[./ -]([0-9]{4})")
SENT_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class NumberField(forms.Field):
    """A number as people write it: with a comma or a point, and blanks between thousands."""

    def __init__(self, *, label: str, required: bool, question: QuestionView) -> None:
        super().__init__(label=label, required=required, error_messages={"required": _("Please write a number.")})
        self.question = question

    def to_python(self, value: Any) -> Decimal | None:
        text = re.sub(r"[\s\u00a0\u202f]", "", str(value or "")).replace("\u2212", "-")
        if not text:
            return None
        written = WRITTEN_NUMBER.fullmatch(text)
        if not written:
            raise ValidationError(_("Please write a number, for example 12."))
        # Counted as written: 1.000 is a thousand to some and one to others, so it is asked about, never guessed.
        if len(written[1] or "") > self.question.decimals:
            if not self.question.decimals:
                raise ValidationError(_("Please write a whole number, without points or commas."))
            raise ValidationError(
                ngettext(
                    "Please write at most %(count)d decimal.",
                    "Please write at most %(count)d decimals.",
                    self.question.decimals,
                )
                % {"count": self.question.decimals}
            )
        return Decimal(text.replace(",", "."))

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        low, high = self.question.minimum, self.question.maximum
        if low is not None and value < low:
            raise ValidationError(_("The number must be at least %(number)s.") % {"number": spoken(low)})
        if high is not None and value > high:
            raise ValidationError(_("The number can be at most %(number)s.") % {"number": spoken(high)})


class Number(Kind):
    """A number with bounds and a unit."""

    code = "number"
    label = _("Number")
    has_number = True
    settings = frozenset({"bounds", "decimals", "unit", "bands"})
    template = "surveys/kinds/number.html"

    def fields(self, question: QuestionView, language: str) -> dict[str, forms.Field]:
        label = question.text(language)
        return {f"{question.code}_number": NumberField(label=label, required=question.required, question=question)}

    def read(self, question: QuestionView, cleaned: dict[str, Any]) -> Answer:
        number = cleaned.get(f"{question.code}_number")
        return {} if number is None else {"number": plain(number)}

    def initial(self, question: QuestionView, answer: Answer) -> dict[str, Any]:
        number = answer.get("number")
        return {f"{question.code}_number": spoken(Decimal(number)) if number is not None else ""}

    def size(self, answer: Answer) -> Decimal | None:
        number = answer.get("number")
        return Decimal(number) if number is not None else None

    def facts(self, question: QuestionView, answer: Answer) -> list[Fact]:
        return [Fact(number=self.size(answer))]

    def restore(self, facts: Sequence[Fact]) -> Answer:
        number = facts[0].number
        return {} if number is None else {"number": plain(number)}

    def shown(self, question: QuestionView, answer: Answer) -> list[Text | str]:
        return [spoken(Decimal(answer["number"]))] if "number" in answer else []

    def flaws(self, question: QuestionView) -> list[str]:
        return bands.uncovered(question)

    def categories(self, question: QuestionView) -> list[str]:
        return [bands.code(self.code, band) for band in question.bands] or ["answered"]


class DayField(forms.Field):
    """A date as a browser sends it, or as people write it: 2021-09-06 or 6.9.2021."""

    def __init__(self, *, label: str, required: bool) -> None:
        super().__init__(label=label, required=required, error_messages={"required": _("Please write a date.")})

    def to_python(self, value: Any) -> date | None:
        text = str(value or "").strip()
        if not text:
            return None
        if written := WRITTEN_DATE.fullmatch(text):
            day, month, year = written.groups()
            text = f"{year}-{int(month):02}-{int(day):02}"
        try:
            day = date.fromisoformat(text) if SENT_DATE.fullmatch(text) else None
        except ValueError:
            day = None
        if day is None or not EARLIEST_DAY <= day <= LATEST_DAY:
            raise ValidationError(_("Please write a date, for example 6.9.2021."))
        return day


class Day(Kind):
    """A date."""

    code = "date"
    label = _("Date")
    has_day = True
    settings = frozenset({"bands"})
    template = "surveys/kinds/date.html"

    def fields(self, question: QuestionView, language: str) -> dict[str, forms.Field]:
        return {f"{question.code}_date": DayField(label=question.text(language), required=question.required)}

    def read(self, question: QuestionView, cleaned: dict[str, Any]) -> Answer:
        day = cleaned.get(f"{question.code}_date")
        return {"date": day.isoformat()} if day else {}

    def initial(self, question: QuestionView, answer: Answer) -> dict[str, Any]:
        return {f"{question.code}_date": answer.get("date", "")}

    def size(self, answer: Answer) -> Decimal | None:
        """The number of days since 1 January 1970, so that dates can be ordered and banded like numbers."""
        return count_of(date.fromisoformat(answer["date"])) if "date" in answer else None

    def facts(self, question: QuestionView, answer: Answer) -> list[Fact]:
        return [Fact(number=self.size(answer))]

    def restore(self, facts: Sequence[Fact]) -> Answer:
        number = facts[0].number
        return {} if number is None else {"date": (DAY_ZERO + timedelta(days=int(number))).isoformat()}

    def shown(self, question: QuestionView, answer: Answer) -> list[Text | str]:
        return [formats.date_format(date.fromisoformat(answer["date"]))] if "date" in answer else []

    def flaws(self, question: QuestionView) -> list[str]:
        return bands.uncovered(question)

    def categories(self, question: QuestionView) -> list[str]:
        return [bands.code(self.code, band) for band in question.bands] or ["answered"]
