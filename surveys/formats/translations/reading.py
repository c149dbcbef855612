"""Reading a translator's sheet back: its columns wherever they stand now, on whichever sheet has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from surveys.drafting.versioning import Version
from surveys.formats.document import LARGEST_BYTES, BadDocument
from surveys.formats.translations.columns import ABOUT, KEY, MARK, plain
from surveys.formats.workbook import OLD, ZIPPED
from surveys.formats.xlsform.sheets import opened
from surveys.texts.wording import LANGUAGES

MOST_ROWS = 20_000
READ = (KEY, MARK, *LANGUAGES)
FIRST_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Row:
    """One row: the texts that stand in it, {language: text}, without those that are left open.

    Args:
        line: its number in the sheet, as spreadsheets count.
        taken: the marks of what the text was when the sheet was taken; None if the column is gone.
    """

    line: int
    key: str
    texts: Mapping[str, str]
    taken: Version | None


@dataclass(frozen=True)
class Sheet:
    """A translator's sheet.

    Args:
        code: of the questionnaire it was taken of; empty if it does not say.
    """

    code: str
    rows: tuple[Row, ...]


def read(content: bytes) -> Sheet:
    """The rows of a workbook.

    Raises:
        BadDocument: it cannot be read, or is no translator's sheet.
    """
    if len(content) > LARGEST_BYTES:
        raise BadDocument(_("The file is larger than 10 MB."))
    if not content:
        raise BadDocument(_("The file is empty."))
    if not content.startswith((ZIPPED, OLD)):
        raise BadDocument(_("This is not an Excel workbook (.xlsx)."))
    code, found = "", None
    for title, rows in opened(content):
        if title == ABOUT:
            code = rows[0][1].strip() if rows and len(rows[0]) > 1 else ""
        elif found is None and (columns := _columns(rows)):
            found = title, columns, rows
    if found is None:
        raise BadDocument(
            _("This is no translator's sheet: there is no sheet with the column “key” and a column for a language.")
        )
    name, columns, rows = found
    if len(rows) > MOST_ROWS:
        raise BadDocument(
            _("The sheet %(sheet)s has more than %(most)d rows.") % {"sheet": name[:60], "most": MOST_ROWS}
        )
    return Sheet(code, tuple(_rows(columns, rows)))


def _columns(rows: list[list[str]]) -> dict[str, int]:
    """Which column holds what, by the headings in the first row with anything in it; nothing if they are others'."""
    heading = next((row for row in rows if any(cell.strip() for cell in row)), [])
    found: dict[str, int] = {}
    for number, cell in enumerate(heading):
        word = FIRST_WORD.match(cell.strip().casefold())
        name = word[0] if word else ""
        if name not in READ:
            continue
        if name in found:
            raise BadDocument(_("Two columns are called %(name)s.") % {"name": name})
        found[name] = number
    return found if KEY in found and found.keys() & set(LANGUAGES) else {}


def _rows(columns: dict[str, int], rows: list[list[str]]) -> Iterator[Row]:
    is_heading = True
    for line, cells in enumerate(rows, start=1):
        if not any(cell.strip() for cell in cells):
            continue
        if is_heading:
            is_heading = False
            continue
        found = {name: plain(cells[number]) for name, number in columns.items() if number < len(cells)}
        texts = {language: found[language] for language in LANGUAGES if found.get(language)}
        taken = Version.parse(found[MARK]) if found.get(MARK) else None
        yield Row(line, found.get(KEY, ""), texts, taken)
