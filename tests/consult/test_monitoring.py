"""Participation while a survey is open: coarse, and once a day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from consult import monitoring
from consult.models import Audience, ParticipationReading
from surveys import closing
from tests import make

pytestmark = pytest.mark.django_db


def open_to(count: int, answered: int):
    survey = make.opened()
    Audience.objects.create(survey=survey, roles=["local"], unit=make.unit(), frozen_at=make.OPENS, size=count)
    for _number in range(answered):
        make.answered(make.voter(survey))
    return survey


@pytest.mark.parametrize(
    ("invited", "answered", "percent"),
    [(9, 3, None), (10, 0, 0), (10, 3, 30), (11, 3, 25), (40, 1, 5), (41, 1, 0), (10, 10, 100), (10, 11, 100)],
)
def test_steps_of_five_from_ten_invited(invited: int, answered: int, percent: int | None) -> None:
    reading = monitoring.read_participation(open_to(invited, answered), make.DURING)
    assert reading is not None
    assert reading.percent == percent


def test_once_a_day_whatever_happens_in_between() -> None:
    survey = open_to(10, 1)
    first = monitoring.read_participation(survey, make.DURING)
    make.answered(make.voter(survey))
    assert monitoring.read_participation(survey, make.DURING + timedelta(hours=9)) == first
    tomorrow = monitoring.read_participation(survey, make.DURING + timedelta(days=1))
    assert tomorrow is not None
    assert (first and first.percent, tomorrow.percent) == (10, 20)
    assert ParticipationReading.objects.count() == 2


def test_the_day_is_a_day_in_norway() -> None:
    survey = open_to(10, 0)
    reading = monitoring.read_participation(survey, make.DURING.replace(hour=23, minute=30))
    assert reading is not None
    assert str(reading.read_on) == "2026-03-06"


def test_only_while_it_is_open() -> None:
    survey = open_to(10, 1)
    assert monitoring.read_participation(survey, make.OPENS - timedelta(days=1)) is None
    assert monitoring.read_participation(survey, make.AFTER) is None
    closing.stop(survey, make.DURING)
    survey.refresh_from_db()
    assert monitoring.read_participation(survey, make.DURING) is None
    assert monitoring.read_all(make.DURING) == 0
    assert ParticipationReading.objects.count() == 0


def test_all_open_surveys() -> None:
    open_to(10, 1)
    assert monitoring.read_all(make.DURING) == 1
    assert monitoring.read_all(make.DURING) == 1
    assert ParticipationReading.objects.count() == 1
