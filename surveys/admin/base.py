"""The admin's building blocks. This is the one module that knows django-unfold: going back is this file."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin, TranslationStackedInline, TranslationTabularInline
from unfold.admin import ModelAdmin, StackedInline
from unfold.admin import TabularInline as UnlabelledTabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminFileFieldWidget as FileWidget
from unfold.widgets import UnfoldAdminIntegerFieldWidget as NumberInput
from unfold.widgets import UnfoldAdminSelectWidget as Select
from unfold.widgets import UnfoldAdminTextInputWidget as TextInput

__all__ = [
    "AdminPasswordChangeForm",
    "FileWidget",
    "ModelAdmin",
    "NumberInput",
    "Select",
    "StackedInline",
    "TabularInline",
    "TextInput",
    "TranslatedModelAdmin",
    "TranslatedStackedInline",
    "TranslatedTabularInline",
    "UserChangeForm",
    "UserCreationForm",
    "in_other_languages",
]

# Bokmål stands first and open; these follow, folded away.
OTHER_LANGUAGES = (("nn", _("Norwegian Nynorsk")), ("en", _("English")), ("se", _("Northern Sámi")))


# What the languages call themselves.
OWN_NAMES = {"nb": "bokmål", "nn": "nynorsk", "en": "English", "se": "davvisámegiella"}


class TabularInline(UnlabelledTabularInline):
    """Rows in a table, whose fields also tell a screen reader what they are: the heading is not enough."""

    def get_formset(self, request: HttpRequest, obj: Any | None = None, **kwargs: Any) -> Any:
        """With the heading of the column on every field."""
        formset = super().get_formset(request, obj, **kwargs)
        for field in formset.form.base_fields.values():
            field.widget.attrs.setdefault("aria-label", field.label)
        return formset


class TranslatedModelAdmin(ModelAdmin, TranslationAdmin):  # type: ignore[type-arg]  # generic in its stubs only
    """A page for something whose texts exist in several languages, a fieldset for each."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The fieldset says which language it is; the label need not."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and hasattr(db_field, "translated_field"):
            field.label = capfirst(db_field.translated_field.verbose_name)
        return field


class TranslatedTabularInline(TabularInline, TranslationTabularInline):  # type: ignore[type-arg]  # generic in its stubs only
    """Rows of such things in a table, a column for each language."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The heading names the language in its own words."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and hasattr(db_field, "translated_field"):
            name = capfirst(db_field.translated_field.verbose_name)
            field.label = f"{name} ({OWN_NAMES[db_field.language]})"
        return field


class TranslatedStackedInline(StackedInline, TranslationStackedInline):  # type: ignore[type-arg]  # generic in its stubs only
    """Such things one below the other."""


def in_other_languages(*names: str) -> list[tuple[Any, Any]]:
    """Fieldsets with these texts in nynorsk, English and Sámi, each language folded away on its own."""
    return [
        (title, {"classes": ("collapse",), "fields": tuple(f"{name}_{language}" for name in names)})
        for language, title in OTHER_LANGUAGES
    ]
