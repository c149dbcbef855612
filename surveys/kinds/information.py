"""Text to read between questions: background, a quotation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from surveys.kinds.base import Answer, Fact, Kind

if TYPE_CHECKING:
    from surveys.structure import QuestionView


class Information(Kind):
    """Nothing is answered."""

    code = "information"
    label = _("Information")
    is_asked = False
    template = "surveys/kinds/information.html"

    def fields(self, question: QuestionView, language: str) -> dict[str, forms.Field]:
        return {}

    def read(self, question: QuestionView, cleaned: dict[str, Any]) -> Answer:
        return {}

    def initial(self, question: QuestionView, answer: Answer) -> dict[str, Any]:
        return {}

    def facts(self, question: QuestionView, answer: Answer) -> list[Fact]:
        return []

    def restore(self, facts: Sequence[Fact]) -> Answer:
        return {}

    def columns(self, question: QuestionView) -> list[str]:
        return []

    def categories(self, question: QuestionView) -> list[str]:
        return []
