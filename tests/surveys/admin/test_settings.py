"""The forms, which do without a script all that the builder does: settings of every kind, and every condition."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from surveys.drafting import versioning
from surveys.models import Edition, Question
from tests import cast, make
from tests.make import asking
from tests.surveys.admin.pages import change, errors, filled, shown, signed_in

pytestmark = pytest.mark.django_db


def draft() -> Edition:
    return make.loaded(
        "prov-2021", [asking("Q1"), asking("Q2", "number")], [asking("Q3", "multiple_choice", options=OPTIONS)]
    )


OPTIONS = [{"code": "a", "label": {"nb": "A"}}, {"code": "b", "label": {"nb": "B"}}]


def condition(source: Question, operator: str, place: int = 0, **rest: Any) -> dict[str, Any]:
    """One row of the form, new."""
    row = {"source": source.pk, "operator": operator, "group": 1, **rest}
    return {f"conditions-{place}-{name}": value for name, value in row.items()} | {"conditions-TOTAL_FORMS": place + 1}


def test_bounds_unit_and_the_settings_of_options(designer: Client) -> None:
    part = draft().questions.get(code="Q3")
    sent = {"minimum": "1", "maximum": "2", "options-0-elaboration": "required", "options-1-excludes": "on"}
    assert designer.post(change(part), filled(designer, change(part), **sent)).status_code == 302
    part.refresh_from_db()
    first, second = part.options.order_by("position")
    assert (part.minimum, part.maximum, first.elaboration, second.excludes) == (
        Decimal(1),
        Decimal(2),
        "required",
        True,
    )
    response = designer.post(change(part), filled(designer, change(part), minimum="3"))
    assert errors(response) == ["The smallest must not be more than the largest."]


def test_one_of_several_answers_and_a_number(designer: Client) -> None:
    edition = draft()
    one, two, three = (edition.questions.get(code=code) for code in ("Q1", "Q2", "Q3"))
    both = list(one.options.order_by("position").values_list("pk", flat=True))
    sent = condition(one, "one_of", options=both) | condition(two, "at_least", 1, number="2.5")
    assert designer.post(change(three), filled(designer, change(three), **sent)).status_code == 302
    rows = versioning.rows(three)["conditions"]
    assert [(row[3], row[6], row[8]) for row in rows] == [
        ("one_of", "", ",".join(sorted(map(str, both)))),
        ("at_least", "2.5", ""),
    ]
    # The form shows what is stored, and saving it unchanged changes nothing.
    assert designer.post(change(three), filled(designer, change(three))).status_code == 302
    assert versioning.rows(three)["conditions"] == rows


def test_a_section_is_shown_on_a_condition(designer: Client) -> None:
    edition = draft()
    one, section = edition.questions.get(code="Q1"), edition.sections.get(position=2)
    yes = one.options.get(code="yes")
    sent = condition(one, "is", option=yes.pk)
    assert designer.post(change(section), filled(designer, change(section), **sent)).status_code == 302
    assert [str(each) for each in versioning.conditions(section)] == ["Q1 is Yes"]


def test_conditions_that_lack_what_decides(designer: Client) -> None:
    edition = draft()
    one, two, three = (edition.questions.get(code=code) for code in ("Q1", "Q2", "Q3"))
    for sent, said in [
        (condition(one, "is"), "Please choose the answer that decides."),
        (condition(one, "one_of"), "Choose one of the answers to Q1."),
        (condition(two, "at_least"), "Please write the number that decides."),
        (
            {**condition(one, "answered"), "conditions-0-source": ""},
            "Please choose what decides: a question or a background fact.",
        ),
    ]:
        assert said in errors(designer.post(change(three), filled(designer, change(three), **sent)))


def test_two_who_change_what_one_of_compares_with(designer: Client) -> None:
    edition = draft()
    one, three = edition.questions.get(code="Q1"), edition.questions.get(code="Q3")
    yes, no = one.options.order_by("position")
    both = condition(one, "one_of", options=[yes.pk, no.pk])
    response = designer.post(change(three), filled(designer, change(three), **both))
    assert response.status_code == 302, errors(response)
    mine = filled(designer, change(three), text_nb="Mitt?")
    other = signed_in(cast.designer("berit"))
    theirs = filled(other, change(three), **{"conditions-0-options": [yes.pk]})
    assert other.post(change(three), theirs).status_code == 302
    response = designer.post(change(three), mine)
    assert response.status_code == 200
    assert designer.post(change(three), shown(response)).status_code == 302
    three.refresh_from_db()
    assert three.text_nb == "Mitt?"
    assert versioning.rows(three)["conditions"][0][8] == str(yes.pk)
