"""Rendering: the questions of a page as HTML, most of it from memory, where it stands as it is for anyone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.template import loader
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

from surveys.kinds import registry
from surveys.structure import QuestionView, Text
from surveys.web.anyone import mark
from surveys.web.saying import words
from surveys.web.showing import WITH_CONTROLS, Errors, Item, item
from surveys.web.speaking import speaking

# With more points a table has no room for their names.
MOST_POINTS = 7


def items_html(
    questions: Sequence[QuestionView],
    language: str,
    values: Mapping[str, Any],
    errors: Errors,
    below: Callable[[Sequence[QuestionView]], str] = lambda _run: "",
) -> SafeString:
    """The questions of a page, one after the other; consecutive scales with the same points in one table.

    Args:
        below: what stands below a question, or a table of them; escaped unless it is safe already.
    """
    return format_html_join(
        "",
        "{}{}",
        (
            (
                _grid(run, language, values, errors) if len(run) > 1 else _html(run[0], language, values, errors),
                below(run),
            )
            for run in runs(questions)
        ),
    )


def runs(questions: Sequence[QuestionView]) -> list[list[QuestionView]]:
    """The questions in order, those together that are shown as one table."""
    found: list[list[QuestionView]] = []
    for question in questions:
        if found and _points(question) and _points(question) == _points(found[-1][-1]):
            found[-1].append(question)
        else:
            found.append([question])
    return found


def _points(question: QuestionView) -> tuple[tuple[str, Text], ...]:
    """The points of a scale that can be a row of a table; none of anything else."""
    if question.kind != "scale" or question.has_elaboration or len(question.options) > MOST_POINTS:
        return ()
    return tuple((option.code, option.label) for option in question.options)


def _grid(run: Sequence[QuestionView], language: str, values: Mapping[str, Any], errors: Errors) -> SafeString:
    chosen = [_chosen(question, values) for question in run]
    may_clear = any(code and not question.required for code, question in zip(chosen, run, strict=True))
    rows = format_html_join(
        "",
        "{}",
        (
            (mark_safe(_row(question, language, code, may_clear, tuple(_of_option(question, errors)))),)  # noqa: S308  # from our template
            for question, code in zip(run, chosen, strict=True)
        ),
    )
    with speaking(language):
        points = [words(option.label, language) for option in run[0].options]
        table = {"points": points, "may_clear": may_clear, "rows": rows}
        return mark_safe(loader.get_template("surveys/kinds/grid.html").render(table))  # noqa: S308  # from our template


@lru_cache(maxsize=2048)
def _row(question: QuestionView, language: str, chosen: str, may_clear: bool, messages: tuple[str, ...]) -> str:
    """One row of a table of scales: for anyone, since only the point chosen differs."""
    name = f"{question.code}_option"
    with speaking(language):
        shown = item(question, language, {name: chosen}, {name: messages} if messages else {})
        return loader.get_template("surveys/kinds/grid_row.html").render({"item": shown, "may_clear": may_clear})


def _chosen(question: QuestionView, values: Mapping[str, Any]) -> str:
    """The option chosen; empty if it is none of the question's, so that what is kept in memory is known."""
    chosen = values.get(f"{question.code}_option") or ""
    return chosen if chosen in {option.code for option in question.options} else ""


def _of_option(question: QuestionView, errors: Errors) -> list[str]:
    return [str(error) for error in errors.get(f"{question.code}_option", ())]


def _html(question: QuestionView, language: str, values: Mapping[str, Any], errors: Errors) -> SafeString:
    kind = registry.kind(question.kind)
    is_plain = kind.code not in ("multiple_choice", "short_text") and kind.template not in WITH_CONTROLS
    if not is_plain or any(name in errors for name in (f"{question.code}_option", f"{question.code}_text")):
        with speaking(language):
            return mark_safe(_render(item(question, language, values, errors)))  # noqa: S308  # from our template
    chosen = _chosen(question, values)
    written = escape(values.get(f"{question.code}_text") or "")
    return mark_safe(_html_of_anyone(question, language, chosen).replace(mark("written"), written))  # noqa: S308  # escaped


@lru_cache(maxsize=2048)
def _html_of_anyone(question: QuestionView, language: str, chosen: str) -> str:
    """All that differs from one person to the next is which option they chose, and what they wrote."""
    given = {f"{question.code}_option": chosen, f"{question.code}_text": mark("written")}
    with speaking(language):
        return _render(item(question, language, given, {}))


def _render(shown: Item) -> str:
    return loader.get_template(shown.template).render({"item": shown})
