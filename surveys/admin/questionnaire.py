"""Questionnaires: the list, and the page from which a draft is read, edited, tried, published and exported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Count, Q, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from surveys import authoring, critiquing, piloting, publishing
from surveys.admin import (
    bank,
    begin,
    build,
    compare,
    correction,
    critique,
    exchange,
    exports,
    history,
    routes,
    translations,
    trial,
)
from surveys.admin.base import TranslatedModelAdmin, in_other_languages
from surveys.admin.drafts import build_url, may_build, questionnaire_url
from surveys.admin.outline import outline
from surveys.admin.preview import preview
from surveys.drafting import undoing
from surveys.models import Did, Edition, Questionnaire, Role


@admin.register(Questionnaire)
class QuestionnaireAdmin(TranslatedModelAdmin):
    """Questionnaires with their draft and published editions."""

    list_display = ("name", "code", "role", "standing")
    list_filter = ("role",)
    # What is put to people comes before what is copied from.
    ordering = (Case(When(role=Role.QUESTIONNAIRE, then=0), default=1), "role", "code")
    list_display_links = ("name", "code")
    search_fields = ("code", "title_nb", "title_nn", "title_en")
    fieldsets = (
        (None, {"fields": ("title_nb", "code", "role")}),
        *in_other_languages("title"),
    )
    change_form_outer_before_template = "admin/surveys/outline.html"
    list_before_template = "admin/surveys/questionnaire_list_top.html"

    def get_fieldsets(self, request: HttpRequest, obj: Any | None = None) -> Any:
        """What it is used as is asked of one that is there: a new one is put to people."""
        if obj is not None:
            return self.fieldsets
        return ((None, {"fields": ("title_nb", "code")}), *in_other_languages("title"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Questionnaire]:
        """With what the list says of each."""
        found: QuerySet[Questionnaire] = super().get_queryset(request)
        return found.annotate(
            drafts=Count("editions", filter=Q(editions__published_at__isnull=True)),
            published=Count("editions", filter=Q(editions__published_at__isnull=False)),
        )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """What is wrong with a code is said in plain words."""
        if db_field.name == "code":
            kwargs |= {"error_messages": {"invalid": begin.BAD_CODE}, "required": False, "help_text": begin.CODE_HELP}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=gettext_lazy("title"), ordering="title_nb")
    def name(self, obj: Questionnaire) -> str:
        """The title in the reader's language."""
        return str(obj)

    @admin.display(description=gettext_lazy("editions"))
    def standing(self, obj: Any) -> str:
        """Draft and published editions, in words."""
        words = [_("draft")] if obj.drafts else []
        if obj.published:
            words.append(
                ngettext("%(count)d published edition", "%(count)d published editions", obj.published)
                % {"count": obj.published}
            )
        return ", ".join(words) or _("empty")

    def save_model(self, request: HttpRequest, obj: Questionnaire, form: Any, change: bool) -> None:
        """A code that was left open is made from the title."""
        obj.code = obj.code or begin.free_code(obj.title_nb)  # type: ignore[attr-defined]  # by modeltranslation
        super().save_model(request, obj, form, change)

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """The code stands in addresses and files: it is given once."""
        return ("code",) if obj is not None else ()

    def has_change_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        """Whoever changes a questionnaire changes its parts: it takes the right to all of them."""
        return bool(may_build(request) and super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        """A questionnaire that has been published stays."""
        if obj is not None and obj.editions.filter(published_at__isnull=False).exists():
            return False
        return bool(super().has_delete_permission(request, obj))

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Its draft goes with it."""
        kept = [str(obj) for obj in objs if not self.has_delete_permission(request, obj)]
        return [str(obj) for obj in objs], {}, set(), kept

    def delete_model(self, request: HttpRequest, obj: Questionnaire) -> None:
        """By the deed."""
        authoring.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Questionnaire]) -> None:
        """Each by the deed."""
        for questionnaire in queryset:
            authoring.delete(questionnaire)

    def response_add(
        self, request: HttpRequest, obj: Questionnaire, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Straight to the empty draft."""
        super().response_add(request, obj, post_url_continue)
        self._begin(request, obj, _("empty"))
        return HttpResponseRedirect(build_url(obj.pk))

    def page(self, request: HttpRequest, object_id: str | None, show: Callable[..., HttpResponse]) -> HttpResponse:
        """With the outline of the draft, or of the published edition asked for, above the form."""
        obj = self.get_object(request, object_id) if object_id else None
        shown = self._outline(request, obj) if obj is not None else {}
        return show(**shown, show_save_and_add_another=False)

    def _outline(self, request: HttpRequest, questionnaire: Questionnaire) -> dict[str, Any]:
        editions = list(questionnaire.editions.order_by("number"))
        number = request.GET.get("edition", "")
        edition = next((each for each in editions if str(each.number) == number), None)
        if number and edition is None:
            raise Http404
        if edition is None:
            edition = next((each for each in editions if each.is_draft), editions[-1] if editions else None)
        may_change = self.has_change_permission(request, questionnaire)
        return {
            "questionnaire": questionnaire,
            "editions": editions,
            "edition": edition,
            "outline": outline(edition, get_language() or "nb") if edition else None,
            "may_change": may_change,
            "may_edit": bool(edition and edition.is_draft and may_change),
            "has_draft": any(each.is_draft for each in editions),
            "may_plan": request.user.has_perm("surveys.add_survey"),
            "build_url": build_url(questionnaire.pk),
            "obstacles": publishing.obstacles(edition) if edition and edition.is_draft else [],
        }

    def get_urls(self) -> list[URLPattern]:
        """With the addresses of what can be done to a questionnaire."""
        wrap = self.admin_site.admin_view
        # The pages' own forms carry no CSRF token; nothing is changed by what they send.
        previewing = csrf_exempt(require_http_methods(["GET", "POST"])(self._preview))
        own = [
            path(
                "<int:pk>/publish/",
                wrap(require_http_methods(["GET", "POST"])(self._publish)),
                name="surveys_questionnaire_publish",
            ),
            path("<int:pk>/draft/", wrap(require_POST(self._draft)), name="surveys_questionnaire_draft"),
            path("edition/<int:pk>/preview/", wrap(previewing), name="surveys_edition_preview"),
        ]
        pages = (
            bank,
            begin,
            build,
            compare,
            correction,
            critique,
            exchange,
            exports,
            history,
            routes,
            translations,
            trial,
        )
        for page in pages:
            own += page.addresses(self)
        return [*own, *super().get_urls()]

    def _publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET asks for confirmation, or says what is missing; POST publishes."""
        questionnaire = get_object_or_404(Questionnaire, pk=pk)
        self._demand_change(request, questionnaire)
        reasons: list[str] = []
        draft = questionnaire.editions.filter(published_at__isnull=True).first()
        if request.method == "POST":
            try:
                edition = publishing.publish(pk, request.now, request.user)  # type: ignore[attr-defined]
            except publishing.NothingToPublish:
                messages.info(request, _("There is no draft to publish. Perhaps someone else has just published it."))
                return HttpResponseRedirect(self._page(questionnaire))
            except publishing.NotPublishable as refused:
                reasons = refused.reasons
            else:
                messages.success(
                    request,
                    _(
                        "Edition %(number)d is published: what it asks is fixed, and a misspelling can still be "
                        "corrected. Now plan a survey with it."
                    )
                    % {"number": edition.number},
                )
                return HttpResponseRedirect(questionnaire_url(edition))
        elif draft is not None:
            reasons = publishing.obstacles(draft)
        return self.show_page(
            request,
            "publish",
            title=_("Publish “%(title)s”") % {"title": questionnaire},
            questionnaire=questionnaire,
            draft=draft,
            reasons=reasons,
            unheard=piloting.waiting(questionnaire),
            finding_count=critiquing.open_count(draft) if draft is not None and not reasons else 0,
            back=self._page(questionnaire),
        )

    def _draft(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Start a new draft from the newest edition."""
        questionnaire = get_object_or_404(Questionnaire, pk=pk)
        self._demand_change(request, questionnaire)
        newest = questionnaire.editions.order_by("-number").first()
        if newest is None or not newest.is_draft:
            subject = _("from edition %(number)d") % {"number": newest.number} if newest else _("empty")
            self._begin(request, questionnaire, subject)
        return HttpResponseRedirect(self._page(questionnaire))

    def _begin(self, request: HttpRequest, questionnaire: Questionnaire, subject: str) -> None:
        now = request.now  # type: ignore[attr-defined]  # set by ClockMiddleware
        with undoing.noted(None, request.user, now, Did.BEGUN, subject=subject) as note:
            note.made = authoring.draft(questionnaire)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """There is one history: everything that was done."""
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        return HttpResponseRedirect(history.address(found.pk))

    def _preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What respondents will see, page by page."""
        return preview(request, self._edition(request, pk))

    def _edition(self, request: HttpRequest, pk: int) -> Edition:
        edition: Edition = get_object_or_404(Edition.objects.select_related("questionnaire"), pk=pk)
        if not self.has_view_permission(request, edition.questionnaire):
            raise PermissionDenied
        return edition

    def _demand_change(self, request: HttpRequest, questionnaire: Questionnaire) -> None:
        if not self.has_change_permission(request, questionnaire):
            raise PermissionDenied

    def _page(self, questionnaire: Questionnaire) -> str:
        return reverse("admin:surveys_questionnaire_change", args=[questionnaire.pk])

    def _list(self) -> str:
        return reverse("admin:surveys_questionnaire_changelist")
