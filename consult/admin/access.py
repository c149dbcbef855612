"""Who may sign in, whose results they see, and their keys to the API."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from consult import granting
from consult.models import ApiToken, Grant, User
from surveys.admin.base import (
    AdminPasswordChangeForm,
    ModelAdmin,
    TabularInline,
    UserChangeForm,
    UserCreationForm,
)

# What makes someone more than they are: only for those who are that already.
POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")


class GrantInline(TabularInline):
    """The units whose results a user may see."""

    model = Grant
    extra = 0
    autocomplete_fields = ("unit",)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]  # not generic when the program runs
    """Staff and leadership."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    inlines = (GrantInline,)
    list_display = ("username", "first_name", "last_name", "is_staff", "is_active")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Only a superuser gives out rights."""
        given = tuple(super().get_readonly_fields(request, obj))
        return given if getattr(request.user, "is_superuser", False) else (*given, *POWERS)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only a superuser changes colleagues: with a new password one person could approve twice."""
        is_colleague = obj is not None and (obj.is_staff or obj.is_superuser)
        if is_colleague and not getattr(request.user, "is_superuser", False):
            return False
        return bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only a superuser removes colleagues."""
        is_colleague = obj is not None and (obj.is_staff or obj.is_superuser)
        if is_colleague and not getattr(request.user, "is_superuser", False):
            return False
        return bool(super().has_delete_permission(request, obj))

    def get_inlines(self, request: HttpRequest, obj: User | None) -> tuple[type[TabularInline], ...]:
        """A user is made first, then given access."""
        return () if obj is None else self.inlines


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """Rights given to several at once."""


@admin.register(Grant)
class GrantAdmin(ModelAdmin):
    """Who sees whose results, in one list."""

    list_display = ("user", "unit")
    list_select_related = ("user", "unit")
    list_filter = ("unit__kind",)
    search_fields = ("user__username", "unit__name", "unit__code")
    autocomplete_fields = ("user", "unit")


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):
    """Keys to the API: seen and revoked here, made by `manage.py create_api_token`, which shows them once."""

    list_display = ("user", "created_at", "revoked_at")
    list_select_related = ("user",)
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("user__username",)
    fields = ("user", "created_at", "revoked_at")
    readonly_fields = fields
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A key is shown to the one who makes it, not to a page that is kept."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        """A revoked key stays on record."""
        return False

    @admin.action(description=_("Revoke the chosen keys"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """Void at once."""
        now: Any = request.now  # type: ignore[attr-defined]  # set by ClockMiddleware
        done = sum(granting.revoke(pk, now) for pk in queryset.values_list("pk", flat=True))
        text = ngettext("%(count)d key was revoked.", "%(count)d keys were revoked.", done) % {"count": done}
        self.message_user(request, text, messages.SUCCESS)
