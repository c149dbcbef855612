"""Surveys in the admin: changed before they open, opened, deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from surveys.box import keyring
from surveys.models import Survey
from tests import cast, make
from tests.make import AFTER, DEADLINE, DURING
from tests.surveys.admin.planning import deed, page_of, said, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _one_approval(settings: Any) -> None:
    settings.CLOSING_APPROVALS = 1


# --- Changing the plan ------------------------------------------------------------------------------------
def settings_of(survey: Survey, **changes: str) -> dict[str, str]:
    """The form on a planned survey's page."""
    return {
        "opens_at_0": "2026-03-01",
        "opens_at_1": "08:00:00",
        "closes_at_0": "2026-03-20",
        "closes_at_1": "12:00:00",
        "promise": "anonymous",
        "threshold": "7",
        "strict_reminders": "on",
        **changes,
    }


def test_a_planned_survey_can_be_changed(planner: Client) -> None:
    survey = make.planned()

    planner.post(page_of(survey), settings_of(survey))

    survey.refresh_from_db()
    assert (survey.threshold, survey.closes_at) == (7, datetime(2026, 3, 20, 11, tzinfo=UTC))


def test_once_opened_only_the_deadline_moves(planner: Client) -> None:
    survey = make.opened()

    planner.post(page_of(survey), settings_of(survey, promise="named"))

    survey.refresh_from_db()
    assert (survey.threshold, survey.promise) == (5, "anonymous")
    assert survey.closes_at == datetime(2026, 3, 20, 11, tzinfo=UTC)


def test_a_deadline_in_the_past_is_refused(planner: Client) -> None:
    survey = make.opened()

    response = planner.post(page_of(survey), settings_of(survey, closes_at_0="2026-03-02"), follow=True)

    assert "The deadline has passed. Set a later one." in said(response)
    survey.refresh_from_db()
    assert survey.closes_at == DEADLINE


def test_a_planned_survey_is_deleted_and_an_opened_one_is_not(planner: Client) -> None:
    planned = make.planned()
    url = reverse("admin:surveys_survey_delete", args=[planned.pk])

    assert planner.post(url, {"post": "yes"}).status_code == 302
    assert Survey.objects.count() == 0

    opened = make.opened("pulse-2027")
    url = reverse("admin:surveys_survey_delete", args=[opened.pk])
    assert planner.post(url, {"post": "yes"}).status_code == 403
    assert Survey.objects.count() == 1


# --- Opening ----------------------------------------------------------------------------------------------
def test_opening_makes_the_key_and_fixes_the_promise(planner: Client) -> None:
    survey = make.planned()

    response = planner.post(deed("open", survey), follow=True)

    survey.refresh_from_db()
    assert response.redirect_chain == [(page_of(survey), 302)]
    assert said(response) == ["The survey is opened. What respondents are promised is now fixed."]
    assert survey.opened_at == DURING
    assert keyring.check(survey.key_id) == []


def test_opening_twice_is_opening_once(planner: Client) -> None:
    survey = make.planned()
    planner.post(deed("open", survey))

    signed_in(cast.designer("other"), DURING + timedelta(hours=1)).post(deed("open", survey))

    survey.refresh_from_db()
    assert survey.opened_at == DURING


def test_a_survey_whose_deadline_has_passed_is_not_opened() -> None:
    survey = make.planned()

    response = signed_in(cast.designer(), AFTER).post(deed("open", survey), follow=True)

    assert said(response) == ["The deadline has passed. Set a later one."]
    survey.refresh_from_db()
    assert survey.opened_at is None
