"""Questionnaires that LimeSurvey's files can carry, made at random, and files as LimeSurvey writes them."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import strategies as st

from surveys.formats import lss, txt
from surveys.formats.protocol import Draft
from surveys.kinds import registry
from surveys.structure import ConditionView, EditionView, OptionView, QuestionView, SectionView, Text

FORMATS = pytest.mark.parametrize("form", [lss, txt], ids=["lss", "txt"])


LETTERS = st.sampled_from("abcæøåŋđ ABÆ 123 .,:;?!<>&\"'{}|*_[]()#-=/\\%§€\u00a0")


WORDS = st.lists(
    st.sampled_from(["ja", "nei", "medbestemmelse", "råd", "**viktig**", "*kanskje*", "2021", "æøå."]),
    min_size=1,
    max_size=6,
)


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


LANGUAGES = ("nb", "nn", "en", "se")


CODES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,12}", fullmatch=True)


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


def on(source: str, operator: str, option: str | None = None, *, group: int = 1, **more: Any) -> ConditionView:
    return ConditionView(group, source, operator, option, **more)


# --- What is refused ---------------------------------------------------------------------------------------
BOMB = """<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;">]><document>&b;</document>"""
