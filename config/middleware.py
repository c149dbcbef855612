"""What every request and response gets: one clock, private pages kept private, the security policies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

GetResponse = Callable[[HttpRequest], HttpResponse]

# Not a header: a WSGI environ key with a dot cannot be set over HTTP.
CLOCK_KEY = "raadslag.now"

PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
PRIVATE_PREFIXES = ("/s/", "/r/", "/t/", "/o/", "/e/", "/receipt/")
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"


class ProbesMiddleware:
    """Probes ask a process by whatever address it has; they are answered as if asked by the public name."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.host = urlsplit(settings.PUBLIC_URL).netloc

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Replace the Host of a probe; other requests pass unchanged."""
        if request.path_info in PROBES:
            request.META["HTTP_HOST"] = self.host
        return self.get_response(request)


class ClockMiddleware:
    """Sets `request.now`, an aware datetime: doors pass it on, so that one request has one time.

    Tests and the player of the demo put a datetime of their own into the WSGI environment.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the time and go on."""
        given = request.META.get(CLOCK_KEY)
        now = given if isinstance(given, datetime) and timezone.is_aware(given) else timezone.now()
        request.now = now  # type: ignore[attr-defined]  # HttpRequest has no place for it
        return self.get_response(request)


class PlainRequestsMiddleware:
    """Requests in no known spelling are not worked on: a NUL in the address, a charset that is none."""

    CHARSETS = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "latin1", "windows-1252"})

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse a NUL; read everything else as UTF-8 where the charset is not one of text."""
        # The API refuses it in words of its own.
        if "%00" in request.META.get("QUERY_STRING", "") and not request.path_info.startswith("/api/"):
            raise BadRequest("NUL in the query")
        charset = (request.content_params or {}).get("charset", "")
        if charset.lower() not in self.CHARSETS:
            request.encoding = "utf-8"
        return self.get_response(request)


class PrivatePagesMiddleware:
    """Pages behind a personal link are stored by nobody, indexed by nobody, and never named to others."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers to whatever is answered below these prefixes, errors included."""
        response = self.get_response(request)
        # A mistyped address, as //S/…, may hold a link as well.
        if f"/{request.path_info.lstrip('/').lower()}".startswith(PRIVATE_PREFIXES):
            response["Cache-Control"] = "no-store"
            response["X-Robots-Tag"] = "noindex"
            response["Referrer-Policy"] = "same-origin"
        return response


class PolicyMiddleware(CSPMiddleware):
    """Content-Security-Policy, with the admin's theme let off where it must be, and Permissions-Policy."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add both headers."""
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return super().process_response(request, response)

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """The strict policy; below /admin/ the directives of ADMIN_CSP replace theirs."""
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith("/admin/"):
            parts.replace = {**settings.ADMIN_CSP, **(parts.replace or {})}
        return parts
