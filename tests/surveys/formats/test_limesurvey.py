"""LimeSurvey's files: what they can carry comes back unchanged, what they cannot is named, and attacks are refused."""

from __future__ import annotations

import csv
import io
import re
import time
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from surveys import authoring, exchanging
from surveys.formats import lss, spelling, strict, txt
from surveys.formats.document import BadDocument
from surveys.formats.limesurvey import relevance
from surveys.formats.limesurvey.markup import own_fields, to_markdown
from surveys.formats.limesurvey.relevance import Unsayable, Variable
from surveys.formats.protocol import Draft
from surveys.kinds import registry
from surveys.models import Questionnaire
from surveys.structure import ConditionView, EditionView, FactView, OptionView, QuestionView, SectionView, Text
from surveys.web.richtext import html
from tests import make

FORMATS = pytest.mark.parametrize("form", [lss, txt], ids=["lss", "txt"])


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


# --- What they can carry ----------------------------------------------------------------------------------

LANGUAGES = ("nb", "nn", "en", "se")
LETTERS = st.sampled_from("abcæøåŋđ ABÆ 123 .,:;?!<>&\"'{}|*_[]()#-=/\\%§€\u00a0")
WORDS = st.lists(
    st.sampled_from(["ja", "nei", "medbestemmelse", "råd", "**viktig**", "*kanskje*", "2021", "æøå."]),
    min_size=1,
    max_size=6,
)
CODES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,12}", fullmatch=True)
SLUGS = st.from_regex(r"[a-z0-9_-]{1,12}", fullmatch=True)


def line(longest: int = 60) -> st.SearchStrategy[str]:
    found = st.text(LETTERS, min_size=1, max_size=longest).map(lambda text: " ".join(text.split(" ")).strip())
    return found.map(lambda text: re.sub(" +", " ", text)).filter(lambda text: text.strip("\u00a0 ") == text and text)


def in_all(draw: st.DrawFn, languages: list[str], strategy: st.SearchStrategy[str]) -> Text:
    return Text({language: draw(strategy) for language in languages})


def options(draw: st.DrawFn, languages: list[str], kind: str) -> tuple[OptionView, ...]:
    codes = draw(st.lists(SLUGS, min_size=2, max_size=6, unique=True))
    return tuple(
        OptionView(
            0,
            code,
            in_all(draw, languages, line(40)),
            draw(st.sampled_from(["answer", "answer", "dont_know", "not_applicable", "other"])),
            draw(st.sampled_from(["", "", "never", "optional", "required"]))
            if "elaboration" in registry.kind(kind).settings
            else "",
            draw(st.booleans()) if kind == "multiple_choice" else False,
        )
        for code in codes
    )


def condition(draw: st.DrawFn, source: QuestionView, group: int) -> ConditionView:
    kind = registry.kind(source.kind)
    if kind.has_number and draw(st.booleans()):
        number = Decimal(draw(st.integers(-999, 999)))
        return ConditionView(group, source.code, draw(st.sampled_from(["at_least", "at_most"])), number=number)
    if kind.has_options and source.kind != "ranking" and draw(st.booleans()):
        codes = draw(
            st.lists(st.sampled_from([each.code for each in source.options]), min_size=1, max_size=3, unique=True)
        )
        if len(codes) > 1:
            return ConditionView(group, source.code, "one_of", None, tuple(codes))
        return ConditionView(group, source.code, draw(st.sampled_from(["is", "is_not"])), codes[0])
    return ConditionView(group, source.code, "answered")


def conditions(draw: st.DrawFn, earlier: list[QuestionView]) -> tuple[ConditionView, ...]:
    """Up to two groups, on different questions: what is said in one way only."""
    sources = [each for each in earlier if registry.kind(each.kind).is_asked]
    if not sources or not draw(st.booleans()):
        return ()
    chosen = draw(st.lists(st.sampled_from(sources), min_size=1, max_size=4, unique_by=lambda each: each.code))
    half = draw(st.integers(1, len(chosen)))
    return tuple(condition(draw, source, 1 if place < half else 2) for place, source in enumerate(chosen))


