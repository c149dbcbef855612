"""Admitting: which links open what, when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from consult.admitting import admit
from consult.models import Invitation
from surveys.box import keyring, sealing
from surveys.models import Survey
from tests import make

pytestmark = pytest.mark.django_db


def test_a_link_admits_its_person_with_the_facts_of_the_snapshot() -> None:
    survey = make.opened()
    token = make.link(survey, 1, language="nn", role="local")
    make.link(survey, 2, role="chief")
    admission = admit(token, make.DURING)
    assert admission.voter is not None
    assert (admission.voter.survey, dict(admission.voter.facts)) == (survey, {"role": "local"})
    assert admission.voter.invitation == Invitation.objects.get(person__number="1").pk
    assert (admission.refusal, admission.language) == ("", "nn")


@pytest.mark.parametrize(
    ("moment", "refusal"),
    [
        (make.OPENS - timedelta(microseconds=1), "not_open"), (make.OPENS, ""),
        (make.DEADLINE - timedelta(microseconds=1), ""), (make.DEADLINE, "closed"),
    ],
)  # fmt: skip
def test_the_period(moment: object, refusal: str) -> None:
    survey = make.opened()
    admission = admit(make.link(survey), moment)  # type: ignore[arg-type]
    assert (admission.refusal, admission.survey) == (refusal, survey)
    assert (admission.voter is None) == bool(refusal)


def test_a_survey_that_was_stopped_early() -> None:
    survey = make.opened()
    token = make.link(survey)
    Survey.objects.filter(pk=survey.pk).update(stopped_at=make.DURING)
    assert admit(token, make.DURING).refusal == "closed"


def test_after_the_key_is_gone_the_survey_is_closed_and_that_is_all() -> None:
    survey = make.opened()
    token = make.link(survey)
    keyring.destroy(survey.key_id)
    assert admit(token, make.DURING).refusal == "closed"
    assert admit("a" * 39, make.DURING).refusal == "unknown"


def test_what_proves_nothing_is_unknown_and_told_nothing_else() -> None:
    survey, other = make.opened(), make.opened("other")
    token = make.link(survey)
    foreign = make.link(other, 2)
    mixed = token[: sealing.SELECTOR_LETTERS] + foreign[sealing.SELECTOR_LETTERS :]
    told = {}
    for strange in (mixed, token[:-1], token + "a", "", "a" * 39, "7" * 39, "é" * 39, "\x00" * 39, "A" * 10_000):
        admission = admit(strange, make.DURING)
        assert (admission.voter, admission.survey, admission.language, admission.token) == (None, None, "", "")
        told[strange] = admission.refusal
    # What says more than "unknown" is about the form of what was typed, which is no secret.
    assert [each for each, refusal in told.items() if refusal == "unknown"] == [mixed, "a" * 39, "7" * 39]
    assert set(told.values()) == {"unknown", "incomplete"}


def test_a_newer_generation_makes_earlier_links_void() -> None:
    survey = make.opened()
    old = make.link(survey)
    Invitation.objects.update(generation=2)
    assert admit(old, make.DURING).refusal == "replaced"
    assert admit(make.token(Invitation.objects.get()), make.DURING).voter is not None


@pytest.mark.parametrize("others", [0, 2])
def test_one_statement_known_or_not(others: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    survey = make.opened()
    token = make.link(survey)
    for number in range(others):
        make.link(survey, number + 2)
    with django_assert_num_queries(1):
        admit(token, make.DURING)
    with django_assert_num_queries(1):
        admit("a" * 39, make.DURING)


def test_an_unknown_link_costs_a_proof_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the time of the answer would tell which selectors exist."""
    proved: list[str] = []
    real = sealing.proves

    def proves(token: str, *rest: Any) -> bool:
        proved.append(token)
        return real(token, *rest)

    monkeypatch.setattr(sealing, "proves", proves)
    admit("a" * 39, make.DURING)
    unknown = len(proved)
    token = make.link(make.opened())
    admit(token[:-1] + ("a" if token[-1] != "a" else "b"), make.DURING)
    assert (unknown, len(proved)) == (5, 10)
    admit(token, make.DURING)
    assert len(proved) == 11
