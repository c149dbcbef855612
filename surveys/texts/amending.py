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


def title(edition: Edition) -> str:
    """The title of an edition in the language in force, as corrected; its corrections may have been read already."""
    titles = [each for each in edition.corrections.all() if (each.part, each.field) == (CorrectedPart.EDITION, "title")]
    for each in sorted(titles, key=lambda each: each.pk):
        setattr(edition, f"title_{each.language}", each.after)
    return edition.title


def retitle(editions: Iterable[Edition]) -> None:
    """Put the corrected titles into these editions in memory, by one statement; nothing is saved.

    For lists and letters, which need no more of an edition than what it is called.
    """
    by_id: dict[int, list[Edition]] = {}
    for edition in editions:
        by_id.setdefault(edition.pk, []).append(edition)
    corrected = Correction.objects.filter(edition__in=by_id, part=CorrectedPart.EDITION, field="title")
    for each in corrected.order_by("pk") if by_id else ():
        for edition in by_id[each.edition_id]:
            setattr(edition, f"title_{each.language}", each.after)


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
