"""Probes: they say what failed and nothing else, and figures nobody may know stay away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import path
from pytest_django import DjangoAssertNumQueries, Settings

from config import health

urlpatterns = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", health.metrics),
]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*_: Any, **__: Any) -> None:
        raise OperationalError("connection to server at 10.1.2.3 failed for user secret")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", refuse)
    yield
    monkeypatch.undo()


def test_alive_asks_nobody(client: Client, no_database: None) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_ready_when_all_answer(client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_a_lost_database_is_named_and_no_more(client: Client, no_database: None) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (503, {"status": "unavailable", "failed": ["database"]})


def test_a_lost_redis_is_named(client: Client, settings: Settings) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/redis.sock"}}
    assert client.get("/readyz").json() == {"status": "unavailable", "failed": ["redis"]}


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/metrics"])
def test_probes_are_read_only_and_never_kept(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405
    assert "no-store" in client.get(address).headers["Cache-Control"]


def test_figures_for_everyone_hold_no_count_of_letters(client: Client) -> None:
    text = client.get("/metrics").content.decode()
    assert 'raadslag_surveys{state="open"} 0.0' in text
    assert "raadslag_letters_overdue 0.0" in text
    assert "raadslag_letters{" not in text
    assert "# HELP raadslag_letters " not in text


@pytest.mark.parametrize(("shown", "given"), [("m" * 32, True), ("n" * 32, False), ("", False), ("ø", False)])
def test_all_figures_need_the_token(client: Client, settings: Settings, shown: str, given: bool) -> None:
    settings.METRICS_TOKEN = "m" * 32
    text = client.get("/metrics", headers={"authorization": f"Bearer {shown}"}).content.decode()
    assert ("# HELP raadslag_letters " in text) is given


def test_no_token_set_opens_nothing(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    text = client.get("/metrics", headers={"authorization": "Bearer "}).content.decode()
    assert "# HELP raadslag_letters " not in text


def test_figures_without_a_database_say_so(client: Client, no_database: None) -> None:
    text = client.get("/metrics").content.decode()
    assert "raadslag_database_up 0.0" in text
    assert "raadslag_surveys" not in text


def test_figures_cost_a_fixed_number_of_statements(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        client.get("/metrics")
