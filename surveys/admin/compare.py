"""Two editions side by side: what has been added, removed, moved and changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from surveys import comparing, structure
from surveys.admin.base import OWN_NAMES, ModelAdmin
from surveys.admin.correction import FIELD_NAMES
from surveys.comparing import OptionChange, QuestionChange, SectionChange, SettingChange, TextChange
from surveys.differing import ADDED, REMOVED, SAME, Piece
from surveys.kinds import registry
from surveys.models import Comparability, Concept, Edition, Elaboration, Meaning

SETTING_NAMES = {
    "minutes": gettext_lazy("expected time in minutes"),
    "facts": gettext_lazy("background facts looked at"),
    "code": gettext_lazy("code"),
    "kind": gettext_lazy("kind"),
    "required": gettext_lazy("must be answered"),
    "elaboration": gettext_lazy("elaboration"),
    "minimum": gettext_lazy("at least"),
    "maximum": gettext_lazy("at most"),
    "decimals": gettext_lazy("decimals"),
    "concept": gettext_lazy("concept"),
    "comparability": gettext_lazy("comparable with others about it"),
    "meaning": gettext_lazy("meaning"),
    "excludes": gettext_lazy("excludes the others"),
}
KINDS_OF_CHANGE = {
    comparing.ADDED: gettext_lazy("added"),
    comparing.REMOVED: gettext_lazy("removed"),
    comparing.CHANGED: gettext_lazy("changed"),
    comparing.SAME: gettext_lazy("the same"),
}


@dataclass(frozen=True)
class Side:
    """What one of the editions says in one place; `label` names the field and the language."""

    label: str
    language: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Row:
    """One part set against itself: what is said before on the left, after on the right, and notes below both."""

    code: str
    kind: str
    change: str
    before: list[Side]
    after: list[Side]
    notes: list[str]


@dataclass(frozen=True)
class Group:
    """A section, or the title page, with its questions."""

    title: str
    head: Row | None
    rows: list[Row]


def addresses(model_admin: ModelAdmin) -> list[URLPattern]:
    """The address of the comparison, below the questionnaires' own."""

    def compare(request: HttpRequest) -> HttpResponse:
        if not model_admin.has_view_permission(request):
            raise PermissionDenied
        return _compare(model_admin, request)

    view = model_admin.admin_site.admin_view(require_GET(compare))
    return [path("compare/", view, name="surveys_questionnaire_compare")]


def _compare(model_admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """The editions `before` and `after`; asks for them if they are not named. `all` shows what is the same as well."""
    before, after = (_edition(request.GET.get(name, "")) for name in ("before", "after"))
    context: dict[str, Any] = {"before": before, "after": after, "everything": bool(request.GET.get("all"))}
    if before is None or after is None:
        # A draft has no number: it stands after the published editions.
        editions = Edition.objects.select_related("questionnaire").order_by("questionnaire__code", "number")
        return model_admin.show_page(request, "compare", title=_("Compare editions"), editions=editions, **context)
    comparison = comparing.compare(structure.read(before), structure.read(after))
    words = _Words(get_language() or "nb", dict(Concept.objects.values_list("code", "title")))
    return model_admin.show_page(
        request,
        "compare",
        title=_("Compare editions"),
        comparison=comparison,
        counts=[(KINDS_OF_CHANGE[kind], count) for kind, count in comparison.counts.items()],
        groups=words.groups(comparison, everything=context["everything"]),
        **context,
    )


def _edition(given: str) -> Edition | None:
    if not given:
        return None
    pk = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
    found = Edition.objects.select_related("questionnaire").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True)
