"""Publishing: what is ready is numbered and frozen, once; what is not is refused in plain words."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.utils.translation import override

from surveys import authoring, publishing, structure
from surveys.formats import json as json_format
from surveys.models import Condition, Edition, EditionFactValue, Option, Question, Questionnaire
from tests import make
from tests.make import OPENS
from tests.together import together

pytestmark = pytest.mark.django_db


def reasons(edition: Edition) -> list[str]:
    """Why an edition cannot be published; also that trying leaves it as it was."""
    with override("en"), pytest.raises(publishing.NotPublishable) as caught:
        publishing.publish(edition.questionnaire_id, OPENS)
    edition.refresh_from_db()
    assert edition.is_draft
    return caught.value.reasons


def test_publishing_numbers_and_freezes_the_draft() -> None:
    draft = make.loaded()

    edition = publishing.publish(draft.questionnaire_id, OPENS)

    assert (edition.pk, edition.number, edition.published_at) == (draft.pk, 1, OPENS)
    assert not edition.is_draft


def test_the_next_draft_becomes_edition_two_and_leaves_the_first_alone() -> None:
    first = make.published()
    before = structure.read(first)
    draft = authoring.draft(first.questionnaire)
    with authoring.editing(draft.pk) as editing:
        Question.objects.filter(edition=editing, code="Q1").update(text_nb="Nytt spørsmål?")

    second = publishing.publish(first.questionnaire_id, OPENS)

    assert (first.number, second.number) == (1, 2)
    assert structure.read(first) == before
    assert structure.read(second).questions["Q1"].text("nb") == "Nytt spørsmål?"


def test_publishing_again_finds_nothing_to_publish() -> None:
    edition = make.published()

    with pytest.raises(publishing.NothingToPublish):
        publishing.publish(edition.questionnaire_id, OPENS)

    assert list(edition.questionnaire.editions.values_list("number", flat=True)) == [1]


def test_a_questionnaire_that_does_not_exist_is_not_published() -> None:
    with pytest.raises(Questionnaire.DoesNotExist):
        publishing.publish(987654, OPENS)


def test_an_empty_draft_is_refused_with_everything_that_is_missing() -> None:
    draft = authoring.blank_draft(make.empty_questionnaire())

    assert reasons(draft) == [
        "The purpose is missing: say who asks, why, and what becomes of the answers.",
        "There are no sections.",
        "There are no questions.",
    ]


def test_an_empty_section_and_information_alone_are_no_questionnaire() -> None:
    draft = make.loaded("prov-2021", [make.asking("I1", "information")], [])

    assert reasons(draft) == ["There are no questions.", "Section 2 is empty."]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"title": {"en": "Trial"}}, "The title is missing in bokmål."),
        ({"purpose": {"en": "To try."}}, "The purpose is missing in bokmål."),
    ],
)
def test_texts_of_the_whole_must_exist_in_bokmaal(change: dict[str, Any], expected: str) -> None:
    assert reasons(make.loaded(**change)) == [expected]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (make.asking("Q1", text={"nn": "Kva?"}), "The text of Q1 is missing in bokmål."),
        (make.asking("Q1", help={"en": "Hint"}), "The help or prompt of Q1 is missing in bokmål."),
        (make.asking("Q1", "single_choice"), "Q1 needs at least two answers to choose between."),
        (
            make.asking("Q1", "single_choice", options=[{"code": "a", "label": {"nb": "A"}}]),
            "Q1 needs at least two answers to choose between.",
        ),
        (
            make.asking("Q1", options=[{"code": "yes", "label": {"nb": "Ja"}}, {"code": "no", "label": {"en": "No"}}]),
            "Answer 2 of Q1 has no text in bokmål.",
        ),
    ],
)
def test_a_question_that_is_not_finished_is_named(question: dict[str, Any], expected: str) -> None:
    assert reasons(make.loaded("prov-2021", [question])) == [expected]


def test_section_texts_must_exist_in_bokmaal() -> None:
    document = make.document(
        sections=[{"title": {"en": "Part"}, "intro": {"en": "Hello"}, "questions": [make.asking("Q1")]}]
    )
    draft = authoring.draft(json_format.load(document))

    assert reasons(draft) == [
        "The title of section 1 is missing in bokmål.",
        "The introduction of section 1 is missing in bokmål.",
    ]


def test_a_condition_on_a_later_question_is_refused() -> None:
    draft = make.loaded()
    # Written past the deeds on purpose: they would not have let it in.
    first, third = (draft.questions.get(code=code) for code in ("Q1", "Q3"))
    Condition.objects.create(question=first, source=third, option=third.options.get(code="yes"))

    assert reasons(draft) == ["The condition of Q1 looks at Q3, which is not asked before it."]


def test_a_section_that_looks_at_its_own_first_question_is_refused() -> None:
    draft = make.loaded()
    first = draft.questions.get(code="Q1")
    Condition.objects.create(section=first.section, source=first, option=first.options.get(code="yes"))

    assert reasons(draft) == ["The condition of section 1 looks at Q1, which is not asked before it."]


def test_a_condition_on_a_value_of_another_fact_is_refused() -> None:
    facts = [{"name": name, "values": [{"code": f"{name}-a"}, {"code": f"{name}-b"}]} for name in ("region", "role")]
    conditions = [{"fact": "role", "option": "role-a"}]
    draft = make.loaded("prov-2021", [make.asking("Q1"), make.asking("Q2", conditions=conditions)], facts=facts)
    region = EditionFactValue.objects.get(fact__edition=draft, code="region-a")
    # Written past the deeds on purpose: they would not have let it in.
    Condition.objects.filter(question__edition=draft).update(fact_value=region)

    assert reasons(draft) == ["The condition of Q2 looks for a value that the background fact does not have."]


def test_a_condition_on_another_edition_is_refused() -> None:
    other = make.published("annet-2021")
    draft = make.loaded()
    condition = Condition.objects.get(question__edition=draft)
    source = other.questions.get(code="Q1")
    Condition.objects.filter(pk=condition.pk).update(source=source, option=source.options.get(code="yes"))

    assert reasons(draft) == ["The condition of Q3 looks at a question of another edition."]


def test_a_condition_on_an_answer_that_is_not_offered_is_refused() -> None:
    draft = make.loaded()
    elsewhere = Option.objects.get(question__edition=draft, question__code="Q3", code="yes")
    Condition.objects.filter(question__edition=draft).update(option=elsewhere)

    assert reasons(draft) == ["The condition of Q3 looks for an answer that Q1 does not offer."]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE surveys_edition SET title_nb = 'x'",
        "UPDATE surveys_edition SET published_at = NULL, number = NULL",
        "DELETE FROM surveys_condition",
        "UPDATE surveys_section SET title_nb = 'x'",
        "UPDATE surveys_question SET text_nb = 'x'",
        "UPDATE surveys_option SET label_nb = 'x'",
        "UPDATE surveys_condition SET operator = 'is_not'",
    ],
)
def test_the_database_refuses_changes_to_what_is_published(statement: str) -> None:
    make.published()

    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_at_once_exactly_one_gets_the_edition() -> None:
    draft = make.loaded()

    outcomes = together([partial(publishing.publish, draft.questionnaire_id, OPENS)] * 2)

    assert {type(outcome) for outcome in outcomes} == {Edition, publishing.NothingToPublish}
    assert list(draft.questionnaire.editions.values_list("number", flat=True)) == [1]


@pytest.mark.django_db(transaction=True)
def test_publishing_waits_for_a_save_in_progress_and_freezes_what_it_saved() -> None:
    draft = make.loaded()
    started = threading.Event()
    published = threading.Event()

    def publish() -> None:
        started.wait(timeout=10)
        try:
            publishing.publish(draft.questionnaire_id, OPENS)
        finally:
            published.set()
            connection.close()

    thread = threading.Thread(target=publish)
    thread.start()
    with authoring.editing(draft.pk) as editing:
        started.set()
        assert not published.wait(timeout=0.5)
        Question.objects.filter(edition=editing, code="Q1").update(text_nb="Sist lagret?")
    thread.join(timeout=30)

    assert published.is_set()
    assert structure.read(draft).questions["Q1"].text("nb") == "Sist lagret?"
    with pytest.raises(authoring.NotADraft), authoring.editing(draft.pk):
        pass
