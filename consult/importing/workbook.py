"""Registers in Excel workbooks: read safely by `surveys.formats.workbook`, refused in the words of a register."""

from __future__ import annotations

from django.utils.translation import gettext as _

from surveys.formats import workbook

from .problems import UnreadableFile


def read_workbook(content: bytes, most_rows: int) -> list[list[list[str]]]:
    """The sheets of an .xlsx file, each as rows of cells; a row's place in its sheet is its line number − 1.

    Raises:
        UnreadableFile: it is no workbook, too large when unpacked, or its reader ran out of memory or time.
    """
    try:
        sheets = workbook.read_sheets(content, workbook.Limits(most_rows, words=("ja", "nei")))
    except workbook.Unreadable as bad:
        raise UnreadableFile(_reason(bad.fault)) from bad
    return [rows for _name, rows in sheets]


def _reason(fault: str) -> str:
    if fault == "no_workbook":
        return _("This is not an Excel workbook (.xlsx). Save it as .xlsx or as CSV.")
    if fault == "damaged":
        return _("The workbook is damaged and cannot be opened. Save it again, or as CSV.")
    if fault == "too_large":
        return _("Unpacked, the workbook is far too large. Save the one sheet as CSV and try again.")
    if fault == "too_slow":
        return _("The workbook takes too long to read. Save it as CSV and try again.")
    return _("The workbook is damaged, or far larger than it looks. Save it again, or as CSV.")
