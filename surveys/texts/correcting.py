"""Correcting: a misspelling mended in a published edition, while people answer it.

The frozen text stays as it was; the correction is written down with who made it, and laid over it when it is read. A
change of meaning is refused: that is a new edition.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _
from modeltranslation.settings import AVAILABLE_LANGUAGES

from surveys import structure
from surveys.authoring import Refused
from surveys.models import CorrectedPart, Correction, Edition, Option, Question, Section
from surveys.texts import amending
from surveys.texts.spotting import change_of_meaning

# What can be corrected: the texts that respondents read.
FIELDS: dict[str, tuple[str, ...]] = {
    CorrectedPart.EDITION: ("title", "purpose"),
    CorrectedPart.SECTION: ("title", "intro"),
    CorrectedPart.QUESTION: ("text", "help", "elaboration_prompt", "unit", "quotation", "source", "alt", "caption"),
    CorrectedPart.OPTION: ("label",),
}
LONGEST = 20_000


@dataclass(frozen=True)
class Place:
    """One text of an edition: a field of one of its parts, in a language."""

    part: str
    part_id: int
    field: str
    language: str

    @property
    def column(self) -> str:
        return f"{self.field}_{self.language}"


class NoSuchText(Exception):
    """The edition has no text there."""


class NotCorrected(Refused):
    """The correction is not made; the reason is said."""

    def __init__(self, reason: str) -> None:
        super().__init__([reason])


def current(edition: Edition, place: Place) -> str:
    """A text of an edition as respondents read it now.

    Raises:
        NoSuchText
    """
    return _frozen_and_current(edition, place)[1]


def correct(edition: Edition, place: Place, before: str, after: str, person: Any, now: datetime) -> Correction:
    """Mend a misspelling in a published edition. In force here at once, elsewhere within a minute.

    Args:
        before: the text that whoever corrects it had before them.
        person: the user who corrects.

    Raises:
        NotCorrected: the edition is a draft, the text has changed meanwhile or is the same, or the meaning changes.
        NoSuchText
    """
    after = unicodedata.normalize("NFC", after.replace("\r\n", "\n")).strip()
    with transaction.atomic():
        # Two who correct at once: the second sees what the first has written.
        locked = Edition.objects.select_for_update().get(pk=edition.pk)
        if locked.is_draft:
            raise NotCorrected(_("This is a draft: edit it instead."))
        frozen, present = _frozen_and_current(locked, place)
        if reason := _obstacle(locked, place, frozen, present, before, after):
            raise NotCorrected(reason)
        made = Correction.objects.create(
            edition=locked,
            part=place.part,
            part_id=place.part_id,
            field=place.field,
            language=place.language,
            before=present,
            after=after,
            person=person,
            corrected_at=now,
        )
    structure.forget(edition.pk)
    return made


def _obstacle(edition: Edition, place: Place, frozen: str, present: str, before: str, after: str) -> str:
    if before.replace("\r\n", "\n").strip() != present.strip():
        return _("Someone else has corrected this text since you opened it. Look at it again.")
    if after == present.strip():
        return _("The text is the same as before.")
    column = _model(place.part)._meta.get_field(place.column)
    if not after or len(after) > (getattr(column, "max_length", None) or LONGEST):
        return _("The text is empty or too long.")
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign != "\n" for sign in after):
        return _("The text holds characters that cannot be shown.")
    if place.part == CorrectedPart.OPTION and _stands_beside(edition, place, after):
        return _("Another answer to the question has this text already.")
    # Against what was published, not against the last correction: many small steps make a long way.
    if reason := change_of_meaning(frozen, after):
        return _("%(reason)s This changes the meaning: make a new edition.") % {"reason": reason}
    return ""


def _stands_beside(edition: Edition, place: Place, after: str) -> bool:
    beside = Option.objects.filter(question__options=place.part_id).exclude(pk=place.part_id)
    texts = [
        _frozen_and_current(edition, Place(place.part, pk, place.field, place.language), missing="")[1]
        for pk in beside.values_list("pk", flat=True)
    ]
    return after.casefold() in {text.casefold() for text in texts}


def _frozen_and_current(edition: Edition, place: Place, missing: str | None = None) -> tuple[str, str]:
    row = _row(edition, place)
    frozen = (getattr(row, place.column) or "") if row is not None else ""
    if not frozen and missing is None:
        raise NoSuchText
    return frozen, amending.newest(edition.pk, place.part, place.part_id, place.field, place.language) or frozen


def _row(edition: Edition, place: Place) -> models.Model | None:
    if place.field not in FIELDS.get(place.part, ()) or place.language not in AVAILABLE_LANGUAGES:
        return None
    owner = {CorrectedPart.EDITION: "pk", CorrectedPart.OPTION: "question__edition"}.get(
        CorrectedPart(place.part), "edition"
    )
    return _model(place.part)._default_manager.filter(pk=place.part_id).filter(**{owner: edition.pk}).first()


def _model(part: str) -> type[models.Model]:
    rows: dict[str, type[models.Model]] = {
        CorrectedPart.EDITION: Edition,
        CorrectedPart.SECTION: Section,
        CorrectedPart.QUESTION: Question,
        CorrectedPart.OPTION: Option,
    }
    return rows[part]
