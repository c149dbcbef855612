"""The paper form: everything a respondent must see stands on it, in Word and in PDF, and the routing in words."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from zipfile import ZipFile

import docx as python_docx
import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, Phase, given, settings
from pypdf import PdfReader

from surveys.formats import docx, pdf
from surveys.formats.paper import rich
from surveys.formats.paper.form import Item, lay_out
from surveys.formats.protocol import Draft
from surveys.structure import (
    ConditionView,
    EditionView,
    FactView,
    OptionView,
    QuestionView,
    SectionView,
    Text,
)
from tests.surveys.formats.limesurveys import drafts

POINTS = ("Uenig", "Verken eller", "Enig")


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


def question(code: str, kind: str, *labels: str, **more: Any) -> QuestionView:
    """A question in bokmål and English; its text is its code's."""
    options = tuple(OptionView(0, label.lower()[:5], Text({"nb": label}), "answer") for label in labels)
    usual = {"help": Text({}), "required": False, "elaboration": "never", "elaboration_prompt": Text({}), "concept": ""}
    text = Text({"nb": f"Spørsmålet {code}", "en": f"The question {code}"})
    return QuestionView(0, code, kind, **{"text": text, **usual, "options": options, **more})


def every_kind() -> Draft:
    """A draft with each kind, a grid, routing on an answer, on a number and on a background fact."""
    yes = (ConditionView(1, "A", "is", "ja"),)
    first = (
        question("A", "yes_no", "Ja", "Nei", required=True),
        question("B", "multiple_choice", "Lønn", "Tid", "Ingen", conditions=yes, maximum=Decimal(2)),
        question("C", "number", unit=Text({"nb": "møter"}), minimum=Decimal(0), maximum=Decimal(52), conditions=yes),
        question("D", "scale", *POINTS),
        question("E", "scale", *POINTS),
        question("F", "statement", "For", "Mot", elaboration="optional", elaboration_prompt=Text({"nb": "Fortell"})),
        question("G", "ranking", "Lønn", "Tid"),
        question("H", "date"),
        question("I", "short_text", help=Text({"nb": "Kort hjelp"})),
        question("J", "roster", "Fagbrev", "Bachelor"),
        question("K", "information", text=Text({"nb": "Les **dette** {A|svaret} {x}"})),
        question("L", "single_choice", "Bra", "Dårlig"),
    )
    long = ConditionView(1, "C", "at_least", number=Decimal(10))
    second = (
        question("M", "long_text", conditions=(long, ConditionView(2, "@role", "is", "chief"))),
        question("N", "long_text", conditions=(ConditionView(1, "L", "is_not", "bra"),)),
    )
    sections = (
        SectionView(Text({"nb": "Del én"}), Text({"nb": "- punkt"}), first),
        SectionView(Text({"nb": "Del to"}), Text({}), second),
    )
    fact = FactView("role", Text({"nb": "Verv"}), (("chief", Text({"nb": "HTV"})),))
    codes = {each.code: each for section in sections for each in section.questions}
    title, purpose = Text({"nb": "Tittelen på skjemaet", "en": "The title"}), Text({"nb": "Hvorfor vi *spør*"})
    return Draft("paper", EditionView(0, title, purpose, 7, sections, codes, (fact,)))


def items(draft: Draft, language: str = "nb") -> dict[str, Item]:
    return {each.code: each for part in lay_out(draft, language).parts for each in part.items}


def said(draft: Draft) -> dict[str, Item]:
    """The items with the words around them in English, which are tied to no translation."""
    return items(draft, "en")


