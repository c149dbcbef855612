"""Excel workbooks: checked before they are opened, opened in a process of their own (`cells`)."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

from django.utils.translation import gettext as _

from .problems import UnreadableFile

MOST_INFLATED = 100 * 1024 * 1024
MOST_RATIO = 100
MOST_PARTS = 1000
SECONDS = 60

_READER = Path(__file__).with_name("cells.py")


def read_workbook(content: bytes, most_rows: int) -> list[list[list[str]]]:
    """The sheets of an .xlsx file, each as rows of cells; a row's place in its sheet is its line number − 1.

    Raises:
        UnreadableFile: it is no workbook, too large when unpacked, or its reader ran out of memory or time.
    """
    repacked = _repack(content)
    try:
        # -I: neither this folder nor the environment decides what the reader imports.
        done = subprocess.run(
            [sys.executable, "-I", str(_READER), str(most_rows)],
            input=repacked,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnreadableFile(_("The workbook takes too long to read. Save it as CSV and try again.")) from None
    if done.returncode != 0:
        raise UnreadableFile(_("The workbook is damaged, or far larger than it looks. Save it again, or as CSV."))
    sheets: list[list[list[str]]] = json.loads(done.stdout)
    return sheets


def _repack(content: bytes) -> bytes:
    """The same parts in a fresh, uncompressed archive.

    The sizes an archive states need not be true, and two readers may understand one archive differently. What
    comes out here was unpacked by us, never beyond the stated sizes, and has one reading only.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _check_sizes(parts, len(content))
            if "xl/workbook.xml" not in archive.namelist():
                raise UnreadableFile(_("This is not an Excel workbook (.xlsx). Save it as .xlsx or as CSV."))
            fresh = io.BytesIO()
            with zipfile.ZipFile(fresh, "w", zipfile.ZIP_STORED) as copy:
                for part in parts:
                    if part.filename.endswith((".xml", ".rels")):
                        copy.writestr(part.filename, archive.read(part))
    except UnreadableFile:
        raise
    except Exception as error:  # zipfile and its decompressors raise a dozen kinds for damaged archives
        raise UnreadableFile(_("The workbook is damaged and cannot be opened. Save it again, or as CSV.")) from error
    return fresh.getvalue()


def _check_sizes(parts: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MOST_INFLATED or unpacked > MOST_RATIO * packed or len(parts) > MOST_PARTS:
        raise UnreadableFile(_("Unpacked, the workbook is far too large. Save the one sheet as CSV and try again."))
