"""The facts of those invited: which values a plan keeps, and what is handed over at closing."""

from __future__ import annotations

import pytest

from consult import selecting
from consult.models import Invitation, Unit
from surveys import fielding
from surveys.box import keyring, sealing
from surveys.fielding import FactPlan
from surveys.models import Survey
from tests import make
from tests.consult.test_selecting import NOW, audience, frozen, invited

pytestmark = pytest.mark.django_db


# --- Facts for closing ------------------------------------------------------------------------------------


def test_facts_by_locator() -> None:
    make.imported(make.appointed("1"), make.appointed("2", enhetskode="k2"), make.appointed("3"))
    survey = frozen("local").survey
    keyring.create(survey.key_id)
    keys = keyring.keys(survey.key_id)

    facts = selecting.facts_by_locator(survey)

    assert facts == {
        sealing.locator(keys, invitation): invited()[number]
        for invitation, number in Invitation.objects.values_list("id", "person__number")
    }
    assert len(facts) == 3
    assert len({id(each) for each in facts.values()}) == 2


def test_facts_of_a_survey_whose_key_is_gone() -> None:
    make.imported(make.appointed("1"))
    survey: Survey = frozen("local").survey

    with pytest.raises(keyring.KeyLost):
        selecting.facts_by_locator(survey)


# --- What is declared -------------------------------------------------------------------------------------


def declared(survey: Survey) -> dict[str, list[str]]:
    return {
        fact.name: list(fact.values.order_by("position").values_list("code", flat=True)) for fact in survey.facts.all()
    }


def test_values_that_nobody_invited_has_are_taken_out_of_the_plan() -> None:
    make.imported(make.appointed("1"), make.appointed("2", verv="hovedtillitsvalgt"))
    asked = audience("local", "chief")
    before = declared(asked.survey)
    assert {"local", "chief", "member"} <= set(before["role"])

    selecting.freeze(asked, NOW)

    after = declared(asked.survey)
    assert sorted(after["role"]) == ["chief", "local"]
    assert list(after) == list(before)
    assert {name: [value for value in before[name] if value in codes] for name, codes in after.items()} == after


def test_a_fact_that_nobody_invited_has_keeps_its_values() -> None:
    make.imported(make.appointed("1", verv="medlem"))
    nothing_known = FactPlan("size_band", {"nb": "Størrelse"}, [("small", {"nb": "Liten"}), ("large", {"nb": "Stor"})])
    Unit.objects.update(size_band="")

    asked = selecting.freeze(audience("member", facts=[nothing_known]), NOW)

    assert declared(asked.survey) == {"size_band": ["small", "large"]}


def test_what_an_opened_survey_declares_stays() -> None:
    make.imported(make.appointed("1"))
    asked = audience("local")
    before = declared(asked.survey)
    fielding.open_survey(asked.survey, NOW)

    selecting.freeze(asked, NOW)

    assert declared(asked.survey) == before
