"""XLSForms that others wrote: what becomes of each row, and what is said of the rest."""

from __future__ import annotations

import io
from typing import Any

import pytest
import xlsxwriter
from django.utils.translation import override

from surveys.exchanging import FORMATS, read
from surveys.formats import spelling, strict
from surveys.formats.document import BadDocument
from surveys.formats.protocol import Draft
from surveys.formats.xlsform import sheets
from tests import make

HEADINGS = ["type", "name", "label"]
NO_RULE = "Answers here have a smallest and a largest number; no other rule."


def book(
    *rows: list[str], headings: list[str] | None = None, choices: list[list[str]] | None = None, **sheets: Any
) -> bytes:
    """A workbook with these rows on the sheet "survey", these answers, and other sheets."""
    target = io.BytesIO()
    workbook = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    parts = {"survey": [headings or HEADINGS, *rows]}
    parts["choices"] = [["list_name", "name", "label"], *(choices or [["yn", "yes", "Ja"], ["yn", "no", "Nei"]])]
    for name, content in {**parts, **sheets}.items():
        sheet = workbook.add_worksheet(name)
        for line, row in enumerate(content):
            sheet.write_row(line, 0, row)
    workbook.close()
    return target.getvalue()


def loaded(*rows: list[str], **rest: Any) -> Draft:
    with override("en"):
        return read(book(*rows, **rest), "min skjema.xlsx")


def refused(content: bytes) -> str:
    with override("en"), pytest.raises(BadDocument) as caught:
        read(content, "skjema.xlsx")
    return str(caught.value)


def lost(draft: Draft) -> list[tuple[str, str, str]]:
    """What was lost, without the remark on the language, which every plain form gets."""
    return [(each.place, each.what, each.why) for each in draft.lost if each.what != "label"]


ASKED = ["text", "navn", "Hva heter du?"]
YES_NO = ["select_one yn", "enig", "Enig?"]


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("text", "short_text"),
        ("string", "short_text"),
        ("integer", "number"),
        ("int", "number"),
        ("decimal", "number"),
        ("date", "date"),
        ("note", "information"),
        ("select_one yn", "yes_no"),
        ("select one from yn", "yes_no"),
        ("select_one three", "single_choice"),
        ("select_multiple three", "multiple_choice"),
        ("select all that apply from three", "multiple_choice"),
        ("rank three", "ranking"),
    ],
)
def test_each_type_becomes_its_kind(written: str, kind: str) -> None:
    choices = [["yn", "yes", "Ja"], ["yn", "no", "Nei"], *(["three", name, name.upper()] for name in "abc")]

    draft = loaded(ASKED, [written, "q", "Spørsmål"], choices=choices)

    assert draft.view.questions["q"].kind == kind
    assert lost(draft) == []


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("geopoint", "There is no kind of question for this here."),
        ("image", "There is no kind of question for this here."),
        ("time", "There is no kind of question for this here."),
        ("calculate", "Nothing is worked out from the answers while they are given."),
        ("start", "Only answers that people give themselves are collected."),
        ("deviceid", "Only answers that people give themselves are collected."),
        ("select_one_from_file towns.csv", "Answers to choose between cannot come from another file."),
        ("select_one ${navn}", "The options cannot be taken from another answer."),
        ("slider", "This type of row is not known."),
    ],
)
def test_what_has_no_kind_is_named(written: str, why: str) -> None:
    draft = loaded(ASKED, [written, "q", "Hvor?"])

    assert list(draft.view.questions) == ["navn"]
    assert lost(draft) == [("sheet survey, row 3", f"{written} · q · Hvor?", why)]


def test_a_form_of_which_nothing_can_be_asked_is_refused_with_the_reasons() -> None:
    assert refused(book(["geopoint", "q", "Hvor?"])) == (
        "None of the questions in the file can be imported. It is not said in which language the texts are; "
        "they were taken for bokmål. There is no kind of question for this here."
    )


