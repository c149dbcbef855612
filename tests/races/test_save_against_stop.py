"""The last second: what was acknowledged is among the facts, what was refused is told so and is not."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from pytest_django import Settings

from consult import selecting
from surveys import answering, closing
from surveys.box import keyring, locking, sealing
from surveys.models import Answer, Response, SealedBallot, State, Survey
from tests import cast, make
from tests.consult.web.test_answer import at_review
from tests.races.test_double_submit import PRESSES, all_at_once, post

pytestmark = pytest.mark.django_db(transaction=True)

# A process's pool has eight connections: these, the one that closes, and the test's own.
WRITERS = 6


@pytest.fixture(autouse=True)
def _one_approval(settings: Settings) -> None:
    settings.CLOSING_APPROVALS = 1


def close(survey: Survey) -> None:
    """As a worker does: stop, and mix at once."""
    closing.advance(survey, lambda: selecting.facts_by_locator(survey), make.DURING)


def stored_texts() -> Counter[str]:
    return Counter(Answer.objects.exclude(text="").values_list("text", flat=True))


@pytest.mark.parametrize("_round", range(4))
def test_people_who_go_on_submitting_while_it_is_stopped(_round: int) -> None:
    """Each of them submits again and again; the facts hold exactly the last submission that was acknowledged."""
    survey = make.opened(facts=[])
    voters = [[make.voter(survey) for _person in range(3)] for _writer in range(WRITERS)]
    places = make.places(survey, [voter for group in voters for voter in group])
    seed = random.randrange(10**9)
    warm = threading.Barrier(WRITERS + 1)

    def write(number: int) -> dict[str, str]:
        chance, kept = random.Random(seed + number), {}
        try:
            for attempt in range(10_000):
                voter = chance.choice(voters[number])
                text = f"{voter.invitation} {attempt}"
                make.answered(voter, {"Q2": {"option": "good"}, "Q3": {"text": text}})
                kept[str(voter.invitation)] = text
                if attempt == 0:
                    warm.wait(30)
        except answering.Closed:
            return kept
        finally:
            connection.close()
        raise AssertionError("never stopped")

    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(write, number) for number in range(WRITERS)]
        warm.wait(30)
        time.sleep(random.Random(seed).uniform(0.05, 0.4))
        closing.advance(survey, lambda: places, make.DURING)
        acknowledged = [text for each in writing for text in each.result().values()]
    assert len(acknowledged) >= WRITERS
    assert stored_texts() == Counter(acknowledged), seed
    closing.approve(survey, cast.designer(), make.DURING)
    assert closing.advance(survey, lambda: places, make.DURING) is True
    assert stored_texts() == Counter(acknowledged), seed


def test_a_save_in_flight_is_waited_for_and_is_among_the_facts() -> None:
    survey = make.opened(facts=[])
    voter = make.voter(survey)
    keys = keyring.keys(survey.key_id)
    place = sealing.locator(keys, voter.invitation)
    final = {"Q2": {"option": "good"}, "Q3": {"text": "i siste sekund"}}
    box = sealing.Box(draft=final, final=final, receipt_hash="0" * 64)
    sealed = sealing.seal(keys, survey.pk, place, 1, True, box)
    done = threading.Event()

    def work() -> None:
        try:
            closing.advance(Survey.objects.get(pk=survey.pk), lambda: {place: {}}, make.DURING)
        finally:
            done.set()
            connection.close()

    with transaction.atomic():
        assert answering._write(survey.pk, place, 0, True, sealed, make.DURING) == "kept"
        worker = threading.Thread(target=work)
        worker.start()
        # It has stopped the intake, and waits for this save, which is acknowledged once it is committed.
        assert not done.wait(1.5)
    worker.join(20)
    assert done.is_set()
    assert stored_texts() == Counter(["i siste sekund"])


def test_a_save_that_had_to_wait_is_told_that_it_is_closed() -> None:
    survey = make.opened()
    voter = make.voter(survey)
    outcome: list[str] = []

    def work() -> None:
        try:
            make.answered(voter)
            outcome.append("kept")
        except answering.Closed:
            outcome.append("closed")
        finally:
            connection.close()

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [locking.INTAKE, survey.pk])
        saving = threading.Thread(target=work)
        saving.start()
        time.sleep(0.5)
        assert outcome == []
        closing.stop(survey, make.DURING)
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [locking.INTAKE, survey.pk])
    saving.join(20)
    assert outcome == ["closed"]
    assert SealedBallot.objects.count() == 0


@pytest.mark.parametrize("delay", [0.0, 0.03, 0.1])
def test_by_the_door_a_receipt_means_stored_and_gone_means_not(delay: float) -> None:
    """Nineteen press “submit” while the twentieth closes the survey."""
    survey = make.routed(facts=[])
    forms = [{**at_review(make.link(survey, number)).forms[0].fields, "go": "submit"} for number in range(1, PRESSES)]

    def press(number: int) -> HttpResponse:
        if number < len(forms):
            return post(forms[number])
        time.sleep(delay)
        close(Survey.objects.get(pk=survey.pk))
        return HttpResponse(status=204)

    answers = all_at_once(press)[:-1]
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {200, 410}
    receipts = {
        sealing.code_hash(survey.pk, fields["receipt"])
        for fields, answer in zip(forms, answers, strict=True)
        if answer.status_code == 200
    }
    assert {bytes(each).hex() for each in Response.objects.values_list("receipt_hash", flat=True)} == receipts
    survey.refresh_from_db()
    assert survey.state(make.DURING) == State.CLOSING
