"""Quoting: nothing without a yes, and only one way to it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.db import IntegrityError, transaction
from django.test import Client

from consult import granting
from surveys import answering, disclosing, quoting, withdrawing
from surveys.models import Question, Response, Survey
from tests import cast, make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_approval(settings: Any) -> None:
    settings.CLOSING_APPROVALS = 1


def closed(saids: list[str], **plan: Any) -> tuple[Survey, list[str]]:
    """A closed survey; the writers of “sagt av <number>” have said these about being quoted."""
    survey = make.opened(**{"asks_quoting": True, **plan})
    voters = [make.voter(survey) for _ in saids]
    receipts = []
    for number, (voter, said) in enumerate(zip(voters, saids, strict=True)):
        given = {"Q2": {"option": "good"}, "Q3": {"text": f"sagt av {number}"}}
        answering.save(voter, "AAAABBBB", given, "nb", make.DURING)
        receipts.append(answering.submit(voter, "AAAABBBB", make.DURING, may_quote=said))
    make.closed(survey, voters, cast.designer())
    survey.refresh_from_db()
    return survey, receipts


def q3(survey: Survey) -> Question:
    return Question.objects.get(edition=survey.edition_id, code="Q3")


def test_only_those_who_said_yes_are_quoted() -> None:
    survey, _receipts = closed(["yes", "ask", "no", "", "yes", *["no"] * 6])
    assert sorted(quoting.quotable(survey, q3(survey))) == ["sagt av 0", "sagt av 4"]
    assert quoting.quotable(survey, Question.objects.get(code="Q2")) == []


@pytest.mark.parametrize(("people", "quoted"), [(9, 0), (10, 10)])
@pytest.mark.parametrize("promise", ["anonymous", "named"])
def test_not_where_fewer_than_ten_were_asked(people: int, quoted: int, promise: str) -> None:
    survey, _receipts = closed(["yes"] * people, promise=promise)
    assert len(quoting.quotable(survey, q3(survey))) == quoted


@pytest.mark.parametrize("withdraws", [False, True])
def test_what_was_said_stands_though_another_code_has_begun_afresh(withdraws: bool) -> None:
    survey = make.opened(asks_quoting=True)
    voter, given = make.voter(survey), {"Q2": {"option": "good"}, "Q3": {"text": "sagt"}}
    answering.save(voter, "AAAABBBB", given, "nb", make.DURING)
    answering.submit(voter, "AAAABBBB", make.DURING, may_quote="yes")
    proof = answering.save(voter, "CCCCDDDD", given, "nb", make.DURING).proof
    if withdraws:
        withdrawing.withdraw(voter, "CCCCDDDD", make.DURING, proof=proof)
    make.closed(survey, [voter], cast.designer())
    assert [each.quoting for each in Response.objects.all()] == ["yes"]


def test_not_before_the_survey_has_closed() -> None:
    survey = make.opened("navn", "named", asks_quoting=True)
    for _person in range(10):
        voter = make.voter(survey)
        answering.save(voter, "AAAABBBB", {"Q2": {"option": "good"}, "Q3": {"text": "x"}}, "nb", make.DURING)
        answering.submit(voter, "AAAABBBB", make.DURING, may_quote="yes")
    assert Response.objects.filter(quoting="yes").count() == 10
    assert quoting.quotable(survey, q3(survey)) == []


def test_not_where_the_survey_never_asked() -> None:
    survey, _receipts = closed(["yes"] * 10, asks_quoting=False)
    assert set(Response.objects.values_list("quoting", flat=True)) == {""}
    Response.objects.update(quoting="yes")
    assert quoting.quotable(survey, q3(survey)) == []


def test_a_quotation_goes_with_the_answer_and_with_a_changed_mind() -> None:
    survey, receipts = closed(["yes"] * 12)
    withdrawing.remove(receipts[0])
    withdrawing.change_quoting(receipts[1], "no")
    assert sorted(quoting.quotable(survey, q3(survey))) == sorted(f"sagt av {number}" for number in range(2, 12))


def test_texts_come_in_another_order_each_time() -> None:
    survey, _receipts = closed(["yes"] * 12)
    assert len({tuple(quoting.quotable(survey, q3(survey))) for _ in range(8)}) > 1


def test_another_surveys_texts_are_not_among_them() -> None:
    survey, _receipts = closed(["yes"] * 10)
    other = make.in_field("annen", asks_quoting=True)
    assert quoting.quotable(other, q3(survey)) == []


def test_the_database_knows_three_things_one_can_say() -> None:
    closed(["yes"])
    with pytest.raises(IntegrityError, match="response_quoting_known"), transaction.atomic():
        Response.objects.update(quoting="may")


@pytest.mark.parametrize("said", ["yes", "no"])
def test_no_surface_shows_a_text(said: str) -> None:
    """Neither with leave nor without: nothing quotes yet. Coders read, which is not quoting."""
    survey, _receipts = closed([said] * 12)
    disclosing.request_release(survey, None, make.AFTER)
    disclosing.compute_waiting(make.AFTER)
    leader = make.granted(cast.leader())
    make.asked(survey)
    browser = Client(HTTP_AUTHORIZATION=f"Bearer {granting.create_token(leader, make.AFTER)}")
    browser.force_login(leader)
    pages = ["/results/", f"/results/{survey.code}/", f"/results/{survey.code}/Q3/", f"/results/{survey.code}/Q1/"]
    pages += ["/api/v1/surveys/", f"/api/v1/surveys/{survey.code}/"]
    pages += [f"/api/v1/surveys/{survey.code}/results/?variable={name}" for name in ("Q3", "Q1", "role")]
    for page in pages:
        answer = browser.get(page, **{"raadslag.now": make.AFTER})  # type: ignore[arg-type]
        assert answer.status_code == 200, page
        assert "sagt av" not in answer.content.decode(), page


# Who may read what people wrote: to store and back it up, to sort it, to quote it, and to count whether there is any.
READERS = {
    "surveys/box/backing_up.py", "surveys/box/storing.py", "surveys/coding.py", "surveys/quoting.py",
    "surveys/variables.py", "surveys/gate/leaving.py",
}  # fmt: skip


def test_nothing_else_reads_what_people_wrote() -> None:
    root = Path(project.BASE_DIR)
    found = {
        str(path.relative_to(root))
        for path in (root / "surveys").rglob("*.py")
        if "migrations" not in path.parts
        and re.search(r"\ba\.text\b|surveys_answer\b.*\btext\b|Answer\.objects", path.read_text())
    }
    assert found - {"surveys/box/restoring.py"} == READERS
