"""The builder: one page on which a draft is written, saved thing by thing, with the respondents' pages beside it.

What is sent by its script is answered in JSON with the parts of the page that have changed; without the script the page
leads to the forms, and what is pressed is done all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from surveys import authoring, building, critiquing, deciding, versioning
from surveys.admin import pressing
from surveys.admin.base import ModelAdmin
from surveys.admin.board import board
from surveys.admin.merging import who
from surveys.admin.sheet import sheet
from surveys.authoring import Refused
from surveys.kinds import registry
from surveys.models import Edition, Option, Question, Questionnaire, Section

SCRIPTED = "X-Builder"
QUIET = timedelta(minutes=10)


def addresses(model_admin: ModelAdmin) -> list[URLPattern]:
    """The builder's addresses, below the questionnaires' own."""

    def address(name: str, view: Callable[..., HttpResponse], only: Callable[[Any], Any]) -> URLPattern:
        def with_draft(request: HttpRequest, pk: int) -> HttpResponse:
            questionnaire = get_object_or_404(Questionnaire, pk=pk)
            if not model_admin.has_change_permission(request, questionnaire):
                raise PermissionDenied
            draft = questionnaire.editions.filter(published_at__isnull=True).select_related("questionnaire").first()
            if draft is None:
                return _without_draft(request, questionnaire)
            return view(request, draft, model_admin)

        wrapped = model_admin.admin_site.admin_view(only(with_draft))
        folder = "<int:pk>/build/" if name == "build" else f"<int:pk>/build/{name}/"
        suffix = "build" if name == "build" else f"build_{name}"
        found: URLPattern = path(folder, wrapped, name=f"surveys_questionnaire_{suffix}")
        return found

    return [
        address("build", _page, require_GET),
        address("changes", _changes, require_GET),
        address("write", _write, require_POST),
        address("deed", _deed, require_POST),
    ]


def _page(request: HttpRequest, draft: Edition, model_admin: ModelAdmin) -> HttpResponse:
    """The whole page."""
    return model_admin.show_page(
        request,
        "build",
        title=_("Build “%(title)s”") % {"title": draft.questionnaire},
        **_context(draft),
    )


def _changes(request: HttpRequest, draft: Edition, model_admin: ModelAdmin) -> HttpResponse:
    """What has changed since the version `version`: the outline, and what is open (`open`) as it stands now."""
    if request.GET.get("version") == str(draft.version):
        return JsonResponse({"version": draft.version})
    return JsonResponse(_payload(request, draft, request.GET.get("open", "")))


def _write(request: HttpRequest, draft: Edition, model_admin: ModelAdmin) -> HttpResponse:
    """Save one field: `place`, `name`, `value`, and `read`, the mark of what stood there before."""
    place, name, value, read = (request.POST.get(each, "") for each in ("place", "name", "value", "read"))
    try:
        if name == "conditions":
            target = deciding.write(draft.pk, place, value, read)
            stored, mark = "", deciding.mark_of(target)
            row: building.Row = target
        else:
            row = building.write(draft.pk, place, name, value, read)
            stored = versioning.plain(getattr(row, name))
            mark = versioning.mark(stored)
    except building.Overtaken as overtaken:
        found = _find(draft, place)
        theirs = deciding.mark_of(found) if name == "conditions" and isinstance(found, Question | Section) else ""
        return JsonResponse(
            {
                "reasons": [*overtaken.reasons, *(who(request, _part_of(found)) if found else ())],
                "theirs": overtaken.theirs,
                "read": theirs or versioning.mark(overtaken.theirs),
            },
            status=HTTPStatus.CONFLICT,
        )
    except Refused as refused:
        return _refusal(refused)
    _note(request, _part_of(row))
    return JsonResponse({"value": stored, "read": mark})


def _deed(request: HttpRequest, draft: Edition, model_admin: ModelAdmin) -> HttpResponse:
    """Do what was pressed: `deed`, on `place`, with what it needs besides."""
    sent = {**request.GET.dict(), **request.POST.dict()}
    deed = pressing.DEEDS.get(sent.get("deed", ""))
    if deed is None:
        raise Http404
    try:
        place, focus = deed(draft, sent)
    except Refused as refused:
        if SCRIPTED in request.headers:
            return _refusal(refused)
        for reason in refused.reasons:
            messages.error(request, reason)
        return HttpResponseRedirect(_address(draft))
    if SCRIPTED not in request.headers:
        return HttpResponseRedirect(f"{_address(draft)}#{place}")
    opened = place if place or sent.get("open", "") == sent.get("place", "-") else sent.get("open", "")
    return JsonResponse({**_payload(request, draft, opened), "focus": focus})


def _payload(request: HttpRequest, draft: Edition, opened: str) -> dict[str, Any]:
    """The parts of the page as they stand now; `sheet` is empty if nothing is open, or it is gone."""
    fresh = Edition.objects.select_related("questionnaire").get(pk=draft.pk)
    context = _context(fresh)
    row = _find(fresh, opened)
    shown = ""
    if row is not None and not isinstance(row, Option):
        found = [each for each in context["board"].findings if _is_about(each, row)]
        context |= {"sheet": sheet(row, context["board"]), "findings": found}
        shown = render_to_string("admin/surveys/build_sheet.html", context, request)
    return {
        "version": fresh.version,
        "board": render_to_string("admin/surveys/build_board.html", context, request),
        "place": opened if shown else "",
        "sheet": shown,
    }


def _is_about(finding: critiquing.Finding, row: building.Row) -> bool:
    """Whether a finding is shown beside a part: a question's at the question, the rest at the title page."""
    return (
        finding.question_id == row.pk
        if isinstance(row, Question)
        else isinstance(row, Edition) and not finding.question
    )


