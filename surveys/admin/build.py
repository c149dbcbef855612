"""The builder: one page on which a draft is written, saved thing by thing, with the respondents' pages beside it.

What is sent by its script is answered in JSON with the parts of the page that have changed; without the script the page
leads to the forms, and what is pressed is done all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from surveys import authoring, critiquing
from surveys.admin import history, pressing
from surveys.admin.base import ModelAdmin
from surveys.admin.board import board
from surveys.admin.merging import who
from surveys.admin.sheet import fact_words, sheet
from surveys.attachments import attaching
from surveys.attachments.cleaning import LARGEST_SENT
from surveys.authoring import Refused
from surveys.drafting import banding, building, deciding, declaring, undoing, versioning
from surveys.kinds import registry
from surveys.models import Did, Edition, Option, Question, Questionnaire, Section

SCRIPTED = "X-Builder"
QUIET = timedelta(minutes=10)


def addresses(model_admin: ModelAdmin) -> list[URLPattern]:
    """The builder's addresses, below the questionnaires' own."""

    def address(name: str, view: Callable[..., HttpResponse], only: Callable[[Any], Any]) -> URLPattern:
        def with_draft(request: HttpRequest, pk: int) -> HttpResponse:
            questionnaire = get_object_or_404(Questionnaire, pk=pk)
            if not model_admin.has_change_permission(request, questionnaire):
                raise PermissionDenied
            # No database keeps it. What is typed (`value`) is refused in words; the rest our own page has sent.
            if any("\x00" in each for name in request.POST if name != "value" for each in request.POST.getlist(name)):
                raise BadRequest("NUL in a field")
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
        address("attach", _attach, require_POST),
    ]


def _page(request: HttpRequest, draft: Edition, model_admin: ModelAdmin) -> HttpResponse:
    """The whole page."""
    return model_admin.show_page(
        request,
        "build",
        title=_("Build “%(title)s”") % {"title": draft.questionnaire},
        **_context(request, draft),
    )


def _changes(request: HttpRequest, draft: Edition, model_admin: ModelAdmin) -> HttpResponse:
    """What has changed since the version `version`: the outline, and what is open (`open`) as it stands now."""
    if request.GET.get("version") == str(draft.version):
        return JsonResponse({"version": draft.version})
    return JsonResponse(_payload(request, draft, request.GET.get("open", "")))


def _write(request: HttpRequest, draft: Edition, model_admin: ModelAdmin) -> HttpResponse:
    """Save one field: `place`, `name`, `value`, and `read`, the mark of what stood there before."""
    place, name, value, read = (request.POST.get(each, "") for each in ("place", "name", "value", "read"))
    now = request.now  # type: ignore[attr-defined]  # set by ClockMiddleware
    try:
        with undoing.noted(draft.pk, request.user, now, Did.WROTE, place=f"{place} {name}") as note:
            row, stored, mark = _written(draft, place, name, value, read)
            note.subject = undoing.subject_of(row)
    except building.Overtaken as overtaken:
        found = _find(draft, place)
        theirs = _mark_of(found, name)
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


def _written(draft: Edition, place: str, name: str, value: str, read: str) -> tuple[building.Row, str, str]:
    """Write one thing: the row it is in, what stands there now, and the mark of that."""
    if place.startswith("editionfact"):
        stored = declaring.word(draft.pk, place, name, value, read)
        return draft, stored, versioning.mark(stored)
    if name == "conditions":
        target = deciding.write(draft.pk, place, value, read)
        return target, "", deciding.mark_of(target)
    if name == "bands":
        question = banding.write(draft.pk, place, value, read)
        return question, banding.written(question), banding.mark_of(question)
    row = building.write(draft.pk, place, name, value, read)
    stored = versioning.plain(getattr(row, name))
    return row, stored, versioning.mark(stored)


def _mark_of(row: building.Row | None, name: str) -> str:
    """The mark of what is written as a whole; empty for a field, which is its own mark."""
    if name == "conditions" and isinstance(row, Question | Section):
        return deciding.mark_of(row)
    return banding.mark_of(row) if name == "bands" and isinstance(row, Question) else ""


def _deed(request: HttpRequest, draft: Edition, model_admin: ModelAdmin) -> HttpResponse:
    """Do what was pressed: `deed`, on `place`, with what it needs besides."""
    sent = {**request.GET.dict(), **request.POST.dict(), "several": ",".join(request.POST.getlist("several"))}
    now = request.now  # type: ignore[attr-defined]  # set by ClockMiddleware
    try:
        place, focus = pressing.press(draft, sent, request.user, now)
    except Refused as refused:
        see = _see(draft, refused)
        if SCRIPTED in request.headers:
            return _refusal(refused, see)
        for reason in refused.reasons:
            messages.error(request, reason)
        return HttpResponseRedirect(see or _address(draft))
    if SCRIPTED not in request.headers:
        return HttpResponseRedirect(_without_script(draft, place, focus, sent))
    opened = place if place or sent.get("open", "") == sent.get("place", "-") else sent.get("open", "")
    return JsonResponse({**_payload(request, draft, opened), "focus": focus})


def _without_script(draft: Edition, place: str, focus: str, sent: Mapping[str, str]) -> str:
    """Where a page without a script goes on: what has just been added is written in on a page of its own."""
    kind, _dash, number = place.partition("-")
    if sent.get("deed") in ("add_question", "add_section", "copy"):
        return reverse(f"admin:surveys_{kind}_change", args=[number])
    # The place that gets the focus: what was moved, what came back, what stands beside what was deleted.
    return f"{_address(draft)}#{'-'.join(focus.split('-')[:2]) if focus.endswith('-open') else place}"


def _attach(request: HttpRequest, draft: Edition, model_admin: ModelAdmin) -> HttpResponse:
    """Put the file `file` into the block `place`, where the file marked `read` was before."""
    sent, place = request.FILES.get("file"), request.POST.get("place", "")
    try:
        row = building.find(draft, place)
        if sent is None or not isinstance(row, Question):
            raise attaching.NotAttached(_("Please choose a file."))
        # One byte more than allowed is enough to see that it is too large.
        content = sent.read(LARGEST_SENT + 1)
        now = request.now  # type: ignore[attr-defined]  # set by ClockMiddleware
        with undoing.noted(draft.pk, request.user, now, Did.WROTE, subject=undoing.subject_of(row)):
            made = attaching.attach(draft.pk, row.pk, content, sent.name or "", request.POST.get("read", ""))
    except Refused as refused:
        return _refusal(refused)
    _note(request, made)
    payload = _payload(request, draft, place)
    # What is missing now is what it shows, in words; or what it is called.
    focus = f"{place}-alt_nb" if f'id="{place}-alt_nb"' in payload["sheet"] else f"{place}-caption_nb"
    return JsonResponse({**payload, "focus": focus})


def _payload(request: HttpRequest, draft: Edition, opened: str) -> dict[str, Any]:
    """The parts of the page as they stand now; `sheet` is empty if nothing is open, or it is gone."""
    fresh = Edition.objects.select_related("questionnaire").get(pk=draft.pk)
    context = _context(request, fresh)
    row = _find(fresh, opened)
    shown = ""
    if row is not None and not isinstance(row, Option):
        found = [each for each in context["board"].findings if _is_about(each, row)]
        context |= {"sheet": sheet(row, context["board"]), "findings": found}
        shown = render_to_string("admin/surveys/build_sheet.html", context, request)
    return {
        "version": fresh.version,
        "board": render_to_string("admin/surveys/build_board.html", context, request),
        "done": render_to_string("admin/surveys/build_done.html", context, request),
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


def _context(request: HttpRequest, draft: Edition) -> dict[str, Any]:
    last = undoing.last(draft)
    return {
        "edition": draft,
        "questionnaire": draft.questionnaire,
        "done": history.row(last, request.user) if last else None,
        "board": board(draft, get_language() or "nb"),
        "fact_words": fact_words(draft),
        "kinds": registry.choices(),
        "deed_url": reverse("admin:surveys_questionnaire_build_deed", args=[draft.questionnaire_id]),
    }


def _without_draft(request: HttpRequest, questionnaire: Questionnaire) -> HttpResponse:
    if SCRIPTED in request.headers:
        return _refusal(authoring.NotADraft())
    messages.info(request, _("There is no draft. Perhaps someone else has just published it."))
    return HttpResponseRedirect(reverse("admin:surveys_questionnaire_change", args=[questionnaire.pk]))


def _refusal(refused: Refused, see: str = "") -> JsonResponse:
    """Why not; `see` is the address of a page that shows more."""
    is_gone = isinstance(refused, authoring.PartGone | authoring.NotADraft)
    return JsonResponse(
        {"reasons": refused.reasons, **({"see": see} if see else {})},
        status=HTTPStatus.GONE if is_gone else HTTPStatus.UNPROCESSABLE_ENTITY,
    )


def _see(draft: Edition, refused: Refused) -> str:
    if not isinstance(refused, undoing.Overtaken):
        return ""
    return reverse("admin:surveys_questionnaire_history_one", args=[draft.questionnaire_id, refused.change.pk])


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
