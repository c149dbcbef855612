"""At a shared screen: the same steps as for anyone, and then nothing left for the next person.

No cookie, nothing in the browser's own storage. Pages that a browser may still send again after Back are refused once
the ballot has ended, and where they would show what the last person typed, the welcome page comes instead.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from django.http import HttpResponse, HttpResponseRedirect

from surveys import answering
from surveys.ways import bearing
from surveys.web import keeping, respond, states
from surveys.web.visit import Visit, read_code

RECEIPT_SECONDS = 60
LONGER_SECONDS = 180


def step(visit: Visit, welcome: str) -> HttpResponse:
    """One step of someone at a shared screen; `welcome` is the address of the link's own page."""
    voter, code, now = visit.voter, read_code(visit.field("code")), visit.now
    step, pressed = visit.field("step"), visit.field("go")
    if step == keeping.STEP:
        return _keep(visit, code)
    if step in ("kiosk", "left") or pressed == "leave":
        bearing.end(voter, now)
    if bearing.is_ended(voter, now):
        return _next_person(welcome)
    if step == "receipt":
        return _receipt(replace(visit, code=code), welcome)
    submits = step == "review" and pressed == "submit"
    if answering.is_over(voter, code) and not submits:
        return _next_person(welcome)
    response = respond.step(visit)
    if response.status_code == HTTPStatus.CONFLICT:
        return _next_person(welcome)
    if submits and answering.is_over(voter, code):
        bearing.end(voter, now, after=RECEIPT_SECONDS)
        return _cleared_after(response, RECEIPT_SECONDS, welcome)
    return response


def _keep(visit: Visit, code: str) -> HttpResponse:
    """What the page saves by itself: nothing any more once the ballot has ended."""
    if bearing.is_ended(visit.voter, visit.now) or answering.is_over(visit.voter, code):
        return keeping.refused("superseded", visit.language)
    return respond.step(visit)


def _receipt(visit: Visit, welcome: str) -> HttpResponse:
    """The receipt once more: in another language, or because more time is needed to write it down."""
    if not visit.has_own_receipt or not answering.is_over(visit.voter, visit.code):
        return _next_person(welcome)
    bearing.end(visit.voter, visit.now, after=LONGER_SECONDS)
    return _cleared_after(states.receipt(visit, visit.receipt.number), LONGER_SECONDS, welcome)


def _cleared_after(response: HttpResponse, seconds: int, welcome: str) -> HttpResponse:
    """The browser goes on to the welcome page by itself, without a script."""
    response["Refresh"] = f"{seconds}; url={welcome}"
    return response


def _next_person(welcome: str) -> HttpResponse:
    """Off to the welcome page, by an address: what is sent again after Back leads here too."""
    response = HttpResponseRedirect(welcome, status=HTTPStatus.SEE_OTHER)
    # What the browser still holds of the pages before; cookies of other parts of the site stay.
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
