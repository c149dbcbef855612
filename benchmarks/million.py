"""A million: closing, dashboards and new tables at the largest size aimed at. `--only million`; takes half an hour.

Not among the pieces that run by themselves. The ballots are made in a process of its own, so that the memory
found is the closing's.
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks import closing, crosstab, dashboard
from benchmarks.figures import Aim, Figure, number, peak_megabytes
from consult.models import User
from surveys.models import Survey

SIZE = 1_000_000
LONGEST_SECONDS, LARGEST_MEGABYTES = 40 * 60, 1000


def run(*, quick: bool = False) -> list[Figure]:
    """One closing, then tables and pages over as many responses."""
    size = 60 if quick else SIZE
    staff = [User.objects.create_superuser(f"bench-{number}") for number in range(2)]
    survey = _filled_elsewhere(size)
    before = peak_megabytes()
    parts = closing.close(survey, staff, size)
    said = ", ".join(f"{name} {number(value)} s" for name, value in parts.items())
    title = f"{number(size)} sealed responses"
    figures = [
        Figure(
            f"close and release {title}", sum(parts.values()), "s",
            aim=(Aim("value", "at most", LONGEST_SECONDS),), note=said,
        ),
        Figure(
            f"memory while closing {title}", peak_megabytes(), "MB",
            aim=(Aim("value", "at most", LARGEST_MEGABYTES),), note=f"{number(before)} MB before",
        ),
    ]  # fmt: skip
    figures += crosstab.tables(size, *((1, 1) if quick else (crosstab.ROUNDS, crosstab.TIMES)), most=140)
    return figures + dashboard.pages_of((1_000, size) if not quick else (50, 60), *((1, 2) if quick else (3, 40)))


def _filled_elsewhere(size: int) -> Survey:
    """Survey B with this many ballots, filled by another process."""
    found = subprocess.run([sys.executable, "-c", FILL, str(size)], capture_output=True, text=True, check=True)
    return Survey.objects.get(pk=int(found.stdout))


FILL = """
import sys
import django
django.setup()
from benchmarks import closing
print(closing.filled(int(sys.argv[1])).pk)
"""
