"""Editing a draft: its title page, sections, questions with options and conditions, in the browser's forms."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from surveys import authoring, structure
from surveys.formats import json
from surveys.models import Condition, Edition, Question, Section
from tests import cast, make

pytestmark = pytest.mark.django_db

CHANGED = (
    "Someone else has changed this draft since you opened it. Nothing was saved. "
    "Copy what you wrote, reload the page and make your change again."
)


@pytest.fixture
def designer() -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.designer())
    return client


def change(part: Any) -> str:
    return reverse(f"admin:surveys_{part._meta.model_name}_change", args=[part.pk])


def page_of(edition: Edition) -> str:
    return reverse("admin:surveys_questionnaire_change", args=[edition.questionnaire_id])


def filled(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    """What the browser would send from the form at an address, with some fields changed."""
    context = client.get(url).context
    sent = {}
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False:
                sent[bound.html_name] = "on" if value is True else value
    return {**sent, **changes}


def errors(response: Any) -> list[str]:
    """Everything that a form complains of."""
    return [str(message) for group in response.context["errors"] for message in group]


# --- The title page ---------------------------------------------------------------------------------------


def test_title_purpose_and_time_are_saved_and_lead_back_to_the_outline(designer: Client) -> None:
    draft = make.loaded()
    before = draft.version

    sent = filled(designer, change(draft), title_en="Trial", purpose_nb="Nytt formål.", minutes="12")
    response = designer.post(change(draft), sent)

    assert response["Location"] == f"{page_of(draft)}#edition-{draft.pk}"
    draft.refresh_from_db()
    assert (draft.title_nb, draft.title_en, draft.purpose_nb, draft.minutes) == (
        "Prøve",
        "Trial",
        "Nytt formål.",
        12,
    )
    assert draft.version == before + 1


def test_a_save_on_an_old_version_is_refused_and_keeps_what_was_typed(designer: Client) -> None:
    draft = make.loaded()
    mine = filled(designer, change(draft), title_nb="Min tittel")
    designer.post(change(draft), filled(designer, change(draft), title_nb="Din tittel"))

    response = designer.post(change(draft), mine)

    assert errors(response) == [CHANGED]
    assert 'value="Min tittel"' in response.content.decode()
    assert Edition.objects.get(pk=draft.pk).title_nb == "Din tittel"


@pytest.mark.parametrize("version", [None, "", "x", "-1", "9" * 40])
def test_a_save_without_a_sound_version_is_refused(designer: Client, version: str | None) -> None:
    draft = make.loaded()
    sent = filled(designer, change(draft), title_nb="Ny")
    sent.pop("draft_version")
    if version is not None:
        sent["draft_version"] = version

    assert designer.post(change(draft), sent).status_code == 200
    assert Edition.objects.get(pk=draft.pk).title_nb == "Prøve"


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
    assert response["Location"] == f"{page_of(draft)}#section-{section.pk}"


def test_a_section_is_deleted_with_its_questions(designer: Client) -> None:
    draft = make.loaded()
    section = draft.sections.get()

    response = designer.post(reverse("admin:surveys_section_delete", args=[section.pk]), {"post": "yes"})

    assert response["Location"] == page_of(draft)
    assert (Section.objects.count(), Question.objects.count()) == (0, 0)


# --- Questions --------------------------------------------------------------------------------------------


def test_a_new_yes_no_question_gets_its_options(designer: Client) -> None:
    draft = make.loaded()
    url = reverse("admin:surveys_question_add") + f"?section={draft.sections.get().pk}"

    sent = filled(designer, url, code="Q4", kind="yes_no", text_nb="Går det bra?", elaboration="optional")
    response = designer.post(url, sent)

    question = Question.objects.get(code="Q4")
    assert response["Location"] == f"{page_of(draft)}#question-{question.pk}"
    assert (question.edition, question.position) == (draft, 4)
    assert [option.code for option in question.options.all()] == ["yes", "no"]


def test_options_are_named_and_numbered_as_they_are_ordered(designer: Client) -> None:
    draft = make.loaded()
    url = reverse("admin:surveys_question_add") + f"?section={draft.sections.get().pk}"
    rows = [("Aldri", "3"), ("Både óg", "1"), ("Vet ikke", "2"), ("Alltid, eller nesten alltid på jobb", "")]
    sent = filled(designer, url, code="Q4", kind="single_choice", text_nb="Hvor ofte?")
    sent["options-TOTAL_FORMS"] = len(rows)
    for number, (label, place) in enumerate(rows):
        sent[f"options-{number}-label_nb"] = label
        sent[f"options-{number}-position"] = place
        sent[f"options-{number}-meaning"] = "answer"

    response = designer.post(url, sent)

    assert response.status_code == 302
    options = Question.objects.get(code="Q4").options.order_by("position")
    assert [(option.position, option.code, option.label_nb) for option in options] == [
        (1, "bade-og", "Både óg"),
        (2, "vet-ikke", "Vet ikke"),
        (3, "aldri", "Aldri"),
        (4, "alltid-eller-nesten-alltid-pa", "Alltid, eller nesten alltid på jobb"),
    ]


def test_options_change_places(designer: Client) -> None:
    question = make.loaded().questions.get(code="Q1")

    sent = filled(designer, change(question), **{"options-0-position": "2", "options-1-position": "1"})
    response = designer.post(change(question), sent)

    assert response.status_code == 302
    assert [option.code for option in question.options.order_by("position")] == ["no", "yes"]


def test_two_options_with_one_short_name_are_refused(designer: Client) -> None:
    question = make.loaded().questions.get(code="Q3")
    sent = filled(designer, change(question), **{"options-TOTAL_FORMS": 3})
    sent |= {"options-2-label_nb": "Ja igjen", "options-2-code": "yes", "options-2-meaning": "answer"}

    response = designer.post(change(question), sent)

    assert response.status_code == 200
    assert question.options.count() == 2


def test_a_label_of_signs_only_needs_a_short_name(designer: Client) -> None:
    question = make.loaded().questions.get(code="Q3")
    sent = filled(designer, change(question), **{"options-TOTAL_FORMS": 3})
    sent |= {"options-2-label_nb": "+++", "options-2-meaning": "answer"}

    response = designer.post(change(question), sent)

    assert errors(response) == ["Please write a short name."]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("Q2", "Another question has this code."),
        ("2b", "Start with a letter; use letters, digits and underscores only."),
        ("Q 4", "Start with a letter; use letters, digits and underscores only."),
        ("", "This field is required."),
    ],
)
def test_a_code_must_be_new_and_well_formed(designer: Client, code: str, expected: str) -> None:
    draft = make.loaded()
    url = reverse("admin:surveys_question_add") + f"?section={draft.sections.get().pk}"

    response = designer.post(url, filled(designer, url, code=code, kind="long_text", text_nb="Hva?"))

    assert errors(response) == [expected]
    assert draft.questions.count() == 3


def test_the_same_code_may_stand_in_another_questionnaire(designer: Client) -> None:
    make.loaded("annet")
    draft = make.loaded()
    question = draft.questions.get(code="Q2")

    response = designer.post(change(question), filled(designer, change(question), text_nb="Nytt?"))

    assert response.status_code == 302
    assert Question.objects.get(pk=question.pk).text_nb == "Nytt?"


def test_texts_in_other_languages_are_kept_apart(designer: Client) -> None:
    draft = make.loaded()
    question = draft.questions.get(code="Q2")

    sent = filled(designer, change(question), text_nn="Kva meiner du?", text_en="What do you think?")
    designer.post(change(question), sent)

    assert structure.read(draft).questions["Q2"].text.by_language == {
        "nb": "Q2, hva mener du?",
        "nn": "Kva meiner du?",
        "en": "What do you think?",
    }


# --- Conditions -------------------------------------------------------------------------------------------


def with_condition(client: Client, question: Question, **row: Any) -> dict[str, Any]:
    """A question's form with one more condition."""
    sent = filled(client, change(question))
    number = int(sent["conditions-TOTAL_FORMS"])
    sent["conditions-TOTAL_FORMS"] = number + 1
    return {**sent, **{f"conditions-{number}-{name}": value for name, value in {"group": 1, **row}.items()}}


