"""The map of an edition's routing: a drawing, and the same as a list that says all of it in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from surveys import structure
from surveys.admin.base import ModelAdmin
from surveys.admin.drafts import questionnaire_url
from surveys.admin.offering import fact_rows
from surveys.admin.outline import condition_in_words
from surveys.branching import mapping
from surveys.branching.mapping import DeadEnd, Place
from surveys.models import Edition
from surveys.structure import FACT, EditionView

ROW, LEFT, BEND, STEP, DEEPEST = 28, 200, 24, 9, 240


@dataclass(frozen=True)
class Stop:
    """A question or background fact in the drawing, and its middle."""

    name: str
    y: int
    is_fact: bool = False
    is_unreachable: bool = False


@dataclass(frozen=True)
class Bow:
    """A bow from what decides to what is decided on."""

    line: str
    head: str


@dataclass(frozen=True)
class Drawing:
    """What takes part in the routing, from top to bottom, and who decides on whom."""

    stops: list[Stop]
    bows: list[Bow]
    width: int
    height: int


@dataclass(frozen=True)
class Row:
    """One question in the list."""

    id: int
    code: str
    text: str
    section: str
    condition: str
    leads_to: tuple[str, ...]
    fault: str


def addresses(model_admin: ModelAdmin) -> list[URLPattern]:
    """The map's address, below the questionnaires' own."""

    def page(request: HttpRequest, pk: int) -> HttpResponse:
        edition: Edition = get_object_or_404(Edition.objects.select_related("questionnaire"), pk=pk)
        if not model_admin.has_view_permission(request, edition.questionnaire):
            raise PermissionDenied
        return _page(request, edition, model_admin)

    wrapped = model_admin.admin_site.admin_view(require_GET(page))
    return [path("edition/<int:pk>/map/", wrapped, name="surveys_edition_map")]


def _page(request: HttpRequest, edition: Edition, model_admin: ModelAdmin) -> HttpResponse:
    language = get_language() or "nb"
    view = structure.read(edition)
    chart = mapping.chart(view)
    response: HttpResponse = model_admin.show_page(
        request,
        "map",
        title=_("Routing of “%(title)s”") % {"title": edition.questionnaire},
        edition=edition,
        drawing=draw(chart.places),
        rows=_rows(chart.places, view, language),
        facts=[fact for fact in fact_rows(view, language) if fact.is_declared],
        faults=[place.fault for place in chart.places if place.fault],
        dead_ends=[_dead_end(each, view, language) for each in chart.dead_ends],
        back=questionnaire_url(edition),
    )
    return response


def draw(places: Sequence[Place]) -> Drawing | None:
    """The drawing; None if everything is asked of everyone."""
    facts = sorted({source for place in places for source in place.looks_at if source.startswith(FACT)})
    involved = [place for place in places if place.looks_at or place.leads_to]
    if not involved:
        return None
    names = [*facts, *(place.code for place in involved)]
    middle = {name: ROW // 2 + number * ROW for number, name in enumerate(names)}
    unreachable = {place.code for place in places if place.fault}
    stops = [Stop(name.removeprefix(FACT), y, name.startswith(FACT), name in unreachable) for name, y in middle.items()]
    pairs = [
        (middle[source], middle[place.code]) for place in involved for source in place.looks_at if source in middle
    ]
    depths = [min(BEND + STEP * (abs(end - start) // ROW), DEEPEST) for start, end in pairs]
    bows = [_bow(start, end, depth) for (start, end), depth in zip(pairs, depths, strict=True)]
    return Drawing(stops, bows, LEFT + max(depths, default=0) + BEND, ROW * len(names))


def _bow(start: int, end: int, depth: int) -> Bow:
    bend = LEFT + depth * 4 // 3
    line = f"M{LEFT},{start + 4} C{bend},{start + 4} {bend},{end - 4} {LEFT + 6},{end - 4}"
    return Bow(line, f"{LEFT},{end - 4} {LEFT + 9},{end - 8} {LEFT + 9},{end}")


def _rows(places: Sequence[Place], view: EditionView, language: str) -> list[Row]:
    found = []
    for place in places:
        question, section = view.questions[place.code], view.sections[place.section - 1]
        both = [words for each in (section, question) if (words := condition_in_words(each, view, language))]
        if len(both) > 1:
            both = [f"({words})" for words in both]
        found.append(
            Row(
                id=question.id,
                code=place.code,
                text=question.text(language),
                section=section.title(language) or str(place.section),
                condition=_(" and ").join(both),
                leads_to=place.leads_to,
                fault=place.fault,
            )
        )
    return found


def _dead_end(end: DeadEnd, view: EditionView, language: str) -> str:
    if end.source.startswith(FACT):
        fact = next(fact for fact in view.facts if f"{FACT}{fact.name}" == end.source)
        label = next(label for code, label in fact.values if code == end.option)
        names = {"fact": fact.label(language) or fact.name, "value": label(language) or end.option}
        return _("Those with %(fact)s “%(value)s” are asked nothing.") % names
    options = {option.code: option.label(language) for option in view.questions[end.source].options}
    names = {"question": end.source, "answer": options.get(end.option) or end.option}
    return _("After “%(answer)s” on %(question)s nothing more is asked.") % names
