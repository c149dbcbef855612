"""Surveys: planned, opened, closed and published; where each stands, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from surveys import closing, coding, disclosing, fielding
from surveys.admin import ways
from surveys.admin.base import ModelAdmin
from surveys.admin.drafts import number_in
from surveys.admin.planning import PlanForm
from surveys.admin.standing import standing
from surveys.box import waiving
from surveys.models import Edition, Question, Survey
from surveys.structure import edition_view
from surveys.texts import amending

PLANNED = ("opens_at", "closes_at", "promise", "threshold", "strict_reminders", "may_change", "asks_quoting")


@admin.register(Survey)
class SurveyAdmin(ModelAdmin):
    """Surveys, the latest first."""

    list_select_related = ("edition__questionnaire",)
    search_fields = ("code", "edition__title_nb")
    fields = ("code", "edition", *PLANNED)
    change_form_outer_before_template = "admin/surveys/survey_status.html"

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        """With the state at the time of this very request."""
        now = request.now  # type: ignore[attr-defined]  # set by ClockMiddleware

        @admin.display(description=gettext_lazy("state"))
        def state(obj: Survey) -> str:
            return str(capfirst(obj.state(now).label))

        return ("code", "title", state, "opens_at", "closes_at")

    @admin.display(description=gettext_lazy("title"))
    def title(self, obj: Survey) -> str:
        """What respondents see as its title, with its misspellings corrected."""
        return amending.title(obj.edition)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Survey]:
        """With the corrected titles."""
        found: QuerySet[Survey] = super().get_queryset(request)
        return found.select_related("edition__questionnaire").prefetch_related("edition__corrections")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Survey | None:
        """Under its corrected title."""
        found: Survey | None = super().get_object(request, object_id, from_field)
        if found is not None:
            amending.retitle([found.edition])
        return found

    def get_readonly_fields(self, request: HttpRequest, obj: Survey | None = None) -> tuple[str, ...]:
        """Once opened, only the deadline moves; once stopped, nothing."""
        if obj is None or obj.opened_at is None:
            return ("code", "edition")
        if obj.stopped_at is None:
            return tuple(name for name in self.fields if name != "closes_at")
        return self.fields

    def has_delete_permission(self, request: HttpRequest, obj: Survey | None = None) -> bool:
        """What has been opened stays."""
        return (obj is None or obj.opened_at is None) and bool(super().has_delete_permission(request, obj))

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Its plan goes with it; what has been opened is kept."""
        _objects, counts, _permissions, protected = super().get_deleted_objects(objs, request)
        kept = [str(obj) for obj in objs if not self.has_delete_permission(request, obj)]
        return [str(obj) for obj in objs], counts, set(), [*protected, *kept]

    def save_model(self, request: HttpRequest, obj: Survey, form: Any, change: bool) -> None:
        """By the deeds; a refusal is said, and nothing is changed."""
        now = request.now  # type: ignore[attr-defined]
        try:
            if obj.opened_at is None:
                fielding.replan(obj.pk, {name: form.cleaned_data[name] for name in PLANNED})
            elif "closes_at" in form.changed_data:
                fielding.extend(obj, form.cleaned_data["closes_at"], now)
        except fielding.NotReady as refused:
            messages.error(request, str(refused))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """First an edition is chosen, then everything else."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        editions = Edition.objects.filter(published_at__isnull=False).select_related("questionnaire")
        if "edition" not in request.GET:
            newest = editions.order_by("-published_at")[:200]
            return self.show_page(request, "survey_edition", title=_("Plan a survey"), editions=_retitled(newest))
        edition: Edition = get_object_or_404(editions, pk=number_in(request, "edition"))
        amending.retitle([edition])
        form = PlanForm(edition, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid() and (survey := form.plan()):
            messages.success(request, _("The survey is planned. It has not been opened yet."))
            return HttpResponseRedirect(self._page(survey))
        return self.show_page(request, "survey_plan", title=_("Plan a survey"), form=form, edition=edition)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With where the survey stands above the form."""
        survey = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if survey is not None:
            now = request.now  # type: ignore[attr-defined]
            may_change = self.has_change_permission(request, survey)
            context |= {
                "survey": survey,
                "standing": standing(survey, request.user, now),  # type: ignore[arg-type]
                "may_open": may_change and survey.opened_at is None,
                "may_close": request.user.has_perm("surveys.close_survey"),
                "may_release": request.user.has_perm("surveys.add_release"),
                "may_code": request.user.has_perm("surveys.code_answers"),
                "show_save": survey.stopped_at is None,
                "show_save_and_continue": False,
                "show_save_and_add_another": False,
                "codable": _codable(survey) if may_change else [],
            }
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def get_urls(self) -> list[URLPattern]:
        """With the addresses of what can be done to a survey."""
        own = [
            self._deed("open", self._open),
            self._deed("approve", self._approve),
            self._deed("waive", self._waive),
            self._deed("release", self._release),
            self._deed("codebook", self._codebook),
            path(
                "<int:pk>/close/",
                self.admin_site.admin_view(require_http_methods(["GET", "POST"])(self._close)),
                name="surveys_survey_close",
            ),
        ]
        return [*own, *ways.addresses(self), *super().get_urls()]

    def _deed(self, name: str, view: Callable[[HttpRequest, Survey], None]) -> URLPattern:
        """The address of something done by one button: POST, then back to the survey's page."""

        def act(request: HttpRequest, pk: int) -> HttpResponse:
            survey = get_object_or_404(Survey, pk=pk)
            view(request, survey)
            return HttpResponseRedirect(self._page(survey))

        wrapped = self.admin_site.admin_view(require_POST(act))
        pattern: URLPattern = path(f"<int:pk>/{name}/", wrapped, name=f"surveys_survey_{name}")
        return pattern

    def _open(self, request: HttpRequest, survey: Survey) -> None:
        if not self.has_change_permission(request, survey):
            raise PermissionDenied
        try:
            fielding.open_survey(survey, request.now)  # type: ignore[attr-defined]
        except fielding.NotReady as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("The survey is opened. What respondents are promised is now fixed."))

    def _close(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET says what can no longer be undone; POST ends the intake, and the rest follows by itself."""
        _demand(request, "surveys.close_survey")
        survey = get_object_or_404(Survey.objects.select_related("edition"), pk=pk)
        amending.retitle([survey.edition])
        if request.method != "POST" and survey.opened_at is not None and survey.stopped_at is None:
            return self.show_page(
                request, "survey_close", title=_("Close the survey"), survey=survey, back=self._page(survey)
            )
        if request.method == "POST":
            try:
                closing.stop(survey, request.now)  # type: ignore[attr-defined]
            except closing.NotStopped:
                messages.error(request, _("The survey has not been opened, so there is nothing to close."))
            else:
                messages.success(request, _("The survey takes no more answers. The rest is done in the background."))
        return HttpResponseRedirect(self._page(survey))

    def _approve(self, request: HttpRequest, survey: Survey) -> None:
        _demand(request, "surveys.close_survey")
        if survey.stopped_at is None:
            messages.error(request, _("Close the survey first."))
            return
        if survey.closed_at is None:
            try:
                closing.approve(survey, request.user, request.now)  # type: ignore[attr-defined]
            except closing.NotYetVerified:
                messages.error(request, _("The answers are still being counted. Approve when that is done."))
                return
        messages.success(request, _("Your approval is recorded."))

    def _waive(self, request: HttpRequest, survey: Survey) -> None:
        """Consent to close without the answers that do not open; the form says how many that person saw."""
        _demand(request, "surveys.close_survey")
        given = request.POST.get("ballots", "")
        seen = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
        try:
            missing = waiving.waive(survey, request.user, seen, request.now)  # type: ignore[attr-defined]
        except waiving.NothingToWaive:
            messages.error(request, _("There are no answers to go on without."))
        except waiving.NotThatMany:
            messages.error(request, _("The number of answers that cannot be opened has changed. Look at it again."))
        else:
            done = _("Your decision is recorded. The closing goes on without them.")
            waits = _("Your decision is recorded. Another person must decide the same.")
            messages.success(request, waits if missing else done)

    def _release(self, request: HttpRequest, survey: Survey) -> None:
        _demand(request, "surveys.add_release")
        try:
            release = disclosing.request_release(survey, request.user, request.now)  # type: ignore[attr-defined]
        except disclosing.NotClosed:
            messages.error(request, _("There are no results before the survey is closed."))
        else:
            words = _("Release %(number)d is being computed. It appears below when it is ready.")
            messages.success(request, words % {"number": release.number})

    def _codebook(self, request: HttpRequest, survey: Survey) -> None:
        if not self.has_change_permission(request, survey):
            raise PermissionDenied
        question = next((each for each in _codable(survey) if str(each.pk) == request.POST.get("question", "")), None)
        if question is None:
            messages.error(request, _("Choose a question whose answers can be coded."))
            return
        coding.create_codebook(survey, question)
        messages.success(request, _("The answers to %(question)s will be coded.") % {"question": question.code})

    def _page(self, survey: Model) -> str:
        return reverse("admin:surveys_survey_change", args=[survey.pk])


def _codable(survey: Survey) -> list[Question]:
    """Questions with texts that have no codebook yet."""
    questions = Question.objects.filter(edition=survey.edition_id).exclude(codebooks__survey=survey)
    views = edition_view(survey.edition_id).questions
    return [question for question in questions if coding.is_codable(views[question.code])]


def _demand(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _retitled(editions: Iterable[Edition]) -> list[Edition]:
    """Editions under their corrected titles."""
    found = list(editions)
    amending.retitle(found)
    return found
