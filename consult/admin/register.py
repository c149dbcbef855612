"""The register as staff see it: units, people and appointments to look up, and files to bring it up to date.

Nothing of the register is edited here: it says what the membership system says, by way of a file.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consult import importing
from consult.models import Address, Appointment, Person, RegisterImport, Unit
from surveys.admin.base import FileWidget, ModelAdmin, TabularInline

PROBLEMS_SHOWN = 200


class LookedUp:
    """Read, never written: the rows come from files."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """By import only."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """By import only."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """By import only."""
        return False


@admin.register(Unit)
class UnitAdmin(LookedUp, ModelAdmin):
    """The organisation."""

    list_display = ("name", "code", "kind", "parent", "size_band", "host_municipality")
    list_select_related = ("parent",)
    list_filter = ("kind", "size_band", "host_municipality", "county")
    search_fields = ("name", "code")
    fields = ("name", "code", "kind", "parent", "county", "size_band", "host_municipality")


class AddressInline(LookedUp, TabularInline):
    """Where letters to a person go."""

    model = Address
    extra = 0
    hide_title = True
    fields = ("email", "kind", "dead_at")


class AppointmentInline(LookedUp, TabularInline):
    """What a person is and was."""

    model = Appointment
    extra = 0
    hide_title = True
    fields = ("role", "unit", "starts_on", "ends_on")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appointment]:
        """With their units."""
        rows: QuerySet[Appointment] = super().get_queryset(request)
        return rows.select_related("unit")


@admin.register(Person)
class PersonAdmin(LookedUp, ModelAdmin):
    """People, found by name or membership number."""

    list_display = ("family_name", "given_name", "number", "language", "left_on")
    list_display_links = ("family_name", "given_name")
    list_filter = ("language", ("left_on", admin.EmptyFieldListFilter))
    search_fields = ("family_name", "given_name", "number")
    search_help_text = gettext_lazy("Name or membership number")
    show_full_result_count = False
    fields = ("number", "given_name", "family_name", "language", "left_on")
    inlines = (AddressInline, AppointmentInline)


@admin.register(Appointment)
class AppointmentAdmin(LookedUp, ModelAdmin):
    """Who holds what where."""

    list_display = ("person", "role", "unit", "starts_on", "ends_on")
    list_select_related = ("person", "unit")
    list_filter = ("role", ("ends_on", admin.EmptyFieldListFilter))
    search_fields = ("person__family_name", "person__given_name", "person__number", "unit__name", "unit__code")
    show_full_result_count = False
    fields = list_display


class UploadForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=FileWidget(attrs={"accept": ".csv,.xlsx"}),
        help_text=gettext_lazy("A list from the membership system, as .csv or .xlsx, at most 10 MB."),
    )


@admin.register(RegisterImport)
class RegisterImportAdmin(LookedUp, ModelAdmin):
    """Upload a file, read what it would do, and apply it or not."""

    list_display = ("file_name", "uploaded_at", "uploaded_by", "state")
    list_select_related = ("uploaded_by",)
    list_filter = (("applied_at", admin.EmptyFieldListFilter),)
    search_fields = ("file_name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RegisterImport]:
        """Without the files themselves, which may be large."""
        rows: QuerySet[RegisterImport] = super().get_queryset(request)
        return rows.defer("content").annotate(waits=Q(content__isnull=False))

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Who may upload may also apply."""
        return request.user.has_perm("consult.add_registerimport")

    def get_urls(self) -> list[URLPattern]:
        """Two deeds beside the usual pages; both answer to POST alone."""
        deeds = [
            path("<int:pk>/apply/", self.admin_site.admin_view(self.apply_view), name="consult_registerimport_apply"),
            path("<int:pk>/drop/", self.admin_site.admin_view(self.drop_view), name="consult_registerimport_drop"),
        ]
        return [*deeds, *super().get_urls()]

    @admin.display(description=gettext_lazy("State"))
    def state(self, record: RegisterImport) -> str:
        """Waiting, applied or dropped."""
        if record.applied_at is not None:
            return _("applied")
        return _("waiting to be applied") if getattr(record, "waits", False) else _("dropped")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form; a file that can be read leads to its plan, one that cannot is refused with the reason."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                record = importing.plan(file.read(), file.name, _now(request), request.user)  # type: ignore[arg-type]
            except importing.UnreadableFile as refusal:
                form.add_error("file", refusal.reason)
            else:
                return redirect("admin:consult_registerimport_change", record.pk)
        return self._page(request, "upload", {"title": _("Import register"), "form": form})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The plan: what is new and changed, what could not be used, and the buttons."""
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        if not self.has_view_permission(request, record):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        plan = record.plan
        problems = [(each["line"], importing.describe(each)) for each in plan["problems"][:PROBLEMS_SHOWN]]
        context = {
            "title": record.file_name,
            "record": record,
            "original": record,
            "plan": plan,
            "state": self.state(record),
            "counts": {"headers": _headers(), "rows": _rows(plan["counts"])},
            "problems": {"headers": [_("Line"), _("What is wrong")], "rows": problems},
            "more_problems": plan["problem_count"] - len(problems),
            "may_apply": record.waits and self.has_add_permission(request),
        }
        return self._page(request, "plan", context)

    def apply_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Apply a plan, once."""
        refused = self._refuse(request, pk)
        if refused:
            return refused
        try:
            outcome = importing.apply(pk, _now(request))
        except importing.ImportRefused as refusal:
            self.message_user(request, refusal.reason, messages.ERROR)
        else:
            done = _("This was already applied.") if outcome.already else _("The register now agrees with the file.")
            self.message_user(request, done, messages.INFO if outcome.already else messages.SUCCESS)
        return redirect("admin:consult_registerimport_change", pk)

    def drop_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Forget a plan and its file."""
        refused = self._refuse(request, pk)
        if refused:
            return refused
        if importing.drop(pk):
            self.message_user(request, _("The plan was dropped and the file is forgotten."), messages.SUCCESS)
        return redirect("admin:consult_registerimport_change", pk)

    def _refuse(self, request: HttpRequest, pk: int) -> HttpResponse | None:
        """What stands in the way of a deed: the method, a right, or that there is no such plan."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_add_permission(request):
            raise PermissionDenied
        if not RegisterImport.objects.filter(pk=pk).exists():
            raise Http404
        return None

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "list_url": reverse("admin:consult_registerimport_changelist"),
            **context,
        }
        return TemplateResponse(request, f"admin/consult/registerimport/{name}.html", context)


def _headers() -> list[str]:
    return [_("What"), _("New"), _("Changed"), _("Unchanged")]


def _rows(counts: importing.Counts) -> list[list[Any]]:
    names = {
        "units": _("Units"),
        "people": _("People"),
        "addresses": _("Addresses"),
        "appointments": _("Appointments"),
    }
    kinds = ("new", "changed", "unchanged")
    return [[name, *(counts[what][kind] for kind in kinds)] for what, name in names.items()]


def _now(request: HttpRequest) -> Any:
    return request.now  # type: ignore[attr-defined]  # set by ClockMiddleware
