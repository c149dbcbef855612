"""Undoing: what was done to a draft, by whom, and the draft put back as it stood before.

A change is put on record together with the draft as it was; of the last ones that is kept. Putting a draft back is a
change like any other, and can be undone as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from surveys import authoring, structure
from surveys.authoring import NotADraft, PartGone, Refused, editing
from surveys.drafting import capturing
from surveys.models import Attachment, Did, DraftChange, Edition, Option, Question, Questionnaire, Section
from surveys.structure import EditionView

KEPT = 30
# Of more than these a page tells no more.
TOLD = 1000
# Of one draft as it stood; a larger one is on record without it.
LARGEST = 2_000_000
# Writing on in one place is one change, for so long.
RUN = timedelta(minutes=10)
LONGEST_SUBJECT, LONGEST_PLACE = 200, 80
# The place of what a command has done, for nobody in particular.
COMMAND = "command"


class Overtaken(Refused):
    """Somebody has changed the draft after the change that was to be undone; `change` is that change."""

    def __init__(self, change: DraftChange) -> None:
        super().__init__(
            [_("More has been changed since. Nothing was undone: look first at what would be lost with it.")]
        )
        self.change = change


class NotKept(Refused):
    """How the draft stood then is no longer kept."""

    def __init__(self) -> None:
        super().__init__([_("How the draft stood then is no longer kept.")])


@dataclass
class Note:
    """What is put on record of a change: what it is done to. Whoever makes it may say so while making it.

    `made` is the draft, where there was none before and the change has made it.
    """

    subject: str = ""
    place: str = ""
    made: Edition | None = None


@contextmanager
def noted(
    edition_id: int | None,
    person: Any,
    now: datetime,
    did: Did,
    *,
    subject: str = "",
    place: str = "",
    whole: bool = False,
) -> Iterator[Note]:
    """Put on record what is done to a draft inside this block, if anything is, with the draft as it stood before.

    Args:
        edition_id: the draft; None where there is none yet, and nothing to go back to.
        place: which field of which row is written in, if one is: a run of changes of it is one.
        whole: whether the draft is replaced, which locks its questionnaire as well: always that first.
    """
    note = Note(subject, place)
    with transaction.atomic():
        if whole and edition_id is not None:
            Questionnaire.objects.select_for_update().filter(editions=edition_id).first()
        drafts = Edition.objects.select_for_update().filter(published_at__isnull=True)
        edition = drafts.filter(pk=edition_id).first() if edition_id is not None else None
        if edition is None:
            # The deed itself says why it is not done, or makes the draft.
            yield note
            # Of two who make it at once, the second finds it made, and on record.
            if note.made is not None and not DraftChange.objects.filter(edition=note.made).exists():
                _keep(note.made, 0, did, note, person, now)
            return
        going_on = _run(edition, person, now, place) if did == Did.WROTE else None
        state = b"" if going_on else capturing.capture(edition)
        shown = [] if going_on else list(Attachment.objects.filter(questions__edition=edition).only("pk").distinct())
        yield note
        after = Edition.objects.values_list("version", flat=True).filter(pk=edition.pk).first()
        if after is None or after == edition.version:
            return
        if going_on:
            DraftChange.objects.filter(pk=going_on).update(after=after)
            return
        change = _keep(edition, edition.version, did, note, person, now, state if len(state) <= LARGEST else b"")
        if shown:
            change.files.set(shown)
        changes = DraftChange.objects.filter(edition=edition).order_by("-pk")
        _empty(changes.exclude(pk__in=list(changes.values_list("pk", flat=True)[:KEPT])).exclude(state=b""))


def _keep(
    edition: Edition, before: int, did: Did, note: Note, person: Any, now: datetime, state: bytes = b""
) -> DraftChange:
    return DraftChange.objects.create(
        edition=edition,
        before=before,
        after=Edition.objects.values_list("version", flat=True).get(pk=edition.pk),
        did=did,
        subject=note.subject[:LONGEST_SUBJECT],
        place=note.place[:LONGEST_PLACE],
        person=person,
        made_at=now,
        state=state,
    )


def _empty(changes: QuerySet[DraftChange]) -> None:
    """Let go of how the drafts stood; what was done stays on record."""
    emptied = list(changes.values_list("pk", flat=True))
    if emptied:
        DraftChange.files.through.objects.filter(draftchange__in=emptied).delete()
        DraftChange.objects.filter(pk__in=emptied).update(state=b"")


def _run(edition: Edition, person: Any, now: datetime, place: str) -> int | None:
    """The change that writing in this place goes on with: the last one, if it is of the same person there."""
    going_on = DraftChange.objects.filter(
        edition=edition, after=edition.version, did=Did.WROTE, place=place, person=person, made_at__gt=now - RUN
    )
    return going_on.values_list("pk", flat=True).first()


def subject_of(row: Edition | Section | Question | Option) -> str:
    """What a row is called where changes are told of."""
    if isinstance(row, Option):
        return f"{row.question.code}: {row.label or row.code}"
    if isinstance(row, Question):
        return row.code
    return row.title if isinstance(row, Section) else ""


def history(edition: Edition) -> list[DraftChange]:
    """What was done to a draft, the last first: without how it stood, but with the `size` of that."""
    return list(_changes().filter(edition=edition))


def history_of(questionnaire: Questionnaire) -> list[DraftChange]:
    """The same of all drafts of a questionnaire, those published included: the last so many (`TOLD`)."""
    return list(_changes().filter(edition__questionnaire=questionnaire)[:TOLD])


def _changes() -> QuerySet[DraftChange]:
    found = DraftChange.objects.select_related("person", "edition").defer("state")
    return found.annotate(size=Length("state")).order_by("-pk")


def last(edition: Edition) -> DraftChange | None:
    """The change after which the draft stands as it does now; None if that is not on record."""
    found = DraftChange.objects.filter(edition=edition, after=edition.version)
    return found.select_related("person", "edition").defer("state").annotate(size=Length("state")).first()


def undo(edition_id: int, change_id: int, person: Any, now: datetime) -> DraftChange:
    """Undo the last change of a draft; the change that was undone.

    Raises:
        NotKept, PartGone, NotADraft
        Overtaken: the draft has been changed after it.
    """
    change = find(edition_id, change_id)
    try:
        return restore(edition_id, change_id, change.after, person, now)
    except authoring.StaleDraft as stale:
        raise Overtaken(change) from stale


def restore(edition_id: int, change_id: int, version: int, person: Any, now: datetime) -> DraftChange:
    """Put a draft back as it stood before a change; that change.

    Args:
        version: the version of the draft that whoever does it has looked at.

    Raises:
        NotKept, PartGone, NotADraft
        authoring.StaleDraft: it has been changed since.
    """
    change = find(edition_id, change_id)
    with (
        noted(edition_id, person, now, Did.RESTORED, subject=change.subject, place=f"{change.did} {change.place}"),
        editing(edition_id, version) as edition,
    ):
        # Found again under the lock: it may have been let go of meanwhile.
        capturing.reinstate(edition, bytes(find(edition_id, change_id).state))
    return change


def find(edition_id: int, change_id: int) -> DraftChange:
    """A change of a draft, with the draft as it stood before.

    Raises:
        NotKept
    """
    found = DraftChange.objects.filter(edition=edition_id, pk=change_id).select_related("edition").first()
    if found is None or not found.state:
        raise NotKept
    return found


def look(edition_id: int, change_id: int) -> tuple[EditionView, EditionView, int]:
    """A draft as it stands, as it would stand when put back, and its version. Nothing is changed.

    Raises:
        NotKept, PartGone, NotADraft
    """
    change = find(edition_id, change_id)
    with transaction.atomic():
        edition = Edition.objects.select_for_update().filter(pk=edition_id).first()
        if edition is None:
            raise PartGone
        if not edition.is_draft:
            raise NotADraft
        now, version = structure.read(edition), edition.version
        capturing.reinstate(edition, bytes(change.state))
        then = structure.read(Edition.objects.get(pk=edition_id))
        # It was only tried: what it would be has been read.
        transaction.set_rollback(True)
    return now, then, version


def close(edition: Edition, person: Any, now: datetime) -> None:
    """A draft has been published: that is put on record, and how it stood is let go of."""
    _empty(DraftChange.objects.filter(edition=edition).exclude(state=b""))
    DraftChange.objects.create(
        edition=edition,
        before=edition.version,
        after=edition.version + 1,
        did=Did.PUBLISHED,
        subject=str(edition.number),
        place="" if person is not None else COMMAND,
        person=person,
        made_at=now,
    )