def question(draw: st.DrawFn, code: str, languages: list[str], earlier: list[QuestionView]) -> QuestionView:
    kind = draw(st.sampled_from([each for each in registry.KINDS if each != "roster"]))
    known = registry.kind(kind)
    low = draw(st.none() | st.integers(0, 5)) if "bounds" in known.settings else None
    high = draw(st.none() | st.integers(5, 99)) if "bounds" in known.settings else None
    prompt = in_all(draw, languages, line()) if "elaboration" in known.settings and draw(st.booleans()) else Text({})
    offered = options(draw, languages, kind) if known.has_options else ()
    elaboration = (
        draw(st.sampled_from(["never", "optional", "required"])) if "elaboration" in known.settings else "never"
    )
    if offered and all(each.elaboration == "never" for each in offered):
        # What the question says of a text then means nothing.
        elaboration = "never"
    several = st.lists(line(), min_size=1, max_size=3).map("\n".join)
    return QuestionView(
        0,
        code,
        kind,
        in_all(draw, languages, WORDS.map(" ".join) if kind == "information" else several),
        in_all(draw, languages, line()) if kind != "information" and draw(st.booleans()) else Text({}),
        kind != "information" and draw(st.booleans()),
        elaboration,
        prompt,
        draw(st.sampled_from(["", "consulted"])),
        offered,
        conditions(draw, earlier),
        None if low is None else Decimal(low),
        None if high is None else Decimal(high),
        draw(st.integers(0, 4)) if "decimals" in known.settings else 0,
        in_all(draw, languages, st.sampled_from(["år", "kr", "%"])) if "unit" in known.settings else Text({}),
        draw(st.sampled_from(["meaning", "wording", "theme"])),
        draw(st.sampled_from(["", "question-bank/K1"])),
    )


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    languages = draw(
        st.lists(st.sampled_from(LANGUAGES), min_size=1, unique=True).map(
            lambda found: sorted(found, key=LANGUAGES.index)
        )
    )
    codes = draw(st.lists(CODES, min_size=1, max_size=7, unique_by=str.lower))
    sections: list[SectionView] = []
    made: list[QuestionView] = []
    plain = line().filter(lambda text: not text.isdigit())
    while codes:
        many = draw(st.integers(1, 4))
        here, codes = codes[:many], codes[many:]
        within = conditions(draw, made)
        questions = []
        for code in here:
            questions.append(replace(question(draw, code, languages, made), within=within))
            made.append(questions[-1])
        title = in_all(draw, languages, plain) if draw(st.booleans()) else Text({})
        intro = in_all(draw, languages, WORDS.map(" ".join)) if draw(st.booleans()) else Text({})
        sections.append(SectionView(title, intro, tuple(questions), within))
    purpose = in_all(draw, languages, st.lists(WORDS.map(" ".join), min_size=1, max_size=3).map("\n\n".join))
    view = EditionView(
        0, in_all(draw, languages, plain), purpose, None, tuple(sections), {each.code: each for each in made}
    )
    return Draft("measured", view)


def shown(text: Text) -> dict[str, str]:
    """A Markdown text as people see it."""
    return {language: html(own) for language, own in text.by_language.items()}


def compared(view: EditionView) -> Any:
    """A view with Markdown as it is shown: the same emphasis can be written in several ways."""
    sections = [
        (
            section.title,
            shown(section.intro),
            section.conditions,
            [
                (replace(each, text=Text({})), shown(each.text) if each.kind == "information" else each.text)
                for each in section.questions
            ],
        )
        for section in view.sections
    ]
    return view.title, shown(view.purpose), sections


@FORMATS
@settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(draft=drafts())
def test_what_they_can_carry_comes_back_unchanged(form, draft):
    written = form.dump(draft, "nb")
    back = form.load(written.content, "measured")
    assert compared(back.view) == compared(draft.view)
    assert form.dump(back, "nb").content == written.content
    # What every import must pass before it is applied.
    assert strict.read(spelling.write(back)).view.title == draft.view.title


