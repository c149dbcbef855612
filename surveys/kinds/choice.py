"""One of several options, with or without an elaboration beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from surveys.kinds.base import Answer, Fact, Kind
from surveys.kinds.text import AnswerText

if TYPE_CHECKING:
    from surveys.structure import QuestionView, Text


class SingleChoice(Kind):
    """Choose one."""

    code = "single_choice"
    label = _("One of several")
    has_options = True
    has_text = True
    settings = frozenset({"elaboration"})
    template = "surveys/kinds/choice.html"

    def fields(self, question: QuestionView, language: str) -> dict[str, forms.Field]:
        fields: dict[str, forms.Field] = {
            f"{question.code}_option": forms.ChoiceField(
                label=question.text(language),
                required=question.required,
                choices=[(option.code, option.label(language)) for option in question.options],
                widget=forms.RadioSelect,
                error_messages={
                    "required": _("Please choose one of the answers."),
                    "invalid_choice": _("Please choose one of the answers shown."),
                },
            )
        }
        if question.has_elaboration:
            fields[f"{question.code}_text"] = AnswerText(
                label=question.elaboration_prompt(language) or gettext("Please elaborate"),
                rows=4,
            )
        return fields

    def faults(self, question: QuestionView, cleaned: dict[str, Any]) -> dict[str, str | Promise]:
        """An elaboration is asked for once an option has been chosen, not of someone who passes the question."""
        chosen, text = cleaned.get(f"{question.code}_option"), cleaned.get(f"{question.code}_text")
        if chosen and not text and question.elaboration_of(chosen) == "required":
            return {f"{question.code}_text": _("Please write a few words about your answer.")}
        return {}

    def read(self, question: QuestionView, cleaned: dict[str, Any]) -> Answer:
        answer = {
            "option": cleaned.get(f"{question.code}_option") or None,
            "text": cleaned.get(f"{question.code}_text", ""),
        }
        return {part: content for part, content in answer.items() if content}

    def initial(self, question: QuestionView, answer: Answer) -> dict[str, Any]:
        return {
            f"{question.code}_option": answer.get("option"),
            f"{question.code}_text": answer.get("text", ""),
        }

    def is_complete(self, question: QuestionView, answer: Answer) -> bool:
        if not answer.get("option"):
            return not question.required
        return question.elaboration_of(answer["option"]) != "required" or bool(answer.get("text"))

    def facts(self, question: QuestionView, answer: Answer) -> list[Fact]:
        return [Fact(option=answer.get("option"), text=answer.get("text", ""))]

    def restore(self, facts: Sequence[Fact]) -> Answer:
        answer = {"option": facts[0].option, "text": facts[0].text}
        return {part: content for part, content in answer.items() if content}

    def shown(self, question: QuestionView, answer: Answer) -> list[Text | str]:
        return [option.label for option in question.options if option.code == answer.get("option")]

    def columns(self, question: QuestionView) -> list[str]:
        return [question.code, f"{question.code}_text"] if question.has_elaboration else [question.code]

    def categories(self, question: QuestionView) -> list[str]:
        return [option.code for option in question.options]


class YesNo(SingleChoice):
    """Yes or no, usually with an elaboration; options are made with the question and may be reworded."""

    code = "yes_no"
    label = _("Yes or no")
    first_options = {
        "yes": {"nb": "Ja", "nn": "Ja", "en": "Yes", "se": "Juo"},
        "no": {"nb": "Nei", "nn": "Nei", "en": "No", "se": "Ii"},
    }


class Statement(SingleChoice):
    """A position to support or oppose, with a comment."""

    code = "statement"
    label = _("Statement to support or oppose")
    first_options = {
        "support": {"nb": "Støtter", "nn": "Støttar", "en": "Support", "se": "Doarjjun"},
        "oppose": {"nb": "Går imot", "nn": "Går imot", "en": "Oppose", "se": "In doarjjo"},
        "neutral": {"nb": "Nøytral", "nn": "Nøytral", "en": "Neutral", "se": "Neutrála"},
    }


class Scale(SingleChoice):
    """One point of a scale. Consecutive scales with the same points are shown as a grid."""

    code = "scale"
    label = _("Scale")
    template = "surveys/kinds/scale.html"
    first_options = {
        "1": {"nb": "Helt uenig", "nn": "Heilt ueinig", "en": "Strongly disagree", "se": "Áibbas sierramielalaš"},
        "2": {
            "nb": "Ganske uenig", "nn": "Ganske ueinig", "en": "Tend to disagree",
            "se": "Muhtun muddui sierramielalaš",
        },
        "3": {
            "nb": "Verken enig eller uenig", "nn": "Korkje einig eller ueinig", "en": "Neither agree nor disagree",
            "se": "Ii goabbáge",
        },
        "4": {"nb": "Ganske enig", "nn": "Ganske einig", "en": "Tend to agree", "se": "Muhtun muddui ovttamielalaš"},
        "5": {"nb": "Helt enig", "nn": "Heilt einig", "en": "Strongly agree", "se": "Áibbas ovttamielalaš"},
    }  # fmt: skip
