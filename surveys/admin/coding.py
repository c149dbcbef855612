"""Coding: a plain page on which open answers are read and sorted, ten at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from surveys import coding, structure
from surveys.admin.base import ModelAdmin
from surveys.coding import OpenAnswer
from surveys.models import Codebook, Coding
from surveys.texts import amending

PAGE = 10


@dataclass(frozen=True)
class Row:
    """One text on the page, under a name that says nothing."""

    handle: str
    text: str
    ticked: str
    code: str


@admin.register(Coding)
class CodingAdmin(ModelAdmin):
    """Only the pages for coding: single decisions are neither listed nor changed here."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whoever may code."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        """Whoever may code."""
        return bool(request.user.has_perm("surveys.code_answers"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Decisions are made on the page."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        """Decisions are superseded, not changed."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        """Decisions are kept."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """The list of codebooks and the page of each; nothing of the usual."""
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(require_GET(self._codebooks)), name="surveys_coding_changelist"),
            path(
                "<int:pk>/",
                wrap(require_http_methods(["GET", "POST"])(self._page)),
                name="surveys_coding_page",
            ),
        ]

    def _codebooks(self, request: HttpRequest) -> HttpResponse:
        """Every codebook with how far it has come."""
        self._demand_right(request)
        ordered = Codebook.objects.select_related("survey__edition", "question").order_by(
            "survey__code", "question__section__position", "question__position", "code"
        )
        codebooks = list(ordered)
        amending.retitle(each.survey.edition for each in codebooks)
        found = [
            (each, *coding.progress(each)) if coding.is_open(each.survey) else (each, None, None) for each in codebooks
        ]
        return self.show_page(request, "codebooks", title=_("Coding"), codebooks=found)

    def _page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET shows texts that lack a code (or, with `show=coded`, those that have one); POST keeps decisions."""
        self._demand_right(request)
        codebook = get_object_or_404(Codebook.objects.select_related("survey__edition", "question"), pk=pk)
        if request.method == "POST":
            return self._keep(request, codebook)
        amending.retitle([codebook.survey.edition])
        if not coding.is_open(codebook.survey):
            return self.show_page(request, "coding_closed", title=_title(codebook), codebook=codebook)
        shows_coded = request.GET.get("show") == "coded"
        try:
            answers = _answers(codebook, request.GET.get("after", ""), shows_coded=shows_coded)
        except coding.NoSuchAnswer:
            return HttpResponseBadRequest()
        coded, total = coding.progress(codebook)
        last = answers[-1].answer_id if len(answers) == PAGE and shows_coded else None
        return self.show_page(
            request,
            "coding",
            title=_title(codebook),
            codebook=codebook,
            codes=list(codebook.codes.all()),
            rows=_rows(codebook, answers),
            shows_coded=shows_coded,
            coded=coded,
            total=total,
            following=coding.handle(codebook, last) if last is not None else "",
        )

    def _keep(self, request: HttpRequest, codebook: Codebook) -> HttpResponse:
        here = reverse("admin:surveys_coding_page", args=[codebook.pk])
        try:
            decisions = _decisions(request, codebook)
            done = coding.assign_many(codebook.pk, decisions, request.user, request.now)  # type: ignore[arg-type,attr-defined]
        except coding.NoSuchCode:
            return HttpResponseBadRequest()
        except coding.NoSuchAnswer:
            messages.error(request, _("The page could not be read. Nothing was saved; please try again."))
        except coding.NotClosed:
            messages.error(request, _("The survey is not closed yet. Nothing was saved."))
        else:
            words = ngettext("%(count)d answer was coded.", "%(count)d answers were coded.", done)
            messages.success(request, words % {"count": done})
        return HttpResponseRedirect(f"{here}?show=coded" if request.GET.get("show") == "coded" else here)

    def _demand_right(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


def _title(codebook: Codebook) -> str:
    return _("Coding of %(question)s") % {"question": codebook.question.code}


def _answers(codebook: Codebook, after: str, *, shows_coded: bool) -> list[OpenAnswer]:
    if not shows_coded:
        return coding.next_answers(codebook, PAGE)
    return coding.coded_answers(codebook, PAGE, coding.answer_id_of(codebook, after) if after else None)


def _rows(codebook: Codebook, answers: list[OpenAnswer]) -> list[Row]:
    question = structure.edition_view(codebook.survey.edition_id).questions[codebook.question.code]
    labels = {option.code: option.label(get_language() or "nb") for option in question.options}
    return [
        Row(
            handle=coding.handle(codebook, answer.answer_id),
            text=answer.text,
            ticked=labels.get(answer.ticked, answer.ticked),
            code=answer.code,
        )
        for answer in answers
    ]


def _decisions(request: HttpRequest, codebook: Codebook) -> dict[int, str]:
    """What was chosen on the page, {answer id: code}; rows left open are left out.

    Raises:
        coding.NoSuchAnswer: a name that is not of this codebook.
    """
    chosen = {
        request.POST.get(f"answer-{number}", ""): code
        for number in range(1, PAGE + 1)
        if (code := request.POST.get(f"code-{number}", ""))
    }
    return {coding.answer_id_of(codebook, handle): code for handle, code in chosen.items()}
