"""Surveys in the admin: planned, opened, closed, approved, released."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consult.models import Unit, UnitKind
from surveys import closing, disclosing
from surveys.admin.standing import Trouble
from surveys.box import keyring
from surveys.models import Approval, Codebook, Edition, Release, State, Survey
from tests import cast, make
from tests.make import AFTER, DEADLINE, DURING, OPENS
from tests.surveys.box.test_waiving import damage

pytestmark = pytest.mark.django_db(transaction=True)

CLOCK = "raadslag.now"
ADD = reverse("admin:surveys_survey_add")


@pytest.fixture(autouse=True)
def _one_approval(settings: Any) -> None:
    settings.CLOSING_APPROVALS = 1


def signed_in(user: Any, now: datetime = DURING) -> Client:
    client = Client(headers={"accept-language": "en"}, **{CLOCK: now})
    client.force_login(user)
    return client


@pytest.fixture
def designer() -> Client:
    return signed_in(cast.designer())


def page_of(survey: Survey) -> str:
    return reverse("admin:surveys_survey_change", args=[survey.pk])


def deed(name: str, survey: Survey) -> str:
    return reverse(f"admin:surveys_survey_{name}", args=[survey.pk])


def said(response: Any) -> list[str]:
    """What the page after a deed says."""
    return [str(message) for message in response.context["messages"]]


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


def test_planning_starts_with_the_published_editions(designer: Client) -> None:
    published = edition()
    make.loaded("utkast")

    assert list(designer.get(ADD).context["editions"]) == [published]


def test_the_plan_offers_what_the_questionnaire_and_the_register_have(designer: Client) -> None:
    form = designer.get(address(edition())).context["form"]

    assert [code for code, _label in form.fields["facts"].choices] == [
        "role",
        "region",
        "size_band",
        "host_municipality",
    ]
    assert [code for code, _label in form.fields["codebooks"].choices] == ["Q1", "Q3"]
    assert [code for code, _label in form.fields["variable_1"].choices] == ["", "Q1", "Q1.stance", "Q2", "Q3.stance"]


def test_a_survey_is_planned_with_everything_that_was_chosen(designer: Client) -> None:
    union = Unit.objects.create(code="forbund", name="Forbundet", kind=UnitKind.UNION)
    Unit.objects.create(code="nord", name="Nord", kind=UnitKind.REGION, parent=union)
    of = edition()

    response = designer.post(address(of), plan(of), follow=True)

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


def test_a_table_of_stances_brings_its_codebook_along(designer: Client) -> None:
    of = edition()

    designer.post(address(of), plan(of, codebooks=[], variable_1="Q3.stance"))

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
    designer: Client, changes: dict[str, Any], expected: dict[str, list[str]]
) -> None:
    of = edition()

    response = designer.post(address(of), plan(of, **changes))

    assert {
        name: list(found) for name, found in response.context["form"].errors.items() if name in expected
    } == expected
    assert Survey.objects.count() == 0


def test_a_code_that_is_an_address_of_the_service_is_refused(designer: Client) -> None:
    of = edition()

    response = designer.post(address(of), plan(of, code="consultations"))

    assert response.context["form"].non_field_errors() == [
        "The code “consultations” is used by an address of the service. Choose another."
    ]
    assert Survey.objects.count() == 0
    with pytest.raises(IntegrityError):
        Survey.objects.create(code="consultations", edition=of, opens_at=OPENS, closes_at=DEADLINE)


def test_a_code_in_use_is_refused(designer: Client) -> None:
    of = edition()
    designer.post(address(of), plan(of))

    response = designer.post(address(of), plan(of))

    assert response.context["form"].errors == {"code": ["Another survey has this code."]}
    assert Survey.objects.count() == 1


@pytest.mark.parametrize("given", ["x", "", "999999"])
def test_a_plan_needs_an_edition_that_exists(designer: Client, given: str) -> None:
    assert designer.get(f"{ADD}?edition={given}").status_code == 404


def test_a_draft_cannot_be_put_to_people(designer: Client) -> None:
    assert designer.get(address(make.loaded("utkast"))).status_code == 404


# --- Changing the plan ------------------------------------------------------------------------------------


def settings_of(survey: Survey, **changes: str) -> dict[str, str]:
    """The form on a planned survey's page."""
    return {
        "opens_at_0": "2026-03-01",
        "opens_at_1": "08:00:00",
        "closes_at_0": "2026-03-20",
        "closes_at_1": "12:00:00",
        "promise": "anonymous",
        "threshold": "7",
        "strict_reminders": "on",
        **changes,
    }


