"""Single letters, to look at. Of reminders one sees only what waits and what is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from consult import distributing
from consult.models import Letter, LetterKind, LetterStatus
from surveys.admin.base import ModelAdmin

SHOWN: dict[str, Any] = {
    "waiting": gettext_lazy("waiting"),
    LetterStatus.SENT.value: LetterStatus.SENT.label,
    LetterStatus.FAILED.value: LetterStatus.FAILED.label,
    LetterStatus.SKIPPED.value: LetterStatus.SKIPPED.label,
    LetterStatus.UNKNOWN.value: LetterStatus.UNKNOWN.label,
    LetterStatus.DONE.value: LetterStatus.DONE.label,
}


class ShownState(admin.SimpleListFilter):
    """The states one may tell apart: of reminders only waiting, unknown and done."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Coarse for reminders, so that a filter does not tell what the list hides."""
        return list(SHOWN.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Letter]) -> QuerySet[Letter]:
        """The letters shown in that state."""
        value = self.value()
        if value not in SHOWN:
            return queryset
        if value == "waiting":
            return queryset.filter(status__in=distributing.WAITING)
        if value == LetterStatus.UNKNOWN:
            return queryset.filter(status=LetterStatus.UNKNOWN)
        if value == LetterStatus.DONE:
            return queryset.filter(kind=LetterKind.REMINDER).exclude(
                status__in=[*distributing.WAITING, LetterStatus.UNKNOWN]
            )
        return queryset.filter(kind=LetterKind.INVITATION, status=value)


@admin.register(Letter)
class LetterAdmin(ModelAdmin):
    """What became of each letter. Read only; nothing of the letter's text, which holds the personal link."""

    fields = ("recipient", "mailing", "state", "said")
    readonly_fields = fields
    list_display = fields
    list_select_related = ("mailing__survey", "invitation__person")
    list_filter = (ShownState, "kind", ("mailing__survey", admin.RelatedOnlyFieldListFilter))
    search_fields = ("invitation__person__family_name", "invitation__person__given_name", "invitation__person__number")
    show_full_result_count = False
    ordering = ("-id",)

    @admin.display(description=gettext_lazy("To"))
    def recipient(self, letter: Letter) -> str:
        """The person's name."""
        return str(letter.invitation.person)

    @admin.display(description=gettext_lazy("State"))
    def state(self, letter: Letter) -> str:
        """How far it has come, as coarse as its kind demands."""
        if letter.status in distributing.WAITING:
            return str(SHOWN["waiting"])
        if letter.kind == LetterKind.REMINDER and letter.status != LetterStatus.UNKNOWN:
            return str(LetterStatus.DONE.label)
        return letter.get_status_display()

    @admin.display(description=gettext_lazy("The mail server said"))
    def said(self, letter: Letter) -> str:
        """Of reminders nothing: a reply tells that one was sent."""
        return letter.smtp_reply if letter.kind == LetterKind.INVITATION else ""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what the filters ask for: by any other field the address could find what the page hides."""
        return lookup in {ShownState.parameter_name, "kind__exact", "mailing__survey__id__exact"}

    def get_sortable_by(self, request: HttpRequest) -> Sequence[str]:
        """Not by what is hidden."""
        return ("mailing",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Letters are queued, never typed in."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Letter | None = None) -> bool:
        """Read only."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Letter | None = None) -> bool:
        """Read only."""
        return False
