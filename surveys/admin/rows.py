"""The rows on a question's page: its options, and the conditions under which it is shown."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.http import HttpRequest
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys import arranging
from surveys.admin.base import NumberInput, TabularInline, TextInput, TranslatedTabularInline
from surveys.models import Condition, Operator, Option, Question

LONGEST_OPTION_CODE = 30


class OptionForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in its stubs only
    """An option; its short name is made from the bokmål label when left open."""

    code = forms.SlugField(
        label=gettext_lazy("short name"),
        required=False,
        max_length=LONGEST_OPTION_CODE,
        widget=TextInput,
        help_text=gettext_lazy("For tables and files. Made from the text if left open."),
    )

    position = forms.IntegerField(
        label=gettext_lazy("position"), required=False, min_value=0, max_value=arranging.LAST, widget=NumberInput
    )

    def clean(self) -> dict[str, Any]:
        """Make the short name; a row without a place comes last."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("position") is None:
            cleaned["position"] = arranging.LAST
        if not cleaned.get("code") and cleaned.get("label_nb"):
            cleaned["code"] = short_name(cleaned["label_nb"])
        if not cleaned.get("code") and not cleaned.get("DELETE"):
            self.add_error("code", _("Please write a short name."))
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # Rows may swap places: they are numbered afresh when all are saved.
        found: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # not in the stubs
        return {*found, "position"}


class OptionInline(TranslatedTabularInline):
    """The options, in the order in which they are shown; drag them, or change the numbers."""

    model = Option
    form = OptionForm
    fields = ("position", "label_nb", "label_nn", "label_en", "label_se", "meaning", "code")
    ordering_field = "position"
    extra = 0
    verbose_name = gettext_lazy("answer to choose")
    verbose_name_plural = gettext_lazy("answers to choose between")


class ConditionForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in its stubs only
    """One condition, checked for sense."""

    def clean(self) -> dict[str, Any]:
        """The answer looked for must be one that the question offers."""
        cleaned = super().clean() or self.cleaned_data
        source, option = cleaned.get("source"), cleaned.get("option")
        if cleaned.get("operator") == Operator.ANSWERED:
            cleaned["option"] = None
        elif source and option is None:
            self.add_error("option", _("Please choose the answer that decides."))
        elif source and option and option.question_id != source.pk:
            self.add_error("option", _("Choose one of the answers to %(question)s.") % {"question": source.code})
        return cleaned


class ConditionInline(TabularInline):
    """When the question is shown."""

    model = Condition
    form = ConditionForm
    fk_name = "question"
    fields = ("source", "operator", "option", "group")
    extra = 0
    verbose_name = gettext_lazy("condition")
    verbose_name_plural = gettext_lazy("shown only if (leave empty to show it to everyone)")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A question is chosen here, not made."""
        return without_shortcuts(super().formfield_for_dbfield(db_field, request, **kwargs))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only what stands earlier in the same draft can decide."""
        earlier: Any = getattr(request, "earlier_questions", Question.objects.none())
        if db_field.name == "source":
            kwargs["queryset"] = earlier
        if db_field.name == "option":
            kwargs["queryset"] = (
                Option.objects.filter(question__in=earlier)
                .select_related("question")
                .order_by("question__section__position", "question__position", "position")
            )
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "option":
            field.label_from_instance = lambda option: f"{option.question.code}: {option.label}"
        return field


def without_shortcuts(field: Any) -> Any:
    """A choice among rows without the buttons that would add or change the rows themselves."""
    if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
        field.widget = field.widget.widget
    return field


def short_name(label: str) -> str:
    """A short name made from a label: "Både óg" becomes "bade-og"."""
    plain = label.lower().replace("æ", "ae").replace("ø", "o").replace("å", "a").replace("đ", "d")
    return slugify(unicodedata.normalize("NFKD", plain))[:LONGEST_OPTION_CODE].strip("-")
