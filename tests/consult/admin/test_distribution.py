"""Audiences, rounds of letters and letters in the admin: the matrix, and nothing that tells who has answered."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from config.middleware import CLOCK_KEY
from consult import claiming, distributing, selecting
from consult.models import Audience, Invitation, Letter, LetterStatus, Mailing
from surveys.models import Survey
from tests import cast, make
from tests.page import parse

pytestmark = pytest.mark.django_db

AUDIENCES, MAILINGS, LETTERS = (f"/admin/consult/{name}/" for name in ("audience", "mailing", "letter"))


@pytest.fixture
def staff(client: Client) -> Client:
    return signed_in(client, cast.distributor())


def signed_in(client: Client, user: Any) -> Client:
    client.force_login(user)
    client.defaults[CLOCK_KEY] = make.DURING
    client.cookies["django_language"] = "en"
    return client


def body(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def told(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


# --- Rights -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [AUDIENCES, f"{AUDIENCES}add/", MAILINGS, f"{MAILINGS}add/", LETTERS])
def test_only_with_the_right(client: Client, address: str) -> None:
    assert client.get(address).status_code == 302
    assert signed_in(client, cast.outsider()).get(address).status_code == 403
    assert signed_in(client, cast.distributor()).get(address).status_code == 200


@pytest.mark.parametrize("address", [AUDIENCES, MAILINGS, LETTERS])
@pytest.mark.parametrize("key", ["9999", "nonsense"])
def test_what_is_not_there(staff: Client, address: str, key: str) -> None:
    assert staff.get(f"{address}{key}/change/").status_code == 302  # back to the admin's start, with a message


def test_a_frozen_audience_names_its_roles_in_words(staff: Client) -> None:
    survey = make.opened()
    audience = selecting.define(survey, ["chief", "local"], make.unit())
    page = staff.get(f"{AUDIENCES}{audience.pk}/change/")
    labels = {label.text for label in parse(page).all("label")}
    assert {"Chief representative", "Local representative"} <= labels
    Audience.objects.filter(pk=audience.pk).update(frozen_at=make.DURING, size=3)
    frozen = body(staff.get(f"{AUDIENCES}{audience.pk}/change/"))
    assert "Chief representative, Local representative" in frozen
    assert ['"chief"' in unescape(shown) for shown in (body(page), frozen)] == [True, False]


def test_looking_is_not_changing(client: Client) -> None:
    survey = make.opened()
    make.invited(survey, [make.person(1)])
    mailing = make.mailed(survey)
    signed_in(client, cast.distribution_reader())
    assert client.get(f"{MAILINGS}{mailing.pk}/change/").status_code == 200
    assert client.post(f"{MAILINGS}{mailing.pk}/change/", {"consult_mailing_pause_this": "1"}).status_code == 403
    client.post(MAILINGS, {"action": "pause", "_selected_action": [mailing.pk]})
    assert Mailing.objects.get().paused_at is None


# --- Audiences ----------------------------------------------------------------------------------------------------


def test_define_see_the_number_and_freeze(staff: Client) -> None:
    survey = make.opened(facts=[], codebooks=[])
    people = [make.person(number) for number in (1, 2, 3)]
    given = {"survey": survey.pk, "roles": ["local"], "unit": make.unit().pk}
    assert staff.post(f"{AUDIENCES}add/", given).status_code == 302
    audience = Audience.objects.get()
    assert (audience.survey, audience.roles, audience.frozen_at) == (survey, ["local"], None)
    page = f"{AUDIENCES}{audience.pk}/change/"
    assert "3 people, as of now" in body(staff.get(page))
    people[0].appointments.update(role="chief")
    assert "2 people, as of now" in body(staff.get(page))

    pressed = given | {"consult_audience_freeze": "1"}
    assert told(staff.post(page, pressed, follow=True))[0] == "2 people are invited."
    audience.refresh_from_db()
    assert (audience.size, audience.frozen_at) == (2, make.DURING)
    assert Invitation.objects.count() == 2
    frozen = staff.get(page)
    assert "2 invited, 0 of them without a working address" in body(frozen)
    assert "consult_audience_freeze" not in body(frozen)
    assert staff.post(page, pressed).status_code == 403
    assert Invitation.objects.count() == 2


def test_freezing_nobody_says_why_and_changes_nothing(staff: Client) -> None:
    survey = make.opened(facts=[], codebooks=[])
    audience = Audience.objects.create(survey=survey, roles=["local"], unit=make.unit())
    given = {"roles": ["chief"], "unit": make.unit().pk, "consult_audience_freeze": "1"}
    response = staff.post(f"{AUDIENCES}{audience.pk}/change/", given, follow=True)
    assert told(response) == ["Nobody holds such an appointment there now, so there is nobody to invite."]
    audience.refresh_from_db()
    assert (audience.roles, audience.frozen_at) == (["local"], None)


def test_no_role_is_an_error_at_the_form(staff: Client) -> None:
    given = {"survey": make.opened().pk, "unit": make.unit().pk}
    response = staff.post(f"{AUDIENCES}add/", given)
    assert response.context["adminform"].form.errors == {"roles": ["This field is required."]}
    assert Audience.objects.count() == 0


# --- Rounds of letters --------------------------------------------------------------------------------------------


def asked(count: int = 3, **plan: object) -> Survey:
    survey = make.opened(**plan)  # type: ignore[arg-type]
    make.invited(survey, [make.person(number) for number in range(1, count + 1)])
    return survey


def due(survey: Survey, **changes: object) -> dict[str, object]:
    return {
        "survey": survey.pk, "kind": "invitation", "ordinal": 1, "due_at_0": "2026-03-05", "due_at_1": "13:00:00",
        **changes,
    }  # fmt: skip


def test_plan_and_move(staff: Client) -> None:
    survey = asked()
    assert staff.post(f"{MAILINGS}add/", due(survey)).status_code == 302
    mailing = Mailing.objects.get()
    assert (mailing.survey, mailing.due_at) == (survey, make.DURING)
    page = f"{MAILINGS}{mailing.pk}/change/"
    staff.post(page, {"due_at_0": "2026-03-06", "due_at_1": "13:00:00"})
    mailing.refresh_from_db()
    assert mailing.due_at.day == 6
    distributing.queue_due(mailing.due_at)
    staff.post(page, {"due_at_0": "2026-03-07", "due_at_1": "13:00:00"})
    mailing.refresh_from_db()
    assert mailing.due_at.day == 6


def test_refusals_are_said_at_the_form(staff: Client) -> None:
    survey = asked()
    response = staff.post(f"{MAILINGS}add/", due(survey, due_at_0="2026-04-01"))
    assert response.context["adminform"].form.non_field_errors() == ["The letters must go out before the deadline."]
    response = staff.post(f"{MAILINGS}add/", due(make.planned("not-yet")))
    assert "survey" in response.context["adminform"].form.errors
    staff.post(f"{MAILINGS}add/", due(survey))
    response = staff.post(f"{MAILINGS}add/", due(survey))
    assert response.status_code == 200
    assert response.context["adminform"].form.errors != {}
    assert Mailing.objects.count() == 1


def test_pause_and_resume(staff: Client) -> None:
    mailing = make.mailed(asked())
    page = f"{MAILINGS}{mailing.pk}/change/"
    assert staff.get(page).status_code == 200
    staff.post(page, {"consult_mailing_pause_this": "1"})
    assert Mailing.objects.get().paused_at == make.DURING
    staff.post(page, {"consult_mailing_resume_this": "1"})
    assert Mailing.objects.get().paused_at is None
    chosen = {"_selected_action": [mailing.pk]}
    staff.get(MAILINGS)  # the messages so far
    assert told(staff.post(MAILINGS, chosen | {"action": "pause"}, follow=True)) == ["1 round is paused."]
    assert told(staff.post(MAILINGS, chosen | {"action": "pause"}, follow=True)) == ["0 rounds are paused."]
    assert told(staff.post(MAILINGS, chosen | {"action": "resume"}, follow=True)) == ["1 round goes on."]


def test_looking_changes_nothing(staff: Client) -> None:
    mailing = make.mailed(asked())
    before = list(Mailing.objects.values()), list(Letter.objects.order_by("id").values())
    for address in (AUDIENCES, MAILINGS, f"{MAILINGS}{mailing.pk}/change/?consult_mailing_pause_this=1", LETTERS):
        assert staff.get(address).status_code == 200
    assert (list(Mailing.objects.values()), list(Letter.objects.order_by("id").values())) == before


def test_a_person_decides_about_letters_of_unknown_fate(staff: Client) -> None:
    mailing = make.mailed(asked())
    page = f"{MAILINGS}{mailing.pk}/change/"
    assert "consult_mailing_send_unknown_again" not in body(staff.get(page))
    Letter.objects.filter(pk=Letter.objects.all()[0].pk).update(status="unknown", epoch=1, attempts=1)
    Letter.objects.filter(pk=Letter.objects.all()[1].pk).update(status="sent")
    shown = body(staff.get(page))
    assert "consult_mailing_send_unknown_again" in shown
    assert "1 waiting, 1 sent, 1 of unknown fate" in shown
    staff.post(page, {"consult_mailing_send_unknown_again": "1"})
    assert sorted(Letter.objects.values_list("status", flat=True)) == ["pending", "pending", "sent"]


def test_why_a_round_was_paused(staff: Client) -> None:
    mailing = make.mailed(asked(1))
    claim = claiming.claim(make.DURING, 1)
    assert claim is not None
    claiming.release(claim.hands, reply="550 5.7.1 Not aligned")
    assert "550 5.7.1 Not aligned" in body(staff.get(f"{MAILINGS}{mailing.pk}/change/"))
    Letter.objects.update(kind="reminder")
    assert "550 5.7.1" not in body(staff.get(f"{MAILINGS}{mailing.pk}/change/"))


# --- What of reminders is not shown -------------------------------------------------------------------------------


def in_every_state() -> None:
    """One letter in each state there is, each with a reply."""
    for letter, status in zip(Letter.objects.order_by("id"), LetterStatus.values, strict=True):
        lease = make.DURING if status in ("claimed", "sending") else None
        Letter.objects.filter(pk=letter.pk).update(
            status=status, lease_until=lease, attempts=7, epoch=7, smtp_reply=f"said-{status}"
        )


def rows_shown(response: Any) -> list[tuple[str, str]]:
    admin = response.context["cl"].model_admin
    return sorted({(admin.state(letter), admin.said(letter)) for letter in response.context["cl"].result_list})


def test_of_reminders_only_waiting_and_done(staff: Client) -> None:
    mailing = make.mailed(asked(8), "reminder")
    in_every_state()
    page = staff.get(LETTERS)
    assert rows_shown(page) == [("done", ""), ("fate unknown, a person must decide", ""), ("waiting", "")]
    assert "said-" not in body(page)
    for letter in Letter.objects.all():
        assert "said-" not in body(staff.get(f"{LETTERS}{letter.pk}/change/"))
    counted = {
        state: staff.get(f"{LETTERS}?state={state}").context["cl"].result_count
        for state in ("waiting", "sent", "failed", "skipped", "unknown", "done")
    }
    assert counted == {"waiting": 3, "sent": 0, "failed": 0, "skipped": 0, "unknown": 1, "done": 4}
    assert "3 waiting, 4 done, 1 of unknown fate" in body(staff.get(MAILINGS))
    assert "3 waiting, 4 done, 1 of unknown fate" in body(staff.get(f"{MAILINGS}{mailing.pk}/change/"))


@pytest.mark.parametrize(
    "probe",
    [
        "status=sent",
        "status__exact=sent",
        "attempts__gt=0",
        "smtp_reply__contains=sent",
        "epoch=7",
        "dated_at__isnull=1",
        "mailing__letters__status=sent",
        "kind__in=reminder&status=sent",
    ],
)
def test_of_reminders_nothing_by_way_of_the_address(staff: Client, probe: str) -> None:
    make.mailed(asked(8), "reminder")
    in_every_state()
    assert staff.get(f"{LETTERS}?{probe}").status_code == 400
    assert staff.get(f"{MAILINGS}?letters__{probe}").status_code == 400


def test_of_reminders_nothing_by_way_of_the_order(staff: Client) -> None:
    survey = asked(8)
    make.mailed(survey, "reminder")
    in_every_state()
    newest_first = sorted(Letter.objects.values_list("pk", flat=True), reverse=True)
    for order in ("", "?o=1", "?o=3", "?o=-3.-4"):
        assert [letter.pk for letter in staff.get(f"{LETTERS}{order}").context["cl"].result_list] == newest_first
    for usual in ("?kind__exact=reminder", f"?mailing__survey__id__exact={survey.pk}"):
        assert staff.get(f"{LETTERS}{usual}").context["cl"].result_count == 8


def test_of_invitations_what_the_server_said(staff: Client) -> None:
    make.mailed(asked(8))
    in_every_state()
    shown = dict(rows_shown(staff.get(LETTERS)))
    assert shown["refused by the mail server"] == "said-failed"
    assert staff.get(f"{LETTERS}?state=failed").context["cl"].result_count == 1
    assert staff.get(f"{LETTERS}?q=nordmann3").context["cl"].result_count == 1


@pytest.mark.parametrize("verb", ["add/", "{}/delete/"])
def test_letters_are_read_only(staff: Client, verb: str) -> None:
    make.mailed(asked(1))
    letter = Letter.objects.get()
    assert staff.get(LETTERS + verb.format(letter.pk)).status_code == 403
    assert staff.post(f"{LETTERS}{letter.pk}/change/", {"status": "sent"}).status_code == 403
    assert Letter.objects.get().status == "pending"


# --- As many statements for three rows as for one -----------------------------------------------------------------


def statements(staff: Client, address: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert staff.get(address).status_code == 200
    return len(seen)


def test_lists_cost_the_same_at_any_length(staff: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make.mailed(asked(1))
    first = [statements(staff, address) for address in (AUDIENCES, MAILINGS, LETTERS)]
    for number in (2, 3):
        survey = make.opened(f"survey-{number}")
        make.invited(survey, [make.person(10 * number), make.person(10 * number + 1)])
        make.mailed(survey)
    assert [statements(staff, address) for address in (AUDIENCES, MAILINGS, LETTERS)] == first
