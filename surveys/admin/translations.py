"""The languages of a questionnaire: how complete each is, what is missing, and the translator's sheet out and in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from surveys import authoring, structure, translating
from surveys.admin.addressing import of_editions
from surveys.admin.base import FileWidget, ModelAdmin
from surveys.admin.drafts import questionnaire_url
from surveys.drafting import building, undoing
from surveys.formats.catalogue import WORKBOOK
from surveys.formats.document import LARGEST_BYTES, BadDocument
from surveys.models import Did, Edition, EditionFact, EditionFactValue, Option
from surveys.rules.translating import EXPECTED
from surveys.texts.wording import Passage
from surveys.translating import Completeness, Plan

# More ticks than this are no decisions; Django takes a thousand fields of a form.
MOST_ASKED = 800
MOST_ERRORS = 50


class SheetForm(forms.Form):
    """A translator's sheet that has come back."""

    file = forms.FileField(label=gettext_lazy("The translator's sheet (.xlsx)"), widget=FileWidget)


@dataclass(frozen=True)
class Gap:
    """One text that is missing, and where to write it; nowhere if it can only be written in the sheet."""

    place: str
    what: str
    original: str
    lang: str
    url: str


def addresses(model_admin: ModelAdmin) -> list[URLPattern]:
    """The addresses of an edition's languages, below the questionnaires' own."""

    return of_editions(
        model_admin,
        "translations",
        ("", _page, require_http_methods(["GET", "POST"])),
        ("sheet", _sheet, require_GET),
        ("apply", _apply, require_POST),
    )


def _page(request: HttpRequest, edition: Edition, model_admin: ModelAdmin) -> HttpResponse:
    """GET shows how complete each language is; POST shows what a sheet would do. Nothing is stored."""
    form = SheetForm(request.POST, request.FILES) if request.method == "POST" else SheetForm()
    if form.is_valid():
        # One byte more than allowed is enough to see that it is too large.
        content = form.cleaned_data["file"].read(LARGEST_BYTES + 1)
        planned = translating.plan(content, edition.questionnaire.code)
        try:
            sealed = "" if planned.errors else translating.seal(planned)
        except BadDocument as refused:
            form.add_error("file", str(refused))
        for error in planned.errors[:MOST_ERRORS]:
            form.add_error("file", error)
        if more := len(planned.errors[MOST_ERRORS:]):
            form.add_error("file", ngettext("… and %(count)d more.", "… and %(count)d more.", more) % {"count": more})
        if not form.errors:
            return _plan(request, edition, model_admin, planned, sealed)
    may_change = model_admin.has_change_permission(request, edition.questionnaire)
    languages = translating.completeness(structure.read(edition))
    may_build = may_change and edition.is_draft
    response: HttpResponse = model_admin.show_page(
        request,
        "translations",
        title=_("Languages of “%(title)s”") % {"title": edition.questionnaire},
        edition=edition,
        languages=[(each, _gaps(edition, each, may_build=may_build)) for each in languages],
        form=form if may_change else None,
        may_change=may_change,
        has_draft=edition.is_draft or edition.questionnaire.editions.filter(published_at__isnull=True).exists(),
        back=questionnaire_url(edition),
    )
    return response


def _plan(request: HttpRequest, edition: Edition, model_admin: ModelAdmin, planned: Plan, sealed: str) -> HttpResponse:
    response: HttpResponse = model_admin.show_page(
        request,
        "translations_plan",
        title=_("What is new in the sheet"),
        edition=edition,
        planned=planned,
        counts=planned.counts(),
        may_take=len(planned.asked) <= MOST_ASKED,
        sealed=sealed,
        back=_address(edition),
    )
    return response


def _sheet(request: HttpRequest, edition: Edition, model_admin: ModelAdmin) -> HttpResponse:
    """The translator's sheet."""
    name = f"{edition.questionnaire.code}-{edition.number or 'draft'}-translations.xlsx"
    return HttpResponse(
        translating.export(edition, get_language() or "nb"),
        content_type=WORKBOOK,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _apply(request: HttpRequest, edition: Edition, model_admin: ModelAdmin) -> HttpResponse:
    """Do what was shown: `plan`, as the page carried it, and `take`, the names of what was decided."""
    shown = edition
    try:
        planned = translating.reopen(request.POST.get("plan", ""))
        if planned.code != edition.questionnaire.code:
            raise PermissionDenied
        # A draft that is made for it has nothing to go back to.
        standing = planned.edition_id if planned.version is not None else None
        now = request.now  # type: ignore[attr-defined]  # set by ClockMiddleware
        may_name = request.user.has_perm("surveys.change_concept")
        # Each sheet is a change of its own, however soon after another.
        place = f"sheet {now:%Y%m%dT%H%M%S%f}"
        subject = _("texts from the translator’s sheet")
        with undoing.noted(standing, request.user, now, Did.WROTE, subject=subject, place=place) as note:
            taken = frozenset(request.POST.getlist("take"))
            applied = translating.apply(planned, taken, concepts=may_name)
            note.made = applied.edition if applied.count else None
    except BadDocument as refused:
        messages.error(request, str(refused))
    except authoring.Refused as refused:
        for reason in refused.reasons:
            messages.error(request, reason)
    else:
        shown = applied.edition or edition
        _note(request, applied)
        told = ngettext("%(count)d text was written.", "%(count)d texts were written.", applied.count)
        if not may_name and any(each.names_concept for each in planned.lines):
            messages.warning(request, _("The names of concepts were left as they are: you may not change concepts."))
        messages.success(request, told % {"count": applied.count} if applied.count else _("Nothing was left to write."))
    return HttpResponseRedirect(_address(shown))


def _note(request: HttpRequest, applied: translating.Applied) -> None:
    """Put on record who wrote in which parts: whoever is overtaken is told the name."""
    parts = {}
    for row in applied.parts:
        part = row.question if isinstance(row, Option) else row
        parts[ContentType.objects.get_for_model(part).pk, str(part.pk)] = str(part)[:200]
    LogEntry.objects.bulk_create(
        LogEntry(
            user_id=request.user.pk or 0,
            content_type_id=kind,
            object_id=pk,
            object_repr=shown,
            action_flag=CHANGE,
            change_message="[]",
        )
        for (kind, pk), shown in parts.items()
    )


def _gaps(edition: Edition, found: Completeness, *, may_build: bool) -> list[Gap]:
    """What is missing in a language that has been begun, or that everyone who answers should find."""
    if not (found.missing and (found.is_begun or found.language in EXPECTED)):
        return []
    rows = translating.rows_by_owner(edition) if may_build else {}
    return [_gap(edition, passage, found.language, rows) for passage in found.missing]


def _gap(edition: Edition, passage: Passage, language: str, rows: dict[Any, Any]) -> Gap:
    original, lang = passage.text.find(language)
    row, sheet = rows.get(passage.owner), rows.get(passage.owner[:2])
    url = ""
    if isinstance(row, building.Row) and isinstance(sheet, building.Row):
        builder = reverse("admin:surveys_questionnaire_build", args=[edition.questionnaire_id])
        url = f"{builder}#{building.place_of(sheet)}/{building.place_of(row)}-{passage.field}_{language}"
    elif isinstance(row, EditionFact | EditionFactValue):
        builder = reverse("admin:surveys_questionnaire_build", args=[edition.questionnaire_id])
        url = f"{builder}#{row._meta.model_name}-{row.pk}-{passage.field}_{language}"
    return Gap(passage.place, passage.what, original, lang, url)


def _address(edition: Edition) -> str:
    return reverse("admin:surveys_edition_translations", args=[edition.pk])
