"""The demo's mailbox: the letters representatives would have got. It exists in the demo only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from consult import browsing

View = Callable[..., HttpResponse]


def in_demo_only(view: View) -> View:
    """404 everywhere else, before anything else is looked at."""

    @wraps(view)
    def guarded(request: HttpRequest, **parts: str) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, **parts)

    return guarded


@in_demo_only
@require_safe
@never_cache
def letters(request: HttpRequest) -> HttpResponse:
    """The list, newest first; `q` searches names and subjects, `before` goes on from a letter."""
    search = request.GET.get("q", "")[:100]
    page = browsing.page(_directory(), search, request.GET.get("before", ""))
    return render(request, "consult/mailbox.html", {"page": page, "search": search})


@in_demo_only
@require_safe
@never_cache
def letter(request: HttpRequest, name: str) -> HttpResponse:
    """One letter: its text, its link, its headers."""
    try:
        opened = browsing.letter(_directory(), name)
    except browsing.NoSuchLetter as error:
        raise Http404 from error
    return render(request, "consult/mailbox_letter.html", {"letter": opened})


def _directory() -> Path:
    return Path(settings.DATA_DIR) / "mailbox"
