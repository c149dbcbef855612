"""From a file's bytes to a sheet: its columns recognised by their headings, its rows as text."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from .columns import FIELD_OF_HEADING, FORBIDDEN_HEADINGS, HEADINGS, plain
from .problems import UnreadableFile
from .workbook import read_workbook

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 200_000
# Some systems write a title or a date above the headings.
HEADING_WITHIN = 10
SEPARATORS = (";", ",", "\t")
# Fewer recognised headings than this is not a register.
FEWEST_HEADINGS = 3

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MANY_DIGITS = re.compile(r"\d{6}[ \xa0.-]?\d{5}")
_ELEVEN_DIGITS = re.compile(r"(?<!\d)\d{6}[ \xa0.-]?\d{5}(?!\d)")

Line = tuple[int, tuple[str, ...]]


@dataclass(frozen=True)
class Sheet:
    """A register file with its columns recognised.

    `columns` maps a field of `columns.HEADINGS` to its place; `rows` are (line number, cells) below the headings,
    empty ones left out; `width` is the number of headings; `unused` are headings that mean nothing here.
    """

    columns: dict[str, int]
    rows: list[Line]
    width: int
    unused: list[str] = field(default_factory=list)


def read_file(content: bytes, file_name: str) -> Sheet:
    """Read a .csv or .xlsx file as a membership system writes it. The kind is told from the content.

    Raises:
        UnreadableFile: with the reason in the reader's words; also when it holds national identity numbers.
    """
    if not content.removeprefix(codecs.BOM_UTF8).strip():
        raise UnreadableFile(_("The file is empty."))
    if len(content) > MOST_BYTES:
        raise UnreadableFile(_("The file is larger than 10 MB."))
    if content.startswith(b"PK\x03\x04"):
        sheets = [_numbered(rows) for rows in read_workbook(content, MOST_ROWS + HEADING_WITHIN + 1)]
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile(
            _("This is an old Excel file, or one with a password. Save it as .xlsx without a password, or as CSV.")
        )
    else:
        sheets = _csv_readings(_decode(content))
    return _recognise(sheets)


def _decode(content: bytes) -> str:
    """Text in UTF-8 with or without a byte-order mark, UTF-16 with one, or Windows' western code page."""
    marked_as_utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if marked_as_utf16 else ["utf-8-sig", "cp1252", "latin-1"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _CONTROL.search(text):
            # A Mac writes å as two characters.
            return unicodedata.normalize("NFC", text)
    raise UnreadableFile(_("This is not a spreadsheet. Save the list as .csv or .xlsx and try again."))


def _csv_readings(text: str) -> list[list[Line]]:
    """The text read with the separator under which its first lines hold the most headings."""
    head = list(io.StringIO(text, newline=""))[: 3 * HEADING_WITHIN]
    best = max(SEPARATORS, key=lambda separator: _most_headings(_first_rows(head, separator)))
    rows: list[Line] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=best, strict=True)
    line = 1
    try:
        for cells in reader:
            if len(rows) > MOST_ROWS + HEADING_WITHIN:
                break
            rows.append((line, tuple(cells)))
            line = reader.line_num + 1
    except csv.Error:
        raise UnreadableFile(
            _("Line %(line)s has a quotation mark out of place, so that the rest cannot be told apart.")
            % {"line": line}
        ) from None
    return [rows]


def _first_rows(head: list[str], separator: str) -> list[Line]:
    # Not strict: this only weighs which separator it is.
    try:
        return _numbered(list(csv.reader(head, delimiter=separator))[:HEADING_WITHIN])
    except csv.Error:
        return []  # a cell too long to be one: not this separator


def _most_headings(rows: Iterable[Line]) -> int:
    return max((_headings(cells) for _line, cells in rows), default=0)


def _headings(cells: tuple[str, ...]) -> int:
    return sum(plain(cell) in FIELD_OF_HEADING or plain(cell) in FORBIDDEN_HEADINGS for cell in cells)


def _numbered(rows: list[list[str]]) -> list[Line]:
    return [(line, tuple(cells)) for line, cells in enumerate(rows, start=1)]


def _recognise(sheets: list[list[Line]]) -> Sheet:
    """The first sheet that has a row of headings near its top."""
    for lines in sheets:
        filled = [(line, cells) for line, cells in lines if any(cells)]
        for place, (_line, cells) in enumerate(filled[:HEADING_WITHIN]):
            if _headings(cells) >= FEWEST_HEADINGS:
                return _sheet(cells, filled[place + 1 :])
    raise UnreadableFile(
        _("No row of headings was found. The first line must name the columns, such as %(names)s.")
        % {"names": "rad, medlemsnummer, navn, e-post, verv, enhetskode"}
    )


def _sheet(headings: tuple[str, ...], rows: list[Line]) -> Sheet:
    columns: dict[str, int] = {}
    unused = []
    for place, heading in enumerate(headings):
        word = plain(heading)
        name = FIELD_OF_HEADING.get(word)
        if word in FORBIDDEN_HEADINGS:
            raise UnreadableFile(
                _("The column “%(name)s” holds national identity numbers, which must not be here. Remove it.")
                % {"name": heading.strip()[:40]}
            )
        if name is None:
            if heading.strip():
                unused.append(heading.strip()[:40])
        elif name in columns:
            raise UnreadableFile(
                _("The columns “%(one)s” and “%(other)s” mean the same. Remove one of them.")
                % {"one": headings[columns[name]].strip()[:40], "other": heading.strip()[:40]}
            )
        else:
            columns[name] = place
    _check_columns(columns)
    _check_rows(rows)
    return Sheet(columns, rows, len(headings), unused)


def _check_columns(columns: dict[str, int]) -> None:
    missing = [] if "unit" in columns else [HEADINGS["unit"][0]]
    if "row" not in columns or "number" in columns:
        if "number" not in columns:
            missing.append(HEADINGS["number"][0])
        if "name" not in columns and not {"given", "family"} <= columns.keys():
            missing.append(HEADINGS["name"][0])
    if missing:
        raise UnreadableFile(_("These columns are missing: %(names)s.") % {"names": ", ".join(missing)})


def _check_rows(rows: list[Line]) -> None:
    if not rows:
        raise UnreadableFile(_("There is nothing below the headings."))
    if len(rows) > MOST_ROWS:
        raise UnreadableFile(_("The file has more than 200 000 lines. Divide it."))
    for line, cells in rows:
        text = ";".join(cells)
        # The second pattern is the one that counts, and the slower one.
        if _MANY_DIGITS.search(text) and _ELEVEN_DIGITS.search(text):
            raise UnreadableFile(
                _("Line %(line)s holds a number of eleven digits, as national identity numbers have. Remove it.")
                % {"line": line}
            )
