"""Versions of drafts and of their parts: what counts as a change, and who comes too late."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.utils.translation import override

from surveys import authoring, publishing
from surveys.drafting import arranging, versioning
from surveys.drafting.versioning import Version, version
from surveys.models import Condition, Edition, Option, Question
from tests import make
from tests.together import together

pytestmark = pytest.mark.django_db

CHANGED = "Someone else has changed this draft since you opened it. Nothing was done; look at it again."


# --- The whole draft ------------------------------------------------------------------------------------------


def test_a_save_counts_up_the_version() -> None:
    draft = make.loaded()

    with authoring.editing(draft.pk, draft.version):
        pass

    assert Edition.objects.get(pk=draft.pk).version == draft.version + 1


def test_a_save_on_an_old_version_is_refused_and_changes_nothing() -> None:
    draft = make.loaded()
    with authoring.editing(draft.pk, draft.version) as first:
        Edition.objects.filter(pk=first.pk).update(minutes=7)

    with (
        override("en"),
        pytest.raises(authoring.StaleDraft) as caught,
        authoring.editing(draft.pk, draft.version) as second,
    ):
        Edition.objects.filter(pk=second.pk).update(minutes=9)

    assert Edition.objects.get(pk=draft.pk).minutes == 7
    assert caught.value.reasons == [CHANGED]


def test_a_published_edition_is_not_edited() -> None:
    edition = make.published()

    with pytest.raises(authoring.NotADraft), authoring.editing(edition.pk):
        pass


@pytest.mark.django_db(transaction=True)
def test_of_two_saves_on_one_version_at_once_one_is_kept_and_one_refused() -> None:
    draft = make.loaded()

    def save(minutes: int) -> str:
        with authoring.editing(draft.pk, draft.version) as editing:
            Edition.objects.filter(pk=editing.pk).update(minutes=minutes)
        return "kept"

    outcomes = together([partial(save, minutes) for minutes in (5, 6)])

    assert {type(outcome) for outcome in outcomes} == {str, authoring.StaleDraft}
    assert Edition.objects.get(pk=draft.pk).version == draft.version + 1


# --- One part ---------------------------------------------------------------------------------------------


def question(code: str = "Q3") -> Question:
    return make.loaded().questions.get(code=code)


def again(part: Any) -> Any:
    return type(part).objects.get(pk=part.pk)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (lambda part: Question.objects.filter(pk=part.pk).update(text_nn="Nytt?"), {"text_nn"}),
        (
            lambda part: Question.objects.filter(pk=part.pk).update(required=True, kind="long_text"),
            {"required", "kind"},
        ),
        (lambda part: part.options.filter(code="yes").update(label_se="Jo"), {"options"}),
        (lambda part: part.options.filter(code="no").delete(), {"options"}),
        (lambda part: part.conditions.update(group=2), {"conditions"}),
        (lambda part: part.conditions.all().delete(), {"conditions"}),
        (lambda part: Question.objects.filter(pk=part.pk).update(text_nb="  Q3, hva mener du?\r\n"), set()),
        (lambda part: arranging.move_question(part.edition.questions.get(code="Q2").pk, -1), set()),
        (lambda part: part.edition.questions.filter(code="Q2").update(text_nb="En annen?"), set()),
    ],
)
def test_a_version_changes_with_what_is_written_and_with_nothing_else(
    change: Callable[[Question], object], names: set[str]
) -> None:
    part = question()
    before = version(part)

    change(part)

    assert before.differences(version(again(part))) == names


def test_options_that_change_places_are_a_change() -> None:
    part = question()
    before = version(part)
    Option.objects.filter(question=part, code="yes").update(position=9)

    assert before.differences(version(again(part))) == {"options"}


def test_a_version_is_the_same_after_it_was_written_down() -> None:
    draft = make.loaded()
    for part in (draft, draft.sections.get(), draft.questions.get(code="Q3")):
        assert Version.parse(str(version(part))) == version(part)


@pytest.mark.parametrize("text", ["", "x", "text_nb:zz", "\x00", "a:000000000000"])
def test_what_is_no_version_fits_nothing(text: str) -> None:
    part = question()
    with pytest.raises(authoring.StaleDraft) as caught, authoring.changing(part, Version.parse(text)):
        pytest.fail("nothing may be done")
    assert caught.value.changed >= set(version(part).marks)


def test_who_comes_second_is_told_what_was_changed_and_changes_nothing() -> None:
    first = question()
    second, read = again(first), version(first)
    with authoring.changing(first, read):
        Question.objects.filter(pk=first.pk).update(text_nb="Først?")

    with pytest.raises(authoring.StaleDraft) as caught, authoring.changing(second, read):
        Question.objects.filter(pk=second.pk).update(text_nb="Sist?")

    assert isinstance(caught.value.part, Question)
    assert (set(caught.value.changed), caught.value.part.text_nb) == ({"text_nb"}, "Først?")
    assert again(first).text_nb == "Først?"


@pytest.mark.django_db(transaction=True)
def test_of_two_saves_of_one_part_at_once_one_is_kept_and_one_refused() -> None:
    part = question()
    read = version(part)

    def save(text: str) -> str:
        with authoring.changing(part, read):
            Question.objects.filter(pk=part.pk).update(text_nb=text)
        return text

    outcomes = together([partial(save, text) for text in ("Mitt?", "Ditt?")])

    (kept,) = [outcome for outcome in outcomes if not isinstance(outcome, authoring.StaleDraft)]
    assert again(part).text_nb == kept


@pytest.mark.parametrize("gone", ["question", "questionnaire"])
def test_what_has_been_deleted_is_not_changed(gone: str) -> None:
    part = question()
    read, questionnaire = version(part), part.edition.questionnaire
    arranging.delete_question(part.pk)
    if gone == "questionnaire":
        authoring.delete(questionnaire)

    with pytest.raises(authoring.PartGone), authoring.changing(part, read):
        pytest.fail("nothing may be done")


def test_what_has_been_published_is_not_changed() -> None:
    part = question()
    publishing.publish(part.edition.questionnaire_id, make.DURING)

    with pytest.raises(authoring.NotADraft), authoring.changing(part, version(part)):
        pytest.fail("nothing may be done")


def test_every_column_of_an_answer_and_a_condition_is_in_its_mark() -> None:
    told_apart = {"id", "question", "section", "position", "label"}

    assert {field.name for field in Option._meta.concrete_fields} - told_apart == set(versioning.OPTION_FIELDS)
    assert {field.name for field in Condition._meta.concrete_fields} - told_apart == set(
        versioning.CONDITION_FIELDS
    ) - {"options"}
