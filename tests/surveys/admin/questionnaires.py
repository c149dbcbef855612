"""The pages of a questionnaire, and what they say."""

from __future__ import annotations

import re
from html import unescape

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from surveys.models import Edition, Questionnaire

LIST = reverse("admin:surveys_questionnaire_changelist")


def page_of(questionnaire: Questionnaire) -> str:
    return reverse("admin:surveys_questionnaire_change", args=[questionnaire.pk])


def publish_page(questionnaire: Questionnaire) -> str:
    return reverse("admin:surveys_questionnaire_publish", args=[questionnaire.pk])


def said(client: Client, url: str) -> list[str]:
    """The messages shown on the next page."""
    return [str(message) for message in client.get(url).context["messages"]]


def text(response: HttpResponse) -> str:
    """What a page says, without its tags, blanks run together."""
    body = re.sub(r"(?s)<(script|style|svg).*?</\1>", " ", response.content.decode())
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def preview_page(edition: Edition) -> str:
    return reverse("admin:surveys_edition_preview", args=[edition.pk])
