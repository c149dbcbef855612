"""The register made to agree with a file: first a plan that changes nothing, then the plan applied whole."""

from __future__ import annotations

import contextlib
import gc
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consult.models import RegisterImport, User

from .problems import NothingToApply, PlanOutdated, UnreadableFile
from .rows import Reading, read_rows
from .sheet import Sheet, read_file
from .staging import Counts, measure, stage, write
from .units import UnitFacts, known_units

# One register is written by one at a time; any number, the same everywhere.
LOCK = 0x7265_6769_7374
# A file with a million mistakes has one cause, which the first ones show.
MOST_PROBLEMS_KEPT = 1000
# A plan nobody applied holds a whole membership list.
FORGOTTEN_AFTER = timedelta(days=7)
# Counts of things that applying does to the register, beside those that only describe the file.
_ACTIONS = ("new", "changed", "removed", "ended", "left")


@dataclass(frozen=True)
class Outcome:
    """What applying did: counts as in the plan; `already` when it had been done before, and nothing was done now."""

    counts: Counts
    already: bool = False


def preview(content: bytes, file_name: str, now: datetime) -> dict[str, Any]:
    """What `plan` would store as the plan; nothing is stored.

    The plan: `day`, `lines`, `doubles`, `unused` (headings), `counts` (what → new, changed, unchanged …), `problems`
    (as `describe` takes them, at most 1 000) and `problem_count`.

    Raises:
        UnreadableFile: with the reason.
    """
    day = timezone.localdate(now)
    with _collector_paused(), transaction.atomic():
        known = known_units()
        sheet = read_file(content, file_name)
        reading = _understand(sheet, known)
        stage(reading)
        counts = measure(reading, known)
    return _as_json(sheet, reading, counts, day)


def plan(content: bytes, file_name: str, now: datetime, user: User | None = None) -> RegisterImport:
    """Read a file and store what it would do to the register, with the file until it is applied or dropped.

    Raises:
        UnreadableFile: with the reason; nothing is stored.
    """
    return RegisterImport.objects.create(
        file_name=file_name.replace("\x00", "")[-200:],
        sha256=hashlib.sha256(content).hexdigest(),
        plan=preview(content, file_name, now),
        content=content,
        uploaded_at=now,
        uploaded_by=user,
    )


def apply(register_import_id: int, now: datetime) -> Outcome:
    """Make the register agree with a planned file: whole, or not at all. Applying again does nothing.

    Raises:
        PlanOutdated: the register has changed so that more would happen than the plan showed.
        NothingToApply: the plan was dropped.
        RegisterImport.DoesNotExist: there is no such plan.
    """
    with _collector_paused(), transaction.atomic():
        _take_turn()
        record = RegisterImport.objects.select_for_update().get(pk=register_import_id)
        if record.applied_at is not None:
            return Outcome(record.plan["counts"], already=True)
        if record.content is None:
            raise NothingToApply(_("This plan was dropped. Upload the file again."))
        known = known_units()
        reading = _understand(read_file(bytes(record.content), record.file_name), known)
        stage(reading)
        counts = measure(reading, known)
        if _exceeds(counts, len(reading.problems), record.plan):
            raise PlanOutdated(_("The register has changed since this plan was made. Upload the file again."))
        write(reading, known, date.fromisoformat(record.plan["day"]))
        _finish(record, counts, now)
    return Outcome(counts)


def drop(register_import_id: int) -> bool:
    """Forget a plan that was not applied, and its file; whether there was one to forget."""
    with transaction.atomic():
        record = RegisterImport.objects.select_for_update().get(pk=register_import_id)
        if record.applied_at is not None or record.content is None:
            return False
        record.content = None
        record.plan = _without_values(record.plan)
        record.save(update_fields=["content", "plan"])
    return True


def drop_forgotten(now: datetime) -> int:
    """Forget the plans that nobody applied within a week; how many."""
    forgotten = RegisterImport.objects.filter(
        applied_at__isnull=True, content__isnull=False, uploaded_at__lt=now - FORGOTTEN_AFTER
    )
    return sum(drop(pk) for pk in forgotten.values_list("pk", flat=True))


@contextlib.contextmanager
def _collector_paused() -> Iterator[None]:
    """Without cyclic garbage collection, which would walk the growing pile of rows over and over.

    It makes reading a large file twice as fast. The limits on a file's size bound what piles up meanwhile.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _understand(sheet: Sheet, known: dict[str, UnitFacts]) -> Reading:
    reading = read_rows(sheet, known)
    if not reading.units and not reading.appointments:
        raise UnreadableFile(
            _("Not one of the %(count)s lines could be used. Are the columns the right ones?")
            % {"count": len(sheet.rows)}
        )
    return reading


def _as_json(sheet: Sheet, reading: Reading, counts: Counts, day: date) -> dict[str, Any]:
    return {
        "day": day.isoformat(),
        "lines": len(sheet.rows),
        "doubles": reading.doubles,
        "unused": sheet.unused,
        "counts": counts,
        "problem_count": len(reading.problems),
        "problems": [problem.as_json() for problem in reading.problems[:MOST_PROBLEMS_KEPT]],
    }


def _take_turn() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _exceeds(counts: Counts, problems: int, shown: dict[str, Any]) -> bool:
    """Whether more would happen than the person who applies was shown. Less is fine: it was done meanwhile."""
    if problems > shown["problem_count"]:
        return True
    return any(
        number > shown["counts"][what].get(action, 0)
        for what, actions in counts.items()
        for action, number in actions.items()
        if action in _ACTIONS
    )


def _finish(record: RegisterImport, counts: Counts, now: datetime) -> None:
    record.applied_at = now
    record.content = None
    record.plan = _without_values(record.plan) | {"counts": counts}
    record.save(update_fields=["applied_at", "content", "plan"])


def _without_values(plan: dict[str, Any]) -> dict[str, Any]:
    """The plan without what stood in the file: names and addresses must not outlive it here."""
    return plan | {"problems": [problem | {"value": ""} for problem in plan["problems"]]}
