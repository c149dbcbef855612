"""The translator's sheet: out, in again as a plan, applied whole or not at all; and how complete a language is."""

from __future__ import annotations

import io
import re
import secrets
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import xlsxwriter
from django.core import signing
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from modeltranslation.translator import translator
from python_calamine import load_workbook

from surveys import authoring, exchanging, publishing, structure, translating
from surveys.drafting import arranging
from surveys.formats import spelling, translations
from surveys.formats.protocol import Draft
from surveys.models import Edition, EditionFact, EditionFactValue, Option, Question, Section
from surveys.structure import EditionView, Text
from surveys.texts import correcting, wording
from surveys.translating import Plan
from tests import make
from tests.surveys.formats.generated import drafts
from tests.surveys.test_exchanging import ENTITIES, UNREADABLE, far_cell, many_references, with_part
from tests.together import together

pytestmark = pytest.mark.django_db

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


@pytest.fixture
def draft() -> Edition:
    return make.loaded()


Q1, Q2 = "questions/Q1/text", "questions/Q2/text"


# --- Out, in, and applied -------------------------------------------------------------------------------------


def test_a_sheet_that_comes_back_as_it_went_changes_nothing(draft: Edition) -> None:
    before = texts(draft)

    plan = planned(taken(draft))

    assert (plan.lines, plan.left_out, plan.absent, plan.errors) == ((), (), (), ())
    assert plan.same == len(before)
    assert translating.apply(plan).count == 0
    draft.refresh_from_db()
    assert (texts(draft), draft.version) == (before, plan.version)


def test_what_is_filled_in_and_changed_is_written_and_nothing_else(draft: Edition) -> None:
    yes = "questions/Q1/options/yes/label"
    new = {(Q1, "nn"): "Q1, kva meiner du?", ("sections/Q1/title", "en"): "Part 1", (yes, "se"): "Juo!"}
    before = texts(draft)

    plan = planned(written(draft, new))
    applied = translating.apply(plan)

    assert outcomes(plan) == {f"nn:{Q1}": "filled", "en:sections/Q1/title": "filled", f"se:{yes}": "changed"}
    assert (applied.count, applied.edition) == (3, draft)
    assert sorted(type(part).__name__ for part in applied.parts) == ["Option", "Question", "Section"]
    assert texts(draft) == before | new
    draft.refresh_from_db()
    assert draft.version == (plan.version or 0) + 1


def test_rows_keep_their_identity_and_everything_else_about_them(draft: Edition) -> None:
    ids = list(draft.questions.order_by("pk").values_list("pk", "required", "elaboration", "section"))

    translating.apply(planned(written(draft, {(Q1, "nn"): "Ny"})))

    assert list(draft.questions.order_by("pk").values_list("pk", "required", "elaboration", "section")) == ids


def test_cells_left_open_delete_nothing(draft: Edition) -> None:
    before = texts(draft)

    plan = planned(written(draft, dict.fromkeys(before, "")))

    assert (plan.lines, plan.errors, plan.same) == ((), (), 0)
    assert texts(draft) == before


def test_the_same_sheet_once_more_does_nothing(draft: Edition) -> None:
    content = written(draft, {(Q1, "nn"): "Ny", (Q2, "en"): "New"})
    first = planned(content)
    assert translating.apply(first).count == 2

    again = planned(content)

    assert (again.lines, again.same) == ((), len(texts(draft)))
    # The button pressed twice.
    assert translating.apply(first).count == 0


def test_a_failure_half_way_leaves_nothing(draft: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    before, plan = texts(draft), planned(written(draft, {(Q1, "nn"): "Ny", ("sections/Q1/title", "nn"): "Ny"}))

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Section.objects, "bulk_update", fail)
    with pytest.raises(OSError, match="disk"):
        translating.apply(plan)

    assert texts(draft) == before


def test_a_published_questionnaire_gets_a_draft_with_the_translations() -> None:
    edition = make.published()

    plan = planned(written(edition, {(Q1, "nn"): "Ny"}))
    assert (plan.version, Edition.objects.count()) == (None, 1)
    applied = translating.apply(plan)

    assert applied.edition is not None
    assert applied.edition.is_draft
    assert texts(applied.edition) == texts(edition) | {(Q1, "nn"): "Ny"}
    assert translating.apply(plan).count == 0


