"""What every kind of question must be able to do.

An answer travels as plain JSON inside the sealed box. A kind uses the parts it needs and leaves out the rest:
`option` (code), `options` (codes), `ranks` (codes, the most important first), `number` (a decimal number as text),
`date` (ISO), `rows` (a list of `{"option", "text", "number"}`) and `text`. An empty answer is a blank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.functional import Promise

if TYPE_CHECKING:
    from django import forms

    from surveys.structure import QuestionView, Text

Answer = dict[str, Any]


@dataclass(frozen=True)
class Fact:
    """One row of the fact table for a question that was asked: an option's code, a number, a text, or nothing.

    Args:
        rank: the place of the option among those ranked, or of the row in a roster; from 1.
    """

    option: str | None = None
    text: str = ""
    number: Decimal | None = None
    rank: int | None = None


class Kind:
    """A kind of question: its name, its form, and how its answers are stored and counted."""

    code: ClassVar[str]
    label: ClassVar[str | Promise]
    # Whether people answer it at all (information is only read).
    is_asked: ClassVar[bool] = True
    # Whether it has options to tick, and whether it may ask for a text.
    has_options: ClassVar[bool] = False
    has_text: ClassVar[bool] = False
    # Whether the answer can be a number, or a day, that conditions compare with by size.
    has_number: ClassVar[bool] = False
    has_day: ClassVar[bool] = False
    # Which settings of a question mean something here: of "elaboration", "bounds", "decimals", "unit", "bands",
    # "excludes", "extras" (a quotation, and an image or a document).
    settings: ClassVar[frozenset[str]] = frozenset()
    # The options a new question of this kind begins with, {code: {language: label}}; content, not interface.
    first_options: ClassVar[Mapping[str, Mapping[str, str]]] = {}
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

    def size(self, answer: Answer) -> Decimal | None:
        """What of the answer is compared by size, as the fact table keeps it; None if there is nothing."""
        return None

    def is_complete(self, question: QuestionView, answer: Answer) -> bool:
        """Whether a ballot with this answer may be submitted."""
        return not (question.required and self.is_blank(answer))

    def flaws(self, question: QuestionView) -> list[str]:
        """What in its settings nobody could answer to, one sentence each; found before it is published."""
        return []

    def facts(self, question: QuestionView, answer: Answer) -> list[Fact]:
        """The fact rows of an asked question: at least one, empty if it was left blank."""
        raise NotImplementedError

    def restore(self, facts: Sequence[Fact]) -> Answer:
        """The answer that these fact rows, in any order, were made of."""
        raise NotImplementedError

    def shown(self, question: QuestionView, answer: Answer) -> list[Text | str]:
        """What was answered, for the list of answers: labels of options, and values; without the free text."""
        return []

    def columns(self, question: QuestionView) -> list[str]:
        """The columns of an export of its answers, a row a response; each begins with the question's code."""
        return [question.code]

    def categories(self, question: QuestionView) -> list[str]:
        """The codes its variable can take, in order, without "no_answer" and "not_asked"."""
        raise NotImplementedError
