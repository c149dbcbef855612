"""Picturing: the address of an open link as a QR code."""

from __future__ import annotations

from io import BytesIO

from django.conf import settings
from django.urls import reverse

from surveys.models import OpenLink

# A quarter of it may be torn off or written over.
ERROR_CORRECTION = "q"
QUIET_ZONE = 4
DOTS = 20


def address(link: OpenLink) -> str:
    """Where the link leads, in full: from the configured name of the service, never from a request."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{reverse('open_link', args=[link.code])}"


def typed_address(link: OpenLink) -> str:
    """The same as one would type it from a poster."""
    plain: str = settings.PUBLIC_URL.rstrip("/").partition("://")[2]
    return f"{plain}{reverse('open_link', args=[link.spaced_code])}"


def svg(link: OpenLink) -> bytes:
    """The code as a drawing."""
    return _saved(link, "svg", scale=10, xmldecl=False)


def png(link: OpenLink) -> bytes:
    """The code as a picture for slides."""
    return _saved(link, "png", scale=DOTS)


def _saved(link: OpenLink, kind: str, **how: object) -> bytes:
    # Only those who make posters need it.
    import segno

    out = BytesIO()
    code = segno.make_qr(address(link), error=ERROR_CORRECTION, boost_error=False)
    code.save(out, kind=kind, border=QUIET_ZONE, light="white", **how)
    return out.getvalue()