def test_a_condition_is_added(designer: Client) -> None:
    draft = make.loaded()
    first, second = (draft.questions.get(code=code) for code in ("Q1", "Q2"))
    no = first.options.get(code="no")

    designer.post(change(second), with_condition(designer, second, source=first.pk, operator="is", option=no.pk))

    condition = structure.read(draft).questions["Q2"].conditions[0]
    assert (condition.source, condition.operator, condition.option) == ("Q1", "is", "no")


def test_only_what_is_asked_earlier_can_decide(designer: Client) -> None:
    draft = make.loaded(
        "prov-2021",
        [make.asking("I1", "information"), make.asking("Q1")],
        [make.asking("Q2"), make.asking("Q3"), make.asking("Q4")],
    )
    make.loaded("annet")
    third = draft.questions.get(code="Q3")

    formset = designer.get(change(third)).context["inline_admin_formsets"][1].formset
    offered = formset.empty_form.fields

    assert [question.code for question in offered["source"].queryset] == ["Q1", "Q2"]
    assert [label for _value, label in offered["option"].choices][1:] == [
        "Q1: Yes",
        "Q1: No",
        "Q2: Yes",
        "Q2: No",
    ]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"operator": "is"}, "Please choose the answer that decides."),
        ({"operator": "is", "option": "elsewhere"}, "Choose one of the answers to Q1."),
    ],
)
def test_a_condition_must_look_for_an_answer_of_its_question(
    designer: Client, row: dict[str, Any], expected: str
) -> None:
    draft = make.loaded("prov-2021", [make.asking("Q1"), make.asking("Q2"), make.asking("Q3")])
    first, second, third = draft.questions.order_by("position")
    if "option" in row:
        row = {**row, "option": second.options.get(code="yes").pk}

    response = designer.post(change(third), with_condition(designer, third, source=first.pk, **row))

    assert errors(response) == [expected]
    assert Condition.objects.count() == 0


