"""Conditions written at the builder: every operator, what is refused with its reason, and what holds on to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils.translation import override

from surveys import authoring, comparing, publishing, structure
from surveys.authoring import BreaksCondition
from surveys.branching.conditioning import broken_conditions
from surveys.drafting import adding, arranging, banking, building, capturing, deciding, declaring, versioning
from surveys.drafting.building import Overtaken, Unfit
from surveys.models import Condition, ConditionOption, Edition, EditionFactValue, Question
from surveys.structure import ConditionView
from tests import make
from tests.make import asking

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with override("en"):
        yield


OF_FACTS = "A background fact has no size: choose “is”, “is not”, “is one of”, “is none of” or “is known”."
VALUES = [{"code": code, "label": {"nb": code.title()}} for code in ("chief", "deputy", "local")]
ROLE = {"name": "role", "label": {"nb": "Verv"}, "values": VALUES}


def three(*conditions: dict[str, Any], **rest: Any) -> Edition:
    """One question of each sort that can be compared, and one that may be shown only to some."""
    sources = [asking("Q1"), asking("Q2", "number", decimals=1), asking("Q3", "date")]
    return make.loaded("prov-2021", sources, [asking("Q4", conditions=list(conditions))], facts=[ROLE], **rest)


def question(draft: Edition, code: str) -> Question:
    return draft.questions.get(code=code)


def row(source: Any, operator: str, *answers: Any, **more: Any) -> dict[str, Any]:
    """A condition as the builder's page sends it."""
    kind = "question" if isinstance(source, Question) else "fact"
    sent = {"group": 1, "source": f"{kind}-{source.pk}", "operator": operator, "number": "", "day": ""}
    return {**sent, "answers": [str(each.pk) for each in answers], **more}


def write(draft: Edition, *rows: dict[str, Any]) -> tuple[ConditionView, ...]:
    """Make these the conditions of Q4; what stands there then."""
    target = question(draft, "Q4")
    deciding.write(draft.pk, building.place_of(target), json.dumps(rows), deciding.mark_of(target))
    return structure.read(draft).questions["Q4"].conditions


def parts(draft: Edition) -> dict[str, Any]:
    values = {each.code: each for each in EditionFactValue.objects.filter(fact__edition=draft)}
    return {**{code: question(draft, code) for code in ("Q1", "Q2", "Q3")}, "role": draft.facts.get(), **values}


@pytest.mark.parametrize(
    ("source", "operator", "compared", "more", "expected"),
    [
        ("role", "is", ["chief"], {}, {"option": "chief"}),
        ("role", "is_not", ["chief"], {}, {"option": "chief"}),
        ("role", "one_of", ["chief", "deputy"], {}, {"options": ("chief", "deputy")}),
        ("role", "none_of", ["deputy", "local"], {}, {"options": ("deputy", "local")}),
        ("role", "answered", [], {}, {}),
        ("Q2", "more_than", [], {"number": "2,5"}, {"number": Decimal("2.5")}),
        ("Q2", "less_than", [], {"number": "-3"}, {"number": Decimal(-3)}),
        ("Q3", "at_least", [], {"day": "2021-09-06"}, {"day": date(2021, 9, 6)}),
        ("Q3", "at_most", [], {"day": "6.9.2021"}, {"day": date(2021, 9, 6)}),
        ("Q3", "more_than", [], {"day": "2021-09-06", "number": "7"}, {"day": date(2021, 9, 6)}),
        ("Q3", "less_than", [], {"day": "2100-12-31"}, {"day": date(2100, 12, 31)}),
    ],
)
def test_every_way_to_look(source: str, operator: str, compared: list[str], more: Any, expected: Any) -> None:
    draft = three()
    known = parts(draft)
    name = "@role" if source == "role" else source
    wanted = ConditionView(1, name, operator, **expected)
    assert write(draft, row(known[source], operator, *(known[each] for each in compared), **more)) == (wanted,)
    assert broken_conditions(draft) == []


