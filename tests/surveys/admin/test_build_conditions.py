"""The builder: conditions of questions and sections."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from surveys.drafting import deciding, versioning
from surveys.models import Condition, Edition
from tests import make
from tests.make import asking
from tests.surveys.admin.builds import question, row, write

pytestmark = pytest.mark.django_db


# --- Conditions -------------------------------------------------------------------------------------------
def with_three() -> Edition:
    return make.loaded("prov-2021", [asking("Q1"), asking("Q2", "number")], [asking("Q3", "long_text")])


def test_conditions_of_a_question_and_of_a_section(designer: Client) -> None:
    draft = with_three()
    first, second, third = (question(draft, code) for code in ("Q1", "Q2", "Q3"))
    yes, no = first.options.order_by("position")
    rows = [row(first, "one_of", yes, no), row(second, "at_least", number="2,5"), row(first, "is", no, group=2)]
    assert write(designer, third, "conditions", json.dumps(rows)).status_code == 200
    shown = [str(each) for each in versioning.conditions(third)]
    assert shown == ["Q1 is one of Yes, No", "Q2 is at least 2.5", "Q1 is No"]
    section = third.section
    assert write(designer, section, "conditions", json.dumps([row(first, "answered")])).status_code == 200
    assert Condition.objects.filter(section=section).count() == 1
    assert write(designer, third, "conditions", "[]").status_code == 200
    assert not Condition.objects.filter(question=third).exists()


def test_conditions_that_make_no_sense_are_refused(designer: Client) -> None:
    draft = with_three()
    first, second, third = (question(draft, code) for code in ("Q1", "Q2", "Q3"))
    for value, reason in [
        ("{", "This could not be read."),
        ("[1]", "This could not be read."),
        (json.dumps([{**row(first, "is"), "group": "1"}]), "This could not be read."),
        (json.dumps([row(first, "is")]), "Please choose the answer that decides."),
        (json.dumps([row(first, "at_least", number="3")]), "Q1 is answered with neither a number nor a date."),
        (json.dumps([row(second, "at_least", number="NaN")]), "Please write the number that decides."),
        (json.dumps([row(third, "answered")]), "Please choose what decides."),
        (json.dumps([{**row(first, "is"), "source": "fact-1"}]), "Please choose what decides."),
    ]:
        response = write(designer, third, "conditions", value)
        assert (response.status_code, response.json()["reasons"]) == (422, [reason]), value
    assert not Condition.objects.filter(question=third).exists()


def test_conditions_that_someone_else_has_changed(designer: Client) -> None:
    draft = with_three()
    first, third = question(draft, "Q1"), question(draft, "Q3")
    read = deciding.mark_of(third)
    write(designer, third, "conditions", json.dumps([row(first, "answered")]))
    response = write(designer, third, "conditions", "[]", read=read)
    assert response.status_code == 409
    assert response.json()["read"] == deciding.mark_of(third)
