"""Runs as a process of its own: an Excel workbook on standard input, its cells as JSON on standard output.

A sheet of a few bytes can claim seventeen billion cells. Whatever a workbook does to the reader's memory or time,
it does to this process, which has little of both. Imports nothing of ours.

Arguments: the most rows to read of a sheet, the most characters in all, and the words for true and false.
Exit status 0: one JSON list of sheets, each its name and a list of rows of text. Anything else: it could not be read.
"""

import datetime
import io
import json
import resource
import sys

from python_calamine import load_workbook

MEMORY = 1024 * 1024 * 1024
SECONDS = 30
MOST_SHEETS = 20


def main() -> None:
    """Read, within the limits."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most_rows, left, words = int(sys.argv[1]), int(sys.argv[2]), (sys.argv[4], sys.argv[3])
    workbook = load_workbook(io.BytesIO(sys.stdin.buffer.read()))
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


if __name__ == "__main__":
    main()
