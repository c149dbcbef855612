"""Questionnaires from files and into files: a file is shown as a plan before anything is done."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxLengthValidator, validate_slug
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from surveys import authoring, exchanging, structure
from surveys.admin.base import FileWidget, ModelAdmin
from surveys.admin.drafts import questionnaire_url
from surveys.admin.losses import told
from surveys.drafting import undoing
from surveys.formats.document import LARGEST_BYTES, BadDocument
from surveys.models import Did, Drawn, Edition, Questionnaire


class ImportForm(forms.Form):
    """A file with a questionnaire, and the code that it is to have here."""

    # The admin's own: its script writes the name of the chosen file into the nearest text field.
    file = forms.FileField(label=gettext_lazy("File"), widget=FileWidget)
    code = forms.CharField(
        label=gettext_lazy("Code"),
        required=False,
        validators=[validate_slug, MaxLengthValidator(80)],
        help_text=gettext_lazy("Leave it empty to use the code in the file, or the file's name."),
    )


def addresses(model_admin: ModelAdmin) -> list[URLPattern]:
    """The addresses for reading and writing files, below the questionnaires' own."""
    wrap = model_admin.admin_site.admin_view

    def edition(request: HttpRequest, pk: int) -> Edition:
        found: Edition = get_object_or_404(Edition.objects.select_related("questionnaire"), pk=pk)
        if not model_admin.has_view_permission(request, found.questionnaire):
            raise PermissionDenied
        return found

    def demand_import(request: HttpRequest) -> None:
        if not (model_admin.has_add_permission(request) and model_admin.has_change_permission(request)):
            raise PermissionDenied

    def import_file(request: HttpRequest) -> HttpResponse:
        demand_import(request)
        return _import(request, model_admin)

    def apply(request: HttpRequest) -> HttpResponse:
        demand_import(request)
        return _apply(request)

    def export(request: HttpRequest, pk: int) -> HttpResponse:
        return _export(edition(request, pk), request.GET.get("format", "json"))

    def menu(request: HttpRequest, pk: int) -> HttpResponse:
        return _menu(request, edition(request, pk), model_admin)

    name = "surveys_questionnaire_import"
    return [
        path("import/", wrap(require_http_methods(["GET", "POST"])(import_file)), name=name),
        path("import/apply/", wrap(require_POST(apply)), name=f"{name}_apply"),
        path("edition/<int:pk>/export/", wrap(require_GET(export)), name="surveys_edition_export"),
        path("edition/<int:pk>/formats/", wrap(require_GET(menu)), name="surveys_edition_formats"),
    ]


def _import(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    """GET asks for a file; POST shows what importing it would do. Nothing is stored."""
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    planned, sealed = None, ""
    if form.is_valid():
        file = form.cleaned_data["file"]
        # One byte more than allowed is enough to see that it is too large.
        planned = exchanging.plan(file.read(LARGEST_BYTES + 1), file.name, form.cleaned_data["code"])
        try:
            sealed = "" if planned.errors else exchanging.seal(planned)
        except BadDocument as refused:
            form.add_error("file", str(refused))
        for error in planned.errors:
            form.add_error("file", error)
    context: dict[str, Any] = {"form": form, "planned": planned, "back": _list()}
    if sealed and planned is not None and planned.draft is not None:
        context |= {
            "sealed": sealed,
            "draft": planned.draft,
            "draft_title": planned.draft.view.title(get_language() or "nb"),
            "counts": planned.counts(),
            "format": exchanging.FORMATS[planned.format].label,
            "standing": Questionnaire.objects.filter(code=planned.draft.code).first(),
        }
        return model_admin.show_page(request, "import_plan", title=_("Import a questionnaire"), **context)
    context["formats"] = [each.label for each in exchanging.FORMATS.values() if each.reads]
    return model_admin.show_page(request, "import", title=_("Import a questionnaire"), **context)


def _apply(request: HttpRequest) -> HttpResponse:
    """Do what was shown: `plan`, as the page carried it."""
    try:
        planned = exchanging.reopen(request.POST.get("plan", ""))
        now = request.now  # type: ignore[attr-defined]  # set by ClockMiddleware
        with undoing.noted(exchanging.standing(planned), request.user, now, Did.READ, whole=True) as note:
            questionnaire = exchanging.apply(planned)
            note.made = questionnaire.editions.get(published_at__isnull=True)
    except BadDocument as refused:
        messages.error(request, str(refused))
    except authoring.Refused as refused:
        for reason in refused.reasons:
            messages.error(request, reason)
    else:
        messages.success(request, _("Read into the draft of “%(title)s”.") % {"title": questionnaire})
        return HttpResponseRedirect(reverse("admin:surveys_questionnaire_change", args=[questionnaire.pk]))
    return HttpResponseRedirect(reverse("admin:surveys_questionnaire_import"))


def _export(edition: Edition, form: str) -> HttpResponse:
    """The edition as a file, in a format that is quickly written; the others are asked for (`exports`)."""
    if form not in exchanging.FORMATS:
        raise Http404
    if form in Drawn.values:
        return HttpResponseRedirect(reverse("admin:surveys_edition_formats", args=[edition.pk]))
    file = exchanging.export(edition, form, get_language() or "nb")
    return HttpResponse(
        file.content,
        content_type=file.media_type,
        headers={"Content-Disposition": f'attachment; filename="{file.file_name}"'},
    )


def _menu(request: HttpRequest, edition: Edition, model_admin: ModelAdmin) -> HttpResponse:
    """The formats, each with what of this edition it does not hold."""
    language, view = get_language() or "nb", structure.read(edition)
    response: HttpResponse = model_admin.show_page(
        request,
        "export",
        title=_("Export “%(title)s”") % {"title": edition.questionnaire},
        edition=edition,
        # What is only for people to read holds what they need; working out a whole document tells nothing more.
        choices=[
            {
                "format": each,
                "drawn": each.name in Drawn.values,
                "losses": told(exchanging.export(edition, each.name, language).lost, view, language)
                if each.reads
                else None,
            }
            for each in exchanging.FORMATS.values()
        ],
        back=questionnaire_url(edition),
    )
    return response


def _list() -> str:
    return reverse("admin:surveys_questionnaire_changelist")
