"""Coding open answers: every decision is kept, the last one counts, and no two texts of one person meet."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.db.utils import IntegrityError

from surveys import coding
from surveys.coding import OpenAnswer
from surveys.models import Answer, Codebook, Coding, Question, Survey
from tests import cast, make
from tests.make import AFTER
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)

LATER = AFTER + timedelta(days=1)


@pytest.fixture(autouse=True)
def _one_approval(settings) -> None:  # type: ignore[no-untyped-def]
    settings.CLOSING_APPROVALS = 1
    settings.FEWEST_FOR_TEXTS = 1


def answered_survey(*texts: str, tick: str = "yes") -> Survey:
    """An open survey with one answer a text to Q1, each ticked alike, and one tick without text."""
    survey = make.opened()
    voters = [make.voter(survey, role="local", region="north") for _ in range(len(texts) + 1)]
    for voter, text in zip(voters, [*texts, ""], strict=True):
        answer = {"option": tick, "text": text} if text else {"option": tick}
        make.answered(voter, {"Q1": answer, "Q2": {"option": "good"}, "Q3": {"text": f"Q3 {text}"}})
    survey.voters = voters  # type: ignore[attr-defined]
    return survey


def closed_survey(*texts: str, tick: str = "yes") -> Survey:
    """The same, closed."""
    survey = answered_survey(*texts, tick=tick)
    make.closed(survey, survey.voters, cast.designer())  # type: ignore[attr-defined]
    survey.refresh_from_db()
    return survey


def codebook_of(survey: Survey) -> Codebook:
    return Codebook.objects.select_related("survey", "question").get(survey=survey)


# --- Codebooks --------------------------------------------------------------------------------------------


def test_a_codebook_has_the_four_stances_in_four_languages() -> None:
    codebook = codebook_of(make.planned())

    assert codebook.name == "Q1.stance"
    assert [
        (code.code, code.label_nb, code.label_nn, code.label_en, code.label_se)
        for code in codebook.codes.order_by("position")
    ] == [
        ("yes", "Ja", "Ja", "Yes", "Juo"),
        ("no", "Nei", "Nei", "No", "Ii"),
        ("both", "Både ja og nei", "Både ja og nei", "Both yes and no", "Sihke juo ja ii"),
        ("dont_know", "Vet ikke", "Veit ikkje", "Don’t know", "In dieđe"),
    ]


def test_making_the_codebook_again_gives_the_same_one() -> None:
    survey = make.planned()
    codebook = codebook_of(survey)

    assert coding.create_codebook(survey, codebook.question) == codebook
    assert codebook.codes.count() == 4


def test_two_codebooks_have_orders_of_their_own() -> None:
    survey = make.planned()
    codebook = codebook_of(survey)
    other = coding.create_codebook(survey, Question.objects.get(edition=survey.edition, code="Q3"))

    assert other.order_salt != codebook.order_salt


# --- Reading ----------------------------------------------------------------------------------------------


def test_only_texts_are_read_with_what_was_ticked() -> None:
    codebook = codebook_of(closed_survey("Både og.", "Ja, klart."))

    found = coding.next_answers(codebook, 10)

    assert sorted((answer.text, answer.ticked, answer.code) for answer in found) == [
        ("Både og.", "yes", ""),
        ("Ja, klart.", "yes", ""),
    ]
    assert coding.progress(codebook) == (0, 2)


def test_nothing_is_read_while_the_survey_is_open() -> None:
    survey = answered_survey("Hemmelig.")

    with pytest.raises(coding.NotClosed):
        coding.next_answers(codebook_of(survey), 10)
    with pytest.raises(coding.NotClosed):
        coding.coded_answers(codebook_of(survey), 10)


def test_the_order_is_the_codebooks_own_and_steady() -> None:
    survey = closed_survey(*(f"Svar {number}" for number in range(12)))
    codebook = codebook_of(survey)
    other = coding.create_codebook(survey, Question.objects.get(edition=survey.edition, code="Q3"))

    first = [answer.text for answer in coding.next_answers(codebook, 12)]
    again = [answer.text for answer in coding.next_answers(codebook, 12)]
    elsewhere = [answer.text for answer in coding.next_answers(other, 13) if answer.text != "Q3"]

    assert first == again
    assert sorted(first) == sorted(f"Svar {number}" for number in range(12))
    # 1 in 12! that two random orders agree.
    assert [text.removeprefix("Q3 ") for text in elsewhere] != first


def test_pages_of_coded_answers_meet_without_gap_or_overlap() -> None:
    codebook = codebook_of(closed_survey(*(f"Svar {number}" for number in range(7))))
    coder = cast.coder()
    for answer in coding.next_answers(codebook, 7):
        coding.assign(codebook.pk, answer.answer_id, "no", coder, LATER)

    first = coding.coded_answers(codebook, 4)
    second = coding.coded_answers(codebook, 4, first[-1].answer_id)

    assert (len(first), len(second)) == (4, 3)
    assert {answer.text for answer in first + second} == {f"Svar {number}" for number in range(7)}
    assert {answer.code for answer in first + second} == {"no"}


# --- Deciding ---------------------------------------------------------------------------------------------


def only(codebook: Codebook) -> OpenAnswer:
    return coding.next_answers(codebook, 1)[0]


def test_a_decision_is_kept_with_who_and_when() -> None:
    codebook, coder = codebook_of(closed_survey("Både og.")), cast.coder()
    answer = only(codebook)

    coding.assign(codebook.pk, answer.answer_id, "both", coder, LATER)

    assert list(Coding.objects.values_list("answer_id", "code__code", "coder", "coded_at", "superseded_at")) == [
        (answer.answer_id, "both", coder.pk, LATER, None)
    ]
    assert coding.progress(codebook) == (1, 1)
    assert coding.complete(codebook)
    assert coding.next_answers(codebook, 10) == []


def test_a_changed_mind_supersedes_and_overwrites_nothing() -> None:
    codebook = codebook_of(closed_survey("Både og."))
    answer, first, second = only(codebook), cast.coder(), cast.coder("other-coder")
    much_later = LATER + timedelta(hours=1)

    coding.assign(codebook.pk, answer.answer_id, "both", first, LATER)
    coding.assign(codebook.pk, answer.answer_id, "no", second, much_later)

    rows = Coding.objects.order_by("coded_at").values_list("code__code", "coder", "coded_at", "superseded_at")
    assert list(rows) == [("both", first.pk, LATER, much_later), ("no", second.pk, much_later, None)]
    assert coding.progress(codebook) == (1, 1)


def test_the_same_decision_again_changes_nothing() -> None:
    codebook, coder = codebook_of(closed_survey("Nei.")), cast.coder()
    answer = only(codebook)

    once = coding.assign(codebook.pk, answer.answer_id, "no", coder, LATER)
    twice = coding.assign(codebook.pk, answer.answer_id, "no", coder, LATER + timedelta(hours=1))

    assert once == twice
    assert Coding.objects.count() == 1


def test_of_two_coders_at_once_the_last_decides_and_neither_fails() -> None:
    codebook = codebook_of(closed_survey("Både og."))
    answer_id = only(codebook).answer_id
    coders = [cast.coder(), cast.coder("other-coder")]

    outcomes = together(
        [
            partial(coding.assign, codebook.pk, answer_id, code, coder, LATER)
            for code, coder in zip(("yes", "no"), coders, strict=True)
        ]
    )

    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert Coding.objects.count() == 2
    assert Coding.objects.filter(superseded_at__isnull=True).count() == 1


def test_the_database_refuses_two_present_decisions_on_one_answer() -> None:
    codebook, coder = codebook_of(closed_survey("Ja.")), cast.coder()
    answer = only(codebook)
    present = coding.assign(codebook.pk, answer.answer_id, "yes", coder, LATER)

    with pytest.raises(IntegrityError), transaction.atomic():
        Coding.objects.create(
            codebook=codebook, answer_id=answer.answer_id, code=present.code, coder=coder, coded_at=LATER
        )


def test_nothing_is_coded_while_the_survey_is_open() -> None:
    survey = answered_survey("Hemmelig.")

    with pytest.raises(coding.NotClosed):
        coding.assign(codebook_of(survey).pk, 1, "yes", cast.coder(), LATER)

    assert Coding.objects.count() == 0


def test_a_code_that_the_codebook_lacks_is_refused() -> None:
    codebook = codebook_of(closed_survey("Ja."))

    with pytest.raises(coding.NoSuchCode):
        coding.assign(codebook.pk, only(codebook).answer_id, "maybe", cast.coder(), LATER)

    assert coding.progress(codebook) == (0, 1)


def test_answers_to_other_questions_and_bare_ticks_are_refused() -> None:
    codebook = codebook_of(closed_survey("Ja."))
    elsewhere = Answer.objects.filter(question__code="Q3").values_list("pk", flat=True)[0]
    bare = Answer.objects.get(question__code="Q1", text="").pk

    for answer_id in (elsewhere, bare, 0):
        with pytest.raises(coding.NoSuchAnswer):
            coding.assign(codebook.pk, answer_id, "yes", cast.coder(f"coder-{answer_id}"), LATER)


def test_a_page_is_coded_whole_or_not_at_all() -> None:
    codebook = codebook_of(closed_survey("Ja.", "Nei."))
    first, second = coding.next_answers(codebook, 2)
    coder = cast.coder()

    with pytest.raises(coding.NoSuchCode):
        coding.assign_many(codebook.pk, {first.answer_id: "yes", second.answer_id: "maybe"}, coder, LATER)
    assert coding.progress(codebook) == (0, 2)

    decisions = {first.answer_id: "yes", second.answer_id: "no"}
    assert coding.assign_many(codebook.pk, decisions, coder, LATER) == 2
    assert coding.progress(codebook) == (2, 2)


# --- Handles ----------------------------------------------------------------------------------------------


def test_a_handle_leads_back_to_its_answer_and_differs_each_time() -> None:
    codebook = codebook_of(make.planned())

    names = {coding.handle(codebook, 41) for _ in range(3)}

    assert len(names) == 3
    assert {coding.answer_id_of(codebook, name) for name in names} == {41}


def test_a_handle_of_another_codebook_or_none_at_all_leads_nowhere() -> None:
    survey = make.planned()
    codebook = codebook_of(survey)
    other = coding.create_codebook(survey, Question.objects.get(edition=survey.edition, code="Q3"))

    for name in (coding.handle(other, 41), "", "41", "å", "x" * 48, coding.handle(codebook, 41)[:-4] + "AAAA"):
        with pytest.raises(coding.NoSuchAnswer):
            coding.answer_id_of(codebook, name)
