"""Quoting: what people have said to being quoted, and the only way to texts that may be.

Whoever reads texts to sort them (`surveys.coding`) may not print them. What is printed, shown to leadership or sent
anywhere is asked for here, and nothing else gives it out: a text whose writer has said yes, in a survey that has closed
and asked, to a question that at least ten were asked (docs/anonymity.md).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import connection

from surveys.models import Question, Quoting, Survey


def has_text(answers: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether anything in these answers was written in the person's own words."""
    return any(
        answer.get("text") or any(row.get("text") for row in answer.get("rows", ())) for answer in answers.values()
    )


def said(survey: Survey, final: Mapping[str, Mapping[str, Any]], given: str) -> str:
    """What is kept of an answer to the question whether one may be quoted: nothing where it was not asked, and a no
    where nothing, or nothing known, was said."""
    if not survey.asks_quoting or not has_text(final):
        return ""
    return given if given in (Quoting.YES, Quoting.ASK) else Quoting.NO


def quotable(survey: Survey, question: Question) -> list[str]:
    """The texts of a question that may be quoted, in a new random order each time, with nothing about who wrote them.

    None before the survey is closed, and none where fewer than ten (`settings.FEWEST_FOR_TEXTS`) were asked, in a named
    survey as well: a quotation may leave the union.
    """
    if survey.closed_at is None or not survey.asks_quoting:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_QUOTABLE, [Quoting.YES, survey.pk, question.pk])
        asked, texts = cursor.fetchone()
    if asked < settings.FEWEST_FOR_TEXTS:
        return []
    found = [str(text) for text in texts]
    secrets.SystemRandom().shuffle(found)
    return found


# A roster has several rows a response. One statement, so that who withdraws meanwhile is in both figures or in neither.
_QUOTABLE = """
    SELECT count(DISTINCT a.response_id),
        coalesce(array_agg(a.text) FILTER (WHERE r.quoting = %s AND a.text <> ''), '{}')
    FROM surveys_answer a JOIN surveys_response r ON r.id = a.response_id
    WHERE a.survey_id = %s AND a.question_id = %s
"""
