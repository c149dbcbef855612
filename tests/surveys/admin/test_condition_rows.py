"""Conditions on a question's own page, where no script is needed: days, several answers, values of the background."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from django.test import Client

from surveys import structure
from surveys.drafting import building, deciding
from surveys.models import Condition, Edition, EditionFactValue, Question
from surveys.structure import ConditionView
from tests import make
from tests.make import asking
from tests.surveys.admin.pages import filled
from tests.surveys.admin.test_questions import change, errors, with_condition

pytestmark = pytest.mark.django_db

ROLE = {
    "name": "role",
    "label": {"nb": "Verv"},
    "values": [{"code": code, "label": {"nb": code.title()}} for code in ("chief", "deputy", "local")],
}


def drafted(*conditions: dict[str, Any]) -> Edition:
    sources = [asking("Q1"), asking("Q2", "number"), asking("Q3", "date")]
    return make.loaded("prov-2021", sources, [asking("Q4", conditions=list(conditions))], facts=[ROLE])


def question(draft: Edition, code: str) -> Question:
    return draft.questions.get(code=code)


def stands(draft: Edition) -> tuple[ConditionView, ...]:
    return structure.read(draft).questions["Q4"].conditions


def value(code: str) -> str:
    return f"v{EditionFactValue.objects.get(code=code).pk}"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"source": "Q3", "operator": "more_than", "day": "2021-09-06"},
         ConditionView(1, "Q3", "more_than", day=date(2021, 9, 6))),
        ({"source": "Q3", "operator": "at_most", "day": "6.9.2021", "number": "3"},
         ConditionView(1, "Q3", "at_most", day=date(2021, 9, 6))),
        ({"fact": "role", "operator": "one_of", "options": ["chief", "local"]},
         ConditionView(1, "@role", "one_of", None, ("chief", "local"))),
        ({"fact": "role", "operator": "none_of", "options": ["deputy"], "day": "2021-09-06"},
         ConditionView(1, "@role", "none_of", None, ("deputy",))),
        ({"source": "Q1", "operator": "none_of", "options": ["no"]},
         ConditionView(1, "Q1", "none_of", None, ("no",))),
    ],
)  # fmt: skip
def test_a_condition_is_added(designer: Client, row: dict[str, Any], expected: ConditionView) -> None:
    draft = drafted()
    sent = dict(row)
    if "source" in row:
        sent["source"] = question(draft, row["source"]).pk
    if "fact" in row:
        sent["fact"] = draft.facts.get().pk
    if "options" in row:
        options = question(draft, "Q1").options
        sent["options"] = [value(code) if "fact" in row else str(options.get(code=code).pk) for code in row["options"]]

    fourth = question(draft, "Q4")
    assert designer.post(change(fourth), with_condition(designer, fourth, **sent)).status_code == 302

    assert stands(draft) == (expected,)
    # Saved again as it stands there, it is the same.
    assert designer.post(change(fourth), filled(designer, change(fourth))).status_code == 302
    assert stands(draft) == (expected,)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"source": "Q3", "operator": "more_than"}, "Please write the date that decides, for example 6.9.2021."),
        ({"source": "Q3", "operator": "more_than", "number": "3"},
         "Please write the date that decides, for example 6.9.2021."),
        ({"source": "Q2", "operator": "less_than", "day": "2021-09-06"}, "Please write the number that decides."),
        ({"source": "Q1", "operator": "less_than", "number": "3"},
         "Q1 is answered with neither a number nor a date."),
        ({"source": "Q1", "operator": "none_of"}, "Choose one of the answers to Q1."),
        ({"source": "Q1", "operator": "one_of", "options": ["chief"]}, "Choose one of the answers to Q1."),
        ({"fact": "role", "operator": "one_of"}, "Please choose the answer that decides."),
        ({"fact": "role", "operator": "at_least", "number": "3"},
         "A background fact has no size: choose “is”, “is not”, “is one of”, “is none of” or “is known”."),
        ({"fact": "role", "operator": "answered", "group": "0"}, "Ensure this value is greater than or equal to 1."),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(designer: Client, row: dict[str, Any], expected: str) -> None:
    draft = drafted()
    sent = dict(row)
    if "source" in row:
        sent["source"] = question(draft, row["source"]).pk
    if "fact" in row:
        sent["fact"] = draft.facts.get().pk
    if "options" in row:
        sent["options"] = [value(code) for code in row["options"]]
    fourth = question(draft, "Q4")
    response = designer.post(change(fourth), with_condition(designer, fourth, **sent))
    assert errors(response) == [expected]
    assert not Condition.objects.exists()


def test_a_value_of_another_draft_cannot_be_chosen(designer: Client) -> None:
    draft = drafted()
    make.loaded("annen-2021", [asking("Q1")], facts=[ROLE])
    foreign = EditionFactValue.objects.exclude(fact__edition=draft).order_by("pk")[0]
    fourth = question(draft, "Q4")
    for odd in (f"v{foreign.pk}", "v", "vv1", "v1;2", "0"):
        sent = with_condition(designer, fourth, fact=draft.facts.get().pk, operator="one_of", options=[odd])
        assert designer.post(change(fourth), sent).status_code == 200
    assert not Condition.objects.exists()


def test_what_another_has_changed_meanwhile_stands_on_the_page(designer: Client) -> None:
    draft = drafted(
        {"fact": "role", "operator": "one_of", "options": ["chief", "local"]},
        {"source": "Q3", "operator": "more_than", "day": "2021-09-06"},
    )
    fourth = question(draft, "Q4")
    before = filled(designer, change(fourth))
    deciding.write(
        draft.pk,
        building.place_of(fourth),
        json.dumps(
            [
                {
                    "group": 1,
                    "source": f"fact-{draft.facts.get().pk}",
                    "operator": "none_of",
                    "answers": [value("deputy").removeprefix("v"), value("local").removeprefix("v")],
                }
            ]
        ),
        deciding.mark_of(fourth),
    )
    response = designer.post(change(fourth), {**before, "text_nb": "Noe annet?"})
    assert response.status_code == 200
    assert "They stand here as saved." in response.content.decode()
    offered = response.context["inline_admin_formsets"][1].formset.forms[0]
    assert offered["options"].value() == [value("deputy"), value("local")]
    assert stands(draft) == (ConditionView(1, "@role", "none_of", None, ("deputy", "local")),)
