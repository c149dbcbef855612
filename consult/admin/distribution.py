"""Who is asked, and the rounds of letters to them.

Nothing here tells who has answered: of reminders one sees only what waits and what is done.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consult import distributing, selecting, sweeping
from consult.models import Audience, Letter, LetterKind, LetterStatus, Mailing, Role
from surveys.admin.base import ModelAdmin
from surveys.models import Survey

REFUSALS = (selecting.CannotSelect, distributing.NotSchedulable)


class DeedAdmin(ModelAdmin):
    """Pages whose rows are written by deeds: a refusal undoes the whole request and is shown as a message."""

    def page(self, request: HttpRequest, object_id: str | None, show: Callable[..., HttpResponse]) -> HttpResponse:
        """Django runs this in a transaction of its own, which the refusal has rolled back when it gets here."""
        try:
            return show()
        except REFUSALS as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: Model, form: forms.ModelForm[Any], change: bool) -> None:
        """Write through the deed, then do what the pressed button says."""
        self.write(obj, form, change)
        for action in self.get_actions_submit_line(request, obj.pk):
            if action.action_name in request.POST:
                action.method(request, obj)

    def write(self, obj: Any, form: forms.ModelForm[Any], change: bool) -> None:
        """Save `obj` by calling a deed."""
        raise NotImplementedError

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Who was asked, and with which letters, stays on record."""
        return False


class AudienceForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Roles as boxes to tick."""

    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles"),
        choices=[(role.value, capfirst(role.label)) for role in Role],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Audience
        fields = ("survey", "roles", "unit")


@admin.register(Audience)
class AudienceAdmin(DeedAdmin):
    """Say who is asked, see how many that is, and freeze it."""

    form = AudienceForm
    fields = ("survey", "roles", "unit", "number", "frozen_at")
    readonly_fields = ("roles_asked", "number", "frozen_at")
    list_display = ("survey", "unit", "frozen_at", "size")
    list_select_related = ("survey", "unit")
    actions_submit_line = ("freeze",)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Audience | None:
        """The audience, with how many it comes to now."""
        audience: Audience | None = super().get_object(request, object_id, from_field)
        if audience is not None:
            audience.counted = selecting.count(audience, _now(request))  # type: ignore[attr-defined]
        return audience

    @admin.display(description=gettext_lazy("Roles"))
    def roles_asked(self, audience: Audience) -> str:
        """The roles of a frozen one, in words."""
        return ", ".join(str(capfirst(Role(role).label)) for role in audience.roles)

    @admin.display(description=gettext_lazy("People"))
    def number(self, audience: Audience) -> str:
        """How many would be invited, or were."""
        people: int | None = getattr(audience, "counted", None)
        if people is None:
            return _("Save to see how many this is.")
        if audience.frozen_at is None:
            return ngettext("%(people)d person, as of now", "%(people)d people, as of now", people) % {"people": people}
        if audience.survey.closed_at is not None:
            # Who they were, and where letters could reach them, is erased at the clean date.
            text = ngettext("%(people)d person is invited.", "%(people)d people are invited.", people)
            return text % {"people": people}
        without = selecting.unreachable(audience)
        return _("%(people)d invited, %(without)d of them without a working address") % {
            "people": people,
            "without": without,
        }

    def write(self, obj: Any, form: forms.ModelForm[Any], change: bool) -> None:
        """Define the audience."""
        audience = selecting.define(obj.survey, form.cleaned_data["roles"], obj.unit)
        obj.pk = audience.pk

    def get_fields(self, request: HttpRequest, obj: Audience | None = None) -> tuple[str, ...]:
        """Roles as boxes while they can be chosen, as words where one only looks."""
        if obj is None or self.has_change_permission(request, obj):
            return self.fields
        return tuple("roles_asked" if name == "roles" else name for name in self.fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Audience | None = None) -> tuple[str, ...]:
        """A survey keeps its audience."""
        return self.readonly_fields if obj is None else ("survey", *self.readonly_fields)

    def has_change_permission(self, request: HttpRequest, obj: Audience | None = None) -> bool:
        """Once frozen, nobody's."""
        is_frozen = isinstance(obj, Audience) and obj.frozen_at is not None
        return not is_frozen and bool(super().has_change_permission(request, obj))

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Nothing is left to do with a frozen one."""
        audience = super().get_object(request, unquote(str(object_id)))
        is_free = audience is not None and audience.frozen_at is None
        return list(super().get_actions_submit_line(request, object_id)) if is_free else []

    @admin.action(description=gettext_lazy("Freeze and invite"), permissions=["change"])
    def freeze(self, request: HttpRequest, audience: Audience) -> None:
        """Settle who is asked."""
        frozen = selecting.freeze(audience, _now(request))
        text = ngettext("%(people)d person is invited.", "%(people)d people are invited.", frozen.size or 0)
        self.message_user(request, text % {"people": frozen.size}, messages.SUCCESS)


class MailingForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A new round of letters, or another time for one."""

    class Meta:
        model = Mailing
        fields = ("survey", "kind", "ordinal", "due_at")

    def clean(self) -> dict[str, Any]:
        """Say at the form what the deed would refuse."""
        given: dict[str, Any] = super().clean() or {}
        survey = given.get("survey") or getattr(self.instance, "survey", None)
        kind = given.get("kind") or self.instance.kind
        if survey and kind and given.get("due_at"):
            for reason in distributing.hindrances(survey, kind, given["due_at"]):
                self.add_error(None, reason)
        return given


class CountedList(ChangeList):
    """A list of rounds that counts all their letters in one statement."""

    def get_results(self, request: HttpRequest) -> None:
        """The rows, each with its counts."""
        super().get_results(request)
        rows = list(self.result_list)
        counts = distributing.progress_of(rows)
        for mailing in rows:
            mailing.counts = counts[mailing.pk]
        self.result_list = rows


