"""Previewing: the pages that respondents will see, in their own templates, with nothing kept.

Pages follow each other as for a respondent, except that a question with a condition is always shown: whoever
writes it wants to see it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from csp.constants import SELF
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from surveys import routing, structure
from surveys.admin.drafts import questionnaire_url
from surveys.answering import Voter
from surveys.models import Edition, Survey
from surveys.structure import EditionView, Text
from surveys.web import states
from surveys.web.visit import Visit, read_language

NOBODY = UUID(int=0)
PERIOD = timedelta(days=14)
WELCOME = 0


@dataclass(frozen=True)
class PreviewVisit(Visit):
    """A visit by nobody to a survey that is not there, of an edition read as it is now."""

    drafted: EditionView = field(default=EditionView(0, Text({}), Text({}), None, ()))

    @property
    def edition(self) -> EditionView:
        return self.drafted


def preview(request: HttpRequest, edition: Edition) -> HttpResponse:
    """GET shows the page `page` (0 is the first, with the purpose); POST goes where the pressed button leads."""
    language = read_language(request.GET.dict(), get_language() or "")
    page = _number(request.GET.get("page", ""))
    if request.method == "POST":
        return _onward(request, edition, page)
    now = request.now  # type: ignore[attr-defined]  # set by ClockMiddleware
    survey = Survey(code="preview", edition=edition, opens_at=now, closes_at=now + PERIOD)
    view = structure.read(edition)
    visit = PreviewVisit(
        voter=Voter(survey, NOBODY),
        key="",
        action=_address(page, language, _is_framed(request)),
        now=now,
        language=language,
        notice="preview",
        drafted=view,
    )
    pages = routing.pages(view)
    if not 1 <= page <= len(pages):
        response = states.welcome(visit)
    else:
        response = states.page(visit, pages[page - 1], pages[page - 1].questions, {})
    # A respondent's browser keeps a code; there is none here.
    response.cookies.clear()
    return _framed(response) if _is_framed(request) else response


def _is_framed(request: HttpRequest) -> bool:
    """Whether it stands beside what is being written (see `surveys.admin.build`), which it must not lead away from."""
    return request.GET.get("frame") == "1"


def _framed(response: HttpResponse) -> HttpResponse:
    response["X-Frame-Options"] = "SAMEORIGIN"
    response._csp_replace = {"frame-ancestors": [SELF]}  # type: ignore[attr-defined]  # what csp_replace sets
    return response


def _onward(request: HttpRequest, edition: Edition, page: int) -> HttpResponse:
    language = read_language(request.POST.dict(), get_language() or "")
    framed = _is_framed(request)
    if request.POST.get("speak"):
        return HttpResponseRedirect(_address(page, language, framed))
    pressed = request.POST.get("go", "")
    following = page - 1 if pressed == "back" else page + 1
    if pressed == "leave" or following > len(routing.pages(structure.read(edition))):
        if framed:
            return HttpResponseRedirect(_address(WELCOME, language, framed))
        messages.info(request, _("That was the preview. Nothing was saved."))
        return HttpResponseRedirect(questionnaire_url(edition))
    return HttpResponseRedirect(_address(following, language, framed))


def _address(page: int, language: str, framed: bool) -> str:
    return f"?page={page}&language={language}{'&frame=1' if framed else ''}"


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 5 else WELCOME
