"""Everything that was done to a questionnaire; how its draft would stand without the last changes, and put back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import truncatechars
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from surveys.admin import pressing
from surveys.admin.base import ModelAdmin
from surveys.admin.comparison import told
from surveys.admin.drafts import build_url
from surveys.authoring import Refused
from surveys.drafting import undoing
from surveys.drafting.building import MODELS
from surveys.models import Correction, Did, DraftChange, Edition, Questionnaire
from surveys.texts.wording import language_within

# Of a corrected text, in the list.
SHOWN = 80


@dataclass(frozen=True)
class Row:
    """One change: what, who, when; and whether the draft can be put back as it stood before.

    Args:
        id: of a change of a draft; 0 for what else was done.
        edition: the number of the edition that the draft has become; None for the draft.
    """

    id: int
    words: str
    who: str
    when: datetime
    is_kept: bool = False
    edition: int | None = None


def addresses(model_admin: ModelAdmin) -> list[URLPattern]:
    """The addresses of the history, below the questionnaires' own."""

    def every(request: HttpRequest, pk: int) -> HttpResponse:
        questionnaire = get_object_or_404(Questionnaire, pk=pk)
        if not model_admin.has_view_permission(request, questionnaire):
            raise PermissionDenied
        return _list(model_admin, request, questionnaire)

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
        # Not "history/": that is the admin's own, which leads here.
        path("<int:pk>/changes/", wrap(require_GET(every)), name=f"{name}_all"),
        path(
            "<int:pk>/changes/<int:change>/",
            wrap(require_http_methods(["GET", "POST"])(with_draft(_one))),
            name=f"{name}_one",
        ),
    ]


def address(pk: int) -> str:
    """The page with everything that was done to a questionnaire."""
    return reverse("admin:surveys_questionnaire_history_all", args=[pk])


def _list(model_admin: ModelAdmin, request: HttpRequest, questionnaire: Questionnaire) -> HttpResponse:
    """Everything, the last first: its drafts, what was corrected once published, its name and what it is used as."""
    changes = undoing.history_of(questionnaire)
    may_put_back = model_admin.has_change_permission(request, questionnaire)
    rows = [row(each, request.user) for each in changes]
    rows += _corrected(questionnaire, request.user) + _renamed(questionnaire, request.user)
    return model_admin.show_page(
        request,
        "history",
        title=_("What was done to “%(title)s”") % {"title": questionnaire},
        questionnaire=questionnaire,
        rows=sorted(rows, key=lambda each: (each.when, each.id), reverse=True),
        kept=undoing.KEPT,
        told=undoing.TOLD if len(changes) == undoing.TOLD else 0,
        may_put_back=may_put_back,
        has_draft=may_put_back and questionnaire.editions.filter(published_at__isnull=True).exists(),
        back=reverse("admin:surveys_questionnaire_change", args=[questionnaire.pk]),
    )


def _corrected(questionnaire: Questionnaire, reader: Any) -> list[Row]:
    found = Correction.objects.filter(edition__questionnaire=questionnaire).select_related("edition", "person")
    return [
        Row(
            0,
            _("Misspelling corrected: “%(before)s” → “%(after)s”")
            % {"before": truncatechars(each.before, SHOWN), "after": truncatechars(each.after, SHOWN)},
            _name(each.person, reader),
            each.corrected_at,
            edition=each.edition.number,
        )
        for each in found
    ]


def _renamed(questionnaire: Questionnaire, reader: Any) -> list[Row]:
    """What was changed on the questionnaire's own form."""
    kind = ContentType.objects.get_for_model(Questionnaire)
    found = LogEntry.objects.filter(content_type=kind, object_id=str(questionnaire.pk), action_flag=CHANGE)
    return [
        Row(0, each.get_change_message(), _name(each.user, reader), each.action_time)
        for each in found.select_related("user")
        if each.change_message not in ("", "[]")
    ]


def _one(model_admin: ModelAdmin, request: HttpRequest, draft: Edition, change: int) -> HttpResponse:
    """GET shows what putting the draft back would change; POST puts it back, if it still has `draft_version`."""
    every = address(draft.questionnaire_id)
    given = request.POST.get("draft_version", "")
    version = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else -1
    try:
        if request.method == "POST":
            done = undoing.restore(draft.pk, change, version, request.user, request.now)  # type: ignore[attr-defined]
            messages.success(request, _("The draft has been put back. That, too, can be undone."))
            return HttpResponseRedirect(f"{build_url(draft.questionnaire_id)}{_anchor(draft, done)}")
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


def _anchor(draft: Edition, change: DraftChange) -> str:
    """The place in the builder of what came back."""
    kind, number, *_rest = [*pressing.came_back(draft, change)[1].split("-"), ""]
    return f"#{kind}-{number}" if number.isdigit() and kind in ("question", "section", "edition") else ""


def row(change: DraftChange, reader: Any) -> Row:
    """A change in words, for whoever reads it."""
    name = _("the command line") if change.place.startswith(undoing.COMMAND) else _name(change.person, reader)
    is_kept, number = bool(getattr(change, "size", 0)), change.edition.number
    return Row(change.pk, words(change), name, change.made_at, is_kept, number)


def _name(person: Any, reader: Any) -> str:
    if person is None:
        return "–"
    return _("you") if person == reader else str(person.get_full_name() or person)


def words(change: DraftChange) -> str:
    """What was done, such as "B3 deleted"."""
    did, place = change.did, change.place
    if did == Did.RESTORED:
        did, _blank, place = place.partition(" ")
    kind, _dash, rest = place.partition("-")
    if did == Did.READ and change.after == 0:
        return str(capfirst(_("read from a file")))
    subject = change.subject or _nameless(kind)
    if did == Did.WROTE and (field := _field(kind, rest.partition(" ")[2])):
        subject = f"{subject}: {field}"
    said = str(Did(did).label) % {"subject": subject} if did in Did.values else subject
    if change.did == Did.RESTORED:
        said = str(Did.RESTORED.label) % {"subject": said}
    return str(capfirst(said))


def _nameless(kind: str) -> str:
    """What is told of something that has no name of its own."""
    names = {"edition": _("Title page"), "section": _("Section without a title")}
    return names.get(kind, _("Background from the register") if kind.startswith("editionfact") else "")


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
    return f"{label} ({language_within(language)})" if language else label
