"""What routing by numbers, dates and several answers gives away: a band may hold both those asked on and those not."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from surveys import disclosing, fielding, publishing, routing
from surveys.formats import json as json_format
from surveys.structure import edition_view
from surveys.variables import variables
from tests import cast, make
from tests.surveys.gate.test_protecting import NO, UNSURE, YES, bases, crowd, gate, put, variable

in_database = pytest.mark.django_db(transaction=True)

OPERATORS = ("at_least", "at_most", "more_than", "less_than")


def test_a_band_in_which_everyone_was_asked_on_is_withheld_if_it_need_not_have_been() -> None:
    # All who said yes were asked on, and some of those who said no.
    people = put(crowd(1, (8, YES, YES), (6, NO, YES), (7, NO, NO), (6, UNSURE, NO)), lambda each: each["Q2"] == YES)
    banded, third = variable("Q1", YES, NO, UNSURE), variable("Q3", YES, NO, sources=("Q1",))
    cut = replace(third, cut=frozenset({"Q1"}))
    assert gate(people, banded, third).withheld(third, banded) == {UNSURE}
    # Whoever is known to lie in the band of the first would be known to lie above the limit within it.
    assert gate(people, banded, cut).withheld(cut, banded) == {YES, UNSURE, NO}


@in_database
def test_bands_that_a_condition_cuts_are_found_as_trying_every_answer_finds_them() -> None:
    numbers = [{"to": 2}, {"from": 3, "to": 5}, {"from": 6}]
    first = date(2021, 9, 6)
    days = [first + timedelta(number) for number in range(9)]
    of_days = [{"to": str(days[2])}, {"from": str(days[3]), "to": str(days[5])}, {"from": str(days[6])}]
    cases = list(itertools.product(OPERATORS, range(9)))
    asked = [
        *(
            make.asking(f"N{place}", conditions=[{"source": "N", "operator": operator, "number": limit}])
            for place, (operator, limit) in enumerate(cases)
        ),
        *(
            make.asking(f"D{place}", conditions=[{"source": "D", "operator": operator, "day": str(days[limit])}])
            for place, (operator, limit) in enumerate(cases)
        ),
    ]
    sources = [make.asking("N", "number", bands=numbers), make.asking("D", "date", bands=of_days)]
    edition = make.published("prov-2021", sources, asked)
    view = edition_view(edition.pk)
    found = variables(fielding.plan("cut", edition, opens_at=make.OPENS, closes_at=make.DEADLINE))

    def holds(code: str, number: int) -> bool:
        answers = {"N": {"number": str(number)}, "D": {"date": str(first + timedelta(number))}}
        return routing.is_asked(view.questions[code], view, answers)

    runs = [range(-9, 3), range(3, 6), range(6, 30)]
    for code in (each["code"] for each in asked):
        is_cut = any(len({holds(code, number) for number in run}) == 2 for run in runs)
        assert (code, found[code].cut) == (code, frozenset(code[0]) if is_cut else frozenset())
        assert found[code].sources == {code[0]}
    assert (found["N0"].cut, found["N3"].cut) == (frozenset({"N"}), frozenset())


@in_database
@pytest.mark.parametrize(("limit", "expected"), [(5, frozenset()), (6, frozenset({"N"}))])
def test_a_band_that_the_condition_of_a_section_cuts_is_found_too(limit: int, expected: frozenset[str]) -> None:
    bands = [{"to": 4}, {"from": 5, "to": 9}, {"from": 10}]
    document = make.document("prov-2021", [make.asking("N", "number", bands=bands)], [make.asking("Q3")])
    document["sections"][1]["conditions"] = [{"source": "N", "operator": "at_least", "number": limit}]
    edition = publishing.publish(json_format.load(document).pk, make.OPENS)
    found = variables(fielding.plan("cut", edition, opens_at=make.OPENS, closes_at=make.DEADLINE))["Q3"]
    assert (found.sources, found.cut) == (frozenset({"N"}), expected)


@in_database
def test_what_decides_is_told_by_every_answer_that_none_of_looks_at() -> None:
    choices = [{"code": code, "label": {"nb": code}} for code in ("pay", "hours", "rest")]
    none = {"source": "C4", "operator": "none_of", "options": ["pay", "rest"]}
    of_fact = {"fact": "role", "operator": "none_of", "options": ["chief", "local"]}
    values = [{"code": code, "label": {"nb": code}} for code in ("chief", "local", "other")]
    edition = make.published(
        "prov-2021",
        [make.asking("C4", "multiple_choice", options=choices), make.asking("C5", "date")],
        [
            make.asking("D1", conditions=[none]),
            make.asking("D2", conditions=[of_fact, {"source": "C5", "operator": "less_than", "day": "2021-09-06"}]),
            make.asking("D3", conditions=[of_fact]),
        ],
        facts=[{"name": "role", "label": {"nb": "Verv"}, "values": values}],
    )
    role = fielding.FactPlan("role", {"nb": "Verv"}, [(each["code"], each["label"]) for each in values])
    survey = fielding.plan("routed", edition, opens_at=make.OPENS, closes_at=make.DEADLINE, facts=[role])
    found = {name: set(each.sources) for name, each in variables(survey).items() if each.sources}
    assert found == {"D1": {"C4.pay", "C4.rest"}, "D2": {"C5"}}


@in_database
def test_a_survey_must_have_every_value_that_is_looked_for() -> None:
    of_fact = {"fact": "role", "operator": "one_of", "options": ["chief", "deputy"]}
    values = [{"code": code, "label": {"nb": code}} for code in ("chief", "deputy", "local")]
    edition = make.published(
        "prov-2021",
        [make.asking("Q1", conditions=[of_fact]), make.asking("Q2")],
        facts=[{"name": "role", "label": {"nb": "Verv"}, "values": values}],
    )
    plan: dict[str, Any] = {"opens_at": make.OPENS, "closes_at": make.DEADLINE}
    with pytest.raises(fielding.NotReady, match="deputy"):
        fielding.plan("routed", edition, facts=[make.ROLE], **plan)
    assert [code for code, _label in make.ROLE.values] == ["chief", "local"]


@in_database
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        # The band from 5 to 9 is asked on as a whole: that is what the band says.
        ({"operator": "at_least", "number": 5}, {"..4": None, "5..9": 8, "10..": 7}),
        # From 6: all eight of the band wrote 6 or more, which nobody would know of them otherwise.
        ({"operator": "at_least", "number": 6}, {"..4": None, "5..9": None, "10..": None}),
        ({"operator": "more_than", "number": 5}, {"..4": None, "5..9": None, "10..": None}),
    ],
)
def test_a_band_that_is_cut_does_not_tell_who_lies_above(settings: Any, condition: dict, expected: dict) -> None:
    settings.CLOSING_APPROVALS = 1
    bands = [{"to": 4}, {"from": 5, "to": 9}, {"from": 10}]
    edition = make.published(
        "prov-2021",
        [make.asking("N", "number", bands=bands)],
        [make.asking("Q3", conditions=[{"source": "N", **condition}])],
    )
    survey = fielding.plan("routed", edition, opens_at=make.OPENS, closes_at=make.DEADLINE, crosses=[("Q3", "N")])
    fielding.open_survey(survey, make.OPENS)
    voters = []
    for number, wrote in enumerate([2] * 9 + [6, 7] * 4 + [12] * 7):
        voters.append(make.voter(survey))
        given: dict[str, Any] = {"N": {"number": str(wrote)}}
        if wrote > 4:
            given["Q3"] = {"option": "yes" if number % 2 else "no"}
        make.answered(voters[-1], given)
    make.closed(survey, voters, cast.designer())
    disclosing.request_missing(make.AFTER)
    assert disclosing.compute_waiting(make.AFTER) == 1
    release = disclosing.current(survey)
    assert release is not None
    assert bases(release, "Q3", "N") == expected
