"""Questions that share a concept, and the claim that they have the same wording."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from surveys.models import Concept, Edition, Question
from surveys.texts import aligning
from surveys.texts.aligning import NotSameWording
from tests import make

pytestmark = pytest.mark.django_db


def about(code: str, text: str, *, publish: bool = False, comparability: str = "wording", **rest: Any) -> Edition:
    asked = make.asking("Q1", concept="value", comparability=comparability, **rest) | {"text": {"nb": text}}
    return (make.published if publish else make.loaded)(code, [asked])


def only(edition: Edition) -> Question:
    return edition.questions.get()


def shared() -> list[tuple[str, tuple[str, ...]]]:
    found = aligning.questions_about(Concept.objects.get(code="value"))
    return [(each.name, each.differs_from) for each in found]


def test_questions_about_a_concept_stand_by_questionnaire_and_edition() -> None:
    first = about("a", "Hva nå?", publish=True)
    about("a", "Hva nå?")
    about("b", "Hva  nå?")

    assert shared() == [("a/Q1", ()), ("a/Q1", ()), ("b/Q1", ())]
    assert aligning.questions_about(Concept.objects.get())[0].edition == first


def test_a_false_claim_is_marked_on_both_sides() -> None:
    about("a", "Hva nå?")
    about("b", "Hva da?")
    about("c", "Noe annet?", comparability="meaning")

    assert shared() == [("a/Q1", ("b/Q1",)), ("b/Q1", ("a/Q1",)), ("c/Q1", ())]


def test_other_answers_are_another_wording() -> None:
    about("a", "Hva nå?", publish=True)
    other = about("b", "Hva nå?", options=[{"code": "yes", "label": {"nb": "Ja"}}])

    with pytest.raises(NotSameWording, match="a/Q1"):
        aligning.demand_same_wording(only(other))


def test_a_false_claim_is_refused_against_what_is_settled() -> None:
    draft = about("a", "Hva nå?")
    other = about("b", "Hva da?")
    aligning.demand_same_wording(only(other))  # the first may still change

    make.publishing.publish(draft.questionnaire_id, make.OPENS)

    with pytest.raises(NotSameWording, match="a/Q1"):
        aligning.demand_same_wording(only(other))
    Question.objects.filter(pk=only(other).pk).update(comparability="meaning")
    aligning.demand_same_wording(only(other))


def test_the_bank_is_settled_though_it_is_a_draft() -> None:
    make.loaded("bank", [make.asking("Q1", concept="value", comparability="wording")], role="bank")
    other = about("b", "Noe helt annet?")

    with pytest.raises(NotSameWording, match="bank/Q1"):
        aligning.demand_same_wording(only(other))


def test_as_many_statements_for_three_as_for_one() -> None:
    about("a", "Hva nå?")
    concept = Concept.objects.get()
    with CaptureQueriesContext(connection) as one:
        aligning.questions_about(concept)
    about("b", "Hva nå?")
    about("c", "Hva nå?")
    with CaptureQueriesContext(connection) as three:
        aligning.questions_about(concept)

    assert len(one) == len(three)
