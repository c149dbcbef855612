"""Confining: files from outside are read in a process of their own, with little memory and time and no secrets.

A fresh interpreter, not a fork: a copy of a server with threads may hang, and would know what the server knows. What
comes back is JSON, never anything that could run; it is checked once more here.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, Any

import structlog
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from surveys.formats import loading
from surveys.formats.document import LARGEST_BYTES, BadDocument
from surveys.formats.protocol import Draft

log = structlog.get_logger(__name__)

READER = Path(__file__).parent / "confined.py"
# Longer than the processor's time that a reader has (`formats.confined`), on a machine that is busy.
SECONDS = 60
# A draft of the largest file, with room for what JSON adds.
MOST_ANSWER = 64 * 1024 * 1024
# Of one server process. Each may take as much memory as `formats.confined` allows.
AT_ONCE = threading.BoundedSemaphore(2)
PATIENCE = 20
SETTINGS = (
    "LANGUAGE_CODE", "MODELTRANSLATION_DEFAULT_LANGUAGE", "MODELTRANSLATION_LANGUAGES",
    "MODELTRANSLATION_FALLBACK_LANGUAGES",
)  # fmt: skip


class BadFile(BadDocument):
    """The file is refused; `format` is its format, if it was recognised, or empty."""

    def __init__(self, message: str, form: str = "") -> None:
        super().__init__(message)
        self.format = form


def read(content: bytes, file_name: str, code: str = "") -> tuple[str, Draft]:
    """The name of a file's format, and the draft in it; see `formats.loading.load`.

    Raises:
        BadFile: also when reading it takes more memory or time than any questionnaire needs.
    """
    if len(content) > LARGEST_BYTES:
        raise BadFile(_("The file is larger than 10 MB."))
    if not AT_ONCE.acquire(timeout=PATIENCE):
        raise BadFile(_("Other files are being read just now. Try again in a minute."))
    try:
        said = _ask(_header(file_name, code) + content)
    finally:
        AT_ONCE.release()
    try:
        answer = json.loads(said)
        if "error" in answer:
            raise BadFile(str(answer["error"]), str(answer["format"]))
        return str(answer["format"]), loading.unpack(answer["packed"])
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        if isinstance(error, BadFile):
            raise
        # Not what our reader says: a file has found a fault in it.
        log.error("reader_said_nonsense", fault=type(error).__name__, size=len(content))  # noqa: TRY400
        raise BadFile(_refusal()) from None


def _refusal() -> str:
    return _("Reading the file takes more memory or time than any questionnaire needs. It was not read.")


def _header(file_name: str, code: str) -> bytes:
    own: dict[str, Any] = {name: getattr(settings, name) for name in SETTINGS}
    own["LANGUAGES"] = [(each, str(name)) for each, name in settings.LANGUAGES]
    own["LOCALE_PATHS"] = [str(each) for each in settings.LOCALE_PATHS]
    language = get_language() or settings.LANGUAGE_CODE
    return json.dumps({"settings": own, "language": language, "file_name": file_name, "code": code}).encode() + b"\n"


def _ask(given: bytes) -> bytes:
    """What the reader answers.

    Raises:
        BadFile: it does not, or says too much.
    """
    # Files, not pipes: how much a process may write to a file can be limited, and is looked at before it is read.
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complaint:
        status = _run(given, said, complaint)
        if status == 0 and said.tell() <= MOST_ANSWER:
            said.seek(0)
            return said.read()
        # The last line names the fault; the rest may hold what stands in the file.
        complaint.seek(max(0, complaint.tell() - 2000))
        fault = complaint.read(2000).decode(errors="replace").strip().rpartition("\n")[2].partition(":")[0][:60]
    log.warning("file_not_read", status=status, fault=fault, size=len(given))
    raise BadFile(_refusal())


def _run(given: bytes, said: IO[bytes], complaint: IO[bytes]) -> int | None:
    """The reader's exit status; None when its time is over."""
    process = subprocess.Popen(
        # -I, and next to no environment: nothing but the file decides what the reader does. -B: it may write nothing.
        [sys.executable, "-I", "-B", str(READER)],
        stdin=subprocess.PIPE,
        stdout=said,
        stderr=complaint,
        env={"LC_ALL": "C.UTF-8"},
        # A group of its own, so that what a reader starts itself (`formats.workbook`) ends with it.
        start_new_session=True,
    )
    with process:
        try:
            process.communicate(given, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return None
        finally:
            # Only while it is ours: the number of a process that has been waited for may be another's.
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
        return process.returncode
