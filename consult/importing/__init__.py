"""Importing: the register's people, units and appointments, from the membership system's spreadsheet.

The way of a file: `workbook`/`sheet` read it (bytes to cells), `rows` understands it (cells to units, people,
addresses and appointments, and a list of what could not be understood), `staging` lays that beside the register
inside the database and counts what is new or changed, and `register` stores that as a plan and, when told to,
applies it whole or not at all.
"""

from .problems import ImportRefused, NothingToApply, PlanOutdated, UnreadableFile, describe
from .register import Outcome, apply, drop, drop_forgotten, plan, preview
from .sheet import MOST_BYTES, Sheet, read_file
from .staging import Counts

__all__ = [
    "MOST_BYTES", "Counts", "ImportRefused", "NothingToApply", "Outcome", "PlanOutdated", "Sheet", "UnreadableFile",
    "apply", "describe", "drop", "drop_forgotten", "plan", "preview", "read_file",
]  # fmt: skip
