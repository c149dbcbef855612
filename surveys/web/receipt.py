"""The door of the receipt, `/receipt/`: one's own answer withdrawn after the survey has closed.

A page of its own, for anyone: the receipt is the whole credential, it travels in the body of the form only, and what it
opens is one answer and nothing about others. A GET shows the empty form. See `consult.web.answer` on CSRF.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt

from surveys import disclosing, withdrawing
from surveys.assuring import assure
from surveys.models import Quoting
from surveys.structure import edition_view
from surveys.web import saying, slowing, states
from surveys.web.posting import Unreadable, posted
from surveys.web.visit import read_language

# A receipt cannot be guessed; this spares the service those who try.
WRONG_RECEIPTS_ALLOWED = 20


@csrf_exempt
def take(request: HttpRequest) -> HttpResponse:
    """GET or HEAD: the form. POST: what the receipt points out, and what is to be done with it."""
    language = read_language({}, get_language() or "")
    if request.method in ("GET", "HEAD"):
        return _page("enter", language)
    if request.method != "POST":
        refused = states.refused("wrong_method", language)
        refused["Allow"] = "GET, HEAD, POST"
        return refused
    try:
        sent = posted(request)
    except Unreadable as unreadable:
        return states.refused(unreadable.reason, language)
    return _step(request, sent, read_language(sent, language))


def _step(request: HttpRequest, sent: QueryDict, language: str) -> HttpResponse:
    typed, now = sent.get("receipt", ""), request.now  # type: ignore[attr-defined]
    if not typed.strip():
        is_asked = sent.get("go", "") == "find" and not sent.get("speak")
        if is_asked:
            return _page("enter", language, HTTPStatus.UNPROCESSABLE_ENTITY, fault="empty")
        return _page("enter", language)
    if slowing.counted(request, "receipt", now) > WRONG_RECEIPTS_ALLOWED:
        return _page("enter", language, HTTPStatus.TOO_MANY_REQUESTS, fault="throttled")
    try:
        answered = _act(typed, sent, language)
    except withdrawing.Unknown:
        return _page("enter", language, HTTPStatus.UNPROCESSABLE_ENTITY, fault="unknown", typed=typed[:200])
    except withdrawing.BeingCounted:
        answered = _page("enter", language, HTTPStatus.CONFLICT, fault="being_counted", typed=typed[:200])
    slowing.forgiven(request, "receipt", now)
    return answered


def _act(typed: str, sent: QueryDict, language: str) -> HttpResponse:
    """What was pressed.

    Raises:
        withdrawing.Unknown, withdrawing.BeingCounted
    """
    go = "" if sent.get("speak") else sent.get("go", "")
    if go == "withdraw-now":
        withdrawing.remove(typed)
        return _page("gone", language)
    said = str(sent.get("quoting", ""))
    is_saved = go == "quoting" and said in Quoting.values
    if is_saved:
        withdrawing.change_quoting(typed, said)
    found = withdrawing.find(typed)
    at = "sure" if go == "withdraw" or (sent.get("speak") and sent.get("at") == "sure") else "found"
    return _page(
        at,
        language,
        receipt=typed,
        may_quote=found.quoting or None,
        is_saved=is_saved,
        title=saying.words(edition_view(found.survey.edition_id).title, language),
        smallest=disclosing.smallest_group(found.survey),
        **states.assurance(assure(found.survey), language),
    )


def _page(at: str, language: str, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
    content = states.render(f"receipt_{at}", language, at=at, **context)
    return HttpResponse(content, status=status, headers={"Content-Language": language})
