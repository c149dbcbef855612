"""A new questionnaire from a template."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from surveys.admin.base import ModelAdmin
from surveys.authoring import Refused
from surveys.drafting import beginning, naming, undoing
from surveys.models import Did, Questionnaire
from surveys.structure import Text

BAD_CODE = gettext_lazy("Use the letters a to z, digits and hyphens only, without spaces.")


CODE_HELP = gettext_lazy(
    "Short name used in addresses and files, for example nav-partnership-local-2021. Made from the title if left open."
)


def free_code(title: str) -> str:
    """A code made from a title that no questionnaire has."""
    return naming.questionnaire_code(title, set(Questionnaire.objects.values_list("code", flat=True)))


class BeginForm(forms.Form):
    """Which template, and what the questionnaire is called."""

    template: forms.ModelChoiceField[Questionnaire] = forms.ModelChoiceField(
        Questionnaire.objects.none(), label=gettext_lazy("Template"), widget=forms.RadioSelect, empty_label=None
    )
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    code = forms.SlugField(
        label=gettext_lazy("Code"),
        max_length=80,
        required=False,
        help_text=CODE_HELP,
        error_messages={"invalid": BAD_CODE},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].queryset = beginning.templates()  # type: ignore[attr-defined]  # a ModelChoiceField


def _begin(request: HttpRequest, form: BeginForm) -> Questionnaire:
    template = form.cleaned_data["template"]
    now = request.now  # type: ignore[attr-defined]  # set by ClockMiddleware
    subject = _("from the template “%(title)s”") % {"title": template}
    with undoing.noted(None, request.user, now, Did.BEGUN, subject=subject) as note:
        title = form.cleaned_data["title"]
        made = beginning.begin(template.pk, form.cleaned_data["code"] or free_code(title), Text({"nb": title}))
        note.made = made.editions.get()
    return made


def addresses(model_admin: ModelAdmin) -> list[URLPattern]:
    """The address at which a questionnaire is made from a template."""

    def begin(request: HttpRequest) -> HttpResponse:
        """GET shows the templates; POST makes the questionnaire and goes to its draft."""
        if not (model_admin.has_add_permission(request) and model_admin.has_change_permission(request)):
            raise PermissionDenied
        form = BeginForm(request.POST) if request.method == "POST" else BeginForm(initial=request.GET.dict())
        if form.is_valid():
            try:
                made = _begin(request, form)
            except Refused as refused:
                form.add_error("code", refused.reasons[0])
            else:
                messages.success(request, _("“%(title)s” has been made. Make it your own.") % {"title": made})
                return HttpResponseRedirect(reverse("admin:surveys_questionnaire_change", args=[made.pk]))
        return model_admin.show_page(
            request,
            "begin",
            title=_("New questionnaire from a template"),
            form=form,
            back=reverse("admin:surveys_questionnaire_changelist"),
        )

    view = model_admin.admin_site.admin_view(require_http_methods(["GET", "POST"])(begin))
    return [path("template/", view, name="surveys_questionnaire_begin")]
