"""The door of a trial: `/t/<token>` shows, `/t/` takes what is posted. As with a personal link, a GET changes nothing.

Exempt from Django's check of forgery for the same reason as `consult.web.answer`: the token in the body is the whole
right, and no cookie is looked at.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt

from surveys import trying
from surveys.models import Trial
from surveys.web import trial_states, trial_steps
from surveys.web.posting import TRAILING, Unreadable, posted
from surveys.web.trial_visit import TrialVisit
from surveys.web.visit import read_language


@csrf_exempt
def show(request: HttpRequest, token: str) -> HttpResponse:
    """GET or HEAD: the first page of the trial this link belongs to."""
    if request.method not in ("GET", "HEAD"):
        return _refused("wrong_method", request, allow="GET, HEAD")
    token = token.rstrip(TRAILING)
    trial = trying.admit(token, request.now)  # type: ignore[attr-defined]  # set by ClockMiddleware
    if trial is None:
        return _refused("unknown", request)
    return trial_states.welcome(_visit(request, trial, token, QueryDict()))


@csrf_exempt
def take(request: HttpRequest) -> HttpResponse:
    """POST: one step through a trial."""
    if request.method in ("GET", "HEAD"):
        return _refused("unusable", request)
    if request.method != "POST":
        return _refused("wrong_method", request, allow="GET, HEAD, POST")
    try:
        sent = posted(request)
    except Unreadable as unreadable:
        return _refused(unreadable.reason, request)
    token = sent.get("token", "")
    trial = trying.admit(token, request.now)  # type: ignore[attr-defined]
    if trial is None:
        return _refused("unknown" if token else "unusable", request, sent)
    return trial_steps.step(_visit(request, trial, token, sent))


def _visit(request: HttpRequest, trial: Trial, token: str, sent: QueryDict) -> TrialVisit:
    return TrialVisit(
        trial=trial,
        key=token,
        action=reverse("trial"),
        now=request.now,  # type: ignore[attr-defined]
        language=read_language(sent, get_language() or ""),
        posted=sent,
    )


def _refused(reason: str, request: HttpRequest, sent: QueryDict | None = None, *, allow: str = "") -> HttpResponse:
    response = trial_states.refused(reason, read_language(sent or QueryDict(), get_language() or ""))
    if allow:
        response["Allow"] = allow
    return response