class _Words:
    """A comparison in words, in the reader's language."""

    language: str
    concepts: dict[str, str]

    def groups(self, comparison: comparing.Comparison, *, everything: bool) -> list[Group]:
        """The title page and the sections, with what has changed, or with everything."""
        head = self._row("", comparing.CHANGED, False, comparison.texts, comparison.settings)
        found = [Group(_("Title page"), head, [])] if comparison.texts or comparison.settings else []
        for section in comparison.sections:
            rows = [self._question(each) for each in section.questions if everything or each.kind != comparing.SAME]
            if rows or section.kind != comparing.SAME or everything:
                found.append(Group(self._title(section), self._section(section), rows))
        return found

    def _title(self, section: SectionChange) -> str:
        part = section.after or section.before
        title = part.title(self.language) if part else ""
        if section.number:
            return f"{section.number}. {title or _('Section without a title')}"
        return title or _("Section without a title")

    def _section(self, change: SectionChange) -> Row | None:
        if change.kind == comparing.SAME:
            return None
        notes = [_("The conditions under which it is shown are not the same.")] if change.routing else []
        row = self._row("", change.kind, change.moved, change.texts, change.settings, notes)
        if not change.texts:
            self._say(row, change, "title")
        return row

    def _question(self, change: QuestionChange) -> Row:
        notes = [self._option(each) for each in change.options]
        if change.routing:
            notes.append(_("The conditions under which it is shown are not the same."))
        codes = [part.code for part in (change.before, change.after) if part]
        row = self._row(
            " → ".join(dict.fromkeys(codes)), change.kind, change.moved, change.texts, change.settings, notes
        )
        if not any(text.name == "text" and text.language == self.language for text in change.texts):
            self._say(row, change, "text")
        return row

    def _say(self, row: Row, change: QuestionChange | SectionChange, name: str) -> None:
        """What a part says, first on each side where it is, though it is no change."""
        for part, sides in ((change.before, row.before), (change.after, row.after)):
            if part is not None:
                sides.insert(0, Side("", self.language, (Piece(SAME, getattr(part, name)(self.language)),)))

    def _row(
        self,
        code: str,
        kind: str,
        moved: bool,
        texts: Iterable[TextChange],
        settings: Iterable[SettingChange],
        notes: Iterable[str] = (),
    ) -> Row:
        sides: tuple[list[Side], list[Side]] = ([], [])
        for text in texts:
            label = f"{FIELD_NAMES[text.name]} ({OWN_NAMES[text.language]})"
            for side, hidden in zip(sides, (ADDED, REMOVED), strict=True):
                if pieces := tuple(piece for piece in text.pieces if piece.kind != hidden):
                    side.append(Side(label, text.language, pieces))
        told = [_("moved")] if moved else []
        told = ([] if kind == comparing.CHANGED and moved else [str(KINDS_OF_CHANGE[kind])]) + told
        said = [*(self._setting(each) for each in settings), *notes]
        return Row(code, kind, ", ".join(told), *sides, said)

    def _setting(self, change: SettingChange) -> str:
        names = {
            "setting": SETTING_NAMES[change.name],
            "before": self._value(change.name, change.before),
            "after": self._value(change.name, change.after),
        }
        return _("%(setting)s: %(before)s → %(after)s") % names

    def _value(self, name: str, value: str) -> str:
        if name in ("required", "excludes"):
            return _("yes") if value else _("no")
        if name == "kind" and value in registry.KINDS:
            return str(registry.kind(value).label)
        words: dict[str, Any] = {"elaboration": Elaboration, "comparability": Comparability, "meaning": Meaning}
        if name in words and value:
            return str(words[name](value).label)
        if name == "concept":
            return self.concepts.get(value) or value or "–"
        return value or "–"

    def _option(self, change: OptionChange) -> str:
        option = change.after or change.before
        names = {"option": option.label(self.language) or option.code if option else ""}
        if change.kind == comparing.ADDED:
            return _("answer added: “%(option)s”") % names
        if change.kind == comparing.REMOVED:
            return _("answer removed: “%(option)s”") % names
        said = [_("moved")] if change.moved else []
        for text in change.texts:
            old, new = (
                "".join(piece.text for piece in text.pieces if piece.kind != hidden) for hidden in (ADDED, REMOVED)
            )
            said.append(f"{OWN_NAMES[text.language]}: “{old}” → “{new}”")
        said += [self._setting(each) for each in change.settings]
        return _("answer “%(option)s”: %(changes)s") % {**names, "changes": ", ".join(said)}
