"""Showing: questions and answers as the plain values that the templates of respondents print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from surveys import piping
from surveys.kinds import registry
from surveys.kinds.base import Answer
from surveys.kinds.numerals import spoken
from surveys.kinds.text import LONGEST_LINE, LONGEST_TEXT, UNSHOWN
from surveys.structure import OptionView, QuestionView
from surveys.web import enclosing
from surveys.web.saying import NOTHING, Words, words


@dataclass(frozen=True)
class Tick:
    """One option of a question; the first has the name of the field as its id, so that errors link to it."""

    id: str
    value: str
    label: Words
    checked: bool
    # Whether a text may be written beside it, where that is not so of every option.
    asks: bool = False


@dataclass(frozen=True)
class Control:
    """A field other than ticks and free text: a number, a date, a line, a place in a ranking, a part of a row."""

    name: str
    label: str
    value: str
    errors: list[str] = field(default_factory=list)
    choices: list[Tick] = field(default_factory=list)


# Of a roster on a small screen: the others are a press away.
OPEN_ROWS = 2


@dataclass(frozen=True)
class Item:
    """A question, or a block of information, on a page."""

    code: str
    template: str
    text: Words
    help: Words
    required: bool
    option_name: str = ""
    ticks: list[Tick] = field(default_factory=list)
    may_clear: bool = False
    option_errors: list[str] = field(default_factory=list)
    text_name: str = ""
    prompt: Words = NOTHING
    value: str = ""
    # For whom the text is meant, if not for all; it waits out of sight until such an option is chosen.
    text_note: str = ""
    text_waits: bool = False
    text_errors: list[str] = field(default_factory=list)
    limit: int = LONGEST_TEXT
    controls: list[Control] = field(default_factory=list)
    unit: Words = NOTHING
    bounds: str = ""
    is_whole: bool = True
    quotation: Words = NOTHING
    source: Words = NOTHING
    picture: enclosing.Picture | None = None
    document: enclosing.Document | None = None
    caption: Words = NOTHING

    @property
    def has_error(self) -> bool:
        """Whether anything in it must be mended."""
        return bool(self.option_errors or self.text_errors or any(control.errors for control in self.controls))

    @property
    def rows(self) -> list[list[Control]]:
        """The controls of a roster, a row of three each."""
        return [self.controls[start : start + 3] for start in range(0, len(self.controls), 3)]

    @property
    def folded_from(self) -> int:
        """The first row of a roster that is folded away, as nothing stands in it or after it; 0 if none is."""
        used = [place for place, row in enumerate(self.rows, 1) if any(each.value or each.errors for each in row)]
        first = max(OPEN_ROWS, max(used, default=0) + 1) + 1
        return first if first <= len(self.rows) else 0


Errors = Mapping[str, Sequence[Any]]


def item(question: QuestionView, language: str, values: Mapping[str, Any], errors: Errors) -> Item:
    """One question with what has been chosen and written so far, {field name: value}."""
    kind = registry.kind(question.kind)
    option_name = f"{question.code}_{'options' if kind.code == 'multiple_choice' else 'option'}"
    text_name = f"{question.code}_text"
    has_text = kind.has_text and (not kind.has_options or question.has_elaboration)
    chosen = many(values, option_name)
    return Item(
        code=question.code,
        template=kind.template,
        text=words(piping.marked(question.text), language),
        help=words(piping.marked(question.help), language),
        required=question.required,
        option_name=option_name,
        ticks=_ticks(question, option_name, language, chosen) if kind.has_options else [],
        may_clear=bool(chosen) and not question.required,
        option_errors=_messages(errors.get(option_name, ())),
        text_name=text_name if has_text else "",
        prompt=_prompt(question, language) if kind.has_options else Words(""),
        value=as_typed(values.get(text_name)),
        text_note=_text_note(question, language) if kind.has_options and has_text else "",
        text_waits=_is_partial(question),
        text_errors=_messages(errors.get(text_name, ())),
        limit=LONGEST_LINE if kind.code == "short_text" else LONGEST_TEXT,
        controls=_controls(question, language, values, errors) if kind.template in WITH_CONTROLS else [],
        unit=words(question.unit, language),
        bounds=_bounds(question) if kind.has_number else "",
        is_whole=not question.decimals,
        **enclosing.beside(question, language),
    )


WITH_CONTROLS = frozenset(f"surveys/kinds/{name}.html" for name in ("number", "date", "ranking", "roster"))


def as_typed(value: Any) -> str:
    """What was typed, to be shown again; without what cannot stand in a page, so that it can be sent as it stands."""
    return UNSHOWN.sub("", str(value or "").replace("\r\n", "\n"))


def many(values: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """All values of a field, as typed (a form's data) or as saved."""
    found = values.getlist(name) if isinstance(values, MultiValueDict) else values.get(name)
    if not found:
        return ()
    return (found,) if isinstance(found, str) else tuple(found)


def _controls(question: QuestionView, language: str, values: Mapping[str, Any], errors: Errors) -> list[Control]:
    fields = registry.kind(question.kind).fields(question, language)
    labels = {option.code: words(option.label, language) for option in question.options}
    return [
        Control(
            name=name,
            label=str(each.label),
            value=as_typed(values.get(name)),
            errors=_messages(errors.get(name, ())),
            choices=[
                Tick(f"{name}_{code}", code, labels.get(code, Words("")), checked=code == values.get(name))
                for code, _label in getattr(each, "choices", ())
            ],
        )
        for name, each in fields.items()
    ]


def _bounds(question: QuestionView) -> str:
    low, high = question.minimum, question.maximum
    if low is not None and high is not None:
        return _("From %(low)s to %(high)s") % {"low": spoken(low), "high": spoken(high)}
    if low is not None:
        return _("At least %(low)s") % {"low": spoken(low)}
    return _("At most %(high)s") % {"high": spoken(high)} if high is not None else ""


def values(questions: Sequence[QuestionView], answers: Mapping[str, Answer]) -> dict[str, Any]:
    """{field name: value} for answers given earlier."""
    found: dict[str, Any] = {}
    for question in questions:
        found.update(registry.kind(question.kind).initial(question, answers.get(question.code, {})))
    return found


def _ticks(question: QuestionView, name: str, language: str, chosen: Sequence[str]) -> list[Tick]:
    return [
        Tick(
            id=name if place == 0 else f"{name}_{place}",
            value=option.code,
            label=words(option.label, language),
            checked=option.code in chosen,
            asks=_is_partial(question) and question.elaboration_of(option.code) != "never",
        )
        for place, option in enumerate(question.options)
    ]


def _prompt(question: QuestionView, language: str) -> Words:
    return words(piping.marked(question.elaboration_prompt), language) or Words(_("Please elaborate"))


def _is_partial(question: QuestionView) -> bool:
    """Whether a text may be written beside some of the options only."""
    return question.has_elaboration and bool(_beside(question, "never"))


def _beside(question: QuestionView, elaboration: str) -> list[OptionView]:
    return [option for option in question.options if question.elaboration_of(option.code) == elaboration]


def _text_note(question: QuestionView, language: str) -> SafeString:
    """For whom the text beside the options is meant, e.g. "if you answer “Yes” or “Other”, optional"."""
    required, optional = _beside(question, "required"), _beside(question, "optional")
    notes: list[SafeString] = []
    if _is_partial(question):
        asking = [option for option in question.options if question.elaboration_of(option.code) != "never"]
        notes.append(_said(_("if you answer %(answers)s"), answers=_either(asking, language)))
    if optional:
        needed = _said(_("needed with %(answers)s"), answers=_either(required, language))
        notes.append(needed if required else _said(_("optional")))
    return SafeString(", ".join(notes))


def _either(options: Sequence[OptionView], language: str) -> SafeString:
    labels = [words(option.label, language) for option in options]
    quoted = [
        _said(
            _("“%(answer)s”"),
            answer=format_html('<span lang="{}">{}</span>', label.lang, label.text) if label.lang else label.text,
        )
        for label in labels
    ]
    return SafeString(escape(pgettext("between answers", " or ")).join(quoted))


def _said(sentence: str, **parts: str) -> SafeString:
    """A sentence as HTML, with what is put into it."""
    return SafeString(escape(sentence) % {name: conditional_escape(part) for name, part in parts.items()})


def _messages(errors: Sequence[str | Promise]) -> list[str]:
    return [str(error) for error in errors]