def word_text(content: bytes) -> str:
    document = python_docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def pdf_text(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


READERS = pytest.mark.parametrize(("form", "read"), [(docx, word_text), (pdf, pdf_text)], ids=["docx", "pdf"])


@READERS
def test_everything_stands_on_the_paper(form, read: Callable[[bytes], str]):
    text = " ".join(read(form.dump(every_kind(), "nb").content).split())
    view = every_kind().view
    expected = [
        "Tittelen på skjemaet",
        "Hvorfor vi spør",
        "Del én",
        "punkt",
        "Del to",
        "Fortell",
        "Kort hjelp",
        "møter",
    ]
    expected += [each.text("nb") for each in view.questions.values() if each.kind != "information"]
    expected += [option.label("nb") for each in view.questions.values() for option in each.options]
    assert [each for each in expected if each not in text] == []
    assert "Les dette svaret {x}" in text


@READERS
def test_it_is_in_the_language_asked_for(form, read: Callable[[bytes], str]):
    text = " ".join(read(form.dump(every_kind(), "en").content).split())
    assert "The title" in text
    assert "1. The question A" in text
    assert "Spørsmålet" not in text


def test_questions_are_numbered_and_scales_in_a_row_are_a_grid():
    found = said(every_kind())
    assert {code: each.number for code, each in found.items()} == {
        "A": 1, "B": 2, "C": 3, "D": 4, "F": 6, "G": 7, "H": 8, "I": 9, "J": 10, "K": 0, "L": 11, "M": 12, "N": 13,
    }  # fmt: skip
    assert (found["D"].shape, found["D"].points) == ("grid", POINTS)
    assert [each.label for each in found["D"].choices] == ["4. The question D", "5. The question E"]


@pytest.mark.parametrize(
    "more",
    [
        {"help": Text({"nb": "Hjelp"})},
        {"elaboration": "optional"},
        {"conditions": (ConditionView(1, "A", "answered"),)},
    ],
)
def test_scales_that_differ_are_no_grid(more):
    first, second = question("D", "scale", *POINTS), replace(question("E", "scale", *POINTS), **more)
    start = question("A", "yes_no", "Ja", "Nei")
    section = SectionView(Text({}), Text({}), (start, first, second))
    view = EditionView(0, Text({"nb": "T"}), Text({}), None, (section,), {"A": start, "D": first, "E": second})
    assert [each.shape for each in items(Draft("x", view)).values()] == ["one", "one", "one"]


def test_the_routing_is_told_in_words_on_both_sides():
    found = said(every_kind())
    assert [(each.label, each.note) for each in found["A"].choices] == [("Ja", ""), ("Nei", "go to question 4")]
    assert found["B"].only_if == "Answer only if you answered “Ja” to question 1."
    assert [(each.label, each.note) for each in found["L"].choices] == [("Bra", ""), ("Dårlig", "")]
    assert found["M"].only_if == (
        "Answer only if you wrote 10 or more in question 3, or if this is true of you: Verv: HTV."
    )
    assert found["N"].only_if == "Answer only if you answered something other than “Bra” to question 11."


def test_the_end_is_somewhere_to_go():
    last = question("B", "long_text", conditions=(ConditionView(1, "A", "is", "ja"),))
    section = SectionView(Text({}), Text({}), (question("A", "yes_no", "Ja", "Nei"), last))
    view = EditionView(
        0, Text({"nb": "T"}), Text({}), None, (section,), {each.code: each for each in section.questions}
    )
    assert [each.note for each in items(Draft("x", view), "en")["A"].choices] == ["", "go to the end"]


def test_hints_say_how_to_answer():
    found = said(every_kind())
    assert {code: found[code].hint for code in "ABCDGHJ"} == {
        "A": "Tick one. Must be answered.",
        "B": "Tick all that apply. At most 2.",
        "C": "At least 0. At most 52.",
        "D": "Tick one in each row.",
        "G": "Write 1 by the most important, 2 by the next, and so on.",
        "H": "Day, month, year.",
        "J": "One row for each qualification.",
    }


def test_what_paper_cannot_say_is_named():
    draft = every_kind()
    asked = replace(draft.view.questions["L"], text=Text({"nb": "Du svarte {A}"}), concept="consulted")
    draft = replace(draft, view=replace(draft.view, questions={**draft.view.questions, "L": asked}))
    assert [(each.place, each.what) for each in pdf.dump(draft, "nb").lost] == [
        ("K", "Les **dette** {A|svaret} {x}"),
        ("L", "Du svarte {A}"),
        ("L", "consulted"),
        ("the whole", "en"),
    ]


def test_the_pdf_can_be_read_aloud():
    reader = PdfReader(io.BytesIO(pdf.dump(every_kind(), "nn").content))
    catalogue: Any = reader.trailer["/Root"]
    assert bool(catalogue["/MarkInfo"]["/Marked"]) is True
    assert catalogue["/Lang"] == "nn"
    assert catalogue["/StructTreeRoot"] is not None
    assert reader.metadata is not None
    assert reader.metadata.title == "Tittelen på skjemaet"
    about = reader.xmp_metadata
    assert about is not None
    assert "pdfuaid" in about.stream.get_data().decode()


def test_a_character_that_no_font_has_is_told_of():
    draft = every_kind()
    asked = replace(draft.view.questions["A"], text=Text({"nb": "Hva? \U0001f600 好"}))
    section = SectionView(Text({}), Text({}), (asked,))
    draft = Draft("x", EditionView(0, Text({"nb": "T"}), Text({}), None, (section,), {"A": asked}))
    written = pdf.dump(draft, "nb")
    assert [(each.place, each.what) for each in written.lost] == [("the whole", "PDF/UA")]
    assert "1. Hva?" in pdf_text(written.content)


def test_the_word_file_has_headings_page_numbers_and_no_name_of_a_maker():
    content = docx.dump(every_kind(), "nb").content
    document = python_docx.Document(io.BytesIO(content))
    headings = [each.text for each in document.paragraphs if each.style is not None and each.style.name == "Heading 2"]
    assert headings == ["Del én", "Del to"]
    with ZipFile(io.BytesIO(content)) as archive:
        footer = archive.read("word/footer1.xml").decode()
        grid = archive.read("word/document.xml").decode()
    assert ('w:instr="PAGE"' in footer, 'w:instr="NUMPAGES"' in footer) == (True, True)
    # The heads of the grid and of the rows of education.
    assert grid.count("<w:tblHeader") == 2
    about = document.core_properties
    assert (about.author, about.title, about.language) == ("", "Tittelen på skjemaet", "nb-NO")


@READERS
def test_texts_are_drawn_and_never_run(form, read: Callable[[bytes], str]):
    """Typst's own language, and Word's."""
    evil = '#eval("1+1") $x$ @ref <label> \\u{41} #read("/etc/passwd") = *ikke* `kode` </w:t><w:br/> &amp; \x0b\ufffe'
    draft = every_kind()
    asked = replace(draft.view.questions["A"], text=Text({"nb": evil}))
    section = SectionView(Text({"nb": evil}), Text({}), (asked,))
    draft = replace(
        draft, view=replace(draft.view, sections=(section,), questions={"A": asked}, title=Text({"nb": evil}))
    )
    text = " ".join(read(form.dump(draft, "nb").content).split())
    assert '#eval("1+1")' in text
    assert '#read("/etc/passwd")' in text
    assert "</w:t><w:br/> &amp;" in text


def test_markdown_becomes_paragraphs():
    found = rich.paragraphs("# Tittel\n\nHei **du** og [dere](https://example.org)\n\n1. en\n2. to\n\n- tre\n\n> sitat")
    assert [(each.style, each.mark, "".join(run.text for run in each.runs)) for each in found] == [
        ("heading", "", "Tittel"),
        ("text", "", "Hei du og dere (https://example.org)"),
        ("item", "1.", "en"),
        ("item", "2.", "to"),
        ("item", "•", "tre"),
        ("quotation", "", "sitat"),
    ]
    assert [run.text for run in found[1].runs if run.strong] == ["du"]


@settings(
    max_examples=15, deadline=None, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(draft=drafts())
def test_any_questionnaire_can_be_drawn(draft):
    assert pdf.dump(draft, "nn").content.startswith(b"%PDF")
    word = word_text(docx.dump(draft, "nn").content)
    asked = [each for each in draft.view.questions.values() if each.kind != "information"]
    assert [number for number in range(1, len(asked) + 1) if f"{number}. " not in word] == []


def test_what_draws_is_not_loaded_with_the_pages():
    """A web process that exports nothing must not carry it: 40 MB."""
    check = (
        "import sys, django; django.setup(); import surveys.exchanging, config.urls; "
        "from surveys.formats import docx, pdf; "
        "print([name for name in ('docx', 'typst', 'lxml') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr.strip()[-300:]) == ("[]", "")
