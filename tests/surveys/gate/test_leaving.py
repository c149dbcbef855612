"""Leaving: what has been published stays until so many have withdrawn that the figures may follow."""

from __future__ import annotations

from typing import Any

import pytest

from surveys import coding, disclosing, withdrawing
from surveys.models import Codebook, OpenLink, Release, Survey, Withdrawal
from surveys.ways import linking
from tests import cast, make

pytestmark = pytest.mark.django_db

GIVEN = {"Q1": {"option": "yes", "text": "Fordi."}, "Q2": {"option": "good"}}


@pytest.fixture(autouse=True)
def one_approval(settings: Any) -> None:
    settings.CLOSING_APPROVALS = 1


@pytest.fixture
def survey() -> Survey:
    return make.opened()


def published(survey: Survey, people: list[tuple[str, str]]) -> tuple[list[str], list[Release]]:
    """Closed and released: people are (region, answer to Q2); their receipts, and the release."""
    voters = [make.voter(survey, role="local", region=region) for region, _answer in people]
    receipts = [
        make.answered(voter, {"Q2": {"option": answer}})
        for voter, (_region, answer) in zip(voters, people, strict=True)
    ]
    make.closed(survey, voters, cast.designer())
    disclosing.request_release(survey, None, make.AFTER)
    disclosing.compute_waiting(make.AFTER)
    return receipts, list(Release.objects.all())


def figures(release: Release) -> dict[tuple[str, str], list[int | None]]:
    return {
        (table.variable, table.by): [cell.n for cell in table.cells.order_by("position")]
        for table in release.tables.all()
    }


def again(survey: Survey) -> Release:
    disclosing.request_release(survey, None, make.AFTER)
    disclosing.compute_waiting(make.AFTER)
    release = disclosing.current(survey)
    assert release is not None
    return release


MANY = [(region, answer) for region in ("north", "south") for answer in ("good", "poor") for _ in range(10)]


def test_figures_stay_until_enough_have_withdrawn(survey: Survey) -> None:
    receipts, (first,) = published(survey, MANY)
    # Two of each answer in the north.
    leaving = [*receipts[:2], *receipts[10:12]]
    for receipt in leaving:
        withdrawing.remove(receipt)
        release = again(survey)
        assert (figures(release), release.responses) == (figures(first), 40)
        assert disclosing.request_withdrawn(make.AFTER) == 0
    # A fifth, and the five are as good as a survey of their own.
    withdrawing.remove(receipts[12])
    assert disclosing.request_withdrawn(make.AFTER) == 1
    disclosing.compute_waiting(make.AFTER)
    last = disclosing.current(survey)
    assert last is not None
    assert last.responses == 35
    assert figures(last)["Q2", ""][:2] != figures(first)["Q2", ""][:2]
    assert list(Withdrawal.objects.values_list("number", flat=True)) == [last.number] * 5
    assert disclosing.request_withdrawn(make.AFTER) == 0


def test_nor_where_those_who_left_are_few_in_a_group(survey: Survey) -> None:
    receipts, (first,) = published(survey, MANY)
    # Five in the north, and in the south two who had answered differently.
    for receipt in [*receipts[:3], *receipts[10:12], receipts[20], receipts[30]]:
        withdrawing.remove(receipt)
    assert disclosing.request_withdrawn(make.AFTER) == 0
    assert figures(again(survey)) == figures(first)


def test_nor_where_all_who_left_had_answered_alike(survey: Survey) -> None:
    receipts, (first,) = published(survey, MANY)
    for receipt in receipts[:6]:
        withdrawing.remove(receipt)
    assert disclosing.request_withdrawn(make.AFTER) == 0
    assert figures(again(survey)) == figures(first)


def test_a_new_table_beside_them_is_shown_of_the_whole_only(survey: Survey) -> None:
    voters = [make.voter(survey, role="local", region="north") for _ in range(14)]
    receipts = [make.answered(voter, GIVEN) for voter in voters[:13]]
    receipts.append(make.answered(voters[13], {"Q1": {"option": "no", "text": "Nei."}, "Q2": {"option": "poor"}}))
    make.closed(survey, voters, cast.designer())
    again(survey)
    withdrawing.remove(receipts[0])
    codebook, coder = Codebook.objects.get(), cast.coder()
    for place, answer in enumerate(coding.next_answers(codebook, 20)):
        coding.assign(codebook.pk, answer.answer_id, "no" if place % 2 else "yes", coder, make.AFTER)
    shown = figures(again(survey))
    assert [n for n in shown["Q1.stance", ""] if n] == [7, 6]
    assert set(shown["Q1.stance", "region"]) == {None}


def test_nor_where_one_person_may_have_answered_many_times(survey: Survey) -> None:
    """By an open link. Who knows what the others who left had said would have the last one's answers."""
    link = linking.make(survey, "Årsmøtet")
    OpenLink.objects.filter(pk=link.pk).update(handed=4)
    receipts, (first,) = published(survey, MANY)
    for each in (*receipts[0:5], *receipts[10:15], *receipts[20:25], *receipts[30:35]):
        withdrawing.remove(each)
    assert disclosing.request_withdrawn(make.AFTER) == 0
    assert figures(again(survey)) == figures(first)