@pytest.mark.parametrize(
    ("relevant", "expected"),
    [
        ("${enig} = 'yes'", [(1, "enig", "is", "yes", (), None)]),
        ("'yes' = ${enig}", [(1, "enig", "is", "yes", (), None)]),
        ("selected(${enig}, 'yes')", [(1, "enig", "is", "yes", (), None)]),
        ("${enig} != ''", [(1, "enig", "answered", None, (), None)]),
        ("${enig} != '' and ${enig} != 'no'",
         [(1, "enig", "answered", None, (), None), (1, "enig", "is_not", "no", (), None)]),
        ("${enig} = 'yes' or ${enig} = 'no'", [(1, "enig", "one_of", None, ("yes", "no"), None)]),
        ("${alder} >= 18", [(1, "alder", "at_least", None, (), 18)]),
        ("${alder} > 17", [(1, "alder", "more_than", None, (), 17)]),
        ("18 < ${alder}", [(1, "alder", "more_than", None, (), 18)]),
        ("${alder} < 67", [(1, "alder", "less_than", None, (), 67)]),
        ("${alder} = 30", [(1, "alder", "at_least", None, (), 30), (1, "alder", "at_most", None, (), 30)]),
        (
            "${alder} >= 18 and (${enig} = 'yes' or ${farge} = 'red')",
            [
                (1, "alder", "at_least", None, (), 18),
                (1, "enig", "is", "yes", (), None),
                (2, "alder", "at_least", None, (), 18),
                (2, "farge", "is", "red", (), None),
            ],
        ),
        ("not(${enig} = 'yes' or selected(${farge}, 'red')) and ${enig} != '' and ${farge} != ''",
         [(1, "enig", "is_not", "yes", (), None), (1, "farge", "is_not", "red", (), None),
          (1, "enig", "answered", None, (), None), (1, "farge", "answered", None, (), None)]),
    ],
)  # fmt: skip
def test_conditions_that_can_be_said(relevant: str, expected: list[tuple[Any, ...]]) -> None:
    choices = [["yn", "yes", "Ja"], ["yn", "no", "Nei"], ["color", "red", "Rød"], ["color", "blue", "Blå"]]

    draft = loaded(
        [*YES_NO, ""],
        ["integer", "alder", "Alder?", ""],
        ["select_multiple color", "farge", "Farger?", ""],
        ["text", "q", "Hvorfor?", relevant],
        headings=[*HEADINGS, "relevant"],
        choices=choices,
    )

    found = [
        (each.group, each.source, each.operator, each.option, each.options, each.number)
        for each in draft.view.questions["q"].conditions
    ]
    assert found == expected
    assert lost(draft) == []


@pytest.mark.parametrize(
    ("relevant", "why"),
    [
        ("${enig} = ''", "Conditions here cannot ask that something has not been answered."),
        ("${enig} = 'maybe'", "“maybe” is not an answer that enig offers."),
        ("${later} = 'yes'", "It looks at “later”, which is not asked before it, or was not imported."),
        ("${enig} = ${alder}", "Conditions here compare one question with one value."),
        ("${alder} != 3", "Conditions here cannot say that a number is not another."),
        ("regex(${enig}, '^y')", "Conditions here have nothing like “regex”."),
        ("${alder} + 1 > 3", "Conditions here have nothing like “+ 1 > 3”."),
        ("(" * 50 + "${alder} > 3" + ")" * 50, "The expression is nested too deeply."),
        ("${enig} = 'yes' and", "The expression ends too early."),
        ("${alder} > 3 or ${enig} = 'yes'" * 200, "The expression is too long."),
        (" and ".join(["(${enig} = 'yes' or ${alder} > 3)"] * 8), "It would take more than 50 conditions."),
    ],
)
def test_conditions_that_cannot_be_said_are_named(relevant: str, why: str) -> None:
    draft = loaded(
        [*YES_NO, ""],
        ["integer", "alder", "Alder?", ""],
        ["text", "q", "Hvorfor?", relevant],
        headings=[*HEADINGS, "relevant"],
    )

    assert draft.view.questions["q"].conditions == ()
    assert [each[2] for each in lost(draft)] == [f"It is shown to everyone instead. {why}"]


def test_is_not_of_a_question_that_may_be_passed_is_said_to_differ() -> None:
    draft = loaded([*YES_NO, ""], ["text", "q", "?", "${enig} != 'no'"], headings=[*HEADINGS, "relevant"])

    assert lost(draft) == [
        ("sheet survey, row 3", "relevant: ${enig} != 'no'", "Here it is met only once enig has been answered.")
    ]


