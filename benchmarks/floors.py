"""The floors that answering is measured against: bare views behind the same middleware, on the same database."""

from __future__ import annotations

import secrets

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from config.urls import urlpatterns as real

page = b""
"""What the bare page answers with: the same bytes as the real one. Set by the benchmark."""


def bare_page(_request: HttpRequest) -> HttpResponse:
    """As many bytes, from nowhere."""
    return HttpResponse(page)


@csrf_exempt
def bare_save(request: HttpRequest) -> HttpResponse:
    """One sealed row written in one statement, and a page of the same size back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO surveys_sealedballot (locator, survey_id, final, version, box) VALUES (%s, %s, true, 1, %s)",
            [secrets.token_bytes(16), int(request.POST["survey"]), bytes(1052)],
        )
    return HttpResponse(page)


urlpatterns = [path("floor/page", bare_page), path("floor/save", bare_save), *real]
