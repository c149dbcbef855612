"""Plans for importing files: what they say, that they are done whole or not at all, and what is refused."""

from __future__ import annotations

import io
import json
import struct
import time
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from django.core import signing
from django.utils.translation import override

from surveys import authoring, exchanging
from surveys.formats import spelling
from surveys.formats.document import BadDocument
from surveys.models import Concept, Questionnaire, Section
from tests import make
from tests.surveys.formats.test_xlsform import ASKED, YES_NO, book

pytestmark = pytest.mark.django_db

REFERENCE = Path(__file__).parents[2] / "consult" / "reference"
READ = [name for name, each in exchanging.FORMATS.items() if each.reads]


def planned(content: bytes, name: str = "prove.xlsx", code: str = "") -> exchanging.Plan:
    with override("en"):
        return exchanging.plan(content, name, code)


def refusal(content: bytes, name: str = "prove.xlsx") -> str:
    """Why a file is refused; also that nothing of it was kept."""
    plan = planned(content, name)
    with pytest.raises(authoring.Refused):
        exchanging.apply(plan)
    assert (Questionnaire.objects.count(), Concept.objects.count()) == (0, 0)
    assert plan.draft is None
    (reason,) = plan.errors
    return reason


def test_a_plan_counts_and_names_what_is_lost_and_stores_nothing() -> None:
    plan = planned(book(YES_NO, ASKED, ["geopoint", "sted", "Hvor?"]))

    assert plan.as_json() == {
        "questionnaire": "prove",
        "sections": 1,
        "questions": 2,
        "options": 2,
        "conditions": 0,
        "lost": [
            {
                "place": "sheet survey",
                "what": "label",
                "why": "It is not said in which language the texts are; they were taken for bokmål.",
            },
            {
                "place": "sheet survey, row 4",
                "what": "geopoint · sted · Hvor?",
                "why": "There is no kind of question for this here.",
            },
        ],
        "errors": [],
    }
    assert Questionnaire.objects.count() == 0


@pytest.mark.parametrize("name", ["nav-partnership-chief-2021", "nav-partnership-local-2021", "samarbeid-puls-2026"])
@pytest.mark.parametrize("form", ["json", "xlsform", "surveyjs"])
def test_the_reference_questionnaires_go_out_and_come_back_the_same(form: str, name: str) -> None:
    document = json.loads((REFERENCE / f"{name}.json").read_bytes())
    first = exchanging.apply(planned(json.dumps(document).encode()))
    before = spelling.write(exchanging.drafted(authoring.draft(first)))

    file = exchanging.export(authoring.draft(first), form, "nb")
    copy = exchanging.apply(planned(file.content, file.file_name, "kopi"))

    after = spelling.write(exchanging.drafted(authoring.draft(copy)))
    assert after == before | {"code": "kopi"}


def test_a_code_of_ones_own_goes_before_the_file_s() -> None:
    content = json.dumps(make.document("prov-2021")).encode()

    assert exchanging.apply(planned(content, "a.json", "min-egen")).code == "min-egen"
    assert planned(content, "a.json", "ikke gyldig").errors == (
        "code: must be letters, digits, hyphens and underscores",
    )


def test_applying_replaces_the_draft_that_was_looked_at_and_leaves_editions_alone() -> None:
    edition = make.published()
    draft = authoring.draft(edition.questionnaire)
    plan = planned(book(ASKED), code="prov-2021")

    assert plan.replaces == draft.version
    exchanging.apply(plan)

    draft.refresh_from_db()
    assert list(draft.questions.values_list("code", flat=True)) == ["navn"]
    assert sorted(each.is_draft for each in edition.questionnaire.editions.all()) == [False, True]
    # What it is called among staff is not the file's to say.
    assert Questionnaire.objects.get().title_nb == "Prøve"


@pytest.mark.parametrize("there_before", [True, False])
def test_a_draft_changed_since_the_plan_is_not_overwritten(there_before: bool) -> None:
    if there_before:
        make.loaded()
    plan = planned(book(ASKED), code="prov-2021")
    changed = make.loaded("prov-2021", [make.asking("NY")])

    with pytest.raises(authoring.StaleDraft):
        exchanging.apply(plan)

    assert list(changed.questions.values_list("code", flat=True)) == ["NY"]


def test_a_failure_half_way_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(json.dumps(make.document(concepts={"value": "Verdi"})).encode())

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Section.objects, "bulk_create", fail)
    with pytest.raises(OSError, match="disk"):
        exchanging.apply(plan)

    assert (Questionnaire.objects.count(), Concept.objects.count()) == (0, 0)


# --- Plans that travel --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [book(YES_NO, ["geopoint", "sted", "Hvor?"]), json.dumps(make.document()).encode()])
def test_a_plan_comes_back_from_a_browser_as_it_went(content: bytes) -> None:
    plan = planned(content)

    back = exchanging.reopen(exchanging.seal(plan))

    assert back.as_json() == plan.as_json()
    assert spelling.write(back.draft) == spelling.write(plan.draft)
    assert (back.replaces, back.draft.role, back.draft.name) == (plan.replaces, plan.draft.role, plan.draft.name)


@pytest.mark.parametrize("change", [lambda sealed: sealed[:-1], lambda sealed: "x" + sealed, lambda sealed: ""])
def test_a_plan_that_was_changed_on_the_way_is_refused(change) -> None:
    with pytest.raises(BadDocument):
        exchanging.reopen(change(exchanging.seal(planned(book(ASKED)))))