@pytest.mark.parametrize(
    ("source", "operator", "compared", "more", "reason"),
    [
        ("role", "more_than", [], {"number": "3"},
         OF_FACTS),
        ("role", "one_of", [], {}, "Please choose the answer that decides."),
        ("Q1", "none_of", ["chief"], {}, "Please choose the answer that decides."),
        ("role", "none_of", ["chief", "Q1"], {}, "Please choose the answer that decides."),
        ("Q1", "less_than", [], {"number": "3"}, "Q1 is answered with neither a number nor a date."),
        ("Q2", "less_than", [], {"day": "2021-09-06"}, "Please write the number that decides."),
        ("Q3", "less_than", [], {"number": "3"}, "Please write the date that decides, for example 6.9.2021."),
        ("Q3", "more_than", [], {"day": "0021-09-06"}, "Please write the date that decides, for example 6.9.2021."),
        ("Q3", "more_than", [], {"day": "2021-02-30"}, "Please write the date that decides, for example 6.9.2021."),
        ("Q3", "more_than", [], {"day": ["2021"]}, "Please write the date that decides, for example 6.9.2021."),
        ("Q3", "after", [], {"day": "2021-09-06"}, "This could not be read."),
        # Rounded to four decimals it is more than there is room for.
        ("Q2", "more_than", [], {"number": "999999999999,99999"}, "Please write the number that decides."),
        ("Q2", "more_than", [], {"number": "-999999999999.99996"}, "Please write the number that decides."),
        # Neither of two is left out in silence.
        ("role", "is", ["chief", "local"], {}, "Please choose the answer that decides."),
        ("role", "is", ["chief"], {"group": True}, "This could not be read."),
        ("role", "is", ["chief"], {"group": -1}, "This could not be read."),
        ("role", "is", ["chief"], {"group": 32768}, "This could not be read."),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(source: str, operator: str, compared: Any, more: Any, reason: str) -> None:
    draft = three()
    known = parts(draft)
    with pytest.raises(Unfit) as refused:
        write(draft, row(known[source], operator, *(known[each] for each in compared), **more))
    assert refused.value.reasons == [reason]
    assert not Condition.objects.exists()


def test_groups_that_a_file_has_numbered_as_it_likes_can_be_written_again() -> None:
    draft = three({"source": "Q1", "operator": "answered", "group": 300})
    known = parts(draft)
    rows = [row(known[code], "answered", group=group) for code, group in (("Q1", 300), ("Q2", 0), ("role", 300))]
    assert [(each.group, each.source) for each in write(draft, *rows)] == [(1, "Q2"), (2, "Q1"), (2, "@role")]


def test_what_another_has_just_deleted_is_not_left_out_in_silence() -> None:
    draft = three()
    yes, no = question(draft, "Q1").options.order_by("position")
    sent = row(question(draft, "Q1"), "one_of", yes, no)
    adding.delete_option(draft.pk, no.pk)
    with pytest.raises(Unfit):
        write(draft, sent)


def test_two_who_write_at_once() -> None:
    draft = three({"fact": "role", "operator": "one_of", "options": ["chief", "local"]})
    target, known = question(draft, "Q4"), parts(draft)
    read = deciding.mark_of(target)
    write(draft, row(known["role"], "none_of", known["chief"], known["local"]))
    with pytest.raises(Overtaken) as overtaken:
        deciding.write(draft.pk, building.place_of(target), "[]", read)
    assert "Verv is none of Chief, Local" in str(vars(overtaken.value))
    # One value more is a change as well.
    read = deciding.mark_of(target)
    write(draft, row(known["role"], "none_of", known["chief"], known["local"], known["deputy"]))
    assert deciding.mark_of(target) != read


# --- What would break one is refused ------------------------------------------------------------------------

OF_DAY = {"source": "Q3", "operator": "more_than", "day": "2021-09-06"}
OF_NUMBER = {"source": "Q2", "operator": "less_than", "number": 5}
OF_FACT = {"fact": "role", "operator": "none_of", "options": ["chief", "local"]}


@pytest.mark.parametrize(
    ("condition", "code", "kind", "reason"),
    [
        (OF_DAY, "Q3", "number", "The condition of Q4 compares Q3 with a date, but it is no date."),
        (OF_DAY, "Q3", "long_text", "The condition of Q4 compares Q3 with a date, but it is no date."),
        (OF_DAY, "Q3", "information", "The condition of Q4 looks at Q3, which nobody answers."),
        (OF_NUMBER, "Q2", "date", "The condition of Q4 compares Q2 with a number, but it is no number."),
        ({"source": "Q1", "operator": "none_of", "options": ["yes", "no"]}, "Q1", "number",
         "Q4 is shown only after an answer to Q1. Change that condition first."),
    ],
)  # fmt: skip
def test_changing_a_kind(condition: dict[str, Any], code: str, kind: str, reason: str) -> None:
    draft = three(condition)
    changed = question(draft, code)
    with pytest.raises(BreaksCondition) as refused:
        building.write(draft.pk, building.place_of(changed), "kind", kind, versioning.mark(changed.kind))
    assert refused.value.reasons == [reason]
    assert question(draft, code).kind == changed.kind


def test_moving_it_before_what_it_looks_at_and_deleting_that() -> None:
    draft = three(OF_DAY)
    arranging.move_question(question(draft, "Q4").pk, -1)
    with pytest.raises(BreaksCondition, match="Q4 looks at Q3, which is not asked before it"):
        arranging.move_question(question(draft, "Q4").pk, -1)
    with pytest.raises(BreaksCondition, match="Q4 is shown only after an answer to Q3"):
        arranging.delete_question(question(draft, "Q3").pk)


def test_a_fact_or_a_value_that_is_looked_for_stays() -> None:
    draft = three(OF_FACT)
    with pytest.raises(BreaksCondition) as refused:
        declaring.withdraw(draft.pk, "role")
    assert refused.value.reasons == ["Q4 is shown only to some by Verv. Change that condition first."]
    with pytest.raises(ProtectedError):
        EditionFactValue.objects.get(code="local").delete()
    EditionFactValue.objects.get(code="deputy").delete()


# --- What the database itself refuses -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ("operator = 'answered'", "condition_size_iff_compared"),
        ("number = 1", "condition_size_iff_compared"),
        ("day = NULL", "condition_size_iff_compared"),
        ("operator = 'is'", "condition_option_iff_compared"),
    ],
)
def test_a_day_that_would_mean_nothing(changes: str, constraint: str) -> None:
    three(OF_DAY)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE surveys_condition SET {changes}")


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ("operator = 'resembles'", "condition_operator_known"),
        ("operator = 'more_than'", "condition_size_iff_compared"),
        ("fact_id = NULL, operator = 'one_of'", "condition_on_answer_or_fact"),
        ("operator = 'more_than', number = 1", "condition_on_answer_or_fact"),
        ("operator = 'less_than', day = '2021-09-06'", "condition_on_answer_or_fact"),
    ],
)
def test_a_condition_that_would_mean_nothing(changes: str, constraint: str) -> None:
    three(OF_FACT)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE surveys_condition SET {changes}")