def _context(draft: Edition) -> dict[str, Any]:
    return {
        "edition": draft,
        "questionnaire": draft.questionnaire,
        "board": board(draft, get_language() or "nb"),
        "kinds": registry.choices(),
        "deed_url": reverse("admin:surveys_questionnaire_build_deed", args=[draft.questionnaire_id]),
    }


def _without_draft(request: HttpRequest, questionnaire: Questionnaire) -> HttpResponse:
    if SCRIPTED in request.headers:
        return _refusal(authoring.NotADraft())
    messages.info(request, _("There is no draft. Perhaps someone else has just published it."))
    return HttpResponseRedirect(reverse("admin:surveys_questionnaire_change", args=[questionnaire.pk]))


def _refusal(refused: Refused) -> JsonResponse:
    is_gone = isinstance(refused, authoring.PartGone | authoring.NotADraft)
    return JsonResponse(
        {"reasons": refused.reasons}, status=HTTPStatus.GONE if is_gone else HTTPStatus.UNPROCESSABLE_ENTITY
    )


def _find(draft: Edition, place: str) -> building.Row | None:
    try:
        return building.find(draft, place) if place else None
    except authoring.PartGone:
        return None


def _part_of(row: building.Row) -> Edition | Section | Question:
    return row.question if isinstance(row, Option) else row


def _note(request: HttpRequest, part: Edition | Section | Question) -> None:
    """Put on record who wrote here, once in a while: whoever is overtaken is told the name."""
    since = request.now - QUIET  # type: ignore[attr-defined]  # set by ClockMiddleware
    kind = ContentType.objects.get_for_model(part)
    last = LogEntry.objects.filter(content_type=kind, object_id=str(part.pk)).first()
    if last is None or last.user_id != request.user.pk or last.action_time < since:
        LogEntry.objects.create(
            user_id=request.user.pk or 0,
            content_type=kind,
            object_id=str(part.pk),
            object_repr=str(part)[:200],
            action_flag=CHANGE,
            change_message="[]",
        )


def _address(draft: Edition) -> str:
    return reverse("admin:surveys_questionnaire_build", args=[draft.questionnaire_id])
