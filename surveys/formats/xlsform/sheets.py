"""An XLSForm's workbook as rows: each knows its sheet and line, and its cells by what they hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from surveys import piping
from surveys.formats import workbook
from surveys.formats.document import BadDocument
from surveys.formats.fitting import Fitting
from surveys.formats.xlsform.headings import TEXTS, Heading, heading, language, row_type
from surveys.structure import Text

MOST_ROWS = 20_000
LIMITS = workbook.Limits(MOST_ROWS + 1, characters=20_000_000)
# The sheet that we add ourselves, for what XLSForm has no place for.
OWN_SHEET = "raadslag"
# And the one by which a translator's sheet is known, which is no questionnaire.
TRANSLATIONS_SHEET = "raadslag-translations"
_PARTS = frozenset({"survey", "choices", "settings", OWN_SHEET})
_ALSO = {"select_choices": "choices", "choices_and_columns": "choices"}
# An earlier answer in a text.
FILLED_IN = re.compile(r"\$\{\s*([^{}]*?)\s*\}")
# Words under which a workbook says true.
YES = frozenset({"yes", "true", "true()", "1", "ja", "x"})
NO = frozenset({"", "no", "false", "false()", "0", "nei"})


@dataclass(frozen=True)
class Row:
    """One row; `texts` are its texts by the file's name for their language."""

    sheet: str
    line: int
    cells: dict[str, str]
    texts: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return _("sheet %(sheet)s, row %(row)d") % {"sheet": self.sheet, "row": self.line}

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")


@dataclass
class Form:
    """The sheets of an XLSForm; `languages` maps the file's names for languages to ours."""

    sheets: dict[str, list[Row]]
    fitting: Fitting
    languages: dict[str, str] = field(default_factory=dict)
    # Our codes of the questions read so far whose answers a text can hold, by the file's names.
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def is_ours(self) -> bool:
        """Whether it was written here, so that nothing in it needs guessing."""
        return OWN_SHEET in self.sheets

    def text(self, row: Row, name: str, longest: int) -> Text:
        """A text of a row in our languages."""
        found: dict[str, str] = {}
        for written, content in row.texts.get(name, {}).items():
            ours = self.languages.get(written)
            if ours is None or not content:
                continue
            filled = self._filled(row, content)
            fitted = filled if self.is_ours else self.fitting.text(row.place, filled, longest)
            if ours in found and found[ours] != fitted:
                self.fitting.lose(row.place, fitted, _("The file has two texts in one language; the first is kept."))
            found.setdefault(ours, fitted)
        return Text(found)

    def _filled(self, row: Row, text: str) -> str:
        """The text with the answers that the form would put into it named as we name them."""
        heading = row.sheet != "survey" or row["type"].startswith("begin")

        def ours(name: re.Match[str]) -> str:
            if self.is_ours:
                return f"{{{name[1]}}}"
            if not heading and name[1] in self.fields:
                return f"{{{self.fields[name[1]]}}}"
            self.fitting.lose(row.place, name[0], _("The form would fill this in; here stands an ellipsis instead."))
            return piping.NOTHING

        return FILLED_IN.sub(ours, text)


def read(content: bytes) -> Form:
    """The sheets of the workbook.

    Raises:
        BadDocument: it cannot be read, or is no XLSForm.
    """
    found = opened(content)
    if any(title == TRANSLATIONS_SHEET for title, _rows_of_it in found):
        raise BadDocument(_("This is a translator's sheet. Take it in on the page “Languages” of its questionnaire."))
    form = Form({}, Fitting())
    for title, rows in found:
        # A workbook of one sheet needs no name for it.
        name = _plain(title) if len(found) > 1 else "survey"
        if len(rows) > MOST_ROWS:
            raise BadDocument(
                _("The sheet %(sheet)s has more than %(most)d rows.") % {"sheet": title[:60], "most": MOST_ROWS}
            )
        if name in _PARTS and name not in form.sheets:
            form.sheets[name] = list(_rows(title, rows, form.fitting))
        elif any(any(cell.strip() for cell in row) for row in rows):
            form.fitting.lose(
                _("sheet %(sheet)s") % {"sheet": title[:60]}, title, _("Only survey, choices and settings are read.")
            )
    if not any(row["type"] for row in form.sheets.get("survey", [])):
        raise BadDocument(_("This is no XLSForm: there is no sheet called “survey” with a type for each row."))
    _name_languages(form)
    return form


