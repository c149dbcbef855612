"""Our own format written out: a draft as a document of plain JSON values, in a fixed order of names."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from surveys.formats import enclosed
from surveys.formats.protocol import Draft
from surveys.formats.strict import FORMAT, VERSION
from surveys.kinds import registry
from surveys.kinds.bands import BandView, day_of
from surveys.models import Comparability, Elaboration, Meaning, Role
from surveys.structure import ConditionView, FactView, OptionView, QuestionView, SectionView, Text


def write(draft: Draft, *, files: bool = True) -> dict[str, Any]:
    """The document that says everything a draft holds; `strict.read` of it gives an equal one.

    Args:
        files: whether images and documents stand in it; without them, `strict.read` must be given them.
    """
    view = draft.view
    name = draft.name.by_language
    return _without_empty(
        {
            "format": FORMAT,
            "version": VERSION,
            "code": draft.code,
            "role": draft.role if draft.role != Role.QUESTIONNAIRE else None,
            "name": name if name != view.title.by_language else {},
            "title": view.title.by_language,
            "purpose": view.purpose.by_language,
            "minutes": view.minutes,
            "concepts": {code: _title(title) for code, title in draft.concepts.items() if title},
            "facts": [_dump_fact(fact) for fact in view.facts],
        }
    ) | {
        "sections": [_dump_section(section) for section in view.sections],
        **({"files": enclosed.write(draft.files)} if files and draft.files else {}),
    }


def _title(title: str | Text) -> str | dict[str, str]:
    """A concept's title; as a text alone where there is only the bokmål one."""
    if isinstance(title, str):
        return title
    return title.by_language["nb"] if title.by_language.keys() == {"nb"} else title.by_language


def _dump_section(section: SectionView) -> dict[str, Any]:
    texts = _without_empty({"title": section.title.by_language, "intro": section.intro.by_language})
    if section.conditions:
        texts["conditions"] = [_dump_condition(condition) for condition in section.conditions]
    return texts | {"questions": [question(each) for each in section.questions]}


def question(view: QuestionView) -> dict[str, Any]:
    """A question as it stands in a document."""
    document = _without_empty(
        {
            "code": view.code,
            "kind": view.kind,
            "text": view.text.by_language,
            "help": view.help.by_language,
            "required": view.required or None,
            "elaboration": view.elaboration if view.elaboration != Elaboration.NEVER else None,
            "prompt": view.elaboration_prompt.by_language,
            "minimum": _number(view.minimum),
            "maximum": _number(view.maximum),
            "decimals": view.decimals or None,
            "unit": view.unit.by_language,
            "concept": view.concept,
            "comparability": view.comparability if view.comparability != Comparability.MEANING else None,
            "origin": view.origin,
            "quotation": view.quotation.by_language,
            "source": view.source.by_language,
            "attachment": view.attachment.digest if view.attachment else "",
            "alt": view.alt.by_language,
            "caption": view.caption.by_language,
        }
    )
    if view.bands:
        document["bands"] = [_dump_band(view.kind, band) for band in view.bands]
    if registry.kind(view.kind).has_options:
        document["options"] = [_dump_option(option) for option in view.options]
    if view.conditions:
        document["conditions"] = [_dump_condition(condition) for condition in view.conditions]
    return document


def _dump_option(option: OptionView) -> dict[str, Any]:
    meaning = option.meaning if option.meaning != Meaning.ANSWER else None
    return _without_empty(
        {
            "code": option.code,
            "label": option.label.by_language,
            "meaning": meaning,
            "elaboration": option.elaboration,
            "excludes": option.excludes or None,
        }
    )


def _dump_fact(fact: FactView) -> dict[str, Any]:
    values = [_without_empty({"code": code, "label": label.by_language}) for code, label in fact.values]
    return _without_empty({"name": fact.name, "label": fact.label.by_language}) | {"values": values}


def _dump_band(kind: str, band: BandView) -> dict[str, Any]:
    def bound(number: Decimal | None) -> int | str | None:
        return day_of(number).isoformat() if kind == "date" and number is not None else _number(number)

    return _without_empty({"from": bound(band.lower), "to": bound(band.upper)})


def _number(number: Decimal | None) -> int | str | None:
    """A whole number as such, another as text: a JSON reader may round it otherwise."""
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else f"{number.normalize():f}"


def _dump_condition(condition: ConditionView) -> dict[str, Any]:
    group = condition.group if condition.group != 1 else None
    return _without_empty(
        {
            "group": group,
            "source": condition.source if not condition.fact else None,
            "fact": condition.fact,
            "operator": condition.operator,
            "option": condition.option,
            "options": list(condition.options),
            "number": _number(condition.number),
            "day": condition.day.isoformat() if condition.day else None,
        }
    )


def _without_empty(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value not in (None, "", {}, [])}
