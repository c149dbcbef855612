"""Which questions a person sees, given the answers so far. Pure: no database, no request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from surveys.kinds import registry
from surveys.kinds.base import Answer
from surveys.models.instrument import Operator
from surveys.structure import ConditionView, EditionView, QuestionView, SectionView

Answers = Mapping[str, Answer]


@dataclass(frozen=True)
class Page:
    """A run of questions shown on one screen: a section, or the part of one that can be routed by then."""

    number: int
    section: SectionView
    questions: tuple[QuestionView, ...]


def pages(edition: EditionView) -> list[Page]:
    """All pages of an edition, numbered from 1.

    A section is a page; it is broken before a question that depends on one earlier on the same page, since
    without a script the server must have seen the answer to know whether to ask.
    """
    result: list[Page] = []
    for section in edition.sections:
        run: list[QuestionView] = []
        for question in section.questions:
            here = {earlier.code for earlier in run}
            if any(condition.source in here for condition in question.conditions):
                result.append(Page(len(result) + 1, section, tuple(run)))
                run = []
            run.append(question)
        result.append(Page(len(result) + 1, section, tuple(run)))
    return result


def is_asked(question: QuestionView, edition: EditionView, answers: Answers) -> bool:
    """Whether the question is put to someone with these answers.

    It is when it has no conditions, or when all conditions of one group hold. The answer to a question
    that is itself not asked counts as not given.
    """
    if not question.conditions:
        return True
    groups: dict[int, list[ConditionView]] = defaultdict(list)
    for condition in question.conditions:
        groups[condition.group].append(condition)
    return any(all(_holds(condition, edition, answers) for condition in group) for group in groups.values())


def asked(edition: EditionView, answers: Answers) -> list[QuestionView]:
    """The questions put to someone with these answers, information left out, in order."""
    return [
        question
        for section in edition.sections
        for question in section.questions
        if registry.kind(question.kind).is_asked and is_asked(question, edition, answers)
    ]


def shown(page: Page, edition: EditionView, answers: Answers) -> list[QuestionView]:
    """The questions and information blocks of a page that someone with these answers sees."""
    return [question for question in page.questions if is_asked(question, edition, answers)]


def next_page(number: int, edition: EditionView, answers: Answers) -> Page | None:
    """The first page after `number` with something to show, or None after the last."""
    return next((page for page in pages(edition)[number:] if shown(page, edition, answers)), None)


def previous_page(number: int, edition: EditionView, answers: Answers) -> Page | None:
    """The last page before `number` with something to show, or None before the first."""
    earlier = pages(edition)[: number - 1]
    return next((page for page in reversed(earlier) if shown(page, edition, answers)), None)


def prune(edition: EditionView, answers: Answers) -> dict[str, Answer]:
    """The answers to questions that are asked; what routing has since passed over is left out."""
    codes = {question.code for question in asked(edition, answers)}
    return {code: answer for code, answer in answers.items() if code in codes}


def _holds(condition: ConditionView, edition: EditionView, answers: Answers) -> bool:
    source = edition.questions[condition.source]
    answer = answers.get(source.code, {}) if is_asked(source, edition, answers) else {}
    if condition.operator == Operator.ANSWERED:
        return not registry.kind(source.kind).is_blank(answer)
    if condition.operator == Operator.IS_NOT:
        return answer.get("option") not in (None, condition.option)
    return answer.get("option") == condition.option
