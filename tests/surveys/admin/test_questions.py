"""Editing a question with its options and conditions, in the browser's forms."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from surveys import structure
from surveys.formats import json
from surveys.models import Condition, Edition, Question
from tests import make
from tests.surveys.admin.pages import builder_of, change, errors, filled, page_of

pytestmark = pytest.mark.django_db


# --- Questions --------------------------------------------------------------------------------------------


def test_a_new_yes_no_question_gets_its_options(designer: Client) -> None:
    draft = make.loaded()
    url = reverse("admin:surveys_question_add") + f"?section={draft.sections.get().pk}"

    sent = filled(designer, url, code="Q4", kind="yes_no", text_nb="Går det bra?", elaboration="optional")
    response = designer.post(url, sent)

    question = Question.objects.get(code="Q4")
    assert response["Location"] == f"{builder_of(draft)}#question-{question.pk}"
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

    assert response.redirect_chain == [(builder_of(draft), 302)]
    assert [str(message) for message in response.context["messages"]] == [BREAKS]
    assert draft.questions.count() == 3
