"""Banding: the bands that the answers to a number or a date are counted in, written into a draft."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from surveys import structure
from surveys.authoring import PartGone, editing
from surveys.drafting import composing, versioning
from surveys.drafting.building import Overtaken, Unfit, find
from surveys.kinds import bands, registry
from surveys.kinds.bands import BadBands, BandView
from surveys.models import Band, Edition, Question


def of(question: Question) -> tuple[BandView, ...]:
    """The bands of a question as they stand."""
    return tuple(BandView(band.lower, band.upper) for band in question.bands.order_by("position"))


def mark_of(question: Question) -> str:
    """The mark of a question's bands as they stand."""
    return versioning.mark(*(bands.code(question.kind, band) for band in of(question)))


def written(question: Question) -> str:
    """The bands of a question as people write them, in the language in force."""
    return bands.written(question.kind, of(question))


def write(edition_id: int, place: str, value: str, read: str) -> Question:
    """Make exactly these the bands of a question.

    Args:
        place: as "question-12".
        value: as someone writes them, such as “0–1, 2–4, 5 or more”; empty for none.
        read: the mark of the bands that were read before.

    Raises:
        PartGone, NotADraft
        Overtaken: someone else has changed them.
        Unfit: they overlap, leave gaps or cannot be read.
    """
    with editing(edition_id) as edition:
        question = _find(edition, place)
        if mark_of(question) != read:
            shown = written(question)
            raise Overtaken(shown, shown)
        try:
            found = bands.read(question.kind, value, question.decimals)
        except BadBands as bad:
            raise Unfit([str(bad)]) from bad
        keep(question, found)
    return question


def suggest(edition_id: int, place: str, today: date) -> Question:
    """Give a question without bands even ones, between its bounds if it has any.

    Raises:
        PartGone, NotADraft
        Unfit: it has bands, or there is nothing to divide.
    """
    with editing(edition_id) as edition:
        question = _find(edition, place)
        if of(question):
            raise Unfit([_("It has bands already.")])
        try:
            found = bands.suggestion(structure.question_view(question), today)
        except BadBands as bad:
            raise Unfit([str(bad)]) from bad
        keep(question, found)
    return question


def keep(question: Question, found: Sequence[BandView]) -> None:
    """Make exactly these the bands of a question of a draft that is being changed."""
    question.bands.all().delete()
    Band.objects.bulk_create(composing.band_rows(question, found))


def _find(edition: Edition, place: str) -> Question:
    question = find(edition, place)
    if not isinstance(question, Question):
        raise PartGone
    if "bands" not in registry.kind(question.kind).settings:
        raise Unfit([_("Only numbers and dates are counted in bands.")])
    return question
