"""Register files as membership systems write them, and files that are no such thing."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.utils import translation

from consult import importing
from consult.importing import UnreadableFile
from consult.models import Address, Appointment, Person, RegisterImport, Unit
from surveys.formats import cells
from surveys.formats import workbook as workbooks
from tests import make

pytestmark = pytest.mark.django_db

HEADINGS = "rad;medlemsnummer;navn;e-post;verv;enhetskode;enhet;enhetstype;overordnet;fra"
UNION = "enhet;;;;;f1;Førbundet;forbund;;"
KARI = "verv;1001;Ødegård, Kari Ås;kari@medlem.example;PTV;f1;;;;1.2.2020"
TEXT = f"{HEADINGS}\r\n{UNION}\r\n{KARI}\r\n"


def everyone() -> list[tuple[Any, ...]]:
    return list(
        Appointment.objects.order_by("person__number").values_list(
            "person__number", "person__given_name", "person__family_name", "person__addresses__email", "role",
            "unit__name", "starts_on",
        )
    )  # fmt: skip


KARI_HERSELF = ("1001", "Kari Ås", "Ødegård", "kari@medlem.example", "local", "Førbundet", date(2020, 2, 1))


def take_in(content: bytes, name: str = "liste.csv") -> dict[str, Any]:
    record = importing.plan(content, name, make.OPENS)
    importing.apply(record.pk, make.OPENS)
    plan: dict[str, Any] = record.plan
    return plan


def refused(content: bytes, name: str = "liste.csv") -> str:
    with translation.override("en"), pytest.raises(UnreadableFile) as refusal:
        importing.plan(content, name, make.OPENS)
    assert RegisterImport.objects.count() == 0
    assert Unit.objects.count() == 0
    return refusal.value.reason


def xlsx(rows: list[list[Any]], *, before: list[str] | None = None) -> bytes:
    """A real workbook; `before` are names of sheets in front of the one with the rows."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"strings_to_formulas": False, "default_date_format": "dd.mm.yyyy"})
    for name in before or []:
        book.add_worksheet(name).write(0, 0, "Om denne listen")
    sheet = book.add_worksheet("Liste")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return file.getvalue()