def test_a_planned_survey_can_be_changed(designer: Client) -> None:
    survey = make.planned()

    designer.post(page_of(survey), settings_of(survey))

    survey.refresh_from_db()
    assert (survey.threshold, survey.closes_at) == (7, datetime(2026, 3, 20, 11, tzinfo=UTC))


def test_once_opened_only_the_deadline_moves(designer: Client) -> None:
    survey = make.opened()

    designer.post(page_of(survey), settings_of(survey, promise="named"))

    survey.refresh_from_db()
    assert (survey.threshold, survey.promise) == (5, "anonymous")
    assert survey.closes_at == datetime(2026, 3, 20, 11, tzinfo=UTC)


def test_a_deadline_in_the_past_is_refused(designer: Client) -> None:
    survey = make.opened()

    response = designer.post(page_of(survey), settings_of(survey, closes_at_0="2026-03-02"), follow=True)

    assert "The deadline has passed. Set a later one." in said(response)
    survey.refresh_from_db()
    assert survey.closes_at == DEADLINE


def test_a_planned_survey_is_deleted_and_an_opened_one_is_not(designer: Client) -> None:
    planned = make.planned()
    url = reverse("admin:surveys_survey_delete", args=[planned.pk])

    assert designer.post(url, {"post": "yes"}).status_code == 302
    assert Survey.objects.count() == 0

    opened = make.opened("pulse-2027")
    url = reverse("admin:surveys_survey_delete", args=[opened.pk])
    assert designer.post(url, {"post": "yes"}).status_code == 403
    assert Survey.objects.count() == 1


# --- Opening ----------------------------------------------------------------------------------------------


def test_opening_makes_the_key_and_fixes_the_promise(designer: Client) -> None:
    survey = make.planned()

    response = designer.post(deed("open", survey), follow=True)

    survey.refresh_from_db()
    assert response.redirect_chain == [(page_of(survey), 302)]
    assert said(response) == ["The survey is opened. What respondents are promised is now fixed."]
    assert survey.opened_at == DURING
    assert keyring.check(survey.key_id) == []


def test_opening_twice_is_opening_once(designer: Client) -> None:
    survey = make.planned()
    designer.post(deed("open", survey))

    signed_in(cast.designer("other"), DURING + timedelta(hours=1)).post(deed("open", survey))

    survey.refresh_from_db()
    assert survey.opened_at == DURING


def test_a_survey_whose_deadline_has_passed_is_not_opened() -> None:
    survey = make.planned()

    response = signed_in(cast.designer(), AFTER).post(deed("open", survey), follow=True)

    assert said(response) == ["The deadline has passed. Set a later one."]
    survey.refresh_from_db()
    assert survey.opened_at is None


# --- Closing ----------------------------------------------------------------------------------------------


def test_closing_says_first_what_cannot_be_undone(designer: Client) -> None:
    survey = make.opened()

    body = designer.get(deed("close", survey)).content.decode()

    survey.refresh_from_db()
    assert survey.stopped_at is None
    assert "The survey can never be opened again." in body


def test_closing_stops_the_intake_and_then_waits_for_approval(designer: Client) -> None:
    survey = make.opened()

    response = designer.post(deed("close", survey), follow=True)

    survey.refresh_from_db()
    assert survey.stopped_at == DURING
    standing = response.context["standing"]
    assert (standing.state, standing.awaits_approval, standing.has_approved) == (State.CLOSING, False, False)
    assert [step.at for step in standing.steps] == [DURING, None, None, None]
    closing.advance(survey, dict, DURING)
    standing = designer.get(page_of(survey)).context["standing"]
    assert (standing.state, standing.awaits_approval, standing.has_approved) == (State.CLOSING, True, False)


