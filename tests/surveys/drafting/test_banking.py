"""The question bank: what is in it, what is found, and what is copied."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils.translation import override

from surveys import authoring, fielding, publishing, structure
from surveys.authoring import NotADraft
from surveys.drafting import banking, supplying
from surveys.drafting.banking import NotTaken
from surveys.models import Edition, Question, Questionnaire, Section
from surveys.structure import QuestionView
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with override("en"):
        yield


CONDITION = [{"source": "Q1", "operator": "is", "option": "yes"}]


def bank(*questions: dict[str, Any]) -> Edition:
    return make.loaded("bank", list(questions or (make.asking("Q1"),)), role="bank")


def empty_draft(code: str = "ny") -> Section:
    draft = authoring.draft(Questionnaire.objects.create(code=code, title_nb="Ny"))
    Edition.objects.filter(pk=draft.pk).update(title_nb="Ny", purpose_nb="For å vite.")
    return Section.objects.create(edition=draft, position=1, title_nb="Del 1")


def view_of(question: Question) -> QuestionView:
    return structure.read(question.edition).questions[question.code]


def found(words: str, language: str = "nb") -> list[str]:
    return list(banking.search(words, language).values_list("code", flat=True))


# --- The bank that comes with the product -----------------------------------------------------------------


@pytest.fixture
def supplied() -> list[Question]:
    list(supplying.supply())
    return list(Question.objects.filter(edition__in=banking.banks()).order_by("section__position", "position"))


def test_every_question_of_the_bank_can_be_taken_into_an_empty_draft_and_published(supplied: list[Question]) -> None:
    asked = [question for question in supplied if question.kind != "information"]
    assert len(asked) > 40
    for number, question in enumerate(asked):
        section = empty_draft(f"ny-{number}")
        taken = banking.take(question.pk, section.pk)
        original = structure.question_view(question)

        edition = publishing.publish(section.edition.questionnaire_id, make.OPENS)

        copy = structure.read(edition).questions[taken.question.code]
        assert copy.origin == f"question-bank/{question.code}"
        assert (copy.text, copy.kind, copy.elaboration, copy.concept, copy.comparability) == (
            original.text, original.kind, original.elaboration, original.concept, original.comparability,
        )  # fmt: skip
        assert [(o.code, o.label, o.meaning, o.elaboration, o.excludes) for o in copy.options] == [
            (o.code, o.label, o.meaning, o.elaboration, o.excludes) for o in original.options
        ]


def test_all_of_the_bank_can_be_taken_into_one_draft_and_published(supplied: list[Question]) -> None:
    section = empty_draft()

    taken = [banking.take(question.pk, section.pk) for question in supplied]

    edition = publishing.publish(section.edition.questionnaire_id, make.OPENS)
    view = structure.read(edition)
    assert len(view.questions) == len(supplied)
    assert not any(each.is_unconditional for each in taken)
    assert sum(bool(each.conditions) for each in view.questions.values()) == 3


def test_the_five_areas_and_the_reference_case_are_themes_in_three_languages(supplied: list[Question]) -> None:
    themes = banking.themes()

    assert [theme.title("nb") for theme in themes] == [
        "Kompetanse", "Organisering", "Styringsmodell", "Samhandling", "Tilgjengelighet", "Partnerskapet",
        "Informasjon", "Medbestemmelse", "Arbeidsvilkår", "Arbeidsmiljø", "Vertskommune", "Om deg som svarer",
        "Til slutt", "Faste tekster",
    ]  # fmt: skip
    texts = [text for theme in themes for each in theme.questions for text in (each.text, *each.options)]
    texts += [theme.title for theme in themes]
    assert {frozenset(text.by_language) for text in texts} == {frozenset({"nb", "nn", "en"})}
    assert all(2 <= len(theme.questions) <= 5 for theme in themes)


@pytest.mark.parametrize(
    ("words", "language", "code"),
    [
        ("åpningstidene", "nb", "access_hours"),
        ("ÅPNINGSTID", "nb", "access_hours"),
        ("arbeidsmiljøet", "nb", "environment"),
        ("tilsette", "nn", "workplace_size"),
        ("opening hours", "en", "access_hours"),
        ("seniordag", "nb", "conditions_which"),
        ("brukernes hjelp", "nb", "partnership_users"),
    ],
)
def test_a_search_finds(supplied: list[Question], words: str, language: str, code: str) -> None:
    assert code in found(words, language)


def test_a_search_that_finds_nothing_or_is_hostile(supplied: list[Question]) -> None:
    assert found("kvantefysikk") == []
    for words in ("' OR 1=1 --", "%", "\\", "a & | !", "ø" * 200, ":*", "(((", "x" * 5000):
        assert isinstance(found(words), list)
    assert banking.themes("  ") == banking.themes()


# --- Taking -----------------------------------------------------------------------------------------------


def test_what_is_taken_gets_a_code_that_fits_in_and_stands_where_it_should() -> None:
    [source] = bank().questions.all()
    target = make.loaded("ny", [make.asking("B1"), make.asking("B2")])
    section = target.sections.get()

    last = banking.take(source.pk, section.pk).question
    first = banking.take(source.pk, section.pk, position=1).question

    ordered = target.questions.order_by("position").values_list("code", "origin")
    assert list(ordered) == [("Q1", "bank/Q1"), ("B1", ""), ("B2", ""), ("B3", "bank/Q1")]
    assert (first.code, last.code) == ("Q1", "B3")


def test_taking_leaves_the_bank_as_it_was() -> None:
    edition = bank()
    before = structure.read(edition)

    banking.take(edition.questions.get().pk, empty_draft().pk)

    assert structure.read(edition) == before


def test_a_condition_comes_along_when_what_it_looks_at_has() -> None:
    edition = bank(make.asking("Q1"), make.asking("Q2", conditions=CONDITION))
    first, second = edition.questions.order_by("position")
    section = empty_draft()

    alone = banking.take(second.pk, section.pk)
    banking.take(first.pk, section.pk, position=1)
    together = banking.take(second.pk, section.pk)

    assert (alone.is_unconditional, together.is_unconditional) == (True, False)
    assert view_of(alone.question).conditions == ()
    assert [each.source for each in view_of(together.question).conditions] == [
        "Q1" if alone.question.code != "Q1" else "Q2"
    ]


def test_a_condition_on_an_answer_that_the_copy_no_longer_offers_stays_behind() -> None:
    edition = bank(make.asking("Q1"), make.asking("Q2", conditions=CONDITION))
    first, second = edition.questions.order_by("position")
    section = empty_draft()
    banking.take(first.pk, section.pk).question.options.get(code="yes").delete()

    assert banking.take(second.pk, section.pk).is_unconditional is True


def test_only_what_is_in_the_bank_is_taken_and_only_into_a_draft() -> None:
    [source] = bank().questions.all()
    other = make.loaded("annen", [make.asking("Q1")]).questions.get()
    published = make.published("ute").sections.first()
    assert published is not None

    with pytest.raises(NotTaken):
        banking.take(other.pk, empty_draft().pk)
    with pytest.raises(NotTaken):
        banking.take(source.pk, 0)
    with pytest.raises(NotADraft):
        banking.take(source.pk, published.pk)


def test_a_published_bank_is_taken_from_until_it_has_a_draft() -> None:
    edition = bank()
    published = publishing.publish(edition.questionnaire_id, make.OPENS)
    assert [each.pk for each in banking.banks()] == [published.pk]

    draft = authoring.draft(edition.questionnaire)

    assert [each.pk for each in banking.banks()] == [draft.pk]


# --- Putting ----------------------------------------------------------------------------------------------


def test_a_question_is_put_with_its_origin_and_without_its_conditions() -> None:
    theme = bank().sections.get()
    source = make.loaded("min", [make.asking("A1"), make.asking("A2", conditions=[{**CONDITION[0], "source": "A1"}])])

    put = banking.put(source.questions.get(code="A2").pk, theme.pk)

    assert (put.code, put.origin, view_of(put).conditions) == ("Q2", "min/A2", ())
    with pytest.raises(NotTaken, match="already"):
        banking.put(source.questions.get(code="A2").pk, theme.pk)


def test_what_cannot_be_put() -> None:
    edition = bank()
    theme, inside = edition.sections.get(), edition.questions.get()
    outside = make.loaded("min", [make.asking("A1")])

    for question, place in (
        (inside.pk, theme.pk),
        (outside.questions.get().pk, outside.sections.get().pk),
        (0, theme.pk),
    ):
        with pytest.raises(NotTaken):
            banking.put(question, place)
    assert edition.questions.count() == 1


# --- Never put to anyone ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["bank", "template"])
def test_a_bank_or_template_is_never_planned_as_a_survey(role: str) -> None:
    edition = make.published("x", [make.asking("Q1")], role=role)

    with pytest.raises(fielding.NotReady, match="never put to anyone"):
        fielding.plan("x-2026", edition, opens_at=make.OPENS, closes_at=make.OPENS + timedelta(days=9))
