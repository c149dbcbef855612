"""manage.py import_questionnaire and export_questionnaire."""

from __future__ import annotations

import json as standard_json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from surveys import authoring, exchanging
from surveys.models import Questionnaire
from tests import make
from tests.surveys.formats.test_xlsform import YES_NO, book
from tests.surveys.translating.sheets import typed

pytestmark = pytest.mark.django_db

REFERENCE = Path(__file__).parents[2] / "consult" / "reference"


def run(*arguments: str) -> str:
    """What a command prints."""
    out = StringIO()
    with override("en"):
        call_command(*arguments, stdout=out)
    return out.getvalue()


def refused(*arguments: str) -> str:
    """What a command says when it refuses."""
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    return str(caught.value)


def written(folder: Path, content: str) -> str:
    path = folder / "questionnaire.json"
    path.write_text(content)
    return str(path)


def test_import_reads_a_file_into_the_draft(tmp_path: Path) -> None:
    path = written(tmp_path, standard_json.dumps(make.document()))

    assert run("import_questionnaire", path) == "prov-2021: read into the draft\n"
    assert [edition.is_draft for edition in Questionnaire.objects.get().editions.all()] == [True]


def test_import_publishes_on_request(tmp_path: Path) -> None:
    path = written(tmp_path, standard_json.dumps(make.document()))

    assert run("import_questionnaire", path, "--publish") == "prov-2021: published as edition 1\n"
    assert run("import_questionnaire", path, "--publish") == "prov-2021: published as edition 2\n"


def test_what_cannot_be_published_is_not_imported_either(tmp_path: Path) -> None:
    path = written(tmp_path, standard_json.dumps(make.document(purpose={})))

    assert refused("import_questionnaire", path, "--publish") == (
        "Not published, and not imported:\nThe purpose is missing: say who asks, why, and what becomes of the answers."
    )
    assert Questionnaire.objects.count() == 0


def test_a_bad_file_is_refused_with_the_place(tmp_path: Path) -> None:
    path = written(tmp_path, standard_json.dumps(make.document(minutes="long")))

    assert refused("import_questionnaire", path) == "minutes: must be a whole number from 1 to 32767"


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, " " * (10 * 1024 * 1024 + 1))

    assert refused("import_questionnaire", path) == "The file is larger than 10 MB."


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing.json"

    assert refused("import_questionnaire", str(path)) == f"{path} cannot be read: No such file or directory"


def test_export_writes_what_import_read() -> None:
    path = REFERENCE / "nav-partnership-local-2021.json"
    run("import_questionnaire", str(path))

    assert run("export_questionnaire", "nav-partnership-local-2021") == path.read_text()


def test_export_gives_the_draft_before_the_newest_edition_and_any_edition_by_number() -> None:
    first = make.published()
    draft = authoring.draft(first.questionnaire)
    with authoring.editing(draft.pk) as editing:
        type(editing).objects.filter(pk=editing.pk).update(minutes=9)

    assert standard_json.loads(run("export_questionnaire", "prov-2021"))["minutes"] == 9
    assert "minutes" not in standard_json.loads(run("export_questionnaire", "prov-2021", "--edition", "1"))


@pytest.mark.parametrize("arguments", [("finnes-ikke",), ("prov-2021", "--edition", "2")])
def test_export_of_what_does_not_exist_is_refused(arguments: tuple[str, ...]) -> None:
    make.published()

    assert refused("export_questionnaire", *arguments) == "There is no such questionnaire or edition."


@pytest.mark.parametrize("code", ["nav-partnership-chief-2021", "nav-partnership-local-2021", "samarbeid-puls-2026"])
def test_the_finished_reference_questionnaires_can_be_published(code: str) -> None:
    assert run("import_questionnaire", str(REFERENCE / f"{code}.json"), "--publish") == (
        f"{code}: published as edition 1\n"
    )


