"""The map of the routing: what depends on what, what nobody can reach, and where nothing follows."""

from __future__ import annotations

import itertools
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys import publishing, routing
from surveys.branching import mapping
from surveys.branching.mapping import DeadEnd
from surveys.kinds import registry
from surveys.structure import ConditionView, EditionView, FactView, QuestionView, SectionView, Text
from tests import make
from tests.surveys.kinds.views import EMPTY, question


def when(source: str, operator: str = "is", value: Any = "a", group: int = 1) -> ConditionView:
    if operator in ("at_least", "at_most"):
        return ConditionView(group, source, operator, number=Decimal(value))
    if operator == "one_of":
        return ConditionView(group, source, operator, options=tuple(value))
    return ConditionView(group, source, operator, None if operator == "answered" else value)


def ask(code: str, *conditions: ConditionView, kind: str = "single_choice", **rest: Any) -> QuestionView:
    return question(kind, code=code, conditions=conditions, **rest)


def edition(*sections: list[QuestionView], facts: bool = False) -> EditionView:
    views = tuple(SectionView(EMPTY, EMPTY, tuple(each)) for each in sections)
    values = (("chief", Text({"nb": "HTV"})), ("local", Text({"nb": "PTV"})))
    return EditionView(
        id=1, title=EMPTY, purpose=EMPTY, minutes=None, sections=views,
        questions={each.code: each for section in views for each in section.questions},
        facts=(FactView("role", Text({"nb": "Verv"}), values),) if facts else (),
    )  # fmt: skip


def lost(whole: EditionView) -> list[str]:
    return [place.code for place in mapping.chart(whole).places if place.fault]


A, M, N, R = ask("A"), ask("M", kind="multiple_choice"), ask("N", kind="number"), ask("R", kind="ranking")


@pytest.mark.parametrize(
    ("source", "conditions", "reachable"),
    [
        (A, [when("A")], True),
        (A, [when("A"), when("A", value="b")], False),
        (A, [when("A"), when("A", value="b", group=2)], True),
        (A, [when("A"), when("A", "is_not")], False),
        (A, [when("A", "is_not", "a"), when("A", "is_not", "b")], True),
        (A, [when("A", "is_not", each) for each in "abc"], False),
        (A, [when("A", "one_of", "ab"), when("A", "one_of", "bc")], True),
        (A, [when("A", "one_of", "ab"), when("A", value="c")], False),
        (A, [when("A", "answered"), when("A")], True),
        (M, [when("M"), when("M", value="b")], True),
        (M, [when("M"), when("M", "is_not")], False),
        (ask("M", kind="multiple_choice", maximum="1"), [when("M"), when("M", value="b")], False),
        (ask("M", kind="multiple_choice", excludes="c"), [when("M"), when("M", value="c")], False),
        (
            ask("M", kind="multiple_choice", minimum="2"),
            [when("M"), when("M", "is_not", "b"), when("M", "is_not", "c")],
            False,
        ),
        (ask("M", kind="multiple_choice", maximum="1"), [when("M", "one_of", "ab"), when("M", "one_of", "bc")], True),
        (ask("M", kind="multiple_choice", maximum="1"), [when("M", "one_of", "a"), when("M", "one_of", "bc")], False),
        (R, [when("R"), when("R", value="b")], True),
        (ask("R", kind="ranking", maximum="1"), [when("R"), when("R", value="b")], False),
        (N, [when("N", "at_least", 5), when("N", "at_most", 3)], False),
        (N, [when("N", "at_least", 3), when("N", "at_most", 3)], True),
        (N, [when("N", "at_least", "2.2"), when("N", "at_most", "2.8")], False),
        (ask("N", kind="number", decimals=1), [when("N", "at_least", "2.2"), when("N", "at_most", "2.8")], True),
        (ask("N", kind="number", maximum="10"), [when("N", "at_least", 11)], False),
        (ask("N", kind="number", minimum="0"), [when("N", "at_most", "-1")], False),
        (N, [when("N", "at_least", 0), when("N", "at_most", "-1")], False),
        (ask("O", kind="roster"), [when("O"), when("O", value="b")], True),
        (ask("O", kind="roster", maximum="1"), [when("O"), when("O", value="b")], False),
    ],
    ids=range(27),
)
def test_what_can_hold_together(source: QuestionView, conditions: list[ConditionView], reachable: bool) -> None:
    assert lost(edition([source], [ask("X", *conditions)])) == ([] if reachable else ["X"])


def test_a_question_on_one_that_is_lost_is_lost_and_says_why() -> None:
    whole = edition(
        [A],
        [ask("B", when("A"), when("A", value="b"))],
        [ask("C", when("B"))],
        [ask("D", when("C"), when("A", group=2))],
    )
    assert lost(whole) == ["B", "C"]
    first, second = mapping.unreachable_in_words(whole)
    assert "B" in first
    assert second.index("C") < second.index("B")


def test_the_way_to_the_source_counts() -> None:
    whole = edition([A], [ask("B", when("A"))], [ask("C", when("B"), when("A", value="b"))])
    assert lost(whole) == ["C"]


