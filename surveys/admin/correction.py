"""Misspellings in a published edition: what has been corrected, and the form that corrects one text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from modeltranslation.settings import AVAILABLE_LANGUAGES

from surveys import structure
from surveys.admin.base import ModelAdmin
from surveys.admin.drafts import questionnaire_url
from surveys.models import CorrectedPart, Edition
from surveys.structure import Text
from surveys.texts import correcting
from surveys.texts.correcting import Place
from surveys.texts.differing import Piece, difference
from surveys.texts.wording import language_within

FIELD_NAMES = {
    "title": gettext_lazy("title"),
    "purpose": gettext_lazy("purpose"),
    "intro": gettext_lazy("introduction"),
    "text": gettext_lazy("text"),
    "help": gettext_lazy("help"),
    "elaboration_prompt": gettext_lazy("prompt for the elaboration"),
    "unit": gettext_lazy("unit"),
    "label": gettext_lazy("label"),
    "quotation": gettext_lazy("quotation"),
    "source": gettext_lazy("source of the quotation"),
    "alt": gettext_lazy("text in place of the image"),
    "caption": gettext_lazy("caption"),
}


class CorrectionForm(forms.Form):
    """One text, as it stands and as it should read."""

    before = forms.CharField(widget=forms.HiddenInput, strip=False)
    after = forms.CharField(
        label=gettext_lazy("text"), max_length=correcting.LONGEST, widget=forms.Textarea(attrs={"rows": 6})
    )


@dataclass(frozen=True)
class Line:
    """One text that can be corrected: where it stands, in words, and the address of its form."""

    name: str
    text: str
    query: str


def addresses(model_admin: ModelAdmin) -> list[URLPattern]:
    """The addresses of corrections, below the questionnaires' own."""
    wrap = model_admin.admin_site.admin_view

    def corrections(request: HttpRequest, pk: int) -> HttpResponse:
        return _show(model_admin, request, _edition(model_admin, request, pk))

    def correct(request: HttpRequest, pk: int) -> HttpResponse:
        edition = _edition(model_admin, request, pk)
        if not model_admin.has_change_permission(request, edition.questionnaire):
            raise PermissionDenied
        return _correct(model_admin, request, edition)

    both = require_http_methods(["GET", "POST"])
    return [
        path("edition/<int:pk>/corrections/", wrap(require_GET(corrections)), name="surveys_edition_corrections"),
        path("edition/<int:pk>/correct/", wrap(both(correct)), name="surveys_edition_correct"),
    ]


def _edition(model_admin: ModelAdmin, request: HttpRequest, pk: int) -> Edition:
    edition: Edition = get_object_or_404(Edition.objects.select_related("questionnaire"), pk=pk)
    if not model_admin.has_view_permission(request, edition.questionnaire):
        raise PermissionDenied
    if edition.is_draft:
        raise Http404
    return edition


def _show(model_admin: ModelAdmin, request: HttpRequest, edition: Edition) -> HttpResponse:
    """What has been corrected, and every text in the language `language`."""
    language = request.GET.get("language", get_language() or "nb")
    if language not in AVAILABLE_LANGUAGES:
        raise Http404
    may_correct = model_admin.has_change_permission(request, edition.questionnaire)
    made = list(edition.corrections.select_related("person").order_by("-pk"))
    names = _names(edition) if made else {}
    return model_admin.show_page(
        request,
        "corrections",
        title=_("Corrections in “%(title)s”") % {"title": edition.questionnaire},
        edition=edition,
        back=questionnaire_url(edition),
        made=[_made(each, names) for each in made],
        groups=_groups(edition, language) if may_correct else [],
        may_correct=may_correct,
        languages=[(code, capfirst(language_within(code))) for code in AVAILABLE_LANGUAGES],
        language=language,
    )


