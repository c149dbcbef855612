"""Sheets as spreadsheets write them, and files that are none."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import pytest
import xlsxwriter
from django.core import signing
from django.utils.translation import override

from surveys import authoring, exchanging, translating
from surveys.models import Edition
from tests import make
from tests.surveys.test_exchanging import ENTITIES, UNREADABLE, far_cell, many_references, with_part
from tests.surveys.translating.sheets import (
    Q1,
    Q2,
    Cells,
    cells,
    column,
    outcomes,
    planned,
    sheet,
    taken,
    texts,
    write,
    written,
)

pytestmark = pytest.mark.django_db


# --- Workbooks as others save them ----------------------------------------------------------------------------
def inline(content: bytes) -> bytes:
    """The workbook with its texts in the cells, as many programs write them, instead of in a table of texts."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        shared = re.findall(rb"<si>(.*?)</si>", archive.read("xl/sharedStrings.xml"), re.DOTALL)
        for name in archive.namelist():
            part = archive.read(name)
            if name.startswith("xl/worksheets/"):
                part = re.sub(
                    rb' t="s"><v>(\d+)</v>',
                    lambda found: b' t="inlineStr"><is>' + shared[int(found[1])] + b"</is>",
                    part,
                )
            copy.writestr(name, part)
    return target.getvalue()


def reordered(rows: Cells) -> Cells:
    return [list(reversed(row)) for row in rows]


def without(rows: Cells, *names: str) -> Cells:
    numbers = [column(rows, name) for name in names]
    return [[cell for number, cell in enumerate(row) if number not in numbers] for row in rows]


def test_a_sheet_with_the_texts_in_its_cells(draft: Edition) -> None:
    content = inline(written(draft, {(Q1, "nn"): "Ny & bra"}))

    assert b"inlineStr" in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
    assert outcomes(planned(content)) == {f"nn:{Q1}": "filled"}


def test_columns_in_another_order_other_sheets_and_blank_rows(draft: Edition) -> None:
    rows = reordered(cells(written(draft, {(Q1, "nn"): "Ny"})))
    blank = [""] * len(rows[0])
    notes = {"Notater": [["key", "hei"], ["x", "y"]], "Mer": [["nb", "nn"]]}

    plan = planned(sheet([blank, *rows[:3], blank, *rows[3:]], "Mine tekster", **notes), "prov-2021")

    assert outcomes(plan) == {f"nn:{Q1}": "filled"}
    assert plan.absent == ()


def test_columns_that_are_gone_say_nothing(draft: Edition) -> None:
    rows = without(cells(written(draft, {(Q1, "nn"): "Ny"})), "place", "what", "note", "en", "se")

    assert outcomes(planned(sheet(rows), "prov-2021")) == {f"nn:{Q1}": "filled"}


def test_a_number_that_a_spreadsheet_made_of_a_text_is_the_text(draft: Edition) -> None:
    target, rows = io.BytesIO(), cells(taken(draft))
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    page = book.add_worksheet()
    for line, row in enumerate(rows):
        page.write_row(line, 0, row)
    line = next(number for number, row in enumerate(rows) if row[0] == Q1)
    page.write_number(line, column(rows, "nn"), 2026)
    book.close()

    (found,) = planned(target.getvalue(), "prov-2021").lines
    assert found.after == "2026"


def test_the_sheet_speaks_the_language_of_whoever_takes_it_and_is_read_in_any(draft: Edition) -> None:
    for interface in ("nb", "nn", "en"):
        assert planned(taken(draft, interface)).lines == ()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "The file is empty."),
        (b"hei", "This is not an Excel workbook (.xlsx)."),
        (b"x" * (10 * 1024 * 1024 + 1), "The file is larger than 10 MB."),
        (b"PK\x03\x04rubbish", "The workbook is damaged and cannot be opened. Save it again and try once more."),
        (far_cell(), UNREADABLE),
        (many_references(), UNREADABLE),
        (with_part(sheet([["key", "nb"]]), "xl/worksheets/sheet1.xml", ENTITIES), UNREADABLE),
        (
            with_part(sheet([["key", "nb"]]), "xl/vbaProject.bin", b"macro"),
            "The workbook holds macros. Save it as .xlsx, without them, and try again.",
        ),
        (
            sheet([["name", "label"], ["x", "y"]]),
            "This is no translator's sheet: there is no sheet with the column “key” and a column for a language.",
        ),
        (sheet([["key", "nb", "NN nynorsk", "nn"]]), "Two columns are called nn."),
        (sheet([["key", "nb"], *[["x", "y"]] * 20_000]), "The sheet Texts has more than 20000 rows."),
        (
            sheet([["key", "nb"], ["title", "x"]]),
            "The sheet does not say which questionnaire it belongs to, or there is none with the code it says.",
        ),
    ],
    ids=lambda value: "file" if isinstance(value, bytes) else value[:40],
)
def test_hostile_and_other_files_are_refused(content: bytes, fault: str) -> None:
    plan = planned(content)

    assert plan.errors == (fault,)
    with pytest.raises(authoring.Refused):
        translating.apply(plan)


def test_it_is_no_questionnaire_to_import(draft: Edition) -> None:
    with override("en"):
        assert exchanging.plan(taken(draft), "ark.xlsx").errors == (
            "This is a translator's sheet. Take it in on the page “Languages” of its questionnaire.",
        )


def test_another_questionnaire_s_sheet_is_refused(draft: Edition) -> None:
    other = make.loaded("annet")

    assert planned(taken(other), "prov-2021").errors == ("This sheet belongs to another questionnaire: annet.",)


# --- A plan that travels --------------------------------------------------------------------------------------
def test_a_plan_comes_back_from_a_browser_with_all_that_is_to_be_written(draft: Edition) -> None:
    content = written(draft, {(Q1, "nn"): "Ny", (Q2, "nn"): "Omsetjaren"})
    write(draft, "Q2", text_nn="En annen")

    back = translating.reopen(translating.seal(planned(content)))

    assert outcomes(back) == {f"nn:{Q1}": "filled", f"nn:{Q2}": "overtaken"}
    assert translating.apply(back, {f"nn:{Q2}"}).count == 2
    assert (texts(draft)[Q1, "nn"], texts(draft)[Q2, "nn"]) == ("Ny", "Omsetjaren")


@pytest.mark.parametrize("change", [lambda sealed: sealed[:-1], lambda sealed: "x" + sealed, lambda sealed: ""])
def test_a_plan_that_was_changed_on_the_way_is_refused(draft: Edition, change: Callable[[str], str]) -> None:
    with pytest.raises(translating.BadDocument):
        translating.reopen(change(translating.seal(planned(taken(draft)))))


def test_a_plan_of_another_purpose_is_refused() -> None:
    with pytest.raises(translating.BadDocument):
        translating.reopen(signing.dumps(["x", 1, 1, []], salt="surveys.exchanging.plan"))