def test_closing_again_or_something_unopened_changes_nothing(designer: Client) -> None:
    survey = make.opened()
    designer.post(deed("close", survey))
    signed_in(cast.designer("other"), DURING + timedelta(hours=1)).post(deed("close", survey))
    survey.refresh_from_db()
    assert survey.stopped_at == DURING

    planned = make.planned("pulse-2027")
    assert designer.get(deed("close", planned))["Location"] == page_of(planned)
    response = designer.post(deed("close", planned), follow=True)
    assert said(response)[-1] == "The survey has not been opened, so there is nothing to close."


def test_approval_is_given_once_a_person_and_only_after_the_stop(designer: Client) -> None:
    survey = make.opened()
    assert said(designer.post(deed("approve", survey), follow=True)) == ["Close the survey first."]
    assert Approval.objects.count() == 0
    designer.post(deed("close", survey))
    refused = designer.post(deed("approve", survey), follow=True)
    assert said(refused)[-1] == "The answers are still being counted. Approve when that is done."
    assert Approval.objects.count() == 0
    closing.advance(survey, dict, DURING)

    designer.post(deed("approve", survey))
    designer.post(deed("approve", survey))

    assert Approval.objects.count() == 1
    assert closing.approvals_needed(survey) == 0


def test_the_page_follows_the_closing_to_its_end(designer: Client) -> None:
    survey = make.opened()
    voters = [make.voter(survey, role="local", region="north") for _ in range(6)]
    for voter in voters:
        make.answered(voter)
    make.closed(survey, voters, cast.coder())

    response = signed_in(cast.designer("later"), AFTER).get(page_of(survey))

    standing = response.context["standing"]
    assert standing.state == State.CLOSED
    assert [step.at for step in standing.steps] == [AFTER] * 4
    assert "the key that tied them to people is gone" in response.content.decode()


def test_answers_that_do_not_open_are_told_and_two_decide_to_go_on(designer: Client, settings: Any) -> None:
    settings.CLOSING_APPROVALS = 2
    survey = make.opened()
    voters = [make.voter(survey, role="local", region="north") for _ in range(7)]
    for voter in voters:
        make.answered(voter)
    refused = designer.post(deed("waive", survey), {"ballots": "1"}, follow=True)
    assert said(refused) == ["There are no answers to go on without."]
    damage(survey, voters[0])
    with pytest.raises(closing.Unreadable):
        closing.advance(survey, lambda: make.places(survey, voters), AFTER)

    page = designer.get(page_of(survey))
    assert page.context["standing"].trouble == Trouble(1, 0, 2, has_waived=False, is_key_lost=False)
    assert "1 sealed answer cannot be opened." in page.content.decode()
    assert "Nothing has been destroyed" in page.content.decode()
    for nonsense in ({}, {"ballots": "x"}, {"ballots": "2"}, {"ballots": "9" * 40}):
        answer = designer.post(deed("waive", survey), nonsense, follow=True)
        assert said(answer) == ["The number of answers that cannot be opened has changed. Look at it again."]

    fields = {"ballots": "1"}
    once = designer.post(deed("waive", survey), fields, follow=True)
    again = designer.post(deed("waive", survey), fields, follow=True)
    assert said(once) == said(again) == ["Your decision is recorded. Another person must decide the same."]
    assert again.context["standing"].trouble == Trouble(1, 1, 2, has_waived=True, is_key_lost=False)
    second = signed_in(cast.designer("second")).post(deed("waive", survey), fields, follow=True)
    assert said(second) == ["Your decision is recorded. The closing goes on without them."]

    closing.advance(survey, lambda: make.places(survey, voters), AFTER)
    page = designer.get(page_of(survey))
    assert (page.context["standing"].trouble, page.context["standing"].left_out) == (None, 1)
    assert "1 answer could not be opened and was left out." in page.content.decode()


def test_a_key_that_cannot_be_found_is_told(designer: Client) -> None:
    survey = make.opened()
    assert designer.get(page_of(survey)).context["standing"].trouble is None
    keyring.destroy(survey.key_id)
    closing.stop(survey, AFTER)
    page = designer.get(page_of(survey))
    assert page.context["standing"].trouble.is_key_lost is True
    assert "The key to the answers cannot be found" in page.content.decode()


# --- Publishing results -----------------------------------------------------------------------------------


