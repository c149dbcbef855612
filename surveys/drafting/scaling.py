"""Scaling: answers that several questions share, taken whole: a ready scale, or the answers of another question.

Questions that share their points can be compared, and scales in a row that share them are shown as a grid.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db.models import Q
from django.utils.translation import gettext as _
from modeltranslation.settings import AVAILABLE_LANGUAGES

from surveys import structure
from surveys.authoring import BreaksCondition, PartGone, Refused, editing
from surveys.drafting import arranging
from surveys.kinds import registry
from surveys.models import Condition, Edition, Meaning, Option, Question
from surveys.structure import Text

FILE = Path(__file__).parents[1] / "reference" / "answers" / "scales.json"
SCALE, QUESTION = "scale-", "question-"


@dataclass(frozen=True)
class Point:
    """One answer of a set."""

    code: str
    label: Text
    meaning: str = Meaning.ANSWER.value
    elaboration: str = ""
    excludes: bool = False


@dataclass(frozen=True)
class Answers:
    """A set of answers that can be taken; `source` names it to `fill`."""

    source: str
    name: Text
    points: tuple[Point, ...]


@cache
def ready() -> tuple[Answers, ...]:
    """The scales that come with the service."""
    return tuple(
        Answers(
            f"{SCALE}{each['code']}",
            Text(each["name"]),
            tuple(Point(str(number), Text(label)) for number, label in enumerate(each["points"], start=1)),
        )
        for each in json.loads(FILE.read_text(encoding="utf-8"))
    )


def elsewhere(question: Question) -> list[Answers]:
    """The sets of answers of the other questions of the same draft, each set once, by the first that has it."""
    found: dict[tuple[Text, ...], Answers] = {_labels(each.points): each for each in ready()}
    known = set(found)
    own = _labels(_points(question))
    others = question.edition.questions.exclude(pk=question.pk).prefetch_related("options")
    for each in others.order_by("section__position", "position"):
        points = _points(each)
        labels = _labels(points)
        if labels != own and len(points) > 1 and all(labels) and registry.kind(each.kind).has_options:
            text = structure.texts(each, "text").by_language
            name = Text({language: f"{each.code} {words}" for language, words in text.items()} or {"nb": each.code})
            found.setdefault(labels, Answers(f"{QUESTION}{each.pk}", name, tuple(points)))
    return [each for labels, each in found.items() if labels not in known]


def fill(edition_id: int, question_id: int, source: str) -> Question:
    """Give a question the answers of a set instead of its own; those that are the same stay as they are.

    Args:
        source: of one of `ready` or `elsewhere`.

    Raises:
        PartGone, NotADraft
        Refused: there is no such set, or the question is of a kind without answers to choose.
        BreaksCondition: something is shown only after an answer that would go.
    """
    with editing(edition_id) as edition:
        question = arranging.find(Question, question_id, edition)
        if not registry.kind(question.kind).has_options:
            raise Refused([_("There are no answers to choose between in this kind of question.")])
        _replace(question, _found(edition, source))
    return question


def continue_scale(question: Question, before: Question | None) -> None:
    """Give a new scale the points of the scale it follows. Inside `editing`."""
    if before is not None and question.kind == before.kind == "scale":
        _replace(question, _points(before))


def _found(edition: Edition, source: str) -> Sequence[Point]:
    for each in ready():
        if each.source == source:
            return each.points
    number = source.removeprefix(QUESTION)
    if source.startswith(QUESTION) and number.isascii() and number.isdigit() and len(number) < 19:
        other = edition.questions.filter(pk=int(number)).first()
        if other is None:
            raise PartGone
        return _points(other)
    raise Refused([_("Please choose which answers to use.")])


def _replace(question: Question, points: Sequence[Point]) -> None:
    settings = registry.kind(question.kind).settings
    wanted = {each.code: each.label for each in points}
    old = list(question.options.all())
    # The same code with other words is another answer: what hangs on the old one would come to mean something else.
    kept = {each.code: each for each in old if each.code in wanted and _label(each) == wanted[each.code]}
    gone = [each for each in old if each.code not in kept]
    _demand_unused(gone)
    Option.objects.filter(pk__in=[each.pk for each in gone]).delete()
    for position, point in enumerate(points, start=1):
        row = kept.get(point.code) or Option(question=question, code=point.code)
        row.position = position
        for language in AVAILABLE_LANGUAGES:
            setattr(row, f"label_{language}", point.label.by_language.get(language, ""))
        row.meaning = point.meaning
        row.elaboration = point.elaboration if "elaboration" in settings else ""
        row.excludes = point.excludes and "excludes" in settings
        row.save()


def _demand_unused(options: Sequence[Option]) -> None:
    used = Condition.objects.filter(Q(option__in=options) | Q(options__option__in=options))
    if reasons := [
        _("%(question)s is shown only after one of the answers here. Change that condition first.")
        % {"question": each.question.code if each.question else str(each.section)}
        for each in used.select_related("question", "section").distinct()
    ]:
        raise BreaksCondition(list(dict.fromkeys(reasons)))


def _points(question: Question) -> tuple[Point, ...]:
    ordered = sorted(question.options.all(), key=lambda each: each.position)
    return tuple(Point(each.code, _label(each), each.meaning, each.elaboration, each.excludes) for each in ordered)


def _label(option: Option) -> Text:
    return structure.texts(option, "label")


def _labels(points: Sequence[Point]) -> tuple[Text, ...]:
    return tuple(each.label for each in points)
