"""LimeSurvey's files: what they can carry comes back unchanged, and what they cannot is named."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, Phase, given, settings

from surveys.formats import lss, spelling, strict, txt
from surveys.structure import ConditionView, EditionView, FactView, Text
from surveys.web.richtext import html
from tests.surveys.formats.limesurveys import (
    FORMATS,
    drafts,
    made,
    option,
    view,
)


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


# --- What they can carry ----------------------------------------------------------------------------------
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
