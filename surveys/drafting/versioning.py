"""Versioning: what stands in a part of a draft, as marks, so that two people who edit it notice each other.

A version is worked out from the content itself: no column to keep, and a save that changes nothing is no change. A page
carries the version it was made on; `authoring.changing` compares it with what stands there now.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Manager, Model, Prefetch
from modeltranslation.settings import AVAILABLE_LANGUAGES

from surveys.models import Condition, ConditionOption, Edition, EditionFactValue, Option, Question, Section

Part = Edition | Section | Question
Row = tuple[str, ...]

WRITTEN = re.compile(r"([a-z_]+):([0-9a-f]{12})")

# What is written in each part: texts in every language, and the rest. The place of a part is not of its content.
TEXTS: dict[type[Model], tuple[str, ...]] = {
    Edition: ("title", "purpose"),
    Section: ("title", "intro"),
    Question: ("text", "help", "elaboration_prompt", "unit", "quotation", "source", "alt", "caption"),
}
OTHERS: dict[type[Model], tuple[str, ...]] = {
    Edition: ("minutes",),
    Section: (),
    Question: (
        "code", "kind", "required", "elaboration", "minimum", "maximum", "decimals", "section", "concept",
        "comparability", "attachment",
    ),
}  # fmt: skip
OPTION_FIELDS = (
    "code", "meaning", "elaboration", "excludes", *(f"label_{language}" for language in AVAILABLE_LANGUAGES),
)  # fmt: skip
CONDITION_FIELDS = ("group", "source", "fact", "operator", "option", "fact_value", "number", "day", "options")
# The rows of a part, by the name of its version's mark: {name: the fields that make up a row}.
ROWS = {"options": OPTION_FIELDS, "conditions": CONDITION_FIELDS}


@dataclass(frozen=True)
class Version:
    """A mark for each thing that can be written in a part: {field, or "options" or "conditions": mark}."""

    marks: Mapping[str, str]

    def __str__(self) -> str:
        return " ".join(f"{name}:{value}" for name, value in self.marks.items())

    @classmethod
    def parse(cls, text: str) -> Version:
        """A version from how it was written down; what cannot be read fits nothing."""
        return cls(dict(WRITTEN.findall(text)))

    def differences(self, other: Version) -> frozenset[str]:
        """What is not the same in both."""
        names = {*self.marks, *other.marks}
        return frozenset(name for name in names if self.marks.get(name) != other.marks.get(name))


def version(part: Part) -> Version:
    """The version of a part as it is in memory, with its rows as they are in the database."""
    marks = {name: mark(plain(getattr(part, name))) for name in fields(type(part))}
    marks |= {name: mark(*stored) for name, stored in rows(part).items()}
    return Version(marks)


def fields(model: type[Model]) -> tuple[str, ...]:
    """The names of everything that is written in such a part, its rows apart."""
    texts = tuple(f"{name}_{language}" for name in TEXTS[model] for language in AVAILABLE_LANGUAGES)
    return (*texts, *OTHERS[model])


def order_of(edition: Edition) -> str:
    """A mark of the order of a draft: which sections and questions there are, and where each stands."""
    sections = Section.objects.filter(edition=edition).order_by("position").values_list("pk", flat=True)
    questions = Question.objects.filter(edition=edition).order_by("section__position", "position")
    return mark(*order_marks(sections, questions.values_list("section_id", "pk")))


def order_marks(sections: Iterable[int], questions: Iterable[tuple[int, int]]) -> tuple[object, ...]:
    """What the mark of an order is made of: ids of sections in order, and (section, question) in order."""
    return tuple(sections), tuple(tuple(pair) for pair in questions)


def rows(part: Part) -> dict[str, list[Row]]:
    """The rows of a part as they stand, in order, each as the plain values of its fields."""
    found: dict[str, list[Row]] = {}
    if isinstance(part, Question):
        stored = Option.objects.filter(question_id=part.pk).order_by("position", "pk")
        found["options"] = [_plain_row(row, OPTION_FIELDS) for row in stored]
    if not isinstance(part, Edition):
        found["conditions"] = [_plain_row(row, CONDITION_FIELDS) for row in conditions(part)]
    return found


def conditions(part: Question | Section) -> list[Condition]:
    """The conditions of a part, in the order in which they were written."""
    mine = {"question": part} if isinstance(part, Question) else {"section": part}
    found = Condition.objects.filter(**mine).select_related("source", "fact", "option", "fact_value")
    compared = Prefetch("options", ConditionOption.objects.with_compared())
    return list(found.prefetch_related(compared).order_by("pk"))


def _plain_row(row: Model, names: tuple[str, ...]) -> Row:
    return tuple(plain(getattr(row, name)) for name in names)


def plain(value: Any) -> str:
    """A value as the text that a form would show for it.

    A row is its id, the rows of a condition the ids of what they compare with; nothing is nothing; there is one kind
    of line end.
    """
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, Manager):
        return ",".join(sorted(compared_id(each) for each in value.all()))
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if value is None or value is False:
        return ""
    return str(value).replace("\r\n", "\n").strip()


def compared_id(row: ConditionOption) -> str:
    """What a row of a condition compares with: an option by its id, a fact's value by its id with a letter before."""
    return f"v{row.fact_value_id}" if row.option_id is None else str(row.option_id)


def id_of(compared: Option | EditionFactValue) -> str:
    """The same of an option or a fact's value."""
    return f"v{compared.pk}" if isinstance(compared, EditionFactValue) else str(compared.pk)


def compared_by(ids: Sequence[str]) -> list[Option | EditionFactValue]:
    """What has these ids, as far as it is still there; options in their order."""
    values = [each.removeprefix("v") for each in ids if each.startswith("v")]
    options = [each for each in ids if not each.startswith("v")]
    return [
        *Option.objects.filter(pk__in=options).order_by("position"),
        *EditionFactValue.objects.filter(pk__in=values),
    ]


def mark(*values: object) -> str:
    """A short mark that tells values apart; the same values have the same mark."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:12]
