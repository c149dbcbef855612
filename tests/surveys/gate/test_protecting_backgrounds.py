"""What is given away where an answer and a background fact decide together who is asked on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from surveys import fielding
from surveys.models import Survey
from surveys.variables import Variable, variables
from tests import make
from tests.surveys.gate.test_protecting import EAST, NO, NORTH, Q1, REGIONS, SOUTH, YES, crowd, gate, put, variable

PLAN: dict[str, Any] = {"opens_at": make.OPENS, "closes_at": make.DEADLINE}


def third(*facts: str) -> Variable:
    return replace(variable("Q3", YES, NO, sources=("Q1",)), beside=frozenset(facts))


def southerners_who_said_yes(*people: tuple[int, int, int, int]) -> list[dict[str, int]]:
    """People as (region, how many, answer to Q1, answer to Q2), of whom those are asked Q3."""
    everyone = [each for region, *group in people for each in crowd(region, tuple(group))]
    return put(everyone, lambda each: each["region"] == SOUTH and each["Q1"] == YES)


def test_who_was_asked_of_one_background_tells_how_another_answered() -> None:
    # All in the north said no: of nine who said yes and nine who were asked, nobody can be from the north.
    people = southerners_who_said_yes((NORTH, 7, NO, YES), (SOUTH, 9, YES, YES), (SOUTH, 8, NO, YES))
    mixed = third("region")
    found = gate(people, Q1, REGIONS, mixed)
    assert found.withheld(Q1, REGIONS) == {NORTH, SOUTH, EAST}
    assert found.withheld(mixed) == {None}
    assert found.withheld(mixed, Q1) == set(found.sizes(mixed, Q1))
    # It is the background that makes the difference.
    plain = third()
    assert gate(people, Q1, REGIONS, plain).withheld(plain) == set()


def test_where_the_answer_is_shown_by_that_background_nothing_is_given_away() -> None:
    people = southerners_who_said_yes(
        (NORTH, 7, NO, YES), (NORTH, 6, YES, YES), (SOUTH, 12, YES, YES), (SOUTH, 8, NO, YES)
    )
    mixed = third("region")
    found = gate(people, Q1, REGIONS, mixed)
    # A background that nobody has gives nobody away.
    assert found.withheld(Q1, REGIONS) == {EAST}
    assert found.withheld(mixed) == set()


def test_two_facts_at_once_are_more_than_any_table_shows() -> None:
    people = southerners_who_said_yes(
        (NORTH, 7, NO, YES), (NORTH, 6, YES, YES), (SOUTH, 12, YES, YES), (SOUTH, 8, NO, YES)
    )
    mixed = third("region", "role")
    assert gate(people, Q1, REGIONS, mixed).withheld(mixed) == {None}


def test_a_fact_that_is_not_in_the_tables_cannot_be_judged() -> None:
    people = southerners_who_said_yes((NORTH, 7, NO, YES), (SOUTH, 9, YES, YES), (SOUTH, 8, NO, YES))
    mixed = third("role")
    assert gate(people, Q1, REGIONS, mixed).withheld(mixed) == {None}


def planned() -> Survey:
    """Q3 hangs on an answer and, by its section, on the role; Q4 on the role alone."""
    by_role = {"fact": "role", "operator": "is", "option": "local"}
    on_answer = {"source": "Q1", "operator": "is", "option": "yes"}
    document = make.document(
        "prov-2021",
        [make.asking("Q1")],
        [make.asking("Q3", conditions=[on_answer]), make.asking("Q4")],
        facts=[
            {
                "name": "role",
                "label": {"nb": "Verv"},
                "values": [{"code": code, "label": {"nb": code}} for code in ("chief", "local")],
            }
        ],
    )
    document["sections"][1]["conditions"] = [by_role]
    from surveys import publishing
    from surveys.formats import json as json_format

    edition = publishing.publish(json_format.load(document).pk, make.OPENS)
    return fielding.plan("routed", edition, facts=[make.ROLE], **PLAN)


@pytest.mark.django_db(transaction=True)
def test_the_facts_that_decide_beside_an_answer_are_found_in_the_section_too() -> None:
    found = variables(planned())
    assert {name: (set(each.sources), set(each.beside)) for name, each in found.items()} == {
        "Q1": (set(), set()),
        "Q3": ({"Q1"}, {"role"}),
        # Whom the register knows to be asked is nobody's answer.
        "Q4": (set(), set()),
        "role": (set(), set()),
    }
