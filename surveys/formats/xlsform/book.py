"""The workbook of an XLSForm, cell by cell."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from surveys.formats.xlsform import own
from surveys.formats.xlsform.headings import LANGUAGES
from surveys.formats.xlsform.sheets import OWN_SHEET

Rows = list[dict[str, str]]
# Characters that XML 1.0 has no place for; text checked by us holds no control characters, but may hold these.
NOT_XML = re.compile("[\ufffe\uffff]")
# A text of a cell is not longer than this in Excel.
LONGEST_CELL = 32_767


@dataclass(frozen=True)
class Book:
    """The rows of each sheet, as cells by heading."""

    survey: Rows
    choices: Rows
    settings: dict[str, str]
    own: Rows


def write(book: Book) -> bytes:
    """The .xlsx file. Texts are written as texts: never as formulas, addresses or numbers."""
    target = io.BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    workbook = xlsxwriter.Workbook(target, plain)
    texts = [f"{name}::{LANGUAGES[each]}" for name in ("label", "hint") for each in LANGUAGES]
    survey = ["type", "name", *texts, "required", "relevant", "constraint", "appearance", own.KIND]
    survey += [*(f"raadslag_{name}" for name in own.COLUMNS), *(f"{own.UNIT}_{each}" for each in LANGUAGES)]
    choices = ["list_name", "name", *texts[: len(LANGUAGES)], *(f"raadslag_{name}" for name in own.OPTION_COLUMNS)]
    _sheet(workbook, "survey", survey, book.survey)
    _sheet(workbook, "choices", choices, book.choices)
    _sheet(workbook, "settings", list(book.settings), [book.settings])
    _sheet(workbook, OWN_SHEET, ["what", "code", *LANGUAGES], book.own, always=True)
    workbook.close()
    return target.getvalue()


def _sheet(workbook: Any, name: str, headings: list[str], rows: Rows, *, always: bool = False) -> None:
    """One sheet; a column that nothing stands in is left out."""
    used = [
        heading
        for heading in headings
        if always
        or heading in ("type", "name", "list_name", f"label::{LANGUAGES['nb']}")
        or any(row.get(heading) for row in rows)
    ]
    sheet = workbook.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    bold, wrapped = workbook.add_format({"bold": True}), workbook.add_format({"text_wrap": True, "valign": "top"})
    for column, heading in enumerate(used):
        sheet.write_string(0, column, heading, bold)
        sheet.set_column(column, column, 40 if heading.startswith(("label", "hint")) else 18)
    for line, row in enumerate(rows, start=1):
        for column, heading in enumerate(used):
            if cell := row.get(heading):
                sheet.write_string(line, column, NOT_XML.sub("\ufffd", cell)[:LONGEST_CELL], wrapped)