def zipped(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


# --- Spellings of the same list ---------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
def test_every_encoding_gives_the_same_people(encoding: str) -> None:
    take_in(TEXT.encode(encoding))

    assert everyone() == [KARI_HERSELF]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_line_end(line_end: str) -> None:
    take_in(TEXT.replace("\r\n", line_end).encode())

    assert everyone() == [KARI_HERSELF]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_every_separator(separator: str) -> None:
    lines = TEXT.replace("Ødegård, Kari Ås", '"Ødegård, Kari Ås"').replace(";", separator)
    take_in(lines.encode())

    assert everyone() == [KARI_HERSELF]


def test_letters_written_as_two_characters_are_one() -> None:
    take_in(TEXT.replace("Å", "A\N{COMBINING RING ABOVE}").replace("å", "a\N{COMBINING RING ABOVE}").encode())

    assert everyone() == [KARI_HERSELF]


def test_headings_in_any_case_and_spacing_below_a_title() -> None:
    title = "Medlemsliste per 1. mars;;;;;;;;;\r\n\r\n"
    headings = (
        " RAD ;Medlems-nummer;NAVN;E-post adresse;Verv;Enhets kode;ENHET;Enhetstype;Overordnet enhetskode;Fra dato"
    )
    take_in(f"{title}{headings}\r\n{UNION}\r\n{KARI}".encode())

    assert everyone() == [KARI_HERSELF]


def test_english_headings_and_words() -> None:
    text = (
        "row,membership number,first name,last name,e-mail,role,unit code,unit,unit type,parent unit code,from\n"
        "unit,,,,,,f1,Førbundet,union,,\n"
        "appointment,1001,Kari Ås,Ødegård,kari@medlem.example,local representative,f1,,,,2020-02-01\n"
    )
    take_in(text.encode())

    assert everyone() == [KARI_HERSELF]


def test_a_name_without_a_comma_ends_with_the_family_name() -> None:
    take_in(TEXT.replace("Ødegård, Kari Ås", "Kari Ås Ødegård").encode())

    assert everyone() == [KARI_HERSELF]


def test_columns_that_mean_nothing_are_named_and_not_kept() -> None:
    plan = take_in(TEXT.replace(";fra", ";fra;Kjæledyr").replace("1.2.2020", "1.2.2020;katt").encode())

    assert plan["unused"] == ["Kjæledyr"]
    assert everyone() == [KARI_HERSELF]


def test_a_real_workbook_with_numbers_and_dates_on_its_second_sheet() -> None:
    rows: list[list[Any]] = [line.split(";") for line in (HEADINGS, UNION, KARI)]
    rows[2][1], rows[2][9] = 1001, date(2020, 2, 1)
    take_in(xlsx(rows, before=["Forside"]), "liste.xlsx")

    assert everyone() == [KARI_HERSELF]


def test_a_workbook_is_known_by_its_content_not_by_its_name() -> None:
    take_in(xlsx([line.split(";") for line in (HEADINGS, UNION, KARI)]), "liste.csv")

    assert everyone() == [KARI_HERSELF]


def test_lines_of_a_workbook_are_numbered_as_excel_numbers_them() -> None:
    lines = ["Tittel", "", HEADINGS, UNION, "", KARI.replace("1001", "")]
    plan = importing.preview(xlsx([line.split(";") for line in lines]), "liste.xlsx", make.OPENS)

    assert [(problem["line"], problem["reason"]) for problem in plan["problems"]] == [(6, "no_number")]


def test_lines_of_a_csv_file_are_numbered_as_an_editor_numbers_them() -> None:
    text = TEXT.replace("Førbundet", '"Før\r\nbundet"') + KARI.replace("1001", "")
    plan = importing.preview(text.encode(), "liste.csv", make.OPENS)

    assert [(problem["line"], problem["reason"]) for problem in plan["problems"]] == [(5, "no_number")]


# --- What is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b" \r\n\t ", b"\xef\xbb\xbf"])
def test_an_empty_file(content: bytes) -> None:
    assert refused(content) == "The file is empty."


@pytest.mark.parametrize(
    "content",
    [bytes(range(256)) * 40, b"%PDF-1.7\n\x00\x01\x02", b"\xff\xfe\x00", b"\x89PNG\r\n\x1a\n" + b"\x00" * 100],
)
def test_binary_rubbish(content: bytes) -> None:
    assert refused(content) == "This is not a spreadsheet. Save the list as .csv or .xlsx and try again."


def test_text_that_is_no_list() -> None:
    assert refused(b"Hei, her kommer listen.\nHilsen Kari") == (
        "No row of headings was found. The first line must name the columns, such as rad, medlemsnummer, navn, "
        "e-post, verv, enhetskode."
    )


def test_headings_alone() -> None:
    assert refused(HEADINGS.encode()) == "There is nothing below the headings."


def test_missing_columns_are_named() -> None:
    assert refused(b"rad;medlemsnummer;verv;e-post\nverv;1;PTV;a@b.example") == (
        "These columns are missing: enhetskode, navn."
    )


def test_two_columns_that_mean_the_same() -> None:
    assert refused(TEXT.replace(";fra", ";fra;Startdato").encode()) == (
        "The columns “fra” and “Startdato” mean the same. Remove one of them."
    )


def test_an_unclosed_quotation_mark() -> None:
    assert refused((TEXT.replace("Ødegård,", '"Ødegård,') + KARI).encode()) == (
        "Line 3 has a quotation mark out of place, so that the rest cannot be told apart."
    )


def test_too_many_bytes() -> None:
    assert refused(TEXT.encode().ljust(10 * 1024 * 1024 + 1)) == "The file is larger than 10 MB."


def test_too_many_lines() -> None:
    short = "medlemsnummer;navn;enhetskode\n" + "1;A B;f\n" * 200_001
    assert refused(short.encode()) == "The file has more than 200 000 lines. Divide it."


def test_no_line_of_use() -> None:
    assert refused(f"{HEADINGS}\n{KARI}\n{KARI}".encode()) == (
        "Not one of the 2 lines could be used. Are the columns the right ones?"
    )


@pytest.mark.parametrize("heading", ["Fødselsnummer", "FNR", "fødsels- og personnummer", "National identity number"])
def test_a_column_of_national_identity_numbers(heading: str) -> None:
    assert refused(TEXT.replace(";fra", f";fra;{heading}").encode()) == (
        f"The column “{heading}” holds national identity numbers, which must not be here. Remove it."
    )


@pytest.mark.parametrize("number", ["01017012345", "010170 12345", "010170.12345", "nr 01017012345, flyttet"])
def test_a_number_of_eleven_digits_anywhere_is_refused_and_not_repeated(number: str) -> None:
    reason = refused(TEXT.replace(";fra", ";fra;Merknad").replace("1.2.2020", f"1.2.2020;{number}").encode())

    assert reason == "Line 3 holds a number of eleven digits, as national identity numbers have. Remove it."


def test_a_number_of_eleven_digits_in_a_number_cell_of_a_workbook() -> None:
    rows: list[list[Any]] = [line.split(";") for line in (HEADINGS, UNION, KARI)]
    rows[2][1] = 11017012345

    assert refused(xlsx(rows)) == (
        "Line 3 holds a number of eleven digits, as national identity numbers have. Remove it."
    )


@pytest.mark.parametrize("number", ["1234567890", "123456789012", "+47 22 33 44 55"])
def test_numbers_of_other_lengths_pass(number: str) -> None:
    take_in(TEXT.replace(";fra", ";fra;Telefon").replace("1.2.2020", f"1.2.2020;{number}").encode())

    assert everyone() == [KARI_HERSELF]


# --- Hostile and broken workbooks -------------------------------------------------------------------------

DAMAGED = "The workbook is damaged and cannot be opened. Save it again, or as CSV."
TOO_LARGE = "Unpacked, the workbook is far too large. Save the one sheet as CSV and try again."
UNREADABLE = "The workbook is damaged, or far larger than it looks. Save it again, or as CSV."


def test_an_old_or_locked_workbook() -> None:
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600) == (
        "This is an old Excel file, or one with a password. Save it as .xlsx without a password, or as CSV."
    )