def test_results_are_published_once_the_survey_is_closed(designer: Client) -> None:
    survey = make.opened()
    voters = [make.voter(survey, role="local", region="north") for _ in range(6)]
    for voter in voters:
        make.answered(voter)

    early = designer.post(deed("release", survey), follow=True)
    assert said(early) == ["There are no results before the survey is closed."]
    assert Release.objects.count() == 0

    make.closed(survey, voters, cast.coder())
    response = designer.post(deed("release", survey), follow=True)
    assert said(response) == ["Release 1 is being computed. It appears below when it is ready."]
    disclosing.compute_waiting(AFTER)
    release = designer.get(page_of(survey)).context["standing"].releases[0]
    assert (release.number, release.responses, release.requested_by.username) == (1, 6, "designer")


def test_asking_again_while_one_waits_gives_that_one(designer: Client) -> None:
    survey = make.opened()
    make.closed(survey, [], cast.coder())

    designer.post(deed("release", survey))
    designer.post(deed("release", survey))

    assert Release.objects.count() == 1


def test_a_codebook_is_added_to_a_question_with_texts(designer: Client) -> None:
    survey = make.planned()
    third, second = (survey.edition.questions.get(code=code) for code in ("Q3", "Q2"))

    response = designer.post(deed("codebook", survey), {"question": third.pk}, follow=True)
    assert said(response) == ["The answers to Q3 will be coded."]

    for question in (second.pk, third.pk, "", "x"):
        response = designer.post(deed("codebook", survey), {"question": question}, follow=True)
        assert said(response) == ["Choose a question whose answers can be coded."]
    assert sorted(codebook.name for codebook in Codebook.objects.all()) == ["Q1.stance", "Q3.stance"]


# --- Reading ----------------------------------------------------------------------------------------------


def test_the_list_shows_the_state_at_the_time_of_the_request() -> None:
    make.opened()

    states = {
        now: signed_in(cast.designer(f"designer-{number}"), now).get(reverse("admin:surveys_survey_changelist"))
        for number, now in enumerate([OPENS - timedelta(days=1), DURING, AFTER])
    }

    for now, word in zip(states, ("Scheduled", "Open", "Closing"), strict=True):
        assert f">{word}<" in states[now].content.decode().replace(" ", "").replace("\n", "")


def test_the_list_needs_no_more_queries_for_three_than_for_one(designer: Client) -> None:
    url = reverse("admin:surveys_survey_changelist")
    make.planned("a")
    designer.get(url)
    with CaptureQueriesContext(connection) as one:
        designer.get(url)
    make.planned("b")
    make.planned("c")

    with CaptureQueriesContext(connection) as three:
        designer.get(url)

    assert len(three) == len(one)


def test_an_open_survey_shows_nothing_of_its_answers(designer: Client) -> None:
    survey = make.opened()
    before = designer.get(page_of(survey)).content
    make.answered(
        make.voter(survey, role="local", region="north"), {"Q1": {"text": "Hemmelig"}, "Q2": {"option": "good"}}
    )

    after = designer.get(page_of(survey)).content

    def steady(body: bytes) -> bytes:
        import re

        return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", body)

    assert steady(after) == steady(before)


# --- Who may ----------------------------------------------------------------------------------------------


def test_each_deed_needs_its_right() -> None:
    survey = make.opened()
    posts = ("open", "close", "approve", "waive", "release", "codebook")

    for user in (cast.outsider(), cast.coder()):
        client = signed_in(user)
        assert {name: client.post(deed(name, survey)).status_code for name in posts} == dict.fromkeys(posts, 403)
        assert client.get(deed("close", survey)).status_code == 403
        assert client.get(ADD).status_code == 403
    survey.refresh_from_db()
    assert (survey.stopped_at, Release.objects.count(), Approval.objects.count()) == (None, 0, 0)


def test_deeds_are_no_gets_and_need_a_survey(designer: Client) -> None:
    survey = make.planned()

    for name in ("open", "approve", "waive", "release", "codebook"):
        assert designer.get(deed(name, survey)).status_code == 405
        url = reverse(f"admin:surveys_survey_{name}", args=[survey.pk + 99])
        assert designer.post(url).status_code == 404
