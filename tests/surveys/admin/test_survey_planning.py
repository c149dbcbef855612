"""Surveys in the admin: planned."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from consult.models import Unit, UnitKind
from surveys.models import Codebook, Edition, State, Survey
from tests import make
from tests.make import DEADLINE, DURING, OPENS
from tests.surveys.admin.planning import ADD, page_of, said

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _one_approval(settings: Any) -> None:
    settings.CLOSING_APPROVALS = 1


def edition() -> Edition:
    return make.published(
        "prov-2021", [make.asking("Q1", elaboration="optional"), make.asking("Q2"), make.asking("Q3", "long_text")]
    )


def plan(of: Edition, **changes: Any) -> dict[str, Any]:
    """A filled-in plan."""
    return {
        "code": "prov-host",
        "promise": "anonymous",
        "opens_at": "2026-03-01T08:00",
        "closes_at": "2026-03-15T22:00",
        "threshold": "5",
        "strict_reminders": "on",
        "facts": ["role", "region"],
        "codebooks": ["Q1"],
        "variable_1": "Q1.stance",
        "by_1": "Q2",
        **changes,
    }


def address(of: Edition) -> str:
    return f"{ADD}?edition={of.pk}"


# --- Planning ---------------------------------------------------------------------------------------------
def test_planning_starts_with_the_published_editions(planner: Client) -> None:
    published = edition()
    make.loaded("utkast")

    assert list(planner.get(ADD).context["editions"]) == [published]


def test_the_plan_offers_what_the_questionnaire_and_the_register_have(planner: Client) -> None:
    form = planner.get(address(edition())).context["form"]

    assert [code for code, _label in form.fields["facts"].choices] == [
        "role",
        "region",
        "size_band",
        "host_municipality",
    ]
    assert [code for code, _label in form.fields["codebooks"].choices] == ["Q1", "Q3"]
    assert [code for code, _label in form.fields["variable_1"].choices] == ["", "Q1", "Q1.stance", "Q2", "Q3.stance"]


def test_a_survey_is_planned_with_everything_that_was_chosen(planner: Client) -> None:
    union = Unit.objects.create(code="forbund", name="Forbundet", kind=UnitKind.UNION)
    Unit.objects.create(code="nord", name="Nord", kind=UnitKind.REGION, parent=union)
    of = edition()

    response = planner.post(address(of), plan(of), follow=True)

    survey = Survey.objects.get()
    assert response.redirect_chain == [(page_of(survey), 302)]
    assert said(response) == ["The survey is planned. It has not been opened yet."]
    assert (survey.code, survey.edition, survey.promise, survey.threshold, survey.strict_reminders) == (
        "prov-host",
        of,
        "anonymous",
        5,
        True,
    )
    # Given in Oslo's time, an hour ahead of UTC in March.
    assert survey.opens_at == datetime(2026, 3, 1, 7, tzinfo=UTC)
    assert survey.closes_at == datetime(2026, 3, 15, 21, tzinfo=UTC)
    assert [fact.name for fact in survey.facts.all()] == ["role", "region"]
    assert list(survey.facts.get(name="region").values.values_list("code", flat=True)) == ["nord"]
    assert [str(cross) for cross in survey.crosses.all()] == ["Q1.stance × Q2"]
    assert [codebook.name for codebook in Codebook.objects.all()] == ["Q1.stance"]
    assert survey.state(DURING) == State.PLANNED


def test_a_table_of_stances_brings_its_codebook_along(planner: Client) -> None:
    of = edition()

    planner.post(address(of), plan(of, codebooks=[], variable_1="Q3.stance"))

    assert [codebook.name for codebook in Codebook.objects.all()] == ["Q3.stance"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"code": ""}, {"code": ["This field is required."]}),
        ({"opens_at": "soon"}, {"opens_at": ["Enter a valid date/time."]}),
        ({"closes_at": "2026-02-01T00:00"}, {"closes_at": ["The deadline must be after the opening."]}),
        ({"threshold": "4"}, {"threshold": ["At least 5."]}),
        ({"promise": "secret"}, {"promise": ["Select a valid choice. secret is not one of the available choices."]}),
        ({"by_1": ""}, {"by_1": ["Choose both questions of the table, or none."]}),
        ({"by_1": "Q1.stance"}, {"by_1": ["Choose two different questions."]}),
        (
            {"variable_1": "Q9"},
            {"variable_1": ["Select a valid choice. Q9 is not one of the available choices."]},
        ),
        (
            {"facts": ["shoe_size"]},
            {"facts": ["Select a valid choice. shoe_size is not one of the available choices."]},
        ),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(
    planner: Client, changes: dict[str, Any], expected: dict[str, list[str]]
) -> None:
    of = edition()

    response = planner.post(address(of), plan(of, **changes))

    assert {
        name: list(found) for name, found in response.context["form"].errors.items() if name in expected
    } == expected
    assert Survey.objects.count() == 0


def test_a_code_that_is_an_address_of_the_service_is_refused(planner: Client) -> None:
    of = edition()

    response = planner.post(address(of), plan(of, code="consultations"))

    assert response.context["form"].non_field_errors() == [
        "The code “consultations” is used by an address of the service. Choose another."
    ]
    assert Survey.objects.count() == 0
    with pytest.raises(IntegrityError):
        Survey.objects.create(code="consultations", edition=of, opens_at=OPENS, closes_at=DEADLINE)


def test_a_code_in_use_is_refused(planner: Client) -> None:
    of = edition()
    planner.post(address(of), plan(of))

    response = planner.post(address(of), plan(of))

    assert response.context["form"].errors == {"code": ["Another survey has this code."]}
    assert Survey.objects.count() == 1


@pytest.mark.parametrize("given", ["x", "", "999999"])
def test_a_plan_needs_an_edition_that_exists(planner: Client, given: str) -> None:
    assert planner.get(f"{ADD}?edition={given}").status_code == 404


def test_a_draft_cannot_be_put_to_people(planner: Client) -> None:
    assert planner.get(address(make.loaded("utkast"))).status_code == 404