def _names(edition: Edition) -> dict[tuple[str, int], str]:
    """What each part that can be corrected is called, by its kind and key."""
    names = {}
    ids = edition.sections.order_by("position").values_list("pk", flat=True)
    for number, (pk, section) in enumerate(zip(ids, structure.read(edition).sections, strict=True), start=1):
        names[str(CorrectedPart.SECTION), pk] = _("Section %(number)d") % {"number": number}
        for question in section.questions:
            names[str(CorrectedPart.QUESTION), question.id] = question.code
            for place, option in enumerate(question.options, start=1):
                answer = _("Answer %(number)d") % {"number": place}
                names[str(CorrectedPart.OPTION), option.id] = f"{question.code} › {answer}"
    return names


def _made(correction: Any, names: dict[tuple[str, int], str]) -> dict[str, Any]:
    pieces: tuple[Piece, ...] = difference(correction.before, correction.after)
    return {
        "correction": correction,
        "pieces": pieces,
        "part": names.get((correction.part, correction.part_id)) or correction.get_part_display(),
        "field": FIELD_NAMES.get(correction.field, correction.field),
        "language": capfirst(language_within(correction.language)),
    }


def _groups(edition: Edition, language: str) -> list[tuple[str, list[Line]]]:
    """Every text that respondents read in a language, by the part it stands in."""
    view = structure.read(edition)

    def lines(part: str, pk: int, texts: dict[str, Text], name: str = "") -> list[Line]:
        return [
            Line(
                f"{name} {FIELD_NAMES[field]}".strip(),
                text.by_language[language],
                urlencode([("part", part), ("id", pk), ("field", field), ("language", language)]),
            )
            for field, text in texts.items()
            if text.by_language.get(language)
        ]

    groups = [
        (
            str(CorrectedPart.EDITION.label),
            lines(CorrectedPart.EDITION, edition.pk, {"title": view.title, "purpose": view.purpose}),
        )
    ]
    ids = edition.sections.order_by("position").values_list("pk", flat=True)
    for number, (pk, section) in enumerate(zip(ids, view.sections, strict=True), start=1):
        found = lines(CorrectedPart.SECTION, pk, {"title": section.title, "intro": section.intro})
        for question in section.questions:
            names = correcting.FIELDS[CorrectedPart.QUESTION]
            texts = {name: getattr(question, name) for name in names}
            found += lines(CorrectedPart.QUESTION, question.id, texts, question.code)
            for place, option in enumerate(question.options, start=1):
                name = f"{question.code} › {_('Answer %(number)d') % {'number': place}} ·"
                found += lines(CorrectedPart.OPTION, option.id, {"label": option.label}, name)
        groups.append((_("Section %(number)d") % {"number": number}, found))
    return [(name, found) for name, found in groups if found]


def _correct(model_admin: ModelAdmin, request: HttpRequest, edition: Edition) -> HttpResponse:
    """GET shows one text in a form; POST corrects it."""
    place = _place(request)
    try:
        text = correcting.current(edition, place)
    except correcting.NoSuchText as error:
        raise Http404 from error
    back = reverse("admin:surveys_edition_corrections", args=[edition.pk])
    sent = request.POST if request.method == "POST" else None
    form = CorrectionForm(sent, initial={"before": text, "after": text})
    if form.is_valid():
        before, after = form.cleaned_data["before"], form.cleaned_data["after"]
        try:
            correcting.correct(edition, place, before, after, request.user, request.now)  # type: ignore[attr-defined]
        except correcting.NotCorrected as refused:
            form.add_error("after", refused.reasons[0])
        else:
            messages.success(request, _("Corrected. Everyone who answers sees it within a minute."))
            return HttpResponseRedirect(back)
    return model_admin.show_page(
        request,
        "correct",
        title=_("Correct a misspelling"),
        edition=edition,
        form=form,
        text=text,
        language=place.language,
        back=back,
    )


def _place(request: HttpRequest) -> Place:
    given = request.GET
    pk = given.get("id", "")
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        raise Http404
    return Place(given.get("part", ""), int(pk), given.get("field", ""), given.get("language", ""))
