"""Carrying: what was let stand of the critique goes along with a copy of the sentence it was let stand for.

Whether it still holds is seen when the copy is criticised: it does while its sentence is unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from surveys.models import AcceptedFinding, Edition, Question


@dataclass(frozen=True)
class Accepted:
    """What was let stand of an edition: of the whole (under no code), and of questions by their codes."""

    rows: tuple[tuple[str | None, AcceptedFinding], ...]


def of(edition: Edition) -> Accepted:
    """What was let stand of an edition as it is now."""
    found = AcceptedFinding.objects.filter(edition=edition).select_related("question").order_by("pk")
    return Accepted(tuple((row.question.code if row.question else None, row) for row in found))


def into(edition: Edition, accepted: Accepted) -> None:
    """Let the same stand of an edition that has the same content, or some of it; what stands there already stays."""
    if not accepted.rows:
        return
    ids = dict(Question.objects.filter(edition=edition).values_list("code", "pk"))
    _write(edition, [(row, ids[code] if code else None) for code, row in accepted.rows if code is None or code in ids])


def along(edition: Edition, copies: Mapping[int, int]) -> None:
    """Let the same stand of copies of questions, {id of the original: id of the copy}."""
    found = AcceptedFinding.objects.filter(question__in=copies)
    _write(edition, [(row, copies[row.question_id or 0]) for row in found])


def _write(edition: Edition, rows: list[tuple[AcceptedFinding, int | None]]) -> None:
    AcceptedFinding.objects.bulk_create(
        [
            AcceptedFinding(
                edition=edition,
                rule=row.rule,
                question_id=question,
                reason=row.reason,
                sentence=row.sentence,
                person_id=row.person_id,
                accepted_at=row.accepted_at,
            )
            for row, question in rows
        ],
        ignore_conflicts=True,
    )
