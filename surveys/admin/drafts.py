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
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

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
            "questionnaire_url": _desk(request, edition),
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

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """There is one history: that of the questionnaire."""
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        number = self.edition_of(request, found).questionnaire_id
        return HttpResponseRedirect(reverse("admin:surveys_questionnaire_history_all", args=[number]))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask, delete, and say why if it cannot be."""
        obj = self.get_object(request, object_id)
        back = _desk(request, self.edition_of(request, obj)) if obj is not None else ""
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
        """Back to the builder, at the new part; or on to another beside it."""
        response = super().response_add(request, obj, post_url_continue)
        if "_addanother" in request.POST:
            return HttpResponseRedirect(f"{request.path}?{urlencode(self.beside(obj))}")
        return response if "_continue" in request.POST else self._back_to(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Back to the builder, at the part."""
        response = super().response_change(request, obj)
        return response if "_continue" in request.POST else self._back_to(request, obj)

    def beside(self, obj: Any) -> dict[str, Any]:
        """What the address of a page that adds another one needs."""
        return {}

    def _back_to(self, request: HttpRequest, obj: Any) -> HttpResponse:
        url = _desk(request, self.edition_of(request, obj))
        return HttpResponseRedirect(f"{url}#{self.opts.model_name}-{obj.pk}")


def may_build(request: HttpRequest) -> bool:
    """Whether someone may change every part of a draft."""
    parts = ("questionnaire", "edition", "section", "question", "option", "condition")
    return bool(request.user.has_perms([f"surveys.change_{part}" for part in parts]))


def build_url(questionnaire_id: int) -> str:
    """The builder of a questionnaire's draft."""
    return reverse("admin:surveys_questionnaire_build", args=[questionnaire_id])


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


def _desk(request: HttpRequest, edition: Edition) -> str:
    """Where whoever wrote in a part came from: the builder, or where an edition is only read."""
    return (
        build_url(edition.questionnaire_id) if edition.is_draft and may_build(request) else questionnaire_url(edition)
    )