def test_the_unfinished_one_is_a_draft_with_things_left_to_do() -> None:
    path = str(REFERENCE / "hjemmekontor-2026.json")

    assert run("import_questionnaire", path) == "hjemmekontor-2026: read into the draft\n"
    assert refused("import_questionnaire", path, "--publish") == (
        "Not published, and not imported:\n"
        "The purpose is missing: say who asks, why, and what becomes of the answers.\n"
        "H5 needs at least two answers to choose between.\n"
        "Section 3 is empty."
    )


# --- Other formats ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [name for name, each in exchanging.FORMATS.items() if each.reads])
def test_a_file_of_each_format_goes_out_and_comes_in(tmp_path: Path, form: str) -> None:
    make.published()
    path = tmp_path / f"kopi.{exchanging.FORMATS[form].suffix}"

    run("export_questionnaire", "prov-2021", "--format", form, "-o", str(path))
    said = run("import_questionnaire", str(path), "--code", "kopi")

    assert said.splitlines()[0] == "kopi: read into the draft"
    assert Questionnaire.objects.count() == 2


def test_a_dry_run_says_what_would_be_made_and_stores_nothing(tmp_path: Path) -> None:
    path = tmp_path / "skjema.xlsx"
    path.write_bytes(book(YES_NO, ["geopoint", "sted", "Hvor?"]))

    assert run("import_questionnaire", str(path), "--dry-run").splitlines() == [
        "skjema: would be read into the draft. Sections: 1, questions: 1, answers to choose between: 2, conditions: 0",
        "  sheet survey: label: It is not said in which language the texts are; they were taken for bokmål.",
        "  sheet survey, row 3: geopoint · sted · Hvor?: There is no kind of question for this here.",
    ]
    assert Questionnaire.objects.count() == 0


@pytest.mark.parametrize("dry_run", [True, False])
def test_the_plan_as_json(tmp_path: Path, dry_run: bool) -> None:
    path = written(tmp_path, standard_json.dumps(make.document()))

    out = run("import_questionnaire", path, "--json", *(["--dry-run"] if dry_run else []))

    assert standard_json.loads(out) == {
        "questionnaire": "prov-2021",
        "sections": 1,
        "questions": 3,
        "options": 4,
        "conditions": 1,
        "lost": [],
        "errors": [],
    }
    assert Questionnaire.objects.count() == (0 if dry_run else 1)


def test_a_refusal_as_json_has_the_reasons_in_both_places(tmp_path: Path) -> None:
    path, out = written(tmp_path, standard_json.dumps(make.document(minutes="long"))), StringIO()

    with override("en"), pytest.raises(CommandError) as caught:
        call_command("import_questionnaire", path, "--json", stdout=out)

    reason = "minutes: must be a whole number from 1 to 32767"
    assert (str(caught.value), caught.value.returncode) == (reason, 1)
    assert standard_json.loads(out.getvalue()) == {
        "questionnaire": None,
        "sections": 0,
        "questions": 0,
        "options": 0,
        "conditions": 0,
        "lost": [],
        "errors": [reason],
    }


def test_export_names_on_standard_error_what_does_not_come_along() -> None:
    make.published("prov-2021", [make.asking("Q1", concept="value")])
    out, err = StringIO(), StringIO()

    with override("en"):
        call_command("export_questionnaire", "prov-2021", "--format", "surveyjs", stdout=out, stderr=err)

    assert standard_json.loads(out.getvalue())["pages"][0]["elements"][0]["name"] == "Q1"
    assert err.getvalue() == "Q1: the concept “value”: Other programs pass over it. Read here again, it is kept.\n"


def test_what_is_no_text_is_not_printed_as_text() -> None:
    make.published()

    assert refused("export_questionnaire", "prov-2021", "--format", "xlsform") == (
        "This format is no text: say with -o where to write it."
    )


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    make.published()
    path = tmp_path / "missing" / "a.json"

    assert refused("export_questionnaire", "prov-2021", "-o", str(path)) == (
        f"{path} cannot be written: No such file or directory"
    )


# --- Translations -----------------------------------------------------------------------------------------

QUESTION = "questions/Q1/text"


