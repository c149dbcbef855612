"""The states a respondent can find the survey in, each rendered from a template of its own.

Rendered without the request: no session is read and no message is popped, so that answering touches neither.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template import loader
from django.utils import formats, timezone, translation
from django.utils.html import escape
from django.utils.translation import pgettext

from surveys import answering, routing, sealing
from surveys.answering import Progress
from surveys.assuring import Assurance, assure
from surveys.models import Survey
from surveys.routing import Page
from surveys.structure import EditionView, QuestionView, Text, edition_view
from surveys.web import showing
from surveys.web.showing import Errors
from surveys.web.visit import Visit, remember

REFUSALS = {
    "unusable": HTTPStatus.BAD_REQUEST,
    "not_open": HTTPStatus.FORBIDDEN,
    "unknown": HTTPStatus.NOT_FOUND,
    "wrong_method": HTTPStatus.METHOD_NOT_ALLOWED,
    "busy": HTTPStatus.CONFLICT,
    "closed": HTTPStatus.GONE,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "throttled": HTTPStatus.TOO_MANY_REQUESTS,
}


# What differs from one person to the next is put into a page that is otherwise rendered once a process.
# The marks are random, so that no text of a questionnaire can hold one.
KEY_HERE, CODE_HERE, SPACED_CODE_HERE, PROOF_HERE, ITEMS_HERE = (secrets.token_hex(16) for _mark in range(5))


@dataclass(frozen=True)
class Anyone:
    """A visit with marks where a person's own key, code and proof go."""

    action: str
    remembered: bool = False
    has_proof: bool = False
    key: str = KEY_HERE
    code: str = CODE_HERE
    spaced_code: str = SPACED_CODE_HERE

    @property
    def proof(self) -> str:
        return PROOF_HERE if self.has_proof else ""


def _filled(content: str, visit: Visit) -> str:
    for mark, own in (
        (KEY_HERE, visit.key),
        (CODE_HERE, visit.code),
        (SPACED_CODE_HERE, visit.spaced_code),
        (PROOF_HERE, visit.proof),
    ):
        content = content.replace(mark, escape(own))
    return content


def welcome(visit: Visit, status: int = HTTPStatus.OK) -> HttpResponse:
    """Who asks, why, and what becomes of the answers. Looks the same whether or not there is a ballot."""
    said = assure(visit.survey)
    if visit.notice:
        content = _welcome(visit.edition, said, visit.language, visit)
    else:
        anyone = Anyone(visit.action, remembered=bool(visit.remembered), code="")
        content = _filled(_welcome_of_anyone(visit.survey.edition_id, said, visit.language, anyone), visit)
    return HttpResponse(content, status=status, headers={"Content-Language": visit.language})


def _welcome(edition: EditionView, said: Assurance, language: str, visit: Visit | Anyone) -> str:
    with translation.override(language):
        return _render(
            "welcome",
            visit=visit,
            language=language,
            title=showing.words(edition.title, language),
            purpose=showing.words(edition.purpose, language),
            minutes=edition.minutes,
            deadline=_moment(said.closes_at),
            **_assurance(said, language),
        )


@lru_cache(maxsize=256)
def _welcome_of_anyone(edition_id: int, said: Assurance, language: str, anyone: Anyone) -> str:
    return _welcome(edition_view(edition_id), said, language, anyone)


@dataclass(frozen=True)
class Around:
    """What stands around the questions of a page.

    Args:
        shown: the codes of the questions this person sees, as carried along.
        has_new_code: the code has just been made and must be shown.
        revisits: the person came from the list of answers and goes back there.
        submitted: the person has submitted before.
    """

    number: int
    count: int
    title: Text
    intro: Text
    shown: str
    language: str
    has_new_code: bool = False
    revisits: bool = False
    submitted: bool = False


def page(
    visit: Visit,
    shown: Page,
    questions: Sequence[QuestionView],
    values: Mapping[str, Any],
    *,
    errors: Errors | None = None,
    faults: Sequence[tuple[str, str]] = (),
    status: int = HTTPStatus.OK,
    has_new_code: bool = False,
    revisits: bool = False,
    submitted: bool = False,
) -> HttpResponse:
    """One page of questions.

    Args:
        questions: what this person sees of the page.
        values: {field name: value} as saved or as typed.
        errors: messages by field name; `faults` lists them in order.
        has_new_code, revisits, submitted: as in `Around`.
    """
    pages = routing.pages(visit.edition)
    around = Around(
        number=shown.number,
        count=len(pages),
        title=shown.section.title or visit.edition.title,
        intro=shown.section.intro if _opens_section(shown, pages) else Text({}),
        shown=",".join(question.code for question in questions),
        language=visit.language,
        has_new_code=has_new_code,
        revisits=revisits,
        submitted=submitted,
    )
    with translation.override(visit.language):
        items = showing.items_html(questions, visit.language, values, errors or {})
        if visit.notice or faults:
            content = _page(around, visit, items, faults)
        else:
            anyone = Anyone(visit.action, has_proof=bool(visit.proof))
            content = _filled(_page_of_anyone(around, anyone), visit).replace(ITEMS_HERE, items)
    response = HttpResponse(content, status=status, headers={"Content-Language": visit.language})
    return remember(response, visit)


