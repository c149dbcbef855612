"""Where a request comes from, as far as the proxies in front of the service can be believed."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The address of the client. For counting within minutes only: it is kept and logged nowhere."""
    proxies: int = settings.TRUSTED_PROXIES
    named = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if proxies and len(named) >= proxies:
        return str(named[-proxies])
    return str(request.META.get("REMOTE_ADDR", ""))