def test_an_answer_is_dropped_where_any_answer_will_do(designer: Client) -> None:
    draft = make.loaded("prov-2021", [make.asking("Q1"), make.asking("Q2")])
    first, second = draft.questions.order_by("position")
    yes = first.options.get(code="yes").pk

    designer.post(change(second), with_condition(designer, second, source=first.pk, operator="answered", option=yes))

    assert [(each.operator, each.option) for each in Condition.objects.all()] == [("answered", None)]


# --- What would break a condition -------------------------------------------------------------------------

BREAKS = "Q3 is shown only after an answer to Q1. Change that condition first."


def test_a_source_made_into_an_open_question_is_refused_on_the_form(designer: Client) -> None:
    draft = make.loaded()
    before = json.dump(draft)
    first = draft.questions.get(code="Q1")

    response = designer.post(change(first), filled(designer, change(first), kind="long_text", text_nb="Åpent?"))

    assert errors(response) == [BREAKS]
    assert "Åpent?" in response.content.decode()
    assert json.dump(Edition.objects.get(pk=draft.pk)) == before
    assert [str(message) for message in designer.get(page_of(draft)).context["messages"]] == []


def test_a_source_moved_behind_its_dependant_by_its_section_is_refused(designer: Client) -> None:
    condition = {"source": "S", "operator": "is", "option": "yes"}
    draft = make.loaded("prov-2021", [make.asking("S")], [make.asking("K", conditions=[condition])])
    source, last = draft.questions.get(code="S"), draft.sections.order_by("position")[1]

    response = designer.post(change(source), filled(designer, change(source), section=last.pk))

    assert errors(response) == ["The condition of K looks at S, which is not asked before it."]
    assert Question.objects.get(pk=source.pk).section.position == 1


def test_deleting_an_option_that_a_condition_looks_for_is_refused(designer: Client) -> None:
    draft = make.loaded()
    first = draft.questions.get(code="Q1")

    response = designer.post(change(first), filled(designer, change(first), **{"options-0-DELETE": "on"}))

    assert response.status_code == 200
    assert first.options.count() == 2


def test_deleting_a_source_is_refused_with_the_reason(designer: Client) -> None:
    draft = make.loaded()
    first = draft.questions.get(code="Q1")
    url = reverse("admin:surveys_question_delete", args=[first.pk])

    assert designer.get(url).status_code == 200
    response = designer.post(url, {"post": "yes"}, follow=True)

    assert response.redirect_chain == [(page_of(draft), 302)]
    assert [str(message) for message in response.context["messages"]] == [BREAKS]
    assert draft.questions.count() == 3


# --- Order ------------------------------------------------------------------------------------------------


def move(client: Client, part: Any, **sent: Any) -> Any:
    return client.post(reverse(f"admin:surveys_{part._meta.model_name}_move", args=[part.pk]), sent, follow=True)


def codes(draft: Edition) -> list[str]:
    return list(draft.questions.order_by("section__position", "position").values_list("code", flat=True))


