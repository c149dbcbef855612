"""Editing a draft: its title page, its sections, their order and that of the questions; who may, and when."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from surveys.formats import json
from surveys.models import Edition, Question, Section
from tests import cast, make
from tests.surveys.admin.pages import builder_of, change, codes, errors, filled, move, parts

pytestmark = pytest.mark.django_db


# --- The title page ---------------------------------------------------------------------------------------


def test_title_purpose_and_time_are_saved_and_lead_back_to_the_builder(designer: Client) -> None:
    draft = make.loaded()
    before = draft.version

    sent = filled(designer, change(draft), title_en="Trial", purpose_nb="Nytt formål.", minutes="12")
    response = designer.post(change(draft), sent)

    assert response["Location"] == f"{builder_of(draft)}#edition-{draft.pk}"
    draft.refresh_from_db()
    assert (draft.title_nb, draft.title_en, draft.purpose_nb, draft.minutes) == (
        "Prøve",
        "Trial",
        "Nytt formål.",
        12,
    )
    assert draft.version == before + 1


def test_a_form_with_an_error_saves_nothing_and_does_not_count_as_a_save(designer: Client) -> None:
    draft = make.loaded()

    response = designer.post(change(draft), filled(designer, change(draft), title_nb=""))

    assert errors(response) == ["This field is required."]
    assert Edition.objects.get(pk=draft.pk).version == draft.version


def test_editions_are_neither_added_nor_deleted_here(designer: Client) -> None:
    draft = make.loaded()

    assert designer.get(reverse("admin:surveys_edition_add") + f"?edition={draft.pk}").status_code == 403
    assert designer.post(reverse("admin:surveys_edition_delete", args=[draft.pk])).status_code == 403


# --- Sections ---------------------------------------------------------------------------------------------


def test_a_section_is_added_at_the_end(designer: Client) -> None:
    draft = make.loaded()
    url = reverse("admin:surveys_section_add") + f"?edition={draft.pk}"

    response = designer.post(url, filled(designer, url, title_nb="Til slutt"))

    section = Section.objects.get(title_nb="Til slutt")
    assert (section.edition, section.position) == (draft, 2)
    assert response["Location"] == f"{builder_of(draft)}#section-{section.pk}"


def test_a_section_is_deleted_with_its_questions(designer: Client) -> None:
    draft = make.loaded()
    section = draft.sections.get()

    response = designer.post(reverse("admin:surveys_section_delete", args=[section.pk]), {"post": "yes"})

    assert response["Location"] == builder_of(draft)
    assert (Section.objects.count(), Question.objects.count()) == (0, 0)


# --- Order ------------------------------------------------------------------------------------------------


def test_a_question_moves_up_and_down(designer: Client) -> None:
    draft = make.loaded()
    second = draft.questions.get(code="Q2")

    move(designer, second, step="-1")
    assert codes(draft) == ["Q2", "Q1", "Q3"]

    move(designer, second, step="1")
    assert codes(draft) == ["Q1", "Q2", "Q3"]


def test_a_move_that_breaks_a_condition_is_refused_with_the_reason(designer: Client) -> None:
    draft = make.loaded("prov-2021", [make.asking("Q1"), make.document()["sections"][0]["questions"][2]])

    response = move(designer, draft.questions.get(code="Q3"), step="-1")

    assert [str(message) for message in response.context["messages"]] == [
        "The condition of Q3 looks at Q1, which is not asked before it."
    ]
    assert codes(draft) == ["Q1", "Q3"]


@pytest.mark.parametrize("step", ["0", "2", "up"])
def test_a_malformed_move_moves_nothing(designer: Client, step: str) -> None:
    draft = make.loaded()

    move(designer, draft.sections.get(), step=step)
    assert codes(draft) == ["Q1", "Q2", "Q3"]


def test_a_move_is_no_get(designer: Client) -> None:
    draft = make.loaded()

    assert (
        designer.get(reverse("admin:surveys_questionnaire_build_deed", args=[draft.questionnaire_id])).status_code
        == 405
    )


# --- Published, missing, forbidden ------------------------------------------------------------------------


def test_what_is_published_is_read_and_not_changed(designer: Client) -> None:
    edition = make.published()
    before = json.dump(edition)

    for part in parts(edition):
        assert designer.get(change(part)).status_code == 200
        assert designer.post(change(part), {"title_nb": "x", "text_nb": "x"}).status_code == 409
    for part in parts(edition)[1:]:
        name = part._meta.model_name
        delete = reverse(f"admin:surveys_{name}_delete", args=[part.pk])
        assert designer.post(delete, {"post": "yes"}).status_code == 403
        move(designer, part, step="1")
    assert json.dump(Edition.objects.get(pk=edition.pk)) == before


@pytest.mark.parametrize("query", ["", "?section=", "?section=x", "?section=999999", "?section=" + "9" * 30])
def test_a_question_is_added_to_a_section_that_exists(designer: Client, query: str) -> None:
    assert designer.get(reverse("admin:surveys_question_add") + query).status_code == 404


def test_staff_without_the_right_get_403_everywhere() -> None:
    draft = make.loaded()
    client = Client()
    client.force_login(cast.outsider())
    urls = [change(part) for part in parts(draft)]
    urls += [
        reverse("admin:surveys_section_add") + f"?edition={draft.pk}",
        reverse("admin:surveys_question_add") + f"?section={draft.sections.get().pk}",
        reverse("admin:surveys_question_delete", args=[draft.questions.first().pk]),  # type: ignore[union-attr]
    ]

    for url in urls:
        assert client.get(url).status_code == 403, url
        assert client.post(url, {"post": "yes"}).status_code == 403, url
    assert move(client, draft.questions.get(code="Q2"), step="-1").status_code == 403
    assert codes(draft) == ["Q1", "Q2", "Q3"]
