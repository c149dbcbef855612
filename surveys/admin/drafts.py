"""What the pages for parts of a draft have in common: two editors notice each other, nothing broken is kept."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from surveys import authoring
from surveys.admin.base import TranslatedModelAdmin
from surveys.admin.merging import VERSION_FIELD, Merged, merge, typed_texts
from surveys.branching import conditioning
from surveys.drafting import building, undoing, versioning
from surveys.drafting.versioning import Version
from surveys.models import Did, Edition

# What a form without a version is taken to have been made on: no draft has it.
NO_VERSION = -1


class DraftForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in its stubs only
    """A form that carries the version of the part it was made on, and says why a save was refused."""

    draft: ClassVar[Edition | None] = None
    refusal: ClassVar[authoring.Refused | None] = None
    merged: ClassVar[Merged | None] = None

    part_version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None and VERSION_FIELD in self.fields:
            self.fields[VERSION_FIELD].initial = str(versioning.version(self.instance))

    def clean(self) -> dict[str, Any]:
        """Add the reasons of a refusal, so that the page comes back with everything as it was typed."""
        cleaned = super().clean() or self.cleaned_data
        for reason in self.refusal.reasons if self.refusal else ():
            self.add_error(None, reason)
        for remark in self.merged.remarks if self.merged else ():
            self.add_error(None, remark)
        for name, note in self.merged.notes.items() if self.merged else ():
            self.add_error(name if name in self.fields else None, note)
        return cleaned


class _NotSaved(Exception):
    """The form came back with errors: undo the lock, and answer with the page."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


class DraftPartAdmin(TranslatedModelAdmin):
    """A page for a draft itself, or for one of its sections or questions."""

    form = DraftForm
    list_display = ("__str__",)
    change_form_before_template = "admin/surveys/way_back.html"
    warn_unsaved_form = True

    def edition_of(self, request: HttpRequest, obj: Any | None) -> Edition:
        """The draft that a page works on. Raises Http404."""
        raise NotImplementedError

    def remove(self, obj: Any) -> None:
        """Delete a part by its deed."""
        raise NotImplementedError

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """Reached from the questionnaire, never from a list of its own."""
        return {}

    def has_change_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        """What is published is read, not changed."""
        if obj is not None and not self.edition_of(request, obj).is_draft:
            return False
        return bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        """What is published stays."""
        if obj is not None and not self.edition_of(request, obj).is_draft:
            return False
        return bool(super().has_delete_permission(request, obj))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is no list apart from the questionnaires'."""
        return HttpResponseRedirect(reverse("admin:surveys_questionnaire_changelist"))

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:
        """The form, told which draft it works on."""
        form = super().get_form(request, obj, change=change, **kwargs)
        told = {name: getattr(request, name, None) for name in ("refusal", "merged")}
        told["draft"] = self.edition_of(request, obj)
        return type(form.__name__, (form,), told)

    def page(self, request: HttpRequest, object_id: str | None, show: Callable[..., HttpResponse]) -> HttpResponse:
        """A save goes through `authoring`; when refused, the page comes back with the reasons and what was typed."""
        obj = self.get_object(request, object_id) if object_id else None
        if object_id and obj is None:
            if request.method == "POST":
                return self._give_back(request, authoring.PartGone())
            missing: HttpResponse = self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
            return missing
        edition = self.edition_of(request, obj)
        context = {
            "edition": edition,
            "questionnaire_url": questionnaire_url(edition),
            "show_save_and_add_another": obj is None,
        }
        may_write = super().has_change_permission(request, obj) if obj else self.has_add_permission(request)
        if request.method != "POST" or not may_write:
            return show(**context)
        read = Version.parse(request.POST.get(VERSION_FIELD, ""))
        try:
            with (
                self.noted(request, edition, Did.WROTE if obj is not None else Did.ADDED, obj) as note,
                authoring.changing(obj, read) if obj is not None else authoring.editing(edition.pk),
            ):
                response = show(**context)
                note.subject = note.subject or getattr(request, "made", "")
                if not isinstance(response, HttpResponseRedirect):
                    raise _NotSaved(response)
                return response
        except _NotSaved as unsaved:
            return unsaved.response
        except (authoring.PartGone, authoring.NotADraft) as refusal:
            return self._give_back(request, refusal)
        except authoring.Refused as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]  # read by get_form
            if isinstance(refusal, authoring.StaleDraft) and refusal.part is not None:
                request.merged = merge(request, refusal.part, read)  # type: ignore[attr-defined]  # read by get_form
                request.POST = request.merged.sent  # type: ignore[attr-defined]
            return show(**context)

    def noted(
        self, request: HttpRequest, edition: Edition, did: Did, obj: Any | None
    ) -> AbstractContextManager[undoing.Note]:
        """What is done to a part inside this block, put on record."""
        subject, place = (undoing.subject_of(obj), building.place_of(obj)) if obj is not None else ("", "")
        now = request.now  # type: ignore[attr-defined]  # set by ClockMiddleware
        return undoing.noted(edition.pk, request.user, now, did, subject=subject, place=place)

    def _give_back(self, request: HttpRequest, refusal: authoring.Refused) -> HttpResponse:
        """What was typed for something that can no longer be changed, to be copied."""
        if not super().has_change_permission(request):
            raise PermissionDenied
        return self.show_page(
            request,
            "part_gone",
            HTTPStatus.CONFLICT,
            title=_("This could not be saved"),
            reasons=refusal.reasons,
            texts=typed_texts(request.POST, self.model),
        )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Stop before the success is announced if a condition would be left broken."""
        super().save_related(request, form, formsets, change)
        request.made = undoing.subject_of(form.instance)  # type: ignore[attr-defined]  # read by page
        self.settle(form.instance)
        if reasons := conditioning.broken_conditions(self.edition_of(request, form.instance)):
            raise authoring.BreaksCondition(reasons)

    def settle(self, obj: Any) -> None:
        """What follows from a save, before it is checked."""

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """The deed itself knows what goes with a part, and refuses with the reason."""
        return [str(obj) for obj in objs], {}, set(), []

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask, delete, and say why if it cannot be."""
        obj = self.get_object(request, object_id)
        back = questionnaire_url(self.edition_of(request, obj)) if obj is not None else ""
        try:
            with self.noted(request, self.edition_of(request, obj), Did.DELETED, obj) if obj else nullcontext():
                response = super().delete_view(request, object_id, extra_context)
        except authoring.Refused as refused:
            for reason in refused.reasons:
                messages.error(request, reason)
            return HttpResponseRedirect(back)
        return HttpResponseRedirect(back) if back and isinstance(response, HttpResponseRedirect) else response

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """By the deed."""
        self.remove(obj)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Back to the questionnaire, at the new part; or on to another beside it."""
        response = super().response_add(request, obj, post_url_continue)
        if "_addanother" in request.POST:
            return HttpResponseRedirect(f"{request.path}?{urlencode(self.beside(obj))}")
        return response if "_continue" in request.POST else self._back_to(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Back to the questionnaire, at the part."""
        response = super().response_change(request, obj)
        return response if "_continue" in request.POST else self._back_to(request, obj)

    def beside(self, obj: Any) -> dict[str, Any]:
        """What the address of a page that adds another one needs."""
        return {}

    def _back_to(self, request: HttpRequest, obj: Any) -> HttpResponse:
        url = questionnaire_url(self.edition_of(request, obj))
        return HttpResponseRedirect(f"{url}#{self.opts.model_name}-{obj.pk}")


