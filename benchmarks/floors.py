"""The floors that pages are measured against: bare views behind the same middleware, on the same database."""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from config.urls import urlpatterns as real
from surveys.box.preparing import prepared_cursor

SEALED_BYTES = 1052


def remember(page: bytes) -> None:
    """From now on the bare views answer with these bytes, in this process and in servers that start after."""
    _file().write_bytes(page)
    _page.cache_clear()


def bare_page(_request: HttpRequest) -> HttpResponse:
    """As many bytes, from nowhere."""
    return HttpResponse(_page())


def bare_look(_request: HttpRequest) -> HttpResponse:
    """As many bytes, and one row looked up by its unique number: what a page that admits a link cannot do without."""
    with prepared_cursor() as cursor:
        cursor.execute("SELECT id, generation, facts FROM consult_invitation WHERE selector = %s", [0])
        cursor.fetchone()
    return HttpResponse(_page())


@csrf_exempt
def bare_save(request: HttpRequest) -> HttpResponse:
    """One sealed row written in one statement, and a page of the same size back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO surveys_sealedballot (locator, survey_id, final, version, box) VALUES (%s, %s, true, 1, %s)",
            [secrets.token_bytes(16), int(request.POST["survey"]), bytes(SEALED_BYTES)],
        )
    return HttpResponse(_page())


@login_required
def empty_page(request: HttpRequest) -> HttpResponse:
    """The frame of a page of the site, signed in, with nothing in it."""
    return render(request, "base.html")


@cache
def _page() -> bytes:
    return _file().read_bytes()


def _file() -> Path:
    return Path(settings.DATA_DIR) / "bare-page"


urlpatterns = [
    path("floor/page", bare_page),
    path("floor/look", bare_look),
    path("floor/save", bare_save),
    path("floor/empty", empty_page),
    *real,
]
