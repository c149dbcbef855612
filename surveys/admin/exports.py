"""Files that are made in the background: asked for, waited for, fetched."""

from __future__ import annotations

from http import HTTPStatus

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from surveys import drawing
from surveys.admin.base import ModelAdmin
from surveys.models import Edition, Export

LOOK_AGAIN_SECONDS = 3


def addresses(model_admin: ModelAdmin) -> list[URLPattern]:
    """The addresses of files in the making, below the questionnaires' own."""
    wrap = model_admin.admin_site.admin_view

    def demand(request: HttpRequest, edition: Edition) -> None:
        if not model_admin.has_view_permission(request, edition.questionnaire):
            raise PermissionDenied

    def ask(request: HttpRequest, pk: int) -> HttpResponse:
        edition: Edition = get_object_or_404(Edition.objects.select_related("questionnaire"), pk=pk)
        demand(request, edition)
        return _ask(request, edition)

    def export(request: HttpRequest, pk: int) -> Export:
        # The file itself is large, and wanted by one page only.
        rows = Export.objects.select_related("edition__questionnaire").defer("content", "document")
        found = get_object_or_404(rows, pk=pk)
        demand(request, found.edition)
        return found

    def show(request: HttpRequest, pk: int) -> HttpResponse:
        return _show(request, export(request, pk), model_admin)

    def fetch(request: HttpRequest, pk: int) -> HttpResponse:
        return _fetch(export(request, pk))

    return [
        path("edition/<int:pk>/exports/", wrap(require_POST(ask)), name="surveys_export_ask"),
        path("export/<int:pk>/", wrap(require_GET(show)), name="surveys_export"),
        path("export/<int:pk>/file/", wrap(require_GET(fetch)), name="surveys_export_file"),
    ]


def _ask(request: HttpRequest, edition: Edition) -> HttpResponse:
    """POST with `format`: the file is asked for. Pressing twice leads to the same page."""
    form = request.POST.get("format", "")
    if form not in drawing.QUESTIONNAIRES:
        raise Http404
    row = drawing.ask(edition, form, get_language() or "nb", request.user.pk, request.now)  # type: ignore[attr-defined]
    return HttpResponseRedirect(reverse("admin:surveys_export", args=[row]), status=HTTPStatus.SEE_OTHER)


def _show(request: HttpRequest, export: Export, model_admin: ModelAdmin) -> HttpResponse:
    """How far the file has come; while it waits, the browser looks again by itself, without a script."""
    response: HttpResponse = model_admin.show_page(
        request,
        "drawing",
        title=_("“%(title)s” as %(format)s")
        % {"title": export.edition.questionnaire, "format": export.get_format_display()},
        export=export,
        gone_at=drawing.gone_at(export),
        back=reverse("admin:surveys_edition_formats", args=[export.edition_id]),
    )
    if export.is_waiting:
        response["Refresh"] = str(LOOK_AGAIN_SECONDS)
    return response


def _fetch(export: Export) -> HttpResponse:
    """The file; 404 until it is made."""
    if export.finished_at is None:
        raise Http404
    file = drawing.made(export)
    return HttpResponse(
        file.content,
        content_type=file.media_type,
        headers={"Content-Disposition": f'attachment; filename="{file.file_name}"'},
    )