def moving(model_admin: DraftPartAdmin, deed: Callable[[int, int, int | None], Edition]) -> URLPattern:
    """The address that moves a part one place: POST with `step` -1 or 1 and `draft_version`."""

    def move(request: HttpRequest, object_id: int) -> HttpResponse:
        if not model_admin.has_change_permission(request):
            raise PermissionDenied
        part = get_object_or_404(model_admin.model, pk=object_id)
        step = {"-1": -1, "1": 1}.get(request.POST.get("step", ""))
        if step is None:
            return HttpResponseBadRequest()
        try:
            with model_admin.noted(request, part.edition, Did.MOVED, part):
                deed(part.pk, step, _version(request))
        except authoring.Refused as refused:
            for reason in refused.reasons:
                messages.error(request, reason)
        url = questionnaire_url(part.edition)
        return HttpResponseRedirect(f"{url}#{model_admin.opts.model_name}-{part.pk}")

    name = f"surveys_{model_admin.opts.model_name}_move"
    view = model_admin.admin_site.admin_view(require_POST(move))
    return path("<int:object_id>/move/", view, name=name)


def questionnaire_url(edition: Edition) -> str:
    """The page that shows an edition's outline."""
    url = reverse("admin:surveys_questionnaire_change", args=[edition.questionnaire_id])
    return url if edition.is_draft else f"{url}?edition={edition.number}"


def number_in(request: HttpRequest, name: str) -> int:
    """A row's id in the address. Raises Http404 if it is missing or no number."""
    given = request.GET.get(name, "")
    if not given.isascii() or not given.isdigit() or len(given) > 18:
        raise Http404
    return int(given)


def _version(request: HttpRequest) -> int:
    given = request.POST.get("draft_version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else NO_VERSION
