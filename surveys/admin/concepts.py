"""Concepts: what questions in different questionnaires and waves ask about, and how alike they ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from surveys.admin.base import TranslatedModelAdmin, in_other_languages
from surveys.admin.drafts import questionnaire_url
from surveys.models import Comparability, Concept
from surveys.texts import aligning
from surveys.texts.aligning import Shared
from surveys.texts.differing import Piece, difference


@dataclass(frozen=True)
class Row:
    """One question about the concept, as the page shows it."""

    id: int
    code: str
    edition: Any
    declared: str
    text: str
    pieces: tuple[Piece, ...]
    options: str
    options_differ: bool
    differs_from: tuple[str, ...]
    is_reference: bool
    url: str


@admin.register(Concept)
class ConceptAdmin(TranslatedModelAdmin):
    """A concept with the questions that share it."""

    list_display = ("__str__", "code", "asked")
    list_display_links = ("__str__", "code")
    search_fields = ("code", "title_nb", "title_nn", "title_en")
    fieldsets = ((None, {"fields": ("title_nb", "code")}), *in_other_languages("title"))
    prepopulated_fields = {"code": ("title_nb",)}
    change_form_outer_before_template = "admin/surveys/concept.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Concept]:
        """With how many questionnaires ask about each."""
        found: QuerySet[Concept] = super().get_queryset(request)
        return found.annotate(asking=Count("questions__edition__questionnaire", distinct=True))

    @admin.display(description=gettext_lazy("asked in"), ordering="asking")
    def asked(self, obj: Any) -> str:
        """In how many questionnaires; which, and in which words, stands on its page."""
        words = ngettext("%(count)d questionnaire", "%(count)d questionnaires", obj.asking)
        return words % {"count": obj.asking} if obj.asking else "–"

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """The code stands in files and released tables: it is given once."""
        return ("code",) if obj is not None else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any | None = None) -> dict[str, Sequence[str]]:
        """Nothing to fill in where the code is fixed."""
        return {} if obj is not None else {"code": ("title_nb",)}

    def page(self, request: HttpRequest, object_id: str | None, show: Callable[..., HttpResponse]) -> HttpResponse:
        """With every question about it, each set against the one chosen (`against`), or the first."""
        obj = self.get_object(request, object_id) if object_id else None
        if obj is None:
            return show()
        shared = aligning.questions_about(obj)
        chosen = request.GET.get("against", "")
        reference = next((each for each in shared if str(each.question.id) == chosen), None)
        if chosen and reference is None:
            raise Http404
        language = get_language() or "nb"
        return show(rows=[_row(each, reference or shared[0], language) for each in shared])


def _row(shared: Shared, reference: Shared, language: str) -> Row:
    question, other = shared.question, reference.question
    text, options = question.text(language), [option.label(language) for option in question.options]
    return Row(
        id=question.id,
        code=question.code,
        edition=shared.edition,
        declared=str(Comparability(question.comparability).label),
        text=text,
        pieces=difference(other.text(language), text),
        options=" · ".join(options) or _("no answers to choose between"),
        options_differ=options != [option.label(language) for option in other.options],
        differs_from=shared.differs_from,
        is_reference=shared is reference,
        url=f"{questionnaire_url(shared.edition)}#question-{question.id}",
    )
