"""Conditions in files: what each format says of them, word by word; what of other programs' is understood; refusals."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from surveys.exchanging import FORMATS, read
from surveys.formats import logic, spelling, strict
from surveys.formats.document import BadDocument
from surveys.formats.limesurvey import relevance
from surveys.formats.limesurvey.alternatives import Unsayable
from surveys.formats.limesurvey.relevance import Variable
from surveys.formats.paper.routing import END, Directions
from surveys.formats.protocol import Draft
from surveys.formats.surveyjs import expressions as surveyjs
from surveys.formats.xlsform import expressions as xlsform
from surveys.structure import ConditionView, FactView, Text
from tests import make
from tests.make import asking
from tests.surveys.kinds.views import question

DAY = date(2021, 9, 6)
ROLE = {
    "name": "role",
    "label": {"nb": "Verv"},
    "values": [{"code": code, "label": {"nb": code.title()}} for code in ("chief", "deputy", "local")],
}
CHOICES = [{"code": code, "label": {"nb": code.title()}} for code in ("pay", "hours", "rest")]
SOURCES = [
    asking("Q1", "single_choice", options=CHOICES),
    asking("Q2", "multiple_choice", options=CHOICES),
    asking("Q3", "number", decimals=1),
    asking("Q4", "date"),
]


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with override("en"):
        yield


def drafted(*conditions: dict[str, Any]) -> Draft:
    return strict.read(make.document("prov-2021", SOURCES, [asking("Q5", conditions=list(conditions))], facts=[ROLE]))


def of(draft: Draft) -> tuple[ConditionView, ...]:
    return draft.view.questions["Q5"].conditions


SAID: list[tuple[dict[str, Any], str, str, str, str]] = [
    # A condition, as an XLSForm, SurveyJS and LimeSurvey say it, and on paper.
    (
        {"source": "Q1", "operator": "none_of", "options": ["pay", "rest"]},
        "(${Q1} != '' and ${Q1} != 'pay' and ${Q1} != 'rest')",
        "({Q1} notempty and {Q1} <> 'pay' and {Q1} <> 'rest')",
        '(!is_empty(Q1.NAOK) and Q1.NAOK != "pay" and Q1.NAOK != "rest")',
        "you answered something other than “Pay” or “Rest” to question 1",
    ),
    (
        {"source": "Q2", "operator": "none_of", "options": ["pay", "rest"]},
        "(${Q2} != '' and not(selected(${Q2}, 'pay')) and not(selected(${Q2}, 'rest')))",
        "({Q2} notempty and {Q2} notcontains 'pay' and {Q2} notcontains 'rest')",
        '(count(Q2_pay.NAOK, Q2_hours.NAOK, Q2_rest.NAOK) > 0 and Q2_pay.NAOK != "Y" and Q2_rest.NAOK != "Y")',
        "you answered something other than “Pay” or “Rest” to question 2",
    ),
    (
        {"source": "Q3", "operator": "more_than", "number": "2.5"},
        "${Q3} > 2.5",
        "{Q3} > 2.5",
        "(!is_empty(Q3.NAOK) and Q3.NAOK > 2.5)",
        "you wrote more than 2.5 in question 3",
    ),
    (
        {"source": "Q3", "operator": "less_than", "number": -3},
        "${Q3} < -3",
        "{Q3} < -3",
        "(!is_empty(Q3.NAOK) and Q3.NAOK < -3)",
        "you wrote less than -3 in question 3",
    ),
    *(
        (
            {"source": "Q4", "operator": operator, "day": "2021-09-06"},
            f"${{Q4}} {sign} date('2021-09-06')",
            f"{{Q4}} {sign} '2021-09-06'",
            f'(!is_empty(Q4.NAOK) and substr(Q4.NAOK, 0, 10) {sign} "2021-09-06")',
            words,
        )
        for operator, sign, words in (
            ("at_least", ">=", "you wrote 6 September 2021 or a later date in question 4"),
            ("at_most", "<=", "you wrote 6 September 2021 or an earlier date in question 4"),
            ("more_than", ">", "you wrote a date after 6 September 2021 in question 4"),
            ("less_than", "<", "you wrote a date before 6 September 2021 in question 4"),
        )
    ),
]
OF_FACT: list[tuple[dict[str, Any], str, str, str]] = [
    (
        {"fact": "role", "operator": "one_of", "options": ["chief", "local"]},
        "(${fact_role} = 'chief' or ${fact_role} = 'local')",
        "{fact_role} anyof ['chief', 'local']",
        "this is true of you: Verv: Chief or Local",
    ),
    (
        {"fact": "role", "operator": "none_of", "options": ["chief", "local"]},
        "(${fact_role} != '' and ${fact_role} != 'chief' and ${fact_role} != 'local')",
        "({fact_role} notempty and {fact_role} <> 'chief' and {fact_role} <> 'local')",
        "this is not true of you: Verv: Chief or Local",
    ),
]


def in_workbook(content: bytes) -> str:
    rows = list(load_workbook(io.BytesIO(content))["survey"].iter_rows(values_only=True))
    return next(str(row[rows[0].index("relevant")]) for row in rows if row[rows[0].index("name")] == "Q5")


def on_paper(draft: Draft) -> str:
    numbers = {code: place for place, code in enumerate(draft.view.questions, start=1)}
    return Directions(draft.view, "nb", numbers).condition(of(draft))


@pytest.mark.parametrize(
    ("condition", "xls", "survey_js", "words"), [(one, xls, js, words) for one, xls, js, _lime, words in SAID] + OF_FACT
)
def test_what_a_file_says_and_comes_back(condition: dict[str, Any], xls: str, survey_js: str, words: str) -> None:
    draft = drafted(condition)
    workbook, document = (FORMATS[form].dump(draft, "nb").content for form in ("xlsform", "surveyjs"))
    assert in_workbook(workbook) == xls
    assert surveyjs.write(of(draft), frozenset({"Q2"})) == survey_js
    assert on_paper(draft) == words
    assert of(read(workbook, "any")) == of(read(document, "any")) == of(draft)
    # Other programs take it in as well.
    assert 'relevant="' in convert(io.BytesIO(workbook), validate=False).xform
    assert of(strict.read(spelling.write(draft))) == of(draft)


@pytest.mark.parametrize(("condition", "lime"), [(one, lime) for one, _xls, _js, lime, _words in SAID])
@pytest.mark.parametrize("form", ["lss", "txt"])
def test_what_limesurvey_is_told_and_comes_back(condition: dict[str, Any], lime: str, form: str) -> None:
    draft = drafted(condition)
    written = FORMATS[form].dump(draft, "nb")
    text = written.content.decode("utf-8-sig")
    assert (lime in text) or (lime.replace('"', '""') in text)
    assert of(read(written.content, "any")) == of(draft)


@pytest.mark.parametrize("condition", [one for one, _xls, _js, _words in OF_FACT])
def test_limesurvey_knows_no_register(condition: dict[str, Any]) -> None:
    lost = FORMATS["lss"].dump(drafted(condition), "nb").lost
    assert [each.place for each in lost if "background fact" in each.why] == ["Q5"]


@pytest.mark.parametrize(
    ("condition", "goes_on"),
    [
        # The last question is passed over by whoever gives one of these answers.
        ({"option": "pay"}, {"hours", "rest"}),
        ({"operator": "is_not", "option": "pay"}, {"pay"}),
        ({"operator": "one_of", "options": ["pay", "hours"]}, {"rest"}),
        ({"operator": "none_of", "options": ["pay", "hours"]}, {"pay", "hours"}),
        ({"operator": "answered"}, set()),
    ],
)
def test_where_the_paper_form_sends_whoever_answers(condition: dict[str, Any], goes_on: set[str]) -> None:
    view = strict.read(
        make.document("prov-2021", SOURCES[:1], [asking("Q5", conditions=[{"source": "Q1", **condition}])])
    ).view
    directions = Directions(view, "en", {"Q1": 1, "Q5": 2})
    first = view.questions["Q1"]
    assert {each.code for each in first.options if directions.go_on(first, each.code) == END} == goes_on


def test_two_that_are_not_are_not_one_that_is_none_of() -> None:
    both = [{"source": "Q1", "operator": "is_not", "option": code} for code in ("pay", "rest")]
    alternative = [{"group": 2, "source": "Q3", "operator": "answered"}]
    for conditions in (
        both,
        [*both, *alternative],
        [{"source": "Q1", "operator": "answered"}, *both[:1], *alternative],
    ):
        draft = drafted(*conditions)
        for form in ("xlsform", "surveyjs", "json"):
            assert of(read(FORMATS[form].dump(draft, "nb").content, "any")) == of(draft)
    draft = drafted(*both, *alternative)
    assert of(read(FORMATS["lss"].dump(draft, "nb").content, "any")) == of(draft)


# --- What other programs say ----------------------------------------------------------------------------------

KNOWN = {
    "n": logic.Source(question("number", code="n")),
    "d": logic.Source(question("date", code="d")),
    "s": logic.Source(question("single_choice", "a", "b", "c", code="s"), {each: each for each in "abc"}),
    "t": logic.Source(question("short_text", code="t")),
    "f": logic.Source(FactView("f", Text({}), (("a", Text({})),)), {"a": "a"}),
}


def on(source: str, operator: str, option: str | None = None, **more: Any) -> ConditionView:
    return replace(ConditionView(1, source, operator, option), **more)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("${n} > 2.5", [on("n", "more_than", number=Decimal("2.5"))]),
        ("3 > ${n}", [on("n", "less_than", number=Decimal(3))]),
        ("${d} >= date('2021-09-06')", [on("d", "at_least", day=DAY)]),
        ("date('2021-09-06') >= ${d}", [on("d", "at_most", day=DAY)]),
        ("${d} < '2021-09-06'", [on("d", "less_than", day=DAY)]),
        ("${d} = date('2021-09-06')", [on("d", "at_least", day=DAY), on("d", "at_most", day=DAY)]),
        ("${d} > date('2021-09-06 00:00')", [on("d", "more_than", day=DAY)]),
        ("${f} = 'a' or ${f} = 'a'", [on("@f", "one_of", options=("a",))]),
        ("(${s} != '' and ${s} != 'a' and ${s} != 'c')", [on("s", "none_of", options=("a", "c"))]),
        ("(${s} != '' and ${s} != 'a' and ${s} != 'a')", [on("s", "none_of", options=("a",))]),
    ],
)
def test_an_expression_of_an_xlsform(expression: str, expected: list[ConditionView]) -> None:
    assert list(logic.conditions(xlsform.parse(expression), KNOWN).conditions) == expected


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("${d} > today()", "Conditions here have nothing like “today”."),
        ("${d} > date('6.9.2021')", "“6.9.2021” is not a date."),
        ("${d} > date('2021-02-30')", "“2021-02-30” is not a date."),
        ("${d} > date('2021-09-06T12:30')", "“2021-09-06T12:30” is not a date."),
        ("${d} > 5", "“5” is not a date."),
        ("${n} > date('2021-09-06')", "“2021-09-06” is not a number."),
        ("${d} != date('2021-09-06')", "Conditions here cannot say that a date is not another."),
        ("${d} = ''", "Conditions here cannot ask that something has not been answered."),
        ("${d} > ${n}", "Conditions here compare one question with one value."),
        ("date(date('2021-09-06')) < ${t}", "Here the only condition on t can be that it has been answered."),
        ("${f} > 3", "The answers of @f cannot be compared by size."),
        ("not(${d} > date('2021-09-06'))", "Conditions here cannot turn a comparison round with “not”."),
    ],
)
def test_what_an_xlsform_says_otherwise_is_named(expression: str, why: str) -> None:
    with pytest.raises(logic.Unsaid) as unsaid:
        logic.conditions(xlsform.parse(expression), KNOWN)
    assert str(unsaid.value) == why


VARIABLES = {
    **{name: Variable(name, {code: code for code in "abc"}) for name in ("Q1", "Q2")},
    "D": Variable("D", is_day=True),
    "N": Variable("N", decimals=2),
    "T": Variable("T"),
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('D.NAOK >= "2021-09-06"', [[on("D", "at_least", day=DAY)]]),
        ('substr(D.NAOK, 0, 10) > "2021-09-06"', [[on("D", "more_than", day=DAY)]]),
        ('strtotime(D) < strtotime("2021-09-06")', [[on("D", "less_than", day=DAY)]]),
        ('"2021-09-06 00:00" ge D.NAOK', [[on("D", "at_most", day=DAY)]]),
        ('!(D.NAOK > "2021-09-06")', [[on("D", "at_most", day=DAY)]]),
        ('D.NAOK == "2021-09-06"', [[on("D", "at_least", day=DAY), on("D", "at_most", day=DAY)]]),
        ('D != "2021-09-06"', [[on("D", "less_than", day=DAY)], [on("D", "more_than", day=DAY, group=2)]]),
        ("N > 2.5 and N < 9", [[on("N", "more_than", number=Decimal("2.5")), on("N", "less_than", number=Decimal(9))]]),
        ("N != 5", [[on("N", "less_than", number=Decimal(5))], [on("N", "more_than", number=Decimal(5), group=2)]]),
        ('(!is_empty(Q1) and Q1 != "a" and Q1 != "b")', [[on("Q1", "none_of", options=("a", "b"))]]),
        # Of two questions it is not one condition.
        ('(!is_empty(Q1) and Q1 != "a" and !is_empty(Q2) and Q2 != "b")',
         [[on("Q1", "is_not", option="a"), on("Q2", "is_not", option="b")]]),
        ('(!is_empty(Q1) and Q1 != "a" and Q2 == "b")', [[on("Q1", "is_not", option="a"), on("Q2", "is", option="b")]]),
    ],
)  # fmt: skip
def test_an_expression_of_limesurvey(expression: str, expected: list[list[ConditionView]]) -> None:
    assert relevance.read(expression, VARIABLES) == (expected, [])


def test_what_is_not_of_two_questions_is_not_none_of_the_first() -> None:
    groups, remarks = relevance.read('(!is_empty(Q1) and Q1 != "a" and Q2 != "b")', VARIABLES)
    assert groups == [[on("Q1", "is_not", option="a"), on("Q2", "is_not", option="b")]]
    assert [each.split(";")[0] for each in remarks] == ["Shown only to those who have answered Q2"]


@pytest.mark.parametrize(
    "expression",
    [
        'D > "6.9.2021"', 'D > "2021-02-30"', "D > 5", 'D > "2021-09-06 12:30"', 'substr(D, 1, 10) > "2021-09-06"',
        'substr(D) > "2021-09-06"', 'strtotime(D, 0) > "2021-09-06"', 'substr(T, 0, 10) > "2021-09-06"',
        'strtotime(Q1) == "a"', "strtotime(D)", 'strtotime(D > "2021-09-06"', 'date("Y-m-d", D) > "2021-09-06"',
        "strtotime(" * 400 + "D", 'substr(D, substr(D, 0, 10), 10) > "2021-09-06"', "N > strtotime(D)",
        "substr(" * 700 + "D", "strtotime", 'substr() > "2021-09-06"',
    ],
)  # fmt: skip
def test_what_limesurvey_says_otherwise_is_refused_with_a_reason(expression: str) -> None:
    with pytest.raises(Unsayable) as refused:
        relevance.read(expression, VARIABLES)
    assert str(refused.value).endswith(".")


# --- Our own format is strict ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "complaint"),
    [
        ({"source": "Q4", "operator": "more_than"},
         "operator: needs a “number”, or a “day”, and a question that is answered with one"),
        ({"source": "Q4", "operator": "more_than", "number": 3},
         "operator: needs a “number”, or a “day”, and a question that is answered with one"),
        ({"source": "Q4", "operator": "more_than", "number": 3, "day": "2021-09-06"},
         "operator: only one of “number” and “day” is what the question is answered with"),
        ({"source": "Q1", "operator": "more_than", "day": "2021-09-06"},
         "operator: needs a “number”, or a “day”, and a question that is answered with one"),
        ({"source": "Q4", "operator": "less_than", "day": "6.9.2021"}, "day: must be a day such as 2021-09-06"),
        ({"source": "Q4", "operator": "less_than", "day": 18876}, "day: must be a day such as 2021-09-06"),
        ({"source": "Q4", "operator": "answered", "day": "2021-09-06"},
         "day: belongs only to: at_least, at_most, more_than, less_than"),
        ({"source": "Q1", "operator": "none_of"}, "options: must be one of: pay, hours, rest"),
        ({"source": "Q1", "operator": "none_of", "options": []}, "options: must be one of: pay, hours, rest"),
        ({"source": "Q1", "operator": "none_of", "options": ["chief"]}, "options: must be one of: pay, hours, rest"),
        ({"source": "Q1", "operator": "none_of", "option": "pay", "options": ["pay"]},
         "option: belongs only to “is” and “is_not”"),
        ({"source": "Q1", "options": ["pay"]}, "options: belongs only to “one_of” and “none_of”"),
        ({"fact": "role", "operator": "one_of", "options": ["chief", "king"]},
         "options: must be one of: chief, deputy, local"),
        ({"fact": "role", "operator": "one_of", "options": ["chief", "chief"]}, "options: has an entry twice"),
        ({"fact": "role", "operator": "at_least", "number": 3},
         "operator: must be one of: is, is_not, one_of, none_of, answered"),
        ({"fact": "role", "operator": "after", "day": "2021-09-06"},
         "operator: must be one of: is, is_not, one_of, none_of, at_least, at_most, more_than, less_than, answered"),
    ],
)  # fmt: skip
def test_our_own_format_refuses_what_means_nothing(condition: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadDocument) as refused:
        drafted(condition)
    assert str(refused.value) == f"section 2 › question 1 (Q5) › condition 1 › {complaint}"
