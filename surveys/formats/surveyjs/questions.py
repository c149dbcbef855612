"""One element of a SurveyJS document as a question, or as several: each row of a matrix is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from surveys.formats import strict
from surveys.formats.fitting import LONGEST_TEXT, LONGEST_TITLE
from surveys.formats.surveyjs.things import OWN, Thing, without_tags
from surveys.kinds import registry
from surveys.models import Elaboration, Meaning
from surveys.structure import NO_TEXT, OptionView, QuestionView, Text

USUAL_DECIMALS = 4
MOST_POINTS = 100
CHOICES = {
    "radiogroup": "single_choice",
    "dropdown": "single_choice",
    "buttongroup": "single_choice",
    "checkbox": "multiple_choice",
    "tagbox": "multiple_choice",
    "ranking": "ranking",
}
# The answers a switch adds: (names of the switch, of its text), value in expressions, meaning, usual text.
ADDED = (
    (("showNoneItem", "hasNone"), "noneText", "none", Meaning.ANSWER, {"nb": "Ingen", "nn": "Ingen", "en": "None"}),
    (("showOtherItem", "hasOther"), "otherText", "other", Meaning.OTHER, {"nb": "Annet", "nn": "Anna", "en": "Other"}),
    (("showDontKnowItem",), "dontKnowText", "dontknow", Meaning.DONT_KNOW,
     {"nb": "Vet ikke", "nn": "Veit ikkje", "en": "Don’t know"}),
    (("showRefuseItem",), "refuseText", "refused", Meaning.NOT_APPLICABLE,
     {"nb": "Vil ikke svare", "nn": "Vil ikkje svare", "en": "Rather not say"}),
)  # fmt: skip


# What stands beside an element under our own name, spelled as in our own format.
OWN_FIELDS = (
    "concept", "comparability", "origin", "decimals", "unit", "elaboration", "prompt", "minimum", "maximum", "bands",
)  # fmt: skip


@dataclass(frozen=True)
class Read:
    """A question, what expressions call it, and the codes of its options by their values there."""

    view: QuestionView
    name: str
    codes: Mapping[str, str] = field(default_factory=dict)


def questions(thing: Thing, codes: set[str]) -> list[Read] | None:
    """The questions of an element, without conditions; None if there is no kind for it here.

    Raises:
        BadDocument
    """
    kind = thing.string("type")
    if kind == "matrix":
        return _matrix(thing, codes)
    name = thing.string("name")
    base = QuestionView(
        id=0,
        code="",
        kind="information",
        text=thing.text(LONGEST_TEXT, "title"),
        help=thing.text(LONGEST_TEXT, "description"),
        required=thing.flag("isRequired"),
        elaboration=Elaboration.NEVER.value,
        elaboration_prompt=NO_TEXT,
        concept="",
    )
    made = _of_kind(thing, kind, base)
    if made is None:
        return None
    view, values = made
    if not view.text and name and OWN not in thing.value:
        view = replace(view, text=Text({thing.usual: name}))
    view = replace(view, code=_code(thing, name, codes))
    return [Read(_with_own(thing, view), name, values)]


def _code(thing: Thing, name: str, codes: set[str]) -> str:
    code = thing.fitting.code(thing.place, name or f"Q{len(codes) + 1}", codes)
    codes.add(code)
    return code


Made = tuple[QuestionView, dict[str, str]]


def _of_kind(thing: Thing, kind: str, base: QuestionView) -> Made | None:
    if kind in CHOICES:
        return _choice(thing, CHOICES[kind], base)
    if kind == "boolean":
        return _boolean(thing, base)
    if kind == "rating":
        return _rating(thing, base)
    if kind == "text":
        return _line(thing, base), {}
    if kind == "comment":
        thing.get("maxLength")
        return replace(base, kind="long_text"), {}
    if kind == "html":
        return _html(thing, base), {}
    if kind == "paneldynamic" and thing.own.get("kind") == "roster":
        return _roster(thing, base)
    return None


# --- Answers to choose between ------------------------------------------------------------------------------------


def _choice(thing: Thing, kind: str, base: QuestionView) -> Made:
    options, values = _options(thing, "choices")
    for switches, text, value, meaning, usual in ADDED:
        label = thing.text(LONGEST_TITLE, text)
        if not thing.flag(*switches):
            continue
        code = thing.fitting.option(thing.place, value, {option.code for option in options})
        values[value] = code
        words = label or Text({thing.usual: usual.get(thing.usual, usual["en"])})
        elaboration = Elaboration.REQUIRED.value if meaning == Meaning.OTHER else ""
        alone = value == "none" and kind == "multiple_choice"
        options.append(OptionView(0, code, words, meaning.value, elaboration, alone))
    if kind == "single_choice" and {option.code for option in options} == {"yes", "no"}:
        kind = "yes_no"
    elaborate = thing.flag("showCommentArea", "hasComment")
    bounds = {"multiple_choice": ("minSelectedChoices", "maxSelectedChoices")}
    fewest, most = bounds.get(kind, ("minSelectedChoices", "maxSelectedChoices"))
    return replace(
        base,
        kind=kind,
        options=tuple(options),
        minimum=_bound(thing, fewest),
        maximum=_bound(thing, most),
        elaboration=Elaboration.OPTIONAL.value if elaborate else Elaboration.NEVER.value,
        elaboration_prompt=thing.text(LONGEST_TITLE, "commentText"),
    ), values


def _bound(thing: Thing, name: str) -> Decimal | None:
    # SurveyJS writes 0 for "no limit".
    return thing.number(name) or None


def _options(thing: Thing, *names: str) -> tuple[list[OptionView], dict[str, str]]:
    """The options, and their codes by the values they have in expressions."""
    options: list[OptionView] = []
    values: dict[str, str] = {}
    for number, each in enumerate(thing.things(*names), start=1):
        place = thing.place + " › " + _("answer %(number)d") % {"number": number}
        given = each if isinstance(each, dict) else {"value": each}
        item = Thing(given, place, thing.fitting, thing.usual)
        value = item.string("value", "name")
        if not value:
            item.refuse(_("is missing"), "value")
        label = item.text(LONGEST_TITLE, "text")
        if not label and not item.own:
            label = Text({thing.usual: thing.fitting.text(place, value, LONGEST_TITLE)})
        code = thing.fitting.option(place, value, {option.code for option in options})
        values.setdefault(value, code)
        options.append(_own_option(item, OptionView(0, code, label, Meaning.ANSWER.value)))
        item.lose_the_rest()
    return options, values


def _own_option(item: Thing, option: OptionView) -> OptionView:
    own = item.own
    meaning, elaboration = own.get("meaning"), own.get("elaboration")
    return replace(
        option,
        meaning=meaning if meaning in Meaning.values else option.meaning,
        elaboration=elaboration if elaboration in Elaboration.values else option.elaboration,
        excludes=option.excludes or own.get("excludes") is True,
    )


def _boolean(thing: Thing, base: QuestionView) -> Made:
    yes = thing.text(LONGEST_TITLE, "labelTrue") or Text(dict(registry.kind("yes_no").first_options["yes"]))
    no = thing.text(LONGEST_TITLE, "labelFalse") or Text(dict(registry.kind("yes_no").first_options["no"]))
    options = (OptionView(0, "yes", yes, Meaning.ANSWER.value), OptionView(0, "no", no, Meaning.ANSWER.value))
    values = {thing.string("valueTrue") or "true": "yes", thing.string("valueFalse") or "false": "no"}
    return replace(base, kind="yes_no", options=options), values


def _rating(thing: Thing, base: QuestionView) -> Made:
    options, values = _options(thing, "rateValues")
    least, most = thing.number("rateMin"), thing.number("rateMax")
    step, count = thing.number("rateStep") or Decimal(1), thing.number("rateCount")
    start = Decimal(1) if least is None else least
    end = (start + (count - 1) * step if count else start + 4 * step) if most is None else most
    if not options:
        if step <= 0 or end < start or (end - start) / step >= MOST_POINTS:
            thing.refuse(_("has no points, or too many"), "rateMax")
        points = [f"{start + step * place:f}" for place in range(int((end - start) / step) + 1)]
        options, values = _options(Thing({"points": points}, thing.place, thing.fitting, thing.usual), "points")
    low, high = thing.text(100, "minRateDescription"), thing.text(100, "maxRateDescription")
    for place, ends in ((0, low), (-1, high)):
        if ends and options:
            labels = {each: f"{options[place].code} – {text}" for each, text in ends.by_language.items()}
            options[place] = replace(options[place], label=Text({**options[place].label.by_language, **labels}))
    return replace(base, kind="scale", options=tuple(options)), values


# --- Written answers ----------------------------------------------------------------------------------------------


def _line(thing: Thing, base: QuestionView) -> QuestionView:
    sort = thing.string("inputType") or "text"
    if sort in ("number", "range"):
        step = thing.string("step")
        base = replace(base, kind="number", minimum=thing.number("min"), maximum=thing.number("max"))
        decimals = 0 if step in ("1", "") and sort == "range" else USUAL_DECIMALS
        return replace(base, decimals=min(len(step.partition(".")[2]), 4) if step else decimals)
    if sort == "date":
        return replace(base, kind="date")
    if sort not in ("text", ""):
        thing.lose("inputType", _("The answer is kept as a text, and is not checked as one of this sort."))
    thing.get("maxLength")
    return replace(base, kind="short_text")


def _html(thing: Thing, base: QuestionView) -> QuestionView:
    texts = {}
    for language, html in thing.text(LONGEST_TEXT, "html").by_language.items():
        texts[language], marked_up = (html, False) if thing.own else without_tags(html)
        if marked_up:
            thing.lose("html", _("The words were kept, without the markup."))
    return replace(base, kind="information", text=Text(texts), required=False)


def _roster(thing: Thing, base: QuestionView) -> Made:
    """Our own way of writing a roster; other panels that repeat have no kind here."""
    inner = next((each for each in thing.things("templateElements") if isinstance(each, dict)), {})
    options, values = _options(Thing(inner, thing.place, thing.fitting, thing.usual), "choices")
    thing.get("panelCount", "templateTitle")
    return replace(base, kind="roster", options=tuple(options), maximum=thing.number("maxPanelCount")), values


def _matrix(thing: Thing, codes: set[str]) -> list[Read]:
    """A grid: its title becomes a text, each row a scale with the columns as points."""
    name, title = thing.string("name"), thing.text(LONGEST_TEXT, "title")
    points, values = _options(thing, "columns")
    rows, keys = _options(thing, "rows")
    found = []
    help_text, required = thing.text(LONGEST_TEXT, "description"), thing.flag("isRequired", "isAllRowRequired")
    plain = QuestionView(0, "", "information", title, help_text, False, Elaboration.NEVER.value, NO_TEXT, "")
    if title or help_text:
        code = _code(thing, f"{name}_text", codes)
        found.append(Read(replace(plain, code=code, text=title or Text({thing.usual: name})), ""))
    names = {code: value for value, code in keys.items()}
    for row in rows:
        code = _code(thing, f"{name}_{row.code}", codes)
        view = replace(
            plain, code=code, kind="scale", text=row.label, help=NO_TEXT, required=required, options=tuple(points)
        )
        found.append(Read(view, f"{name}.{names[row.code]}", values))
    return found


def _with_own(thing: Thing, view: QuestionView) -> QuestionView:
    """With what we wrote beside an element ourselves, read as strictly as our own format."""
    own: dict[str, Any] = thing.own
    if not own:
        return view
    given: dict[str, Any] = {name: own[name] for name in OWN_FIELDS if name in own}
    kind = own.get("kind")
    if isinstance(kind, str) and kind in registry.KINDS:
        fits = registry.kind(kind).has_options == registry.kind(view.kind).has_options
        view = replace(view, kind=kind if fits else view.kind)
    sections = [{"questions": [{"code": "x", "kind": "date" if view.kind == "date" else "number", **given}]}]
    document = {"code": "x", "title": {"nb": "x"}, "sections": sections}
    read = strict.read(document).view.questions["x"]
    fields = {"prompt": "elaboration_prompt"}
    return replace(view, **{fields.get(name, name): getattr(read, fields.get(name, name)) for name in given})
