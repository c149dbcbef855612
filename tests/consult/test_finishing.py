"""One survey in trouble does not hold up the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from consult import finishing
from surveys import disclosing
from surveys.box import keyring
from surveys.models import Closing, SealedBallot, Survey
from tests import make

pytestmark = pytest.mark.django_db


def test_a_lost_key_holds_up_its_own_survey_only(settings: Settings) -> None:
    settings.CLOSING_APPROVALS = 0
    lost, whole = make.opened("a-lost", facts=[]), make.opened("b-whole", facts=[])
    for survey in (lost, whole):
        make.answered(make.voter(survey))
    keyring.destroy(lost.key_id)
    assert finishing.finish_due(make.AFTER) == 1
    assert list(Survey.objects.filter(closed_at__isnull=False)) == [whole]
    assert [release.survey for release in disclosing.Release.objects.all()] == [whole]
    # It waits for its key, and goes on when the key is found again.
    assert Closing.objects.get(survey=lost).mixed_at is None
    assert finishing.finish_due(make.AFTER) == 0


def test_a_replica_that_is_put_back_lets_the_closing_go_on(settings: Settings) -> None:
    settings.CLOSING_APPROVALS = 0
    survey = make.opened(facts=[])
    make.answered(make.voter(survey))
    places = [Path(folder) / f"{survey.key_id}.key" for folder in settings.KEYRING]
    keys = [place.read_bytes() for place in places]
    for place in places:
        place.unlink()
    assert finishing.finish_due(make.AFTER) == 0
    places[0].write_bytes(keys[0])
    # The answers are opened; the key is not destroyed while its other replica might come back.
    assert finishing.finish_due(make.AFTER) == 0
    assert Closing.objects.values_list("responses", "closed_at").get(survey=survey) == (1, None)
    places[1].write_bytes(keys[1])
    assert finishing.finish_due(make.AFTER) == 1


def test_a_broken_seal_holds_up_its_own_survey_only(settings: Settings) -> None:
    settings.CLOSING_APPROVALS = 0
    broken, whole = make.opened("a-broken", facts=[]), make.opened("b-whole", facts=[])
    for survey in (broken, whole):
        make.answered(make.voter(survey))
    ballot = SealedBallot.objects.get(survey=broken)
    changed = bytes(ballot.box)[:-1] + bytes([bytes(ballot.box)[-1] ^ 1])
    SealedBallot.objects.filter(survey=broken).update(box=changed)
    assert finishing.finish_due(make.AFTER) == 1
    assert list(Survey.objects.filter(closed_at__isnull=False)) == [whole]
    assert [release.survey for release in disclosing.Release.objects.all()] == [whole]
    assert keyring.check(broken.key_id) == []
