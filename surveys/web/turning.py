"""Turning pages: which one comes next for someone who answers, and what it shows."""

from __future__ import annotations

from django.http import HttpResponse

from surveys import answering, routing
from surveys.answering import Progress
from surveys.kinds import registry
from surveys.routing import Page
from surveys.structure import EditionView
from surveys.web import own, showing, states
from surveys.web.visit import Visit


def where_left(visit: Visit, progress: Progress) -> HttpResponse:
    """The page after the last one gone on from, or a later one that was begun; at the end the list of answers.

    Answers are saved one by one: someone may have stopped in the middle of a page.
    """
    edition = visit.edition
    answered = [
        page.number
        for page in routing.pages(edition)
        if any(question.code in progress.answers for question in page.questions)
    ]
    begun = max(answered, default=0)
    last = max(begun, progress.reached)
    if begun > progress.reached and _has_open(routing.pages(edition)[begun - 1], edition, progress):
        last = begun - 1
    following = routing.next_page(last, edition, progress.answers)
    if following is None or progress.submitted:
        return review(visit, progress)
    return show_page(visit, following, progress)


def _has_open(page: Page, edition: EditionView, progress: Progress) -> bool:
    """Whether something that this person is asked there has not been answered."""
    shown = routing.shown(page, edition, progress.answers)
    return any(registry.kind(each.kind).is_asked and not progress.answers.get(each.code) for each in shown)


def first_page(visit: Visit, *, has_new_code: bool = False) -> HttpResponse:
    """The first page that this person is asked, with nothing answered."""
    empty = answering.nothing_yet(visit.voter, visit.language)
    first = routing.next_page(0, visit.edition, empty.answers)
    if first is None:
        return states.review(visit, empty)
    return show_page(visit, first, empty, has_new_code=has_new_code)


def show_page(
    visit: Visit, page: Page, progress: Progress, *, has_new_code: bool = False, revisits: bool = False
) -> HttpResponse:
    """A page with what has been answered on it; only to be read once it is submitted for good."""
    if progress.submitted and not visit.survey.may_change:
        return own.settled(visit, progress)
    questions = routing.shown(page, visit.edition, progress.answers)
    return states.page(
        visit,
        page,
        questions,
        showing.values(questions, progress.answers),
        answers=progress.answers,
        has_new_code=has_new_code,
        revisits=revisits,
        submitted=progress.submitted,
    )


def review(visit: Visit, progress: Progress) -> HttpResponse:
    """The list of answers; only to be read once they are submitted for good."""
    if progress.submitted and not visit.survey.may_change:
        return own.settled(visit, progress)
    return states.review(visit, progress)


def onward(visit: Visit, page: Page, go: str, progress: Progress) -> HttpResponse:
    """After a page has been saved: where the pressed button leads."""
    if go == "leave":
        return states.left(visit, is_blank=states.is_blank(progress))
    if go == "review":
        return states.review(visit, progress)
    neighbour = routing.previous_page if go == "back" else routing.next_page
    following = neighbour(page.number, visit.edition, progress.answers)
    if following is not None:
        return show_page(visit, following, progress)
    return show_page(visit, page, progress) if go == "back" else states.review(visit, progress)
