"""The form of one page: built from the kinds of its questions, checked on the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django import forms

from surveys.kinds import registry
from surveys.kinds.base import Answer
from surveys.structure import QuestionView
from surveys.web.speaking import speaking


class PageForm(forms.Form):
    """The questions of a page that one person sees.

    A valid form gives `answers()`, {question code: answer}, where an empty answer blanks the question. A
    `lenient` form lets required questions stand unanswered: for going back and for leaving.
    """

    def __init__(
        self, questions: Sequence[QuestionView], language: str, data: Mapping[str, Any], *, lenient: bool = False
    ) -> None:
        super().__init__(data)
        self.questions = [question for question in questions if registry.kind(question.kind).is_asked]
        self.lenient = lenient
        for question in self.questions:
            self.fields.update(_fields(question, language, lenient))

    def clean(self) -> dict[str, Any]:
        """Add what a kind finds between its fields, such as an elaboration that is asked for."""
        cleaned = super().clean() or self.cleaned_data
        if not self.lenient:
            for question in self.questions:
                for name, message in registry.kind(question.kind).faults(question, cleaned).items():
                    if name not in self.errors:
                        self.add_error(name, str(message))
        return cleaned

    def answers(self) -> dict[str, Answer]:
        """What was answered on this page; an empty answer where nothing was."""
        return {
            question.code: registry.kind(question.kind).read(question, self.cleaned_data) for question in self.questions
        }

    def faults(self) -> list[tuple[str, str]]:
        """(name of the field, message) for the list of errors, in the order of the page."""
        return [(name, str(message)) for name in self.fields for message in self.errors.get(name, [])]


@lru_cache(maxsize=1024)
def _fields(question: QuestionView, language: str, lenient: bool) -> dict[str, forms.Field]:
    """Made once: a field keeps nothing of what it has checked, so that all forms can share it."""
    with speaking(language):
        fields = registry.kind(question.kind).fields(question, language)
    for field in fields.values():
        field.required = field.required and not lenient
    return fields
