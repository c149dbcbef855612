"""What routing gives away: how many of a group were asked is a figure about the question before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from surveys import authoring, disclosing, fielding, publishing
from surveys.fielding import FactPlan
from surveys.formats import json as json_format
from surveys.gate.protecting import Gate
from surveys.gate.suppressing import Tally
from surveys.models import Release
from surveys.variables import NO_ANSWER, NOT_ASKED, Category, Variable, variables
from tests import cast, make

in_database = pytest.mark.django_db(transaction=True)

YES, NO, UNSURE = 1, 2, 3
NORTH, SOUTH, EAST = 11, 12, 13
Person = dict[str, int]


def variable(name: str, *keys: int, sources: Iterable[str] = ()) -> Variable:
    """A question with these answers, put to whom the answers to `sources` say."""
    categories = tuple(Category(key, str(key), {}) for key in keys)
    return Variable(name, {}, categories, "", (), NOT_ASKED, sources=frozenset(sources))


def gate(people: list[Person], *known: Variable) -> Gate:
    """The gate of these people's answers at k = 5; whoever has no answer to a question was not asked it."""

    def count(variable: Variable, by: Variable | None) -> Tally:
        pairs = [(each.get(variable.name, NOT_ASKED), each.get(by.name, NOT_ASKED) if by else None) for each in people]
        return Tally(dict(Counter(pairs)))

    return Gate({each.name: each for each in known}, count, 5)


def crowd(region: int, *groups: tuple[int, int, int]) -> list[Person]:
    """People of one region, for each group (how many, answer to Q1, answer to Q2)."""
    return [{"region": region, "Q1": first, "Q2": second} for n, first, second in groups for _ in range(n)]


def put(people: list[Person], is_asked: Callable[[Person], bool]) -> list[Person]:
    """The same people, Q3 put to some of them, who answer yes and no by turns."""
    asked = [each for each in people if is_asked(each)]
    for place, each in enumerate(asked):
        each["Q3"] = NO if place % 2 else YES
    return people


REGIONS = variable("region", NORTH, SOUTH, EAST)
Q1, Q2 = variable("Q1", YES, NO, UNSURE), variable("Q2", YES, NO)
MIXED = ((6, YES, YES), (6, NO, YES), (6, YES, NO), (6, NO, NO))


def test_one_withheld_answer_of_two_that_decide_is_enough() -> None:
    # Asked who said yes to both. In the north all said yes to the first: the base is the yes to the second exactly.
    people = put(
        crowd(NORTH, (8, YES, YES), (7, YES, NO)) + crowd(SOUTH, *MIXED) + crowd(EAST, *MIXED, *MIXED),
        lambda each: each["Q1"] == YES and each["Q2"] == YES,
    )
    third = variable("Q3", YES, NO, sources=("Q1", "Q2"))
    assert gate(people, Q1, Q2, third, REGIONS).withheld(Q1, REGIONS) == {NORTH, SOUTH}
    assert gate(people, Q1, Q2, third, REGIONS).withheld(third, REGIONS) == {NORTH, SOUTH}


def test_a_group_in_which_all_were_asked_is_withheld_though_they_answered_differently_before() -> None:
    # Asked who said yes to either. In the north nobody said yes to both, and nobody no to both.
    people = put(
        crowd(NORTH, (8, YES, NO), (7, NO, YES)) + crowd(SOUTH, *MIXED) + crowd(EAST, *MIXED, *MIXED),
        lambda each: YES in (each["Q1"], each["Q2"]),
    )
    third = variable("Q3", YES, NO, sources=("Q1", "Q2"))
    known = gate(people, Q1, Q2, third, REGIONS)
    assert (known.withheld(Q1, REGIONS), known.withheld(Q2, REGIONS)) == (set(), set())
    assert known.withheld(third, REGIONS) == {NORTH, SOUTH}


def test_a_whole_that_is_withheld_cannot_be_added_up_from_its_parts() -> None:
    # All said yes or do not know, and those are asked on: nobody was not asked, so that the whole is withheld.
    people = put(crowd(NORTH, (8, YES, YES), (7, UNSURE, NO)), lambda each: each["Q1"] in (YES, UNSURE))
    third = variable("Q3", YES, NO, sources=("Q1",))
    known = gate(people, Q1, Q2, third, REGIONS)
    assert known.withheld(Q1) == set()
    assert known.withheld(third) == {None}
    assert known.withheld(third, Q1) == {YES, NO, UNSURE}


def test_nothing_is_broken_down_by_an_answer_that_everyone_gave() -> None:
    known = gate(crowd(NORTH, (8, YES, YES), (7, YES, NO)), Q1, Q2, REGIONS)
    assert (known.withheld(Q2), known.withheld(Q1)) == (set(), {None})
    assert known.withheld(Q2, Q1) == {YES, NO, UNSURE}


def test_that_a_number_was_written_does_not_say_who_was_asked_on() -> None:
    # Asked who wrote a number of at least so many, which everyone did who wrote one: that is an answer of theirs.
    written = {"categories": (Category(YES, "answered", {}),), "is_opinion": False}
    people = put(crowd(NORTH, (8, YES, YES), (7, NO_ANSWER, NO)), lambda each: each["Q1"] == YES)
    third = variable("Q3", YES, NO, sources=("Q1",))
    number = replace(Q1, **written)
    assert gate(people, number, third).withheld(third, number) == {YES, NO_ANSWER}
    # Of an option chosen it is what everybody knows.
    assert gate(people, Q1, third).withheld(third, Q1) == {NO, UNSURE, NO_ANSWER}