def test_a_draft_made_meanwhile_is_not_written_in() -> None:
    edition = make.published()
    plan = planned(written(edition, {(Q1, "nn"): "Ny"}))
    before = texts(authoring.draft(edition.questionnaire))

    with pytest.raises(authoring.StaleDraft):
        translating.apply(plan)

    assert texts(authoring.draft(edition.questionnaire)) == before


def test_a_draft_changed_since_the_plan_is_not_written_in(draft: Edition) -> None:
    plan = planned(written(draft, {(Q1, "nn"): "Ny"}))
    write(draft, "Q2", text_nn="En annens")

    with pytest.raises(authoring.StaleDraft):
        translating.apply(plan)

    assert (Q1, "nn") not in texts(draft)


def test_a_draft_published_since_the_plan_is_not_written_in(draft: Edition) -> None:
    plan = planned(written(draft, {(Q1, "nn"): "Ny"}))
    publishing.publish(draft.questionnaire_id, make.OPENS)

    with pytest.raises(authoring.StaleDraft):
        translating.apply(plan)

    assert (Q1, "nn") not in texts(draft)


def test_what_was_corrected_in_the_published_edition_meanwhile_is_not_overwritten() -> None:
    wrong, right = "What do youu think of the cooperation?", "What do you think of the cooperation?"
    edition = make.published("prov-2021", [make.asking("Q1", text={"nb": "Hva mener du?", "en": wrong})])
    plan = planned(written(edition, {(Q1, "en"): "What is your view?"}))
    assert outcomes(plan) == {f"en:{Q1}": "changed"}
    place = correcting.Place("question", edition.questions.get().pk, "text", "en")
    correcting.correct(edition, place, wrong, right, None, make.DURING)

    with pytest.raises(authoring.StaleDraft):
        translating.apply(plan)

    assert list(Edition.objects.all()) == [edition]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_apply_at_once_one_writes_and_the_other_finds_it_done(draft: Edition) -> None:
    plan = planned(written(draft, {(Q1, "nn"): "Ny", (Q2, "en"): "New"}))

    found = together([partial(translating.apply, plan)] * 2)

    assert sorted(each.count for each in found) == [0, 2]
    draft.refresh_from_db()
    assert (texts(draft)[Q1, "nn"], draft.version) == ("Ny", (plan.version or 0) + 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_apply_different_sheets_at_once_one_is_refused(draft: Edition) -> None:
    plans = [planned(written(draft, {(Q1, "nn"): text})) for text in ("En", "To")]

    found = together([partial(translating.apply, plan) for plan in plans])

    assert sorted(type(each).__name__ for each in found) == ["Applied", "StaleDraft"]


def test_one_letter_made_in_two_ways_is_the_same() -> None:
    draft = make.loaded("prov-2021", [make.asking("Q1", text={"nb": "Hva na\u030a?"})])
    content = written(draft, {(Q1, "nb"): "Hva n\u00e5?", (Q1, "nn"): "Kva na\u030a?"})

    plan = planned(content)

    assert [each.after for each in plan.lines] == ["Kva n\u00e5?"]


def test_a_sheet_taken_before_everything_was_moved_still_fits(draft: Edition) -> None:
    content = written(draft, {(Q1, "nn"): "Q1", (Q2, "nn"): "Q2", ("sections/Q1/title", "nn"): "Del"})
    arranging.move_question(draft.questions.get(code="Q2").pk, -1, None)

    plan = planned(content)

    assert outcomes(plan) == {f"nn:{Q1}": "filled", f"nn:{Q2}": "filled", "nn:sections/Q2/title": "filled"}
    translating.apply(plan)
    assert draft.questions.get(code="Q2").text_nn == "Q2"  # type: ignore[attr-defined]


def test_a_sheet_taken_before_the_edition_was_published_fits_the_next_draft(draft: Edition) -> None:
    content = written(draft, {(Q1, "nn"): "Ny", ("sections/Q1/title", "nn"): "Del"})
    publishing.publish(draft.questionnaire_id, make.OPENS)
    following = authoring.draft(draft.questionnaire)

    assert translating.apply(planned(content)).count == 2
    assert texts(following)[Q1, "nn"] == "Ny"


# --- What must be decided -------------------------------------------------------------------------------------


def test_what_someone_else_wrote_meanwhile_is_left_unless_someone_says_so(draft: Edition) -> None:
    content = written(draft, {(Q1, "nn"): "Omsetjaren", (Q2, "nn"): "Ny"})
    write(draft, "Q1", text_nn="En annen")
    plan = planned(content)

    assert outcomes(plan) == {f"nn:{Q1}": "overtaken", f"nn:{Q2}": "filled"}
    assert [each.name for each in plan.asked] == [f"nn:{Q1}"]
    assert plan.asked[0].before == "En annen"
    translating.apply(plan)
    assert texts(draft)[Q1, "nn"] == "En annen"
    assert texts(draft)[Q2, "nn"] == "Ny"

    assert translating.apply(planned(content), {f"nn:{Q1}"}).count == 1
    assert texts(draft)[Q1, "nn"] == "Omsetjaren"


def test_a_translation_of_what_is_no_longer_the_original_is_left_unless_someone_says_so(draft: Edition) -> None:
    content = written(draft, {(Q1, "nn"): "Ny", (Q1, "en"): "New"})
    write(draft, "Q1", text_nb="Noe helt annet?")

    plan = planned(content)

    assert outcomes(plan) == {f"nn:{Q1}": "source_changed", f"en:{Q1}": "source_changed"}
    assert plan.asked[0].original == "Noe helt annet?"
    assert translating.apply(plan).count == 0
    assert translating.apply(plan, {f"en:{Q1}"}).count == 1
    assert (Q1, "nn") not in texts(draft)


def test_what_nobody_touched_in_the_sheet_does_not_go_back_in_time(draft: Edition) -> None:
    content = written(draft, {(Q2, "nn"): "Ny"})
    write(draft, "Q1", text_nb="Nyere her")

    plan = planned(content)

    assert outcomes(plan) == {f"nn:{Q2}": "filled"}
    translating.apply(plan)
    assert texts(draft)[Q1, "nb"] == "Nyere her"


def test_the_original_itself_is_changed_only_if_someone_says_so(draft: Edition) -> None:
    plan = planned(written(draft, {(Q1, "nb"): "Omskrevet", (Q1, "nn"): "Ny"}))

    assert outcomes(plan) == {f"nb:{Q1}": "original", f"nn:{Q1}": "source_changed"}
    assert translating.apply(plan).count == 0
    assert translating.apply(plan, {f"nb:{Q1}", f"nn:{Q1}"}).count == 2
    assert texts(draft)[Q1, "nb"] == "Omskrevet"


def test_rows_sorted_without_their_keys_write_nothing_by_themselves(draft: Edition) -> None:
    rows = cells(written(draft, {(Q1, "nn"): "Til Q1", (Q2, "nn"): "Til Q2"}))
    first, last = (next(row for row in rows if row[0] == key) for key in (Q1, Q2))
    for name in LANGUAGES:
        number = column(rows, name)
        first[number], last[number] = last[number], first[number]

    plan = planned(sheet(rows), "prov-2021")

    assert plan.decided == ()
    assert {each.outcome.value for each in plan.asked} == {"original", "source_changed"}


def test_without_the_marks_only_what_is_empty_is_filled_in(draft: Edition) -> None:
    write(draft, "Q2", text_nn="Her fra før")
    rows = cells(written(draft, {(Q1, "nn"): "Ny", (Q2, "nn"): "En annan"}))
    mark = column(rows, "mark")
    plan = planned(sheet([row[:mark] for row in rows]), "prov-2021")

    assert outcomes(plan) == {f"nn:{Q1}": "filled", f"nn:{Q2}": "overtaken"}


def test_names_that_were_not_asked_about_are_passed_over(draft: Edition) -> None:
    plan = planned(written(draft, {(Q1, "nn"): "Ny"}))

    assert translating.apply(plan, {"nn:questions/Q3/text", "rubbish"}).count == 1


# --- Rows that do not fit -------------------------------------------------------------------------------------


def test_rows_of_nothing_here_are_named_and_the_rest_is_done(draft: Edition) -> None:
    content = written(draft, {(Q2, "nn"): "Ny", ("questions/Q3/text", "nn"): "Borte"})
    with authoring.editing(draft.pk):
        draft.questions.filter(code="Q3").delete()

    plan = planned(content)

    assert outcomes(plan) == {f"nn:{Q2}": "filled"}
    told = "The questionnaire has no such text. Perhaps it has been taken out."
    # Its answers come in every language by themselves.
    assert [(each.what, each.why) for each in plan.left_out] == [
        ("questions/Q3/text", told),
        ("questions/Q3/options/yes/label", told),
        ("questions/Q3/options/no/label", told),
    ]


def test_texts_that_the_sheet_has_no_row_for_are_told_of(draft: Edition) -> None:
    rows = [row for row in cells(taken(draft)) if not row[0].startswith("questions/Q2")]

    assert planned(sheet(rows), "prov-2021").absent == ("Section 1 › Q2",)


@pytest.mark.parametrize("second", ["Ny", "En annen"])
def test_two_rows_of_one_text_must_say_the_same(draft: Edition, second: str) -> None:
    rows = cells(written(draft, {(Q1, "nn"): "Ny"}))
    copy = list(next(row for row in rows if row[0] == Q1))
    copy[column(rows, "nn")] = second

    plan = planned(sheet([*rows, copy]), "prov-2021")

    told = f"Row 12 and row 5 are of the same text ({Q1}), and differ."
    assert plan.errors == (() if second == "Ny" else (told,))


def test_a_section_that_has_got_another_s_questions_is_not_taken_for_it() -> None:
    draft = make.loaded("prov-2021", [make.asking("A1")], [make.asking("B1"), make.asking("B2")])
    content = written(draft, {("sections/A1/title", "nn"): "Del A", ("sections/B1/title", "nn"): "Del B"})
    with authoring.editing(draft.pk):
        first = draft.sections.get(position=1)
        draft.questions.filter(code="B1").update(section=first, position=2)

    plan = planned(content)

    assert outcomes(plan) == {"nn:sections/A1/title": "filled"}
    assert [each.what for each in plan.left_out] == ["sections/B1/title"]


# --- What cannot be written -----------------------------------------------------------------------------------

PIPED = {"nb": "Du sa {Q1|noe}. Hvorfor?"}


@pytest.mark.parametrize(
    ("key", "text", "fault"),
    [
        ("title", "x" * 201, "The text is too long: it has 201 characters, and there is room for 200."),
        (Q1, "x" * 20_001, "The text is too long: it has 20001 characters, and there is room for 20000."),
        (Q1, "#REF!", "The cell holds a formula that failed (#REF!), not a text."),
        (Q1, "Du sa {Q9}.", "{Q9} stands in the translation, but not in the original."),
        ("questions/Q4/text", "Du sa {Q1|noko. Kvifor?", "“{” in the text is not a field that can be filled in."),
        ("questions/Q4/text", "Du sa {Q1}{}.", "“{}” in the text is not a field that can be filled in."),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_cannot_stand_there_is_refused_with_the_place_and_nothing_is_done(key: str, text: str, fault: str) -> None:
    draft = make.loaded(
        "prov-2021", [make.asking(f"Q{number}") for number in (1, 2, 3)], [make.asking("Q4", text=PIPED)]
    )
    before = texts(draft)

    plan = planned(written(draft, {(key, "nn"): text, (Q2, "nn"): "Ny"}))

    assert [error.partition(", nn: ")[2] for error in plan.errors] == [fault]
    assert plan.errors[0].startswith("Row ")
    with pytest.raises(authoring.Refused):
        translating.apply(plan)
    assert texts(draft) == before


@pytest.mark.parametrize(
    ("key", "text", "remark"),
    [
        (Q1, "=1+1", "It begins like a formula. It is kept as text."),
        (Q1, "<script>alert(1)</script>", "It looks like HTML. It is shown as the signs it is."),
        ("questions/Q4/text", "Kvifor det?", "{Q1} stands in the original, but not in the translation."),
    ],
)
def test_what_may_be_meant_so_is_pointed_out_and_kept(key: str, text: str, remark: str) -> None:
    draft = make.loaded("prov-2021", [make.asking("Q1")], [make.asking("Q4", text=PIPED)])

    plan = planned(written(draft, {(key, "nn"): text}))

    assert [each.remarks for each in plan.lines] == [(remark,)]
    translating.apply(plan)
    assert texts(draft)[key, "nn"] == text


def test_a_field_keeps_its_name_and_has_other_words_instead() -> None:
    draft = make.loaded("prov-2021", [make.asking("Q1")], [make.asking("Q4", text=PIPED)])

    plan = planned(written(draft, {("questions/Q4/text", "nn"): "Kvifor sa du {Q1|noko}?"}))

    assert ([each.remarks for each in plan.lines], plan.errors) == ([()], ())


@pytest.mark.parametrize(
    "text", ["=1+1", "@SUM(A1)", "https://example.org", "0012", "_x0041_", "a\nb", "a\tb", " \u00a0x"]
)
def test_texts_come_back_to_the_letter(text: str) -> None:
    draft = make.loaded("prov-2021", [make.asking("Q1", text={"nb": text})])

    plan = planned(taken(draft))

    assert (plan.lines, plan.errors) == ((), ())
    with zipfile.ZipFile(io.BytesIO(taken(draft))) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name)
            assert b"hyperlink" not in archive.read(name)


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


# --- How complete ---------------------------------------------------------------------------------------------


def complete(edition: Edition) -> dict[str, str]:
    with override("en"):
        return {each.language: each.words for each in translating.completeness(structure.read(edition))}


def test_completeness_counts_texts_and_knows_what_is_not_begun(draft: Edition) -> None:
    # Two titles, a purpose, three questions, and two usual options for each of two of them.
    assert complete(draft) == {"nb": "complete", "nn": "not begun", "en": "not begun", "se": "not begun"}

    write(draft, "Q1", text_nn="Ny")

    assert complete(draft)["nn"] == "5 of 10 texts"
    (nynorsk,) = [each for each in translating.completeness(structure.read(draft)) if each.language == "nn"]
    assert [each.key for each in nynorsk.missing] == ["title", "purpose", "sections/Q1/title", Q2, "questions/Q3/text"]


def test_an_empty_questionnaire_is_complete_in_nothing() -> None:
    assert not any(each.is_whole for each in translating.completeness(EditionView(0, Text({}), Text({}), None, ())))


# --- Whatever the questionnaire -------------------------------------------------------------------------------

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
NEW = (
    st.text(st.sampled_from("abc æøåáđŋ ÆØÅ 123 ,.?!=+-@&<>'日🙂"), min_size=1, max_size=20).map(str.strip).filter(bool)
)


def everything(document: Any) -> Iterator[dict[str, str]]:
    """Every text in a document of our own JSON, but for what is not the edition's."""
    if isinstance(document, dict) and document and document.keys() <= set(LANGUAGES):
        yield document
    elif isinstance(document, dict):
        for name, each in document.items():
            if name not in ("concepts", "name"):
                yield from everything(each)
    elif isinstance(document, list):
        for each in document:
            yield from everything(each)


def rows_of(draft: Draft) -> dict[str, dict[str, str]]:
    """The texts of the sheet of a draft by key, read from the file."""
    passages = [each for each in wording.passages(draft.view) if each.text]
    found = translations.read(translations.write(draft.code, "x", passages))
    assert found.code == draft.code
    assert len({row.key for row in found.rows}) == len(found.rows)
    return {row.key: dict(row.texts) for row in found.rows}


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(draft=drafts())
def test_the_sheet_holds_every_text_of_any_questionnaire(draft: Draft) -> None:
    there = sorted(sorted(each.items()) for each in rows_of(draft).values())

    assert there == sorted(sorted(each.items()) for each in everything(spelling.write(draft)))


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(draft=drafts(), data=st.data())
def test_exactly_what_was_translated_is_changed(draft: Draft, data: st.DataObject) -> None:
    kept = exchanging.keep(replace(draft, code=f"x{secrets.token_hex(8)}"))
    edition = authoring.draft(kept)
    before = texts(edition)
    places = [
        (passage.key, language)
        for passage in wording.passages(structure.read(edition))
        if passage.text
        for language in LANGUAGES
        if language != passage.source()
    ]
    chosen = data.draw(st.lists(st.sampled_from(places), unique=True, max_size=5)) if places else []
    new = {place: data.draw(NEW) for place in chosen}

    plan = planned(typed(taken(edition), new, kept.code))
    translating.apply(plan)

    assert (plan.errors, plan.asked) == ((), ())
    assert texts(edition) == before | new


def test_everything_that_can_be_translated_in_the_database_is_in_the_sheet() -> None:
    tables = (Edition, Section, Question, Option, EditionFact, EditionFactValue)
    options = [{"code": "x", "label": {"nb": "x"}}]
    facts = [{"name": "role", "label": {"nb": "x"}, "values": options}]
    draft = make.loaded("prov-2021", [make.asking("Q1", "single_choice", options=options)], facts=facts)
    hanging = {
        model
        for model in translator.get_registered_models(abstract=False)
        if model in tables or any(each.related_model in tables for each in model._meta.get_fields() if each.many_to_one)
    }

    columns = {(type(row), each.field) for owner, row in translating.rows_by_owner(draft).items()
               for each in wording.passages(structure.read(draft)) if each.owner == owner}  # fmt: skip

    assert columns == {
        (model, name) for model in hanging for name in translator.get_options_for_model(model).all_fields
    }
