"""Excel workbooks: checked and opened in a process of their own (`cells`)."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

SECONDS = 40
# What the reader's exit status says (`cells`).
FAULTS = {3: "no_workbook", 4: "damaged", 5: "too_large"}
ZIPPED, OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"

_READER = Path(__file__).with_name("cells.py")


class Unreadable(Exception):
    """The workbook cannot be read.

    `fault` says why: "no_workbook" (an archive of another kind), "damaged" (as an archive), "too_large" (when
    unpacked), "too_slow", or "unreadable" (its reader gave up, or ran out of memory).
    """

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True)
class Limits:
    """How much is read: rows of each sheet, characters in all; and the words that stand for true and false."""

    rows: int
    characters: int = 200_000_000
    words: tuple[str, str] = ("true", "false")


def read_sheets(content: bytes, limits: Limits) -> list[tuple[str, list[list[str]]]]:
    """The sheets of a workbook, each its name and its rows of cells; a row's place is its line number − 1.

    Args:
        content: an .xlsx file, or an old .xls file.

    Raises:
        Unreadable
    """
    command = [sys.executable, "-I", str(_READER), str(limits.rows), str(limits.characters), *limits.words]
    try:
        # -I: neither this folder nor the environment decides what the reader imports.
        done = subprocess.run(
            command,
            input=content,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unreadable("too_slow") from None
    if done.returncode != 0:
        raise Unreadable(FAULTS.get(done.returncode, "unreadable"))
    return [(name, rows) for name, rows in json.loads(done.stdout)]


def has_macros(content: bytes) -> bool:
    """Whether a workbook brings a program with it. Nothing here would run it; a workbook of questions needs none."""
    if content.startswith(OLD):
        return "_VBA_PROJECT".encode("utf-16-le") in content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(name.lower().endswith("vbaproject.bin") for name in archive.namelist())
    except Exception:  # noqa: BLE001  zipfile raises a dozen kinds for damaged archives; reading will say so
        return False