def test_another_kind_of_archive() -> None:
    assert refused(zipped(word__document=b"<w/>")) == (
        "This is not an Excel workbook (.xlsx). Save it as .xlsx or as CSV."
    )


def test_a_workbook_cut_short() -> None:
    whole = xlsx([line.split(";") for line in (HEADINGS, UNION, KARI)])

    assert refused(whole[: len(whole) // 2]) == DAMAGED


def test_a_workbook_with_a_broken_part() -> None:
    assert refused(zipped(**{"xl__workbook.xml": b"<workbook><sheets>"})) == UNREADABLE


def test_a_zip_bomb_by_its_ratio() -> None:
    assert refused(zipped(**{"xl__workbook.xml": b" " * 20_000_000})) == TOO_LARGE


def test_a_zip_bomb_by_its_size() -> None:
    # Compresses, but less than a hundredfold.
    noise = b"".join(hashlib.sha256(b"%d" % number).digest() + b" " * 1600 for number in range(700))
    parts = {f"xl__part{number}.xml": noise for number in range(100)}
    bomb = zipped(**{"xl__workbook.xml": b""}, **parts)
    assert len(bomb) < 10 * 1024 * 1024
    assert len(noise) * 100 > 100 * 1024 * 1024

    assert refused(bomb) == TOO_LARGE


def test_a_zip_bomb_that_lies_about_its_size() -> None:
    """The stated sizes say ten bytes; the part really holds fifty million."""
    bomb = bytearray(zipped(**{"xl__workbook.xml": b" " * 50_000_000}))
    directory = bomb.rindex(b"PK\x01\x02")
    struct.pack_into("<I", bomb, directory + 24, 10)
    struct.pack_into("<I", bomb, 22, 10)

    assert refused(bytes(bomb)) == DAMAGED


def test_only_what_was_unpacked_and_measured_reaches_the_reader() -> None:
    """A second reading of the same archive, with other sizes or other parts, is not possible."""
    parts = {"xl__workbook.xml": b"<w/>" * 500, "xl__media__picture.png": b"\x89PNG", "_rels__.rels": b"<r/>"}

    with zipfile.ZipFile(io.BytesIO(cells.repack(b"PK\x03\x04rubbish" + zipped(**parts)))) as fresh:
        found = {part.filename: (part.compress_type, part.file_size) for part in fresh.infolist()}

    assert found == {"xl/workbook.xml": (zipfile.ZIP_STORED, 2000), "_rels/.rels": (zipfile.ZIP_STORED, 4)}


def test_a_few_cells_that_claim_a_whole_sheet() -> None:
    """Two cells at opposite corners make seventeen billion: the reader's own process dies of it, not ours."""
    whole = xlsx([["a"], ["b"]])
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name.replace("/", "__"): archive.read(name) for name in archive.namelist()}
    parts["xl__worksheets__sheet1.xml"] = (
        b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )

    assert refused(zipped(**parts)) == UNREADABLE


def test_a_workbook_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "SECONDS", 0.001)

    assert refused(xlsx([line.split(";") for line in (HEADINGS, UNION, KARI)])) == (
        "The workbook takes too long to read. Save it as CSV and try again."
    )


