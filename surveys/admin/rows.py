"""The rows on a question's page: its options, and the conditions under which it is shown."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.validators import MinValueValidator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys.admin.base import NumberInput, TabularInline, TextInput, TranslatedTabularInline
from surveys.drafting import arranging, versioning
from surveys.drafting.naming import LONGEST_OPTION_CODE, short_name
from surveys.kinds import registry
from surveys.models import (
    Condition,
    ConditionOption,
    EditionFact,
    EditionFactValue,
    Option,
    Question,
)
from surveys.models.condition import ON_OPTION, ON_SEVERAL, ON_SIZE


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
    fields = ("position", "label_nb", "label_nn", "label_en", "label_se", "meaning", "elaboration", "excludes", "code")
    ordering_field = "position"
    extra = 0
    verbose_name = gettext_lazy("answer to choose")
    verbose_name_plural = gettext_lazy("answers to choose between")


class DayInput(TextInput):
    """A date, as browsers let it be chosen."""

    input_type = "date"

    def format_value(self, value: Any) -> str | None:
        """As browsers want it, whatever the language."""
        return value.isoformat() if isinstance(value, date) else super().format_value(value)


class ConditionForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in its stubs only
    """One condition, checked for sense."""

    # Options by their ids, values of background facts by theirs with a letter before: as versions know them.
    options = forms.MultipleChoiceField(required=False, label=gettext_lazy("answers, for “is one of” and “is none of”"))
    day = forms.DateField(
        label=gettext_lazy("date"), required=False, widget=DayInput, input_formats=["%Y-%m-%d", "%d.%m.%Y"]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "group" in self.fields:
            # As in files, where they are numbered from 1.
            self.fields["group"].validators.append(MinValueValidator(1))
            self.fields["group"].widget.attrs["min"] = 1
        if self.instance.pk is not None:
            self.fields["options"].initial = [versioning.compared_id(each) for each in self.instance.options.all()]

    def clean(self) -> dict[str, Any]:
        """What is compared with must be what the question, or the background fact, can answer."""
        cleaned = super().clean() or self.cleaned_data
        cleaned["options"] = versioning.compared_by(cleaned.get("options") or ())
        source, fact, operator = cleaned.get("source"), cleaned.get("fact"), cleaned.get("operator")
        if (source is None) == (fact is None):
            self.add_error("source", _("Please choose what decides: a question or a background fact."))
            return cleaned
        if operator not in ON_SEVERAL:
            cleaned["options"] = []
        if source is not None:
            self._clean_answers(cleaned, source, operator)
            self._clean_size(cleaned, source, operator)
        elif fact is not None:
            self._clean_fact(cleaned, fact, operator)
        return cleaned

    def _clean_answers(self, cleaned: dict[str, Any], source: Question, operator: str | None) -> None:
        option, several = cleaned.get("option"), cleaned["options"]
        cleaned["fact_value"] = None
        offered = _("Choose one of the answers to %(question)s.") % {"question": source.code}
        if operator not in ON_OPTION:
            cleaned["option"] = None
        elif option is None:
            self.add_error("option", _("Please choose the answer that decides."))
        elif option.question_id != source.pk:
            self.add_error("option", offered)
        ours = [each for each in several if isinstance(each, Option) and each.question_id == source.pk]
        if operator in ON_SEVERAL and (not several or ours != several):
            self.add_error("options", offered)

    def _clean_size(self, cleaned: dict[str, Any], source: Question, operator: str | None) -> None:
        kind = registry.kind(source.kind)
        number, day = cleaned.get("number"), cleaned.get("day")
        cleaned["number"] = number if operator in ON_SIZE and kind.has_number else None
        cleaned["day"] = day if operator in ON_SIZE and kind.has_day else None
        if operator not in ON_SIZE:
            return
        if kind.has_number and number is None and "number" not in self.errors:
            self.add_error("number", _("Please write the number that decides."))
        elif kind.has_day and day is None and "day" not in self.errors:
            self.add_error("day", _("Please write the date that decides, for example 6.9.2021."))
        elif not (kind.has_number or kind.has_day):
            names = {"question": source.code}
            self.add_error("operator", _("%(question)s is answered with neither a number nor a date.") % names)

    def _clean_fact(self, cleaned: dict[str, Any], fact: EditionFact, operator: str | None) -> None:
        value, several = cleaned.get("fact_value"), cleaned["options"]
        cleaned.update(option=None, number=None, day=None)
        if operator not in ON_OPTION:
            cleaned["fact_value"] = None
        elif value is None or value.fact_id != fact.pk:
            self.add_error("fact_value", _("Please choose the answer that decides."))
        ours = [each for each in several if isinstance(each, EditionFactValue) and each.fact_id == fact.pk]
        if operator in ON_SEVERAL and (not several or ours != several):
            self.add_error("options", _("Please choose the answer that decides."))
        if operator in ON_SIZE:
            why = _("A background fact has no size: choose “is”, “is not”, “is one of”, “is none of” or “is known”.")
            self.add_error("operator", why)

    def _save_m2m(self) -> None:
        """What "is one of" and "is none of" compare with is saved after the condition itself."""
        super()._save_m2m()  # type: ignore[misc]  # not in the stubs
        compared = self.cleaned_data.get("options") or ()
        self.instance.options.all().delete()
        ConditionOption.objects.bulk_create(ConditionOption.of(self.instance, each) for each in compared)


class ConditionInline(TabularInline):
    """When the question is shown."""

    model = Condition
    form = ConditionForm
    fk_name = "question"
    fields = ("source", "fact", "operator", "option", "fact_value", "options", "number", "day", "group")
    extra = 0
    verbose_name = gettext_lazy("condition")
    verbose_name_plural = gettext_lazy("shown only if (leave empty to show it to everyone)")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Condition]:
        """With what "is one of" and "is none of" compare with."""
        found: QuerySet[Condition] = super().get_queryset(request)
        return found.prefetch_related("options")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A question is chosen here, not made."""
        return without_shortcuts(super().formfield_for_dbfield(db_field, request, **kwargs))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only what stands earlier in the same draft can decide, and the background facts it looks at."""
        earlier: Any = getattr(request, "earlier_questions", Question.objects.none())
        draft = getattr(request, "draft", None)
        if db_field.name == "source":
            kwargs["queryset"] = earlier
        if db_field.name == "option":
            kwargs["queryset"] = _options(earlier)
        if db_field.name == "fact":
            kwargs["queryset"] = EditionFact.objects.filter(edition=draft)
        if db_field.name == "fact_value":
            kwargs["queryset"] = EditionFactValue.objects.filter(fact__edition=draft).select_related("fact")
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "option":
            field.label_from_instance = _option_label
        if db_field.name == "fact_value":
            field.label_from_instance = lambda value: f"{value.fact}: {value}"
        return field

    def get_formset(self, request: HttpRequest, obj: Any | None = None, **kwargs: Any) -> Any:
        """With the answers to choose several of."""
        # The admin looks for all fields among the model's; this one is the form's own.
        kwargs["fields"] = [name for name in self.fields if name != "options"]
        formset = super().get_formset(request, obj, **kwargs)
        answers = _options(getattr(request, "earlier_questions", Question.objects.none()))
        values = EditionFactValue.objects.filter(fact__edition=getattr(request, "draft", None)).select_related("fact")
        formset.form.base_fields["options"].choices = [
            *((versioning.id_of(each), _option_label(each)) for each in answers),
            *((versioning.id_of(each), f"{each.fact}: {each}") for each in values),
        ]
        return formset


class SectionConditionInline(ConditionInline):
    """When the section is shown."""

    fk_name = "section"


def _options(questions: Any) -> QuerySet[Option]:
    return (
        Option.objects.filter(question__in=questions)
        .select_related("question")
        .order_by("question__section__position", "question__position", "position")
    )


def _option_label(option: Option) -> str:
    return f"{option.question.code}: {option.label}"


def without_shortcuts(field: Any) -> Any:
    """A choice among rows without the buttons that would add or change the rows themselves."""
    if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
        field.widget = field.widget.widget
    return field
