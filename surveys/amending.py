"""Amending: the misspellings corrected in a published edition, laid over its frozen texts as they are read."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Model

from surveys.models import CorrectedPart, Correction, Edition, Section


def amend(edition: Edition, sections: Iterable[Section]) -> None:
    """Put the corrected texts into these rows in memory; nothing is saved.

    Args:
        sections: those of the edition, with their questions and options read already.
    """
    corrected = Correction.objects.filter(edition=edition).order_by("pk")
    # In order: of two corrections of one text the later one stands.
    after = {(each.part, each.part_id, f"{each.field}_{each.language}"): each.after for each in corrected}
    if not after:
        return
    rows: dict[tuple[str, int], Model] = {(CorrectedPart.EDITION, edition.pk): edition}
    for section in sections:
        rows[CorrectedPart.SECTION, section.pk] = section
        for question in section.questions.all():
            rows[CorrectedPart.QUESTION, question.pk] = question
            rows |= {(CorrectedPart.OPTION, option.pk): option for option in question.options.all()}
    for (part, pk, column), text in after.items():
        setattr(rows[part, pk], column, text)


def count(edition_id: int) -> int:
    """How many corrections an edition has had. They are never taken back, so another number is news."""
    return Correction.objects.filter(edition_id=edition_id).count()


def newest(edition_id: int, part: str, part_id: int, field: str, language: str) -> str:
    """What one text was last corrected to; empty if it never was."""
    found = Correction.objects.filter(
        edition_id=edition_id, part=part, part_id=part_id, field=field, language=language
    ).order_by("pk")
    last = found.last()
    return last.after if last else ""
