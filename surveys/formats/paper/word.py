"""The form drawn with Word's own styles, so that headings, lists and tables are what they look like."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Inches, Pt

from surveys.attachments.cleaning import Clean
from surveys.formats.paper.form import Choice, Form, Item, Picture
from surveys.formats.paper.rich import Paragraph

SQUARE, RING, ARROW = "\u2610", "\u25cb", "\u2192"
LANGUAGE_TAGS = {"nb": "nb-NO", "nn": "nn-NO", "en": "en-GB", "se": "se-NO"}
ROWS_OF_EDUCATION = 4
WIDTH, TALLEST = Cm(16), Cm(11)


def draw(form: Form, files: Mapping[str, Clean]) -> bytes:
    """The Word file of a form; `files` are its images, by their digests."""
    document = Document()
    _set_up(document, form)
    document.add_heading(form.title, level=1)
    _rich(document, form.purpose)
    if form.time:
        document.add_paragraph(form.time)
    for part in form.parts:
        if part.title:
            document.add_heading(part.title, level=2)
        _note(document, part.only_if)
        _rich(document, part.intro)
        for item in part.items:
            if item.shape == "information":
                _information(document, item, files)
            else:
                _item(document, form, item, level=3 if part.title else 2)
    document.add_paragraph(form.end)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _set_up(document: Any, form: Form) -> None:
    about = document.core_properties
    about.title, about.author, about.language = form.title[:255], "", LANGUAGE_TAGS.get(form.language, form.language)
    about.comments = ""
    # One form is one file: when it was made tells nothing.
    about.created = about.modified = datetime(2000, 1, 1, tzinfo=UTC)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Calibri", Pt(11)
    style.element.get_or_add_rPr().append(_element("w:lang", {"w:val": about.language}))
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    footer.add_run(f"{form.page} ")
    _field(footer, "PAGE")
    footer.add_run(f" {form.of} ")
    _field(footer, "NUMPAGES")


def _element(name: str, attributes: dict[str, str]) -> Any:
    element = OxmlElement(name)
    for attribute, value in attributes.items():
        element.set(qn(attribute), value)
    return element


def _field(paragraph: Any, code: str) -> None:
    """A number that Word works out, such as that of the page."""
    field = _element("w:fldSimple", {"w:instr": code})
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)  # python-docx has no fields of its own


def _rich(document: Any, paragraphs: Sequence[Paragraph]) -> None:
    styles = {"item": "List Paragraph", "quotation": "Quote", "heading": "Heading 3"}
    for each in paragraphs:
        paragraph = document.add_paragraph(style=styles.get(each.style))
        if each.mark:
            paragraph.add_run(f"{each.mark} ")
        for run in each.runs:
            written = paragraph.add_run(run.text)
            written.bold, written.italic = run.strong or None, run.emphasised or None


def _note(document: Any, words: str) -> None:
    if words:
        paragraph = document.add_paragraph()
        paragraph.add_run(words).italic = True
        paragraph.paragraph_format.keep_with_next = True


def _information(document: Any, item: Item, files: Mapping[str, Clean]) -> None:
    _note(document, item.only_if)
    _rich(document, item.reading)
    _rich(document, [replace(each, style="quotation") if each.style == "text" else each for each in item.quotation])
    if item.source:
        document.add_paragraph(f"– {item.source}").paragraph_format.left_indent = Cm(1)
    if item.picture and (file := files.get(item.picture.name.partition(".")[0])):
        document.add_picture(io.BytesIO(file.content), width=_wide(item.picture))
        shape = document.inline_shapes[-1]
        # What Word reads aloud in place of the image.
        shape._inline.docPr.set("descr", item.picture.alt)
    if item.caption:
        document.add_paragraph(item.caption, style="Caption" if item.picture else None)


def _wide(picture: Picture) -> int:
    """As wide as it is at 150 dots to the inch, but not wider than the text, nor taller than half a page."""
    return min(WIDTH, Inches(picture.width / 150), int(TALLEST * picture.width / picture.height))


def _item(document: Any, form: Form, item: Item, level: int) -> None:
    _note(document, item.only_if)
    if item.text:
        document.add_heading(f"{item.number}. {item.text}", level=level)
    for words in (item.help, item.hint):
        if words:
            paragraph = document.add_paragraph(words)
            paragraph.paragraph_format.keep_with_next = True
            paragraph.paragraph_format.space_after = Pt(4)
    if item.shape == "grid":
        _grid(document, item)
    elif item.shape == "rows":
        _rows(document, form, item)
    else:
        _answer(document, item)
    if item.prompt:
        document.add_paragraph(item.prompt).paragraph_format.keep_with_next = True
    for _line in range(item.lines):
        _write_on(document.add_paragraph())


def _answer(document: Any, item: Item) -> None:
    mark = {"one": RING, "several": SQUARE, "ranked": "____"}.get(item.shape, "")
    for number, choice in enumerate(item.choices if mark else (), start=1):
        paragraph = document.add_paragraph(f"{mark}  {_words(choice)}")
        paragraph.paragraph_format.left_indent = Cm(0.5)
        paragraph.paragraph_format.space_after = Pt(3)
        paragraph.paragraph_format.keep_with_next = number < len(item.choices)
    if item.shape == "number":
        document.add_paragraph(f"________________ {item.unit}".rstrip())
    if item.shape == "date":
        document.add_paragraph("____ . ____ . ________")


def _words(choice: Choice) -> str:
    return f"{choice.label} {ARROW} {choice.note}" if choice.note else choice.label


def _write_on(paragraph: Any) -> None:
    """A line to write on, as wide as the text."""
    paragraph.paragraph_format.tab_stops.add_tab_stop(WIDTH, leader=WD_TAB_LEADER.LINES)
    paragraph.paragraph_format.space_before = Pt(10)
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.add_run("\t")


def _table(document: Any, names: Sequence[str], rows: int) -> Any:
    """A table whose first row is repeated on every page."""
    table = document.add_table(rows=1 + rows, cols=len(names), style="Table Grid")
    for cell, name in zip(table.rows[0].cells, names, strict=True):
        cell.text = name
    head = table.rows[0]._tr.get_or_add_trPr()  # python-docx cannot say that a row is a head
    head.append(_element("w:tblHeader", {"w:val": "true"}))
    return table


def _grid(document: Any, item: Item) -> None:
    table = _table(document, ["", *item.points], len(item.choices))
    for row, choice in zip(table.rows[1:], item.choices, strict=True):
        row.cells[0].text = choice.label
        for cell in row.cells[1:]:
            cell.text = RING
            cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph()


def _rows(document: Any, form: Form, item: Item) -> None:
    document.add_paragraph(", ".join(choice.label for choice in item.choices))
    _table(document, form.columns, ROWS_OF_EDUCATION)
    document.add_paragraph()
