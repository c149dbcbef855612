"""Showing: questions and answers as the plain values that the templates of respondents print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from django.template import loader
from django.template.defaultfilters import linebreaksbr
from django.utils import translation
from django.utils.functional import Promise
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from surveys import routing
from surveys.kinds import registry
from surveys.kinds.base import Answer
from surveys.kinds.text import LONGEST_TEXT
from surveys.structure import EditionView, QuestionView, Text
from surveys.web import richtext
from surveys.web.anyone import mark


@dataclass(frozen=True)
class Words:
    """A text as it is shown; `lang` is set where it is in another language than the page."""

    text: str
    lang: str = ""

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def html(self) -> SafeString:
        """The text read as Markdown."""
        return richtext.html(self.text)


def words(text: Text, language: str) -> Words:
    """A text in the language of the page, or in the one it falls back to."""
    found, its_language = text.find(language)
    return Words(found, "" if its_language == language else its_language)


@dataclass(frozen=True)
class Tick:
    """One option of a question; the first has the name of the field as its id, so that errors link to it."""

    id: str
    value: str
    label: Words
    checked: bool


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
    prompt: Words = Words("")
    value: str = ""
    text_required: bool = False
    text_errors: list[str] = field(default_factory=list)
    limit: int = LONGEST_TEXT


Errors = Mapping[str, Sequence[Any]]


def item(question: QuestionView, language: str, values: Mapping[str, Any], errors: Errors) -> Item:
    """One question with what has been chosen and written so far, {field name: value}."""
    kind = registry.kind(question.kind)
    option_name, text_name = f"{question.code}_option", f"{question.code}_text"
    has_text = kind.has_text and (not kind.has_options or question.elaboration != "never")
    chosen = values.get(option_name) or ""
    return Item(
        code=question.code,
        template=kind.template,
        text=words(question.text, language),
        help=words(question.help, language),
        required=question.required,
        option_name=option_name,
        ticks=_ticks(question, option_name, language, chosen) if kind.has_options else [],
        may_clear=bool(chosen) and not question.required,
        option_errors=_messages(errors.get(option_name, ())),
        text_name=text_name if has_text else "",
        prompt=_prompt(question, language) if kind.has_options else Words(""),
        value=values.get(text_name) or "",
        text_required=question.elaboration == "required" if kind.has_options else question.required,
        text_errors=_messages(errors.get(text_name, ())),
    )


def items_html(
    questions: Sequence[QuestionView], language: str, values: Mapping[str, Any], errors: Errors
) -> SafeString:
    """The questions of a page, one after the other."""
    return format_html_join("", "{}", ((_html(question, language, values, errors),) for question in questions))


def _html(question: QuestionView, language: str, values: Mapping[str, Any], errors: Errors) -> SafeString:
    if any(name in errors for name in (f"{question.code}_option", f"{question.code}_text")):
        return mark_safe(_render(item(question, language, values, errors)))  # noqa: S308  # from our template
    chosen = values.get(f"{question.code}_option") or ""
    if chosen not in {option.code for option in question.options}:
        chosen = ""
    written = escape(values.get(f"{question.code}_text") or "")
    return mark_safe(_html_of_anyone(question, language, chosen).replace(mark("written"), written))  # noqa: S308  # escaped


@lru_cache(maxsize=2048)
def _html_of_anyone(question: QuestionView, language: str, chosen: str) -> str:
    """All that differs from one person to the next is which option they chose, and what they wrote."""
    given = {f"{question.code}_option": chosen, f"{question.code}_text": mark("written")}
    with translation.override(language):
        return _render(item(question, language, given, {}))


def _render(shown: Item) -> str:
    return loader.get_template(shown.template).render({"item": shown})


def values(questions: Sequence[QuestionView], answers: Mapping[str, Answer]) -> dict[str, Any]:
    """{field name: value} for answers given earlier."""
    found: dict[str, Any] = {}
    for question in questions:
        found.update(registry.kind(question.kind).initial(question, answers.get(question.code, {})))
    return found


@dataclass(frozen=True)
class Line:
    """One question in the list of answers."""

    code: str
    text: Words
    option: Words
    elaboration: str
    page: int
    lacks_answer: bool


def lines(edition: EditionView, answers: Mapping[str, Answer], language: str, lacking: Sequence[str]) -> list[Line]:
    """Every question that was asked, with its answer and the page it stands on."""
    place = {question.code: page.number for page in routing.pages(edition) for question in page.questions}
    return [
        _line(question, answers.get(question.code, {}), language, place[question.code], question.code in lacking)
        for question in routing.asked(edition, answers)
    ]


def lines_html(lines: Sequence[Line], language: str) -> SafeString:
    """The list of answers."""
    return format_html_join("", "{}", ((_line_html(line, language),) for line in lines))


def _line_html(line: Line, language: str) -> SafeString:
    if not line.elaboration:
        return mark_safe(_line_of_anyone(line, language))  # noqa: S308  # from our template
    written = linebreaksbr(escape(line.elaboration))
    content = _line_of_anyone(replace(line, elaboration=mark("written")), language)
    return mark_safe(content.replace(mark("written"), written))  # noqa: S308  # escaped


@lru_cache(maxsize=2048)
def _line_of_anyone(line: Line, language: str) -> str:
    with translation.override(language):
        return loader.get_template("surveys/line.html").render({"line": line})


def _line(question: QuestionView, answer: Answer, language: str, page: int, lacks_answer: bool) -> Line:
    labels = {option.code: option.label for option in question.options}
    chosen = labels.get(answer.get("option") or "")
    return Line(
        code=question.code,
        text=words(question.text, language),
        option=words(chosen, language) if chosen else Words(""),
        elaboration=answer.get("text", ""),
        page=page,
        lacks_answer=lacks_answer,
    )


def _ticks(question: QuestionView, name: str, language: str, chosen: str) -> list[Tick]:
    return [
        Tick(
            id=name if place == 0 else f"{name}_{place}",
            value=option.code,
            label=words(option.label, language),
            checked=option.code == chosen,
        )
        for place, option in enumerate(question.options)
    ]


def _prompt(question: QuestionView, language: str) -> Words:
    return words(question.elaboration_prompt, language) or Words(_("Please elaborate"))


def _messages(errors: Sequence[str | Promise]) -> list[str]:
    return [str(error) for error in errors]
