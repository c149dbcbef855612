"""A draft written as a SurveyJS document. What the format has no place for stands under a name of our own."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from surveys.formats import spelling
from surveys.formats.fitting import Fitting
from surveys.formats.piped import known, unfilled
from surveys.formats.protocol import Draft, Written
from surveys.formats.surveyjs.expressions import write
from surveys.formats.surveyjs.things import OWN, OWN_NAMES
from surveys.formats.xlsform.own import LEVEL, SUBJECT, YEAR
from surveys.kinds import registry
from surveys.models import Elaboration, Meaning
from surveys.structure import OptionView, QuestionView, SectionView, Text

TYPES = {
    "yes_no": "radiogroup",
    "single_choice": "radiogroup",
    "scale": "radiogroup",
    "statement": "radiogroup",
    "multiple_choice": "checkbox",
    "ranking": "ranking",
    "number": "text",
    "date": "text",
    "short_text": "text",
    "long_text": "comment",
    "information": "html",
    "roster": "paneldynamic",
}
SEVERAL = ("multiple_choice", "ranking")


def dump(draft: Draft, language: str) -> Written:
    """The document, in every language; see `formats.protocol`."""
    writer = _Writer(draft)
    text = json.dumps(writer.document(), ensure_ascii=False, indent=2)
    return Written(f"{text}\n".encode(), tuple(writer.fitting.lost))


def _texts(text: Text) -> Any:
    """A text as SurveyJS has it: bokmål is what others fall back to."""
    found = dict(text.by_language)
    if "nb" in found:
        found = {"default": found.pop("nb"), **found}
    return found["default"] if list(found) == ["default"] else found


def _filled(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value is not False and value not in (None, "", {}, [])}


def _number(number: Decimal | None) -> int | float | None:
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else float(number)


class _Writer:
    def __init__(self, draft: Draft) -> None:
        self.draft, self.view, self.fitting = draft, draft.view, Fitting()
        self.several = frozenset(code for code, each in self.view.questions.items() if each.kind in SEVERAL)

    def document(self) -> dict[str, Any]:
        """Everything, page by page."""
        own = spelling.write(self.draft)
        kept = {name: own[name] for name in ("code", *OWN_NAMES) if name in own}
        for fact in self.view.facts:
            self.fitting.lose(
                f"@{fact.name}", fact.label("nb"), _("A file holds no register: another program must be told the fact.")
            )
        return _filled(
            {
                "locale": "nb",
                "title": _texts(self.view.title),
                "description": _texts(self.view.purpose),
                OWN: kept,
            }
        ) | {"pages": [self._page(number, each) for number, each in enumerate(self.view.sections, start=1)]}

    def _page(self, number: int, section: SectionView) -> dict[str, Any]:
        self._name_fields(_("page %(number)d") % {"number": number}, section.intro)
        return _filled(
            {
                "name": f"page{number}",
                "title": _texts(section.title),
                "description": _texts(section.intro),
                "visibleIf": write(section.conditions, self.several),
            }
        ) | {"elements": [self._element(each) for each in section.questions]}

    def _element(self, question: QuestionView) -> dict[str, Any]:
        text = "html" if question.kind == "information" else "title"
        element = {
            "type": TYPES[question.kind],
            "name": question.code,
            text: _texts(question.text),
            "description": _texts(question.help),
            "isRequired": question.required,
            "visibleIf": write(question.conditions, self.several),
            **self._of_kind(question),
            OWN: self._own(question),
        }
        self._name_losses(question)
        self._name_fields(question.code, question.text, question.help, question.elaboration_prompt)
        return _filled(element)

    def _of_kind(self, question: QuestionView) -> dict[str, Any]:
        choices = [self._choice(option) for option in question.options]
        if question.kind == "roster":
            level = {"type": "dropdown", "name": "level", "title": _texts(LEVEL), "choices": choices}
            subject = {"type": "text", "name": "subject", "title": _texts(SUBJECT)}
            year = {"type": "text", "name": "year", "title": _texts(YEAR), "inputType": "number"}
            return {"templateElements": [level, subject, year], "maxPanelCount": _number(question.maximum)}
        if registry.kind(question.kind).has_options:
            found: dict[str, Any] = {"choices": choices}
            if question.kind in SEVERAL:
                found["minSelectedChoices"] = _number(question.minimum)
                found["maxSelectedChoices"] = _number(question.maximum)
            if question.has_elaboration:
                found |= {"showCommentArea": True, "commentText": _texts(question.elaboration_prompt)}
            return found
        if question.kind == "number":
            step = f"0.{'0' * (question.decimals - 1)}1" if question.decimals else "1"
            bounds = {"min": _number(question.minimum), "max": _number(question.maximum)}
            return {"inputType": "number", **bounds, "step": float(step) if question.decimals else 1}
        return {"inputType": "date"} if question.kind == "date" else {}

    def _choice(self, option: OptionView) -> dict[str, Any]:
        own = {
            "meaning": option.meaning if option.meaning != Meaning.ANSWER else "",
            "elaboration": option.elaboration,
            "excludes": option.excludes,
        }
        return {"value": option.code, **_filled({"text": _texts(option.label)}), OWN: _filled(own)}

    def _own(self, question: QuestionView) -> dict[str, Any]:
        """What SurveyJS has no place for, or another place."""
        written = spelling.question(question)
        names = ["kind", "concept", "comparability", "origin", "unit", "decimals", "minimum", "maximum", "bands"]
        own = {name: written[name] for name in [*names, "elaboration", "prompt"] if name in written}
        # A missing name says "never" and "none" just as well.
        return {**own, "elaboration": question.elaboration, "decimals": question.decimals}

    def _name_fields(self, place: str, *texts: Text) -> None:
        """Earlier answers in texts that SurveyJS fills in with other words, or not at all."""
        for text in texts:
            for field in unfilled(text, known(self.view), self.view.questions, instead=False):
                why = _("Other programs show it as it stands. Read here again, it is kept.")
                self.fitting.lose(place, field, why, is_kept=True)

    def _name_losses(self, question: QuestionView) -> None:
        """What only we read back from the file."""
        required = any(question.elaboration_of(each.code) == Elaboration.REQUIRED for each in question.options)
        some = any(each.elaboration for each in question.options)
        things = (
            (question.unit, _("the unit “%(unit)s”") % {"unit": question.unit("nb")}),
            (question.concept, _("the concept “%(title)s”") % {"title": self.draft.concept_in_words(question.concept)}),
            (question.origin, _("where it was taken from")),
            (question.bands, _("the bands it is counted in")),
            (any(each.meaning != Meaning.ANSWER for each in question.options), _("what some answers mean")),
            (any(each.excludes for each in question.options), _("that an answer excludes the others")),
            (required or some, _("for which answers a text is asked for, and must be written")),
        )
        for present, name in things:
            if present:
                why = _("Other programs pass over it. Read here again, it is kept.")
                self.fitting.lose(question.code, name, why, is_kept=True)
