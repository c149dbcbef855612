"""The admin's building blocks. This is the one module that knows django-unfold: going back is this file."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin, TranslationStackedInline, TranslationTabularInline
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminFileFieldWidget as FileWidget
from unfold.widgets import UnfoldAdminSelectWidget as Select

__all__ = [
    "AdminPasswordChangeForm",
    "FileWidget",
    "ModelAdmin",
    "Select",
    "StackedInline",
    "TabularInline",
    "TranslatedModelAdmin",
    "TranslatedStackedInline",
    "TranslatedTabularInline",
    "UserChangeForm",
    "UserCreationForm",
    "in_other_languages",
]

# Bokmål stands first and open; these follow, folded away.
OTHER_LANGUAGES = (("nn", _("Norwegian Nynorsk")), ("en", _("English")), ("se", _("Northern Sámi")))


class TranslatedModelAdmin(ModelAdmin, TranslationAdmin):
    """A page for something whose texts exist in several languages."""


class TranslatedTabularInline(TabularInline, TranslationTabularInline):
    """Rows of such things in a table."""


class TranslatedStackedInline(StackedInline, TranslationStackedInline):
    """Such things one below the other."""


def in_other_languages(*names: str) -> list[tuple[Any, dict[str, Any]]]:
    """Fieldsets with these texts in nynorsk, English and Sámi, each language folded away on its own."""
    return [
        (title, {"classes": ("collapse",), "fields": tuple(f"{name}_{language}" for name in names)})
        for language, title in OTHER_LANGUAGES
    ]
