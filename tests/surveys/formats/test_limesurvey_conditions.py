"""LimeSurvey's expressions and conditions, read as ours."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from surveys.formats.limesurvey import relevance
from surveys.formats.limesurvey.relevance import Unsayable, Variable
from tests.surveys.formats.limesurveys import (
    file,
    loaded,
    on,
    rows,
)


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


# --- Expressions -------------------------------------------------------------------------------------------
VARIABLES = {
    "Q1": Variable("Q1", {"A1": "A1", "A2": "A2"}),
    "7X1X1": Variable("Q1", {"A1": "A1", "A2": "A2"}),
    "M": Variable("M", {"a": "a", "b": "b"}),
    "M_a": Variable("M", option="a"),
    "M_b": Variable("M", option="b"),
    "N": Variable("N", decimals=0),
    "T": Variable("T"),
}


@pytest.mark.parametrize(
    ("expression", "groups"),
    [
        ('Q1.NAOK == "A1"', [[on("Q1", "is", "A1")]]),
        ('((Q1.NAOK == "A1"))', [[on("Q1", "is", "A1")]]),
        ("{7X1X1.NAOK eq 'A1'}", [[on("Q1", "is", "A1")]]),
        ('"A1" == Q1', [[on("Q1", "is", "A1")]]),
        ('(Q1 == "A1" or Q1 == "A2")', [[on("Q1", "one_of", None, options=("A1", "A2"))]]),
        ('M_a.NAOK == "Y"', [[on("M", "is", "a")]]),
        ('!(M_a.NAOK != "Y")', [[on("M", "is", "a")]]),
        ("!is_empty(T.NAOK)", [[on("T", "answered")]]),
        ('T != ""', [[on("T", "answered")]]),
        ("count(M_a.NAOK, M_b.NAOK) > 0", [[on("M", "answered")]]),
        ("count(that.M.NAOK) >= 1", [[on("M", "answered")]]),
        ("N > 5 && N.NAOK < 10", [[on("N", "more_than", number=Decimal(5)), on("N", "less_than", number=Decimal(10))]]),
        ("N == 5", [[on("N", "at_least", number=Decimal(5)), on("N", "at_most", number=Decimal(5))]]),
        (
            'Q1 == "A1" and N >= 5 or !is_empty(T)',
            [[on("Q1", "is", "A1"), on("N", "at_least", number=Decimal(5))], [on("T", "answered", group=2)]],
        ),
        (
            '(Q1 == "A1" or !is_empty(T)) and N >= 5',
            [
                [on("Q1", "is", "A1"), on("N", "at_least", number=Decimal(5))],
                [on("T", "answered", group=2), on("N", "at_least", group=2, number=Decimal(5))],
            ],
        ),
    ],
)
def test_an_expression_becomes_conditions(expression, groups):
    assert relevance.read(expression, VARIABLES) == (groups, [])


def test_is_not_means_something_else_of_a_blank():
    groups, remarks = relevance.read('Q1.NAOK != "A1"', VARIABLES)
    assert (groups, len(remarks)) == ([[on("Q1", "is_not", "A1")]], 1)
    assert relevance.read('!is_empty(Q1.NAOK) and Q1.NAOK != "A1"', VARIABLES) == (groups, [])


@pytest.mark.parametrize(
    "expression",
    [
        "is_empty(Q1)", 'Q1 == "A9"', 'Q9 == "A1"', "sum(N, N) > 3", "N > N", "Q1", "Q1 =", '(Q1 == "A1"', "N + 1 > 2",
        "regexMatch('/a/', T)", "count(M_a, M_b) > 1", "!" * 200 + "T", "(" * 200 + "T", "N > 1e9", '"a" == "b"', ")",
        " && ".join(['(Q1 == "A1" || N > 1 || T != "")'] * 9), 'Q1 == "A1"' + " or N > 1" * 2000, "\x00", "\u0661 == N",
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_refused_with_a_reason(expression):
    with pytest.raises(Unsayable) as caught:
        relevance.read(expression, VARIABLES)
    assert str(caught.value).endswith(".")


@given(expression=st.text(st.sampled_from("QMNT1_ab&|()!=<>\"'., ANDORis_empty"), max_size=60))
def test_no_expression_breaks_the_reader(expression):
    try:
        groups, _remarks = relevance.read(expression, VARIABLES)
    except Unsayable:
        return
    assert groups


def test_conditions_in_a_file():
    """Of a question, of a group, from the old table, and not understood: then it is told, and everyone is asked."""
    old = [
        {"qid": "3", "scenario": "1", "cfieldname": "7X1X1", "method": "==", "value": "Y"},
        {"qid": "3", "scenario": "2", "cfieldname": "+7X1X2SQ1", "method": "==", "value": "Y"},
    ]
    content = file(
        [
            {"type": "Y"},
            {"type": "M", "relevance": "Q1.NAOK == 'N'"},
            {"relevance": ""},
            {"relevance": "Q9 == 1"},
            {"relevance": "0"},
        ],
        relevance="Q1 == 'Y'",
        subquestions=rows("2", "SQ1", "SQ2"),
        conditions=old,
    )
    found, lost = loaded(content)
    assert [(each.code, each.conditions) for each in found] == [
        ("Q1", ()),
        ("Q2", (on("Q1", "is", "no"),)),
        ("Q3", (on("Q1", "is", "yes"), on("Q2", "is", "SQ1", group=2))),
        ("Q4", ()),
    ]
    assert lost == [("group 1", "Q1 == 'Y'"), ("Q4", "Q9 == 1"), ("Q5", "Tekst Q5 (T)")]
