"""Pages for the parts of a draft: its title page, a section, a question with its options and conditions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys import authoring
from surveys.admin.base import FileWidget, Select, TextInput, in_other_languages
from surveys.admin.drafts import DraftForm, DraftPartAdmin, number_in
from surveys.admin.rows import ConditionInline, OptionInline, SectionConditionInline, without_shortcuts
from surveys.attachments import attaching, cleaning
from surveys.drafting import arranging, banding
from surveys.formats.json import QUESTION_CODE
from surveys.kinds import bands, registry
from surveys.kinds.bands import LONGEST_WRITTEN, BandView
from surveys.models import Edition, Question, Section
from surveys.texts import aligning


def _kinds_with(setting: str) -> str:
    """For the theme: whether the kind chosen has a use for a setting."""
    return " || ".join(f"kind == '{code}'" for code, kind in registry.KINDS.items() if setting in kind.settings)


@admin.register(Edition)
class EditionAdmin(DraftPartAdmin):
    """The title page of a draft."""

    fieldsets = (
        (None, {"fields": ("part_version", "title_nb", "purpose_nb", "minutes")}),
        *in_other_languages("title", "purpose"),
    )

    def edition_of(self, request: HttpRequest, obj: Edition | None) -> Edition:
        """Itself."""
        return obj if obj is not None else get_object_or_404(Edition, pk=number_in(request, "edition"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Drafts are made on the questionnaire's page."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        """A questionnaire keeps its draft."""
        return False


@admin.register(Section)
class SectionAdmin(DraftPartAdmin):
    """A section's own texts; its questions are added and ordered on the questionnaire's page."""

    inlines = (SectionConditionInline,)
    fieldsets = (
        (None, {"fields": ("part_version", "title_nb", "intro_nb")}),
        *in_other_languages("title", "intro"),
    )

    def edition_of(self, request: HttpRequest, obj: Section | None) -> Edition:
        """The draft it belongs to, or is added to."""
        if obj is not None and obj.edition_id:
            return obj.edition
        return get_object_or_404(Edition, pk=number_in(request, "edition"))

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Tell the conditions what stands before the section."""
        request.draft = self.edition_of(request, obj)  # type: ignore[attr-defined]
        request.earlier_questions = _before_section(request.draft, obj)  # type: ignore[attr-defined]
        return super().get_form(request, obj, change=change, **kwargs)

    def save_model(self, request: HttpRequest, obj: Section, form: Any, change: bool) -> None:
        """A new section comes last."""
        if not change:
            obj.edition = form.draft
            obj.position = arranging.next_section_position(obj.edition)
        super().save_model(request, obj, form, change)

    def remove(self, obj: Section) -> None:
        """With its questions."""
        arranging.delete_section(obj.pk)

    def beside(self, obj: Section) -> dict[str, Any]:
        """Another section of the same draft."""
        return {"edition": obj.edition_id}


