"""What a repair copies it copies whole, and it begins no language that the draft is not written in."""

from __future__ import annotations

import pytest

from surveys import critiquing, structure
from surveys.kinds.bands import BandView
from surveys.models import Edition, Question
from tests import make
from tests.make import asking

pytestmark = pytest.mark.django_db


def repaired(draft: Edition, rule: str) -> list[Question]:
    finding = next(each for each in critiquing.findings(draft) if each.rule == rule)
    critiquing.repair(draft, rule, finding.question_id)
    return list(draft.questions.order_by("section__position", "position"))


def test_both_halves_of_a_split_number_are_counted_in_its_bands() -> None:
    text = {"nb": "Hvor mange kolleger representerer du, og hvor mange møter har dere hatt i år?"}
    bands = [{"to": 4}, {"from": 5, "to": 9}, {"from": 10}]
    draft = make.loaded("prov-2021", [asking("B1", "number", text=text, bands=bands), asking("B2")])
    before = structure.read(draft).questions["B1"].bands
    assert len(before) == 3

    one, two, _rest = repaired(draft, "double-question")

    view = structure.read(Edition.objects.get(pk=draft.pk))
    assert (one.text, two.text) == (
        "Hvor mange kolleger representerer du?",
        "Hvor mange møter har dere hatt i år?",
    )
    assert [view.questions[each.code].bands for each in (one, two)] == [before, before]
    assert isinstance(before[0], BandView)


@pytest.mark.parametrize("languages", [{"nb"}, {"nb", "nn"}])
def test_a_question_about_experience_is_written_in_the_languages_of_the_draft(languages: set[str]) -> None:
    draft = make.loaded("prov-2021", [asking("B1")], title=dict.fromkeys(sorted(languages), "Prøve"))

    added = repaired(draft, "no-experience-question")[-1]

    view = structure.read(Edition.objects.get(pk=draft.pk)).questions[added.code]
    assert view.options
    for text in (view.text, *(option.label for option in view.options)):
        assert set(text.by_language) == languages
