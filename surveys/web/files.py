"""The images and documents of questionnaires, at addresses that say nothing but what the file holds.

Files of published editions, and of drafts that colleagues try, are for anyone who has the address, which nobody
guesses: it is the file's hash. Those of other drafts are for staff only; for everyone else they are not there. A GET
reads, and looks at no session where it need not.
"""

from __future__ import annotations

import re

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from surveys.models import Attachment, MediaType, Question, Trial
from surveys.structure import FileView

NAME = re.compile(r"([0-9a-f]{64})(-small)?\.(png|jpg|pdf)")
SUFFIXES = {"png": MediaType.PNG, "jpg": MediaType.JPEG, "pdf": MediaType.PDF}
FOR_EVER = "public, max-age=31536000, immutable"
# Whatever a file is taken for, it runs nothing and reaches nothing here.
POLICY = "default-src 'none'; sandbox"


@require_safe
def show(request: HttpRequest, name: str) -> HttpResponseBase:
    """The file called `name`: its hash, "-small" for phones, and its ending."""
    found = NAME.fullmatch(name)
    if found is None:
        return _missing()
    digest, small, suffix = found.groups()
    rows = Attachment.objects.filter(pk=digest, media_type=SUFFIXES[suffix], **_smaller(small))
    of_published = Question.objects.filter(attachment=OuterRef("pk"), edition__published_at__isnull=False)
    is_public = rows.filter(Exists(of_published)).exists()
    # Asked of everyone else in the same way: whether there is such a draft must not show.
    if not is_public and not _is_tried(request, digest) and not _may_see_drafts(request):
        return _missing()
    etag = f'"{digest[:32]}{small or ""}"'
    response: HttpResponse
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponseNotModified()
    else:
        content = rows.values_list("small" if small else "content", flat=True).first()
        if content is None:
            return _missing()
        response = HttpResponse(bytes(content), content_type=SUFFIXES[suffix].value)
        if suffix == "pdf":
            # Beside the page, never in its place: what has been answered stays where it is.
            response["Content-Disposition"] = "attachment"
    response["ETag"] = etag
    response["Cache-Control"] = FOR_EVER if is_public else "private, no-cache"
    response["Content-Security-Policy"] = POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response


def address(file: FileView, *, small: bool = False) -> str:
    """Where a file can be read."""
    return reverse("file", args=[f"{file.digest}{'-small' if small else ''}.{file.suffix}"])


def _missing() -> HttpResponse:
    """Nothing to look at: whoever asks is a page. It may be there tomorrow."""
    return HttpResponseNotFound(content_type="text/plain", headers={"Cache-Control": "no-store"})


def _smaller(small: str | None) -> dict[str, bool]:
    return {"small__isnull": False} if small else {}


def _is_tried(request: HttpRequest, digest: str) -> bool:
    """Whether colleagues without an account may try a draft that shows it."""
    now = request.now  # type: ignore[attr-defined]  # set by ClockMiddleware
    return Trial.objects.filter(files=digest, ended_at__isnull=True, made_at__lte=now, closes_at__gt=now).exists()


def _may_see_drafts(request: HttpRequest) -> bool:
    return bool(request.user.is_staff and request.user.has_perm("surveys.view_questionnaire"))