def test_a_question_moves_up_and_down(designer: Client) -> None:
    draft = make.loaded()
    second = draft.questions.get(code="Q2")

    move(designer, second, step="-1", draft_version=draft.version)
    assert codes(draft) == ["Q2", "Q1", "Q3"]

    move(designer, second, step="1", draft_version=draft.version + 1)
    assert codes(draft) == ["Q1", "Q2", "Q3"]


def test_a_move_that_breaks_a_condition_is_refused_with_the_reason(designer: Client) -> None:
    draft = make.loaded("prov-2021", [make.asking("Q1"), make.document()["sections"][0]["questions"][2]])

    response = move(designer, draft.questions.get(code="Q3"), step="-1", draft_version=draft.version)

    assert [str(message) for message in response.context["messages"]] == [
        "The condition of Q3 looks at Q1, which is not asked before it."
    ]
    assert codes(draft) == ["Q1", "Q3"]


def test_a_move_on_an_old_page_is_refused(designer: Client) -> None:
    draft = make.loaded()
    second = draft.questions.get(code="Q2")
    move(designer, second, step="-1", draft_version=draft.version)

    response = move(designer, second, step="-1", draft_version=draft.version)

    assert len(list(response.context["messages"])) == 1
    assert codes(draft) == ["Q2", "Q1", "Q3"]


@pytest.mark.parametrize("step", ["", "0", "2", "up"])
def test_a_malformed_move_is_refused(designer: Client, step: str) -> None:
    draft = make.loaded()

    assert move(designer, draft.questions.get(code="Q2"), step=step).status_code == 400
    assert codes(draft) == ["Q1", "Q2", "Q3"]


def test_a_move_is_no_get(designer: Client) -> None:
    question = make.loaded().questions.get(code="Q2")

    assert designer.get(reverse("admin:surveys_question_move", args=[question.pk])).status_code == 405


# --- Published, missing, forbidden ------------------------------------------------------------------------


def parts(edition: Edition) -> list[Any]:
    return [edition, edition.sections.first(), edition.questions.order_by("position").first()]


def test_what_is_published_is_read_and_not_changed(designer: Client) -> None:
    edition = make.published()
    before = json.dump(edition)

    for part in parts(edition):
        assert designer.get(change(part)).status_code == 200
        assert designer.post(change(part), {"title_nb": "x", "text_nb": "x"}).status_code == 403
    for part in parts(edition)[1:]:
        name = part._meta.model_name
        delete = reverse(f"admin:surveys_{name}_delete", args=[part.pk])
        assert designer.post(delete, {"post": "yes"}).status_code == 403
        move(designer, part, step="1", draft_version=edition.version)
    assert json.dump(Edition.objects.get(pk=edition.pk)) == before


def test_nothing_is_added_to_what_is_published(designer: Client) -> None:
    edition = make.published()
    url = reverse("admin:surveys_section_add") + f"?edition={edition.pk}"

    response = designer.post(url, {"title_nb": "Ny", "draft_version": edition.version})

    assert errors(response) == ["This edition has been published and can no longer be changed."]
    assert edition.sections.count() == 1


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


def test_the_question_page_needs_no_more_queries_for_more_options(designer: Client) -> None:
    options = [{"code": f"a{number}", "label": {"nb": f"A{number}"}} for number in range(6)]
    draft = make.loaded("prov-2021", [make.asking("Q1"), make.asking("Q2", "single_choice", options=options)])
    first, second = draft.questions.order_by("position")
    designer.get(change(first))

    with CaptureQueriesContext(connection) as two:
        designer.get(change(first))
    with CaptureQueriesContext(connection) as six:
        designer.get(change(second))

    # Whichever stands second also reads what stands before it.
    assert len(six) <= len(two) + 2


def test_two_editors_on_different_questions_notice_each_other(designer: Client) -> None:
    draft = make.loaded()
    first, second = (draft.questions.get(code=code) for code in ("Q1", "Q2"))
    mine = filled(designer, change(first), text_nb="Mitt?")
    designer.post(change(second), filled(designer, change(second), text_nb="Ditt?"))

    assert designer.post(change(first), mine).status_code == 200
    assert [question.text_nb for question in draft.questions.order_by("position")][:2] == [
        "Q1, hva mener du?",
        "Ditt?",
    ]
    assert authoring.draft(draft.questionnaire).version == draft.version + 1
