"""The addresses of pages about one edition, below the questionnaires' own: whoever changes needs the right to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path

from surveys.admin.base import ModelAdmin
from surveys.models import Edition

View = Callable[[HttpRequest, Edition, ModelAdmin], HttpResponse]
Page = tuple[str, View, Callable[[Any], Any]]


def of_editions(model_admin: ModelAdmin, folder: str, *pages: Page) -> list[URLPattern]:
    """The addresses `edition/<pk>/<folder>/<name>/`, called `surveys_edition_<folder>_<name>`.

    Args:
        pages: (name, empty for the folder itself; view; the decorator that says which methods there are).
    """
    return [_address(model_admin, folder, *page) for page in pages]


def _address(model_admin: ModelAdmin, folder: str, name: str, view: View, only: Callable[[Any], Any]) -> URLPattern:
    def with_edition(request: HttpRequest, pk: int) -> HttpResponse:
        edition: Edition = get_object_or_404(Edition.objects.select_related("questionnaire"), pk=pk)
        allowed = model_admin.has_change_permission if request.method == "POST" else model_admin.has_view_permission
        if not allowed(request, edition.questionnaire):
            raise PermissionDenied
        return view(request, edition, model_admin)

    below = f"{name}/" if name else ""
    suffix = f"_{name.replace('-', '_')}" if name else ""
    found: URLPattern = path(
        f"edition/<int:pk>/{folder}/{below}",
        model_admin.admin_site.admin_view(only(with_edition)),
        name=f"surveys_edition_{folder}{suffix}",
    )
    return found