def opened(content: bytes) -> list[tuple[str, list[list[str]]]]:
    """The sheets of any workbook, each its name and its rows of cells.

    Raises:
        BadDocument: it cannot be read, or holds a program.
    """
    if workbook.has_macros(content):
        raise BadDocument(_("The workbook holds macros. Save it as .xlsx, without them, and try again."))
    try:
        return workbook.read_sheets(content, LIMITS)
    except workbook.Unreadable as bad:
        raise BadDocument(_reason(bad.fault)) from bad


def _plain(title: str) -> str:
    name = title.strip().lower().replace(" ", "_")
    return _ALSO.get(name, name)


def _reason(fault: str) -> str:
    if fault == "no_workbook":
        return _("This is not an Excel workbook (.xlsx).")
    if fault == "damaged":
        return _("The workbook is damaged and cannot be opened. Save it again and try once more.")
    if fault == "too_large":
        return _("Unpacked, the workbook is far too large.")
    if fault == "too_slow":
        return _("The workbook takes too long to read.")
    return _("The workbook is damaged, has a password, or is far larger than it looks.")


def _rows(sheet: str, rows: list[list[str]], fitting: Fitting) -> Iterator[Row]:
    """The rows below the headings, which are the first row with anything in it; empty ones are left out."""
    headings: list[Heading] | None = None
    for line, cells in enumerate(rows, start=1):
        if not any(cell.strip() for cell in cells):
            continue
        if headings is None:
            headings = [heading(cell) for cell in cells]
            _refuse_twins(sheet, line, headings, rows)
            continue
        row = Row(sheet, line, {})
        for column, cell in zip(headings, cells, strict=False):
            if not cell.strip():
                continue
            if not column.name:
                fitting.lose(row.place, cell.strip(), _("The column has no heading."))
            elif column.name in TEXTS:
                row.texts.setdefault(column.name, {})[column.language] = cell
            elif column.name not in row.cells:
                row.cells[column.name] = cell.strip()
        yield row


def _refuse_twins(sheet: str, line: int, headings: list[Heading], rows: list[list[str]]) -> None:
    """Of two columns with one name nobody can say which counts. What else is wrong is told with it, not one by one."""
    seen: set[Heading] = set()
    for column, written in zip(headings, rows[line - 1], strict=True):
        if column.name in TEXTS | {"type", "name", "list_name", "relevant"} and column in seen:
            told = _("sheet %(sheet)s, row %(row)d: two columns are called %(name)s.")
            names = {"sheet": sheet[:60], "row": line, "name": written.strip()[:60]}
            raise BadDocument(" ".join([told % names, *_unknown_types(line, headings, rows)]))
        seen.add(column)


def _unknown_types(line: int, headings: list[Heading], rows: list[list[str]]) -> list[str]:
    """The first row below the headings whose type is not known, in a sentence."""
    place = next((number for number, column in enumerate(headings) if column.name == "type"), None)
    if place is None:
        return []
    for number, cells in enumerate(rows[line:], start=line + 1):
        kind = cells[place].strip() if place < len(cells) else ""
        if kind and (refusal := row_type(kind).refusal):
            names = {"row": number, "type": kind[:60], "why": refusal}
            return [_("Row %(row)d, “%(type)s”: %(why)s") % names]
    return []


def _name_languages(form: Form) -> None:
    """Settle which of our languages each of the file's is, and note those that are not ours."""
    written = dict.fromkeys(
        name
        for sheet in ("survey", "choices")
        for row in form.sheets.get(sheet, [])
        for texts in row.texts.values()
        for name in texts
    )
    settings = form.sheets.get("settings", [])
    usual = settings[0]["default_language"] if settings else ""
    form.languages = {name: ours for name in written if name and (ours := language(name))}
    place = _("sheet %(sheet)s") % {"sheet": "survey"}
    if "" in written:
        if (ours := language(usual)) is None and not form.languages:
            form.fitting.lose(
                place, "label", _("It is not said in which language the texts are; they were taken for bokmål.")
            )
        form.languages[""] = ours or "nb"
    others = [name for name in written if name not in form.languages]
    if others and not form.languages:
        first = usual if usual in others else others[0]
        form.languages[first] = "nb"
        others.remove(first)
        form.fitting.lose(
            place,
            first,
            _("Texts here are in bokmål, nynorsk, English or Northern Sámi. These were put where bokmål belongs."),
        )
    for name in others:
        form.fitting.lose(
            place, name, _("Texts here are in bokmål, nynorsk, English or Northern Sámi. These were left out.")
        )
