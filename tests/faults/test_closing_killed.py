"""A closing whose worker is killed by the kernel at its worst moments, in a process of its own, and taken up again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection
from pytest_django import Settings

from consult import finishing
from consult.models import Invitation
from surveys import closing
from surveys.box import keyring
from surveys.models import Answer, Closing, Response, SealedBallot, Survey
from tests import cast, make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROOT = Path(__file__).resolve().parent.parent.parent
PEOPLE = 12


def killed_after(step: str) -> int:
    """How the worker ended that was to be killed after this step."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = {
        **os.environ,
        "DATABASE_URL": urlunsplit(database),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "CLOSING_APPROVALS": "1",
        "LOG_LEVEL": "ERROR",
    }
    worker = [sys.executable, "-m", "tests.faults.closing_worker", step, make.AFTER.isoformat()]
    return subprocess.run(worker, cwd=ROOT, env=environment, timeout=60, check=False).returncode


@pytest.fixture
def survey(settings: Settings) -> Survey:
    """Open to twelve, all of whom have answered."""
    settings.CLOSING_APPROVALS = 1
    survey = make.opened()
    invitations = make.invited(survey, [make.person(number) for number in range(PEOPLE)])
    Invitation.objects.update(facts={"role": "local", "region": "north"})
    for number, invitation in enumerate(invitations):
        make.answered(make.voter(survey, invitation.pk), {"Q2": {"option": "good"}, "Q3": {"text": f"tekst {number}"}})
    return survey


def finish(survey: Survey) -> None:
    """Go on where the dead one was; nothing is lost, doubled or left behind."""
    finishing.finish_due(make.AFTER)
    if closing.approvals_needed(survey):
        closing.approve(survey, cast.designer(), make.AFTER)
    finishing.finish_due(make.AFTER)
    survey.refresh_from_db()
    assert survey.closed_at == make.AFTER
    assert sorted(Answer.objects.exclude(text="").values_list("text", flat=True)) == sorted(
        f"tekst {number}" for number in range(PEOPLE)
    )
    assert (Response.objects.count(), SealedBallot.objects.count()) == (PEOPLE, 0)
    with pytest.raises(keyring.KeyLost):
        keyring.keys(survey.key_id)
    done = Closing.objects.get()
    assert done.record["responses"] == PEOPLE
    assert done.record["signature"] == closing.sign(done.record)


def test_between_the_key_and_the_ballots(survey: Survey) -> None:
    """The key is gone and the sealed rows are still there: the next worker deletes them and writes the record."""
    finishing.finish_due(make.AFTER)
    closing.approve(survey, cast.designer(), make.AFTER)
    assert killed_after("destroy") == -signal.SIGKILL
    with pytest.raises(keyring.KeyLost):
        keyring.keys(survey.key_id)
    assert SealedBallot.objects.count() == PEOPLE
    assert Closing.objects.values_list("closed_at", "record").get() == (None, None)
    finish(survey)


@pytest.mark.parametrize("step", ["copy_in", "_mix", "_verify"])
def test_before_anything_is_destroyed(survey: Survey, step: str) -> None:
    assert killed_after(step) == -signal.SIGKILL
    assert keyring.check(survey.key_id) == []
    assert SealedBallot.objects.count() == PEOPLE
    # Facts are there all at once or not at all.
    assert Response.objects.count() == (0 if step == "copy_in" else PEOPLE)
    finish(survey)


@pytest.mark.parametrize("step", ["_vacuum", "sign"])
def test_between_the_ballots_and_the_record(survey: Survey, step: str) -> None:
    finishing.finish_due(make.AFTER)
    closing.approve(survey, cast.designer(), make.AFTER)
    assert killed_after(step) == -signal.SIGKILL
    assert SealedBallot.objects.count() == 0
    assert Closing.objects.values_list("closed_at", "record").get() == (None, None)
    finish(survey)
