"""Runs as a process of its own: an Excel workbook on standard input, its cells as JSON on standard output.

A sheet of a few bytes can claim seventeen billion cells. Whatever a workbook does to the reader's memory or time,
it does to this process, which has little of both. Imports nothing of ours.

Arguments: the most rows to read of a sheet, the most characters in all, and the words for true and false.
Exit status 0: one JSON list of sheets, each its name and a list of rows of text. 3, 4 and 5: see below. Anything else:
it could not be read.
"""

import datetime
import io
import json
import resource
import sys
import zipfile

from python_calamine import load_workbook

MEMORY = 1024 * 1024 * 1024
SECONDS = 30
MOST_SHEETS = 20
MOST_INFLATED = 100 * 1024 * 1024
MOST_RATIO = 100
MOST_PARTS = 1000
OLD = b"\xd0\xcf\x11\xe0"
# Exit statuses: an archive of another kind, damaged as an archive, too large when unpacked.
NO_WORKBOOK, DAMAGED, TOO_LARGE = 3, 4, 5


class Refused(Exception):
    """The archive is not opened; the argument is the exit status."""


def main() -> None:
    """Read, within the limits."""
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_CORE, 0)):
        # Whoever started this process may be under a narrower limit already.
        ceiling = resource.getrlimit(what)[1]
        resource.setrlimit(what, (most, most) if ceiling == resource.RLIM_INFINITY else (min(most, ceiling), ceiling))
    most_rows, left, words = int(sys.argv[1]), int(sys.argv[2]), (sys.argv[4], sys.argv[3])
    content = sys.stdin.buffer.read()
    try:
        # An old .xls file is not packed.
        workbook = load_workbook(io.BytesIO(content if content.startswith(OLD) else repack(content)))
    except Refused as refusal:
        sys.exit(refusal.args[0])
    sheets = []
    for name in workbook.sheet_names[:MOST_SHEETS]:
        sheet = workbook.get_sheet_by_name(name)
        # Rows and columns before the first filled cell are kept, so that a row's place is its line number.
        rows = sheet.to_python(skip_empty_area=False, nrows=most_rows)
        sheets.append((name, [[cell if type(cell) is str else text(cell, words) for cell in row] for row in rows]))
        # One long text that many cells refer to unpacks once more here.
        left -= sum(len(cell) for row in sheets[-1][1] for cell in row)
        if left < 0:
            sys.exit(1)
    json.dump(sheets, sys.stdout, ensure_ascii=False)


def text(cell: object, words: tuple[str, str]) -> str:
    """A cell as a person would type it."""
    if isinstance(cell, bool):
        return words[cell]
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    return str(cell)


def repack(content: bytes) -> bytes:
    """The same parts in a fresh, uncompressed archive.

    The sizes an archive states need not be true, and two readers may understand one archive differently. What
    comes out here was unpacked by us, never beyond the stated sizes, and has one reading only.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            check_sizes(parts, len(content))
            if "xl/workbook.xml" not in archive.namelist():
                raise Refused(NO_WORKBOOK)
            fresh = io.BytesIO()
            with zipfile.ZipFile(fresh, "w", zipfile.ZIP_STORED) as copy:
                for part in parts:
                    if part.filename.endswith((".xml", ".rels")):
                        copy.writestr(part.filename, archive.read(part))
    except Refused:
        raise
    except Exception as error:  # zipfile and its decompressors raise a dozen kinds for damaged archives
        raise Refused(DAMAGED) from error
    return fresh.getvalue()


def check_sizes(parts: "list[zipfile.ZipInfo]", packed: int) -> None:
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MOST_INFLATED or unpacked > MOST_RATIO * packed or len(parts) > MOST_PARTS:
        raise Refused(TOO_LARGE)


if __name__ == "__main__":
    main()