def test_the_conditions_of_a_section_hold_for_its_questions() -> None:
    within = (when("A"),)
    inside = ask("B", when("A", value="b"), within=within)
    whole = edition([A], [inside, ask("C", within=within)])
    assert lost(whole) == ["B"]


def test_background_is_one_value() -> None:
    both = ask("B", when("@role", value="chief"), when("@role", value="local"))
    none = ask("C", when("@role", "is_not", "chief"), when("@role", "is_not", "local"))
    assert lost(edition([A], [both, none, ask("D", when("@role", value="chief"))], facts=True)) == ["B", "C"]


def test_what_leads_where() -> None:
    chart = mapping.chart(
        edition([A], [ask("B", when("A")), ask("C", when("B"), when("@role", value="chief"))], facts=True)
    )
    assert [(each.code, each.section, each.page, each.looks_at, each.leads_to) for each in chart.places] == [
        ("A", 1, 1, (), ("B",)), ("B", 2, 2, ("A",), ("C",)), ("C", 2, 3, ("B", "@role"), ()),
    ]  # fmt: skip


def test_where_nothing_follows() -> None:
    whole = edition([A], [ask("B", when("A")), ask("C", when("A", value="b"))])
    assert mapping.chart(whole).dead_ends == (DeadEnd("A", "c"),)
    assert mapping.chart(edition([A], [ask("B", when("A"))], [ask("C")])).dead_ends == ()
    roles = edition([ask("A", when("@role", value="chief"))], facts=True)
    assert mapping.chart(roles).dead_ends == (DeadEnd("@role", "local"),)


SOURCES = {"A": "single_choice", "M": "multiple_choice", "N": "number"}
CONDITIONS = st.one_of(
    st.builds(when, st.sampled_from("AM"), st.sampled_from(["is", "is_not"]), st.sampled_from("ab"), st.integers(1, 2)),
    st.builds(when, st.sampled_from("AM"), st.just("one_of"), st.sampled_from(["a", "ab", "b"]), st.integers(1, 2)),
    st.builds(when, st.just("N"), st.sampled_from(["at_least", "at_most"]), st.integers(0, 2), st.integers(1, 2)),
    st.builds(when, st.sampled_from("AMN"), st.just("answered"), st.just(None), st.integers(1, 2)),
)
ANSWERS: dict[str, list[dict[str, Any]]] = {
    "A": [{}, {"option": "a"}, {"option": "b"}],
    "M": [{}, {"options": ["a"]}, {"options": ["b"]}, {"options": ["a", "b"]}],
    "N": [{}, {"number": "0"}, {"number": "1"}, {"number": "2"}],
}


@settings(max_examples=300)
@given(st.lists(CONDITIONS, max_size=4), st.lists(CONDITIONS, max_size=4), st.lists(CONDITIONS, max_size=3))
def test_a_question_is_lost_exactly_if_no_answers_put_it(first: Any, second: Any, within: Any) -> None:
    """Against trying all answers there are."""
    second = [condition for condition in second if condition.source != "N"]
    whole = edition(
        [ask("A", *[], kind="single_choice")],
        [question("multiple_choice", "a", "b", code="M", conditions=tuple(c for c in first if c.source == "A"))],
        [question("number", code="N", minimum="0", maximum="2", conditions=tuple(second))],
        [ask("X", *first, within=tuple(within))],
    )
    whole.questions["A"] = question("single_choice", "a", "b", code="A")
    possible = any(
        routing.is_asked(whole.questions["X"], whole, dict(zip("AMN", each, strict=True)))
        for each in itertools.product(*(ANSWERS[code] for code in "AMN"))
    )
    assert ("X" not in lost(whole)) is possible


def test_a_large_questionnaire_is_charted_in_time() -> None:
    chain = [
        [A],
        *(
            [ask(f"Q{n}", *(when(f"Q{n - 1}" if n > 1 else "A", value=v, group=g) for g, v in enumerate("abc", 1)))]
            for n in range(1, 150)
        ),
    ]
    start = time.monotonic()
    assert lost(edition(*chain)) == []
    impossible = [*chain, [ask("Z", when("Q149"), when("A"), when("A", value="b"))]]
    assert len(mapping.unreachable_in_words(edition(*impossible))) == 1
    assert time.monotonic() - start < 10


def test_every_kind_can_be_a_source() -> None:
    for kind in registry.KINDS:
        expected = [] if registry.kind(kind).is_asked else ["X"]
        assert lost(edition([ask("S", kind=kind)], [ask("X", when("S", "answered"))])) == expected


@pytest.mark.django_db
def test_what_nobody_can_reach_is_not_published() -> None:
    both = [{"source": "Q1", "option": "yes"}, {"source": "Q1", "option": "no"}]
    draft = make.loaded("lost", [make.asking("Q1")], [make.asking("Q2", conditions=both)])
    with pytest.raises(publishing.NotPublishable) as refused:
        publishing.publish(draft.questionnaire_id, make.OPENS)
    assert len(refused.value.reasons) == 1
    assert "Q2" in refused.value.reasons[0]
