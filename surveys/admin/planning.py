"""Planning a survey: which edition, when, for what promise, and which tables will be published."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django import forms
from django.conf import settings
from django.db import IntegrityError
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from surveys import coding, fielding
from surveys.kinds import registry
from surveys.models import Edition, Promise, Survey
from surveys.structure import EditionView, edition_view
from surveys.variables import closed_names
from surveys.ways import declaring

MOST_CROSSES = 4
MOMENT_FORMAT = "%Y-%m-%dT%H:%M"


class MomentField(forms.DateTimeField):
    """A day and a time of day in the service's own time zone."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT_FORMAT)
        super().__init__(widget=widget, input_formats=[MOMENT_FORMAT, "%Y-%m-%dT%H:%M:%S"], **kwargs)


class PlanForm(forms.Form):
    """Everything that is fixed before the first letter. A valid form is carried out by `plan`."""

    code = forms.SlugField(
        label=gettext_lazy("Code"),
        max_length=80,
        help_text=gettext_lazy("Short name used in addresses and files."),
    )
    promise = forms.ChoiceField(
        label=gettext_lazy("What respondents are promised"),
        choices=Promise.choices,
        widget=forms.RadioSelect,
        initial=Promise.ANONYMOUS,
    )
    opens_at = MomentField(label=gettext_lazy("Opens"))
    closes_at = MomentField(label=gettext_lazy("Deadline"))
    threshold = forms.IntegerField(
        label=gettext_lazy("Smallest group shown"),
        help_text=gettext_lazy("No figure is shown for fewer respondents than this."),
    )
    strict_reminders = forms.BooleanField(
        label=gettext_lazy("Remind everyone"),
        required=False,
        initial=True,
        help_text=gettext_lazy(
            "A reminder only to those who lack an answer tells whoever runs their mail who has answered. "
            "Keep this on where letters go to an employer's addresses."
        ),
    )
    may_change = forms.BooleanField(
        label=gettext_lazy("Answers can be changed after they are submitted"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Until the deadline, with the code. Otherwise what is submitted first counts."),
    )
    asks_quoting = forms.BooleanField(
        label=gettext_lazy("Ask for leave to quote"),
        required=False,
        help_text=gettext_lazy(
            "Asked of those who have written something, before they submit. Without a yes nothing is quoted."
        ),
    )
    facts = forms.MultipleChoiceField(
        label=gettext_lazy("Background from the register"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Results are shown by these. The fewer and coarser, the better the anonymity; at most four."
        ),
    )
    by_way = forms.BooleanField(
        label=gettext_lazy("Show results by how the answers came in"),
        required=False,
        help_text=gettext_lazy(
            "By letter, open link, shared screen, paper or telephone. Counts as one of the four. "
            "Without it, that is not stored with the answers."
        ),
    )
    codebooks = forms.MultipleChoiceField(
        label=gettext_lazy("Answers that will be read and coded"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, edition: Edition, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.edition = edition
        self.register = import_module(settings.BACKGROUND_FACTS)
        view, language = edition_view(edition.pk), get_language() or "nb"
        threshold = self.fields["threshold"]
        threshold.initial = settings.DISCLOSURE_K
        threshold.widget.attrs["min"] = settings.DISCLOSURE_K
        self.fields["code"].initial = edition.questionnaire.code
        self.fields["facts"].choices = list(self.register.known_facts().items())  # type: ignore[attr-defined]
        self.fields["codebooks"].choices = _codable(view, language)  # type: ignore[attr-defined]
        variables = [("", "–"), *_variables(view, language)]
        for number in range(1, MOST_CROSSES + 1):
            for side in ("variable", "by"):
                self.fields[f"{side}_{number}"] = forms.ChoiceField(choices=variables, required=False)

    def crosses(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The pairs of fields for question-by-question tables."""
        return [(self[f"variable_{number}"], self[f"by_{number}"]) for number in range(1, MOST_CROSSES + 1)]

    def clean_code(self) -> str:
        """Used once."""
        code = str(self.cleaned_data["code"])
        if Survey.objects.filter(code=code).exists():
            raise forms.ValidationError(_("Another survey has this code."))
        return code

    def clean_threshold(self) -> int:
        """Never below the floor."""
        threshold = int(self.cleaned_data["threshold"])
        if threshold < settings.DISCLOSURE_K:
            raise forms.ValidationError(_("At least %(least)d.") % {"least": settings.DISCLOSURE_K})
        return threshold

    def clean(self) -> dict[str, Any]:
        """Opening before the deadline; both halves of a table; a table not with itself."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("opens_at") and cleaned.get("closes_at") and cleaned["opens_at"] >= cleaned["closes_at"]:
            self.add_error("closes_at", _("The deadline must be after the opening."))
        for number in range(1, MOST_CROSSES + 1):
            variable, by = cleaned.get(f"variable_{number}", ""), cleaned.get(f"by_{number}", "")
            if bool(variable) != bool(by):
                self.add_error(f"by_{number}", _("Choose both questions of the table, or none."))
            elif variable and variable == by:
                self.add_error(f"by_{number}", _("Choose two different questions."))
        return cleaned

    def plan(self) -> Survey | None:
        """Plan the survey; None, with the reason on the form, when it is refused."""
        given = self.cleaned_data
        crosses = list(
            dict.fromkeys(
                (given[f"variable_{number}"], given[f"by_{number}"])
                for number in range(1, MOST_CROSSES + 1)
                if given[f"variable_{number}"]
            )
        )
        # A table of stances needs them: whoever asks for it need not tick the codebook as well.
        coded = {name.partition(".")[0] for pair in crosses for name in pair if name.endswith(".stance")}
        try:
            return fielding.plan(
                given["code"],
                self.edition,
                promise=given["promise"],
                opens_at=given["opens_at"],
                closes_at=given["closes_at"],
                threshold=given["threshold"],
                strict_reminders=given["strict_reminders"],
                may_change=given["may_change"],
                asks_quoting=given["asks_quoting"],
                facts=[*self.register.facts(given["facts"]), *([declaring.fact()] if given["by_way"] else [])],
                crosses=crosses,
                codebooks=sorted({*given["codebooks"], *coded}),
            )
        except fielding.NotReady as refused:
            self.add_error(None, str(refused))
        except IntegrityError:
            # Someone else has planned one with this code since the form was checked.
            self.add_error("code", _("Another survey has this code."))
        return None


def _codable(view: EditionView, language: str) -> list[tuple[str, str]]:
    """Questions whose answers hold text that a stance can be read from."""
    return [
        (question.code, f"{question.code} {question.text(language)}")
        for question in view.questions.values()
        if coding.is_codable(question)
    ]


def _variables(view: EditionView, language: str) -> list[tuple[str, str]]:
    """What can stand in a table: ticked answers, and coded ones."""
    codable = {code for code, _label in _codable(view, language)}
    found = []
    for question in view.questions.values():
        if registry.kind(question.kind).has_options or question.bands:
            labels = {f"{question.code}.{option.code}": option.label(language) for option in question.options}
            found += [
                (name, f"{question.code} {question.text(language)} {labels.get(name, '')}".strip())
                for name in closed_names(question)
            ]
        if question.code in codable:
            found.append((f"{question.code}.stance", _("%(question)s, coded") % {"question": question.code}))
    return found
