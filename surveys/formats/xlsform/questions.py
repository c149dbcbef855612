"""One row of an XLSForm as a question."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from surveys.formats.fitting import LONGEST_TEXT
from surveys.formats.written import number
from surveys.formats.xlsform import bounds, own
from surveys.formats.xlsform.headings import Type
from surveys.formats.xlsform.lists import Lists
from surveys.formats.xlsform.sheets import NO, YES, Form, Row
from surveys.kinds import registry
from surveys.models import Comparability, Elaboration, Meaning
from surveys.structure import NO_TEXT, OptionView, QuestionView, Text

USUAL_DECIMALS = 4
MOST_POINTS = 11
YES_AND_NO = {"yes", "no"}
# Ways of showing a question that say what kind it is, or nothing that matters here.
SCALES = frozenset({"likert", "list-nolabel"})
PLAIN = frozenset({"", "multiline", "minimal", "quick", "field-list", "table-list", "horizontal", "vertical", *SCALES})


def question(form: Form, lists: Lists, row: Row, kind: Type, code: str) -> tuple[QuestionView, dict[str, str]]:
    """The question, without conditions, and the codes of its options by their names in the file.

    Raises:
        BadDocument
    """
    base = QuestionView(
        id=0,
        code=code,
        kind=_kind(form, lists, row, kind),
        text=form.text(row, "label", LONGEST_TEXT),
        help=form.text(row, "hint", LONGEST_TEXT),
        required=_required(form, row),
        elaboration=Elaboration.NEVER.value,
        elaboration_prompt=NO_TEXT,
        concept="",
    )
    names: dict[str, str] = {}
    if kind.choices and registry.kind(base.kind).has_options:
        names = lists.names(row, kind)
        base = replace(base, options=lists.options(row, kind))
        if kind.or_other:
            base = _with_other(form, row, base)
    if kind.name == "range":
        base, names = _range(form, row, base)
    elif kind.name == "decimal":
        base = replace(base, decimals=USUAL_DECIMALS)
    base = _bounded(form, row, kind, base, names)
    _note_appearance(form, row, base)
    return (_with_own_columns(row, base) if form.is_ours else base), names


def _kind(form: Form, lists: Lists, row: Row, kind: Type) -> str:
    said = row[own.KIND]
    if form.is_ours and said in own.TYPES and (kind.name in own.TYPES[said] or kind.name == "note"):
        return said
    looks = set(row["appearance"].lower().split())
    if kind.name == "select_one":
        if "label" in looks:
            return "information"
        if looks & SCALES:
            return "scale"
        return "yes_no" if {option.code for option in lists.options(row, kind)} == YES_AND_NO else "single_choice"
    if kind.name == "text":
        return "long_text" if "multiline" in looks else "short_text"
    plain = {
        "select_multiple": "multiple_choice", "rank": "ranking", "integer": "number", "decimal": "number",
        "range": "number", "date": "date", "note": "information",
    }  # fmt: skip
    return "information" if "label" in looks and kind.name == "select_multiple" else plain[kind.name]


def _required(form: Form, row: Row) -> bool:
    written = row["required"].lower()
    if written in YES:
        return True
    if written not in NO:
        form.fitting.lose(
            row.place,
            f"required: {row['required']}",
            _("A question must be answered, or need not; it cannot depend on other answers."),
        )
    return False


def _with_other(form: Form, row: Row, base: QuestionView) -> QuestionView:
    """With the answer that "or_other" adds, and a text to write beside it."""
    taken = {option.code for option in base.options}
    if "other" in taken:
        return base
    label = Text({language: own.OTHER(language) for language in dict.fromkeys(form.languages.values())})
    other = OptionView(0, "other", label, Meaning.OTHER.value, Elaboration.REQUIRED.value)
    return replace(base, options=(*base.options, other))


def _range(form: Form, row: Row, base: QuestionView) -> tuple[QuestionView, dict[str, str]]:
    """A short range of whole steps is a scale, any other a number with bounds."""
    found = dict(re.findall(r"(start|end|step)\s*=\s*(-?[0-9]+(?:\.[0-9]+)?)", row["parameters"].lower()))
    start, end, step = (
        number(found.get(name, usual)) for name, usual in (("start", "1"), ("end", "10"), ("step", "1"))
    )
    if start is None or end is None or step is None or step <= 0 or start > end:
        form.fitting.lose(row.place, f"parameters: {row['parameters']}", _("This setting is not known here."))
        return base, {}
    if step == 1 and end - start < MOST_POINTS and start == start.to_integral_value() and start >= 0:
        points = [str(point) for point in range(int(start), int(end) + 1)]
        languages = dict.fromkeys(form.languages.values()) or {"nb": None}
        options = tuple(
            OptionView(0, point, Text(dict.fromkeys(languages, point)), Meaning.ANSWER.value) for point in points
        )
        return replace(base, kind="scale", options=options), {point: point for point in points}
    if step != 1:
        form.fitting.lose(row.place, f"parameters: {row['parameters']}", _("Numbers here have no steps."))
    decimals = max(0, *(-int(each.normalize().as_tuple().exponent) for each in (start, end, step)))
    return replace(base, minimum=start, maximum=end, decimals=min(decimals, 4)), {}


def _bounded(form: Form, row: Row, kind: Type, base: QuestionView, names: dict[str, str]) -> QuestionView:
    if not (written := row["constraint"]):
        return base
    counted = kind.name in ("select_multiple", "rank")
    found = bounds.Bounds(and_more=True)
    if counted or base.kind == "number":
        found = bounds.read(written, counted=counted, whole=not base.decimals)
    if found.and_more:
        form.fitting.lose(
            row.place, f"constraint: {written}", _("Answers here have a smallest and a largest number; no other rule.")
        )
    alone = {names.get(name, name) for name in found.alone}
    options = tuple(replace(each, excludes=each.excludes or each.code in alone) for each in base.options)
    return replace(
        base,
        options=options,
        minimum=base.minimum if found.minimum is None else found.minimum,
        maximum=base.maximum if found.maximum is None else found.maximum,
    )


def _note_appearance(form: Form, row: Row, base: QuestionView) -> None:
    if odd := sorted(set(row["appearance"].lower().split()) - PLAIN - {"label"}):
        form.fitting.lose(row.place, f"appearance: {' '.join(odd)}", _("How a question is shown is decided here."))
    if base.kind == "information" and "label" in row["appearance"].lower():
        form.fitting.lose(row.place, f"appearance: {row['appearance']}", _("The heading of a grid became a text."))


def _with_own_columns(row: Row, base: QuestionView) -> QuestionView:
    """With what our own columns say."""
    said: dict[str, Any] = {}
    elaboration, comparability = row["raadslag_elaboration"], row["raadslag_comparability"]
    if elaboration in Elaboration.values:
        said["elaboration"] = elaboration
    if comparability in Comparability.values:
        said["comparability"] = comparability
    for name in ("minimum", "maximum"):
        if (limit := _decimal(row[f"raadslag_{name}"])) is not None:
            said[name] = limit
    if base.kind == "number":
        said["decimals"] = int(_decimal(row["raadslag_decimals"]) or 0)
    said |= {name: row[f"raadslag_{name}"] for name in ("concept", "origin") if row[f"raadslag_{name}"]}
    unit = {language: row[f"{own.UNIT}_{language}"] for language in ("nb", "nn", "en", "se")}
    return replace(base, unit=Text({language: text for language, text in unit.items() if text}), **said)


def _decimal(written: str) -> Decimal | None:
    return number(written) if written else None