@pytest.mark.parametrize(
    ("written", "constraint", "bounds", "lost_why"),
    [
        ("integer", ". >= 0 and . <= 60", (0, 60), []),
        ("integer", ". > 0 and . < 60", (1, 59), []),
        ("decimal", ". <= 1.5", (None, 1.5), []),
        ("select_multiple color", "count-selected(.) <= 2", (None, 2), []),
        ("text", "regex(., '[a-z]+')", (None, None), [NO_RULE]),
        ("integer", ". >= 0 and . mod 2 = 0", (None, None), [NO_RULE]),
        ("integer", ". >= 9 and . <= 1", (None, None), [NO_RULE]),
    ],
)  # fmt: skip
def test_constraints(written: str, constraint: str, bounds: tuple[Any, Any], lost_why: list[str]) -> None:
    choices = [["color", "red", "Rød"], ["color", "blue", "Blå"]]

    draft = loaded([written, "q", "?", constraint], headings=[*HEADINGS, "constraint"], choices=choices)

    question = draft.view.questions["q"]
    assert (question.minimum, question.maximum) == bounds
    assert [each[2] for each in lost(draft)] == lost_why


def test_none_of_these_excludes_the_others() -> None:
    draft = loaded(
        ["select_multiple v", "q", "?", "not(selected(., 'none') and count-selected(.) > 1)"],
        headings=[*HEADINGS, "constraint"],
        choices=[["v", "a", "A"], ["v", "none", "Ingen"]],
    )

    assert [(each.code, each.excludes) for each in draft.view.questions["q"].options] == [("a", False), ("none", True)]
    assert lost(draft) == []


def test_or_other_adds_an_answer_to_be_named() -> None:
    draft = loaded(["select_one yn or_other", "q", "?"])

    option = draft.view.questions["q"].options[-1]
    assert (option.code, option.meaning, option.elaboration) == ("other", "other", "required")


def test_groups_become_sections_and_inner_ones_too_under_both_conditions() -> None:
    draft = loaded(
        [*YES_NO, ""],
        ["integer", "alder", "Alder?", ""],
        ["begin_group", "g", "Ytre", "${enig} = 'yes'"],
        ["text", "a", "A?", ""],
        ["begin_group", "h", "Indre", "${alder} >= 18"],
        ["text", "b", "B?", ""],
        ["end_group", "", "", ""],
        ["text", "c", "C?", ""],
        ["end_group", "", "", ""],
        headings=[*HEADINGS, "relevant"],
    )

    found = [
        (s.title("nb"), [q.code for q in s.questions], [c.source for c in s.conditions]) for s in draft.view.sections
    ]
    assert found == [
        ("", ["enig", "alder"], []),
        ("Ytre", ["a"], ["enig"]),
        ("Indre", ["b"], ["enig", "alder"]),
        ("", ["c"], ["enig"]),
    ]
    assert [each[0] for each in lost(draft)] == ["sheet survey, row 6"]


def test_every_row_of_a_repeat_is_named() -> None:
    draft = loaded(ASKED, ["begin repeat", "r", "Barn"], ["text", "barn", "Navn?"], ["end repeat", "", ""])

    assert [each[:2] for each in lost(draft)] == [
        ("sheet survey, row 3", "begin repeat · r · Barn"),
        ("sheet survey, row 4", "text · barn · Navn?"),
    ]


def test_languages_are_known_by_code_or_name_and_others_are_named() -> None:
    draft = loaded(
        ["text", "q", "Hva?", "Kva?", "What?", "Mii?", "Quoi?"],
        headings=[
            "type", "name", "label::Norsk bokmål (nb)", "label::nynorsk", "label::English", "label::Sámi (se)",
            "label::Français (fr)",
        ],
    )  # fmt: skip

    assert draft.view.questions["q"].text.by_language == {"nb": "Hva?", "nn": "Kva?", "en": "What?", "se": "Mii?"}
    assert [each[1] for each in lost(draft)] == ["Français (fr)"]


def test_settings_give_title_and_code() -> None:
    draft = loaded(ASKED, settings=[["form_title", "form_id", "style"], ["Medlemmer", "medl-2026", "pages"]])

    assert (draft.code, draft.view.title("nb")) == ("medl-2026", "Medlemmer")
    assert lost(draft) == [("sheet settings", "style: pages", "This setting is not known here.")]


def test_without_settings_the_file_gives_the_code() -> None:
    assert loaded(ASKED).code == "min-skjema"


def test_codes_that_are_too_long_or_twice_are_changed_and_said() -> None:
    draft = loaded(["text", "a" * 25, "A?"], ["text", "a" * 26, "B?"], ["text", "3-b", "C?"])

    assert list(draft.view.questions) == ["a" * 20, "a" * 18 + "_2", "Q3_b"]
    assert len(lost(draft)) == 3


