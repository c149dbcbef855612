"""The door of open links: `/o/<code>` and `/o/<key>` show, `/o/` takes what is posted, and a code that is typed.

As with a personal link a GET changes nothing, and everything else is a POST whose body carries the code of the link, or
the key of the ballot it has handed out. Exempt from Django's check of forgery for the same reason as
`consult.web.answer`: these are the whole right, and no cookie gives another.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt

from surveys.models import OpenLink
from surveys.ways import bearing, handing
from surveys.ways.bearing import Entrance
from surveys.web import keeping, kiosk, open_states, respond, states
from surveys.web.open_states import LinkVisit
from surveys.web.posting import TRAILING, Unreadable, posted
from surveys.web.remote import address_of
from surveys.web.steadying import steady
from surveys.web.visit import Visit, cookie_name, read_cookie, read_language

KEY_COOKIE = "__Host-ballot-{link}"


@csrf_exempt
@steady
def show(request: HttpRequest, token: str) -> HttpResponse:
    """GET or HEAD: the welcome page of a link, or of a ballot it has handed out, or why there is none."""
    if request.method not in ("GET", "HEAD"):
        return _wrong_method("GET, HEAD")
    token, now = token.rstrip(TRAILING), request.now  # type: ignore[attr-defined]  # set by ClockMiddleware
    if bearing.is_key(token):
        entrance = bearing.admit(token, now)
        # A shared screen has no way back to a ballot.
        if entrance.voter is None or entrance.voter.forgets:
            return _refused(entrance if entrance.voter is None else Entrance(refusal="unknown"), request)
        return states.welcome(_visit(request, entrance, token, QueryDict()))
    entrance = bearing.look_up(token, now)
    if entrance.link is None:
        return open_states.find(_link_visit(request, None, QueryDict()), token, wrong=True)
    if entrance.refusal and not _own_key(request, entrance.link):
        return _refused(entrance, request)
    return open_states.welcome(_link_visit(request, entrance.link, QueryDict()))


@csrf_exempt
def take(request: HttpRequest) -> HttpResponse:
    """POST: one step of answering. GET: the code of a poster can be typed here."""
    if request.method in ("GET", "HEAD"):
        return open_states.find(_link_visit(request, None, QueryDict()))
    if request.method != "POST":
        return _wrong_method("GET, HEAD, POST")
    try:
        sent = posted(request)
    except Unreadable as unreadable:
        return states.refused(unreadable.reason, get_language() or "")
    token = sent.get("token", "")
    if sent.get("step") == "find":
        return _find(request, sent)
    if bearing.is_key(token):
        return _step(request, token, sent)
    return _begin(request, token, sent)


def _find(request: HttpRequest, sent: QueryDict) -> HttpResponse:
    typed = sent.get("typed", "")
    code = bearing.read_code(typed)
    if sent.get("speak") or not code or bearing.look_up(code, request.now).link is None:  # type: ignore[attr-defined]
        return open_states.find(_link_visit(request, None, sent), typed, wrong=not sent.get("speak"))
    return HttpResponseRedirect(reverse("open_link", args=[code]), status=HTTPStatus.SEE_OTHER)


def _begin(request: HttpRequest, code: str, sent: QueryDict) -> HttpResponse:
    """Start, pressed on the welcome page of a link; or another language there."""
    now = request.now  # type: ignore[attr-defined]
    entrance = bearing.look_up(code, now)
    link = entrance.link
    if link is None or entrance.refusal:
        return _refused(entrance, request, sent)
    visit = _link_visit(request, link, sent)
    if sent.get("speak"):
        return open_states.welcome(visit)
    if sent.get("step") != "open" or sent.get("go") != "start":
        return open_states.welcome(replace(visit, notice="unclear"), HTTPStatus.BAD_REQUEST)
    brought = {name: sent.get(name, "") for name in ("challenge", "answer", "ticket")}
    try:
        key = handing.hand_out(link, handing.Offered(**brought, address=address_of(request)), now)
    except handing.Wait as wait:
        return open_states.welcome(replace(visit, notice="wait", ticket=wait.ticket, seconds=wait.seconds))
    except handing.NotNow as refusal:
        if refusal.reason == "crowded":
            return open_states.welcome(replace(visit, notice="crowded"), HTTPStatus.TOO_MANY_REQUESTS)
        return _refused(replace(entrance, refusal=refusal.reason), request, sent)
    begun = sent.copy()
    begun["step"] = "welcome"
    # Not the code that this browser keeps for another ballot.
    visiting = replace(_visit(request, bearing.admit(key, now), key, begun), remembered="")
    return _remember_key(respond.step(visiting), visiting, link)


@steady
def _step(request: HttpRequest, token: str, sent: QueryDict) -> HttpResponse:
    entrance = bearing.admit(token, request.now)  # type: ignore[attr-defined]
    if entrance.voter is None or entrance.link is None:
        return _refused(entrance, request, sent)
    visit = _visit(request, entrance, token, sent)
    if entrance.link.is_kiosk:
        return kiosk.step(visit, reverse("open_link", args=[entrance.link.code]))
    response = respond.step(visit)
    if sent.get("go") == "forget":
        name = KEY_COOKIE.format(link=entrance.link.pk)
        response.delete_cookie(name, samesite="Lax")
        response.cookies[name]["secure"] = True
    return response


def _visit(request: HttpRequest, entrance: Entrance, token: str, sent: QueryDict) -> Visit:
    voter = entrance.voter
    assert voter is not None
    remembered = "" if voter.forgets else read_cookie(request.COOKIES.get(cookie_name(voter.survey), ""), token)
    return Visit(
        voter=voter,
        key=token,
        action=reverse("open"),
        now=request.now,  # type: ignore[attr-defined]
        language=read_language(sent, get_language() or ""),
        remembered=remembered,
        posted=sent,
    )


def _link_visit(request: HttpRequest, link: OpenLink | None, sent: QueryDict) -> LinkVisit:
    return LinkVisit(
        link,
        reverse("open"),
        request.now,  # type: ignore[attr-defined]
        read_language(sent, get_language() or ""),
        own_key=_own_key(request, link),
        posted=sent,
    )


def _own_key(request: HttpRequest, link: OpenLink | None) -> str:
    """The key of a ballot that this browser has begun by this link, if it still can be gone on with."""
    if link is None or link.is_kiosk:
        return ""
    key = request.COOKIES.get(KEY_COOKIE.format(link=link.pk), "")
    if not bearing.is_key(key):
        return ""
    entrance = bearing.admit(key, request.now)  # type: ignore[attr-defined]
    return key if entrance.voter is not None and entrance.link == link else ""


def _remember_key(response: HttpResponse, visit: Visit, link: OpenLink) -> HttpResponse:
    """Let the browser keep the key of its ballot, so that scanning the poster again does not begin another one.

    The key lets one write; what was written still needs the code.
    """
    if not link.is_kiosk:
        response.set_cookie(
            KEY_COOKIE.format(link=link.pk),
            visit.key,
            max_age=visit.survey.closes_at - visit.now,
            secure=True,
            httponly=True,
            samesite="Lax",
        )
    return response


def _refused(entrance: Entrance, request: HttpRequest, sent: QueryDict | None = None) -> HttpResponse:
    language = read_language(sent or QueryDict(), get_language() or "")
    if sent and sent.get("step") == keeping.STEP:
        return keeping.refused(entrance.refusal, language)
    return open_states.refused(entrance.refusal, entrance.link, language)


def _wrong_method(allow: str) -> HttpResponse:
    response = states.refused("wrong_method", get_language() or "")
    response["Allow"] = allow
    return response
