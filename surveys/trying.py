"""Trying: a colleague goes through a trial by its link. Comments are kept; answers have nowhere to go.

The link is made like a personal one: a random selector, and 130 bits worked out from a key of its own.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from surveys import structure
from surveys.box import keyring, sealing
from surveys.formats import strict
from surveys.models import Trial, TrialComment, TrialRun
from surveys.structure import EditionView, FileView

# So that a link that has gone astray cannot fill the database: some 5 MB a trial at the most.
MOST_RUNS = 500
MOST_COMMENTS = 2000
KEPT_TRIALS = 16
WHOLE = ""


class Over(Exception):
    """The trial has been ended, or has closed."""


class Full(Exception):
    """As many have begun, or as many comments have been written, as a trial takes."""


# --- The link ---------------------------------------------------------------------------------------------


def link_token(trial: Trial) -> str:
    """What stands in the link of a trial; the same each time."""
    return sealing.link_token(_keys(), 0, UUID(int=trial.pk), trial.selector, 0)


def admit(token: str, now: datetime) -> Trial | None:
    """The open trial that this token leads to; None for every other token, whatever is wrong. One statement."""
    selector = sealing.read_selector(token)
    # A selector that cannot be one is looked up too: it must not be answered any faster.
    found = Trial.objects.select_related("person").defer("content").filter(selector=selector or 0).first()
    pk, proof = (found.pk, token) if found and selector is not None else (0, token[:39].ljust(39))
    is_proven = sealing.proves(proof, _keys(), 0, UUID(int=pk), 0)
    return found if found and is_proven and found.is_open(now) else None


def _keys() -> keyring.SurveyKeys:
    return keyring.SurveyKeys(token=keyring.derive(settings.MASTER_KEY, "trial"), locator=b"", seal=b"")


# --- What is tried ----------------------------------------------------------------------------------------


def content(trial: Trial) -> EditionView:
    """What the draft said when the trial was made; from memory if it has been read before. Two statements if not."""
    name = (trial.pk, trial.selector)
    if name not in _kept:
        files = {each.digest: structure.file_view(each) for each in trial.files.defer("content", "small")}
        _kept[name] = read(trial.content, files)
        while len(_kept) > KEPT_TRIALS:
            _kept.popitem(last=False)
    return _kept[name]


_kept: OrderedDict[tuple[int, int], EditionView] = OrderedDict()


def read(document: Any, files: Mapping[str, FileView]) -> EditionView:
    """A stored document as content that can be routed.

    Args:
        files: the images and documents it shows, by digest.

    Raises:
        strict.BadDocument
    """
    view = strict.content(document, files)
    # A document says the conditions of a section once; each of its questions must know them.
    sections = tuple(
        replace(
            section, questions=tuple(replace(question, within=section.conditions) for question in section.questions)
        )
        for section in view.sections
    )
    questions = {question.code: question for section in sections for question in section.questions}
    return replace(view, sections=sections, questions=questions)


# --- The way through --------------------------------------------------------------------------------------


def begin(trial: Trial, key: UUID, name: str, now: datetime) -> None:
    """Note that someone has begun; pressed twice it is one beginning, at the first time.

    Raises:
        Over, Full
    """
    with transaction.atomic():
        _lock(trial, now)
        if not TrialRun.objects.filter(trial=trial, key=key).exists():
            _make_run(trial, key, name, now)


def _make_run(trial: Trial, key: UUID, name: str, now: datetime) -> TrialRun:
    runs = TrialRun.objects.filter(trial=trial)
    if runs.count() >= MOST_RUNS:
        # Whoever begins again and again and says nothing makes room for those who do.
        silent = runs.filter(finished_at__isnull=True, comments__isnull=True).order_by("started_at", "pk").first()
        if silent is None:
            raise Full
        silent.delete()
    return TrialRun.objects.create(trial=trial, key=key, name=name, started_at=now)


def comment(trial: Trial, key: UUID, given: Mapping[str, str], now: datetime) -> None:
    """Keep what someone says about these questions: all of it, or nothing.

    A comment written before on the same question is replaced, and taken away where the new one is empty.

    Args:
        given: {question code, or WHOLE: text}, checked.

    Raises:
        Over, Full
    """
    with transaction.atomic():
        _lock(trial, now)
        # One that has made room for others has something to say after all.
        run = TrialRun.objects.filter(trial=trial, key=key).first() or _make_run(trial, key, "", now)
        standing = {each.question: each for each in run.comments.filter(question__in=given)}
        gone = [question for question in standing if not given[question]]
        new = [
            TrialComment(run=run, question=question, text=text, written_at=now)
            for question, text in given.items()
            if text and question not in standing
        ]
        if gone:
            run.comments.filter(question__in=gone).delete()
        if new and TrialComment.objects.filter(run__trial=trial).count() + len(new) > MOST_COMMENTS:
            raise Full
        for question, before in standing.items():
            if given[question] not in ("", before.text):
                # Other words than those that were dealt with.
                run.comments.filter(pk=before.pk).update(
                    text=given[question], written_at=now, handled_at=None, handled_by=None
                )
        TrialComment.objects.bulk_create(new)


def comments(trial: Trial, key: UUID) -> dict[str, str]:
    """What this colleague has said so far, by question."""
    found = TrialComment.objects.filter(run__trial=trial, run__key=key)
    return dict(found.values_list("question", "text"))


def finish(trial: Trial, key: UUID, now: datetime) -> None:
    """Note that someone has come to the end; the first time counts."""
    TrialRun.objects.filter(trial=trial, key=key, finished_at__isnull=True, started_at__lte=now).update(finished_at=now)


def _lock(trial: Trial, now: datetime) -> None:
    """Wait for others who write to this trial: counted is then what is there."""
    locked = Trial.objects.select_for_update().defer("content").filter(pk=trial.pk).first()
    if locked is None or not locked.is_open(now):
        raise Over
