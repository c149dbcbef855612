"""Cleaning: a file as someone sends it made into what may be kept and shown, or refused in their words.

What a file is, its bytes say, never its name. Images are decoded and drawn anew, no larger than a page needs; documents
are written anew without what runs and what tells who made them. Both happen in a process of its own (`scrubber`).
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from surveys.models.attachment import IMAGES, LARGEST_DOCUMENT, LARGEST_IMAGE, TALLEST, WIDEST, MediaType

# A photograph from a telephone is made smaller here; whoever sends it need not know how.
LARGEST_SENT = 10 * 1024 * 1024
FOR_PHONES = 800
SECONDS = 60

# Of one server process: each may take a gigabyte while it lasts.
AT_ONCE = threading.BoundedSemaphore(2)
PATIENCE = 20
_SCRUBBER = Path(__file__).with_name("scrubber.py")


class Unclean(ValueError):
    """The file is not taken; the message says why, in the words of whoever sent it."""


@dataclass(frozen=True)
class Clean:
    """A file as it is kept.

    Args:
        width, height: of an image; None of a document.
        small: the image for phones, `small_width` wide; empty if it would be no smaller.
    """

    media_type: str
    content: bytes
    width: int | None = None
    height: int | None = None
    small: bytes = b""
    small_width: int | None = None

    @property
    def digest(self) -> str:
        """What it is called by: the SHA-256 of its content, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()


def clean(content: bytes) -> Clean:
    """What is kept of a file.

    Raises:
        Unclean
    """
    if not content:
        raise Unclean(_("The file is empty."))
    is_document = content.startswith(b"%PDF-")
    if is_document and len(content) > LARGEST_DOCUMENT:
        raise Unclean(_("The document is larger than 5 MB. Make it smaller, or link to it instead."))
    if len(content) > LARGEST_SENT:
        raise Unclean(_("The file is larger than 10 MB."))
    made = _scrubbed(content)
    most = LARGEST_IMAGE if made.media_type in IMAGES else LARGEST_DOCUMENT
    if len(made.content) > most:
        raise Unclean(
            _("The document is larger than 5 MB. Make it smaller, or link to it instead.")
            if made.media_type == MediaType.PDF
            else _("The image is larger than 2 MB, even when made smaller. Save it as JPEG, or crop it.")
        )
    return made


def _scrubbed(content: bytes) -> Clean:
    # -I: neither this folder nor the environment decides what it imports.
    command = [sys.executable, "-I", str(_SCRUBBER), str(WIDEST), str(TALLEST), str(FOR_PHONES)]
    if not AT_ONCE.acquire(timeout=PATIENCE):
        raise Unclean(_("Other files are being read just now. Try again in a minute."))
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise Unclean(_in_words("damaged")) from None
    finally:
        AT_ONCE.release()
    head, _line, rest = done.stdout.partition(b"\n")
    if done.returncode != 0 or not head:
        raise Unclean(_in_words("damaged"))
    about = json.loads(head)
    if "fault" in about:
        raise Unclean(_in_words(about["fault"]))
    size = about["sizes"][0]
    return Clean(about["media_type"], rest[:size], about["width"], about["height"], rest[size:], about["small_width"])


def _in_words(fault: str) -> str:
    return {
        "unknown": _("This is neither an image (PNG, JPEG or WebP) nor a document (PDF)."),
        "too_many_pixels": _("The image has too many pixels. Make it smaller first: 1600 across is enough."),
        "moves": _("The image moves. Use one that stands still."),
        "locked": _("The document is locked with a password. Save it without one."),
    }.get(fault, _("The file is damaged, or not what it seems to be: it cannot be read."))
