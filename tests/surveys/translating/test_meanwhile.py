"""What others did while a sheet was away: nothing of theirs is overwritten unless someone says so."""

from __future__ import annotations

from functools import partial

import pytest

from surveys import authoring, publishing, translating
from surveys.drafting import arranging
from surveys.models import Edition
from surveys.texts import correcting
from tests import make
from tests.surveys.translating.sheets import (
    LANGUAGES,
    Q1,
    Q2,
    cells,
    column,
    outcomes,
    planned,
    sheet,
    taken,
    texts,
    write,
    written,
)
from tests.together import together

pytestmark = pytest.mark.django_db


def test_a_published_questionnaire_gets_a_draft_with_the_translations() -> None:
    edition = make.published()

    plan = planned(written(edition, {(Q1, "nn"): "Ny"}))
    assert (plan.version, Edition.objects.count()) == (None, 1)
    applied = translating.apply(plan)

    assert applied.edition is not None
    assert applied.edition.is_draft
    assert texts(applied.edition) == texts(edition) | {(Q1, "nn"): "Ny"}
    assert translating.apply(plan).count == 0


def test_a_draft_made_meanwhile_is_not_written_in() -> None:
    edition = make.published()
    plan = planned(written(edition, {(Q1, "nn"): "Ny"}))
    before = texts(authoring.draft(edition.questionnaire))

    with pytest.raises(authoring.StaleDraft):
        translating.apply(plan)

    assert texts(authoring.draft(edition.questionnaire)) == before


def test_a_draft_changed_since_the_plan_is_not_written_in(draft: Edition) -> None:
    plan = planned(written(draft, {(Q1, "nn"): "Ny"}))
    write(draft, "Q2", text_nn="En annens")

    with pytest.raises(authoring.StaleDraft):
        translating.apply(plan)

    assert (Q1, "nn") not in texts(draft)


def test_a_draft_published_since_the_plan_is_not_written_in(draft: Edition) -> None:
    plan = planned(written(draft, {(Q1, "nn"): "Ny"}))
    publishing.publish(draft.questionnaire_id, make.OPENS)

    with pytest.raises(authoring.StaleDraft):
        translating.apply(plan)

    assert (Q1, "nn") not in texts(draft)


