"""What may stand in a translation, and that it comes back to the letter."""

from __future__ import annotations

import io
import zipfile

import pytest

from surveys import authoring, translating
from tests import make
from tests.surveys.translating.sheets import (
    Q1,
    Q2,
    planned,
    taken,
    texts,
    written,
)

pytestmark = pytest.mark.django_db


# --- What cannot be written -----------------------------------------------------------------------------------
PIPED = {"nb": "Du sa {Q1|noe}. Hvorfor?"}


@pytest.mark.parametrize(
    ("key", "text", "fault"),
    [
        ("title", "x" * 201, "The text is too long: it has 201 characters, and there is room for 200."),
        (Q1, "x" * 20_001, "The text is too long: it has 20001 characters, and there is room for 20000."),
        (Q1, "#REF!", "The cell holds a formula that failed (#REF!), not a text."),
        (Q1, "Du sa {Q9}.", "{Q9} stands in the translation, but not in the original."),
        ("questions/Q4/text", "Du sa {Q1|noko. Kvifor?", "“{” in the text is not a field that can be filled in."),
        ("questions/Q4/text", "Du sa {Q1}{}.", "“{}” in the text is not a field that can be filled in."),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_cannot_stand_there_is_refused_with_the_place_and_nothing_is_done(key: str, text: str, fault: str) -> None:
    draft = make.loaded(
        "prov-2021", [make.asking(f"Q{number}") for number in (1, 2, 3)], [make.asking("Q4", text=PIPED)]
    )
    before = texts(draft)

    plan = planned(written(draft, {(key, "nn"): text, (Q2, "nn"): "Ny"}))

    assert [error.partition(", nn: ")[2] for error in plan.errors] == [fault]
    assert plan.errors[0].startswith("Row ")
    with pytest.raises(authoring.Refused):
        translating.apply(plan)
    assert texts(draft) == before


@pytest.mark.parametrize(
    ("key", "text", "remark"),
    [
        (Q1, "=1+1", "It begins like a formula. It is kept as text."),
        (Q1, "<script>alert(1)</script>", "It looks like HTML. It is shown as the signs it is."),
        ("questions/Q4/text", "Kvifor det?", "{Q1} stands in the original, but not in the translation."),
    ],
)
def test_what_may_be_meant_so_is_pointed_out_and_kept(key: str, text: str, remark: str) -> None:
    draft = make.loaded("prov-2021", [make.asking("Q1")], [make.asking("Q4", text=PIPED)])

    plan = planned(written(draft, {(key, "nn"): text}))

    assert [each.remarks for each in plan.lines] == [(remark,)]
    translating.apply(plan)
    assert texts(draft)[key, "nn"] == text


def test_a_field_keeps_its_name_and_has_other_words_instead() -> None:
    draft = make.loaded("prov-2021", [make.asking("Q1")], [make.asking("Q4", text=PIPED)])

    plan = planned(written(draft, {("questions/Q4/text", "nn"): "Kvifor sa du {Q1|noko}?"}))

    assert ([each.remarks for each in plan.lines], plan.errors) == ([()], ())


@pytest.mark.parametrize(
    "text", ["=1+1", "@SUM(A1)", "https://example.org", "0012", "_x0041_", "a\nb", "a\tb", " \u00a0x"]
)
def test_texts_come_back_to_the_letter(text: str) -> None:
    draft = make.loaded("prov-2021", [make.asking("Q1", text={"nb": text})])

    plan = planned(taken(draft))

    assert (plan.lines, plan.errors) == ((), ())
    with zipfile.ZipFile(io.BytesIO(taken(draft))) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name)
            assert b"hyperlink" not in archive.read(name)
