"""python -m benchmarks.xlsforms FOLDER: how many of the XLSForms in a folder can be imported, and why others not.

Nothing is stored: each file is only read.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path


def main(folder: Path) -> None:
    """Plan every workbook in the folder and print what comes of it."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

    django.setup()
    from surveys.exchanging import Plan, read
    from surveys.formats.document import BadDocument

    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".xls", ".xlsx", ".xlsm"))
    planned, reasons = 0, Counter[str]()
    for path in files:
        try:
            found = Plan("xlsform", read(path.read_bytes(), path.name))
        except BadDocument as bad:
            print(f"refused  {path.name}: {bad}")
            continue
        planned += 1
        counts = ", ".join(f"{count} {name}" for name, count in found.counts().items())
        print(f"planned  {path.name}: {counts}, {len(found.lost)} lost")
        reasons.update(each.why for each in found.lost)
    print(f"\n{planned} of {len(files)} can be imported.\nWhat is lost in them, and why:")
    for why, count in reasons.most_common():
        print(f"{count:5}  {why}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
