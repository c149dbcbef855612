"""A roster of formal competence: one row an education, with its level, subject and year."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from surveys.kinds.base import Answer, Fact, Kind
from surveys.kinds.several import bound_flaws
from surveys.kinds.text import LineText

if TYPE_CHECKING:
    from surveys.structure import QuestionView, Text

USUAL_ROWS, MOST_ROWS = 4, 10
EARLIEST_YEAR, LATEST_YEAR = 1940, 2100


class YearField(forms.Field):
    """A year of four digits."""

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip()
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and EARLIEST_YEAR <= int(text[:6]) <= LATEST_YEAR):
            raise ValidationError(_("Please write a year with four digits, for example 2009."))
        return int(text)


class Roster(Kind):
    """Education, row by row. Its options are the levels."""

    code = "roster"
    label = _("Education and competence")
    has_options = True
    settings = frozenset({"bounds"})
    template = "surveys/kinds/roster.html"
    first_options = {
        "upper_secondary": {
            "nb": "Videregående skole", "nn": "Vidaregåande skule", "en": "Upper secondary school",
            "se": "Joatkkaskuvla",
        },
        "certificate": {"nb": "Fagbrev", "nn": "Fagbrev", "en": "Trade certificate", "se": "Fágareive"},
        "bachelor": {"nb": "Bachelorgrad", "nn": "Bachelorgrad", "en": "Bachelor’s degree", "se": "Bachelor"},
        "master": {"nb": "Mastergrad", "nn": "Mastergrad", "en": "Master’s degree", "se": "Master"},
        "further": {
            "nb": "Videreutdanning", "nn": "Vidareutdanning", "en": "Continuing education", "se": "Joatkkaoahppu",
        },
    }  # fmt: skip

    def rows(self, question: QuestionView) -> int:
        """How many rows there is room for."""
        return min(max(int(question.maximum), 1), MOST_ROWS) if question.maximum is not None else USUAL_ROWS

    def flaws(self, question: QuestionView) -> list[str]:
        return bound_flaws(question, self.rows(question))

    def fields(self, question: QuestionView, language: str) -> dict[str, forms.Field]:
        levels = [("", ""), *((option.code, option.label(language)) for option in question.options)]
        fields: dict[str, forms.Field] = {}
        for row in range(1, self.rows(question) + 1):
            name = f"{question.code}_row{row}"
            fields[f"{name}_level"] = forms.ChoiceField(
                label=_("Level"),
                required=question.required and row == 1,
                choices=levels,
                error_messages={
                    "required": _("Please choose one of the answers."),
                    "invalid_choice": _("Please choose one of the answers shown."),
                },
            )
            fields[f"{name}_subject"] = LineText(label=str(_("Subject")))
            fields[f"{name}_year"] = YearField(label=_("Year"), required=False)
        return fields

    def faults(self, question: QuestionView, cleaned: dict[str, Any]) -> dict[str, str | Promise]:
        faults: dict[str, str | Promise] = {}
        for row in range(1, self.rows(question) + 1):
            name = f"{question.code}_row{row}"
            written = cleaned.get(f"{name}_subject") or cleaned.get(f"{name}_year")
            if written and not cleaned.get(f"{name}_level"):
                faults[f"{name}_level"] = _("Please choose a level for this row.")
        if faults:
            return faults
        empty = [
            f"{question.code}_row{row}_level"
            for row in range(1, self.rows(question) + 1)
            if not cleaned.get(f"{question.code}_row{row}_level")
        ]
        given, fewest = self.rows(question) - len(empty), int(question.minimum or 0)
        if empty and 0 < given < fewest:
            text = ngettext("Please fill in at least %(count)d row.", "Please fill in at least %(count)d rows.", fewest)
            return {empty[0]: text % {"count": fewest}}
        return {}

    def read(self, question: QuestionView, cleaned: dict[str, Any]) -> Answer:
        rows = []
        for row in range(1, self.rows(question) + 1):
            name = f"{question.code}_row{row}"
            year = cleaned.get(f"{name}_year")
            parts = {
                "option": cleaned.get(f"{name}_level"),
                "text": cleaned.get(f"{name}_subject"),
                "number": str(year) if year else "",
            }
            if kept := {part: content for part, content in parts.items() if content}:
                rows.append(kept)
        return {"rows": rows} if rows else {}

    def initial(self, question: QuestionView, answer: Answer) -> dict[str, Any]:
        given = answer.get("rows", [])
        found: dict[str, Any] = {}
        for row in range(1, self.rows(question) + 1):
            name, kept = f"{question.code}_row{row}", given[row - 1] if row <= len(given) else {}
            found[f"{name}_level"] = kept.get("option", "")
            found[f"{name}_subject"] = kept.get("text", "")
            found[f"{name}_year"] = kept.get("number", "")
        return found

    def is_complete(self, question: QuestionView, answer: Answer) -> bool:
        rows = answer.get("rows", [])
        if not rows:
            return not question.required
        fewest = min(int(question.minimum or 0), self.rows(question))
        return len(rows) >= fewest and all(row.get("option") for row in rows)

    def facts(self, question: QuestionView, answer: Answer) -> list[Fact]:
        rows = [
            Fact(
                option=row.get("option"),
                text=row.get("text", ""),
                number=Decimal(row["number"]) if "number" in row else None,
                rank=place,
            )
            for place, row in enumerate(answer.get("rows", ()), start=1)
        ]
        return rows or [Fact()]

    def restore(self, facts: Sequence[Fact]) -> Answer:
        rows = []
        for fact in sorted((fact for fact in facts if fact.rank is not None), key=lambda fact: fact.rank or 0):
            parts = {
                "option": fact.option,
                "text": fact.text,
                "number": str(int(fact.number)) if fact.number is not None else "",
            }
            rows.append({part: content for part, content in parts.items() if content})
        return {"rows": rows} if rows else {}

    def shown(self, question: QuestionView, answer: Answer) -> list[Text | str]:
        labels = {option.code: option.label for option in question.options}
        found: list[Text | str] = []
        for row in answer.get("rows", ()):
            found += [labels[row["option"]]] if row.get("option") in labels else []
            found += [row[part] for part in ("text", "number") if row.get(part)]
        return found

    def columns(self, question: QuestionView) -> list[str]:
        return [
            f"{question.code}_{row}_{part}"
            for row in range(1, self.rows(question) + 1)
            for part in ("level", "subject", "year")
        ]

    def categories(self, question: QuestionView) -> list[str]:
        return [option.code for option in question.options]
