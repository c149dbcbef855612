"""What is said about anonymity follows from the survey as it is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from surveys.assuring import assure
from surveys.models import Closing, Survey
from tests import make

pytestmark = pytest.mark.django_db


def test_an_open_anonymous_survey(settings: Settings) -> None:
    settings.CLEAN_DAYS, settings.CLOSING_APPROVALS = 30, 2
    said = assure(make.opened(threshold=7, strict_reminders=False))
    assert (said.is_named, said.threshold, said.approvals, said.clean_days) == (False, 7, 2, 30)
    assert (said.closes_at, said.clean_on, said.destroyed_on) == (make.DEADLINE, date(2026, 4, 14), None)
    assert [label("nb") for label in said.background] == ["Verv", "Region"]
    assert said.reminds_everyone is False


def test_the_stricter_threshold_is_the_one_that_is_told(settings: Settings) -> None:
    settings.DISCLOSURE_K = 10
    assert assure(make.opened(threshold=7)).threshold == 10


def test_once_the_key_is_destroyed_the_recorded_date_is_told() -> None:
    survey = make.opened()
    Survey.objects.filter(pk=survey.pk).update(stopped_at=make.DEADLINE)
    Survey.objects.filter(pk=survey.pk).update(closed_at=make.AFTER + timedelta(days=3))
    survey.refresh_from_db()
    assert assure(survey).clean_on == date(2026, 4, 17)
    Closing.objects.create(survey=survey, started_at=make.AFTER, clean_on=date(2026, 5, 1))
    assert (assure(survey).clean_on, assure(survey).destroyed_on) == (date(2026, 5, 1), date(2026, 3, 18))


def test_a_named_survey() -> None:
    assert assure(make.opened(promise="named")).is_named is True


def test_the_background_is_read_once_a_process(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    survey = make.opened()
    with django_assert_num_queries(1):
        assure(survey)
    with django_assert_num_queries(0):
        assure(survey)
