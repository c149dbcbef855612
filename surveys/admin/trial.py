"""Trying a draft out with colleagues: making a trial, its link, what they said, and its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from surveys import piloting, trying
from surveys.admin.base import ModelAdmin
from surveys.admin.heard import figures, heard
from surveys.drafting import versioning
from surveys.models import Questionnaire, Trial, TrialComment

USUALLY_OPEN = timedelta(days=14)

View = Callable[[HttpRequest, Any, ModelAdmin], HttpResponse]


class TrialForm(forms.Form):
    """The last day on which colleagues may try the draft."""

    last_day = forms.DateField(
        label=gettext_lazy("Open until"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )


def addresses(model_admin: ModelAdmin) -> list[URLPattern]:
    """The addresses of trials, below the questionnaires' own."""

    def address(where: str, name: str, only: Any, find: Callable[[int], Any], view: View) -> URLPattern:
        def with_rights(request: HttpRequest, pk: int) -> HttpResponse:
            found = find(pk)
            if not model_admin.has_change_permission(request, _questionnaire_of(found)):
                raise PermissionDenied
            return view(request, found, model_admin)

        made: URLPattern = path(where, model_admin.admin_site.admin_view(only(with_rights)), name=f"surveys_{name}")
        return made

    either = require_http_methods(["GET", "POST"])
    return [
        address("<int:pk>/trials/", "questionnaire_trials", either, _questionnaire, _trials),
        address("trial/<int:pk>/", "trial", require_GET, _find_trial, _trial),
        address("trial/<int:pk>/end/", "trial_end", require_POST, _find_trial, _end),
        address("trial/comment/<int:pk>/", "trial_comment", require_POST, _find_comment, _comment),
    ]


def _questionnaire(pk: int) -> Questionnaire:
    return get_object_or_404(Questionnaire, pk=pk)


def _find_trial(pk: int) -> Trial:
    return get_object_or_404(Trial.objects.select_related("questionnaire", "person"), pk=pk)


def _find_comment(pk: int) -> TrialComment:
    return get_object_or_404(TrialComment.objects.select_related("run__trial__questionnaire"), pk=pk)


def _questionnaire_of(found: Questionnaire | Trial | TrialComment) -> Questionnaire:
    if isinstance(found, TrialComment):
        return found.run.trial.questionnaire
    return found.questionnaire if isinstance(found, Trial) else found


def _trials(request: HttpRequest, questionnaire: Questionnaire, model_admin: ModelAdmin) -> HttpResponse:
    """GET: the trials there are, and what is needed for another; POST makes one."""
    now = request.now  # type: ignore[attr-defined]  # set by ClockMiddleware
    form = TrialForm(request.POST if request.method == "POST" else None, initial={"last_day": _proposed(now)})
    if request.method == "POST" and form.is_valid():
        try:
            made = piloting.make(questionnaire, request.user, now, form.cleaned_data["last_day"])
        except piloting.UnfitDay as refused:
            form.add_error("last_day", refused.reasons)
        except piloting.NotReady:
            messages.error(request, _("Nothing has been made: the draft is not ready to be tried."))
        else:
            messages.success(request, _("The trial is open. Send the link below to your colleagues."))
            return HttpResponseRedirect(reverse("admin:surveys_trial", args=[made.pk]))
    found = Trial.objects.filter(questionnaire=questionnaire)
    numbers = figures(found)
    page: HttpResponse = model_admin.show_page(
        request,
        "trials",
        HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK,
        title=_("Try “%(title)s” out with colleagues") % {"title": questionnaire},
        questionnaire=questionnaire,
        reasons=piloting.missing(questionnaire),
        form=form,
        trials=[(each, numbers[each.pk], each.is_open(now)) for each in found.defer("content")],
        back=_page_of(questionnaire),
    )
    return page


def _proposed(now: datetime) -> date:
    return timezone.localdate(now + USUALLY_OPEN)


def _trial(request: HttpRequest, trial: Trial, model_admin: ModelAdmin) -> HttpResponse:
    """The link, how it has gone, and what was said."""
    language = get_language() or "nb"
    page: HttpResponse = model_admin.show_page(
        request,
        "trial",
        title=_("Trial of “%(title)s”") % {"title": trial.questionnaire},
        trial=trial,
        is_open=trial.is_open(request.now),  # type: ignore[attr-defined]
        link=f"{settings.PUBLIC_URL}{reverse('trial_link', args=[trying.link_token(trial)])}",
        figures=figures(Trial.objects.filter(pk=trial.pk))[trial.pk],
        stated=trying.content(trial).minutes,
        heard=heard(trial, language),
        back=reverse("admin:surveys_questionnaire_trials", args=[trial.questionnaire_id]),
    )
    return page


def _end(request: HttpRequest, trial: Trial, model_admin: ModelAdmin) -> HttpResponse:
    """Let nobody try it any more."""
    if piloting.end(trial, request.now):  # type: ignore[attr-defined]
        messages.success(request, _("The trial is ended: the link leads nowhere any more. The comments stay."))
    else:
        messages.info(request, _("The trial was over already."))
    return HttpResponseRedirect(reverse("admin:surveys_trial", args=[trial.pk]))


def _comment(request: HttpRequest, comment: TrialComment, model_admin: ModelAdmin) -> HttpResponse:
    """Mark a comment as dealt with (`go` is "handle"), or not after all ("reopen")."""
    go = request.POST.get("go", "")
    if go == "handle":
        # Other words than those that were read have not been dealt with.
        is_as_read = request.POST.get("mark", "") == versioning.mark(comment.text)
        if not is_as_read or not piloting.handle(comment, request.user, request.now):  # type: ignore[attr-defined]
            messages.info(request, _("Someone else has dealt with this, or the comment has other words by now."))
    elif go == "reopen":
        piloting.reopen(comment)
    else:
        return HttpResponseBadRequest()
    where = reverse("admin:surveys_trial", args=[comment.run.trial_id])
    return HttpResponseRedirect(f"{where}#{comment.question or 'whole'}")


def _page_of(questionnaire: Questionnaire) -> str:
    return reverse("admin:surveys_questionnaire_change", args=[questionnaire.pk])
