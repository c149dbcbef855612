"""Which questions a person sees, given the answers so far. Pure: no database, no request."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from surveys import piping
from surveys.kinds import registry
from surveys.kinds.base import Answer
from surveys.models.condition import ON_SIZE, Operator
from surveys.structure import FACT, ConditionView, EditionView, QuestionView, SectionView

Answers = Mapping[str, Answer]


@dataclass(frozen=True)
class Page:
    """A run of questions shown on one screen: a section, or the part of one that can be routed by then."""

    number: int
    section: SectionView
    questions: tuple[QuestionView, ...]


def pages(edition: EditionView) -> list[Page]:
    """All pages of an edition, numbered from 1.

    A section is a page; it is broken before a question that depends on one earlier on the same page, or says in
    its text what that was answered with: without a script the server must have seen the answer.
    """
    result: list[Page] = []
    for section in edition.sections:
        run: list[QuestionView] = []
        for question in section.questions:
            here = {earlier.code for earlier in run}
            looks_at = {condition.source for condition in question.conditions} | piping.names(question)
            if not here.isdisjoint(looks_at):
                result.append(Page(len(result) + 1, section, tuple(run)))
                run = []
            run.append(question)
        result.append(Page(len(result) + 1, section, tuple(run)))
    return result


def page_named(edition: EditionView, number: str) -> Page | None:
    """The page whose number a browser sent; None if there is none."""
    found = pages(edition)
    # int() would take digits of other scripts, signs and blanks.
    if not re.fullmatch(r"[0-9]{1,4}", number) or not 1 <= int(number) <= len(found):
        return None
    return found[int(number) - 1]


def is_asked(question: QuestionView, edition: EditionView, answers: Answers) -> bool:
    """Whether the question is put to someone with these answers.

    It is when its section is, and it has no conditions or all conditions of one group hold. The answer to a
    question that is itself not asked counts as not given.
    """
    return _is_open(question.within, edition, answers) and _is_open(question.conditions, edition, answers)


def _is_open(conditions: Sequence[ConditionView], edition: EditionView, answers: Answers) -> bool:
    if not conditions:
        return True
    groups: dict[int, list[ConditionView]] = defaultdict(list)
    for condition in conditions:
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
    """The answers to questions that are asked; what routing has since passed over is left out.

    The background that was looked at stays with them: without it nobody could later tell what was asked.
    """
    codes = {question.code for question in asked(edition, answers)}
    return {code: answer for code, answer in answers.items() if code in codes or code.startswith(FACT)}


def _holds(condition: ConditionView, edition: EditionView, answers: Answers) -> bool:
    if condition.fact:
        return _compares(condition, answers.get(condition.source, {}), set_by_register=True)
    source = edition.questions[condition.source]
    answer = answers.get(source.code, {}) if is_asked(source, edition, answers) else {}
    kind = registry.kind(source.kind)
    if condition.operator == Operator.ANSWERED:
        return not kind.is_blank(answer)
    if condition.operator in ON_SIZE:
        return _reaches(condition, kind.size(answer))
    return _compares(condition, answer)


def _compares(condition: ConditionView, answer: Answer, *, set_by_register: bool = False) -> bool:
    chosen = chosen_options(answer)
    if condition.operator == Operator.ANSWERED and set_by_register:
        return bool(chosen)
    if condition.operator == Operator.IS_NOT:
        return bool(chosen) and condition.option not in chosen
    if condition.operator == Operator.ONE_OF:
        return not chosen.isdisjoint(condition.options)
    if condition.operator == Operator.NONE_OF:
        return bool(chosen) and chosen.isdisjoint(condition.options)
    return condition.option in chosen


def _reaches(condition: ConditionView, given: Decimal | None) -> bool:
    limit = condition.size
    if given is None or limit is None:
        return False
    if condition.operator == Operator.AT_LEAST:
        return given >= limit
    if condition.operator == Operator.AT_MOST:
        return given <= limit
    return given > limit if condition.operator == Operator.MORE_THAN else given < limit


def chosen_options(answer: Answer) -> frozenset[str]:
    """The codes of the options that an answer holds, of whatever kind the question is."""
    one = answer.get("option")
    levels = [row["option"] for row in answer.get("rows", ()) if row.get("option")]
    return frozenset([*([one] if one else []), *answer.get("options", ()), *answer.get("ranks", ()), *levels])


def background(facts: Mapping[str, str], edition: EditionView) -> dict[str, Answer]:
    """The background facts that an edition looks at, as answers the register has given; see `structure.FACT`."""
    return {f"{FACT}{fact.name}": {"option": facts[fact.name]} for fact in edition.facts if facts.get(fact.name)}


def on_background(edition: EditionView) -> list[ConditionView]:
    """The different conditions of an edition that look at the background, without their groups."""
    every = [condition for section in edition.sections for condition in section.conditions]
    every += [condition for question in edition.questions.values() for condition in question.conditions]
    return list(dict.fromkeys(replace(condition, group=1) for condition in every if condition.fact))


def path(conditions: Sequence[ConditionView], known: Answers) -> tuple[bool, ...]:
    """Which of these conditions on the background hold: people with one path are asked the same, given their answers.

    Args:
        known: from `background`.
    """
    return tuple(
        _compares(condition, known.get(condition.source, {}), set_by_register=True) for condition in conditions
    )
