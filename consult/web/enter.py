"""The door of answers that staff enter for others: `/e/` takes what is posted. It begins in the administration.

Whoever posts is signed in, may enter answers, and sends the key that was made for them. Exempt from Django's check of
forgery because that key is in every form and can be had nowhere else: a foreign site has none to send.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt

from consult import entering
from consult.entering import Entering
from surveys.web import keeping, respond, states
from surveys.web.posting import Unreadable, posted
from surveys.web.steadying import steady
from surveys.web.visit import Visit, read_language


@csrf_exempt
@steady
def take(request: HttpRequest) -> HttpResponse:
    """POST: one step of entering. GET: to where it begins."""
    if request.method in ("GET", "HEAD"):
        return HttpResponseRedirect(reverse("admin:surveys_survey_changelist"))
    if request.method != "POST":
        response = states.refused("wrong_method", get_language() or "")
        response["Allow"] = "GET, HEAD, POST"
        return response
    try:
        sent = posted(request)
    except Unreadable as unreadable:
        return states.refused(unreadable.reason, get_language() or "")
    if not entering.may(request.user):
        return _stopped("signed_out", sent, HTTPStatus.FORBIDDEN)
    admitted = entering.admit(sent.get("token", ""), request.user.pk, request.now)  # type: ignore[attr-defined, arg-type]
    if admitted is None:
        return _stopped("over", sent, HTTPStatus.FORBIDDEN)
    response = respond.step(visit(request, admitted, sent.get("token", ""), sent))
    if sent.get("step") == keeping.STEP:
        return response
    # A ballot that has come to an end under this key says so in words meant for its owner.
    return _stopped("done", sent, HTTPStatus.CONFLICT) if response.status_code == HTTPStatus.CONFLICT else response


def visit(request: HttpRequest, admitted: Entering, key: str, sent: QueryDict) -> Visit:
    """One request of someone who enters answers."""
    made = Visit(
        voter=admitted.voter,
        key=key,
        action=reverse("enter"),
        now=request.now,  # type: ignore[attr-defined]
        language=read_language(sent, admitted.language or get_language() or ""),
        posted=sent,
    )
    return replace(made, person=admitted.person)


def _stopped(reason: str, sent: QueryDict, status: int) -> HttpResponse:
    """Why it does not go on. After signing in again, what was typed can be sent once more."""
    language = read_language(sent, get_language() or "")
    if sent.get("step") == keeping.STEP:
        return keeping.refused("signed_out" if reason == "signed_out" else "unknown", language)
    fields = [(name, value) for name, values in sent.lists() for value in values] if reason == "signed_out" else []
    content = states.render("entering_stopped", language, reason=reason, fields=fields, action=reverse("enter"))
    return HttpResponse(content, status=status, headers={"Content-Language": language})
