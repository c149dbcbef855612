"""LimeSurvey's files as it writes them: its types of question."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils.translation import override

from surveys.formats import lss
from surveys.structure import Text
from tests.surveys.formats.limesurveys import (
    HEAD,
    answers,
    file,
    loaded,
    rows,
    table,
)


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


@pytest.mark.parametrize(
    ("letter", "kind", "codes"),
    [
        ("L", "single_choice", ["A1", "A2"]),
        ("!", "single_choice", ["A1", "A2"]),
        ("O", "single_choice", ["A1", "A2"]),
        ("Y", "yes_no", ["yes", "no"]),
        ("G", "single_choice", ["F", "M"]),
        ("5", "scale", ["1", "2", "3", "4", "5"]),
        ("R", "ranking", ["A1", "A2"]),
        ("N", "number", []),
        ("D", "date", []),
        ("S", "short_text", []),
        ("T", "long_text", []),
        ("U", "long_text", []),
        ("X", "information", []),
    ],
)
def test_a_type_of_one_question(letter, kind, codes):
    found, lost = loaded(file([{"type": letter}], **answers("1", "A1", "A2")))
    assert [(each.code, each.kind, [option.code for option in each.options]) for each in found] == [("Q1", kind, codes)]
    assert found[0].elaboration == ("optional" if letter == "O" else "never")
    assert lost == []


@pytest.mark.parametrize(
    ("letter", "codes"),
    [
        ("F", ["A1", "A2"]),
        ("H", ["A1", "A2"]),
        ("A", list("12345")),
        ("B", [str(number) for number in range(1, 11)]),
        ("C", list("YUN")),
        ("E", list("ISD")),
    ],
)
def test_a_table_becomes_its_text_and_a_scale_for_each_row(letter, codes):
    content = file(
        [{"type": letter, "mandatory": "Y"}], subquestions=rows("1", "SQ1", "SQ2"), **answers("1", "A1", "A2")
    )
    found, lost = loaded(content)
    assert [(each.code, each.kind, each.text("nb"), each.required) for each in found] == [
        ("Q1", "information", "Tekst Q1", False),
        ("Q1_SQ1", "scale", "Rad SQ1", True),
        ("Q1_SQ2", "scale", "Rad SQ2", True),
    ]
    assert [[option.code for option in each.options] for each in found[1:]] == [codes, codes]
    assert found[1].options == found[2].options
    assert lost == []


@pytest.mark.parametrize(("letter", "kind"), [("K", "number"), ("Q", "short_text")])
def test_a_list_of_numbers_or_texts_becomes_a_question_for_each_row(letter, kind):
    found, _lost = loaded(file([{"type": letter}], subquestions=rows("1", "SQ1", "SQ2")))
    assert [(each.code, each.kind) for each in found] == [("Q1", "information"), ("Q1_SQ1", kind), ("Q1_SQ2", kind)]


@pytest.mark.parametrize("letter", ["1", ":", ";", "|", "*", "I", "%"])
def test_a_type_that_cannot_be_said_is_left_out_and_named(letter):
    found, lost = loaded(file([{"type": letter}, {}]))
    assert [each.code for each in found] == ["Q2"]
    assert lost == [("Q1", f"Tekst Q1 ({letter})")]


def test_boxes_with_bounds_exclusion_and_other():
    attributes = [
        {"qid": "1", "attribute": name, "value": value, "language": language}
        for name, value, language in [
            ("min_answers", "1", ""), ("max_answers", "2", ""), ("exclude_all_others", "SQ2", ""),
            ("other_replace_text", "Noe annet", "nb"), ("array_filter", "Q0", ""), ("cssclass", "wide", ""),
        ]
    ]  # fmt: skip
    found, lost = loaded(
        file(
            [{"type": "P", "other": "Y", "mandatory": "Y"}],
            subquestions=rows("1", "SQ1", "SQ2"),
            question_attributes=attributes,
        )
    )
    question = found[0]
    assert (question.kind, question.minimum, question.maximum, question.elaboration, question.required) == (
        "multiple_choice", Decimal(1), Decimal(2), "optional", True,
    )  # fmt: skip
    assert [
        (each.code, each.label("nb"), each.meaning, each.elaboration, each.excludes) for each in question.options
    ] == [
        ("SQ1", "Rad SQ1", "answer", "", False),
        ("SQ2", "Rad SQ2", "answer", "", True),
        ("other", "Noe annet", "other", "optional", False),
    ]
    assert lost == [("Q1", "P"), ("Q1", "array_filter: Q0"), ("the whole survey", "cssclass")]


def test_a_number_with_bounds_and_unit():
    attributes = [
        {"qid": "1", "attribute": name, "value": value, "language": ""}
        for name, value in [
            ("min_num_value_n", "0"),
            ("max_num_value_n", "{Q0}"),
            ("num_value_int_only", "1"),
            ("suffix", "år"),
        ]
    ]
    found, lost = loaded(file([{"type": "N"}], question_attributes=attributes))
    assert (found[0].minimum, found[0].maximum, found[0].decimals, found[0].unit("nb")) == (Decimal(0), None, 0, "år")
    assert lost == [("Q1", "max_num_value_n: {Q0}")]


def test_version_3_has_a_row_for_each_language():
    usual = {"qid": "1", "gid": "1", "sid": "7", "scale_id": "0"}
    question = {**usual, "parent_qid": "0", "type": "L", "title": "B1", "other": "N", "mandatory": "Y"}

    def each(name: str, shared: dict[str, str], field: str, **texts: str) -> str:
        column = "surveyls_language" if name == "surveys_languagesettings" else "language"
        return table(name, *({**shared, field: text, column: language} for language, text in texts.items()))

    tables = [
        each("answers", {**usual, "code": "A1", "sortorder": "1"}, "answer", nb="Vet ikke", en="Don't know"),
        each("groups", {"gid": "1", "group_order": "1"}, "group_name", nb="Del", en="Part"),
        each("questions", question, "question", nb="Hva?", en="What?"),
        table("surveys", {"sid": "7", "language": "nb", "additional_languages": "en de"}),
        each("surveys_languagesettings", {}, "surveyls_title", nb="Tittel", en="Title", de="Titel"),
    ]
    draft = lss.load(HEAD.format(version="359", tables="".join(tables)).encode(), "measured")
    section = draft.view.sections[0]
    assert draft.view.title == Text({"nb": "Tittel", "en": "Title"})
    assert section.title == Text({"nb": "Del", "en": "Part"})
    assert section.questions[0].text == Text({"nb": "Hva?", "en": "What?"})
    assert [(each.code, each.label, each.meaning) for each in section.questions[0].options] == [
        ("A1", Text({"nb": "Vet ikke", "en": "Don't know"}), "dont_know")
    ]
    assert ("the whole survey", "de") in [(each.place, each.what) for each in draft.lost]