def test_what_they_cannot_carry_is_named():
    draft = made(
        view("Q_1", "roster", options=(option("a"), option("b"))),
        view("Q_2", "statement", options=(option("a", elaboration="required"), option("dont_know"))),
        view("Q_3", "ranking", options=(option("a"), option("b"))),
        view("Q_4", "short_text", conditions=(ConditionView(1, "Q_3", "is", "a"),)),
        view("Q_5", "short_text", conditions=(ConditionView(1, "@role", "is", "chief"),), concept="consulted"),
    )
    draft = replace(
        draft,
        view=replace(
            draft.view,
            minutes=5,
            title=Text({"nb": "Tittel", "nn": "Tittel"}),
            facts=(FactView("role", Text({"nb": "Verv"}), (("chief", Text({"nb": "HTV"})),)),),
        ),
    )
    lost = [(each.place, each.what, each.why) for each in lss.dump(draft, "nb").lost]
    assert lost == [
        ("the whole", "Norwegian Nynorsk", "11 texts are missing, so the language is left out."),
        ("the whole", "5 min", "LimeSurvey has no place for the expected time."),
        ("the whole", "Verv", "LimeSurvey knows nothing of our register."),
        ("Q_1", "rows of education", "LimeSurvey asks for one long text instead."),
        ("Q_2", "Statement to support or oppose", "LimeSurvey asks it as a question with one answer."),
        ("Q_2", "when a text is asked for", "LimeSurvey lets people add a text to any answer."),
        (
            "Q_4",
            "its conditions",
            "LimeSurvey cannot ask whether an answer was ranked, in whatever place. LimeSurvey shows it to everyone.",
        ),
        (
            "Q_5",
            "its conditions",
            "LimeSurvey knows nothing of the background fact “role”. LimeSurvey shows it to everyone.",
        ),
        ("Q_5", "the concept “consulted”", "LimeSurvey knows nothing of concepts and origins."),
    ]


def view(code: str, kind: str, text: str = "Spørsmål", **more: Any) -> QuestionView:
    """A question in bokmål."""
    empty = {"help": Text({}), "required": False, "elaboration": "never", "elaboration_prompt": Text({}), "concept": ""}
    return QuestionView(0, code, kind, Text({"nb": text}), **{**empty, **more})


def option(code: str, label: str = "", **more: Any) -> OptionView:
    return OptionView(0, code, Text({"nb": label or code}), more.pop("meaning", "answer"), **more)


def made(*questions: QuestionView) -> Draft:
    """A draft of one section in bokmål."""
    section = SectionView(Text({"nb": "Del"}), Text({}), questions)
    codes = {question.code: question for question in questions}
    return Draft("measured", EditionView(0, Text({"nb": "Tittel"}), Text({"nb": "Formål"}), None, (section,), codes))


def test_every_export_is_something_the_import_takes():
    """Also of what cannot be carried whole, such as a roster, and of a questionnaire without questions."""
    for draft in (made(), made(view("Q1", "roster", options=(option("a"), option("b"))))):
        for form in (lss, txt):
            back = form.load(form.dump(draft, "nb").content, "measured")
            assert [each.kind for each in back.view.questions.values()] == [
                "long_text" for _each in draft.view.questions
            ]


@FORMATS
def test_no_text_is_run_by_limesurvey_or_a_spreadsheet(form):
    evil = "=cmd|' /C calc'!A0 {SURVEYNAME} {B9|x} <script>alert(1)</script> ]]> \x0b"
    draft = made(view("Q1", "short_text", evil), view("Q2", "short_text", "Etter {Q1|svaret}"))
    written = form.dump(draft, "nb").content.decode()
    assert "<script>" not in written
    assert "{SURVEYNAME}" not in written
    # The one field that LimeSurvey shall fill in.
    assert re.findall(r"\{[^{ ][^}]*\}", written) == [
        '{if(is_empty(Q1.NAOK), "svaret", Q1.shown)}'.replace('"', '""' if form is txt else '"')
    ]
    assert not re.search(r'(^|\t)"?[=+@-]', written.replace("\t-1", ""), re.MULTILINE)
    back = form.load(form.dump(draft, "nb").content, "measured").view.questions
    assert back["Q1"].text.by_language["nb"] == evil.replace(" \x0b", "")
    assert back["Q2"].text.by_language["nb"] == "Etter {Q1|svaret}"


