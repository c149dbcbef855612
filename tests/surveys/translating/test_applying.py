"""The translator's sheet comes back: what was filled in is written, whole or not at all, and nothing else."""

from __future__ import annotations

import pytest

from surveys import translating
from surveys.models import Edition, Section
from tests.surveys.translating.sheets import (
    Q1,
    Q2,
    outcomes,
    planned,
    taken,
    texts,
    written,
)

pytestmark = pytest.mark.django_db


# --- Out, in, and applied -------------------------------------------------------------------------------------
def test_a_sheet_that_comes_back_as_it_went_changes_nothing(draft: Edition) -> None:
    before = texts(draft)

    plan = planned(taken(draft))

    assert (plan.lines, plan.left_out, plan.absent, plan.errors) == ((), (), (), ())
    assert plan.same == len(before)
    assert translating.apply(plan).count == 0
    draft.refresh_from_db()
    assert (texts(draft), draft.version) == (before, plan.version)


def test_what_is_filled_in_and_changed_is_written_and_nothing_else(draft: Edition) -> None:
    yes = "questions/Q1/options/yes/label"
    new = {(Q1, "nn"): "Q1, kva meiner du?", ("sections/Q1/title", "en"): "Part 1", (yes, "se"): "Juo!"}
    before = texts(draft)

    plan = planned(written(draft, new))
    applied = translating.apply(plan)

    assert outcomes(plan) == {f"nn:{Q1}": "filled", "en:sections/Q1/title": "filled", f"se:{yes}": "changed"}
    assert (applied.count, applied.edition) == (3, draft)
    assert sorted(type(part).__name__ for part in applied.parts) == ["Option", "Question", "Section"]
    assert texts(draft) == before | new
    draft.refresh_from_db()
    assert draft.version == (plan.version or 0) + 1


def test_rows_keep_their_identity_and_everything_else_about_them(draft: Edition) -> None:
    ids = list(draft.questions.order_by("pk").values_list("pk", "required", "elaboration", "section"))

    translating.apply(planned(written(draft, {(Q1, "nn"): "Ny"})))

    assert list(draft.questions.order_by("pk").values_list("pk", "required", "elaboration", "section")) == ids


def test_cells_left_open_delete_nothing(draft: Edition) -> None:
    before = texts(draft)

    plan = planned(written(draft, dict.fromkeys(before, "")))

    assert (plan.lines, plan.errors, plan.same) == ((), (), 0)
    assert texts(draft) == before


def test_the_same_sheet_once_more_does_nothing(draft: Edition) -> None:
    content = written(draft, {(Q1, "nn"): "Ny", (Q2, "en"): "New"})
    first = planned(content)
    assert translating.apply(first).count == 2

    again = planned(content)

    assert (again.lines, again.same) == ((), len(texts(draft)))
    # The button pressed twice.
    assert translating.apply(first).count == 0


def test_a_failure_half_way_leaves_nothing(draft: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    before, plan = texts(draft), planned(written(draft, {(Q1, "nn"): "Ny", ("sections/Q1/title", "nn"): "Ny"}))

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Section.objects, "bulk_update", fail)
    with pytest.raises(OSError, match="disk"):
        translating.apply(plan)

    assert texts(draft) == before