def test_a_plan_of_another_purpose_or_too_old_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadDocument):
        exchanging.reopen(signing.dumps({"document": {}}, salt="another"))
    sealed = exchanging.seal(planned(book(ASKED)))
    later = time.time() + exchanging.PLAN_SECONDS + 2
    monkeypatch.setattr(signing.time, "time", lambda: later)
    with pytest.raises(BadDocument):
        exchanging.reopen(sealed)


# --- Hostile files ------------------------------------------------------------------------------------------------


def zipped(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return target.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """A workbook with one part more, or another."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for each in archive.namelist():
            if each != name:
                copy.writestr(each, archive.read(each))
        copy.writestr(name, part)
    return target.getvalue()


def far_cell() -> bytes:
    """Two cells at opposite corners make seventeen billion."""
    sheet = (
        b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        b"</sheetData></worksheet>"
    )
    return with_part(book(ASKED), "xl/worksheets/sheet1.xml", sheet)


ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "' + b"x" * 1000 + b'"><!ENTITY b "' + b"&a;" * 1000 + b'">]>'
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    b'<c r="A1" t="inlineStr"><is><t>&b;&b;&b;</t></is></c></row></sheetData></worksheet>'
)
UNREADABLE = "The workbook is damaged, has a password, or is far larger than it looks."
NO_XLSFORM = "This is no XLSForm: there is no sheet called “survey” with a type for each row."


def many_references() -> bytes:
    """One long text that a hundred thousand cells refer to."""
    target = io.BytesIO()
    workbook = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = workbook.add_worksheet("survey")
    for line in range(10_000):
        for column in range(10):
            sheet.write_string(line, column, "x" * 30_000)
    workbook.close()
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf  \n", "The file is empty."),
        (b" " * (10 * 1024 * 1024 + 1), "The file is larger than 10 MB."),
        (b"hei", "This is no questionnaire in a format that can be read here."),
        (b"\x89PNG\r\n\x1a\n", "This is no questionnaire in a format that can be read here."),
        (b"%PDF-1.7", "This is no questionnaire in a format that can be read here."),
        (b'{"sections": "\xe5"}', "The file is not text in UTF-8. Save it as UTF-8 and try again."),
        ('{"sections": []}'.encode("utf-16"), "The file is not text in UTF-8. Save it as UTF-8 and try again."),
        (b"[" * 100_000, "The file is not valid JSON."),
        (b'{"pages": ' * 5000, "The file is not valid JSON."),
        (b"PK\x03\x04rubbish", "The workbook is damaged and cannot be opened. Save it again and try once more."),
        (zipped(word__document__xml=b"<w/>"), "This is not an Excel workbook (.xlsx)."),
        (zipped(**{"xl__workbook.xml": b" " * 20_000_000}), "Unpacked, the workbook is far too large."),
        (far_cell(), "The workbook is damaged, has a password, or is far larger than it looks."),
        (many_references(), "The workbook is damaged, has a password, or is far larger than it looks."),
        (
            with_part(book(ASKED), "xl/vbaProject.bin", b"macro"),
            "The workbook holds macros. Save it as .xlsx, without them, and try again.",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "_VBA_PROJECT_CUR".encode("utf-16-le"),
            "The workbook holds macros. Save it as .xlsx, without them, and try again.",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + struct.pack("<512x"),
            "The workbook is damaged, has a password, or is far larger than it looks.",
        ),
        (with_part(book(ASKED), "xl/worksheets/sheet1.xml", ENTITIES), UNREADABLE),
        (book(["text", "q", "?"], headings=["x", "y", "z"]), NO_XLSFORM),
        (book(*[["note", "", "x"]] * 20_001), "The sheet survey has more than 20000 rows."),
    ],
    # Not by content: an archive holds the time at which it was made, and two processes must give one name.
    ids=lambda value: "file" if isinstance(value, bytes) else value[:40],
)
def test_hostile_and_broken_files_are_refused_and_nothing_is_stored(content: bytes, expected: str) -> None:
    assert refusal(content) == expected


@pytest.mark.parametrize("form", READ)
def test_every_format_refuses_rubbish_in_words(form: str) -> None:
    for rubbish in (b"", b"\x00" * 1000, b"{}", b"<x/>", b"PK\x03\x04", b"\xff" * 100):
        with pytest.raises(BadDocument):
            exchanging.FORMATS[form].load(rubbish, "x")


@pytest.mark.parametrize("form", ["xlsform", "surveyjs"])
def test_texts_are_never_formulas_in_a_file_we_write(form: str) -> None:
    draft = make.loaded("prov-2021", [make.asking("Q1", text={"nb": '=HYPERLINK("http://x")'})])

    content = exchanging.export(draft, form, "nb").content

    if form == "xlsform":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    assert exchanging.read(content, "x").view.questions["Q1"].text("nb") == '=HYPERLINK("http://x")'


@pytest.mark.parametrize("form", list(exchanging.FORMATS))
def test_every_format_can_be_written_and_names_its_file(form: str) -> None:
    edition = make.published()

    file = exchanging.export(edition, form, "nb")

    assert file.file_name == f"prov-2021-1.{exchanging.FORMATS[form].suffix}"
    assert len(file.content) > 100
