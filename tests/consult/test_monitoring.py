"""Participation while a survey is open: coarse, and once a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError

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
    [
        (9, 3, None),
        (10, 0, 5),
        (10, 2, 5),
        (10, 3, 50),
        (10, 7, 50),
        (10, 8, 95),
        (10, 10, 95),
        (10, 11, 95),
        (20, 2, 5),
        (20, 3, 25),
        (20, 18, 95),
        (40, 2, 5),
        (40, 3, 15),
        (40, 8, 15),
        (40, 9, 30),
        (100, 0, 5),
        (100, 7, 5),
        (100, 8, 10),
        (200, 16, 10),
    ],
)
def test_coarse_steps_from_ten_invited_and_never_nobody_or_all(
    invited: int, answered: int, percent: int | None
) -> None:
    reading = monitoring.read_participation(open_to(invited, answered), make.DURING)
    assert reading is not None
    assert reading.percent == percent


def test_a_step_holds_five_people_and_five_points() -> None:
    for invited in range(10, 2000):
        step = monitoring.step_of(invited)
        assert step >= 5
        assert step * invited >= 500
        assert step % 5 == 0
        assert step == 5 or (step - 5) * invited < 500
    assert [monitoring.step_of(invited) for invited in (10, 20, 40, 85, 99, 100, 33000)] == [50, 25, 15, 10, 10, 5, 5]


@pytest.mark.parametrize("percent", [0, 3, 12, 100])
def test_the_database_takes_no_finer_figure(percent: int) -> None:
    survey = open_to(10, 0)
    with pytest.raises(IntegrityError):
        ParticipationReading.objects.create(survey=survey, read_on=make.DURING.date(), percent=percent)


def test_once_a_day_whatever_happens_in_between() -> None:
    survey = open_to(10, 2)
    first = monitoring.read_participation(survey, make.DURING)
    make.answered(make.voter(survey))
    assert monitoring.read_participation(survey, make.DURING + timedelta(hours=9)) == first
    tomorrow = monitoring.read_participation(survey, make.DURING + timedelta(days=1))
    assert tomorrow is not None
    assert (first and first.percent, tomorrow.percent) == (5, 50)
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
