"""Listing: the answers of one person, a line a question, as they are read before they are submitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from django.template import loader
from django.template.defaultfilters import linebreaksbr
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

from surveys import piping, routing
from surveys.kinds import registry
from surveys.kinds.base import Answer
from surveys.structure import EditionView, QuestionView, Text
from surveys.web.anyone import mark
from surveys.web.saying import Words, words
from surveys.web.speaking import speaking


@dataclass(frozen=True)
class Line:
    """One question in the list of answers."""

    code: str
    text: Words
    parts: tuple[Words, ...]
    elaboration: str
    page: int
    lacks_answer: bool
    # Whether the parts hold what the person typed, which must not be kept in memory.
    is_own: bool = False


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
    if line.is_own:
        with speaking(language):
            content = loader.get_template("surveys/line.html").render({"line": line})
        return mark_safe(content)  # noqa: S308  # from our template
    if not line.elaboration:
        return mark_safe(_line_of_anyone(line, language))  # noqa: S308  # from our template
    written = linebreaksbr(escape(line.elaboration))
    content = _line_of_anyone(replace(line, elaboration=mark("written")), language)
    return mark_safe(content.replace(mark("written"), written))  # noqa: S308  # escaped


@lru_cache(maxsize=2048)
def _line_of_anyone(line: Line, language: str) -> str:
    with speaking(language):
        return loader.get_template("surveys/line.html").render({"line": line})


def _line(question: QuestionView, answer: Answer, language: str, page: int, lacks_answer: bool) -> Line:
    with speaking(language):
        shown = registry.kind(question.kind).shown(question, answer)
    unit = words(question.unit, language)
    return Line(
        code=question.code,
        text=words(piping.marked(question.text), language),
        parts=tuple(
            words(each, language)
            if isinstance(each, Text)
            else Words(f"{each} {unit.text}".strip(), unit.lang if unit else "")
            for each in shown
        ),
        elaboration=answer.get("text", ""),
        page=page,
        lacks_answer=lacks_answer,
        is_own=any(isinstance(each, str) for each in shown),
    )
