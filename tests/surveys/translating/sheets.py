"""Sheets as a translator has them: taken from the service, typed into, and planned."""

from __future__ import annotations

import io

import xlsxwriter
from django.utils.translation import override
from python_calamine import load_workbook

from surveys import authoring, structure, translating
from surveys.models import Edition, Question
from surveys.texts import wording
from surveys.translating import Plan

Cells = list[list[str]]


LANGUAGES = ("nb", "nn", "en", "se")


# --- Sheets as a translator has them --------------------------------------------------------------------------
def taken(edition: Edition, interface: str = "en") -> bytes:
    """The sheet of an edition."""
    with override(interface):
        return translating.export(edition, "nb")


def cells(content: bytes, name: str = "Texts") -> Cells:
    """The cells of a sheet of a workbook."""
    found = load_workbook(io.BytesIO(content)).get_sheet_by_name(name).to_python(skip_empty_area=False)
    return [[str(cell) for cell in row] for row in found]


def sheet(rows: Cells, name: str = "Texts", **others: Cells) -> bytes:
    """A workbook with these sheets."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    for title, content in {name: rows, **others}.items():
        page = book.add_worksheet(title)
        for line, row in enumerate(content):
            for column, cell in enumerate(row):
                if cell:
                    page.write_string(line, column, cell)
    book.close()
    return target.getvalue()


def column(rows: Cells, name: str) -> int:
    return next(number for number, cell in enumerate(rows[0]) if cell.split("\n")[0] == name)


def written(edition: Edition, texts: dict[tuple[str, str], str]) -> bytes:
    """The sheet of an edition with these texts typed in, {(key, language): text}."""
    return typed(taken(edition), texts, edition.questionnaire.code)


def typed(content: bytes, texts: dict[tuple[str, str], str], code: str = "prov-2021") -> bytes:
    rows = cells(content)
    keys = [row[column(rows, "key")] for row in rows]
    for (key, language), text in texts.items():
        rows[keys.index(key)][column(rows, language)] = text
    return sheet(rows, **{"raadslag-translations": [["questionnaire", code]]})


def planned(content: bytes, code: str = "") -> Plan:
    with override("en"):
        return translating.plan(content, code)


def outcomes(plan: Plan) -> dict[str, str]:
    assert plan.errors == ()
    return {each.name: each.outcome.value for each in plan.lines}


def texts(edition: Edition) -> dict[tuple[str, str], str]:
    """Everything that is written in an edition, {(key, language): text}."""
    return {
        (passage.key, language): text
        for passage in wording.passages(structure.read(Edition.objects.get(pk=edition.pk)))
        for language, text in passage.text.by_language.items()
    }


def write(edition: Edition, code: str, **fields: str) -> None:
    """Someone changes a question meanwhile."""
    with authoring.editing(edition.pk):
        Question.objects.filter(edition=edition, code=code).update(**fields)


Q1, Q2 = "questions/Q1/text", "questions/Q2/text"