# --- What LimeSurvey's own files hold ----------------------------------------------------------------------

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<document><LimeSurveyDocType>Survey</LimeSurveyDocType><DBVersion>{version}</DBVersion>
<languages><language>nb</language></languages>{tables}</document>"""


def table(name: str, *rows: dict[str, str]) -> str:
    """A table as LimeSurvey writes it."""
    lines = "".join(
        "<row>" + "".join(f"<{field}><![CDATA[{value}]]></{field}>" for field, value in row.items()) + "</row>"
        for row in rows
    )
    return f"<{name}><fields></fields><rows>{lines}</rows></{name}>"


def file(
    questions: list[dict[str, str]], *, version: str = "606", relevance: str = "1", **tables: list[dict[str, str]]
) -> bytes:
    """An .lss file with one group; of each question, what differs from an ordinary text."""
    usual = {
        "parent_qid": "0",
        "sid": "7",
        "gid": "1",
        "type": "T",
        "other": "N",
        "mandatory": "N",
        "relevance": "1",
        "scale_id": "0",
    }
    rows = [
        {**usual, "qid": str(place), "title": f"Q{place}", "question_order": str(place), **each}
        for place, each in enumerate(questions, 1)
    ]
    texts = [
        {
            "qid": row["qid"],
            "question": row.pop("question", f"Tekst {row['title']}"),
            "help": row.pop("help", ""),
            "language": "nb",
        }
        for row in rows
    ]
    parts = [{**usual, "type": "T", **row} for row in tables.pop("subquestions", [])]
    texts += [{"qid": row["qid"], "question": row.pop("question"), "language": "nb"} for row in parts]
    written = {
        "answers": tables.pop("answers", []),
        "answer_l10ns": tables.pop("answer_l10ns", []),
        "groups": [{"gid": "1", "sid": "7", "group_order": "1", "grelevance": relevance}],
        "group_l10ns": [
            {"gid": "1", "group_name": "Gruppe", "description": "<p>Les <b>dette</b></p>", "language": "nb"}
        ],
        "questions": rows,
        "subquestions": parts,
        "question_l10ns": texts,
        "surveys": [{"sid": "7", "language": "nb"}],
        "surveys_languagesettings": [
            {"surveyls_language": "nb", "surveyls_title": "Tittel", "surveyls_welcometext": "<p>Hei</p>"}
        ],
        **tables,
    }
    return HEAD.format(
        version=version, tables="".join(table(name, *own) for name, own in written.items() if own)
    ).encode()


def answers(number: str, *codes: str) -> dict[str, list[dict[str, str]]]:
    """Answers of a question, called after their codes."""
    return {
        "answers": [
            {"aid": f"{number}{place}", "qid": number, "code": code, "sortorder": str(place), "scale_id": "0"}
            for place, code in enumerate(codes)
        ],
        "answer_l10ns": [
            {"aid": f"{number}{place}", "answer": f"Svar {code}", "language": "nb"} for place, code in enumerate(codes)
        ],
    }


def rows(number: str, *codes: str) -> list[dict[str, str]]:
    """Subquestions of a question."""
    return [
        {
            "qid": f"{number}9{place}",
            "parent_qid": number,
            "title": code,
            "question": f"Rad {code}",
            "question_order": str(place),
        }
        for place, code in enumerate(codes)
    ]


USUAL_LOSS = ("the whole survey", "dates, letters and participants")


def loaded(content: bytes) -> tuple[list[QuestionView], list[tuple[str, str]]]:
    """The questions in a file and what was lost, without what is always lost."""
    draft = lss.load(content, "measured")
    return list(draft.view.questions.values()), [
        (each.place, each.what) for each in draft.lost if (each.place, each.what) != USUAL_LOSS
    ]


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


# --- Expressions -------------------------------------------------------------------------------------------

VARIABLES = {
    "Q1": Variable("Q1", {"A1": "A1", "A2": "A2"}),
    "7X1X1": Variable("Q1", {"A1": "A1", "A2": "A2"}),
    "M": Variable("M", {"a": "a", "b": "b"}),
    "M_a": Variable("M", option="a"),
    "M_b": Variable("M", option="b"),
    "N": Variable("N", decimals=0),
    "T": Variable("T"),
}


def on(source: str, operator: str, option: str | None = None, *, group: int = 1, **more: Any) -> ConditionView:
    return ConditionView(group, source, operator, option, **more)


@pytest.mark.parametrize(
    ("expression", "groups"),
    [
        ('Q1.NAOK == "A1"', [[on("Q1", "is", "A1")]]),
        ('((Q1.NAOK == "A1"))', [[on("Q1", "is", "A1")]]),
        ("{7X1X1.NAOK eq 'A1'}", [[on("Q1", "is", "A1")]]),
        ('"A1" == Q1', [[on("Q1", "is", "A1")]]),
        ('(Q1 == "A1" or Q1 == "A2")', [[on("Q1", "one_of", None, options=("A1", "A2"))]]),
        ('M_a.NAOK == "Y"', [[on("M", "is", "a")]]),
        ('!(M_a.NAOK != "Y")', [[on("M", "is", "a")]]),
        ("!is_empty(T.NAOK)", [[on("T", "answered")]]),
        ('T != ""', [[on("T", "answered")]]),
        ("count(M_a.NAOK, M_b.NAOK) > 0", [[on("M", "answered")]]),
        ("count(that.M.NAOK) >= 1", [[on("M", "answered")]]),
        ("N > 5 && N.NAOK < 10", [[on("N", "at_least", number=Decimal(6)), on("N", "at_most", number=Decimal(9))]]),
        ("N == 5", [[on("N", "at_least", number=Decimal(5)), on("N", "at_most", number=Decimal(5))]]),
        (
            'Q1 == "A1" and N >= 5 or !is_empty(T)',
            [[on("Q1", "is", "A1"), on("N", "at_least", number=Decimal(5))], [on("T", "answered", group=2)]],
        ),
        (
            '(Q1 == "A1" or !is_empty(T)) and N >= 5',
            [
                [on("Q1", "is", "A1"), on("N", "at_least", number=Decimal(5))],
                [on("T", "answered", group=2), on("N", "at_least", group=2, number=Decimal(5))],
            ],
        ),
    ],
)
def test_an_expression_becomes_conditions(expression, groups):
    assert relevance.read(expression, VARIABLES) == (groups, [])


def test_is_not_means_something_else_of_a_blank():
    groups, remarks = relevance.read('Q1.NAOK != "A1"', VARIABLES)
    assert (groups, len(remarks)) == ([[on("Q1", "is_not", "A1")]], 1)
    assert relevance.read('!is_empty(Q1.NAOK) and Q1.NAOK != "A1"', VARIABLES) == (groups, [])


@pytest.mark.parametrize(
    "expression",
    [
        "is_empty(Q1)", 'Q1 == "A9"', 'Q9 == "A1"', "sum(N, N) > 3", "N > N", "Q1", "Q1 =", '(Q1 == "A1"', "N + 1 > 2",
        "regexMatch('/a/', T)", "count(M_a, M_b) > 1", "!" * 200 + "T", "(" * 200 + "T", "N > 1e9", '"a" == "b"', ")",
        " && ".join(['(Q1 == "A1" || N > 1 || T != "")'] * 9), 'Q1 == "A1"' + " or N > 1" * 2000, "\x00", "\u0661 == N",
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_refused_with_a_reason(expression):
    with pytest.raises(Unsayable) as caught:
        relevance.read(expression, VARIABLES)
    assert str(caught.value).endswith(".")


@given(expression=st.text(st.sampled_from("QMNT1_ab&|()!=<>\"'., ANDORis_empty"), max_size=60))
def test_no_expression_breaks_the_reader(expression):
    try:
        groups, _remarks = relevance.read(expression, VARIABLES)
    except Unsayable:
        return
    assert groups


def test_conditions_in_a_file():
    """Of a question, of a group, from the old table, and not understood: then it is told, and everyone is asked."""
    old = [
        {"qid": "3", "scenario": "1", "cfieldname": "7X1X1", "method": "==", "value": "Y"},
        {"qid": "3", "scenario": "2", "cfieldname": "+7X1X2SQ1", "method": "==", "value": "Y"},
    ]
    content = file(
        [
            {"type": "Y"},
            {"type": "M", "relevance": "Q1.NAOK == 'N'"},
            {"relevance": ""},
            {"relevance": "Q9 == 1"},
            {"relevance": "0"},
        ],
        relevance="Q1 == 'Y'",
        subquestions=rows("2", "SQ1", "SQ2"),
        conditions=old,
    )
    found, lost = loaded(content)
    assert [(each.code, each.conditions) for each in found] == [
        ("Q1", ()),
        ("Q2", (on("Q1", "is", "no"),)),
        ("Q3", (on("Q1", "is", "yes"), on("Q2", "is", "SQ1", group=2))),
        ("Q4", ()),
    ]
    assert lost == [("group 1", "Q1 == 'Y'"), ("Q4", "Q9 == 1"), ("Q5", "Tekst Q5 (T)")]


def test_texts_lose_their_marks_and_nothing_in_them_is_run():
    first = "<p>Hva <b>mener</b> du?</p><script>alert(1)</script><img src=x onerror=alert(1)>"
    second = "<p>Navn: {TOKEN:FIRSTNAME}, {Q1.shown}</p>"
    found, lost = loaded(file([{}, {"question": first + second, "help": "En &amp; to"}]))
    assert found[1].text("nb") == "Hva mener du?\n\nNavn: …, {Q1}"
    assert found[1].help("nb") == "En & to"
    assert lost == [("Q2", "<img>"), ("Q2", "<script>"), ("Q2", "{TOKEN:FIRSTNAME}")]


@FORMATS
@pytest.mark.parametrize(
    "mark",
    [
        "x",
        "[]",
        "{",
        '{"options": {"A1": {}}}',
        '{"kind": "nonsense"}',
        '{"decimals": 9}',
        '{"code": "1 2"}',
        '{"options": 5}',
        "9" * 60_000,
    ],
)
def test_marks_that_are_not_ours_are_passed_over(form, mark):
    draft = made(view("Q_1", "scale", options=(option("a"), option("b"))))
    content = form.dump(draft, "nb").content.decode()
    written = re.search(r'\{ "[^\]\t]*\}', content)
    assert written is not None
    back = form.load(content.replace(written[0], mark.replace('"', '""') if form is txt else mark).encode(), "measured")
    assert [each.kind for each in back.view.questions.values()] == ["single_choice"]
    assert "raadslag" in [each.what for each in back.lost]


# --- What is refused ---------------------------------------------------------------------------------------

BOMB = """<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;">]><document>&b;</document>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><document>&x;</document>"""
OLD = "This survey is from a LimeSurvey older than 1.90: open it in a newer one and export it again."
NO_SURVEY = "This is no whole survey from LimeSurvey (“%s”): export the structure of the survey (.lss)."
GERMAN = "The survey is written in de. Questionnaires here are in bokmål, nynorsk, English or Sámi."
ENTITIES = "The file has a document type or entities of its own, which is not allowed: they can be used to attack."


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (BOMB.encode(), ENTITIES),
        (OUTSIDE.encode(), ENTITIES),
        (b'<!DOCTYPE document SYSTEM "http://localhost/x.dtd"><document/>', ENTITIES),
        (b"<document>" + b"<a>" * 100_000, "The file is nested deeper than any LimeSurvey survey."),
        (b"<document>" + b" " * 11_000_000, "The file is larger than 10 MB."),
        (b"<a/>" , "This is no survey from LimeSurvey: the file does not begin with “document”."),
        (b"<document></document>", NO_SURVEY % "?"),
        ("<document><x>å</x></document>".encode("latin-1"), "The file is not valid XML: line 1, column 13."),
        (b'<?xml version="1.0" encoding="klingon"?><document/>', "The file is not valid XML."),
        (b"not xml", "The file is not valid XML: line 1, column 0."),
        (b"", "The file is not valid XML: line 1, column 0."),
        (file([{}], version="100"), OLD),
        (file([{}], version="x"), OLD),
        (file([{}]).replace(b"Survey</LimeS", b"Group</LimeS"), NO_SURVEY % "Group"),
        (file([{"gid": "9"}]), "Question Q1 is in no group."),
        (file([{}]).replace(b">nb<", b">de<").replace(b"[nb]", b"[de]"), GERMAN),
    ],
)  # fmt: skip
def test_a_bad_lss_file_is_refused(content, complaint):
    with pytest.raises(BadDocument) as caught:
        lss.load(content, "measured")
    assert str(caught.value) == complaint


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"x" * 11_000_000, "The file is larger than 10 MB."),
        (
            "class\ttype/scale\tname\ttext\nG\t1\tå".encode("latin-1"),
            "The file is not text in UTF-8. Save it as UTF-8 and try again.",
        ),
        (b"\xff\xfea", "The file is not text in UTF-8. Save it as UTF-8 and try again."),
        (b"class\ttype/scale\tname\ttext\nG\x00", "The file is not text in UTF-8. Save it as UTF-8 and try again."),
        (b"", "This is no survey from LimeSurvey: the first row must name its columns, such as class and name."),
        (b"a\tb\n", "This is no survey from LimeSurvey: the first row must name its columns, such as class and name."),
        (b"class\ttype/scale\tname\ttext\n", "The file holds no survey."),
        (b"class\ttype/scale\tname\ttext\nQ\tT\tQ1\t\n", "Question Q1 is in no group."),
        (b"class\ttype/scale\tname\ttext\nG\t1\ta\t" + b"x" * 3_000_000, "Row 2 cannot be read."),
        (b"class\ttype/scale\tname\ttext\n" + b"G\t1\ta\t\n" * 100_001, "The file has more than 100000 rows."),
    ],
)
def test_a_bad_txt_file_is_refused(content, complaint):
    with pytest.raises(BadDocument) as caught:
        txt.load(content, "measured")
    assert str(caught.value) == complaint


