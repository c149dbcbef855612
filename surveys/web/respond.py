"""What happens when a respondent presses something: from state to state, saving on the way.

Everything travels in the body of a form: the link's key, the resume code, the page. There is no session, no
redirect and no need for a cookie, because mail apps show links in windows that keep none; the cookie only
spares typing the code on the same device. Looking, starting and switching language write nothing; the first
saved answer does.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus

from django.http import HttpResponse

from surveys import answering, piping, routing
from surveys.answering import Progress
from surveys.box import sealing
from surveys.kinds.base import Answer
from surveys.routing import Page
from surveys.structure import QuestionView
from surveys.web import keeping, own, states, turning
from surveys.web.forms import PageForm
from surveys.web.speaking import speaking
from surveys.web.visit import Visit, read_code


def step(visit: Visit) -> HttpResponse:
    """The page after what was pressed on the last one.

    Something unknown or incomplete leads gently to the start; a refusal is a page that says why.
    """
    act = _ACTS.get(visit.field("step"), _unclear)
    visit = replace(visit, code=read_code(visit.field("code")), proof=visit.field("proof"))
    try:
        with speaking(visit.language):
            return act(visit)
    except answering.Closed:
        return states.refused("closed", visit.language, visit.survey)
    except answering.Throttled:
        return states.refused("throttled", visit.language, visit.survey, visit)
    except answering.Busy:
        return states.refused("busy", visit.language, visit.survey, visit)
    except answering.Settled:
        with speaking(visit.language):
            return own.already(visit)
    except answering.Withdrawn:
        return states.welcome(replace(visit, code="", notice="withdrawn"), HTTPStatus.CONFLICT)
    except answering.Superseded:
        return states.welcome(replace(visit, code="", notice="superseded"), HTTPStatus.CONFLICT)


def _unclear(visit: Visit) -> HttpResponse:
    return states.welcome(replace(visit, notice="unclear"), HTTPStatus.BAD_REQUEST)


# --- From the welcome page --------------------------------------------------------------------------------


def _from_welcome(visit: Visit) -> HttpResponse:
    go = visit.field("go")
    if visit.field("speak"):
        return states.welcome(visit)
    if go == "code":
        return _with_typed_code(visit)
    if go == "continue" and visit.remembered:
        return _where_left(replace(visit, code=visit.remembered))
    if go in ("start", "continue") and visit.remembered:
        # Start pressed again, by the Back button: the same code, so that nothing is replaced.
        return _again(replace(visit, code=visit.remembered))
    if go in ("start", "continue", "afresh"):
        return turning.first_page(replace(visit, code=sealing.new_resume_code()), has_new_code=True)
    return _unclear(visit)


def _with_typed_code(visit: Visit) -> HttpResponse:
    code = read_code(visit.field("typed"))
    progress = answering.resume(visit.voter, code) if code else None
    if progress is None:
        return states.welcome(replace(visit, notice="wrong_code"), HTTPStatus.UNPROCESSABLE_ENTITY)
    return turning.where_left(replace(visit, code=code, proof=progress.proof), progress)


def _again(visit: Visit) -> HttpResponse:
    try:
        progress = answering.resume(visit.voter, visit.code)
    except answering.Throttled:
        progress = None
    if progress is None:
        return turning.first_page(visit, has_new_code=True)
    return turning.show_page(replace(visit, proof=progress.proof), routing.pages(visit.edition)[0], progress)


def _where_left(visit: Visit) -> HttpResponse:
    progress = answering.resume(visit.voter, visit.code, proof=visit.proof)
    if progress is None:
        return turning.first_page(replace(visit, proof="", notice="nothing_saved"), has_new_code=True)
    return turning.where_left(replace(visit, proof=progress.proof), progress)


# --- From a page of questions -----------------------------------------------------------------------------


def _from_page(visit: Visit) -> HttpResponse:
    page = routing.page_named(visit.edition, visit.field("page"))
    if not visit.code or page is None:
        return _unclear(visit)
    # Only what the person had before their eyes is checked; the whole is checked when it is submitted.
    seen = visit.field("shown").split(",")
    questions = [question for question in page.questions if question.code in seen]
    if visit.field("speak"):
        return _as_typed(visit, page, questions)
    go = visit.field("go")
    if go == "again":
        return _as_saved(visit, page, questions)
    form = PageForm(questions, visit.language, visit.posted, lenient=go in ("back", "leave"))
    if not form.is_valid():
        return _as_typed(visit, page, questions, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    given = form.answers()
    if "changed" in visit.posted:
        # A script has saved the rest: another window may have gone on with it since.
        changed = visit.field("changed").split(",")
        given = {code: answer for code, answer in given.items() if code in changed}
    try:
        reached = 0 if go in ("back", "leave") else page.number
        progress = answering.save(
            visit.voter, visit.code, given, visit.language, visit.now, proof=visit.proof, reached=reached
        )
    except answering.Withdrawn:
        # Pressing the button once more answers anew, with a code of its own.
        visit = replace(visit, code=sealing.new_resume_code(), proof="", notice="withdrawn")
        return _as_typed(visit, page, questions, status=HTTPStatus.CONFLICT, has_new_code=True)
    except answering.Superseded:
        # Pressing the button once more begins afresh with this page: nothing typed is lost on the way.
        visit = replace(visit, proof="", notice="superseded")
        return _as_typed(visit, page, questions, status=HTTPStatus.CONFLICT)
    except answering.Busy:
        return _as_typed(replace(visit, notice="busy"), page, questions, status=HTTPStatus.CONFLICT)
    except sealing.BoxTooLarge:
        visit = replace(visit, notice="too_large")
        return _as_typed(visit, page, questions, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return turning.onward(replace(visit, proof=progress.proof, kept=",".join(given)), page, go, progress)


def _as_typed(
    visit: Visit,
    page: Page,
    questions: list[QuestionView],
    form: PageForm | None = None,
    status: int = HTTPStatus.OK,
    *,
    has_new_code: bool = False,
) -> HttpResponse:
    """The same page once more with everything as it was typed."""
    return states.page(
        visit,
        page,
        questions,
        visit.posted,
        answers=_said_before(visit, page),
        errors=form.errors if form else None,
        faults=form.faults() if form else (),
        status=status,
        has_new_code=has_new_code or bool(visit.field("new_code")),
        revisits=bool(visit.field("revisits")),
        is_unsent=True,
    )


def _as_saved(visit: Visit, page: Page, questions: list[QuestionView]) -> HttpResponse:
    """The same page as it has been saved: the browser sent an old request anew, and a script has saved more since."""
    progress = answering.resume(visit.voter, visit.code, proof=visit.proof)
    if progress is None:
        return _as_typed(visit, page, questions)
    state = {"has_new_code": bool(visit.field("new_code")), "revisits": bool(visit.field("revisits"))}
    return turning.show_page(replace(visit, proof=progress.proof), page, progress, **state)


def _said_before(visit: Visit, page: Page) -> dict[str, Answer]:
    """What has been answered so far, if a text of the page says it again; only to whoever has opened the ballot."""
    known = answering.nothing_yet(visit.voter, visit.language).answers
    named = {name for question in page.questions for name in piping.names(question)}
    named |= piping.names_in(page.section.intro)
    if visit.proof and named & visit.edition.questions.keys():
        with suppress(answering.Throttled):
            progress = answering.resume(visit.voter, visit.code, proof=visit.proof)
            return progress.answers if progress else known
    return known


# --- From the list of answers, the receipt, and the page after leaving -------------------------------------


def _from_review(visit: Visit) -> HttpResponse:
    if not visit.code:
        return _unclear(visit)
    go = visit.field("go")
    if go == "submit" and not visit.field("speak"):
        return _submit(visit)
    if go == "leave":
        return states.left(visit, is_blank=bool(visit.field("blank")))
    if go in own.BEGINNINGS and not visit.field("speak"):
        return own.begin(visit)
    progress = _nothing_said(visit) or answering.resume(visit.voter, visit.code, proof=visit.proof)
    if progress is None:
        raise answering.Superseded
    visit = replace(visit, proof=progress.proof)
    page = routing.page_named(visit.edition, go.removeprefix("page-"))
    if page is not None and routing.shown(page, visit.edition, progress.answers):
        return turning.show_page(visit, page, progress, revisits=True)
    return turning.review(visit, progress)


def _nothing_said(visit: Visit) -> Progress | None:
    """Before the first answer, where the page says so and this browser keeps no code: then nothing is looked up.

    A mail scanner that presses every button must not use up the guesses of the person whose link it is.
    """
    if visit.field("blank") and not visit.proof and visit.code != visit.remembered:
        return answering.nothing_yet(visit.voter, visit.language)
    return None


def _submit(visit: Visit) -> HttpResponse:
    if _nothing_said(visit):
        return turning.first_page(replace(visit, notice="blank"))
    try:
        number = answering.submit(
            visit.voter,
            visit.code,
            visit.now,
            offered=visit.receipt,
            proof=visit.proof,
            may_quote=visit.field("quoting"),
        )
    except answering.Blank:
        return turning.first_page(replace(visit, proof="", notice="blank"))
    except answering.Incomplete:
        progress = answering.resume(visit.voter, visit.code, proof=visit.proof)
        if progress is None:
            raise answering.Superseded from None
        return states.review(visit, progress, HTTPStatus.UNPROCESSABLE_ENTITY, says_missing=True)
    except sealing.BoxTooLarge:
        return states.refused("too_large", visit.language, visit.survey)
    return states.receipt(visit, number)


def _from_receipt(visit: Visit) -> HttpResponse:
    if visit.field("go") == "forget":
        return states.forgotten(visit)
    if visit.field("speak") and visit.code and visit.has_own_receipt:
        return states.receipt(visit, visit.receipt.number)
    return _from_review(visit)


def _from_left(visit: Visit) -> HttpResponse:
    if visit.field("go") == "forget":
        return states.forgotten(visit)
    if not visit.code:
        return _unclear(visit)
    is_blank = bool(visit.field("blank"))
    if visit.field("speak"):
        return states.left(visit, is_blank=is_blank)
    if _nothing_said(visit):
        return turning.first_page(visit, has_new_code=True)
    return _again(visit) if is_blank else _where_left(visit)


_ACTS: dict[str, Callable[[Visit], HttpResponse]] = {
    "welcome": _from_welcome,
    "page": _from_page,
    keeping.STEP: keeping.keep,
    "review": _from_review,
    "receipt": _from_receipt,
    "left": _from_left,
    "own": own.step,
}