@admin.register(Mailing)
class MailingAdmin(DeedAdmin):
    """Plan a round of letters, hold it back, see how far it has come."""

    form = MailingForm
    fields = ("survey", "kind", "ordinal", "due_at", "queued_at", "paused_at", "letters_so_far", "reply")
    readonly_fields = ("queued_at", "paused_at", "letters_so_far", "reply")
    list_display = ("survey", "kind", "ordinal", "due_at", "paused_at", "letters_so_far")
    list_select_related = ("survey",)
    list_filter = ("kind", ("paused_at", admin.EmptyFieldListFilter))
    search_fields = ("survey__code",)
    actions = ("pause", "resume")
    actions_submit_line = ("pause_this", "resume_this", "send_unknown_again", "let_unknown_be")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """With counts."""
        return type("MailingList", (CountedList, super().get_changelist(request, **kwargs)), {})

    def get_readonly_fields(self, request: HttpRequest, obj: Mailing | None = None) -> tuple[str, ...]:
        """What it is stays; its time can change until the letters are written."""
        if obj is None:
            return self.readonly_fields
        settled = ("survey", "kind", "ordinal") + (("due_at",) if obj.queued_at else ())
        return (*settled, *self.readonly_fields)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only surveys that letters can be sent for."""
        if db_field.name == "survey":
            kwargs["queryset"] = Survey.objects.filter(
                opened_at__isnull=False, stopped_at__isnull=True, audience__frozen_at__isnull=False
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=gettext_lazy("Letters"))
    def letters_so_far(self, mailing: Mailing) -> str:
        """The counts in words; for reminders no more than waiting and done."""
        if mailing.queued_at is None:
            return _("Not written yet")
        counts = getattr(mailing, "counts", None) or distributing.progress(mailing)
        names = {
            "waiting": _("%(n)d waiting"),
            "sent": _("%(n)d sent"),
            "done": _("%(n)d done"),
            "failed": _("%(n)d refused"),
            "skipped": _("%(n)d not sent"),
            "unknown": _("%(n)d of unknown fate"),
        }
        parts = [words % {"n": counts[name]} for name, words in names.items() if counts.get(name)]
        return ", ".join(parts) or _("None")

    @admin.display(description=gettext_lazy("The mail server said"))
    def reply(self, mailing: Mailing) -> str:
        """Why letters still wait; never for reminders, where it would tell who was sent one."""
        waiting = Letter.objects.filter(mailing=mailing, kind=LetterKind.INVITATION, status=LetterStatus.PENDING)
        return waiting.exclude(smtp_reply="").values_list("smtp_reply", flat=True).order_by("-id").first() or "–"

    def write(self, obj: Any, form: forms.ModelForm[Any], change: bool) -> None:
        """Schedule the round, or move it."""
        if not change:
            obj.pk = distributing.schedule(obj.survey, obj.kind, obj.due_at, obj.ordinal).pk
        elif "due_at" in form.changed_data:
            distributing.move(obj, obj.due_at)

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only the buttons that would do something."""
        mailing = self.get_object(request, unquote(str(object_id)))
        if mailing is None:
            return []
        useful = {"resume_this"} if mailing.paused_at else {"pause_this"}
        if Letter.objects.filter(mailing=mailing, status=LetterStatus.UNKNOWN).exists():
            useful |= {"send_unknown_again", "let_unknown_be"}
        offered = super().get_actions_submit_line(request, object_id)
        return [action for action in offered if action.action_name.removeprefix("consult_mailing_") in useful]

    @admin.action(description=gettext_lazy("Pause the chosen rounds"), permissions=["change"])
    def pause(self, request: HttpRequest, mailings: QuerySet[Mailing]) -> None:
        """Hold back what has not gone out."""
        done = sum(distributing.pause(mailing, _now(request)) for mailing in mailings)
        text = ngettext("%(count)d round is paused.", "%(count)d rounds are paused.", done) % {"count": done}
        self.message_user(request, text, messages.SUCCESS)

    @admin.action(description=gettext_lazy("Resume the chosen rounds"), permissions=["change"])
    def resume(self, request: HttpRequest, mailings: QuerySet[Mailing]) -> None:
        """Let them go on."""
        done = sum(distributing.resume(mailing) for mailing in mailings)
        text = ngettext("%(count)d round goes on.", "%(count)d rounds go on.", done) % {"count": done}
        self.message_user(request, text, messages.SUCCESS)

    @admin.action(description=gettext_lazy("Pause"), permissions=["change"])
    def pause_this(self, request: HttpRequest, mailing: Mailing) -> None:
        """Hold this round back."""
        distributing.pause(mailing, _now(request))

    @admin.action(description=gettext_lazy("Resume"), permissions=["change"])
    def resume_this(self, request: HttpRequest, mailing: Mailing) -> None:
        """Let this round go on."""
        distributing.resume(mailing)

    @admin.action(description=gettext_lazy("Send those of unknown fate again"), permissions=["change"])
    def send_unknown_again(self, request: HttpRequest, mailing: Mailing) -> None:
        """Some may arrive twice, byte for byte the same."""
        sweeping.settle_unknown(mailing, send_again=True, now=_now(request))

    @admin.action(description=gettext_lazy("Take those of unknown fate as sent"), permissions=["change"])
    def let_unknown_be(self, request: HttpRequest, mailing: Mailing) -> None:
        """Some may never have arrived."""
        sweeping.settle_unknown(mailing, send_again=False, now=_now(request))


def _now(request: HttpRequest) -> Any:
    return request.now  # type: ignore[attr-defined]  # set by ClockMiddleware
