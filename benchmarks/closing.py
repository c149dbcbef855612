"""How long closing takes: mixing, verifying with a backup and its restore, destroying, releasing."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from functools import partial
from itertools import count

from django.db import connection
from django.utils import timezone

from benchmarks import field
from benchmarks.figures import Aim, Figure, compared, number, peak_megabytes, seconds
from benchmarks.visiting import TEXT
from consult import finishing
from consult.models import User
from surveys import closing, disclosing, routing
from surveys.box import keyring, sealing
from surveys.box.sealing import Box
from surveys.kinds import registry
from surveys.models import Survey
from surveys.structure import EditionView, QuestionView, edition_view

SIZE, ROUNDS = 33_000, 3
LONGEST_SECONDS, LARGEST_MEGABYTES = 60, 1000


def run(*, quick: bool = False) -> list[Figure]:
    """Seconds a closing, and the most memory it took; the floor is reading and decrypting every ballot, alone."""
    size, rounds = (40, 1) if quick else (SIZE, ROUNDS)
    staff = [User.objects.create_superuser(f"bench-{number}") for number in range(2)]
    found = []
    parts: dict[str, float] = {}
    for _round in range(rounds):
        survey = filled(size)
        before = peak_megabytes()
        bare = seconds(partial(_decrypt, survey))
        parts = close(survey, staff, size)
        found.append((sum(parts.values()), bare))
    said = ", ".join(f"{name} {number(value)} s" for name, value in parts.items())
    title = f"{number(size)} sealed responses"
    return [
        compared(f"close and release {title}", "s", found, Aim("value", "at most", LONGEST_SECONDS), note=said),
        Figure(
            f"memory while closing {title}", peak_megabytes(), "MB",
            aim=(Aim("value", "at most", LARGEST_MEGABYTES),),
            note=f"{number(before)} MB before the last closing; the aim is that of 1 M: --only million",
        ),
    ]  # fmt: skip


def close(survey: Survey, staff: list[User], size: int) -> dict[str, float]:
    """Every step as the worker takes it; {step: seconds}."""
    now = timezone.now()
    closing.stop(survey, now)
    parts = {"mix and verify": seconds(lambda: finishing.finish_due(now))}
    for person in staff:
        closing.approve(survey, person, now)
    parts["destroy"] = seconds(lambda: finishing.finish_due(now))
    parts["release"] = seconds(lambda: disclosing.compute_waiting(now))
    survey.refresh_from_db()
    release = disclosing.current(survey)
    if survey.closed_at is None or release is None or release.responses != size:
        raise RuntimeError("not closed")
    return parts


def _decrypt(survey: Survey) -> None:
    keys = keyring.keys(survey.key_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT locator, version, final, box FROM surveys_sealedballot WHERE survey_id = %s", [survey.pk]
        )
        for place, version, final, box in cursor.fetchall():
            sealing.unseal(keys, survey.pk, bytes(place), version, final, bytes(box))


def filled(size: int) -> Survey:
    """Survey B with this many submitted ballots in the box."""
    survey = field.opened()
    keys = keyring.keys(survey.key_id)
    invited = field.invite(survey, size)
    boxes = _boxes(edition_view(survey.edition_id))  # read now: nothing else goes over the connection during COPY
    with connection.cursor() as cursor:
        with cursor.copy("COPY surveys_sealedballot (locator, survey_id, final, version, box) FROM STDIN") as copy:
            for each, box in zip(invited, boxes, strict=False):
                place = sealing.locator(keys, each.id)
                copy.write_row((place, survey.pk, True, 1, sealing.seal(keys, survey.pk, place, 1, True, box)))
        cursor.execute("ANALYZE")
    return survey


def _boxes(edition: EditionView) -> Iterator[Box]:
    """Submitted ballots without end: every question that is put gets an answer, some a text."""
    for number_of_ballot in count():
        given = {
            question.code: _answer(question, number_of_ballot, place)
            for place, question in enumerate(edition.questions.values())
            if registry.kind(question.kind).is_asked
        }
        final = routing.prune(edition, given)
        resume, receipt = secrets.token_hex(32), secrets.token_hex(32)
        yield Box(draft=given, final=final, resume_hash=resume, receipt_hash=receipt, language="nb")


def _answer(question: QuestionView, ballot: int, place: int) -> dict[str, str]:
    answer = {}
    if question.options:
        answer["option"] = question.options[(ballot // (place + 1)) % len(question.options)].code
    may_write = not question.options or question.elaboration != "never"
    if may_write and (not question.options or (ballot + place) % 2 == 0):
        answer["text"] = TEXT[: 40 + ballot % 100].strip()
    return answer
