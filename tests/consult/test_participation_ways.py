"""Participation where some came without an invitation: the rate is of the invited, the others stand beside it."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from consult import listing, monitoring, presenting
from consult.granting import Scope
from consult.models import Invitation
from surveys.models import Closing, OpenLink, Survey
from surveys.ways import bearing, linking
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty() -> None:
    cache.clear()


def asked(survey: Survey, invited: int, submitted: int) -> None:
    make.asked(survey, size=invited)
    for number in range(invited):
        make.link(survey, number + 1)
    for row in Invitation.objects.filter(survey=survey)[:submitted]:
        make.answered(make.voter(survey, row.pk))


def entered(survey: Survey, count: int) -> None:
    link = linking.make(survey, "Møtet")
    OpenLink.objects.filter(pk=link.pk).update(handed=count)
    for _number in range(count):
        make.answered(bearing.admit(bearing.new_key(link), make.DURING).voter)


@pytest.mark.parametrize(("others", "told"), [(0, None), (9, None), (10, 10), (19, 10), (20, 20)])
def test_while_open_the_invited_alone_make_the_share(others: int, told: int | None) -> None:
    survey = make.opened()
    asked(survey, 20, 10)
    if others:
        entered(survey, others)
    reading = monitoring.read_participation(survey, make.DURING)
    assert (reading.percent, reading.others) == (50, told)


def head(responses: int, uninvited: int, invited: int = 100) -> listing.SurveyHead:
    survey = make.opened()
    make.asked(survey, size=invited, region={"north": 50, "south": 50})
    Survey.objects.filter(pk=survey.pk).update(stopped_at=make.AFTER)
    Survey.objects.filter(pk=survey.pk).update(closed_at=make.AFTER)
    Closing.objects.create(survey=survey, started_at=make.AFTER, responses=responses, uninvited=uninvited)
    tables = {"region": {"north": responses // 2, "south": responses - responses // 2}}
    make.release(survey, tables, responses=responses)
    survey.refresh_from_db()
    return listing.find(survey.code, Scope(everything=True), "nb", make.AFTER)


def test_the_rate_is_of_the_invited() -> None:
    said = head(80, 20).participation
    assert (said.responses, said.invited, said.percent) == (60, 100, 60)
    assert "20" in said.others


@pytest.mark.parametrize(("responses", "uninvited"), [(80, 1), (80, 4), (80, 77), (80, 80), (80, 79)])
def test_no_rate_where_one_of_the_two_is_small(responses: int, uninvited: int) -> None:
    said = head(responses, uninvited).participation
    assert (said.responses, said.invited, said.percent) == (80, None, None)
    assert not any(letter.isdigit() for letter in said.others)
    assert said.others


def test_without_other_ways_nothing_is_different() -> None:
    said = head(80, 0).participation
    assert (said.responses, said.invited, said.percent, said.others) == (80, 100, 80, "")


@pytest.mark.parametrize(("uninvited", "has_rates"), [(0, True), (20, False)])
def test_no_rates_by_group_where_groups_hold_others(uninvited: int, has_rates: bool) -> None:
    found = head(80, uninvited)
    overview = presenting.overview(found, Scope(everything=True), "nb")
    assert [bool(each.rates) for each in overview.backgrounds] == [has_rates]
