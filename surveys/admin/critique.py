"""The critique of an edition: what is methodologically weak, repaired by one press or accepted with a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from surveys import authoring, critiquing, piloting, structure
from surveys.admin.addressing import of_editions
from surveys.admin.base import ModelAdmin
from surveys.admin.drafts import build_url, questionnaire_url
from surveys.critiquing import Finding
from surveys.drafting import building, undoing
from surveys.models import Did, Edition
from surveys.rules.registry import BY_CODE

NO_VERSION = -1


@dataclass(frozen=True)
class Place:
    """The findings about one question, one section's own texts, or the whole."""

    id: str
    title: str
    text: str
    edit: str
    findings: list[Finding] = field(default_factory=list)


def addresses(model_admin: ModelAdmin) -> list[URLPattern]:
    """The critique's addresses, below the questionnaires' own."""

    return of_editions(
        model_admin,
        "critique",
        ("", _page, require_GET),
        ("accept", _accept, require_POST),
        ("take-back", _take_back, require_POST),
        ("repair", _repair, require_POST),
    )


def _page(request: HttpRequest, edition: Edition, model_admin: ModelAdmin) -> HttpResponse:
    """Everything found, place by place."""
    found = critiquing.findings(edition)
    accepted = sum(1 for each in found if each.accepted)
    response: HttpResponse = model_admin.show_page(
        request,
        "critique",
        title=_("Critique of “%(title)s”") % {"title": edition.questionnaire},
        edition=edition,
        places=places(edition, found, get_language() or "nb"),
        open_count=len(found) - accepted,
        accepted_count=accepted,
        rule_count=len(BY_CODE),
        appendix=[
            (BY_CODE[each.rule], each) for each in critiquing.accepted_of(edition, found) if each.rule in BY_CODE
        ],
        may_change=edition.is_draft and model_admin.has_change_permission(request, edition.questionnaire),
        may_try=model_admin.has_change_permission(request, edition.questionnaire),
        unheard=piloting.waiting(edition.questionnaire),
        back=questionnaire_url(edition),
    )
    return response


def _accept(request: HttpRequest, edition: Edition, model_admin: ModelAdmin) -> HttpResponse:
    """Let a finding stand: `rule`, `question` (empty for the whole), `reason`."""

    def deed(rule: str, question: int | None) -> None:
        now = request.now  # type: ignore[attr-defined]  # set by ClockMiddleware
        critiquing.accept(edition, rule, question, request.POST.get("reason", ""), request.user, now)
        messages.success(request, _("Accepted, with your reason."))

    return _done(request, edition, deed)


def _take_back(request: HttpRequest, edition: Edition, model_admin: ModelAdmin) -> HttpResponse:
    """No longer accept a finding: `rule`, `question`."""

    def deed(rule: str, question: int | None) -> None:
        critiquing.take_back(edition, rule, question)
        messages.success(request, _("No longer accepted."))

    return _done(request, edition, deed)


def _repair(request: HttpRequest, edition: Edition, model_admin: ModelAdmin) -> HttpResponse:
    """Repair a finding: `rule`, `question`, and `draft_version`, the version of the draft that was read."""
    given = request.POST.get("draft_version", "")
    version = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else NO_VERSION

    def deed(rule: str, question: int | None) -> None:
        now = request.now  # type: ignore[attr-defined]  # set by ClockMiddleware
        about = edition.questions.filter(pk=question).first() if question else None
        subject = undoing.subject_of(about or edition)
        place = building.place_of(about or edition)
        with undoing.noted(edition.pk, request.user, now, Did.REPAIRED, subject=subject, place=place):
            critiquing.repair(edition, rule, question, version)
        messages.success(request, _("Repaired. Please read the result before you publish."))

    return _done(request, edition, deed)


def _done(request: HttpRequest, edition: Edition, deed: Callable[[str, int | None], None]) -> HttpResponse:
    """Do it, say how it went, and go back to where it stood."""
    rule, question = request.POST.get("rule", ""), request.POST.get("question", "")
    if rule not in BY_CODE or not (
        question == "" or (question.isascii() and question.isdigit() and len(question) < 19)
    ):
        return HttpResponseBadRequest()
    if "\x00" in request.POST.get("reason", ""):
        # No database keeps it.
        return HttpResponseBadRequest()
    try:
        deed(rule, int(question) if question else None)
    except authoring.Refused as refused:
        for reason in refused.reasons:
            messages.error(request, reason)
    url = reverse("admin:surveys_edition_critique", args=[edition.pk])
    return HttpResponseRedirect(f"{url}#{_anchor(question)}")


def places(edition: Edition, found: list[Finding], language: str) -> list[Place]:
    """Findings gathered by what they are about, in the order of the questionnaire."""
    view = structure.read(edition)
    sections = list(edition.sections.order_by("position").values_list("pk", flat=True))
    gathered: dict[str, Place] = {}
    builder = build_url(edition.questionnaire_id)
    for each in found:
        if each.question:
            key = _anchor(str(each.question_id))
            edit = f"{builder}#question-{each.question_id}"
            title, text = each.question, view.questions[each.question].text(language)
        elif each.section:
            key = f"section-{each.section}"
            edit = f"{builder}#section-{sections[each.section - 1]}"
            title, text = (
                _("Section %(number)d") % {"number": each.section},
                view.sections[each.section - 1].title(language),
            )
        else:
            key, title, text = _anchor(""), _("The whole and its first page"), ""
            edit = f"{builder}#edition-{edition.pk}"
        gathered.setdefault(key, Place(key, title, text, edit)).findings.append(each)
    return list(gathered.values())


def _anchor(question: str) -> str:
    return f"question-{question}" if question else "whole"
