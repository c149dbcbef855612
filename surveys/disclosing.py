"""Disclosing: the only way out of the answers. Computes, protects, stores and hashes releases.

A release is one cube: every declared table, counted once over the coarsened facts, passed through
`surveys.gate.protecting`, and stored as cells that everything shown is read from. All releases of an anonymous survey
are computed on the same coarsened background, those of a named one move on by newcomers who are let in together
(`surveys.gate.enrolling`, `surveys.gate.accruing`), so that two of them cannot be set against each other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from surveys.box import locking
from surveys.gate import accruing, aggregating, enrolling, leaving, recording, requesting
from surveys.gate.aggregating import Cohort
from surveys.gate.protecting import Gate
from surveys.gate.recording import Sheet
from surveys.gate.requesting import NotClosed, request_missing, request_release
from surveys.models import Counted, PlannedCross, Promise, Release, ReleasedTable, Survey, Withdrawal
from surveys.variables import UNCODED, Variable, variables

__all__ = [
    "NotClosed", "compute_waiting", "current", "digest", "refresh_named", "request_missing", "request_release",
    "request_withdrawn", "smallest_group",
]  # fmt: skip

log = structlog.get_logger(__name__)
Table = tuple[Variable, Variable | None]


def refresh_named(now: datetime) -> int:
    """Ask for new releases of open named surveys with newcomers who may be counted; how many were asked for.

    Computing counts them, so that nothing is asked for again before more have answered.
    """
    asked = 0
    live = Survey.objects.filter(promise=Promise.NAMED, opened_at__isnull=False, closed_at__isnull=True)
    waiting = Release.objects.filter(survey=OuterRef("pk"), computed_at__isnull=True)
    for survey in live.exclude(Exists(waiting)):
        if enrolling.ready(survey, smallest_group(survey)):
            request_release(survey, None, now)
            asked += 1
    return asked


def request_withdrawn(now: datetime) -> int:
    """Ask for new releases of closed surveys whose figures may move on without those who have withdrawn; how many."""
    left_behind = Withdrawal.objects.filter(survey=OuterRef("pk"), number__isnull=True)
    closed = Survey.objects.filter(closed_at__isnull=False, promise=Promise.ANONYMOUS)
    asked = 0
    for survey in closed.filter(Exists(left_behind)):
        known, k, left, last = variables(survey), smallest_group(survey), leaving.waiting(survey), current(survey)
        if last is None or left < k:
            continue
        gate = _gate(known, aggregating.count_responses(survey), k)
        if leaving.may_move_on(last, known, gate, left, k):
            request_release(survey, None, now)
            asked += 1
    return asked


def current(survey: Survey) -> Release | None:
    """The newest release that is out, or None."""
    return Release.objects.filter(survey=survey).exclude(sha256="").order_by("-number").first()


def compute_waiting(now: datetime) -> int:
    """Compute every release that waits; how many. Workers may be killed and run at once: one computes each."""
    done = 0
    waiting = Release.objects.filter(computed_at__isnull=True).order_by("number").values_list("pk", "survey_id")
    for release_id, survey_id in list(waiting):
        with locking.alone(locking.RELEASING, survey_id) as held:
            if held:
                done += _try(release_id, now)
    return done


def _try(release_id: int, now: datetime) -> bool:
    try:
        return requesting.begin(release_id, now) and _compute_if_waiting(release_id, now)
    except Exception as fault:  # noqa: BLE001
        # One survey's fault must not hold up the others. Its words might hold answers: only its kind is told.
        log.error("release_failed", release=release_id, fault=type(fault).__name__)  # noqa: TRY400
        return False


def smallest_group(survey: Survey) -> int:
    """The fewest respondents in anything shown: the survey's own threshold, or the service's if it is higher."""
    return max(survey.threshold, settings.DISCLOSURE_K)


def digest(release: Release) -> str:
    """SHA-256 of the canonical text of a release's tables and cells, as hex."""
    tables = [
        {
            "variable": table.variable,
            "by": table.by,
            "base": table.base,
            "cells": [[cell.value, cell.by_value, cell.base, cell.n] for cell in table.cells.order_by("position")],
        }
        for table in release.tables.order_by("position")
    ]
    text = json.dumps(
        {"survey": release.survey.code, "number": release.number, "tables": tables},
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _compute_if_waiting(release_id: int, now: datetime) -> bool:
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            # All tables from one moment: in a live (named) survey the answers keep coming, and a person more in
            # one table than in another is a group of one.
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        release = Release.objects.select_related("survey").filter(pk=release_id, computed_at__isnull=True).first()
        if release is None:
            return False
        _compute(release, now)
    return True


def _compute(release: Release, now: datetime) -> None:
    survey, k = release.survey, smallest_group(release.survey)
    known = variables(survey)
    if survey.is_anonymous:
        total = _count_again(release, known, k)
    else:
        enrolling.enrol(survey, release.number, k)
        cohort = Cohort(survey.pk)
        _move_on(release, known, _gate(known, aggregating.count_cohort(cohort), k, cohort))
        # Whoever has withdrawn since is still in what has been shown.
        total = enrolling.count(survey)
    release.responses = total if total >= k else None
    release.sha256 = digest(release)
    release.computed_at = now
    release.save(update_fields=["responses", "sha256", "computed_at"])


def _count_again(release: Release, known: Mapping[str, Variable], k: int) -> int:
    """The tables of an anonymous survey; how many respondents they count."""
    survey = release.survey
    total = aggregating.count_responses(survey)
    gate = _gate(known, total, k)
    last, left = current(survey), leaving.waiting(survey)
    before = {(table.variable, table.by): table for table in last.tables.prefetch_related("cells")} if last else {}
    stays = last is not None and left > 0 and not leaving.may_move_on(last, known, gate, left, k)
    for position, (variable, by) in enumerate(table for table in _plan(survey, known) if _is_out(survey, gate, *table)):
        shown = before.get((variable.name, by.name if by else ""))
        if stays and shown is not None:
            recording.carry(release, position, shown)
            continue
        sheet = _fresh(gate, variable, by, release.number)
        if stays:
            sheet = _beside(survey, sheet, gate, k)
        elif left:
            also = leaving.hidden_before(shown, variable, by, gate)
            sheet = replace(sheet, withheld=sheet.withheld | gate.withheld_beside(variable, by, also))
            sheet = replace(sheet, base=None) if None in sheet.withheld and by is None else sheet
        recording.record(release, position, sheet)
    if stays and last is not None:
        return last.responses or 0
    leaving.note(release)
    return total


def _beside(survey: Survey, sheet: Sheet, gate: Gate, k: int) -> Sheet:
    """A table that is new, beside older ones that still count people who have withdrawn since.

    It is shown only of the whole, and only where so many texts have been read that codes do not follow from ticks.
    """
    variable, by = sheet.variable, sheet.by
    if by is None and variable.is_coded and leaving.count_texts(survey, variable) >= k:
        return sheet
    return replace(sheet, withheld=set(gate.sizes(variable, by)), base=None)


def _gate(known: Mapping[str, Variable], total: int, k: int, cohort: Cohort | None = None) -> Gate:
    return Gate(known, lambda variable, by: aggregating.tally(variable, total, by, cohort), k)


def _fresh(gate: Gate, variable: Variable, by: Variable | None, number: int) -> Sheet:
    """A table counted from the answers."""
    tally, withheld = gate.tally(variable, by), gate.withheld(variable, by)
    if variable.is_background:
        sizes = gate.sizes(variable)
        is_withheld = all(row in withheld for row in sizes)
    else:
        is_withheld = bool(gate.withheld(variable))
    return Sheet(variable, by, tally, withheld, None if is_withheld else tally.total, number)


def _is_out(survey: Survey, gate: Gate, variable: Variable, by: Variable | None) -> bool:
    """Whether a table is part of the release. Coded variables wait for the last text, and for the end of the survey."""
    coded = [each for each in (variable, by) if each is not None and each.is_coded]
    if coded and survey.closed_at is None:
        return False
    return not any(value == UNCODED for each in coded for value, _group in gate.everyone(each).counts)


def _move_on(release: Release, known: Mapping[str, Variable], gate: Gate) -> None:
    """The tables of a named survey: each variable with its newcomers, or, where they may not be told, as it was."""
    last = current(release.survey)
    before: dict[str, dict[str, ReleasedTable]] = {}
    for table in last.tables.prefetch_related("cells") if last else ():
        before.setdefault(table.variable, {})[table.by] = table
    plan = [table for table in _plan(release.survey, known) if _is_out(release.survey, gate, *table)]
    sheets: dict[tuple[str, str], Sheet | ReleasedTable] = {}
    for name in dict.fromkeys(variable.name for variable, _by in plan):
        mine = [table for table in plan if table[0].name == name]
        sheets |= _sheets(release, known, gate, mine, before.get(name, {}))
    for position, (variable, by) in enumerate(plan):
        sheet = sheets[variable.name, by.name if by else ""]
        if isinstance(sheet, Sheet):
            recording.record(release, position, sheet)
        else:
            recording.carry(release, position, sheet)


def _sheets(
    release: Release, known: Mapping[str, Variable], gate: Gate, plan: list[Table], before: dict[str, ReleasedTable]
) -> dict[tuple[str, str], Sheet | ReleasedTable]:
    """The tables of one variable. They move on together or not at all: together they are one system of equations."""
    places = [(variable.name, by.name if by else "") for variable, by in plan]
    fresh = {place: _fresh(gate, *table, release.number) for place, table in zip(places, plan, strict=True)}
    is_shown = any(cell.n is not None for table in before.values() for cell in table.cells.all())
    if not is_shown or plan[0][0].is_coded:
        if enrolling.count(release.survey) == aggregating.count_cohort(Cohort(release.survey_id)):
            return {**fresh}
        k = smallest_group(release.survey)
        kept = before if is_shown else {}
        return {place: kept.get(place[1]) or _beside(release.survey, sheet, gate, k) for place, sheet in fresh.items()}
    cohort = Cohort(release.survey_id, max(table.counted or table.release.number for table in before.values()))
    newcomers = _gate(known, aggregating.count_cohort(cohort), smallest_group(release.survey), cohort)
    moved: dict[tuple[str, str], Sheet | ReleasedTable] = {}
    carried: dict[tuple[str, str], Sheet | ReleasedTable] = {}
    for place, (variable, by) in zip(places, plan, strict=True):
        if (table := before.get(place[1])) is None:
            moved[place] = carried[place] = _new(release.survey, fresh[place], gate)
            continue
        carried[place] = table
        sheet = accruing.accrued(table, variable, by, (gate, newcomers), release.number)
        if sheet is not None:
            moved[place] = sheet
    return moved if len(moved) == len(places) else carried


def _new(survey: Survey, sheet: Sheet, gate: Gate) -> Sheet:
    """A table that comes when others of its variable are out: withheld if those have moved on by newcomers since."""
    if Counted.objects.filter(survey=survey).values("number").distinct().count() <= 1:
        return sheet
    return replace(sheet, withheld=set(gate.sizes(sheet.variable, sheet.by)))


def _plan(survey: Survey, known: Mapping[str, Variable]) -> Iterator[Table]:
    """Every declared table: each variable alone and by each background fact, then the declared crosses.

    A question whose texts are coded is broken down by its codes only. With the ticks beside them, whoever
    left the boxes empty would be told apart in every group: those are few, and the codes say what they wrote.
    """
    facts = [variable for variable in known.values() if variable.is_background]
    coded = {name.partition(".")[0] for name, variable in known.items() if variable.is_coded}
    for name, variable in known.items():
        yield variable, None
        if not variable.is_background and (variable.is_coded or name.partition(".")[0] not in coded):
            for fact in facts:
                yield variable, fact
    for cross in PlannedCross.objects.filter(survey=survey).order_by("variable", "by"):
        yield known[cross.variable], known[cross.by]
