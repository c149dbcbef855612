"""What the database itself refuses in the table of answers, and what counting leaves out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from surveys import coding, disclosing, fielding
from surveys.models import Answer, Codebook, Option, Question, Release, ReleasedCell, Survey
from tests import cast, make
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _one_approval(settings: Any) -> None:
    settings.CLOSING_APPROVALS = 1
    settings.FEWEST_FOR_TEXTS = 1


def closed(survey: Survey, *given: dict[str, dict[str, str]]) -> Survey:
    voters = [make.voter(survey, role="local", region="north") for _ in given]
    for voter, answers in zip(voters, given, strict=True):
        make.answered(voter, answers)
    make.closed(survey, voters, cast.designer(survey.code))
    return survey


def good_and_poor(good: int, poor: int) -> list[dict[str, dict[str, str]]]:
    return [{"Q2": {"option": "good"}}] * good + [{"Q2": {"option": "poor"}}] * poor


def figures(survey: Survey, variable: str) -> dict[str, int | None]:
    disclosing.request_release(survey, None, make.AFTER)
    assert disclosing.compute_waiting(make.AFTER) == 1
    cells = ReleasedCell.objects.filter(table__release=disclosing.current(survey), table__variable=variable)
    return {cell.value: cell.n for cell in cells.filter(table__by="")}


def test_an_option_of_another_question_is_refused() -> None:
    closed(make.opened(), *good_and_poor(3, 3))
    answer = Answer.objects.filter(question__code="Q2").first()
    assert answer is not None
    other = Option.objects.get(question__code="Q1", code="yes")
    with pytest.raises(IntegrityError, match="answer_option_of_question"), transaction.atomic():
        Answer.objects.filter(pk=answer.pk).update(option=other)


def test_a_second_row_for_one_question_is_refused() -> None:
    closed(make.opened(), *good_and_poor(3, 3))
    answer = Answer.objects.filter(question__code="Q2").first()
    assert answer is not None
    for second in ({"text": "andre rad"}, {"option": Option.objects.get(question__code="Q2", code="fair")}):
        with pytest.raises(IntegrityError, match="answer_once"), transaction.atomic():
            Answer.objects.create(response=answer.response, survey=answer.survey, question=answer.question, **second)


def test_an_answer_is_of_the_survey_of_its_response() -> None:
    survey = closed(make.opened(), *good_and_poor(3, 3))
    other = fielding.plan("next-2026", survey.edition, opens_at=make.OPENS, closes_at=make.DEADLINE)
    with pytest.raises(IntegrityError, match="answer_of_response"), transaction.atomic():
        Answer.objects.filter(question=Question.objects.get(code="Q2")).update(survey=other)


def test_two_surveys_of_one_edition_are_counted_apart() -> None:
    first = closed(make.opened(), *good_and_poor(6, 3))
    wave = fielding.plan(
        "wave-2026", first.edition, opens_at=make.OPENS, closes_at=make.DEADLINE, facts=[make.ROLE, make.REGION],
        codebooks=["Q1"],
    )  # fmt: skip
    fielding.open_survey(wave, make.OPENS)
    closed(wave, *good_and_poor(2, 5))
    assert figures(first, "Q2") == {"good": 6, "fair": 0, "poor": 3}
    assert figures(wave, "Q2") == {"good": 2, "fair": 0, "poor": 5}
    assert figures(first, "Q1.stance") != {}


def test_an_answer_coded_again_counts_once_and_as_what_it_is_now() -> None:
    texts = [{"Q1": {"text": f"Tekst {number}"}, "Q2": {"option": "good"}} for number in range(8)]
    survey = closed(make.opened(), *texts)
    codebook, coder = Codebook.objects.get(survey=survey), cast.coder()
    read = coding.next_answers(codebook, 50)
    for later, codes in enumerate((["yes"] * 8, ["no"] * 3 + ["yes"] * 5)):
        decided = {each.answer_id: code for each, code in zip(read, codes, strict=True)}
        coding.assign_many(codebook.pk, decided, coder, make.AFTER + timedelta(minutes=later))
    found = figures(survey, "Q1.stance")
    assert {value: n for value, n in found.items() if n} == {"no": 3, "yes": 5}


def test_of_many_who_ask_at_once_one_makes_the_row() -> None:
    survey = closed(make.opened(), *good_and_poor(3, 3))
    asked = together([lambda: disclosing.request_release(Survey.objects.get(pk=survey.pk), None, make.AFTER)] * 6)
    assert {getattr(each, "pk", each) for each in asked} == {Release.objects.get(survey=survey).pk}