def translated(folder: Path, texts: dict[tuple[str, str], str]) -> str:
    """The translator's sheet of the draft, as it comes back with these texts."""
    path = folder / "ark.xlsx"
    assert run("export_translations", "prov-2021", "-o", str(path)) == ""
    path.write_bytes(typed(path.read_bytes(), texts))
    return str(path)


def test_translations_go_out_and_come_in(tmp_path: Path) -> None:
    draft = make.loaded()
    path = translated(tmp_path, {(QUESTION, "nn"): "Ny", ("title", "en"): "=Trial"})

    assert run("import_translations", path, "--dry-run").splitlines() == [
        "prov-2021: would be filled in: 2, changed: 0, to be decided: 0, as before: 22",
        "  Title page · Title shown to respondents, en: It begins like a formula. It is kept as text.",
    ]
    assert draft.questions.get(code="Q1").text_nn in (None, "")
    assert run("import_translations", path).splitlines()[0] == "prov-2021: texts written: 2, as before: 22"
    assert draft.questions.get(code="Q1").text_nn == "Ny"
    assert run("import_translations", path) == "prov-2021: texts written: 0, as before: 24\n"


@pytest.mark.parametrize(("conflicts", "left"), [("leave", "En annen"), ("take", "Ny")])
def test_translations_that_were_changed_here_as_well_need_a_word(tmp_path: Path, conflicts: str, left: str) -> None:
    draft = make.loaded()
    path = translated(tmp_path, {(QUESTION, "nn"): "Ny"})
    draft.questions.filter(code="Q1").update(text_nn="En annen")

    told = "Row 5 (Section 1 › Q1 · Text), nn: Someone else has written here since the sheet was taken."
    assert refused("import_translations", path) == told
    assert refused("import_translations", path, "--dry-run") == told
    assert draft.questions.get(code="Q1").text_nn == "En annen"

    run("import_translations", path, "--conflicts", conflicts)
    assert draft.questions.get(code="Q1").text_nn == left


def test_translations_as_json(tmp_path: Path) -> None:
    make.loaded()
    path = translated(tmp_path, {(QUESTION, "nn"): "Ny"})

    found = standard_json.loads(run("import_translations", path, "--json"))

    (line,) = found.pop("texts")
    assert found == {
        "questionnaire": "prov-2021",
        "filled": 1, "changed": 0, "overtaken": 0, "source_changed": 0, "original": 0, "same": 22,
        "lost": [], "absent": [], "written": 1, "errors": [],
    }  # fmt: skip
    assert (line["key"], line["language"], line["before"], line["after"], line["outcome"]) == (
        QUESTION, "nn", "", "Ny", "filled",
    )  # fmt: skip


def test_translations_with_a_fault_are_refused_with_the_place(tmp_path: Path) -> None:
    draft = make.loaded()
    path = translated(tmp_path, {("title", "nn"): "x" * 201, (QUESTION, "nn"): "Ny"})
    out = StringIO()

    with override("en"), pytest.raises(CommandError) as caught:
        call_command("import_translations", path, "--json", stdout=out)

    told = "The text is too long: it has 201 characters, and there is room for 200."
    assert str(caught.value) == f"Row 2 (Title page · Title shown to respondents), nn: {told}"
    assert standard_json.loads(out.getvalue())["errors"] == [str(caught.value)]
    assert draft.questions.get(code="Q1").text_nn in (None, "")


@pytest.mark.parametrize("arguments", [("finnes-ikke",), ("prov-2021", "--edition", "2")])
def test_translations_of_what_does_not_exist_are_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    make.published()

    told = refused("export_translations", *arguments, "-o", str(tmp_path / "x.xlsx"))
    assert told == "There is no such questionnaire or edition."
    assert not (tmp_path / "x.xlsx").exists()


def test_translations_from_and_to_places_that_are_not_there(tmp_path: Path) -> None:
    make.loaded()
    missing = tmp_path / "missing" / "x.xlsx"

    reason = "No such file or directory"
    assert refused("import_translations", str(missing)) == f"{missing} cannot be read: {reason}"
    assert refused("export_translations", "prov-2021", "-o", str(missing)) == f"{missing} cannot be written: {reason}"
