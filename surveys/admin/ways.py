"""Open links of a survey: made, changed, turned off and on, and as QR codes and posters."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from surveys import drawing
from surveys.admin.base import ModelAdmin
from surveys.admin.exports import LOOK_AGAIN_SECONDS
from surveys.admin.planning import MomentField
from surveys.models import Drawn, Export, OpenLink, Survey
from surveys.structure import texts
from surveys.ways import bearing, linking, picturing, placarding
from surveys.ways.telling import FACT

PICTURES = {"svg": ("image/svg+xml", picturing.svg), "png": ("image/png", picturing.png)}


class ChangeForm(forms.Form):
    """What can be changed of a link. What stands on posters, and the background, is fixed."""

    title = forms.CharField(
        label=gettext_lazy("Name among staff"),
        max_length=80,
        help_text=gettext_lazy("Such as the meeting it is for. Respondents do not see it."),
    )
    opens_at = MomentField(
        label=gettext_lazy("Opens"), required=False, help_text=gettext_lazy("Empty: with the survey.")
    )
    closes_at = MomentField(
        label=gettext_lazy("Closes"),
        required=False,
        help_text=gettext_lazy("Empty: with the survey. Those who have begun may finish until the survey's deadline."),
    )
    most = forms.IntegerField(
        label=gettext_lazy("Most ballots"),
        initial=300,
        min_value=linking.STEP,
        max_value=linking.MOST_BALLOTS,
        help_text=gettext_lazy("In tens. Everyone who presses Start gets one, so allow for more than will answer."),
    )

    def values(self) -> dict[str, Any]:
        """For the deeds."""
        given = self.cleaned_data
        return {"opens_at": given["opens_at"], "closes_at": given["closes_at"], "most": given["most"]}


class MakeForm(ChangeForm):
    """A new link, with the background of everyone who comes by it."""

    is_kiosk = forms.BooleanField(
        label=gettext_lazy("Shared screen"),
        required=False,
        help_text=gettext_lazy(
            "For a tablet at a meeting: it keeps nothing, clears itself, and goes on to the next person. "
            "Answers cannot be changed afterwards."
        ),
    )

    def __init__(self, survey: Survey, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "nb"
        self.facts = [fact for fact in survey.facts.order_by("rank") if fact.name != FACT]
        for fact in self.facts:
            values = [(value.code, texts(value, "label")(language)) for value in fact.values.all()]
            self.fields[f"fact_{fact.name}"] = forms.ChoiceField(
                label=texts(fact, "label")(language), choices=[("", _("not known")), *values], required=False
            )

    def fact_fields(self) -> list[forms.BoundField]:
        return [self[f"fact_{fact.name}"] for fact in self.facts]

    def values(self) -> dict[str, Any]:
        """For the deed."""
        chosen = {fact.name: self.cleaned_data[f"fact_{fact.name}"] for fact in self.facts}
        facts = {name: value for name, value in chosen.items() if value}
        return {**super().values(), "is_kiosk": self.cleaned_data["is_kiosk"], "facts": facts}


# A poster is made for those who read it: each language by its own name.
POSTER_LANGUAGES = {"nb": "bokmål", "nn": "nynorsk", "en": "English", "se": "davvisámegiella"}


def addresses(model_admin: ModelAdmin) -> list[URLPattern]:
    """The addresses of open links, below the surveys' own."""

    def demand(request: HttpRequest, survey: Survey) -> None:
        if not model_admin.has_change_permission(request, survey):
            raise PermissionDenied

    def on_survey(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        def act(request: HttpRequest, pk: int) -> HttpResponse:
            survey = get_object_or_404(Survey.objects.select_related("edition"), pk=pk)
            demand(request, survey)
            return view(request, survey, model_admin)

        return model_admin.admin_site.admin_view(require_http_methods(["GET", "POST"])(act))  # type: ignore[no-any-return]

    def on_link(view: Callable[..., HttpResponse], methods: Any = require_POST) -> Callable[..., HttpResponse]:
        def act(request: HttpRequest, pk: int, **more: Any) -> HttpResponse:
            link = get_object_or_404(OpenLink.objects.select_related("survey__edition__questionnaire"), pk=pk)
            demand(request, link.survey)
            return view(request, link, model_admin, **more)

        return model_admin.admin_site.admin_view(methods(act))  # type: ignore[no-any-return]

    change = require_http_methods(["GET", "POST"])
    return [
        path("<int:pk>/ways/", on_survey(_links), name="surveys_ways"),
        path("ways/<int:pk>/", on_link(_change, change), name="surveys_way"),
        path("ways/<int:pk>/off/", on_link(_off), name="surveys_way_off"),
        path("ways/<int:pk>/on/", on_link(_on), name="surveys_way_on"),
        path("ways/<int:pk>/qr.<str:kind>", on_link(_picture, require_GET), name="surveys_way_qr"),
        path("ways/<int:pk>/poster/", on_link(_ask), name="surveys_way_poster"),
        path("ways/<int:pk>/poster/<int:export>/", on_link(_poster, require_GET), name="surveys_poster"),
    ]


def _links(request: HttpRequest, survey: Survey, model_admin: ModelAdmin) -> HttpResponse:
    """GET: the links there are, and a form for another. POST: make it."""
    now = request.now  # type: ignore[attr-defined]
    form = MakeForm(survey, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            link = linking.make(survey, form.cleaned_data["title"], **form.values())
        except linking.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The link “%(title)s” is made.") % {"title": link.title})
            return _back(link)
    shown = [(link, picturing.address(link), _standing(bearing.refusal(link, now))) for link in _all(survey)]
    page: HttpResponse = model_admin.show_page(
        request,
        "ways",
        title=_("Open links"),
        survey=survey,
        form=form,
        links=shown,
        languages=_languages(survey),
        back=reverse("admin:surveys_survey_change", args=[survey.pk]),
    )
    return page


def _change(request: HttpRequest, link: OpenLink, model_admin: ModelAdmin) -> HttpResponse:
    known = {name: getattr(link, name) for name in ("title", "opens_at", "closes_at", "most")}
    form = ChangeForm(request.POST if request.method == "POST" else None, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            linking.change(link, form.cleaned_data["title"], **form.values())
        except linking.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The link is changed."))
            return _back(link)
    page: HttpResponse = model_admin.show_page(
        request, "way", title=_("Change “%(title)s”") % {"title": link.title}, form=form, back=_address_of(link)
    )
    return page


def _off(request: HttpRequest, link: OpenLink, model_admin: ModelAdmin) -> HttpResponse:
    linking.turn_off(link, request.now)  # type: ignore[attr-defined]
    messages.success(request, _("The link is turned off. Those who have begun may finish."))
    return _back(link)


def _on(request: HttpRequest, link: OpenLink, model_admin: ModelAdmin) -> HttpResponse:
    linking.turn_on(link)
    messages.success(request, _("The link is turned on."))
    return _back(link)


def _picture(request: HttpRequest, link: OpenLink, model_admin: ModelAdmin, kind: str) -> HttpResponse:
    """The QR code as a file."""
    if kind not in PICTURES:
        raise Http404
    media_type, draw = PICTURES[kind]
    disposition = "inline" if "show" in request.GET else "attachment"
    headers = {"Content-Disposition": f'{disposition}; filename="{link.survey.code}-qr-{link.code}.{kind}"'}
    return HttpResponse(draw(link), content_type=media_type, headers=headers)


def _ask(request: HttpRequest, link: OpenLink, model_admin: ModelAdmin) -> HttpResponse:
    """POST with `language`, once or more: the poster is asked for."""
    try:
        row = placarding.ask(link, request.POST.getlist("language"), request.user.pk, request.now)  # type: ignore[attr-defined]
    except ValueError:
        messages.error(request, _("Choose at least one language for the poster."))
        return _back(link)
    return HttpResponseRedirect(reverse("admin:surveys_poster", args=[link.pk, row]), status=HTTPStatus.SEE_OTHER)


def _poster(request: HttpRequest, link: OpenLink, model_admin: ModelAdmin, export: int) -> HttpResponse:
    """How far the poster has come, and with `?file` the poster itself."""
    rows = Export.objects.filter(edition=link.survey.edition_id, format=Drawn.POSTER)
    row = get_object_or_404(rows.select_related("edition__questionnaire"), pk=export)
    if "file" in request.GET and row.finished_at is not None:
        file = drawing.made(row)
        headers = {"Content-Disposition": f'attachment; filename="{file.file_name}"'}
        return HttpResponse(file.content, content_type=file.media_type, headers=headers)
    title = _("Poster for “%(title)s”") % {"title": link.title}
    page: HttpResponse = model_admin.show_page(request, "poster", title=title, export=row, back=_address_of(link))
    if row.is_waiting:
        page["Refresh"] = str(LOOK_AGAIN_SECONDS)
    return page


def _all(survey: Survey) -> list[OpenLink]:
    rows = list(OpenLink.objects.filter(survey=survey))
    for row in rows:
        row.survey = survey
    return rows


def _standing(refusal: str) -> str:
    return {
        "": _("open"),
        "off": _("turned off"),
        "full": _("all ballots handed out"),
        "not_open": _("not open yet"),
        "closed": _("closed"),
    }[refusal]


def _languages(survey: Survey) -> list[tuple[str, str]]:
    """Those that the survey is written in, with the first to be chosen first."""
    written = texts(survey.edition, "title").by_language
    return [(language, name) for language, name in POSTER_LANGUAGES.items() if language in written or language == "nb"]


def _address_of(link: OpenLink) -> str:
    return reverse("admin:surveys_ways", args=[link.survey_id])


def _back(link: OpenLink) -> HttpResponse:
    return HttpResponseRedirect(_address_of(link), status=HTTPStatus.SEE_OTHER)
