"""What was done to a draft: the last changes, how it would stand without each, and the draft put back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from surveys.admin.base import OWN_NAMES, ModelAdmin
from surveys.admin.comparison import told
from surveys.authoring import Refused
from surveys.drafting import undoing
from surveys.drafting.building import MODELS
from surveys.models import Did, DraftChange, Edition, Questionnaire


@dataclass(frozen=True)
class Row:
    """One change: what, who, when; and whether the draft can be put back as it stood before."""

    id: int
    words: str
    who: str
    when: datetime
    is_kept: bool


def addresses(model_admin: ModelAdmin) -> list[URLPattern]:
    """The addresses of the history, below the questionnaires' own."""

    def with_draft(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        def wrapped(request: HttpRequest, pk: int, **rest: int) -> HttpResponse:
            questionnaire = get_object_or_404(Questionnaire, pk=pk)
            if not model_admin.has_change_permission(request, questionnaire):
                raise PermissionDenied
            draft = questionnaire.editions.filter(published_at__isnull=True).select_related("questionnaire").first()
            if draft is None:
                messages.info(request, _("There is no draft. Perhaps someone else has just published it."))
                return HttpResponseRedirect(reverse("admin:surveys_questionnaire_change", args=[pk]))
            return view(model_admin, request, draft, **rest)

        return wrapped

    wrap, name = model_admin.admin_site.admin_view, "surveys_questionnaire_history"
    return [
        # Not "history/": there the admin has a page of its own.
        path("<int:pk>/changes/", wrap(require_GET(with_draft(_list))), name=f"{name}_all"),
        path(
            "<int:pk>/changes/<int:change>/",
            wrap(require_http_methods(["GET", "POST"])(with_draft(_one))),
            name=f"{name}_one",
        ),
    ]


def _list(model_admin: ModelAdmin, request: HttpRequest, draft: Edition) -> HttpResponse:
    """Every change that is kept, the last first."""
    return model_admin.show_page(
        request,
        "history",
        title=_("What was done to “%(title)s”") % {"title": draft.questionnaire},
        questionnaire=draft.questionnaire,
        rows=[row(each, request.user) for each in undoing.history(draft)],
        kept=undoing.KEPT,
    )


def _one(model_admin: ModelAdmin, request: HttpRequest, draft: Edition, change: int) -> HttpResponse:
    """GET shows what putting the draft back would change; POST puts it back, if it still has `draft_version`."""
    every = reverse("admin:surveys_questionnaire_history_all", args=[draft.questionnaire_id])
    given = request.POST.get("draft_version", "")
    version = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else -1
    try:
        if request.method == "POST":
            undoing.restore(draft.pk, change, version, request.user, request.now)  # type: ignore[attr-defined]
            messages.success(request, _("The draft has been put back. That, too, can be undone."))
            return HttpResponseRedirect(reverse("admin:surveys_questionnaire_build", args=[draft.questionnaire_id]))
        now, then, version = undoing.look(draft.pk, change)
    except Refused as refused:
        for reason in refused.reasons:
            messages.error(request, reason)
        return HttpResponseRedirect(every)
    found = undoing.history(draft)
    place = next(place for place, each in enumerate(found) if each.pk == change)
    return model_admin.show_page(
        request,
        "history_one",
        title=_("Put the draft back"),
        questionnaire=draft.questionnaire,
        row=row(found[place], request.user),
        since=[row(each, request.user) for each in found[:place]],
        comparison=told(now, then),
        version=version,
        back=every,
    )


def row(change: DraftChange, reader: Any) -> Row:
    """A change in words, for whoever reads it."""
    person = change.person
    name = _("you") if person == reader else (person.get_full_name() or str(person)) if person else "–"
    return Row(change.pk, words(change), name, change.made_at, is_kept=bool(getattr(change, "size", 0)))


def words(change: DraftChange) -> str:
    """What was done, such as "B3 deleted"."""
    did, place = change.did, change.place
    if did == Did.RESTORED:
        did, _blank, place = place.partition(" ")
    kind, _dash, rest = place.partition("-")
    subject = change.subject or {"edition": _("Title page"), "section": _("Section without a title")}.get(kind, "")
    if did == Did.WROTE and (field := _field(kind, rest.partition(" ")[2])):
        subject = f"{subject}: {field}"
    said = str(Did(did).label) % {"subject": subject} if did in Did.values else subject
    if change.did == Did.RESTORED:
        said = str(Did.RESTORED.label) % {"subject": said}
    return str(capfirst(said))


def _field(kind: str, name: str) -> str:
    """What a field that was written in is called, with the language of a text."""
    if name == "conditions":
        return _("when it is shown")
    if name == "bands":
        return _("bands")
    model: type[Model] | None = MODELS.get(kind)
    columns: dict[str, Any] = {each.name: each for each in model._meta.fields} if model else {}
    if name not in columns:
        return ""
    field, language = columns[name], getattr(columns[name], "language", "")
    label = str(getattr(field, "translated_field", field).verbose_name)
    return f"{label} ({OWN_NAMES[language]})" if language else label
