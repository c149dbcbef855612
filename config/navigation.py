"""What stands in the admin's side menu, for each person only what they may see."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _


def groups(request: HttpRequest) -> list[dict[str, Any]]:
    """Headings with their entries, in the form the theme wants."""
    found = [
        {"title": title, "separator": bool(place), "items": [item for item in items if item]}
        for place, (title, items) in enumerate(
            (
                (
                    _("Surveys"),
                    (
                        _entry(request, "surveys", "questionnaire", "quiz", _("Questionnaires")),
                        _entry(request, "surveys", "survey", "how_to_vote", _("Surveys")),
                        _entry(request, "surveys", "concept", "hub", _("Concepts")),
                        _entry(request, "surveys", "coding", "fact_check", _("Coding")),
                        _entry(request, "consult", "consultation", "forum", _("Consultations")),
                    ),
                ),
                (
                    _("People and letters"),
                    (
                        _entry(request, "consult", "person", "badge", _("Register")),
                        _entry(request, "consult", "unit", "account_tree", _("Units")),
                        _entry(request, "consult", "registerimport", "upload_file", _("Register imports")),
                        _entry(request, "consult", "audience", "groups", _("Audiences")),
                        _entry(request, "consult", "mailing", "outgoing_mail", _("Mailings")),
                        _entry(request, "consult", "letter", "mail", _("Letters")),
                    ),
                ),
                (
                    _("Access"),
                    (
                        _entry(request, "consult", "user", "person", _("Users")),
                        _entry(request, "auth", "group", "group", _("Groups")),
                        _entry(request, "consult", "grant", "visibility", _("Access to results")),
                        _entry(request, "consult", "apitoken", "key", _("API keys")),
                    ),
                ),
            )
        )
    ]
    return [group for group in found if group["items"]]


def _entry(request: HttpRequest, app: str, model: str, icon: str, title: str) -> dict[str, Any] | None:
    """A link to a list, if there is one and this person may see it."""
    try:
        page = admin.site.get_model_admin(apps.get_model(app, model))
    except NotRegistered:
        return None
    if not page.has_view_permission(request):
        return None
    return {"title": title, "icon": icon, "link": reverse(f"admin:{app}_{model}_changelist")}
