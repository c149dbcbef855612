"""Attaching: images and documents put into blocks of information, taken out, and forgotten when nothing shows them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import PurePath

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from modeltranslation.settings import AVAILABLE_LANGUAGES

from surveys.attachments import cleaning
from surveys.attachments.cleaning import Clean, Unclean
from surveys.authoring import Refused, editing
from surveys.drafting import versioning
from surveys.drafting.arranging import find
from surveys.models import Attachment, DraftChange, MediaType, Question, Trial

INFORMATION = "information"
# An import that is looked at before it is applied, or a page left open, may still want what nothing shows yet.
KEPT_UNUSED = timedelta(days=1)
LONGEST_CAPTION = 200


class NotAttached(Refused):
    """The file was not put in; the reason is said."""

    def __init__(self, reason: str) -> None:
        super().__init__([reason])


def attach(edition_id: int, question_id: int, content: bytes, file_name: str, read: str) -> Question:
    """Put a file into a block of information of a draft, in place of the one that is there.

    Args:
        file_name: as it was sent; a document without a title is called by it.
        read: the mark of what was there when the page was made (`mark`).

    Raises:
        PartGone, NotADraft
        NotAttached: the file is not taken, someone else has put in another, or the question is no information.
    """
    try:
        made = cleaning.clean(content)
    except Unclean as unclean:
        raise NotAttached(str(unclean)) from unclean
    with editing(edition_id) as edition:
        question = find(Question, question_id, edition)
        if question.kind != INFORMATION:
            raise NotAttached(_("Only information can show an image or a document."))
        _demand_unchanged(question, read, made.digest)
        keep([made])
        question.attachment_id = made.digest
        changed = ["attachment"]
        if made.media_type == MediaType.PDF:
            if not question.caption_nb:  # type: ignore[attr-defined]  # modeltranslation's
                question.caption_nb = title_of(file_name)  # type: ignore[attr-defined]
            changed += ["caption_nb", *_emptied(question, "alt")]
        question.save(update_fields=changed)
    return question


def detach(edition_id: int, question_id: int, read: str) -> Question:
    """Take the file out of a block, with the texts that were about it.

    Raises:
        PartGone, NotADraft
        NotAttached: someone else has put in another.
    """
    with editing(edition_id) as edition:
        question = find(Question, question_id, edition)
        _demand_unchanged(question, read, None)
        question.attachment = None
        question.save(update_fields=["attachment", *_emptied(question, "alt"), *_emptied(question, "caption")])
    return question


def change(question: Question, made: Clean | None, *, out: bool) -> None:
    """Let an unsaved question show another file, none (`out`), or what it did. Inside `authoring.editing`."""
    if question.kind != INFORMATION or (out and made is None):
        question.attachment = None
    elif made is not None:
        keep([made])
        question.attachment_id = made.digest


def mark(question: Question) -> str:
    """A mark of which file a block shows."""
    return versioning.mark(question.attachment_id or "")


def keep(files: Iterable[Clean]) -> None:
    """Make sure that these files are kept. Of two who keep the same one at once, neither hinders the other."""
    rows = [
        Attachment(
            digest=each.digest,
            media_type=each.media_type,
            size=len(each.content),
            content=each.content,
            width=each.width,
            height=each.height,
            small=each.small or None,
            small_width=each.small_width,
        )
        for each in sorted(files, key=lambda each: each.digest)
    ]
    # One that was there is wanted anew: a sweep that waits for the row finds it so.
    Attachment.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["digest"], update_fields=["unused_since"]
    )


def kept(digests: Iterable[str]) -> Mapping[str, Clean]:
    """Files by their digests, whole; those that are not kept are left out."""
    return {
        row.digest: Clean(
            row.media_type,
            bytes(row.content),
            row.width,
            row.height,
            bytes(row.small or b""),
            row.small_width,
        )
        for row in Attachment.objects.filter(digest__in=set(digests))
    }


def sweep(now: datetime) -> int:
    """Forget the files that nothing has shown for a day, no question, trial or change; how many there were."""
    shown = (
        Exists(Question.objects.filter(attachment=OuterRef("pk")))
        | Exists(Trial.files.through.objects.filter(attachment=OuterRef("pk")))
        | Exists(DraftChange.files.through.objects.filter(attachment=OuterRef("pk")))
    )
    Attachment.objects.filter(shown, unused_since__isnull=False).update(unused_since=None)
    Attachment.objects.filter(~shown, unused_since__isnull=True).update(unused_since=now)
    gone = Attachment.objects.filter(~shown, unused_since__lte=now - KEPT_UNUSED)
    # In one statement: what is put in meanwhile is seen, and stays.
    return gone._raw_delete(gone.db)  # Django's own way to skip its collector


def title_of(file_name: str) -> str:
    """What a document is called by its file's name: no folders, no ending, nothing that cannot be shown."""
    name = PurePath(file_name.replace("\\", "/")).name
    name = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name).replace("_", " ")
    shown = "".join(each for each in unicodedata.normalize("NFC", name) if unicodedata.category(each)[0] != "C")
    return " ".join(shown.split())[:LONGEST_CAPTION].strip()


def _demand_unchanged(question: Question, read: str, wanted: str | None) -> None:
    if read != mark(question) and question.attachment_id != wanted:
        raise NotAttached(_("Someone else has changed the image or document since you opened this. Look at it again."))


def _emptied(question: Question, name: str) -> list[str]:
    """Empty a text in every language; the columns' names."""
    columns = [f"{name}_{language}" for language in AVAILABLE_LANGUAGES]
    for column in columns:
        setattr(question, column, "")
    return columns
