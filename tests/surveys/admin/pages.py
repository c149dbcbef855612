"""The pages on which questionnaires are edited, and what a browser sends from them."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from surveys.models import Edition


def signed_in(user: Any) -> Client:
    """Someone's browser, in English."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def change(part: Any) -> str:
    """The address at which a part is edited."""
    return reverse(f"admin:surveys_{part._meta.model_name}_change", args=[part.pk])


def page_of(edition: Edition) -> str:
    """The page of the questionnaire."""
    return reverse("admin:surveys_questionnaire_change", args=[edition.questionnaire_id])


def filled(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    """What the browser would send from the form at an address, with some fields changed."""
    return {**shown(client.get(url)), **changes}


def shown(response: Any) -> dict[str, Any]:
    """What the browser would send from the form on a page as it is."""
    context, sent = response.context, {}
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False:
                sent[bound.html_name] = "on" if value is True else value
    return sent


def errors(response: Any) -> list[str]:
    """Everything that a form complains of."""
    return [str(message) for group in response.context["errors"] for message in group]


def builder_of(edition: Edition) -> str:
    """The builder of a draft."""
    return reverse("admin:surveys_questionnaire_build", args=[edition.questionnaire_id])


def move(client: Client, part: Any, **sent: Any) -> Any:
    """Press one of the arrows beside a part, without a script."""
    url = reverse("admin:surveys_questionnaire_build_deed", args=[part.edition.questionnaire_id])
    place = f"{part._meta.model_name}-{part.pk}"
    return client.post(url, {"deed": "move", "place": place, **sent}, follow=True)


def codes(draft: Edition) -> list[str]:
    """The questions in order."""
    return list(draft.questions.order_by("section__position", "position").values_list("code", flat=True))


def parts(edition: Edition) -> list[Any]:
    """One of each kind of part."""
    return [edition, edition.sections.first(), edition.questions.order_by("position").first()]
