"""The pages of a survey, at a time when it is in the field."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.test import Client
from django.urls import reverse

from surveys.models import Survey
from tests.make import DURING

CLOCK = "raadslag.now"


ADD = reverse("admin:surveys_survey_add")


def signed_in(user: Any, now: datetime = DURING) -> Client:
    client = Client(headers={"accept-language": "en"}, **{CLOCK: now})
    client.force_login(user)
    return client


def page_of(survey: Survey) -> str:
    return reverse("admin:surveys_survey_change", args=[survey.pk])


def deed(name: str, survey: Survey) -> str:
    return reverse(f"admin:surveys_survey_{name}", args=[survey.pk])


def said(response: Any) -> list[str]:
    """What the page after a deed says."""
    return [str(message) for message in response.context["messages"]]
