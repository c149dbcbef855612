"""Tables as SVG, drawn by the server: bars for one variable, stacked bars for one within groups.

Looks come from classes (static/css/dashboard.css), so that dark mode, print and high contrast work under a
policy without inline styles. Lengths along the page are per cent and heights are em: a chart is as wide as its
place and its text as large as the page's, on a phone and on a desk. Every chart has its figures as text in
`desc`, and stands beside a table that says the same. What is withheld has the same track and the same symbol
whatever the reason.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from consult import phrasing
from consult.tabulating import STANCES, Figure, Table, Words

# Characters of a label on one line: fits beside its figure on a phone 320 pixels wide.
LABEL_WIDTH = 22
GROUP_WIDTH = 32
LINE = 1.35
BAR = 0.75
STACK = 1.5
GAP = 1.0
# A small group is drawn one block a person, ten to the full width.
BLOCK = 10.0
COLOURED = {*(stance.replace("_", "-") for stance in STANCES), "missing"}


def bars(table: Table) -> SafeString:
    """One horizontal bar an answer: label and figure above, length by share. For a table of the whole."""
    rows: list[SafeString] = []
    top = 0.0
    for figure in table.figures:
        lines = _lines(figure.label)
        rows.append(_caption(lines, figure.label, phrasing.of_with_percent(figure.n, figure.base), top))
        top += LINE * len(lines) + 0.15
        rows.append(_track(top, BAR))
        # Colours tell stances apart; other answers are told by their labels alone.
        tone = figure.tone if figure.tone in COLOURED else "plain"
        rows.append(_mark(figure, tone, 0.0, top, BAR))
        top += BAR + GAP
    return _svg(table, rows, top - GAP / 2, _in_words(table.figures))


def stacked(table: Table) -> SafeString:
    """One bar a group, divided by answer, with the numbers beneath its parts. For a table within groups."""
    rows: list[SafeString] = []
    top = 0.0
    for group in table.groups:
        lines = _lines(group.label, GROUP_WIDTH)
        rows.append(_caption(lines, group.label, _("n = %(base)s") % {"base": group.base_text}, top))
        top += LINE * len(lines) + 0.15
        rows.append(_track(top, STACK))
        left = 0.0
        for figure in group.figures:
            rows.append(_mark(figure, figure.tone, left, top, STACK))
            width = _width(figure)
            if figure.n and width >= 2.5 + 2.0 * len(phrasing.count(figure.n)):
                rows.append(_number(figure.n, left + width / 2, top + STACK))
            left += width
        top += STACK + LINE + GAP
    spoken = " ".join(f"{phrasing.alone(group.label.text)}: {_in_words(group.figures)}" for group in table.groups)
    return _svg(table, rows, top - GAP, spoken)


def _svg(table: Table, rows: Iterable[SafeString], height: float, spoken: str) -> SafeString:
    title = table.label.text
    if table.has_withheld:
        spoken = f"{spoken} {phrasing.WITHHELD} = {phrasing.withheld()}."
    return format_html(
        '<svg class="chart" role="img" aria-labelledby="{key}-title {key}-desc" width="100%" height="{height}em">'
        '<title id="{key}-title">{title}</title><desc id="{key}-desc">{spoken}</desc>{rows}</svg>',
        key=f"chart-{table.key}",
        height=f"{max(height, LINE):.2f}",
        title=title,
        spoken=spoken.strip(),
        rows=mark_safe("".join(rows)),  # noqa: S308 - each made by format_html below
    )


def _in_words(figures: Iterable[Figure]) -> str:
    parts = [
        f"{figure.label} {phrasing.of_with_percent(figure.n, figure.base)}" for figure in figures if figure.offered
    ]
    return "; ".join(parts) + "." if parts else ""


def _lines(label: Words, width: int = LABEL_WIDTH) -> list[str]:
    return textwrap.wrap(phrasing.alone(label.text), width) or [phrasing.WITHHELD]


def _caption(lines: list[str], label: Words, figure: str, top: float) -> SafeString:
    """The label's lines from the left, and the figure at the right end of the last."""
    language = format_html(' lang="{}"', label.lang) if label.lang else ""
    spans = format_html_join(
        "",
        '<text class="chart-label" x="0" y="{}em"{}>{}</text>',
        ((f"{top + 1 + LINE * place:.2f}", language, line) for place, line in enumerate(lines)),
    )
    last = f"{top + 1 + LINE * (len(lines) - 1):.2f}"
    return spans + format_html('<text class="chart-figure" x="100%" y="{}em">{}</text>', last, figure)


def _track(top: float, height: float) -> SafeString:
    return format_html(
        '<rect class="chart-track" x="0" y="{}em" width="100%" height="{}em"/>', f"{top:.2f}", f"{height:.2f}"
    )


def _width(figure: Figure) -> float:
    """How much of the full width, in per cent; a small group grows by the person, not by the share."""
    if figure.n is None or not figure.base:
        return 0.0
    if figure.base < phrasing.SMALLEST_BASE_FOR_PERCENT:
        return BLOCK * figure.n
    return 100 * figure.n / figure.base


def _mark(figure: Figure, tone: str, left: float, top: float, height: float) -> SafeString:
    """The bar of one figure: in one piece, or one block a person where the group is small; nothing if withheld."""
    if not figure.n or not figure.base:
        return SafeString("")
    if figure.base < phrasing.SMALLEST_BASE_FOR_PERCENT:
        pieces = [(left + BLOCK * person, BLOCK) for person in range(figure.n)]
    else:
        pieces = [(left, _width(figure))]
    return format_html_join(
        "",
        '<rect class="chart-bar tone-{}" x="{}%" y="{}em" width="{}%" height="{}em"/>',
        ((tone, f"{x:.1f}", f"{top:.2f}", f"{width:.1f}", f"{height:.2f}") for x, width in pieces),
    )


def _number(n: int, middle: float, top: float) -> SafeString:
    return format_html(
        '<text class="chart-number" x="{}%" y="{}em">{}</text>', f"{middle:.1f}", f"{top + 1.05:.2f}", phrasing.count(n)
    )
