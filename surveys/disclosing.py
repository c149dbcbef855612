"""Disclosing: the only way out of the answers. Computes, protects, stores and hashes releases.

A release is one cube: every declared table, counted once over the coarsened facts, passed through
`surveys.suppressing`, and stored as cells that everything shown is read from. All releases of a survey are
computed on the same coarsened background, so that two of them cannot be set against each other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from surveys import aggregating, locking, requesting, suppressing
from surveys.aggregating import Tally
from surveys.models import PlannedCross, Promise, Release, ReleasedCell, ReleasedTable, Survey
from surveys.requesting import NotClosed, request_missing, request_release
from surveys.variables import NOT_ASKED, UNCODED, Category, Variable, variables

__all__ = [
    "NotClosed", "compute_waiting", "current", "digest", "refresh_named", "request_missing", "request_release",
    "smallest_group",
]  # fmt: skip

log = structlog.get_logger(__name__)
SHARE_DIGITS = Decimal("0.0001")


def refresh_named(now: datetime) -> int:
    """Ask for new releases of open named surveys that have at least k more responses than last shown.

    Fewer than k more would let the newcomers' answers be had by subtracting the last release.
    """
    asked = 0
    for survey in Survey.objects.filter(promise=Promise.NAMED, opened_at__isnull=False, closed_at__isnull=True):
        last = current(survey)
        before = (last.responses or 0) if last else 0
        if aggregating.count_responses(survey) - before >= smallest_group(survey):
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
        _release(release, now)
    return True


class _TellsNewcomersApart(Exception):
    """Set against the last release, this one would show what fewer than k people said since."""


def _release(release: Release, now: datetime) -> None:
    last = current(release.survey)
    try:
        with transaction.atomic():
            _compute(release, now)
            if not release.survey.is_anonymous and last and _tells_newcomers_apart(release, last):
                raise _TellsNewcomersApart
    except _TellsNewcomersApart:
        release.responses, release.sha256, release.computed_at = None, "", now
        release.refusal = _("Too few have answered or changed their answers since the last release.")
        release.save(update_fields=["responses", "sha256", "computed_at", "refusal"])


def _tells_newcomers_apart(release: Release, last: Release) -> bool:
    """Whether some group shown in both releases has changed, but not by k people.

    A live survey is released again and again while answers come and change; the facts of an anonymous one are
    fixed before its first release.
    """
    k = smallest_group(release.survey)
    before, after = _groups_shown(last), _groups_shown(release)
    return any(
        before[group] != after[group] and abs(after[group][0] - before[group][0]) < k
        for group in before.keys() & after.keys()
    )


def _groups_shown(release: Release) -> dict[tuple[str, str, str], tuple[int, dict[str, int]]]:
    """{(variable, by, by value): (size, {value: n})} of what a release shows."""
    shown: dict[tuple[str, str, str], tuple[int, dict[str, int]]] = {}
    facts = set(release.survey.facts.values_list("name", flat=True))
    cells = ReleasedCell.objects.filter(table__release=release).select_related("table")
    for cell in cells:
        if cell.n is None or cell.base is None:
            continue
        # In the table of a background fact the cells are themselves groups of people.
        is_group = cell.table.variable in facts
        group = (cell.table.variable, cell.table.by, cell.value if is_group else cell.by_value)
        shown.setdefault(group, (cell.n if is_group else cell.base, {}))[1][cell.value] = cell.n
    return shown


def _compute(release: Release, now: datetime) -> None:
    survey = release.survey
    k = smallest_group(survey)
    total = aggregating.count_responses(survey)
    for position, (variable, by) in enumerate(_plan(survey)):
        table_tally = aggregating.tally(variable, total, by)
        if variable.is_coded and any(value == UNCODED for value, _group in table_tally.counts):
            continue
        if by is not None and by.is_coded and UNCODED in table_tally.groups():
            continue
        if not variable.is_background:
            # A question that routing passes over has the base of those it was put to.
            table_tally = table_tally.without(NOT_ASKED)
        _store(release, position, variable, by, table_tally, k)
    release.responses = total if total >= k else None
    release.sha256 = digest(release)
    release.computed_at = now
    release.save(update_fields=["responses", "sha256", "computed_at"])


def _plan(survey: Survey) -> Iterator[tuple[Variable, Variable | None]]:
    """Every declared table: each variable alone and by each background fact, then the declared crosses.

    A question whose texts are coded is broken down by its codes only. With the ticks beside them, whoever
    left the boxes empty would be told apart in every group: those are few, and the codes say what they wrote.
    """
    known = variables(survey)
    facts = [variable for variable in known.values() if variable.is_background]
    coded = {name.partition(".")[0] for name, variable in known.items() if variable.is_coded}
    for name, variable in known.items():
        yield variable, None
        if not variable.is_background and name not in coded:
            for fact in facts:
                yield variable, fact
    for cross in PlannedCross.objects.filter(survey=survey).order_by("variable", "by"):
        yield known[cross.variable], known[cross.by]


def _store(release: Release, position: int, variable: Variable, by: Variable | None, tally: Tally, k: int) -> None:
    """Protect one table and write its cells."""
    total = tally.total
    sizes = tally.groups()
    columns: list[Category | None] = [None]
    if by is not None:
        columns = [*by.categories, *(each for each in by.all_categories[len(by.categories) :] if each.key in sizes)]
    seen = {value for value, _group in tally.counts}
    full = [category for category in variable.all_categories if category.key not in (NOT_ASKED, UNCODED)]
    rows = [category for category in full if category in variable.categories or category.key in seen]
    hidden = _hidden(variable, rows, columns, tally, k)
    if hidden and not variable.is_background:
        # A row left out because nobody gave that answer would tell something of what is withheld.
        rows = full
        hidden = _hidden(variable, rows, columns, tally, k)
    is_withheld = all((row.key, None) in hidden for row in rows) if by is None else total < k
    table = ReleasedTable.objects.create(
        release=release,
        position=position,
        variable=variable.name,
        by=by.name if by else "",
        concept=variable.concept,
        label=variable.label,
        by_label=by.label if by else {},
        base=None if is_withheld else total,
    )
    cells: list[ReleasedCell] = []
    for column in columns:
        group = column.key if column else None
        base = sizes.get(group, 0)
        for row in rows:
            n = tally.counts.get((row.key, group), 0)
            shown = (row.key, group) not in hidden
            cells.append(
                ReleasedCell(
                    table=table,
                    position=len(cells),
                    value=row.code,
                    by_value=column.code if column else "",
                    label=row.label,
                    by_label=column.label if column else {},
                    base=base if shown else None,
                    n=n if shown else None,
                    share=(Decimal(n) / base).quantize(SHARE_DIGITS) if shown else None,
                )
            )
    ReleasedCell.objects.bulk_create(cells)


def _hidden(
    variable: Variable, rows: list[Category], columns: list[Category | None], tally: Tally, k: int
) -> set[tuple[int, int | None]]:
    """The cells that are withheld.

    In a table of answers whole groups are withheld. In the table of a background fact the cells are
    themselves groups of people, so each is held against the threshold.
    """
    keys = [column.key if column else None for column in columns]
    if variable.is_background:
        people: dict[int | None, int] = {row.key: tally.counts.get((row.key, None), 0) for row in rows}
        return {(group, None) for group in suppressing.withheld_groups(None, people, k) if group is not None}
    sizes = tally.groups()
    counts, whole = (tally.counts, _whole(tally)) if variable.is_opinion else (None, None)
    groups = suppressing.withheld_groups(counts, {key: sizes.get(key, 0) for key in keys}, k)
    if suppressing.withheld_groups(whole, {None: tally.total}, k):
        groups = set(keys)
    return {(row.key, key) for row in rows for key in groups}


def _whole(tally: Tally) -> dict[tuple[int, int | None], int]:
    """The table of the whole behind a table by groups."""
    whole: dict[tuple[int, int | None], int] = {}
    for (value, _group), n in tally.counts.items():
        whole[value, None] = whole.get((value, None), 0) + n
    return whole
