"""The question bank from a draft: looked through, searched, taken from, and put into."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from surveys.admin.base import ModelAdmin
from surveys.admin.drafts import build_url, questionnaire_url
from surveys.authoring import Refused
from surveys.drafting import banking, building, undoing
from surveys.kinds import registry
from surveys.models import Did, Question, Questionnaire, Role, Section

LONGEST_SEARCH = 200


def addresses(model_admin: ModelAdmin) -> list[URLPattern]:
    """The addresses of the bank, below the questionnaires' own."""
    wrap = model_admin.admin_site.admin_view

    def browse(request: HttpRequest, pk: int) -> HttpResponse:
        return _browse(model_admin, request, _draft_of(model_admin, request, pk))

    def take(request: HttpRequest, pk: int) -> HttpResponse:
        return _take(request, _draft_of(model_admin, request, pk))

    def put(request: HttpRequest, pk: int) -> HttpResponse:
        return _put(model_admin, request, pk)

    both = require_http_methods(["GET", "POST"])
    return [
        path("<int:pk>/bank/", wrap(require_GET(browse)), name="surveys_questionnaire_bank"),
        path("<int:pk>/bank/take/", wrap(require_POST(take)), name="surveys_questionnaire_bank_take"),
        path("question/<int:pk>/bank/", wrap(both(put)), name="surveys_question_bank"),
    ]


def _browse(model_admin: ModelAdmin, request: HttpRequest, questionnaire: Questionnaire) -> HttpResponse:
    """Every theme with its questions, or those in which `words` are found; taken into `section`."""
    words, language = request.GET.get("words", "")[:LONGEST_SEARCH], get_language() or "nb"
    draft = questionnaire.editions.get(published_at__isnull=True)
    origins = dict(draft.questions.exclude(origin="").values_list("origin", "code"))
    themes: list[dict[str, Any]] = [
        {
            "theme": theme,
            "title": theme.title(language) or _("Theme without a title"),
            "intro": theme.intro(language),
            "questions": [_shown(question, language, origins) for question in theme.questions],
        }
        for theme in banking.themes(words, language)
    ]
    return model_admin.show_page(
        request,
        "bank",
        title=_("Question bank"),
        questionnaire=questionnaire,
        draft=draft,
        sections=draft.sections.order_by("position"),
        section=request.GET.get("section", ""),
        words=words,
        themes=themes,
        found=sum(len(theme["questions"]) for theme in themes),
    )


def _shown(question: banking.Banked, language: str, origins: dict[str, str]) -> dict[str, Any]:
    kind = registry.KINDS.get(question.kind)
    return {
        "id": question.id,
        "text": question.text(language),
        "help": question.help(language),
        "options": " · ".join(option(language) for option in question.options),
        "kind": kind.label if kind else question.kind,
        "is_conditional": question.is_conditional,
        "taken_as": origins.get(question.origin, ""),
    }


def _take(request: HttpRequest, questionnaire: Questionnaire) -> HttpResponse:
    """Copy `question` into `section`, and back to where it was found."""
    section = _number(request.POST.get("section", ""))
    draft = questionnaire.editions.filter(published_at__isnull=True, sections__pk=section).first()
    if draft is None:
        raise Http404
    try:
        now = request.now  # type: ignore[attr-defined]  # set by ClockMiddleware
        with undoing.noted(draft.pk, request.user, now, Did.TOOK) as note:
            taken = banking.take(_number(request.POST.get("question", "")), section)
            note.subject = taken.question.code
    except Refused as refused:
        for reason in refused.reasons:
            messages.error(request, reason)
    else:
        messages.success(request, _("Taken as %(code)s.") % {"code": taken.question.code})
        if taken.is_unconditional:
            messages.warning(
                request,
                _("In the bank it is shown only after an answer to another question. Here it is shown to everyone."),
            )
    words = urlencode([("words", request.POST.get("words", "")[:LONGEST_SEARCH]), ("section", section)])
    url = reverse("admin:surveys_questionnaire_bank", args=[questionnaire.pk])
    return HttpResponseRedirect(f"{url}?{words}")


def _put(model_admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """GET asks for the theme; POST copies the question into it."""
    question: Question = get_object_or_404(Question.objects.select_related("edition__questionnaire"), pk=pk)
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    # It is put there from a draft, at the builder, or by an address kept of a published edition.
    back = questionnaire_url(question.edition)
    if question.edition.is_draft:
        back = build_url(question.edition.questionnaire_id)
    if request.method == "POST":
        theme, now = _number(request.POST.get("theme", "")), request.now  # type: ignore[attr-defined]
        bank = Section.objects.filter(pk=theme, edition__questionnaire__role=Role.BANK).first()
        try:
            # It is the bank that is changed: it stands in the bank's own history, and can be undone there.
            with undoing.noted(bank.edition_id if bank else None, request.user, now, Did.ADDED) as note:
                put = banking.put(question.pk, theme)
                note.subject, note.place = put.code, building.place_of(put)
        except Refused as refused:
            for reason in refused.reasons:
                messages.error(request, reason)
        else:
            messages.success(request, _("Put into the bank as %(code)s.") % {"code": put.code})
        return HttpResponseRedirect(f"{back}#question-{question.pk}")
    language = get_language() or "nb"
    themes = [(theme.id, theme.title(language) or _("Theme without a title")) for theme in banking.themes()]
    return model_admin.show_page(
        request,
        "bank_put",
        title=_("Put %(code)s into the bank") % {"code": question.code},
        question=question,
        themes=themes,
        back=back,
    )


def _draft_of(model_admin: ModelAdmin, request: HttpRequest, pk: int) -> Questionnaire:
    questionnaire: Questionnaire = get_object_or_404(Questionnaire, pk=pk)
    if not model_admin.has_change_permission(request, questionnaire):
        raise PermissionDenied
    if not questionnaire.editions.filter(published_at__isnull=True).exists():
        raise Http404
    return questionnaire


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
