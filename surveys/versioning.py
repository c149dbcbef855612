"""Versioning: what stands in a part of a draft, as marks, so that two people who edit it notice each other.

A version is worked out from the content itself: no column to keep, and a save that changes nothing is no change. A page
carries the version it was made on; `authoring.changing` compares it with what stands there now.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from modeltranslation.settings import AVAILABLE_LANGUAGES

from surveys.models import Condition, Edition, Option, Question, Section

Part = Edition | Section | Question
Row = tuple[str, ...]

WRITTEN = re.compile(r"([a-z_]+):([0-9a-f]{12})")

# What is written in each part: texts in every language, and the rest. The place of a part is not of its content.
TEXTS: dict[type[Model], tuple[str, ...]] = {
    Edition: ("title", "purpose"),
    Section: ("title", "intro"),
    Question: ("text", "help", "elaboration_prompt"),
}
OTHERS: dict[type[Model], tuple[str, ...]] = {
    Edition: ("minutes",),
    Section: (),
    Question: ("code", "kind", "required", "elaboration", "section", "concept"),
}
OPTION_FIELDS = ("code", "meaning", *(f"label_{language}" for language in AVAILABLE_LANGUAGES))
CONDITION_FIELDS = ("group", "source", "operator", "option")
# The rows of a question, by the name of its version's mark: {name: the fields that make up a row}.
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
    if isinstance(part, Question):
        marks |= {name: mark(*stored) for name, stored in rows(part).items()}
    return Version(marks)


def fields(model: type[Model]) -> tuple[str, ...]:
    """The names of everything that is written in such a part, its rows apart."""
    texts = tuple(f"{name}_{language}" for name in TEXTS[model] for language in AVAILABLE_LANGUAGES)
    return (*texts, *OTHERS[model])


def rows(question: Question) -> dict[str, list[Row]]:
    """The rows of a question as they stand, in order, each as the plain values of its fields."""
    found: dict[str, list[Option] | list[Condition]] = {"options": [], "conditions": []}
    if question.pk is not None:
        found["options"] = list(Option.objects.filter(question=question).order_by("position", "pk"))
        conditions = Condition.objects.filter(question=question).select_related("source", "option")
        found["conditions"] = list(conditions.order_by("pk"))
    return {
        name: [tuple(plain(getattr(row, field)) for field in ROWS[name]) for row in stored]
        for name, stored in found.items()
    }


def plain(value: Any) -> str:
    """A value as the text that a form would show for it: a row by its id, nothing as nothing, one kind of line end."""
    if isinstance(value, Model):
        return str(value.pk)
    if value is None or value is False:
        return ""
    return str(value).replace("\r\n", "\n").strip()


def mark(*values: object) -> str:
    """A short mark that tells values apart; the same values have the same mark."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:12]
