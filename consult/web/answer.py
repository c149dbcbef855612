"""The door of the personal link: `/s/<token>` shows, `/s/` takes what is posted.

A GET changes nothing, ever: mail scanners open every link before people do. Each further step is a POST whose
body carries the token, without a redirect and without a session.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt

from consult.admitting import Admission, admit
from surveys.web import keeping, respond, states
from surveys.web.posting import Unreadable, posted
from surveys.web.steadying import steady
from surveys.web.visit import Visit, cookie_name, read_cookie, read_language

# On CSRF: there is nothing to forge. These pages know no session and no cookie that gives a right; the token
# in the body is the whole credential, and a foreign site that had it would not need the victim's browser.
# Django's check would need a cookie, and mail apps that keep none could then not answer. So both are exempt.


@csrf_exempt
@steady
def show(request: HttpRequest, token: str) -> HttpResponse:
    """GET or HEAD: the welcome page of the survey this link belongs to, or why there is none."""
    if request.method not in ("GET", "HEAD"):
        return _refused("wrong_method", request, allow="GET, HEAD")
    admission = admit(token, request.now)  # type: ignore[attr-defined]
    if admission.voter is None:
        return _turned_away(request, admission)
    return states.welcome(_visit(request, admission, QueryDict()))


@csrf_exempt
@steady
def take(request: HttpRequest) -> HttpResponse:
    """POST: one step of answering. GET: how to get here."""
    if request.method in ("GET", "HEAD"):
        return _refused("unusable", request)
    if request.method != "POST":
        return _refused("wrong_method", request, allow="GET, HEAD, POST")
    try:
        sent = posted(request)
    except Unreadable as unreadable:
        return _refused(unreadable.reason, request)
    token = sent.get("token", "")
    if not token:
        return _refused("unusable", request)
    admission = admit(token, request.now)  # type: ignore[attr-defined]
    if admission.voter is None:
        return _turned_away(request, admission)
    return respond.step(_visit(request, admission, sent))


def _visit(request: HttpRequest, admission: Admission, posted: QueryDict) -> Visit:
    voter: Any = admission.voter
    return Visit(
        voter=voter,
        key=admission.token,
        action=_action(),
        now=request.now,  # type: ignore[attr-defined]
        language=read_language(posted, admission.language),
        remembered=read_cookie(request.COOKIES.get(cookie_name(voter.survey), ""), admission.token),
        posted=posted,
    )


@cache
def _action() -> str:
    return reverse("answer")


def _turned_away(request: HttpRequest, admission: Admission) -> HttpResponse:
    language = read_language(request.POST, admission.language or get_language() or "")
    if request.POST.get("step") == keeping.STEP:
        return keeping.refused(admission.refusal, language)
    return states.refused(admission.refusal, language, admission.survey)


def _refused(reason: str, request: HttpRequest, allow: str = "") -> HttpResponse:
    response = states.refused(reason, get_language() or "")
    if allow:
        response["Allow"] = allow
    return response
