"""Letters go out effectively once, whatever the mail server does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries, Settings

from consult import delivering, distributing
from consult.models import Letter, Mailing
from surveys.models import Survey
from tests import make, sink
from tests.sink import Sink

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: Settings) -> Iterator[Sink]:
    with Sink() as running:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


def letters(*fields: str) -> list:
    return list(Letter.objects.order_by("invitation__person__number").values_list(*fields, flat=len(fields) == 1))


def round_of(count: int, survey: Survey | None = None) -> Mailing:
    survey = survey or make.opened()
    make.invited(survey, [make.person(number) for number in range(1, count + 1)])
    return make.mailed(survey)


def test_each_gets_one_letter(server: Sink) -> None:
    mailing = round_of(3)
    assert delivering.deliver_batch(make.DURING) == 3
    assert delivering.deliver_batch(make.DURING) == 0
    assert sorted(server.recipients) == [f"person{n}@example.org" for n in (1, 2, 3)]
    assert letters("status", "attempts", "epoch", "smtp_reply") == [("sent", 1, 1, "250 2.0.0 Taken")] * 3
    assert server.connections == 1
    assert distributing.progress(mailing) == {
        "total": 3, "waiting": 0, "sent": 3, "failed": 0, "skipped": 0, "unknown": 0,
    }
