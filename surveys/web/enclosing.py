"""Enclosing: what a block of information shows below its text, as the plain values that templates print."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from surveys import piping
from surveys.structure import FileView, QuestionView
from surveys.web import files
from surveys.web.saying import Words, words


@dataclass(frozen=True)
class Picture:
    """An image with its addresses, and how large it is, so that nothing moves when it comes."""

    address: str
    small: str
    width: int
    height: int
    small_width: int | None
    alt: Words


@dataclass(frozen=True)
class Document:
    """A document to be fetched: where, what it is called, what file that becomes, and its kind and size."""

    address: str
    title: Words
    file_name: str
    size: str


def beside(question: QuestionView, language: str) -> dict[str, Any]:
    """What information shows below its text."""
    file = question.attachment
    if not (file or question.quotation):
        return {}
    caption = words(piping.marked(question.caption), language)
    return {
        "quotation": words(piping.marked(question.quotation), language),
        "source": words(question.source, language),
        "picture": _picture(file, question, language) if file and file.is_image else None,
        "document": _document(file, question, language) if file and not file.is_image else None,
        "caption": caption,
    }


def _picture(file: FileView, question: QuestionView, language: str) -> Picture:
    return Picture(
        address=files.address(file),
        small=files.address(file, small=True) if file.small_width else "",
        width=file.width or 0,
        height=file.height or 0,
        small_width=file.small_width,
        alt=words(question.alt, language),
    )


def _document(file: FileView, question: QuestionView, language: str) -> Document:
    # A name that every system takes; the address itself says nothing about the document.
    name = re.sub(r"[^\w-]+", "-", piping.plain(question.caption)(language))[:80].strip("-_")
    return Document(
        address=files.address(file),
        title=words(piping.marked(question.caption), language) or Words(_("Document")),
        file_name=f"{name or 'dokument'}.{file.suffix}",
        size=_("PDF, %(size)s") % {"size": filesizeformat(file.size)},
    )
