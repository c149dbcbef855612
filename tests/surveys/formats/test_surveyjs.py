"""SurveyJS documents that others wrote: what becomes of each element, and what is said of the rest."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from surveys.exchanging import read
from surveys.formats.document import BadDocument
from surveys.formats.protocol import Draft

CHOICES = ["a", {"value": "b", "text": {"default": "B", "en": "B in English"}}]


def loaded(*elements: dict[str, Any], **root: Any) -> Draft:
    document = {"locale": "nb", "title": "Prøve", "pages": [{"elements": elements}], **root}
    with override("en"):
        return read(json.dumps(document).encode(), "prove.json")


def refused(document: Any) -> str:
    with override("en"), pytest.raises(BadDocument) as caught:
        read(json.dumps(document).encode(), "prove.json")
    return str(caught.value)


def asking(kind: str, name: str = "q", **rest: Any) -> dict[str, Any]:
    return {"type": kind, "name": name, "title": "Spørsmål?", **rest}


ASKED = asking("comment", "first")


@pytest.mark.parametrize(
    ("element", "kind"),
    [
        (asking("radiogroup", choices=CHOICES), "single_choice"),
        (asking("dropdown", choices=CHOICES), "single_choice"),
        (asking("radiogroup", choices=["yes", "no"]), "yes_no"),
        (asking("boolean"), "yes_no"),
        (asking("checkbox", choices=CHOICES), "multiple_choice"),
        (asking("tagbox", choices=CHOICES), "multiple_choice"),
        (asking("ranking", choices=CHOICES), "ranking"),
        (asking("rating"), "scale"),
        (asking("text"), "short_text"),
        (asking("text", inputType="number"), "number"),
        (asking("text", inputType="date"), "date"),
        (asking("comment"), "long_text"),
        ({"type": "html", "name": "q", "html": "Les dette"}, "information"),
    ],
)
def test_each_type_becomes_its_kind(element: dict[str, Any], kind: str) -> None:
    draft = loaded(ASKED, element)

    assert draft.view.questions["q"].kind == kind
    assert draft.lost == ()


@pytest.mark.parametrize(
    "kind", ["file", "signaturepad", "matrixdynamic", "paneldynamic", "imagepicker", "expression", "x"]
)
def test_what_has_no_kind_is_named(kind: str) -> None:
    draft = loaded(ASKED, asking(kind))

    assert list(draft.view.questions) == ["first"]
    assert [(each.place, each.what, each.why) for each in draft.lost] == [
        ("page 1 › element 2 (q)", kind, "There is no kind of question for this here.")
    ]


def test_a_checkbox_with_everything_switched_on() -> None:
    draft = loaded(
        asking(
            "checkbox", choices=CHOICES, showOtherItem=True, otherText="Noe annet", hasNone=True, showDontKnowItem=True,
            minSelectedChoices=1, maxSelectedChoices=2, showCommentArea=True, commentText="Utdyp", isRequired=True,
            description="Velg én eller to",
        )
    )  # fmt: skip

    question = draft.view.questions["q"]
    assert [(each.code, each.label("nb"), each.meaning, each.excludes) for each in question.options] == [
        ("a", "a", "answer", False),
        ("b", "B", "answer", False),
        ("none", "Ingen", "answer", True),
        ("other", "Noe annet", "other", False),
        ("dontknow", "Vet ikke", "dont_know", False),
    ]
    assert (question.minimum, question.maximum, question.required) == (Decimal(1), Decimal(2), True)
    assert (question.elaboration, question.elaboration_prompt("nb"), question.help("nb")) == (
        "optional", "Utdyp", "Velg én eller to",
    )  # fmt: skip
    assert draft.lost == ()


def test_a_rating_with_words_at_its_ends() -> None:
    draft = loaded(asking("rating", rateMin=0, rateMax=3, minRateDescription="Aldri", maxRateDescription="Alltid"))

    assert [each.label("nb") for each in draft.view.questions["q"].options] == ["0 – Aldri", "1", "2", "3 – Alltid"]


def test_a_matrix_becomes_a_text_and_a_scale_for_each_row() -> None:
    rows = [{"value": "pay", "text": "Lønn"}, {"value": "time", "text": "Tid"}]
    draft = loaded(
        asking("matrix", columns=["1", "2"], rows=rows, isAllRowRequired=True),
        asking("comment", "why", visibleIf="{q.pay} = '1'"),
    )

    found = [(each.code, each.kind, each.text("nb"), each.required) for each in draft.view.questions.values()]
    assert found == [
        ("q_text", "information", "Spørsmål?", False),
        ("q_pay", "scale", "Lønn", True),
        ("q_time", "scale", "Tid", True),
        ("why", "long_text", "Spørsmål?", False),
    ]
    assert [(each.source, each.option) for each in draft.view.questions["why"].conditions] == [("q_pay", "1")]


def test_a_panel_becomes_a_section_under_both_conditions() -> None:
    panel = {
        "type": "panel",
        "name": "p",
        "title": "Indre",
        "visibleIf": "{first} notempty",
        "elements": [asking("text", "in")],
    }
    draft = loaded(ASKED, panel, asking("text", "after"))

    found = [(each.title("nb"), [q.code for q in each.questions], len(each.conditions)) for each in draft.view.sections]
    assert found == [("", ["first"], 0), ("Indre", ["in"], 1), ("", ["after"], 0)]
    assert [each.what for each in draft.lost] == ["Indre"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("{c} = 'a'", [(1, "is", "a", ())]),
        ("{c} contains 'a'", [(1, "is", "a", ())]),
        ("{c} anyof ['a', 'b']", [(1, "one_of", None, ("a", "b"))]),
        ("{c} notempty", [(1, "answered", None, ())]),
        ("{c} notempty and {c} <> 'a'", [(1, "answered", None, ()), (1, "is_not", "a", ())]),
        ("({c} = 'a') or ({c} notempty)", [(1, "is", "a", ()), (2, "answered", None, ())]),
        ("{yes} = true", [(1, "is", "yes", ())]),
    ],
)
def test_conditions_that_can_be_said(expression: str, expected: list[tuple[Any, ...]]) -> None:
    draft = loaded(
        asking("checkbox", "c", choices=CHOICES), asking("boolean", "yes"), asking("text", visibleIf=expression)
    )

    found = [(each.group, each.operator, each.option, each.options) for each in draft.view.questions["q"].conditions]
    assert found == expected
    assert draft.lost == ()


@pytest.mark.parametrize(
    "expression",
    [
        "{c} empty",
        "age({c}) > 3",
        "{nobody} = 1",
        "{c} = {first}",
        "{c} = 'z'",
        "!" * 100 + "{c} = 'a'",
        "{c",
        "{c} =",
        "1 = 1",
    ],
)
def test_conditions_that_cannot_be_said_are_named(expression: str) -> None:
    draft = loaded(ASKED, asking("checkbox", "c", choices=CHOICES), asking("text", visibleIf=expression))

    assert draft.view.questions["q"].conditions == ()
    assert [each.what for each in draft.lost] == [
        f"visibleIf: {expression}"[:199] + ("…" if len(expression) > 188 else "")
    ]


def test_settings_that_mean_nothing_here_are_named() -> None:
    draft = loaded(asking("text", validators=[{"type": "email"}], defaultValue="x", width="50%"), triggers=[{}])

    assert sorted(each.what.split(":")[0] for each in draft.lost) == ["defaultValue", "triggers", "validators", "width"]


def test_markup_is_taken_out_and_scripts_with_it() -> None:
    draft = loaded(ASKED, {"type": "html", "name": "q", "html": "<p>Les <b>dette</b></p><script>alert(1)</script>"})

    assert draft.view.questions["q"].text("nb") == "Les dette"
    assert [each.why for each in draft.lost] == ["The words were kept, without the markup."]


def test_texts_in_other_languages_are_named_once() -> None:
    draft = loaded(
        asking("text", title={"default": "Hva?", "en": "What?", "fr": "Quoi?"}),
        asking("text", "r", title={"nn": "Kva?", "fr": "Quoi?"}),
    )

    assert draft.view.questions["q"].text.by_language == {"nb": "Hva?", "en": "What?"}
    assert [each.what for each in draft.lost] == ["fr"]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"pages": {}}, "pages: must be a list"),
        ({"pages": []}, "pages: is missing"),
        ({"pages": [7]}, "page 1: must be an object"),
        ({"elements": ["x"]}, "page 1 › element 1: must be an object"),
        ({"elements": [{"type": 7, "name": {}}]}, "page 1 › element 1 › name: must be a text"),
        (
            {"elements": [asking("text", title=["x"])]},
            "page 1 › element 1 (q) › title: must be a text, or an object with a text for each language",
        ),
        (
            {"elements": [asking("text", title={f"x{number}": "a" for number in range(201)})]},
            "page 1 › element 1 (q) › title: has more than 200 languages",
        ),
        ({"elements": [asking("checkbox", choices=7)]}, "page 1 › element 1 (q) › choices: must be a list"),
        ({"elements": [asking("checkbox", choices=[{}])]}, "page 1 › element 1 (q) › answer 1 › value: is missing"),
        (
            {"elements": [asking("rating", rateMax=10**9)]},
            "page 1 › element 1 (q) › rateMax: has no points, or too many",
        ),
        (
            {"elements": [asking("comment", raadslag={"concept": "a b"})]},
            "section 1 › question 1 (x) › concept: must be letters, digits, hyphens and underscores",
        ),
        ({"pages": [{}], "raadslag": {"minutes": "x"}}, "minutes: must be a whole number from 1 to 32767"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(document: dict[str, Any], expected: str) -> None:
    assert refused({"locale": "nb", **document}) == expected


def test_panels_nested_without_end_are_refused() -> None:
    inner: dict[str, Any] = ASKED
    for _ in range(40):
        inner = {"type": "panel", "name": "p", "elements": [inner]}

    assert refused({"locale": "nb", "elements": [inner]}).endswith("is nested too deeply")