def test_an_entity_that_grows_is_not_expanded() -> None:
    whole = xlsx([line.split(";") for line in (HEADINGS, UNION, KARI)])
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name.replace("/", "__"): archive.read(name) for name in archive.namelist()}
    entities = b"".join(b'<!ENTITY %c "&%c;&%c;&%c;&%c;&%c;">' % (98 + n, *[97 + n] * 5) for n in range(12))
    shared = parts["xl__sharedStrings.xml"].replace("Ødegård".encode(), b"&m;")
    assert b"&m;" in shared
    declared = b'<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa">' + entities + b"]><sst"
    parts["xl__sharedStrings.xml"] = shared.replace(b"<sst", declared, 1)

    assert refused(zipped(**parts)) == UNREADABLE


# --- The files of our own ---------------------------------------------------------------------------------


def test_the_reference_register_holds_what_the_reference_case_needs() -> None:
    path = Path(importing.__file__).parents[1] / "reference" / "register-2021.csv"
    plan = take_in(path.read_bytes(), path.name)

    assert plan["problem_count"] == 0
    assert plan["doubles"] == 1
    assert plan["counts"]["people"]["new"] == 108
    assert Unit.objects.filter(kind="region").count() == 4
    assert Unit.objects.filter(kind="operating_unit").count() == 10
    assert Unit.objects.filter(kind="office").count() == 85
    assert Unit.objects.filter(kind="office", host_municipality=True).count() == 21


@pytest.mark.slow
def test_a_register_of_33_000_goes_in_and_is_unchanged_the_second_time(tmp_path: Path) -> None:
    from benchmarks import register

    register.write(tmp_path / "register.csv")
    content = (tmp_path / "register.csv").read_bytes()
    register.write(tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == content

    first = take_in(content)
    second = take_in(content)

    assert first["problem_count"] == 0
    assert first["counts"]["people"] == {"new": 33_000, "changed": 0, "unchanged": 0, "left": 0}
    assert second["counts"]["people"] == {"new": 0, "changed": 0, "unchanged": 33_000, "left": 0}
    assert second["counts"]["appointments"] == {"new": 0, "changed": 0, "unchanged": 33_000, "ended": 0}
    assert Person.objects.count() == Address.objects.count() == Appointment.objects.count() == 33_000
