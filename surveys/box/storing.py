"""Storing: from a ballot's answers to rows of the fact table. Called by answering (named) and closing (anonymous)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection, transaction

from surveys import routing
from surveys.box import keyring, sealing
from surveys.box.sealing import Box
from surveys.kinds import registry
from surveys.kinds.base import Answer
from surveys.models import BackgroundFact, BackgroundValue, Survey
from surveys.structure import EditionView, edition_view
from surveys.ways import telling


@dataclass(frozen=True)
class Register:
    """The declared background facts of a survey: names by rank, and ids of facts and values."""

    names: tuple[str, ...]
    fact_ids: dict[str, int]
    value_ids: dict[tuple[str, str], int]

    @classmethod
    def of(cls, survey: Survey) -> Register:
        facts = list(BackgroundFact.objects.filter(survey=survey).order_by("rank"))
        values = BackgroundValue.objects.filter(fact__survey=survey).values_list("fact__name", "code", "id")
        return cls(
            names=tuple(fact.name for fact in facts),
            fact_ids={fact.name: fact.pk for fact in facts},
            value_ids={(name, code): pk for name, code, pk in values},
        )


@dataclass(frozen=True)
class Ballot:
    """A submitted ballot ready to be stored: its answers, its receipt, its background (None: coarsened away), and what
    was said to being quoted.

    `place`, of a named survey only, ties the response to its invitation. `asked` names the questions that were
    put to the person, where routing can no longer tell: from a backup.
    """

    final: Mapping[str, Answer]
    receipt_hash: str
    background: Mapping[str, str | None]
    place: bytes | None = None
    asked: Collection[str] | None = None
    quoting: str = ""


AnswerRow = tuple[int, int | None, str, Decimal | None, int | None]


def answer_rows(
    edition: EditionView, final: Mapping[str, Answer], asked: Collection[str] | None = None
) -> Iterator[AnswerRow]:
    """(question id, option id, text, number, rank) of what was asked; an unanswered question has an empty row.

    Args:
        final: the answers, and the background that routing looks at.
        asked: the codes of what was asked, if it is known otherwise than from `final`.
    """
    put = routing.asked(edition, final) if asked is None else [edition.questions[code] for code in asked]
    for question in put:
        options = {option.code: option.id for option in question.options}
        for fact in registry.kind(question.kind).facts(question, final.get(question.code, {})):
            option = options.get(fact.option) if fact.option else None
            yield question.id, option, fact.text, fact.number, fact.rank


def copy_in(survey: Survey, ballots: Iterable[Ballot], closed_on: date) -> int:
    """Insert ballots as facts with fresh random ids, in the order given; the number inserted.

    Must run inside the caller's transaction; three COPY streams would interleave, so rows are gathered
    for `CHUNK` ballots at a time.
    """
    edition = edition_view(survey.edition_id)
    register = Register.of(survey)
    stored = 0
    chunk: list[Ballot] = []
    for ballot in ballots:
        chunk.append(ballot)
        if len(chunk) == CHUNK:
            _copy_chunk(survey, edition, register, chunk, closed_on)
            stored += len(chunk)
            chunk = []
    _copy_chunk(survey, edition, register, chunk, closed_on)
    with connection.cursor() as cursor:
        # Verifying and releasing follow at once. Planned as if the tables were still empty, a single table of
        # 33 000 responses takes hours instead of milliseconds.
        cursor.execute("ANALYZE surveys_response, surveys_answer, surveys_background")
    return stored + len(chunk)


CHUNK = 2000


def settle() -> None:
    """After the facts have been committed: let counting trust the indexes alone. Reads only what is new.

    Outside a transaction, as VACUUM insists; within one (a test's) it is left to the server's own rounds.
    """
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute("VACUUM surveys_response, surveys_answer, surveys_background")


def store_named(survey: Survey, place: bytes, facts: Mapping[str, str]) -> None:
    """Store or replace the response of one person to a named survey, as it was last submitted.

    Of two at once the second waits for the first and then reads the ballot itself, so that the later
    submission stands whichever comes last. Does nothing once the ballot is gone: then closing has stored it.
    """
    edition = edition_view(survey.edition_id)
    register = Register.of(survey)
    with transaction.atomic(), connection.cursor() as cursor:
        take_turns(place)
        box = _last_submitted(survey, place)
        if box is None:
            return
        known = telling.background(box, facts)
        cursor.execute(
            """
            INSERT INTO surveys_response (id, survey_id, locator, receipt_hash, quoting) VALUES (%s, %s, %s, %s, %s)
            ON CONFLICT (locator) DO UPDATE SET receipt_hash = excluded.receipt_hash, quoting = excluded.quoting
            RETURNING id
            """,
            [uuid.uuid4(), survey.pk, place, bytes.fromhex(box.receipt_hash), box.quoting],
        )
        response = cursor.fetchone()[0]
        cursor.execute("DELETE FROM surveys_answer WHERE response_id = %s", [response])
        cursor.execute("DELETE FROM surveys_background WHERE response_id = %s", [response])
        cursor.executemany(
            "INSERT INTO surveys_answer (response_id, survey_id, question_id, option_id, text, number, rank)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [(response, survey.pk, *row) for row in answer_rows(edition, box.final or {})],
        )
        cursor.executemany(
            "INSERT INTO surveys_background (response_id, fact_id, value_id) VALUES (%s, %s, %s)",
            [
                (response, register.fact_ids[name], register.value_ids.get((name, known.get(name, ""))))
                for name in register.names
            ],
        )


def take_turns(place: bytes) -> None:
    """Wait until nobody else stores or withdraws the response at a place, to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [place.hex()])


def _last_submitted(survey: Survey, place: bytes) -> Box | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version, final, box FROM surveys_sealedballot WHERE locator = %s AND survey_id = %s AND final",
            [place, survey.pk],
        )
        found = cursor.fetchone()
    if found is None:
        return None
    version, final, sealed = found
    return sealing.unseal(keyring.keys(survey.key_id), survey.pk, place, version, final, bytes(sealed))


def _copy_chunk(
    survey: Survey, edition: EditionView, register: Register, ballots: list[Ballot], closed_on: date
) -> None:
    if not ballots:
        return
    # Sorting by the fresh random id makes heap order and id order the same and both meaningless.
    rows = sorted(((uuid.uuid4(), ballot) for ballot in ballots), key=lambda row: row[0].int)
    with connection.cursor() as cursor:
        with cursor.copy(
            "COPY surveys_response (id, survey_id, locator, receipt_hash, closed_on, quoting) FROM STDIN (FORMAT TEXT)"
        ) as copy:
            for response, ballot in rows:
                # Only what was mixed has a day of closing.
                day = closed_on if ballot.place is None else None
                receipt_hash = bytes.fromhex(ballot.receipt_hash)
                copy.write_row((response, survey.pk, ballot.place, receipt_hash, day, ballot.quoting))
        with cursor.copy(
            "COPY surveys_answer (response_id, survey_id, question_id, option_id, text, number, rank) FROM STDIN"
        ) as copy:
            for response, ballot in rows:
                for row in answer_rows(edition, ballot.final, ballot.asked):
                    copy.write_row((response, survey.pk, *row))
        with cursor.copy("COPY surveys_background (response_id, fact_id, value_id) FROM STDIN") as copy:
            for response, ballot in rows:
                for name in register.names:
                    value = ballot.background.get(name)
                    value_id = None if value is None else register.value_ids.get((name, value))
                    copy.write_row((response, register.fact_ids[name], value_id))
