"""One editor: the questionnaire's page is read and leads to the builder, which works without a script as well."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from surveys.models import Question, Questionnaire
from tests import make
from tests.make import asking
from tests.page import parse
from tests.surveys.admin.pages import builder_of, change, errors, filled, page_of

pytestmark = pytest.mark.django_db


def test_the_overview_edits_nothing_and_leads_to_each_part_in_the_builder(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("B1"), asking("B2")])
    page = parse(designer.get(page_of(draft))).find("div", class_="sheet")
    one, two = draft.questions.order_by("position")
    build = builder_of(draft)

    assert [each.get("href") for tools in page.all("div", class_="tools") for each in tools.all("a")] == [
        f"{build}#section-{draft.sections.get().pk}",
        f"{build}#question-{one.pk}",
        f"{build}#question-{two.pk}",
    ]
    assert [form.get("action") for form in page.all("form")] == []


def test_without_a_script_what_is_added_is_written_in_on_its_own_page(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("B1")])
    deed = reverse("admin:surveys_questionnaire_build_deed", args=[draft.questionnaire_id])
    section = draft.sections.get()

    asked = designer.post(deed, {"deed": "add_question", "section": section.pk, "kind": "number", "after": ""})
    made = draft.questions.latest("pk")
    assert asked["Location"] == change(made)
    part = designer.post(deed, {"deed": "add_section"})
    assert part["Location"] == change(draft.sections.latest("pk"))
    moved = designer.post(deed, {"deed": "move", "place": f"question-{made.pk}", "step": "-1"})
    assert moved["Location"] == f"{builder_of(draft)}#question-{made.pk}"


# --- Bands on the form ------------------------------------------------------------------------------------


def bands(question: Question) -> list[tuple[str, str]]:
    return [(str(each.lower), str(each.upper)) for each in question.bands.order_by("position")]


def test_bands_are_written_on_the_form_and_stay_when_something_else_is(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("B1", "number")])
    question = draft.questions.get()

    sent = filled(designer, change(question), counted_in="0-1, 2-4, 5 or more")
    assert designer.post(change(question), sent).status_code == 302
    assert [str(each) for each in bands(question)] == [
        "('0.0000', '1.0000')",
        "('2.0000', '4.0000')",
        "('5.0000', 'None')",
    ]
    assert filled(designer, change(question))["counted_in"] == "0–1, 2–4, 5 or more"

    designer.post(change(question), filled(designer, change(question), text_nb="Hvor mange?"))
    assert len(bands(question)) == 3
    designer.post(change(question), filled(designer, change(question), counted_in=""))
    assert bands(question) == []


def test_bands_that_overlap_are_refused_on_the_form_and_nothing_is_changed(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("B1", "number")])
    question = draft.questions.get()

    response = designer.post(change(question), filled(designer, change(question), counted_in="0-2, 2-4", help_nb="x"))

    assert errors(response) == ["“0–2” and “2–4” overlap: an answer would be counted twice."]
    question.refresh_from_db()
    assert (bands(question), question.help_nb) == ([], "")  # type: ignore[attr-defined]


def test_bands_go_when_the_question_becomes_one_that_is_not_counted_in_bands(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("B1", "number")])
    question = draft.questions.get()
    designer.post(change(question), filled(designer, change(question), counted_in="0-1, 2-4"))

    designer.post(change(question), filled(designer, change(question), kind="short_text"))

    question.refresh_from_db()
    assert (question.kind, bands(question)) == ("short_text", [])


# --- A code nobody needs to think of ----------------------------------------------------------------------


@pytest.mark.parametrize("door", ["begin", "add"])
def test_a_code_that_is_left_open_is_made_from_the_title(designer: Client, door: str) -> None:
    make.loaded("mal", [asking("B1")], role="template")
    template = Questionnaire.objects.get(code="mal")
    for expected in ("hjemmekontor-hvordan-gar-det", "hjemmekontor-hvordan-gar-det-2"):
        title = "Hjemmekontor: hvordan går det?"
        if door == "begin":
            sent = {"template": template.pk, "title": title, "code": ""}
            assert designer.post(reverse("admin:surveys_questionnaire_begin"), sent).status_code == 302
        else:
            url = reverse("admin:surveys_questionnaire_add")
            assert designer.post(url, filled(designer, url, title_nb=title, code="")).status_code == 302
        assert Questionnaire.objects.latest("pk").code == expected


def test_a_code_that_is_given_stays_as_it_is_and_signs_alone_make_one_too(designer: Client) -> None:
    url = reverse("admin:surveys_questionnaire_add")
    designer.post(url, filled(designer, url, title_nb="Puls", code="min-egen"))
    designer.post(url, filled(designer, url, title_nb="???", code=""))
    assert set(Questionnaire.objects.values_list("code", flat=True)) == {"min-egen", "questionnaire"}
