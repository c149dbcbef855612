"""Writing drafts: nobody's work is lost, and nothing is left that cannot work."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.utils import translation
from django.utils.translation import override

from surveys import authoring, publishing, structure
from surveys.drafting import arranging
from surveys.models import Condition, Edition, Question, Questionnaire, Section
from surveys.structure import EditionView
from tests import make
from tests.make import OPENS
from tests.together import together

pytestmark = pytest.mark.django_db

CHANGED = "Someone else has changed this draft since you opened it. Nothing was done; look at it again."


def content(edition: Edition) -> EditionView:
    """What an edition says, without the ids of its rows."""
    return _without_ids(structure.read(edition))


def _without_ids(view: EditionView) -> EditionView:
    from dataclasses import replace

    sections = tuple(
        replace(
            section,
            questions=tuple(
                replace(question, id=0, options=tuple(replace(option, id=0) for option in question.options))
                for question in section.questions
            ),
        )
        for section in view.sections
    )
    codes = {question.code: question for section in sections for question in section.questions}
    return replace(view, id=0, sections=sections, questions=codes)


def order(edition: Edition) -> list[list[str]]:
    """The codes of the questions, section by section."""
    return [[question.code for question in section.questions] for section in structure.read(edition).sections]


# --- The draft --------------------------------------------------------------------------------------------


def test_the_draft_of_an_empty_questionnaire_is_empty_and_bears_its_title() -> None:
    draft = authoring.draft(make.empty_questionnaire())

    assert (draft.is_draft, draft.title_nb, draft.sections.count()) == (True, "Tomt", 0)


def test_asking_for_the_draft_again_gives_the_same_one() -> None:
    draft = make.loaded()

    assert authoring.draft(draft.questionnaire) == draft


def test_the_draft_of_a_published_questionnaire_is_a_copy_of_its_newest_edition() -> None:
    first = make.published()

    draft = authoring.draft(first.questionnaire)

    assert draft.pk != first.pk
    assert draft.is_draft
    assert content(draft) == content(first)


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_a_copy_keeps_texts_in_their_languages_whatever_language_the_copier_reads(language: str) -> None:
    titles = {"nb": "Prøve", "en": "Trial"}
    first = make.published(title=titles)

    with translation.override(language):
        draft = authoring.draft(first.questionnaire)

    assert structure.read(draft).title.by_language == titles


def test_an_edition_is_copied_into_another_questionnaire() -> None:
    source = make.published()

    copy = authoring.copy_edition(source, make.empty_questionnaire("annet"))

    assert copy.questionnaire.code == "annet"
    assert content(copy) == content(source)
    conditions = Condition.objects.filter(question__edition=copy)
    assert [condition.source.edition_id for condition in conditions] == [copy.pk]


def test_a_copy_does_not_overwrite_a_draft() -> None:
    source, target = make.published(), make.loaded("annet")
    before = content(target)

    with pytest.raises(authoring.DraftExists):
        authoring.copy_edition(source, target.questionnaire)

    assert content(target) == before


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_for_a_draft_at_once_get_the_same_one() -> None:
    first = make.published()

    found = together([partial(authoring.draft, first.questionnaire)] * 2)

    assert found[0] == found[1]
    assert Questionnaire.objects.get().editions.count() == 2


# --- Options ----------------------------------------------------------------------------------------------


def test_a_new_yes_no_question_gets_its_options_in_every_language_once() -> None:
    section = Section.objects.get(edition=make.loaded())
    question = Question.objects.create(
        edition=section.edition, section=section, position=9, code="NY", kind="yes_no", text_nb="Ja?"
    )

    authoring.settle_options(question)
    authoring.settle_options(question)

    assert [
        (option.code, option.label_nb, option.label_nn, option.label_en, option.label_se)
        for option in question.options.order_by("position")
    ] == [("yes", "Ja", "Ja", "Yes", "Juo"), ("no", "Nei", "Nei", "No", "Ii")]


def test_only_yes_no_questions_get_options_by_themselves() -> None:
    question = make.loaded().questions.get(code="Q2")

    authoring.settle_options(question)

    assert question.options.count() == 0


def test_a_question_made_into_an_open_one_loses_its_options() -> None:
    question = make.loaded().questions.get(code="Q3")
    Question.objects.filter(pk=question.pk).update(kind="long_text")
    question.refresh_from_db()

    authoring.settle_options(question)

    assert question.options.count() == 0


def test_options_that_a_condition_looks_for_are_not_taken_away() -> None:
    question = make.loaded().questions.get(code="Q1")
    question.kind = "long_text"

    with override("en"), pytest.raises(authoring.BreaksCondition) as caught:
        authoring.settle_options(question)

    assert caught.value.reasons == ["Q3 is shown only after an answer to Q1. Change that condition first."]
    assert question.options.count() == 2


# --- Order ------------------------------------------------------------------------------------------------


def two_sections() -> Edition:
    return make.loaded("prov-2021", [make.asking("A"), make.asking("B")], [make.asking("C")])


@pytest.mark.parametrize(
    ("code", "step", "expected"),
    [
        ("B", -1, [["B", "A"], ["C"]]),
        ("A", 1, [["B", "A"], ["C"]]),
        ("B", 1, [["A"], ["B", "C"]]),
        ("C", -1, [["A", "B", "C"], []]),
        ("A", -1, [["A", "B"], ["C"]]),
        ("C", 1, [["A", "B"], ["C"]]),
    ],
)
def test_a_question_moves_one_place_and_over_the_edge_of_its_section(
    code: str, step: int, expected: list[list[str]]
) -> None:
    draft = two_sections()

    arranging.move_question(draft.questions.get(code=code).pk, step)

    assert order(draft) == expected


@pytest.mark.parametrize(
    ("place", "step", "expected"),
    [
        (0, 1, [["C"], ["A", "B"]]),
        (1, -1, [["C"], ["A", "B"]]),
        (0, -1, [["A", "B"], ["C"]]),
        (1, 1, [["A", "B"], ["C"]]),
    ],
)
def test_a_section_moves_one_place(place: int, step: int, expected: list[list[str]]) -> None:
    draft = two_sections()

    arranging.move_section(draft.sections.order_by("position")[place].pk, step)

    assert order(draft) == expected


# --- What would break a condition -------------------------------------------------------------------------


def linked() -> Edition:
    """K is shown only after yes to S, which stands before it, in a section of its own."""
    condition = {"source": "S", "operator": "is", "option": "yes"}
    return make.loaded("prov-2021", [make.asking("S")], [make.asking("K", conditions=[condition])])


def deeds() -> dict[str, Callable[[Edition], object]]:
    def question(edition: Edition, code: str) -> int:
        return edition.questions.get(code=code).pk

    def section(edition: Edition, place: int) -> int:
        return edition.sections.order_by("position")[place].pk

    return {
        "delete source": lambda edition: arranging.delete_question(question(edition, "S")),
        "delete its section": lambda edition: arranging.delete_section(section(edition, 0)),
        "move source section": lambda edition: arranging.move_section(section(edition, 0), 1),
        "move dependant section": lambda edition: arranging.move_section(section(edition, 1), -1),
    }


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("delete source", "K is shown only after an answer to S. Change that condition first."),
        ("delete its section", "K is shown only after an answer to S. Change that condition first."),
        ("move source section", "The condition of K looks at S, which is not asked before it."),
        ("move dependant section", "The condition of K looks at S, which is not asked before it."),
    ],
)
def test_what_would_break_a_condition_is_refused_with_the_reason(deed: str, reason: str) -> None:
    draft = linked()
    before = content(draft)

    with override("en"), pytest.raises(authoring.BreaksCondition) as caught:
        deeds()[deed](draft)

    assert caught.value.reasons == [reason]
    assert content(draft) == before
    assert Edition.objects.get(pk=draft.pk).version == draft.version


def test_making_the_source_a_text_to_read_is_refused() -> None:
    draft = linked()

    with (
        override("en"),
        pytest.raises(authoring.BreaksCondition) as caught,
        authoring.editing(draft.pk) as editing,
    ):
        Question.objects.filter(edition=editing, code="S").update(kind="information")

    assert caught.value.reasons == ["The condition of K looks at S, which nobody answers."]
    assert Question.objects.get(edition=draft, code="S").kind == "yes_no"


def test_a_question_with_a_condition_of_its_own_can_be_deleted() -> None:
    draft = linked()

    arranging.delete_question(draft.questions.get(code="K").pk)

    assert order(draft) == [["S"], []]


def test_a_section_with_both_ends_of_a_condition_can_be_deleted() -> None:
    draft = make.loaded()

    arranging.delete_section(draft.sections.get().pk)

    assert order(draft) == []


@pytest.mark.parametrize(
    "deed",
    [
        lambda edition: arranging.delete_question(edition.questions.get(code="Q2").pk),
        lambda edition: arranging.delete_section(edition.sections.get().pk),
        lambda edition: arranging.move_question(edition.questions.get(code="Q2").pk, 1),
        lambda edition: arranging.move_section(edition.sections.get().pk, 1),
    ],
)
def test_a_published_edition_is_not_rearranged(deed: Callable[[Edition], object]) -> None:
    edition = make.published()
    before = content(edition)

    with pytest.raises(authoring.NotADraft):
        deed(edition)

    assert content(edition) == before


def test_arranging_on_an_old_version_is_refused() -> None:
    draft = two_sections()
    arranging.move_question(draft.questions.get(code="A").pk, 1, draft.version)

    with pytest.raises(authoring.StaleDraft):
        arranging.move_question(draft.questions.get(code="A").pk, 1, draft.version)

    assert order(draft) == [["B", "A"], ["C"]]


# --- Finding ----------------------------------------------------------------------------------------------


def test_an_edition_is_found_by_code_the_draft_first() -> None:
    first = make.published()
    assert authoring.find_edition("prov-2021") == first

    draft = authoring.draft(first.questionnaire)
    assert authoring.find_edition("prov-2021") == draft
    assert authoring.find_edition("prov-2021", 1) == first

    publishing.publish(first.questionnaire_id, OPENS)
    assert authoring.find_edition("prov-2021").number == 2


@pytest.mark.parametrize(("code", "number"), [("finnes-ikke", None), ("prov-2021", 7)])
def test_an_edition_that_does_not_exist_is_not_found(code: str, number: int | None) -> None:
    make.published()

    with pytest.raises(authoring.NoSuchEdition):
        authoring.find_edition(code, number)
