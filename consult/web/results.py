"""Results for leadership: the list, one survey, one variable, one consultation. All read-only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from consult import granting, keeping, listing, phrasing, presenting
from consult.models import Consultation
from consult.reading import UnknownTable
from surveys.models import Survey

View = Callable[..., HttpResponse]


def for_leadership(view: View) -> View:
    """A page for those who are granted something: signed in first, then 403 for nobody's eyes.

    The view gets the scope in place of the right to look it up; what is unknown or out of reach is 404.
    """

    @require_safe
    @never_cache
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, **parts: str) -> HttpResponse:
        scope = granting.scope(request.user)
        if scope is None:
            raise PermissionDenied
        try:
            return view(request, scope, **parts)
        except (Survey.DoesNotExist, Consultation.DoesNotExist, UnknownTable) as error:
            raise Http404 from error

    return guarded


@for_leadership
def index(request: HttpRequest, scope: granting.Scope) -> HttpResponse:
    """The consultations and surveys there are."""
    return _page(request, scope, "index", index=presenting.index(scope, _language(), _now(request)))


@for_leadership
def survey(request: HttpRequest, scope: granting.Scope, code: str) -> HttpResponse:
    """What one survey found, or how far it has come."""
    head = listing.find(code, scope, _language(), _now(request))

    def build() -> SafeString:
        return _part("survey_body", survey=head, overview=presenting.overview(head, scope, _language()))

    body = keeping.kept("survey", [head.release], scope, _language(), build) if head.release else ""
    return _page(request, scope, "survey", survey=head, body=body)


@for_leadership
def variable(request: HttpRequest, scope: granting.Scope, code: str, variable: str) -> HttpResponse:
    """One variable, over all and within each group."""
    head = listing.find(code, scope, _language(), _now(request))
    if head.release is None:
        raise UnknownTable(variable)

    def build() -> SafeString:
        page = presenting.breakdown(head, variable, scope, _language())
        return _part("variable_body", survey=head, breakdown=page, scope=scope)

    body = keeping.kept(f"variable:{variable}", [head.release], scope, _language(), build)
    return _page(request, scope, "variable", survey=head, shown=phrasing.named(variable), body=body)


@for_leadership
def consultation(request: HttpRequest, scope: granting.Scope, code: str) -> HttpResponse:
    """The surveys of one consultation side by side."""
    line = presenting.consultation(code, scope, _language(), _now(request))

    def build() -> SafeString:
        return _part("consultation_body", comparisons=presenting.comparisons(line, scope, _language()))

    body = keeping.kept("comparisons", line.releases, scope, _language(), build)
    return _page(request, scope, "consultation", consultation=line, body=body)


def _page(request: HttpRequest, scope: granting.Scope, name: str, **context: Any) -> HttpResponse:
    return render(request, f"consult/results/{name}.html", {"scope": scope, **context})


def _part(name: str, **context: Any) -> SafeString:
    """The part of a page that is made of releases alone; nothing of the request is in it."""
    return render_to_string(f"consult/results/{name}.html", context)


def _language() -> str:
    return get_language() or "nb"


def _now(request: HttpRequest) -> Any:
    return request.now  # type: ignore[attr-defined]  # set by ClockMiddleware