@in_database
def test_what_decides_is_told_by_options_and_sections_but_not_by_the_register() -> None:
    choices = [{"code": code, "label": {"nb": code}} for code in ("pay", "hours")]
    of_pay, answered = {"source": "C4", "operator": "is", "option": "pay"}, {"operator": "answered"}
    role = {"name": "role", "label": {"nb": "Verv"}, "values": [{"code": "chief", "label": {"nb": "HTV"}}]}
    document = make.document(
        "prov-2021",
        [make.asking("C4", "multiple_choice", options=choices), make.asking("C5", "number")],
        [
            make.asking("D1", conditions=[of_pay]),
            make.asking("D2", conditions=[{"source": "C4", **answered}]),
            make.asking("D3", "multiple_choice", options=choices, conditions=[{"source": "D1", **answered}]),
            make.asking("D4", conditions=[{"fact": "role", "operator": "is", "option": "chief"}]),
        ],
        facts=[role],
    )
    document["sections"][1]["conditions"] = [{"source": "C5", "operator": "at_least", "number": "3"}]
    edition = publishing.publish(authoring.draft(json_format.load(document)).questionnaire_id, make.OPENS)
    survey = fielding.plan("routed", edition, opens_at=make.OPENS, closes_at=make.DEADLINE, facts=[make.ROLE])
    found = {name: set(each.sources) for name, each in variables(survey).items() if each.sources}
    assert found == {
        "D1": {"C5", "C4.pay"},
        "D2": {"C5", "C4.pay", "C4.hours"},
        "D3.pay": {"C5", "D1"},
        "D3.hours": {"C5", "D1"},
        "D4": {"C5"},
    }


REGION = FactPlan("region", {"nb": "Region"}, [(code, {"nb": code}) for code in ("north", "south", "east")])


def released(settings: Any, people: Sequence[tuple[str, int, int]], **plan: Any) -> Release:
    """A closed survey in which Q3 is put to those who said yes to Q1, and Q4 to those who said yes to Q3; `people` are
    (region, how many said yes, how many no)."""
    settings.CLOSING_APPROVALS = 1
    edition = make.published(
        "prov-2021",
        [
            make.asking("Q1"),
            make.asking("Q3", conditions=[{"source": "Q1", "operator": "is", "option": "yes"}]),
            make.asking("Q4", "long_text", conditions=[{"source": "Q3", "operator": "answered"}]),
        ],
    )
    survey = fielding.plan("routed", edition, opens_at=make.OPENS, closes_at=make.DEADLINE, facts=[REGION], **plan)
    fielding.open_survey(survey, make.OPENS)
    voters = []
    for region, yes, no in people:
        for number in range(yes + no):
            voters.append(make.voter(survey, region=region))
            given = {"Q1": {"option": "yes" if number < yes else "no"}}
            if number < yes:
                given["Q3"] = {"option": "yes" if number % 2 else "no"}
                given["Q4"] = {"text": "noe"}
            make.answered(voters[-1], given)
    make.closed(survey, voters, cast.designer())
    disclosing.request_missing(make.AFTER)
    assert disclosing.compute_waiting(make.AFTER) == 1
    found = disclosing.current(survey)
    assert found is not None
    return found


def bases(release: Release, variable: str, by: str = "region") -> dict[str, int | None]:
    cells = release.tables.get(variable=variable, by=by).cells.all()
    return {cell.by_value: cell.base for cell in cells}


@in_database
def test_a_withheld_group_is_not_to_be_had_from_the_question_that_follows(settings: Any) -> None:
    # Everyone in the north said yes: eight of eight were asked on.
    release = released(settings, [("north", 8, 0), ("south", 5, 5), ("east", 6, 5)])
    assert bases(release, "Q1") == {"north": None, "south": None, "east": 11}
    assert bases(release, "Q3") == {"north": None, "south": None, "east": 6}
    # And not from the one that follows on that.
    assert bases(release, "Q4") == {"north": None, "south": None, "east": 6}
    assert release.tables.get(variable="Q3", by="").base == 19


@in_database
def test_nothing_follows_from_an_answer_that_everyone_gave(settings: Any) -> None:
    release = released(settings, [("north", 8, 0), ("south", 10, 0), ("east", 11, 0)])
    assert bases(release, "Q1", "") == {"": None}
    for variable in ("Q3", "Q4"):
        assert (release.tables.get(variable=variable, by="").base, bases(release, variable, "")) == (None, {"": None})
        assert release.tables.get(variable=variable, by="region").base is None
        assert set(bases(release, variable).values()) == {None}


@in_database
def test_nor_from_a_cross_by_it(settings: Any) -> None:
    release = released(settings, [("north", 8, 0), ("south", 10, 0), ("east", 11, 0)], crosses=[("Q3", "Q1")])
    assert set(bases(release, "Q3", "Q1").values()) == {None}


@in_database
def test_within_the_answers_that_decide_everybody_knows_who_was_asked(settings: Any) -> None:
    release = released(settings, [("north", 8, 4), ("south", 5, 5), ("east", 6, 5)], crosses=[("Q3", "Q1")])
    assert bases(release, "Q3", "Q1") == {"yes": 19, "no": None}
