"""Writing a translator's sheet: a page on how to use it, and a row for each text."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from surveys import piping
from surveys.formats.translations.columns import ABOUT, KEY, MARK, NOTE, PLACE, WHAT, marks, plain
from surveys.texts.wording import LANGUAGES, Passage

# What the languages call themselves.
OWN_NAMES = {"nb": "bokmål", "nn": "nynorsk", "en": "English", "se": "davvisámegiella"}
WIDTHS = {KEY: 14, PLACE: 26, WHAT: 22, NOTE: 24, MARK: 10}
LANGUAGE_WIDTH = 46
HOW_TO_WIDTH = 100
# Points; a row that is higher than the second cannot be.
LINE_HEIGHT, HIGHEST = 15, 400
# Excel tells of a text that is too long while it is typed, if there is room for no more than this.
MOST_CHECKED = 1000
FILL, LOCKED = "#fff2cc", "#f2f2f2"
# Without a password: this keeps from mistakes, not from people.
PROTECTION = {
    "format_cells": True, "format_columns": True, "format_rows": True, "autofilter": True,
}  # fmt: skip


@dataclass(frozen=True)
class _Formats:
    """How cells look."""

    title: Any
    words: Any
    heading: Any
    key: Any
    locked: Any
    source: Any
    text: Any
    missing: Any


def write(code: str, title: str, passages: Sequence[Passage]) -> bytes:
    """The .xlsx file, its words in the language in force. Texts are written as texts, never as formulas or addresses.

    Args:
        code, title: of the questionnaire.
        passages: those that are written in a language at least.
    """
    target = io.BytesIO()
    settings = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    book = xlsxwriter.Workbook(target, settings)
    looks = _looks(book)
    _explain(book.add_worksheet(_("Read this first")), looks, title, passages)
    _list(book.add_worksheet(_("Texts")), looks, passages)
    about = book.add_worksheet(ABOUT)
    about.write_row(0, 0, ["questionnaire", code])
    about.hide()
    book.close()
    return target.getvalue()


def _looks(book: Any) -> _Formats:
    # "@": what is typed stays as it is typed; "1-2" does not become a day of January.
    wrapped = {"text_wrap": True, "valign": "top", "num_format": "@", "border": 1, "border_color": "#d9d9d9"}
    return _Formats(
        title=book.add_format({"bold": True, "font_size": 16}),
        words=book.add_format({"text_wrap": True, "valign": "top"}),
        heading=book.add_format({**wrapped, "bold": True, "bg_color": "#1f3a5f", "font_color": "#ffffff"}),
        key=book.add_format({**wrapped, "text_wrap": False, "bg_color": LOCKED, "font_color": "#8c8c8c"}),
        locked=book.add_format({**wrapped, "bg_color": LOCKED, "font_color": "#595959"}),
        source=book.add_format({**wrapped, "bg_color": LOCKED}),
        text=book.add_format({**wrapped, "locked": False}),
        missing=book.add_format({"bg_color": FILL}),
    )


def _explain(sheet: Any, looks: _Formats, title: str, passages: Sequence[Passage]) -> None:
    """The page on how to use it, with how many texts are missing in each language."""
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, HOW_TO_WIDTH)
    texts = {"sheet": _("Texts")}
    lines = [
        _("Write on the sheet “%(sheet)s”, in the column of your language. What is missing is yellow.") % texts,
        _("The text to translate from is grey and locked. Leave the column “key” alone: it says where a text belongs."),
        _(
            "Keep what stands in braces as it is, for example {B2}: an answer given earlier is put there. In "
            "{B2|your answer} translate only the words after the line."
        ),
        _("Where there is little room, the note says how much. For a new line in a cell press Alt + Enter."),
        _("Signs such as **bold**, *italics* and [links](https://…) are for layout: keep the signs."),
        _(
            "You may filter, and leave rows or whole languages open. A cell that is left empty deletes nothing, "
            "so you can send the file back unfinished."
        ),
        _("Save as .xlsx and send it back to whoever sent it. They see what is new before anything is changed."),
    ]
    sheet.fit_to_pages(1, 0)
    sheet.write_string(0, 0, plain(title), looks.title)
    for number, line in enumerate(lines, start=2):
        sheet.set_row(number, _height(line, HOW_TO_WIDTH) + 4)
        sheet.write_string(number, 0, line, looks.words)
    row = len(lines) + 3
    for number, language in enumerate(LANGUAGES):
        missing = sum(1 for each in passages if not each.text.by_language.get(language))
        told = _("%(language)s: %(missing)d of %(all)d texts are missing") % {
            "language": OWN_NAMES[language], "missing": missing, "all": len(passages),
        }  # fmt: skip
        sheet.write_string(row + number, 0, told, looks.words)
    sheet.protect("", PROTECTION)


def _list(sheet: Any, looks: _Formats, passages: Sequence[Passage]) -> None:
    """The texts, one a row."""
    headings = {
        KEY: _("do not change"), PLACE: _("where it stands"), WHAT: _("what it is"), NOTE: _("mind"), **OWN_NAMES,
        MARK: _("do not change"),
    }  # fmt: skip
    columns = [KEY, PLACE, WHAT, *LANGUAGES, NOTE, MARK]
    for number, column in enumerate(columns):
        hidden = {"hidden": True} if column == MARK else {}
        sheet.set_column(number, number, WIDTHS.get(column, LANGUAGE_WIDTH), None, hidden)
        sheet.write_string(0, number, f"{column}\n{headings[column]}", looks.heading)
    sheet.set_row(0, 32)
    for line, passage in enumerate(passages, start=1):
        _row(sheet, looks, line, columns, passage)
    last = max(len(passages), 1)
    first, end = columns.index(LANGUAGES[0]), columns.index(LANGUAGES[-1])
    # By condition: the colour goes when the cell is filled.
    sheet.conditional_format(1, first, last, end, {"type": "blanks", "format": looks.missing})
    sheet.autofilter(0, 0, last, len(columns) - 1)
    sheet.freeze_panes(1, columns.index(LANGUAGES[0]) + 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.protect("", PROTECTION)


def _row(sheet: Any, looks: _Formats, line: int, columns: list[str], passage: Passage) -> None:
    source = passage.source()
    # As high as the longest of its texts needs: the others will be about as long.
    sheet.set_row(line, max(_height(text, LANGUAGE_WIDTH) for text in ("", *passage.text.by_language.values())))
    cells = {
        KEY: passage.key, PLACE: passage.place, WHAT: passage.what, NOTE: _note(passage),
        MARK: str(marks(passage.text)),
    }  # fmt: skip
    for number, column in enumerate(columns):
        if column not in LANGUAGES:
            sheet.write_string(line, number, cells[column], looks.key if column == KEY else looks.locked)
            continue
        look = looks.source if column == source else looks.text
        if text := plain(passage.text.by_language.get(column, "")):
            sheet.write_string(line, number, text, look)
        else:
            sheet.write_blank(line, number, None, look)
    if passage.longest is not None and passage.longest <= MOST_CHECKED:
        first, last = columns.index(LANGUAGES[0]), columns.index(LANGUAGES[-1])
        sheet.data_validation(line, first, line, last, _limit(passage.longest))


def _height(text: str, width: int) -> int:
    """The height of a row that shows a text in a column so wide, in points."""
    lines = sum(1 + len(line) // width for line in text.split("\n"))
    return min(lines * LINE_HEIGHT + 1, HIGHEST)


def _limit(longest: int) -> dict[str, Any]:
    told = _("There is room for %(longest)d characters here.") % {"longest": longest}
    return {"validate": "length", "criteria": "<=", "value": longest, "error_message": told, "ignore_blank": True}


def _note(passage: Passage) -> str:
    """How much room there is, and what must be kept."""
    notes = []
    if passage.longest is not None:
        notes.append(_("At most %(longest)d characters.") % {"longest": passage.longest})
    if fields := piping.fields_in(passage.text.by_language.get(passage.source(), "")):
        notes.append(_("Keep %(fields)s.") % {"fields": ", ".join(f"{{{name}}}" for name in fields)})
    return " ".join(notes)
