"""The accessibility statement: how well everyone can use the pages, what is known to be lacking, whom to tell."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from surveys.informing import whom_to_ask
from surveys.web import states
from surveys.web.speaking import INTERFACE, own_words, speaking

# When somebody last went through the statement line by line; not the day of a release.
LOOKED_THROUGH = date(2026, 11, 22)


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """GET or HEAD: the statement, in the language asked for by `?language=`, else in the browser's."""
    asked = request.GET.get("language", "")
    language = own_words(asked if asked in INTERFACE else get_language() or "")
    with speaking(language):
        looked_through = states.day(LOOKED_THROUGH)
    content = states.render("accessibility", language, help=whom_to_ask(), looked_through=looked_through)
    return HttpResponse(content, headers={"Content-Language": language})
