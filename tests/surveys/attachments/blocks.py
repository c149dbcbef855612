"""Blocks of information, and files put into them."""

from __future__ import annotations

from surveys.attachments import attaching
from surveys.models import Edition, Question
from tests import make
from tests.make import asking


def blocks(*codes: str) -> Edition:
    return make.loaded("blokker", [*(asking(code, "information") for code in codes or ("I1", "I2")), asking("Q1")])


def block(edition: Edition, code: str = "I1") -> Question:
    return Question.objects.get(edition=edition, code=code)


def attach(question: Question, content: bytes, name: str = "fil", *, read: str | None = None) -> Question:
    mark = attaching.mark(Question.objects.get(pk=question.pk)) if read is None else read
    return attaching.attach(question.edition_id, question.pk, content, name, mark)
