"""The database hangs up in the middle of a visit: the page comes all the same, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import pytest
from django.db import OperationalError, connection
from django.test import Client
from psycopg_pool import PoolTimeout

from consult.web import answer
from surveys.models import SealedBallot
from tests import make
from tests.consult.web.test_answer import at_review, browser

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_dead_connections() -> Iterator[None]:
    """What was cut is thrown away, or the tests after these would be handed it."""
    yield
    connection.close()
    connection.close_pool()


def _cut() -> None:
    """End this process's connections to the database, from one of its own, without this process knowing."""
    import psycopg

    settings = connection.settings_dict
    target = {"host": settings["HOST"], "port": settings["PORT"] or None, "user": settings["USER"]}
    given = {name: value for name, value in target.items() if value}
    with psycopg.connect(dbname=settings["NAME"], autocommit=True, **given) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


def test_every_press_survives_a_restart_of_the_database() -> None:
    token = make.link(make.routed())
    connection.close()
    _cut()
    mine = browser(token)
    for go, fields in [
        ("start", {}), ("next", {"Q1_option": "yes", "Q1_text": "Fordi."}),
        ("next", {"Q3_option": "no"}), ("submit", {}),
    ]:  # fmt: skip
        connection.ensure_connection()
        _cut()
        mine.press("go", go, **fields)
        assert mine.status == 200
    assert mine.forms[0].fields["step"] == "receipt"
    assert SealedBallot.objects.get().final is True


def test_a_database_that_stays_away_is_a_fault_after_the_third_try() -> None:
    token = make.link(make.routed())
    gone = mock.Mock(side_effect=OperationalError)
    with mock.patch.object(answer, "admit", gone):
        response = Client(raise_request_exception=False).get(f"/s/{token}", **{"raadslag.now": make.DURING})
    assert (response.status_code, gone.call_count) == (500, 3)


def test_waiting_for_a_connection_is_not_done_twice() -> None:
    def waits(*_: object) -> None:
        raise OperationalError from PoolTimeout()

    gone = mock.Mock(side_effect=waits)
    with mock.patch.object(answer, "admit", gone):
        response = Client(raise_request_exception=False).get("/s/" + "a" * 39)
    assert (response.status_code, gone.call_count) == (500, 1)


def test_other_faults_are_not_tried_again() -> None:
    at_review(make.link(make.routed()))
    broken = mock.Mock(side_effect=ValueError)
    with mock.patch.object(answer, "admit", broken):
        response = Client(raise_request_exception=False).get("/s/" + "a" * 39)
    assert (response.status_code, broken.call_count) == (500, 1)