def _page(around: Around, visit: Visit | Anyone, items: str, faults: Sequence[tuple[str, str]] = ()) -> str:
    title, intro = (showing.words(text, around.language) for text in (around.title, around.intro))
    context = {**vars(around), "title": title, "intro": intro}
    return _render("page", visit=visit, items=items, faults=faults, **context)


@lru_cache(maxsize=512)
def _page_of_anyone(around: Around, anyone: Anyone) -> str:
    return _page(around, anyone, ITEMS_HERE)


def review(
    visit: Visit, progress: Progress, status: int = HTTPStatus.OK, *, says_missing: bool = False
) -> HttpResponse:
    """All answers, each with the way back to it, and the button that submits."""
    with translation.override(visit.language):
        missing = answering.unanswered(visit.edition, progress.answers)
        response = _show(
            visit,
            "review",
            status,
            lines=showing.lines(visit.edition, progress.answers, visit.language, missing),
            missing=missing,
            says_missing=says_missing,
            submitted=progress.submitted,
            receipt=sealing.new_receipt(),
            deadline=_moment(visit.survey.closes_at),
            is_named=not visit.survey.is_anonymous,
        )
    return remember(response, visit)


def receipt(visit: Visit, number: str) -> HttpResponse:
    """Thanks, the receipt, and what happens now."""
    with translation.override(visit.language):
        response = _show(
            visit,
            "receipt",
            receipt=number,
            deadline=_moment(visit.survey.closes_at),
            **_assurance(assure(visit.survey), visit.language),
        )
    return remember(response, visit)


def left(visit: Visit) -> HttpResponse:
    """Saved and left: how to go on later."""
    with translation.override(visit.language):
        response = _show(visit, "left", deadline=_moment(visit.survey.closes_at))
    return remember(response, visit)


def forgotten(visit: Visit) -> HttpResponse:
    """This browser keeps the code no more."""
    with translation.override(visit.language):
        response = _show(visit, "forgotten")
    return remember(response, replace(visit, code=""))


def refused(reason: str, language: str, survey: Survey | None = None, retry: Visit | None = None) -> HttpResponse:
    """Why there is nothing to answer here, with the status that says the same to machines.

    Args:
        reason: a key of REFUSALS.
        survey: for a link that proved to be genuine.
        retry: for what may succeed when tried again.
    """
    with translation.override(language):
        context: dict[str, Any] = {"language": language, "visit": retry, "survey": survey}
        if survey is not None:
            context |= {"opens": _moment(survey.opens_at), "deadline": _moment(survey.closes_at)}
        if survey is not None and reason == "closed":
            context |= _assurance(assure(survey), language)
        if reason == "too_large":
            context["limit"] = formats.number_format(settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024)
        content = _render(f"refused_{reason}", **context)
        return HttpResponse(content, status=REFUSALS[reason], headers={"Content-Language": language})


def _show(visit: Visit, state: str, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
    content = _render(state, visit=visit, language=visit.language, **context)
    return HttpResponse(content, status=status, headers={"Content-Language": visit.language})


def _render(state: str, **context: Any) -> str:
    return loader.get_template(f"surveys/{state}.html").render(context)


def _assurance(said: Assurance, language: str) -> dict[str, Any]:
    return {
        "said": said,
        "background": [showing.words(label, language) for label in said.background],
        "closes_on": _day(timezone.localdate(said.closes_at)),
        "clean_on": _day(said.clean_on),
        "destroyed_on": _day(said.destroyed_on) if said.destroyed_on else "",
    }


def _opens_section(page: Page, pages: Sequence[Page]) -> bool:
    return page.number == 1 or pages[page.number - 2].section is not page.section


def _moment(moment: datetime) -> str:
    """Day and time of day, in words, in the language in force."""
    return formats.date_format(timezone.localtime(moment), pgettext("a day and a time of day", "l j F Y, H:i"))


def _day(day: date) -> str:
    return formats.date_format(day, pgettext("a day", "j F Y"))
