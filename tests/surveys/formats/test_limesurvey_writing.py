"""Files for LimeSurvey: from the door to the last character."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.utils.translation import override

from surveys import authoring, exchanging
from surveys.formats import lss, strict, txt
from surveys.formats.protocol import Draft
from surveys.models import Questionnaire
from surveys.web.richtext import html
from tests import make
from tests.surveys.formats.limesurveys import (
    BOMB,
    FORMATS,
    made,
    on,
    option,
    view,
)


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


# --- Through the door --------------------------------------------------------------------------------------
@FORMATS
@pytest.mark.django_db
def test_a_file_is_planned_applied_and_exported_again(form):
    """As the import page and the command do it, with the database in between."""
    yes_no = tuple(option(code, label) for code, label in (("yes", "Ja"), ("no", "Nei")))
    draft = made(
        view("B_1", "yes_no", options=yes_no, required=True),
        view("B_2", "scale", options=(option("1"), option("2", meaning="dont_know"))),
        view("B_3", "long_text", conditions=(on("B_1", "is", "yes"),)),
    )
    content = form.dump(draft, "nb").content
    planned = exchanging.plan(content, "min-undersøkelse.lss")
    assert planned.errors == ()
    assert planned.counts() == {"sections": 1, "questions": 3, "options": 4, "conditions": 1}
    questionnaire = exchanging.apply(planned)
    edition = authoring.draft(questionnaire)
    name = form.__name__.rsplit(".", 1)[1]
    assert exchanging.export(edition, name, "nb").content == content


@FORMATS
@pytest.mark.django_db
def test_a_refused_file_leaves_nothing(form):
    planned = exchanging.plan(BOMB.encode() if form is lss else b"class\ttype/scale\tname\ttext\nQ\tT\tQ1\t\n", "x.lss")
    assert planned.errors != ()
    with pytest.raises(authoring.Refused):
        exchanging.apply(planned)
    assert Questionnaire.objects.count() == 0


# --- What LimeSurvey itself was seen to do with our files ---------------------------------------------------
def cells(draft: Draft) -> list[dict[str, str]]:
    """The rows of the text file, read as LimeSurvey reads them: tabs and quotation marks, nothing else."""
    rows = csv.reader(io.StringIO(txt.dump(draft, "nb").content.decode("utf-8-sig"), newline=""), delimiter="\t")
    head = next(rows)
    return [dict(zip(head, row, strict=True)) for row in rows]


def asking(text: str, **more: Any) -> Draft:
    question = make.asking("Q1", text={"nb": text}, **more)
    return strict.read(make.document(sections=[{"title": {"nb": text[:40]}, "questions": [question]}]))


def test_numbers_are_written_as_numbers() -> None:
    """LimeSurvey refuses the whole file over an apostrophe before one of its settings."""
    question = make.asking("Q1", kind="number", minimum=-5, options=[])
    rows = cells(strict.read(make.document(sections=[{"questions": [question]}])))

    settings = {row["name"]: row["text"] for row in rows if row["class"] == "S"}
    assert [settings[name] for name in ("questionindex", "navigationdelay", "tokenlength")] == ["-1"] * 3
    assert [row["min_num_value_n"] for row in rows if row["class"] == "Q"] == ["-5"]


@pytest.mark.parametrize(
    ("written", "cell"),
    [
        ("=1+1", "&#61;1+1"),
        ("-5 grader er kaldt", "&#45;5 grader er kaldt"),
        ("+47 er vårt", "&#43;47 er vårt"),
        ("@her", "&#64;her"),
        ("'sitat'", "&#39;sitat'"),
        ('"sitat"', '&#34;sitat"'),
        ('a\\"b', 'a&#92;"b'),
        ("slutt\\", "slutt&#92;"),
        ("-5", "-5"),
    ],
)
def test_what_looks_like_a_formula_or_an_escape_is_a_character_reference(written: str, cell: str) -> None:
    """LimeSurvey keeps an apostrophe as text, and takes a backslash before a quotation mark for an escape."""
    draft = asking(written)
    rows = cells(draft)

    assert [row["text"] for row in rows if row["class"] == "Q"] == [cell]
    assert [row["name"] for row in rows if row["class"] == "G"] == [cell]
    back = exchanging.read(txt.dump(draft, "nb").content, "x")
    assert back.view.questions["Q1"].text("nb") == written


def test_our_own_attribute_holds_nothing_that_is_taken_for_an_escape() -> None:
    question = make.asking("Q1", kind="statement", elaboration="optional", prompt={"nb": 'Si "a\\b" \\'})
    draft = strict.read(make.document(sections=[{"questions": [question]}]))

    (mark,) = (row["raadslag"] for row in cells(draft) if row["class"] == "Q")

    assert not re.search(r"\\[\\\"]", mark)
    back = exchanging.read(txt.dump(draft, "nb").content, "x")
    assert back.view.questions["Q1"].elaboration_prompt("nb") == 'Si "a\\b" \\'


def test_a_condition_on_a_level_of_education_is_named_not_a_fault() -> None:
    roster = make.asking("Q1", kind="roster", options=[{"code": "master", "label": {"nb": "Master"}}])
    after = make.asking("Q2", conditions=[{"source": "Q1", "operator": "is", "option": "master"}])
    draft = strict.read(make.document(sections=[{"questions": [roster, after]}]))

    told = {(each.place, each.why) for each in lss.dump(draft, "nb").lost}

    assert ("Q2", "LimeSurvey asks for one long text instead. LimeSurvey shows it to everyone.") in told


def test_a_quotation_stays_one() -> None:
    block = make.asking("Q1", kind="information", options=[], text={"nb": "Før.\n\n> Sitat.\n>\n> Mer.\n\nEtter."})
    draft = strict.read(make.document(sections=[{"questions": [block, make.asking("Q2")]}]))

    back = exchanging.read(lss.dump(draft, "nb").content, "x").view.questions["Q1"].text("nb")

    assert html(back) == html(draft.view.questions["Q1"].text("nb"))
    assert html(back).count("<blockquote>") == 1


def test_fields_that_cannot_be_filled_in_are_named() -> None:
    ranked = make.asking("Q1", kind="ranking", options=[{"code": "a", "label": {"nb": "A"}}])
    after = make.asking("Q2", text={"nb": "Du satte {Q1} først, og {noe} annet."})
    draft = strict.read(make.document(sections=[{"questions": [ranked, after]}]))

    told = [(each.place, each.what) for each in lss.dump(draft, "nb").lost if "fill" in each.why]

    assert told == [("Q2", "{Q1}")]


@pytest.mark.parametrize(
    "text",
    [
        "> sitat",
        "> ett\n>\n> to",
        "Før\n\n> «Sitatet.»\n\n*Etter*",
        "> - en\n> - to",
        "> > i et sitat",
        "- en\n\n- to",
        "1. en\n2. to",
    ],
)
@FORMATS
def test_quotations_and_lists_come_back_as_they_were(form, text):
    draft = made(view("Q_1", "short_text"), view("Q_2", "information", text))
    written = form.dump(draft, "nb")
    assert written.lost == ()
    back = form.load(written.content, "measured").view
    assert back.questions["Q_2"].text.by_language == {"nb": text}
    assert form.dump(form.load(written.content, "measured"), "nb").content == written.content


@pytest.mark.parametrize("text", ["- en\n  - i den", "Før\n\n---\n\nEtter", "3. tre", "`kode`"])
def test_marks_that_do_not_come_back_are_named(text):
    written = lss.dump(made(view("Q_1", "short_text"), view("Q_2", "information", text)), "nb")
    why = "Lists within lists, lines across, code and other signs are simplified."
    assert [(each.place, each.what, each.why) for each in written.lost] == [("Q_2", text[:60], why)]
