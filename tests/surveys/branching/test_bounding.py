"""What several conditions want of one answer, against trying every answer there is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys import routing
from surveys.branching import mapping
from surveys.branching.bounding import Wanted
from surveys.kinds.numerals import EARLIEST_DAY, LATEST_DAY
from surveys.structure import ConditionView, EditionView, FactView, QuestionView, SectionView
from tests.surveys.kinds.views import EMPTY, question

SIZES = st.sampled_from(["at_least", "at_most", "more_than", "less_than"])


def wanted(conditions: list[ConditionView]) -> Wanted:
    found = Wanted()
    for each in conditions:
        found = found.and_also(each)
    return found


def possible(source: QuestionView, conditions: list[ConditionView], answers: Iterator[dict[str, Any]]) -> bool:
    """Whether one of these answers makes all of the conditions hold, tried one by one."""
    target = question("long_text", code="X", conditions=tuple(conditions))
    sections = tuple(SectionView(EMPTY, EMPTY, (each,)) for each in (source, target))
    whole = EditionView(1, EMPTY, EMPTY, None, sections, {source.code: source, "X": target})
    return any(routing.is_asked(target, whole, {source.code: answer}) for answer in answers)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.tuples(SIZES, st.integers(-8, 20)), min_size=1, max_size=4),
    st.integers(0, 1),
    st.none() | st.integers(-2, 3),
    st.none() | st.integers(3, 5),
)
def test_numbers(sizes: list[tuple[str, int]], decimals: int, low: int | None, high: int | None) -> None:
    """Limits of half a step, so that some lie between two numbers that can be written."""
    conditions = [ConditionView(1, "N", operator, number=Decimal(limit) / 4) for operator, limit in sizes]
    bounds = {name: bound for name, bound in (("minimum", low), ("maximum", high)) if bound is not None}
    source = question("number", code="N", decimals=decimals, **bounds)
    step = Decimal(1).scaleb(-decimals)
    every = (step * number for number in range(-200, 200))
    answers = (
        {"number": str(each)} for each in every if (low is None or each >= low) and (high is None or each <= high)
    )
    assert wanted(conditions).possible_of(source) is possible(source, conditions, answers)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(SIZES, st.integers(-2, 2)), min_size=1, max_size=4),
    st.sampled_from([EARLIEST_DAY, date(2021, 9, 6), LATEST_DAY]),
)
def test_days(sizes: list[tuple[str, int]], around: date) -> None:
    """At both ends of the years that can be written too: nobody can write a day after the last."""
    conditions = [ConditionView(1, "D", operator, day=around + timedelta(days)) for operator, days in sizes]
    source = question("date", code="D")
    days = (around + timedelta(number) for number in range(-6, 7))
    answers = ({"date": each.isoformat()} for each in days if EARLIEST_DAY <= each <= LATEST_DAY)
    assert wanted(conditions).possible_of(source) is possible(source, conditions, answers)


OF_OPTIONS = st.one_of(
    st.builds(lambda operator, code: ConditionView(1, "A", operator, code), st.sampled_from(["is", "is_not"]),
              st.sampled_from("abc")),
    st.builds(lambda operator, codes: ConditionView(1, "A", operator, None, tuple(sorted(codes))),
              st.sampled_from(["one_of", "none_of"]), st.sets(st.sampled_from("abc"), min_size=1)),
    st.just(ConditionView(1, "A", "answered")),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(OF_OPTIONS, min_size=1, max_size=4))
def test_answers_to_choose_between(conditions: list[ConditionView]) -> None:
    single = question("single_choice", "a", "b", "c", code="A")
    assert wanted(conditions).possible_of(single) is possible(single, conditions, ({"option": each} for each in "abc"))
    several = question("multiple_choice", "a", "b", "c", code="A")
    sets = [{"options": [code for place, code in enumerate("abc") if number >> place & 1]} for number in range(1, 8)]
    assert wanted(conditions).possible_of(several) is possible(several, conditions, iter(sets))


@settings(max_examples=200, deadline=None)
@given(st.lists(OF_OPTIONS, min_size=1, max_size=4))
def test_values_of_the_background(conditions: list[ConditionView]) -> None:
    of_fact = tuple(ConditionView(1, "@A", each.operator, each.option, each.options) for each in conditions)
    target = question("long_text", code="X", conditions=of_fact)
    facts = (FactView("A", EMPTY, tuple((code, EMPTY) for code in "abc")),)
    whole = EditionView(1, EMPTY, EMPTY, None, (SectionView(EMPTY, EMPTY, (target,)),), {"X": target}, facts)
    reached = any(routing.is_asked(target, whole, {"@A": {"option": code}}) for code in "abc")
    assert (not mapping.chart(whole).places[0].fault) is reached


@pytest.mark.parametrize("kind", ["single_choice", "short_text", "ranking", "roster"])
def test_nobody_writes_a_day_or_a_number_where_other_things_are_asked_for(kind: str) -> None:
    source = question(kind, code="S")
    assert not wanted([ConditionView(1, "S", "at_least", day=date(2021, 9, 6))]).possible_of(source)
    assert not wanted([ConditionView(1, "S", "less_than", number=Decimal(3))]).possible_of(source)
