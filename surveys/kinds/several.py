"""Several of the options: chosen, or put in order of importance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from surveys.kinds.base import Answer, Fact, Kind
from surveys.kinds.text import AnswerText

if TYPE_CHECKING:
    from surveys.structure import OptionView, QuestionView, Text

MOST_RANKED = 10


def bound_flaws(question: QuestionView, most: int) -> list[str]:
    """What is wrong with the fewest and most that can be given, where there are `most` to give."""
    names = {"question": question.code, "most": most}
    given = [bound for bound in (question.minimum, question.maximum) if bound is not None]
    if any(bound != bound.to_integral_value() or bound < 0 for bound in given) or question.maximum == 0:
        return [gettext("%(question)s: the fewest and most answers must be whole numbers.") % names]
    if question.minimum is not None and question.minimum > most:
        return [gettext("%(question)s asks for more answers than the %(most)d that can be given.") % names]
    return []


def stands_alone(option: OptionView) -> bool:
    """Whether an option cannot be chosen beside others: it says so, or it says that there is no answer."""
    return option.excludes or option.meaning in ("dont_know", "not_applicable")


class MultipleChoice(Kind):
    """Choose those that apply; one that excludes the others stands alone."""

    code = "multiple_choice"
    label = _("Several answers")
    has_options = True
    has_text = True
    settings = frozenset({"elaboration", "bounds", "excludes"})
    template = "surveys/kinds/multiple_choice.html"

    def fields(self, question: QuestionView, language: str) -> dict[str, forms.Field]:
        fields: dict[str, forms.Field] = {
            f"{question.code}_options": forms.MultipleChoiceField(
                label=question.text(language),
                required=question.required,
                choices=[(option.code, option.label(language)) for option in question.options],
                widget=forms.CheckboxSelectMultiple,
                error_messages={
                    "required": _("Please choose at least one of the answers."),
                    "invalid_choice": _("Please choose among the answers shown."),
                    "invalid_list": _("Please choose among the answers shown."),
                },
            )
        }
        if question.has_elaboration:
            fields[f"{question.code}_text"] = AnswerText(
                label=question.elaboration_prompt(language) or gettext("Please elaborate"), rows=4
            )
        return fields

    def faults(self, question: QuestionView, cleaned: dict[str, Any]) -> dict[str, str | Promise]:
        chosen = cleaned.get(f"{question.code}_options") or []
        if fault := self._fault(question, chosen):
            return {f"{question.code}_options": fault}
        asks = any(question.elaboration_of(code) == "required" for code in chosen)
        if asks and not cleaned.get(f"{question.code}_text"):
            return {f"{question.code}_text": _("Please write a few words about your answer.")}
        return {}

    def flaws(self, question: QuestionView) -> list[str]:
        beside = [option for option in question.options if not stands_alone(option)]
        return bound_flaws(question, len(beside))

    def _fault(self, question: QuestionView, given: Sequence[str]) -> str:
        chosen = set(given)
        if not chosen:
            return ""
        alone = [option for option in question.options if stands_alone(option) and option.code in chosen]
        if alone:
            return gettext("One of the answers you chose cannot stand beside others.") if len(chosen) > 1 else ""
        fewest = int(question.minimum or 0)
        most = int(question.maximum) if question.maximum is not None else len(question.options)
        if len(chosen) < fewest:
            text = ngettext("Please choose at least %(count)d.", "Please choose at least %(count)d.", fewest)
            return text % {"count": fewest}
        if len(chosen) > most:
            return ngettext("Please choose at most %(count)d.", "Please choose at most %(count)d.", most) % {
                "count": most
            }
        return ""

    def read(self, question: QuestionView, cleaned: dict[str, Any]) -> Answer:
        chosen = cleaned.get(f"{question.code}_options") or []
        # In the order of the questionnaire, whatever order the browser sent them in.
        answer = {
            "options": [option.code for option in question.options if option.code in chosen],
            "text": cleaned.get(f"{question.code}_text", ""),
        }
        return {part: content for part, content in answer.items() if content}

    def initial(self, question: QuestionView, answer: Answer) -> dict[str, Any]:
        return {
            f"{question.code}_options": list(answer.get("options", ())),
            f"{question.code}_text": answer.get("text", ""),
        }

    def is_complete(self, question: QuestionView, answer: Answer) -> bool:
        chosen = answer.get("options", ())
        if not chosen:
            return not question.required
        if self._fault(question, chosen):
            return False
        asks = any(question.elaboration_of(code) == "required" for code in chosen)
        return not asks or bool(answer.get("text"))

    def facts(self, question: QuestionView, answer: Answer) -> list[Fact]:
        """One row an option chosen, and one for the text: it is there, empty, also when none was written."""
        rows = [Fact(option=code, rank=place) for place, code in enumerate(answer.get("options", ()), start=1)]
        if question.has_elaboration or answer.get("text") or not rows:
            rows.append(Fact(text=answer.get("text", "")))
        return rows

    def restore(self, facts: Sequence[Fact]) -> Answer:
        answer = {
            "options": [fact.option for fact in sorted(facts, key=lambda fact: fact.rank or 0) if fact.option],
            "text": next((fact.text for fact in facts if fact.text), ""),
        }
        return {part: content for part, content in answer.items() if content}

    def shown(self, question: QuestionView, answer: Answer) -> list[Text | str]:
        return [option.label for option in question.options if option.code in answer.get("options", ())]

    def columns(self, question: QuestionView) -> list[str]:
        names = [f"{question.code}_{option.code}" for option in question.options]
        return [*names, f"{question.code}_text"] if question.has_elaboration else names

    def categories(self, question: QuestionView) -> list[str]:
        return [option.code for option in question.options]


class Ranking(Kind):
    """Put the most important in order: a first, a second, and so on. Needs no dragging."""

    code = "ranking"
    label = _("Ranking")
    has_options = True
    settings = frozenset({"bounds"})
    template = "surveys/kinds/ranking.html"

    def places(self, question: QuestionView) -> int:
        """How many can be ranked."""
        most = min(len(question.options), MOST_RANKED)
        return min(max(int(question.maximum), 1), most) if question.maximum is not None else most

    def fields(self, question: QuestionView, language: str) -> dict[str, forms.Field]:
        choices = [("", ""), *((option.code, option.label(language)) for option in question.options)]
        return {
            f"{question.code}_rank{place}": forms.ChoiceField(
                label=gettext("Number %(place)d") % {"place": place},
                required=question.required and place <= max(1, self._fewest(question)),
                choices=choices,
                error_messages={
                    "required": _("Please choose one of the answers."),
                    "invalid_choice": _("Please choose one of the answers shown."),
                },
            )
            for place in range(1, self.places(question) + 1)
        }

    def faults(self, question: QuestionView, cleaned: dict[str, Any]) -> dict[str, str | Promise]:
        seen: set[str] = set()
        empty = ""
        for place in range(1, self.places(question) + 1):
            name = f"{question.code}_rank{place}"
            code = cleaned.get(name)
            if not code:
                empty = empty or name
            elif code in seen:
                return {name: _("This answer has a place already. Choose each only once.")}
            else:
                seen.add(code)
        fewest = self._fewest(question)
        if empty and 0 < len(seen) < fewest:
            text = ngettext("Please rank at least %(count)d.", "Please rank at least %(count)d.", fewest)
            return {empty: text % {"count": fewest}}
        return {}

    def flaws(self, question: QuestionView) -> list[str]:
        return bound_flaws(question, self.places(question))

    def _fewest(self, question: QuestionView) -> int:
        return min(int(question.minimum or 0), self.places(question))

    def read(self, question: QuestionView, cleaned: dict[str, Any]) -> Answer:
        given = [cleaned.get(f"{question.code}_rank{place}") for place in range(1, self.places(question) + 1)]
        # A place left empty moves the later ones up; the same answer twice (while leaving) counts once.
        ranks = list(dict.fromkeys(code for code in given if code))
        return {"ranks": ranks} if ranks else {}

    def initial(self, question: QuestionView, answer: Answer) -> dict[str, Any]:
        ranks = answer.get("ranks", [])
        return {
            f"{question.code}_rank{place}": ranks[place - 1] if place <= len(ranks) else ""
            for place in range(1, self.places(question) + 1)
        }

    def is_complete(self, question: QuestionView, answer: Answer) -> bool:
        given = len(answer.get("ranks", ()))
        if not given:
            return not question.required
        return given >= self._fewest(question)

    def facts(self, question: QuestionView, answer: Answer) -> list[Fact]:
        return [Fact(option=code, rank=place) for place, code in enumerate(answer.get("ranks", ()), start=1)] or [
            Fact()
        ]

    def restore(self, facts: Sequence[Fact]) -> Answer:
        ranked = sorted((fact.rank, fact.option) for fact in facts if fact.rank is not None and fact.option)
        return {"ranks": [option for _rank, option in ranked]} if ranked else {}

    def shown(self, question: QuestionView, answer: Answer) -> list[Text | str]:
        labels = {option.code: option.label for option in question.options}
        return [labels[code] for code in answer.get("ranks", ()) if code in labels]

    def columns(self, question: QuestionView) -> list[str]:
        return [f"{question.code}_{option.code}" for option in question.options]

    def categories(self, question: QuestionView) -> list[str]:
        return [option.code for option in question.options]