def test_what_is_compared_with_is_of_what_is_looked_at() -> None:
    draft = three(OF_FACT, {"source": "Q1", "operator": "one_of", "options": ["yes", "no"]})
    known = parts(draft)
    option = known["Q1"].options.first()
    foreign = make.loaded("annen-2021", [asking("Q1")], facts=[ROLE])
    their_value = EditionFactValue.objects.filter(fact__edition=foreign).first()
    on_fact, on_answer = Condition.objects.order_by("pk")
    refused: list[tuple[dict[str, Any], str]] = [
        ({"condition": on_fact, "option": option}, "condition_option_of_source"),
        ({"condition": on_answer, "fact_value": known["deputy"]}, "condition_option_of_source"),
        ({"condition": on_fact, "fact_value": their_value}, "condition_option_of_source"),
        ({"condition": on_answer, "option": foreign.questions.get().options.first()}, "condition_option_of_source"),
        ({"condition": on_fact}, "condition_option_of_source"),
        ({"condition": on_fact, "fact_value": known["deputy"], "option": option}, "condition_option_or_fact_value"),
        ({"condition": on_fact, "fact_value": known["chief"]}, "condition_fact_value_once"),
        ({"condition": on_answer, "option": option}, "condition_option_once"),
    ]
    for given, constraint in refused:
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            ConditionOption.objects.create(**given)
        assert error.value.__cause__.diag.constraint_name == constraint, given
    ConditionOption.objects.create(condition=on_fact, fact_value=known["deputy"])


