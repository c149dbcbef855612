"""Images and documents inside a document of our own format, and what becomes of them in formats that hold none."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import replace
from time import monotonic
from typing import Any

from django.utils.translation import gettext as _

from surveys.attachments import cleaning
from surveys.attachments.cleaning import Clean, Unclean
from surveys.formats.document import LARGEST_BYTES, BadDocument, Node
from surveys.formats.protocol import Draft, Lost
from surveys.structure import NO_TEXT, EditionView, FileView, QuestionView, SectionView, Text

MOST_FILES = 100
LONGEST_NAME = 200
# Small files can unfold to large images; a hundred of them would hold whoever reads them for an hour.
MOST_SECONDS = 60
# What is left of a file's size for the questionnaire itself.
ROOM = LARGEST_BYTES - 2 * 1024 * 1024


def read(root: Node) -> dict[str, Clean]:
    """The files of a document, {name: what is kept of it}. They are as strange as any other that someone sends.

    Raises:
        BadDocument
    """
    given = root.value.get("files", {})
    node = Node(given, _("files"), given if isinstance(given, dict) else ())
    if len(node.value) > MOST_FILES:
        node.refuse(_("has more than %(most)d entries") % {"most": MOST_FILES})
    found: dict[str, Clean] = {}
    begun = monotonic()
    for name, value in node.value.items():
        found[name] = _clean(node, str(name), value)
        if monotonic() - begun > MOST_SECONDS:
            node.refuse(_("takes too long to read: leave some of the images out"))
    return found


def _clean(node: Node, name: str, value: Any) -> Clean:
    if not isinstance(value, str) or len(name) > LONGEST_NAME:
        node.refuse(_("must be a text"), name[:60])
    try:
        return cleaning.clean(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError) as error:
        told = str(error) if isinstance(error, Unclean) else _("must be a file in Base64")
        raise BadDocument(f"{node.place} › {name[:60]}: {told}") from error


def write(files: Mapping[str, Clean]) -> dict[str, str]:
    """The files of a document, by their digests."""
    return {digest: base64.b64encode(each.content).decode() for digest, each in sorted(files.items())}


def view(file: Clean) -> FileView:
    """What a file is like."""
    return FileView(file.digest, file.media_type, len(file.content), file.width, file.height, file.small_width)


def fitting(draft: Draft) -> tuple[Draft, tuple[Lost, ...]]:
    """The draft with as many of its files as a document has room for, so that it can be read again; and the others.

    The largest are left out first.
    """
    sizes = {digest: len(each.content) * 4 // 3 + 100 for digest, each in draft.files.items()}
    left_out: set[str] = set()
    for digest in sorted(sizes, key=lambda each: -sizes[each]):
        if sum(sizes.values()) - sum(sizes[each] for each in left_out) > ROOM:
            left_out.add(digest)
    if not left_out:
        return draft, ()
    lost = tuple(
        Lost(question.code, _named(question), _("The file would be larger than 10 MB with it."))
        for question in draft.view.questions.values()
        if question.attachment and question.attachment.digest in left_out
    )

    def without(question: QuestionView) -> QuestionView:
        gone = question.attachment and question.attachment.digest in left_out
        return replace(question, attachment=None) if gone else question

    kept = {digest: each for digest, each in draft.files.items() if digest not in left_out}
    return replace(draft, view=_changed(draft.view, without), files=kept), lost


def plainly(draft: Draft) -> tuple[Draft, tuple[Lost, ...]]:
    """The draft for a format that has texts only, and what is lost: a quotation becomes part of the text."""
    lost: list[Lost] = []

    def plain(question: QuestionView) -> QuestionView:
        if not (question.quotation or question.attachment):
            return question
        texts = [question.text]
        if question.quotation:
            texts.append(_quoted(question))
            why = _("There are no quotations: it became part of the text.")
            lost.append(Lost(question.code, question.quotation("nb")[:80], why))
        if question.attachment:
            if not question.text and not question.quotation:
                # What is left of it in words, so that the place is not empty.
                texts.append(question.caption or question.alt)
            why = (
                _("There are no images: it is left out.")
                if question.attachment.is_image
                else _("There are no documents: it is left out.")
            )
            lost.append(Lost(question.code, _named(question), why))
        nothing: dict[str, Any] = dict.fromkeys(("quotation", "source", "alt", "caption"), NO_TEXT)
        return replace(question, text=_joined(texts), attachment=None, **nothing)

    return replace(draft, view=_changed(draft.view, plain), files={}), tuple(lost)


def _named(question: QuestionView) -> str:
    return question.caption("nb") or question.alt("nb") or (question.attachment.suffix if question.attachment else "")


def _quoted(question: QuestionView) -> Text:
    """A quotation as Markdown, with its source in the last line."""
    found = {}
    for language, words in question.quotation.by_language.items():
        source = question.source(language)
        lines = [*words.split("\n"), *(["", f"– {source}"] if source else [])]
        found[language] = "\n".join(f"> {line}".rstrip() for line in lines)
    return Text(found)


def _joined(texts: list[Text]) -> Text:
    """Texts one after the other, in each language that one of them has."""
    languages = dict.fromkeys(language for text in texts for language in text.by_language)
    return Text(
        {
            language: "\n\n".join(text.by_language[language] for text in texts if language in text.by_language)
            for language in languages
        }
    )


def _changed(edition: EditionView, change: Any) -> EditionView:
    def section(part: SectionView) -> SectionView:
        return replace(part, questions=tuple(change(each) for each in part.questions))

    sections = tuple(section(each) for each in edition.sections)
    return replace(
        edition, sections=sections, questions={each.code: each for part in sections for each in part.questions}
    )
