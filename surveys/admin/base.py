"""The admin's building blocks. This is the one module that knows django-unfold: going back is this file."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin, TranslationStackedInline, TranslationTabularInline
from unfold.admin import ModelAdmin as PlainModelAdmin
from unfold.admin import StackedInline
from unfold.admin import TabularInline as UnlabelledTabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminFileFieldWidget as FileWidget
from unfold.widgets import UnfoldAdminIntegerFieldWidget as NumberInput
from unfold.widgets import UnfoldAdminSelectWidget as Select
from unfold.widgets import UnfoldAdminTextInputWidget as TextInput

from surveys.texts.wording import language_within

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


class ModelAdmin(PlainModelAdmin):
    """Pages of one kind of thing, with a place to step in before a page is made, and pages of one's own."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Django's, by way of `page`."""
        view = super().changeform_view

        def show(**context: Any) -> HttpResponse:
            response: HttpResponse = view(request, object_id, form_url, {**(extra_context or {}), **context})
            return response

        return self.page(request, object_id, show)

    def page(self, request: HttpRequest, object_id: str | None, show: Callable[..., HttpResponse]) -> HttpResponse:
        """The page to add something (without an id), or to change it; `show(**context)` makes it, and saves on POST."""
        return show()

    def show_page(
        self, request: HttpRequest, page: str, status: int = HTTPStatus.OK, **context: Any
    ) -> TemplateResponse:
        """A page of one's own: the template of this name in the admin's folder of the app."""
        everything = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/{self.opts.app_label}/{page}.html", everything, status=status)


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
        """The heading names the language."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and hasattr(db_field, "translated_field"):
            name = capfirst(db_field.translated_field.verbose_name)
            field.label = f"{name} ({language_within(db_field.language)})"
        return field


class TranslatedStackedInline(StackedInline, TranslationStackedInline):  # type: ignore[type-arg]  # generic in its stubs only
    """Such things one below the other."""


def in_other_languages(*names: str) -> list[tuple[Any, Any]]:
    """Fieldsets with these texts in nynorsk, English and Sámi, each language folded away on its own."""
    return [
        (title, {"classes": ("collapse",), "fields": tuple(f"{name}_{language}" for name in names)})
        for language, title in OTHER_LANGUAGES
    ]
