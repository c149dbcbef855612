"""What every kind of question must be able to do.

An answer travels as plain JSON inside the sealed box:
`{"option": code | None, "text": str}`; a kind uses the parts it needs and leaves out the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.functional import Promise

if TYPE_CHECKING:
    from django import forms

    from surveys.structure import QuestionView

Answer = dict[str, Any]


@dataclass(frozen=True)
class Fact:
    """One row of the fact table for a question that was asked: an option's code, a text, or nothing."""

    option: str | None = None
    text: str = ""


class Kind:
    """A kind of question: its name, its form, and how its answers are stored and counted."""

    code: ClassVar[str]
    label: ClassVar[str | Promise]
    # Whether people answer it at all (information is only read).
    is_asked: ClassVar[bool] = True
    # Whether it has options to tick, and whether it may ask for a text.
    has_options: ClassVar[bool] = False
    has_text: ClassVar[bool] = False
    template: ClassVar[str]

    def fields(self, question: QuestionView, language: str) -> dict[str, forms.Field]:
        """Form fields by name; every name starts with the question's code."""
        raise NotImplementedError

    def faults(self, question: QuestionView, cleaned: dict[str, Any]) -> dict[str, str | Promise]:
        """What is wrong between the fields, {field name: message}; each field alone has been checked."""
        return {}

    def read(self, question: QuestionView, cleaned: dict[str, Any]) -> Answer:
        """The answer in a valid form's data; empty when the question was left blank."""
        raise NotImplementedError

    def initial(self, question: QuestionView, answer: Answer) -> dict[str, Any]:
        """The form's data for an answer given earlier."""
        raise NotImplementedError

    def is_blank(self, answer: Answer) -> bool:
        """Whether nothing was answered."""
        return not answer

    def is_complete(self, question: QuestionView, answer: Answer) -> bool:
        """Whether a ballot with this answer may be submitted."""
        return not (question.required and self.is_blank(answer))

    def facts(self, question: QuestionView, answer: Answer) -> list[Fact]:
        """The fact rows of an asked question: at least one, empty if it was left blank."""
        raise NotImplementedError

    def categories(self, question: QuestionView) -> list[str]:
        """The codes its variable can take, in order, without "no_answer" and "not_asked"."""
        raise NotImplementedError
