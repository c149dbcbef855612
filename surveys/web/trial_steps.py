"""What happens when a colleague presses something in a trial: from state to state, as for a respondent.

Comments are kept at every step, also with a page that must be mended: what could not be answered is what a trial is
there to find.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from http import HTTPStatus

from django.core.exceptions import ValidationError
from django.http import HttpResponse

from surveys import answering, routing, trying
from surveys.kinds.text import LineText
from surveys.models.pilot import LONGEST_NAME
from surveys.routing import Page
from surveys.structure import QuestionView
from surveys.web import showing, trial_states
from surveys.web.forms import PageForm
from surveys.web.speaking import speaking
from surveys.web.trial_states import CommentForm
from surveys.web.trial_visit import TooLong, TrialVisit, reopen


def step(visit: TrialVisit) -> HttpResponse:
    """The page after what was pressed on the last one; something unknown leads gently to the start."""
    act = _ACTS.get(visit.field("step"))
    state = reopen(visit.field("carried"), visit.trial)
    with speaking(visit.language):
        if act is None or state is None:
            return _unclear(visit)
        try:
            return act(replace(visit, state=state))
        except trying.Over:
            return trial_states.refused("unknown", visit.language)


def _unclear(visit: TrialVisit) -> HttpResponse:
    return trial_states.welcome(replace(visit, notice="unclear"), HTTPStatus.BAD_REQUEST)


def _from_welcome(visit: TrialVisit) -> HttpResponse:
    if visit.field("speak"):
        return trial_states.welcome(visit)
    if visit.field("go") != "start":
        return _unclear(visit)
    name = _name(visit)
    if name is None:
        return trial_states.welcome(replace(visit, notice="name"), HTTPStatus.UNPROCESSABLE_ENTITY)
    facts = {
        fact.name: chosen
        for fact in visit.edition.facts
        for chosen in [visit.field(f"fact-{fact.name}")]
        if chosen in {code for code, _label in fact.values}
    }
    try:
        trying.begin(visit.trial, visit.state.run, name, visit.now)
    except trying.Full:
        return trial_states.welcome(replace(visit, notice="full"), HTTPStatus.TOO_MANY_REQUESTS)
    visit = replace(visit, state=replace(visit.state, facts=facts))
    first = routing.next_page(0, visit.edition, visit.answers)
    return _show_page(visit, first) if first else trial_states.review(visit)


def _name(visit: TrialVisit) -> str | None:
    """The name as typed, empty if none; None if it cannot be kept."""
    try:
        name: str = LineText(label="").clean(visit.field("name"))
    except ValidationError:
        return None
    return name if len(name) <= LONGEST_NAME else None


def _show_page(visit: TrialVisit, page: Page, *, revisits: bool = False) -> HttpResponse:
    questions = routing.shown(page, visit.edition, visit.answers)
    return trial_states.page(visit, page, questions, showing.values(questions, visit.answers), revisits=revisits)


def _from_page(visit: TrialVisit) -> HttpResponse:
    page = routing.page_named(visit.edition, visit.field("page"))
    if page is None:
        return _unclear(visit)
    seen = visit.field("shown").split(",")
    questions = [question for question in page.questions if question.code in seen]
    if visit.field("speak"):
        return _as_typed(visit, page, questions)
    go = visit.field("go")
    form = PageForm(questions, visit.language, visit.posted, lenient=go == "back")
    comments = CommentForm([question.code for question in questions], visit.posted)
    if not comments.is_valid():
        return _as_typed(visit, page, questions, (form, comments), HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        trying.comment(visit.trial, visit.state.run, comments.comments(), visit.now)
    except trying.Full:
        return _as_typed(replace(visit, notice="full"), page, questions, status=HTTPStatus.TOO_MANY_REQUESTS)
    if not form.is_valid():
        return _as_typed(visit, page, questions, (form,), HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        state = visit.state.with_answers(form.answers())
    except TooLong:
        visit = replace(visit, notice="too_large")
        return _as_typed(visit, page, questions, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return _onward(replace(visit, state=state), page, go)


def _onward(visit: TrialVisit, page: Page, go: str) -> HttpResponse:
    if go == "review":
        return trial_states.review(visit)
    neighbour = routing.previous_page if go == "back" else routing.next_page
    following = neighbour(page.number, visit.edition, visit.answers)
    if following is not None:
        return _show_page(visit, following)
    return _show_page(visit, page) if go == "back" else trial_states.review(visit)


def _as_typed(
    visit: TrialVisit,
    page: Page,
    questions: Sequence[QuestionView],
    forms: Sequence[PageForm | CommentForm] = (),
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """The same page once more with everything as it was typed."""
    errors = {name: found for form in forms for name, found in form.errors.items()}
    return trial_states.page(
        visit,
        page,
        questions,
        visit.posted,
        comments=visit.posted,
        errors=errors,
        faults=[fault for form in forms for fault in form.faults()],
        status=status,
        revisits=bool(visit.field("revisits")),
    )


def _from_review(visit: TrialVisit) -> HttpResponse:
    go = visit.field("go")
    if go == "submit" and not visit.field("speak"):
        if answering.unanswered(visit.edition, visit.answers):
            return trial_states.review(visit, HTTPStatus.UNPROCESSABLE_ENTITY, says_missing=True)
        # Who has answered nothing has not tried how long it takes.
        if not trial_states.is_blank(visit):
            trying.finish(visit.trial, visit.state.run, visit.now)
        return trial_states.end(visit)
    page = routing.page_named(visit.edition, go.removeprefix("page-"))
    if page is not None and routing.shown(page, visit.edition, visit.answers):
        return _show_page(visit, page, revisits=True)
    return trial_states.review(visit)


def _from_end(visit: TrialVisit) -> HttpResponse:
    name = trial_states.field_name(trying.WHOLE)
    if visit.field("speak"):
        return trial_states.end(visit, visit.field(name))
    if visit.field("go") == "review":
        return trial_states.review(visit)
    form = CommentForm([trying.WHOLE], visit.posted)
    if not form.is_valid():
        messages = [message for _name, message in form.faults()]
        return trial_states.end(visit, visit.field(name), messages, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        trying.comment(visit.trial, visit.state.run, form.comments(), visit.now)
    except trying.Full:
        visit = replace(visit, notice="full")
        return trial_states.end(visit, visit.field(name), status=HTTPStatus.TOO_MANY_REQUESTS)
    return trial_states.end(replace(visit, notice="kept"))


_ACTS: dict[str, Callable[[TrialVisit], HttpResponse]] = {
    "welcome": _from_welcome,
    "page": _from_page,
    "review": _from_review,
    "end": _from_end,
}
