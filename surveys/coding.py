"""Coding: people read the open answers to a question and sort each under a code of its codebook.

A coder sees the texts of one question in an order of its own, and knows each by a handle that says nothing:
the answers of one person lie beside each other in the table, so their ids must not be seen.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connection, transaction

from surveys.box import keyring
from surveys.kinds import registry
from surveys.models import Answer, Closing, Code, Codebook, Coding, Question, Survey

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    from surveys.structure import QuestionView

NONCE_BYTES = 12
ID_BYTES = 8

# Content, not interface: stored with the codebook, in every language content exists in.
STANCES = (
    ("yes", {"nb": "Ja", "nn": "Ja", "en": "Yes", "se": "Juo"}),
    ("no", {"nb": "Nei", "nn": "Nei", "en": "No", "se": "Ii"}),
    (
        "both",
        {"nb": "Både ja og nei", "nn": "Både ja og nei", "en": "Both yes and no", "se": "Sihke juo ja ii"},
    ),
    ("dont_know", {"nb": "Vet ikke", "nn": "Veit ikkje", "en": "Don’t know", "se": "In dieđe"}),
)


class NotClosed(Exception):
    """The survey's answers are still sealed, or being closed: there is nothing to read."""


class NoSuchAnswer(Exception):
    """The answer does not belong to the codebook, or has no text to code."""


class NoSuchCode(Exception):
    """The codebook has no such code."""


@dataclass(frozen=True)
class OpenAnswer:
    """One text to code; `ticked` is the code of the option ticked beside it, `code` what it is coded as now."""

    answer_id: int
    text: str
    ticked: str
    code: str = ""


def create_codebook(survey: Survey, question: Question, code: str = "stance") -> Codebook:
    """A codebook with the four stances for a question; the one there is, if there is one."""
    with transaction.atomic():
        codebook, is_new = Codebook.objects.get_or_create(
            survey=survey,
            question=question,
            code=code,
            defaults={"order_salt": secrets.randbits(64) - 2**63},
        )
        if is_new:
            Code.objects.bulk_create(
                Code(
                    codebook=codebook,
                    code=stance,
                    position=position,
                    **{f"label_{language}": label for language, label in labels.items()},
                )
                for position, (stance, labels) in enumerate(STANCES, start=1)
            )
    return codebook


def is_codable(question: QuestionView) -> bool:
    """Whether answers to a question hold a text that a stance can be read from."""
    found = registry.kind(question.kind)
    return found.has_text and (not found.has_options or question.has_elaboration)


def is_open(survey: Survey) -> bool:
    """Whether the answers lie as facts and are many enough, so that they can be read and coded.

    What someone wrote points at them more easily than what they ticked: of an anonymous survey no text is read
    by anyone where fewer than ten (`settings.FEWEST_FOR_TEXTS`) have answered.
    """
    if survey.closed_at is None:
        return False
    if not survey.is_anonymous:
        return True
    return Closing.objects.filter(survey=survey, responses__gte=settings.FEWEST_FOR_TEXTS).exists()


def next_answers(codebook: Codebook, limit: int) -> list[OpenAnswer]:
    """The first texts that nobody has coded yet, in the codebook's own order.

    Raises:
        NotClosed
    """
    return _answers(codebook, "k.id IS NULL", [], limit)


def coded_answers(codebook: Codebook, limit: int, after: int | None = None) -> list[OpenAnswer]:
    """Texts that have been coded, in the codebook's own order; `after` is the last one of the page before.

    Raises:
        NotClosed
    """
    if after is None:
        return _answers(codebook, "k.id IS NOT NULL", [], limit)
    beyond = "k.id IS NOT NULL AND (hashtextextended(a.id::text, %s), a.id) > (hashtextextended(%s, %s), %s)"
    salt = codebook.order_salt
    return _answers(codebook, beyond, [salt, str(after), salt, after], limit)


def progress(codebook: Codebook) -> tuple[int, int]:
    """(coded, total): how many of the texts have a code. A tick without text needs none."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(k.id), count(*) {_TEXTS}",
            [codebook.pk, codebook.survey_id, codebook.question_id],
        )
        coded, total = cursor.fetchone()
    return int(coded), int(total)


def left_to_code() -> dict[int, int]:
    """{codebook id: how many of its texts have no code}, of every codebook with such texts; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, {"fewest": settings.FEWEST_FOR_TEXTS})
        return dict(cursor.fetchall())


def coded_since(survey: Survey, moment: datetime) -> int:
    """How many answers have been given a code, or another one, after `moment`."""
    later = Coding.objects.filter(codebook__survey=survey, coded_at__gt=moment, superseded_at__isnull=True)
    return later.values("codebook", "answer").distinct().count()


def complete(codebook: Codebook) -> bool:
    """Whether every text has a code."""
    coded, total = progress(codebook)
    return coded == total