def test_what_looks_like_a_formula_or_a_script_stays_a_text() -> None:
    draft = loaded(["text", "q", "=cmd|' /C calc'!A0"], ["note", "n", "<script>alert(1)</script>"])

    assert draft.view.questions["q"].text("nb") == "=cmd|' /C calc'!A0"
    assert draft.view.questions["n"].text("nb") == "<script>alert(1)</script>"


def test_texts_too_long_are_cut_and_said() -> None:
    draft = loaded(YES_NO, choices=[["yn", "yes", "J" * 201], ["yn", "no", "Nei"]])

    assert len(draft.view.questions["enig"].options[0].label("nb")) == 200
    assert [each[0] for each in lost(draft)] == ["sheet choices, row 2"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (book(["select_one x", "q", "?"]), "sheet survey, row 2: there is no list called x on the sheet choices."),
        (book(ASKED, ["end_group", "", ""]), "sheet survey, row 3: a group is ended that was not begun."),
        (book(["begin_group", "g", ""], ASKED), "sheet survey: a group or repeat is begun and never ended."),
        (book(ASKED, headings=["type", "name", "name"]), "sheet survey, row 1: two columns are called name."),
        (book(YES_NO, choices=[["yn", "", "Ja"]]), "sheet choices, row 2: the answer has no name."),
        (
            book(headings=["a", "b", "c"]),
            "This is no XLSForm: there is no sheet called “survey” with a type for each row.",
        ),
        (
            book(["select_one many", "q", "?"], choices=[["many", f"c{n}", "x"] for n in range(201)]),
            "section 1 › question 1 (q) › options: has more than 200 entries",
        ),
        (
            book(*(["text", f"q{n}", "?"] for n in range(501))),
            "section 1 › questions: has more than 500 entries",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(content: bytes, expected: str) -> None:
    assert refused(content) == expected


# --- Earlier answers in texts -------------------------------------------------------------------------------


def test_an_earlier_answer_in_a_text_is_carried_both_ways() -> None:
    age = make.asking("Q1", kind="number", options=[])
    after = make.asking("Q2", text={"nb": "Du er {Q1} år. Er {noe} feil?"}, help={"nb": "Se {Q1}."})
    draft = strict.read(make.document(sections=[{"questions": [age, after]}]))
    with override("en"):
        written = FORMATS["xlsform"].dump(draft, "nb")

    survey = sheets.read(written.content).sheets["survey"]
    (row,) = (each for each in survey if each["name"] == "Q2")
    assert next(iter(row.texts["label"].values())) == "Du er ${Q1} år. Er {noe} feil?"
    assert next(iter(row.texts["hint"].values())) == "Se ${Q1}."
    assert spelling.write(read(written.content, "x")) == spelling.write(draft)
    assert not [each for each in written.lost if each.place == "Q2"]


@pytest.mark.parametrize("field", ["{Q1}", "{Q2|noe annet}", "{Q2|}", "{verv}", "{Q3}"])
def test_an_earlier_answer_that_other_programs_cannot_fill_in_is_named_and_kept(field: str) -> None:
    document = make.document(
        facts=[{"name": "verv", "label": {"nb": "Verv"}, "values": [{"code": "a", "label": {"nb": "A"}}]}],
        sections=[
            {
                "questions": [
                    make.asking("Q1"),
                    make.asking("Q2", kind="short_text", options=[]),
                    make.asking("Q3", text={"nb": f"Du sa {field}."}),
                ]
            }
        ],
    )
    draft = strict.read(document)
    with override("en"):
        written = FORMATS["xlsform"].dump(draft, "nb")

    assert [each.what for each in written.lost if "as it stands" in each.why] == [field]
    assert spelling.write(read(written.content, "x")) == spelling.write(draft)


def test_what_a_form_of_others_fills_in_becomes_a_field_or_is_named() -> None:
    draft = loaded(
        ["integer", "alder", "Hvor gammel er du, ${navn}?"],
        ["text", "mer", "Du er ${ alder } år."],
        ["begin_group", "g", "Om ${alder}"],
        ["text", "q", "?"],
        ["end_group", "g", ""],
    )

    assert draft.view.questions["alder"].text("nb") == "Hvor gammel er du, …?"
    assert draft.view.questions["mer"].text("nb") == "Du er {alder} år."
    assert draft.view.sections[1].title("nb") == "Om …"
    why = "The form would fill this in; here stands an ellipsis instead."
    assert [what for _place, what, each in lost(draft) if each == why] == ["${navn}", "${alder}"]
