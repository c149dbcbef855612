"""Something to read or look at between questions: a text, a quotation, an image, a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from surveys.kinds.base import Answer, Fact, Kind

if TYPE_CHECKING:
    from surveys.structure import QuestionView


class Information(Kind):
    """Nothing is answered."""

    code = "information"
    label = _("Information")
    is_asked = False
    settings = frozenset({"extras"})
    template = "surveys/kinds/information.html"

    def fields(self, question: QuestionView, language: str) -> dict[str, forms.Field]:
        return {}

    def read(self, question: QuestionView, cleaned: dict[str, Any]) -> Answer:
        return {}

    def initial(self, question: QuestionView, answer: Answer) -> dict[str, Any]:
        return {}

    def flaws(self, question: QuestionView) -> list[str]:
        names = {"question": question.code}
        found = []
        if question.source and not question.quotation:
            found.append(gettext("%(question)s names the source of a quotation, but there is no quotation.") % names)
        if question.attachment and question.attachment.is_image and not question.alt.by_language.get("nb"):
            found.append(
                gettext("The image of %(question)s has no text in bokmål for those who do not see it.") % names
            )
        if question.attachment and not question.attachment.is_image and not question.caption.by_language.get("nb"):
            found.append(gettext("The document of %(question)s has no title in bokmål.") % names)
        return found

    def facts(self, question: QuestionView, answer: Answer) -> list[Fact]:
        return []

    def restore(self, facts: Sequence[Fact]) -> Answer:
        return {}

    def columns(self, question: QuestionView) -> list[str]:
        return []

    def categories(self, question: QuestionView) -> list[str]:
        return []