class QuestionForm(DraftForm):
    """A question's own texts and settings."""

    file = forms.FileField(
        label=gettext_lazy("Image or document"),
        required=False,
        widget=FileWidget,
        help_text=gettext_lazy("An image (PNG, JPEG, WebP) or a document (PDF), in place of the one that is there."),
    )
    counted_in = forms.CharField(
        label=gettext_lazy("Counted in bands"),
        required=False,
        max_length=LONGEST_WRITTEN,
        widget=TextInput,
        help_text=gettext_lazy("How numbers and dates are counted in the results. Leave it empty for no bands."),
    )
    without_file = forms.BooleanField(label=gettext_lazy("Take out the image or document"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "counted_in" in self.fields and self.instance.pk is not None:
            self.fields["counted_in"].initial = banding.written(self.instance)
        kind = self.data.get("kind", "") if self.is_bound else self.instance.kind
        if "text_nb" in self.fields and kind in registry.KINDS and not registry.kind(kind).is_asked:
            # It may be an image, or a quotation, and nothing more.
            self.fields["text_nb"].required = False

    def clean_code(self) -> str:
        """Short, and used once in the questionnaire."""
        code = str(self.cleaned_data["code"])
        if not QUESTION_CODE.fullmatch(code):
            raise ValidationError(_("Start with a letter; use letters, digits and underscores only."))
        if Question.objects.filter(edition=self.draft, code=code).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Another question has this code."))
        return code

    def clean_file(self) -> Any:
        """Made into what may be kept, or refused."""
        sent = self.cleaned_data["file"]
        if not sent:
            return None
        try:
            return cleaning.clean(sent.read(cleaning.LARGEST_SENT + 1))
        except cleaning.Unclean as unclean:
            raise ValidationError(str(unclean)) from unclean

    def clean_counted_in(self) -> tuple[BandView, ...]:
        """As they are kept; none for a kind that is not counted in bands."""
        kind = registry.KINDS.get(self.cleaned_data.get("kind", ""))
        if kind is None or "bands" not in kind.settings:
            return ()
        decimals = self.cleaned_data.get("decimals") or 0
        try:
            return bands.read(kind.code, self.cleaned_data["counted_in"], decimals)
        except bands.BadBands as bad:
            raise ValidationError(str(bad)) from bad

    def clean(self) -> dict[str, Any]:
        """The bounds must leave room between them."""
        cleaned = super().clean()
        low, high = cleaned.get("minimum"), cleaned.get("maximum")
        if low is not None and high is not None and low > high:
            self.add_error("maximum", _("The smallest must not be more than the largest."))
        return cleaned


@admin.register(Question)
class QuestionAdmin(DraftPartAdmin):
    """A question with its options and conditions."""

    form = QuestionForm
    inlines = (OptionInline, ConditionInline)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "part_version",
                    ("code", "kind"),
                    "text_nb",
                    "help_nb",
                    "required",
                    "elaboration",
                    "elaboration_prompt_nb",
                    ("minimum", "maximum", "decimals"),
                    "counted_in",
                    "unit_nb",
                    "quotation_nb",
                    "source_nb",
                    "file",
                    "without_file",
                    "alt_nb",
                    "caption_nb",
                    "section",
                    ("concept", "comparability"),
                )
            },
        ),
        *in_other_languages("text", "help", "elaboration_prompt", "unit", "quotation", "source", "alt", "caption"),
    )
    conditional_fields = {
        "required": "kind != 'information'",
        "elaboration": _kinds_with("elaboration"),
        "elaboration_prompt_nb": _kinds_with("elaboration"),
        "minimum": _kinds_with("bounds"),
        "maximum": _kinds_with("bounds"),
        "decimals": _kinds_with("decimals"),
        "counted_in": _kinds_with("bands"),
        "unit_nb": _kinds_with("unit"),
        "concept": "kind != 'information'",
        "comparability": "kind != 'information' && concept",
        **dict.fromkeys(
            ("quotation_nb", "source_nb", "file", "without_file", "alt_nb", "caption_nb"), _kinds_with("extras")
        ),
    }

    def get_inlines(self, request: HttpRequest, obj: Question | None) -> tuple[type[Any], ...]:
        """No options where none can be ticked."""
        if obj is not None and obj.kind in registry.KINDS and not registry.kind(obj.kind).has_options:
            return (ConditionInline,)
        return self.inlines

    def section_of(self, request: HttpRequest, obj: Question | None) -> Section:
        """The section it stands in, or is added to."""
        if obj is not None and obj.section_id:
            return obj.section
        return get_object_or_404(
            Section.objects.select_related("edition__questionnaire"), pk=number_in(request, "section")
        )

    def edition_of(self, request: HttpRequest, obj: Question | None) -> Edition:
        """The draft it belongs to, or is added to."""
        return self.section_of(request, obj).edition

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Tell the fields which draft they choose from, and what stands before the question."""
        section = self.section_of(request, obj)
        request.draft = section.edition  # type: ignore[attr-defined]
        request.draft_sections = section.edition.sections.order_by("position")  # type: ignore[attr-defined]
        request.earlier_questions = _earlier(section, obj)  # type: ignore[attr-defined]
        return super().get_form(request, obj, change=change, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The kind is chosen from those there are; short texts get little room."""
        if db_field.name == "kind":
            label = capfirst(db_field.verbose_name)
            return forms.ChoiceField(choices=registry.choices(), label=label, widget=Select)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(getattr(field, "widget", None), forms.Textarea):
            field.widget.attrs["rows"] = 2 if db_field.name.startswith("help") else 4
        return without_shortcuts(field) if db_field.name == "section" else field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A question stays in its draft."""
        if db_field.name == "section":
            kwargs["queryset"] = getattr(request, "draft_sections", Section.objects.none())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Question, form: Any, change: bool) -> None:
        """A new question, or one that changes section, comes last there."""
        if not change or "section" in form.changed_data:
            obj.edition = obj.section.edition
            obj.position = arranging.next_question_position(obj.section)
        attaching.change(obj, form.cleaned_data["file"], out=form.cleaned_data["without_file"])
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Whoever says that it has the wording of other questions must be right."""
        super().save_related(request, form, formsets, change)
        if {"counted_in", "kind"} & set(form.changed_data):
            banding.keep(form.instance, form.cleaned_data["counted_in"])
        if {"concept", "comparability"} & set(form.changed_data):
            aligning.demand_same_wording(form.instance)

    def settle(self, obj: Question) -> None:
        """Options that fit the kind, numbered in order."""
        authoring.settle_options(obj)
        arranging.number_options(obj)

    def remove(self, obj: Question) -> None:
        """With its options and conditions."""
        arranging.delete_question(obj.pk)

    def beside(self, obj: Question) -> dict[str, Any]:
        """Another question of the same section."""
        return {"section": obj.section_id}


def _earlier(section: Section, obj: Question | None) -> QuerySet[Question]:
    """The questions that can decide whether one is shown: those answered before it, in order."""
    before = Q(section__position__lt=section.position)
    here = Q(section=section) if obj is None else Q(section=section, position__lt=obj.position)
    return _asked(section.edition).filter(before | here)


def _before_section(edition: Edition, obj: Section | None) -> QuerySet[Question]:
    """The same for a section; a new one comes last."""
    return _asked(edition) if obj is None else _asked(edition).filter(section__position__lt=obj.position)


def _asked(edition: Edition) -> QuerySet[Question]:
    asked = [code for code, kind in registry.KINDS.items() if kind.is_asked]
    return Question.objects.filter(edition=edition, kind__in=asked).order_by("section__position", "position")
