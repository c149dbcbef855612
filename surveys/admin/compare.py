"""Two editions side by side: what has been added, removed, moved and changed."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from surveys import structure
from surveys.admin.base import ModelAdmin
from surveys.admin.comparison import told
from surveys.models import Edition


def addresses(model_admin: ModelAdmin) -> list[URLPattern]:
    """The address of the comparison, below the questionnaires' own."""

    def compare(request: HttpRequest) -> HttpResponse:
        if not model_admin.has_view_permission(request):
            raise PermissionDenied
        return _compare(model_admin, request)

    view = model_admin.admin_site.admin_view(require_GET(compare))
    return [path("compare/", view, name="surveys_questionnaire_compare")]


def _compare(model_admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """The editions `before` and `after`; asks for them if they are not named. `all` shows what is the same as well."""
    before, after = (_edition(request.GET.get(name, "")) for name in ("before", "after"))
    context: dict[str, Any] = {"before": before, "after": after, "everything": bool(request.GET.get("all"))}
    if before is None or after is None:
        # A draft has no number: it stands after the published editions.
        editions = Edition.objects.select_related("questionnaire").order_by("questionnaire__code", "number")
        return model_admin.show_page(request, "compare", title=_("Compare editions"), editions=editions, **context)
    comparison = told(structure.read(before), structure.read(after), everything=context["everything"])
    return model_admin.show_page(request, "compare", title=_("Compare editions"), comparison=comparison, **context)


def _edition(given: str) -> Edition | None:
    if not given:
        return None
    pk = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
    found = Edition.objects.select_related("questionnaire").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