@pytest.mark.parametrize(
    "part",
    ["<a ", "<!--", "<![", "<a b='", "<x", "<ul><li>", "{", "{a", "&#", "<script>", "*_[", '<a href="https://x">'],
)
def test_no_text_takes_long_to_read(part):
    began = time.perf_counter()
    to_markdown(part * 20_000)
    own_fields(part * 20_000, {})
    assert time.perf_counter() - began < 5


def test_too_many_questions_are_refused_before_they_are_read():
    with pytest.raises(BadDocument) as caught:
        lss.load(file([{}] * 501), "measured")
    assert str(caught.value) == "The survey has more than 500 questions or 200 groups."


def test_texts_without_end_are_refused():
    with pytest.raises(BadDocument) as caught:
        lss.load(file([{"question": "<p>" * 6000} for _each in range(300)]), "measured")
    assert str(caught.value) == "The texts of the survey are longer than any questionnaire's."


def test_other_encodings_that_say_so_are_read():
    content = file([{"question": "Hva står på?"}]).decode()
    latin = content.replace('encoding="UTF-8"', 'encoding="ISO-8859-1"').encode("latin-1")
    for each in (latin, b"\xef\xbb\xbf" + content.encode(), content.replace('encoding="UTF-8"', "").encode("utf-16")):
        assert loaded(each)[0][0].text("nb") == "Hva står på?"
    tabbed = (
        "class\ttype/scale\tname\ttext\tlanguage\nS\t\tlanguage\tnb\t\nG\t1\tDel\t\tnb\nQ\tT\tQ1\tHva står på?\tnb\n"
    )
    for each in (tabbed.encode(), tabbed.encode("utf-8-sig"), tabbed.encode("utf-16")):
        assert txt.load(each, "measured").view.questions["Q1"].text("nb") == "Hva står på?"


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