def assign(codebook_id: int, answer_id: int, code: str, coder: AbstractBaseUser, now: datetime) -> Coding:
    """Code an answer; an earlier decision is superseded and kept. The same decision again changes nothing.

    Of two coders at once the last decides, without an error.

    Raises:
        NoSuchAnswer, NoSuchCode, NotClosed
    """
    codebook = Codebook.objects.select_related("survey").get(pk=codebook_id)
    if not is_open(codebook.survey):
        raise NotClosed
    wanted = Code.objects.filter(codebook=codebook, code=code).first()
    if wanted is None:
        raise NoSuchCode(code)
    texts = Answer.objects.filter(survey=codebook.survey_id, question=codebook.question_id)
    if not texts.exclude(text="").filter(pk=answer_id).exists():
        raise NoSuchAnswer
    with transaction.atomic():
        _take_turns(codebook_id, answer_id)
        current = Coding.objects.filter(codebook=codebook, answer=answer_id, superseded_at__isnull=True)
        if same := current.filter(code=wanted).first():
            return same
        current.update(superseded_at=now)
        return Coding.objects.create(
            codebook=codebook, answer_id=answer_id, code=wanted, coder_id=coder.pk, coded_at=now
        )


def assign_many(codebook_id: int, decisions: Mapping[int, str], coder: AbstractBaseUser, now: datetime) -> int:
    """Code the answers of one page, {answer id: code}: all of them or none; how many.

    Raises:
        NoSuchAnswer, NoSuchCode, NotClosed
    """
    with transaction.atomic():
        # In one order for everybody: two coders on overlapping pages must not wait for each other for ever.
        for answer_id in sorted(decisions):
            assign(codebook_id, answer_id, decisions[answer_id], coder, now)
    return len(decisions)


def handle(codebook: Codebook, answer_id: int) -> str:
    """A name for an answer on a coding page; it differs each time and tells nothing."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = _cipher().encrypt(nonce, answer_id.to_bytes(ID_BYTES, "big"), _binding(codebook))
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def answer_id_of(codebook: Codebook, name: str) -> int:
    """The answer that a handle names.

    Raises:
        NoSuchAnswer: not a handle of this codebook.
    """
    try:
        raw = base64.urlsafe_b64decode(name.encode())
        plain = _cipher().decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _binding(codebook))
    except (InvalidTag, ValueError) as error:
        raise NoSuchAnswer from error
    return int.from_bytes(plain, "big")


# Every text of a codebook's question, with its present coding.
_TEXTS = """
    FROM surveys_answer a
    LEFT JOIN surveys_coding k ON k.codebook_id = %s AND k.answer_id = a.id AND k.superseded_at IS NULL
    LEFT JOIN surveys_code c ON c.id = k.code_id
    LEFT JOIN surveys_option o ON o.id = a.option_id
    WHERE a.survey_id = %s AND a.question_id = %s AND a.text <> ''
"""


# Of surveys whose texts may be read, as in `is_open`.
_LEFT = """
    SELECT b.id, count(*)
    FROM surveys_codebook b
    JOIN surveys_survey s ON s.id = b.survey_id AND s.closed_at IS NOT NULL
    LEFT JOIN surveys_closing c ON c.survey_id = s.id
    JOIN surveys_response r ON r.survey_id = s.id
    JOIN surveys_answer a ON a.response_id = r.id AND a.question_id = b.question_id AND a.text <> ''
    WHERE (s.promise = 'named' OR c.responses >= %(fewest)s) AND NOT EXISTS (
        SELECT FROM surveys_coding k WHERE k.codebook_id = b.id AND k.answer_id = a.id AND k.superseded_at IS NULL
    )
    GROUP BY b.id
"""


def _answers(codebook: Codebook, condition: str, parameters: list[int | str], limit: int) -> list[OpenAnswer]:
    if not is_open(codebook.survey):
        raise NotClosed
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT a.id, a.text, coalesce(o.code, ''), coalesce(c.code, '') {_TEXTS} AND {condition}
            ORDER BY hashtextextended(a.id::text, %s), a.id LIMIT %s
            """,
            [
                codebook.pk,
                codebook.survey_id,
                codebook.question_id,
                *parameters,
                codebook.order_salt,
                limit,
            ],
        )
        return [OpenAnswer(*row) for row in cursor.fetchall()]


def _take_turns(codebook_id: int, answer_id: int) -> None:
    """Let decisions on one answer wait for each other until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"coding/{codebook_id}/{answer_id}"])


def _cipher() -> AESGCM:
    return AESGCM(keyring.derive(settings.MASTER_KEY, "coding handle"))


def _binding(codebook: Codebook) -> bytes:
    return codebook.pk.to_bytes(8, "big")
