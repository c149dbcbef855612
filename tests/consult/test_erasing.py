"""Contact data is forgotten in time, and what results need stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from pytest_django import Settings

from config.celery import app
from consult import distributing, erasing, finishing, granting, listing, presenting, selecting, tasks
from consult.erasing import Erased
from consult.models import Audience, Invitation, Letter, LetterStatus, Mailing, Person, Stratum
from surveys import closing, disclosing, fielding
from surveys.box import keyring
from surveys.models import Survey
from tests import cast, make
from tests.surveys.admin.planning import signed_in

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _one_approval(settings: Settings) -> None:
    settings.CLOSING_APPROVALS = 1


def asked(people: int = 24, promise: str = "anonymous", code: str = "pulse-2026") -> Survey:
    """An open survey with an audience frozen by the deed, of whom most have got a letter and answered."""
    survey = make.planned(code, promise, facts=[make.ROLE])
    offset = 1000 * Survey.objects.count()
    for number in range(people):
        make.person(offset + number, role="chief" if number % 2 else "local")
    selecting.freeze(selecting.define(survey, ["chief", "local"], make.unit()), make.OPENS)
    fielding.open_survey(survey, make.OPENS)
    make.mailed(survey)
    make.mailed(survey, "reminder", make.DURING - DAY)
    Letter.objects.filter(kind="invitation", mailing__survey=survey).update(status=LetterStatus.SENT)
    Letter.objects.filter(kind="reminder", mailing__survey=survey).update(status=LetterStatus.DONE)
    for number, invitation in enumerate(
        Invitation.objects.filter(survey=survey).order_by("person__number")[: people - 4]
    ):
        voter = make.voter(survey, invitation.pk, **invitation.facts)
        make.answered(voter, {"Q2": {"option": "good" if number % 3 else "poor"}})
    return survey


def finished(survey: Survey, now: datetime = make.AFTER) -> Survey:
    finishing.finish_due(now)
    if survey.is_anonymous:
        closing.approve(survey, cast.designer(f"closer-{survey.code}"), now)
        finishing.finish_due(now)
    disclosing.compute_waiting(now)
    survey.refresh_from_db()
    assert survey.closed_at == now
    return survey


def shown(survey: Survey, user: Any) -> tuple[Any, ...]:
    """Everything that leadership sees of who answered, of how many."""
    scope = granting.scope(user)
    assert scope is not None
    head = listing.find(survey.code, scope, "en", make.AFTER + 100 * DAY)
    rates = [background.rates for background in presenting.overview(head, scope, "en").backgrounds]
    assert head.participation is not None
    assert len(rates[0]) == 2
    return head.participation, rates


def test_response_rates_are_the_same_before_and_after() -> None:
    survey = finished(asked())
    leader = make.granted(cast.leader())
    before = shown(survey, leader)
    assert erasing.erase_due(make.AFTER + 31 * DAY) == Erased(letters=48, invitations=24)
    assert (Invitation.objects.count(), Letter.objects.count()) == (0, 0)
    assert shown(survey, leader) == before
    assert (Audience.objects.get().size, Stratum.objects.count()) == (24, 2)


def test_each_thing_goes_on_its_day_and_not_before(settings: Settings) -> None:
    settings.CLEAN_DAYS = 60
    finished(asked())
    assert erasing.erase_due(make.AFTER + 29 * DAY) == Erased()
    assert erasing.erase_due(make.AFTER + 30 * DAY) == Erased(letters=48)
    # The clean date is a day in Norway, and summer time has come: 59 days later is past midnight already.
    assert erasing.erase_due(make.AFTER + 59 * DAY - timedelta(seconds=2)) == Erased()
    assert Invitation.objects.count() == 24
    assert erasing.erase_due(make.AFTER + 59 * DAY) == Erased(invitations=24)
    assert erasing.erase_due(make.AFTER + 61 * DAY) == Erased()


def test_letters_go_with_the_invitations_when_the_clean_date_comes_first(settings: Settings) -> None:
    settings.CLEAN_DAYS = 7
    finished(asked())
    assert erasing.erase_due(make.AFTER + 6 * DAY) == Erased()
    assert erasing.erase_due(make.AFTER + 7 * DAY) == Erased(letters=48, invitations=24)


def test_how_far_the_letters_came_stays_with_the_round() -> None:
    survey = finished(asked())
    Letter.objects.filter(kind="invitation", pk__in=list(Letter.objects.values_list("pk", flat=True)[:2])).update(
        status=LetterStatus.FAILED
    )
    before = distributing.progress_of(list(Mailing.objects.all()))
    erasing.erase_due(make.AFTER + 31 * DAY)
    assert distributing.progress_of(list(Mailing.objects.all())) == before
    first = Mailing.objects.get(survey=survey, kind="invitation")
    assert distributing.progress(first)["sent"] + distributing.progress(first)["failed"] == 24
    page = signed_in(cast.distribution_reader()).get(reverse("admin:consult_mailing_changelist")).content.decode()
    assert "24 done" in page


def test_the_audience_page_says_how_many_were_invited_after_they_are_forgotten() -> None:
    finished(asked())
    erasing.erase_due(make.AFTER + 31 * DAY)
    audience = Audience.objects.get()
    address = reverse("admin:consult_audience_change", args=[audience.pk])
    page = signed_in(cast.distribution_reader()).get(address).content.decode()
    assert "24 people are invited." in page
    assert "without a working address" not in page


def test_an_open_survey_and_one_still_closing_keep_theirs() -> None:
    asked()
    assert erasing.erase_due(make.DEADLINE + 400 * DAY) == Erased()  # nobody has stopped it yet
    finishing.finish_due(make.AFTER)
    # Waiting for approval: the letters are of no use to anyone, the invitations may be.
    assert erasing.erase_due(make.AFTER + 400 * DAY) == Erased(letters=48)
    assert Invitation.objects.count() == 24


def test_a_named_survey_keeps_who_answered_and_forgets_their_addresses() -> None:
    survey = finished(asked(12, promise="named"))
    assert Invitation.objects.filter(address=None).count() == 0
    assert erasing.erase_due(make.AFTER + 29 * DAY) == Erased()
    assert erasing.erase_due(make.AFTER + 30 * DAY) == Erased(letters=24, addresses=12)
    assert erasing.erase_due(make.AFTER + 31 * DAY) == Erased()
    assert Invitation.objects.filter(survey=survey, address=None).count() == 12
    assert keyring.check(survey.key_id) == []


def test_another_surveys_contacts_are_untouched() -> None:
    finished(asked())
    other = asked(12, code="other-2026")
    mine = Invitation.objects.filter(survey=other).count()
    erasing.erase_due(make.AFTER + 31 * DAY)
    assert Invitation.objects.filter(survey=other).count() == mine == Invitation.objects.count()
    assert Letter.objects.filter(mailing__survey=other).count() == 2 * mine == Letter.objects.count()


def test_people_who_were_asked_can_be_deleted_afterwards() -> None:
    finished(asked())
    erasing.erase_due(make.AFTER + 31 * DAY)
    deleted, _by_table = Person.objects.all().delete()
    assert deleted > 0


@pytest.mark.parametrize("step", ["_erase_letters", "_erase_invitations"])
def test_killed_anywhere_it_goes_on(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    finished(asked())
    real = getattr(erasing, step)

    def killed(*args: Any) -> int:
        real(*args)
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(erasing, step, killed)
        with pytest.raises(SystemExit):
            erasing.erase_due(make.AFTER + 31 * DAY)
    erasing.erase_due(make.AFTER + 31 * DAY)
    assert (Invitation.objects.count(), Letter.objects.count()) == (0, 0)
    assert {mailing.tally["total"] for mailing in Mailing.objects.all()} == {24}


def test_two_workers_count_once() -> None:
    finished(asked())

    def work(_number: int) -> int:
        try:
            return erasing.erase_due(make.AFTER + 31 * DAY).letters
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 48
    assert {mailing.tally["total"] for mailing in Mailing.objects.all()} == {24}


def test_the_timetable_does_it() -> None:
    finished(asked())  # in March 2026, by the real clock long ago
    assert app.conf.beat_schedule["erase-contacts"]["task"] == tasks.erase_contacts.name
    tasks.erase_contacts()
    assert (Invitation.objects.count(), Letter.objects.count()) == (0, 0)