def test_a_published_edition_keeps_what_its_conditions_compare_with() -> None:
    draft = three(OF_FACT)
    publishing.publish(draft.questionnaire_id, make.OPENS)
    for sql in ("DELETE FROM surveys_conditionoption", "UPDATE surveys_condition SET day = NULL"):
        with pytest.raises(IntegrityError, match="is published"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


# --- What carries them along --------------------------------------------------------------------------------

ALL = [
    OF_FACT, OF_DAY, OF_NUMBER, {**OF_FACT, "group": 2, "operator": "one_of"},
    {"group": 2, "source": "Q1", "operator": "none_of", "options": ["yes", "no"]},
]  # fmt: skip


def test_a_copy_looks_at_the_same() -> None:
    draft = three(*ALL)
    first = structure.read(draft).questions["Q4"].conditions
    copied = adding.copy_question(draft.pk, question(draft, "Q4").pk)
    assert structure.read(draft).questions[copied.code].conditions == first
    section = adding.copy_section(draft.pk, draft.sections.first().pk)
    assert section.questions.count() == 3


def test_a_copied_section_looks_at_its_own_copies() -> None:
    draft = make.loaded(
        "prov-2021",
        [asking("Q1", "date"), asking("Q2"), asking("Q3", conditions=[
            {"source": "Q1", "operator": "less_than", "day": "2021-09-06"},
            {"source": "Q2", "operator": "none_of", "options": ["yes", "no"]},
            OF_FACT,
        ])],
        facts=[ROLE],
    )  # fmt: skip
    adding.copy_section(draft.pk, draft.sections.get().pk)
    copies = structure.read(draft).sections[1].questions
    assert [(each.source, each.day, each.options) for each in copies[2].conditions] == [
        (copies[0].code, date(2021, 9, 6), ()),
        (copies[1].code, None, ("yes", "no")),
        ("@role", None, ("chief", "local")),
    ]


def test_a_draft_put_back_has_them_again() -> None:
    draft = three(*ALL)
    before, state = structure.read(draft), capturing.capture(draft)
    write(draft)
    declaring.withdraw(draft.pk, "role")
    assert structure.read(draft) != before
    with authoring.editing(draft.pk) as edition:
        capturing.reinstate(edition, state)
    assert structure.read(draft) == before


def test_a_new_edition_has_them_and_a_difference_is_seen() -> None:
    draft = three(*ALL)
    first = structure.read(draft)
    publishing.publish(draft.questionnaire_id, make.OPENS)
    second = authoring.draft(draft.questionnaire)
    assert structure.read(second).questions["Q4"].conditions == first.questions["Q4"].conditions
    for number, changed in enumerate(({**OF_DAY, "day": "2021-09-07"}, {**OF_DAY, "operator": "at_least"}, OF_NUMBER)):
        asked = [asking("Q4", conditions=[OF_FACT, changed, *ALL[2:]])]
        sources = [asking("Q1"), asking("Q2", "number", decimals=1), asking("Q3", "date")]
        other = structure.read(make.loaded(f"annen-{number}", sources, asked, facts=[ROLE]))
        assert [each.after.code for each in comparing.compare(first, other).questions if each.routing] == ["Q4"]


def test_a_question_of_the_bank_brings_its_condition_where_the_values_are_known() -> None:
    bank = make.loaded("bank", [asking("B1", conditions=[OF_FACT])], facts=[ROLE], role="bank")
    original = bank.questions.get()
    knows_all = make.loaded("a-2021", [asking("Q1")], facts=[ROLE])
    knows_some = make.loaded("b-2021", [asking("Q1")], facts=[{**ROLE, "values": VALUES[:2]}])
    taken = banking.take(original.pk, knows_all.sections.get().pk)
    assert not taken.is_unconditional
    assert structure.read(knows_all).questions[taken.question.code].conditions == (
        ConditionView(1, "@role", "none_of", None, ("chief", "local")),
    )
    assert banking.take(original.pk, knows_some.sections.get().pk).is_unconditional