def test_what_was_corrected_in_the_published_edition_meanwhile_is_not_overwritten() -> None:
    wrong, right = "What do youu think of the cooperation?", "What do you think of the cooperation?"
    edition = make.published("prov-2021", [make.asking("Q1", text={"nb": "Hva mener du?", "en": wrong})])
    plan = planned(written(edition, {(Q1, "en"): "What is your view?"}))
    assert outcomes(plan) == {f"en:{Q1}": "changed"}
    place = correcting.Place("question", edition.questions.get().pk, "text", "en")
    correcting.correct(edition, place, wrong, right, None, make.DURING)

    with pytest.raises(authoring.StaleDraft):
        translating.apply(plan)

    assert list(Edition.objects.all()) == [edition]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_apply_at_once_one_writes_and_the_other_finds_it_done(draft: Edition) -> None:
    plan = planned(written(draft, {(Q1, "nn"): "Ny", (Q2, "en"): "New"}))

    found = together([partial(translating.apply, plan)] * 2)

    assert sorted(each.count for each in found) == [0, 2]
    draft.refresh_from_db()
    assert (texts(draft)[Q1, "nn"], draft.version) == ("Ny", (plan.version or 0) + 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_apply_different_sheets_at_once_one_is_refused(draft: Edition) -> None:
    plans = [planned(written(draft, {(Q1, "nn"): text})) for text in ("En", "To")]

    found = together([partial(translating.apply, plan) for plan in plans])

    assert sorted(type(each).__name__ for each in found) == ["Applied", "StaleDraft"]


def test_one_letter_made_in_two_ways_is_the_same() -> None:
    draft = make.loaded("prov-2021", [make.asking("Q1", text={"nb": "Hva na\u030a?"})])
    content = written(draft, {(Q1, "nb"): "Hva n\u00e5?", (Q1, "nn"): "Kva na\u030a?"})

    plan = planned(content)

    assert [each.after for each in plan.lines] == ["Kva n\u00e5?"]


def test_a_sheet_taken_before_everything_was_moved_still_fits(draft: Edition) -> None:
    content = written(draft, {(Q1, "nn"): "Q1", (Q2, "nn"): "Q2", ("sections/Q1/title", "nn"): "Del"})
    arranging.move_question(draft.questions.get(code="Q2").pk, -1, None)

    plan = planned(content)

    assert outcomes(plan) == {f"nn:{Q1}": "filled", f"nn:{Q2}": "filled", "nn:sections/Q2/title": "filled"}
    translating.apply(plan)
    assert draft.questions.get(code="Q2").text_nn == "Q2"  # type: ignore[attr-defined]


def test_a_sheet_taken_before_the_edition_was_published_fits_the_next_draft(draft: Edition) -> None:
    content = written(draft, {(Q1, "nn"): "Ny", ("sections/Q1/title", "nn"): "Del"})
    publishing.publish(draft.questionnaire_id, make.OPENS)
    following = authoring.draft(draft.questionnaire)

    assert translating.apply(planned(content)).count == 2
    assert texts(following)[Q1, "nn"] == "Ny"


# --- What must be decided -------------------------------------------------------------------------------------
def test_what_someone_else_wrote_meanwhile_is_left_unless_someone_says_so(draft: Edition) -> None:
    content = written(draft, {(Q1, "nn"): "Omsetjaren", (Q2, "nn"): "Ny"})
    write(draft, "Q1", text_nn="En annen")
    plan = planned(content)

    assert outcomes(plan) == {f"nn:{Q1}": "overtaken", f"nn:{Q2}": "filled"}
    assert [each.name for each in plan.asked] == [f"nn:{Q1}"]
    assert plan.asked[0].before == "En annen"
    translating.apply(plan)
    assert texts(draft)[Q1, "nn"] == "En annen"
    assert texts(draft)[Q2, "nn"] == "Ny"

    assert translating.apply(planned(content), {f"nn:{Q1}"}).count == 1
    assert texts(draft)[Q1, "nn"] == "Omsetjaren"


def test_a_translation_of_what_is_no_longer_the_original_is_left_unless_someone_says_so(draft: Edition) -> None:
    content = written(draft, {(Q1, "nn"): "Ny", (Q1, "en"): "New"})
    write(draft, "Q1", text_nb="Noe helt annet?")

    plan = planned(content)

    assert outcomes(plan) == {f"nn:{Q1}": "source_changed", f"en:{Q1}": "source_changed"}
    assert plan.asked[0].original == "Noe helt annet?"
    assert translating.apply(plan).count == 0
    assert translating.apply(plan, {f"en:{Q1}"}).count == 1
    assert (Q1, "nn") not in texts(draft)


def test_what_nobody_touched_in_the_sheet_does_not_go_back_in_time(draft: Edition) -> None:
    content = written(draft, {(Q2, "nn"): "Ny"})
    write(draft, "Q1", text_nb="Nyere her")

    plan = planned(content)

    assert outcomes(plan) == {f"nn:{Q2}": "filled"}
    translating.apply(plan)
    assert texts(draft)[Q1, "nb"] == "Nyere her"


def test_the_original_itself_is_changed_only_if_someone_says_so(draft: Edition) -> None:
    plan = planned(written(draft, {(Q1, "nb"): "Omskrevet", (Q1, "nn"): "Ny"}))

    assert outcomes(plan) == {f"nb:{Q1}": "original", f"nn:{Q1}": "source_changed"}
    assert translating.apply(plan).count == 0
    assert translating.apply(plan, {f"nb:{Q1}", f"nn:{Q1}"}).count == 2
    assert texts(draft)[Q1, "nb"] == "Omskrevet"


def test_rows_sorted_without_their_keys_write_nothing_by_themselves(draft: Edition) -> None:
    rows = cells(written(draft, {(Q1, "nn"): "Til Q1", (Q2, "nn"): "Til Q2"}))
    first, last = (next(row for row in rows if row[0] == key) for key in (Q1, Q2))
    for name in LANGUAGES:
        number = column(rows, name)
        first[number], last[number] = last[number], first[number]

    plan = planned(sheet(rows), "prov-2021")

    assert plan.decided == ()
    assert {each.outcome.value for each in plan.asked} == {"original", "source_changed"}


def test_without_the_marks_only_what_is_empty_is_filled_in(draft: Edition) -> None:
    write(draft, "Q2", text_nn="Her fra før")
    rows = cells(written(draft, {(Q1, "nn"): "Ny", (Q2, "nn"): "En annan"}))
    mark = column(rows, "mark")
    plan = planned(sheet([row[:mark] for row in rows]), "prov-2021")

    assert outcomes(plan) == {f"nn:{Q1}": "filled", f"nn:{Q2}": "overtaken"}


def test_names_that_were_not_asked_about_are_passed_over(draft: Edition) -> None:
    plan = planned(written(draft, {(Q1, "nn"): "Ny"}))

    assert translating.apply(plan, {"nn:questions/Q3/text", "rubbish"}).count == 1


# --- Rows that do not fit -------------------------------------------------------------------------------------
def test_rows_of_nothing_here_are_named_and_the_rest_is_done(draft: Edition) -> None:
    content = written(draft, {(Q2, "nn"): "Ny", ("questions/Q3/text", "nn"): "Borte"})
    with authoring.editing(draft.pk):
        draft.questions.filter(code="Q3").delete()

    plan = planned(content)

    assert outcomes(plan) == {f"nn:{Q2}": "filled"}
    told = "The questionnaire has no such text. Perhaps it has been taken out."
    # Its answers come in every language by themselves.
    assert [(each.what, each.why) for each in plan.left_out] == [
        ("questions/Q3/text", told),
        ("questions/Q3/options/yes/label", told),
        ("questions/Q3/options/no/label", told),
    ]


def test_texts_that_the_sheet_has_no_row_for_are_told_of(draft: Edition) -> None:
    rows = [row for row in cells(taken(draft)) if not row[0].startswith("questions/Q2")]

    assert planned(sheet(rows), "prov-2021").absent == ("Section 1 › Q2",)


@pytest.mark.parametrize("second", ["Ny", "En annen"])
def test_two_rows_of_one_text_must_say_the_same(draft: Edition, second: str) -> None:
    rows = cells(written(draft, {(Q1, "nn"): "Ny"}))
    copy = list(next(row for row in rows if row[0] == Q1))
    copy[column(rows, "nn")] = second

    plan = planned(sheet([*rows, copy]), "prov-2021")

    told = f"Row 12 and row 5 are of the same text ({Q1}), and differ."
    assert plan.errors == (() if second == "Ny" else (told,))


def test_a_section_that_has_got_another_s_questions_is_not_taken_for_it() -> None:
    draft = make.loaded("prov-2021", [make.asking("A1")], [make.asking("B1"), make.asking("B2")])
    content = written(draft, {("sections/A1/title", "nn"): "Del A", ("sections/B1/title", "nn"): "Del B"})
    with authoring.editing(draft.pk):
        first = draft.sections.get(position=1)
        draft.questions.filter(code="B1").update(section=first, position=2)

    plan = planned(content)

    assert outcomes(plan) == {"nn:sections/A1/title": "filled"}
    assert [each.what for each in plan.left_out] == ["sections/B1/title"]
