"""Where entering an answer for someone begins: how it comes, and whose it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from consult import entering
from consult.models import Invitation
from consult.web import enter
from surveys.admin.base import ModelAdmin
from surveys.models import State, Survey
from surveys.web import states


@admin.register(Invitation)
class EntryAdmin(ModelAdmin):
    """Invitations are looked at nowhere: this holds the page from which answers are entered, and no other."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Not in the menu."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        """Nobody lists them."""
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They are made by freezing an audience."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        """Nor changes them."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        """Nor deletes them."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """The one page."""
        view = self.admin_site.admin_view(require_http_methods(["GET", "POST"])(self._enter))
        return [path("entry/<int:pk>/", view, name="consult_entry"), *super().get_urls()]

    def _enter(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET: the form. POST with `find`: who is meant (names stay out of addresses); with `go`: the first page."""
        if not entering.may(request.user):
            raise PermissionDenied
        survey = get_object_or_404(Survey.objects.select_related("edition"), pk=pk)
        if request.method == "POST" and "go" in request.POST:
            try:
                return self._begin(request, survey)
            except entering.CannotEnter as refused:
                messages.error(request, str(refused))
        text = request.POST.get("find", "")
        page: HttpResponse = self.show_page(
            request,
            "entry",
            title=_("Enter an answer for someone"),
            survey=survey,
            is_open=survey.state(request.now) == State.OPEN,  # type: ignore[attr-defined]
            way=request.POST.get("way", entering.WAYS[0]),
            ways=[(way.value, way.label) for way in entering.WAYS],
            text=text[: entering.LONGEST_SEARCH],
            found=entering.find(survey, text),
            most=entering.MOST_FOUND,
            back=reverse("admin:surveys_survey_change", args=[survey.pk]),
        )
        return page

    def _begin(self, request: HttpRequest, survey: Survey) -> HttpResponse:
        user: Any = request.user
        whose, now = request.POST.get("go", ""), request.now  # type: ignore[attr-defined]
        key = entering.begin(survey, user.pk, request.POST.get("way", ""), _read_id(whose), now)
        admitted = entering.admit(key, user.pk, now)
        if admitted is None:
            raise entering.CannotEnter(_("The survey takes no answers now."))
        response = states.welcome(enter.visit(request, admitted, key, QueryDict()))
        response["Cache-Control"] = "no-store"
        return response


def _read_id(sent: str) -> UUID | None:
    """Whose answer it is: an invitation, or nobody's in particular.

    Raises:
        entering.CannotEnter
    """
    if sent == "nobody":
        return None
    try:
        return UUID(sent)
    except ValueError:
        raise entering.CannotEnter(_("This person is not invited to the survey.")) from None
