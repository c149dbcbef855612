"""What colleagues said in a trial, question by question, beside what the question says now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from statistics import median

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.html import strip_tags

from surveys import structure, trying
from surveys.drafting import versioning
from surveys.kinds import registry
from surveys.models import Edition, Question, Questionnaire, Trial, TrialComment, TrialRun
from surveys.structure import EditionView, QuestionView, Text
from surveys.texts.matching import match
from surveys.web import richtext


@dataclass(frozen=True)
class Figures:
    """How a trial has gone.

    Args:
        minutes: the median of those who finished, in whole minutes and at least 1; None if nobody has.
    """

    started: int
    finished: int
    minutes: int | None
    comments: int
    waiting: int


@dataclass(frozen=True)
class Said:
    """One comment. `mark` tells its words apart from others written in their place later."""

    id: int
    text: str
    mark: str
    name: str
    written_at: datetime
    handled_at: datetime | None
    handled_by: str


@dataclass(frozen=True)
class Heard:
    """The comments on one question, or on the whole.

    Args:
        code: the question's, as it was then; empty for the whole.
        then: its text as it was read in the trial.
        now: its text as it is now; empty where it is gone, and for the whole.
        fate: what has become of it: "same", "changed", "gone", or empty for the whole.
        edit: where it can be changed now; empty where nothing can.
    """

    code: str
    then: str
    options: tuple[str, ...]
    now: str
    options_now: tuple[str, ...]
    fate: str
    edit: str
    waiting: list[Said]
    handled: list[Said]


def figures(trials: QuerySet[Trial]) -> dict[int, Figures]:
    """How each of these trials has gone, by its id; two statements."""
    runs: dict[int, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for trial, started, ended in TrialRun.objects.filter(trial__in=trials).values_list(
        "trial_id", "started_at", "finished_at"
    ):
        runs[trial].append((started, ended))
    counted = trials.order_by("pk").annotate(
        said=Count("runs__comments"), left=Count("runs__comments", filter=Q(runs__comments__handled_at__isnull=True))
    )
    return {
        pk: Figures(len(runs[pk]), len(took), _minutes(took), said, left)
        for pk, said, left in counted.values_list("pk", "said", "left")
        for took in [[(ended - started).total_seconds() for started, ended in runs[pk] if ended is not None]]
    }


def _minutes(seconds: list[float]) -> int | None:
    return max(1, round(median(seconds) / 60)) if seconds else None


def heard(trial: Trial, language: str) -> list[Heard]:
    """Everything said about a trial, in the order of its questions and the whole last; nothing where nobody spoke."""
    said: dict[str, list[Said]] = defaultdict(list)
    found = TrialComment.objects.filter(run__trial=trial).select_related("run", "handled_by").order_by("pk")
    for each in found:
        said[each.question].append(_said(each))
    then = trying.content(trial)
    edition = _newest(trial.questionnaire)
    now = structure.read(edition) if edition else EditionView(0, Text({}), Text({}), None, ())
    pairs = match(then, now).questions
    drawn = [
        _of_question(question, now.questions.get(pairs.get(code, "")), edition, said[code], language)
        for code, question in then.questions.items()
        if code in said
    ]
    if trying.WHOLE in said:
        drawn.append(Heard("", "", (), "", (), "", "", *_parted(said[trying.WHOLE])))
    return drawn


def _newest(questionnaire: Questionnaire) -> Edition | None:
    """The draft, or else the newest edition."""
    editions = questionnaire.editions.order_by("-number")
    return editions.filter(published_at__isnull=True).first() or editions.first()


def _of_question(
    then: QuestionView, now: QuestionView | None, edition: Edition | None, said: list[Said], language: str
) -> Heard:
    waiting, handled = _parted(said)
    is_same = now is not None and _read(then) == _read(now)
    return Heard(
        code=then.code,
        then=_text(then, language),
        options=_options(then, language),
        now=_text(now, language) if now else "",
        options_now=_options(now, language) if now else (),
        fate="gone" if now is None else "same" if is_same else "changed",
        edit=_edit(now, edition),
        waiting=waiting,
        handled=handled,
    )


def _read(question: QuestionView) -> Mapping[str, object]:
    """What people see of a question, in every language."""
    return {
        "kind": question.kind,
        "required": question.required,
        "texts": (question.text, question.help, question.elaboration_prompt, question.unit),
        "options": tuple((each.label, question.elaboration_of(each.code)) for each in question.options),
        "bounds": (question.minimum, question.maximum, question.decimals),
    }


def _text(question: QuestionView, language: str) -> str:
    """Its text as people read it, in one line; of a block of information without its Markdown."""
    text = question.text(language)
    return (
        text if registry.kind(question.kind).is_asked else " ".join(unescape(strip_tags(richtext.html(text))).split())
    )


def _options(question: QuestionView, language: str) -> tuple[str, ...]:
    return tuple(option.label(language) or option.code for option in question.options)


def _edit(question: QuestionView | None, edition: Edition | None) -> str:
    if question is None or edition is None or not edition.is_draft:
        return ""
    build = reverse("admin:surveys_questionnaire_build", args=[edition.questionnaire_id])
    return f"{build}#{Question._meta.model_name}-{question.id}"


def _said(comment: TrialComment) -> Said:
    return Said(
        id=comment.pk,
        text=comment.text,
        mark=versioning.mark(comment.text),
        name=comment.run.name,
        written_at=comment.written_at,
        handled_at=comment.handled_at,
        handled_by=str(comment.handled_by) if comment.handled_by else "",
    )


def _parted(said: list[Said]) -> tuple[list[Said], list[Said]]:
    """Those that wait, and those that have been dealt with."""
    return [each for each in said if each.handled_at is None], [each for each in said if each.handled_at is not None]
