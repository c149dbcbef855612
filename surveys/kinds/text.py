"""Free text, alone or beside options."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from surveys.kinds.base import Answer, Fact, Kind

if TYPE_CHECKING:
    from surveys.structure import QuestionView

LONGEST_TEXT = 4000
LONGEST_LINE = 200
# Control characters but tab and line feed, and halves of surrogate pairs: categories Cc and Cs.
UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# What turns the direction of writing, the mark that begins a file, and the blank of no width. They come along with what
# is copied from elsewhere, nobody can see them to take them out, and they can make a text read as what it does not say:
# they are dropped. Joiners stay, for emoji and the scripts that need them.
INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029]")


def tidied(text: str) -> str:
    """A text normalised: NFC, one kind of line break, nothing invisible, no blanks around it."""
    seen = unicodedata.normalize("NFC", INVISIBLE.sub("", text))
    return LINE_ENDS.sub("\n", seen).strip()


class AnswerText(forms.CharField):
    """A text of several lines: `tidied`, without control characters, and no longer than there is room for."""

    def __init__(self, *, label: str, required: bool = False, rows: int = 5) -> None:
        super().__init__(
            label=label,
            required=required,
            max_length=LONGEST_TEXT,
            widget=forms.Textarea(attrs={"rows": rows, "maxlength": LONGEST_TEXT}),
            error_messages={
                "required": _("Please write your answer here."),
                "max_length": ngettext_lazy(
                    "The text has %(show_value)d characters; there is room for %(limit_value)d.",
                    "The text has %(show_value)d characters; there is room for %(limit_value)d.",
                    "limit_value",
                ),
            },
        )

    def to_python(self, value: Any) -> str:
        text = tidied(str(value or ""))
        if UNSHOWN.search(text):
            raise ValidationError(
                _("The text held characters that cannot be shown. They are taken out: please look it over and go on.")
            )
        return text


class LineText(AnswerText):
    """A text of one line: line breaks become blanks."""

    def __init__(self, *, label: str, required: bool = False) -> None:
        super().__init__(label=label, required=required)
        self.max_length = LONGEST_LINE
        self.validators = [MaxLengthValidator(LONGEST_LINE, self.error_messages["max_length"])]
        self.widget = forms.TextInput(attrs={"maxlength": LONGEST_LINE})

    def to_python(self, value: Any) -> str:
        return " ".join(super().to_python(value).split())


class LongText(Kind):
    """An open question."""

    code = "long_text"
    label = _("Open text")
    has_text = True
    template = "surveys/kinds/long_text.html"

    def fields(self, question: QuestionView, language: str) -> dict[str, forms.Field]:
        return {f"{question.code}_text": AnswerText(label=question.text(language), required=question.required)}

    def read(self, question: QuestionView, cleaned: dict[str, Any]) -> Answer:
        text = cleaned.get(f"{question.code}_text", "")
        return {"text": text} if text else {}

    def initial(self, question: QuestionView, answer: Answer) -> dict[str, Any]:
        return {f"{question.code}_text": answer.get("text", "")}

    def facts(self, question: QuestionView, answer: Answer) -> list[Fact]:
        return [Fact(text=answer.get("text", ""))]

    def restore(self, facts: Sequence[Fact]) -> Answer:
        return {"text": facts[0].text} if facts[0].text else {}

    def columns(self, question: QuestionView) -> list[str]:
        return [f"{question.code}_text"]

    def categories(self, question: QuestionView) -> list[str]:
        return ["answered"]


class ShortText(LongText):
    """An open question with an answer of a few words."""

    code = "short_text"
    label = _("Short text")
    template = "surveys/kinds/short_text.html"

    def fields(self, question: QuestionView, language: str) -> dict[str, forms.Field]:
        return {f"{question.code}_text": LineText(label=question.text(language), required=question.required)}
