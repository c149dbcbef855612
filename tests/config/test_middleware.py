"""The clock, the private pages and the policies, on the real stack of middleware."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from django.utils import timezone
from pytest_django import Settings

from config.middleware import ClockMiddleware


def clock(request: HttpRequest, token: str = "") -> HttpResponse:
    return HttpResponse(request.now.isoformat())


def breaks(request: HttpRequest, token: str) -> HttpResponse:
    raise ValueError("always")


urlpatterns = [
    path("clock", clock),
    path("s/<str:token>", clock),
    path("r/<str:token>", breaks),
    path("admin/page", clock),
    path("healthz", clock),
    path("language/", clock, name="set_language"),  # the error pages offer it
]
pytestmark = pytest.mark.urls(__name__)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_request_has_the_present_time(client: Client) -> None:
    before = timezone.now()
    told = datetime.fromisoformat(client.get("/clock").content.decode())
    assert before <= told <= timezone.now()


def test_tests_and_the_player_may_set_the_clock(client: Client) -> None:
    moved: Any = {"raadslag.now": NOON}
    assert client.get("/clock", **moved).content.decode() == NOON.isoformat()


@pytest.mark.parametrize("given", [NOON.replace(tzinfo=None), NOON.isoformat(), 0])
def test_other_things_are_no_clock(given: object, rf: RequestFactory) -> None:
    request = rf.get("/")
    request.META["raadslag.now"] = given
    told = datetime.fromisoformat(ClockMiddleware(clock)(request).content.decode())
    assert abs((told - timezone.now()).total_seconds()) < 5


@pytest.mark.parametrize("header", ["raadslag.now", "Raadslag.Now", "raadslag-now", "RAADSLAG_NOW"])
def test_the_clock_cannot_be_set_over_http(client: Client, header: str) -> None:
    told = datetime.fromisoformat(client.get("/clock", headers={header: NOON.isoformat()}).content.decode())
    assert abs((told - timezone.now()).total_seconds()) < 5


def _private(response: Any) -> tuple[str | None, ...]:
    return tuple(response.headers.get(name) for name in ("Cache-Control", "X-Robots-Tag", "Referrer-Policy"))


@pytest.mark.parametrize(
    ("address", "status"), [("/s/abc", 200), ("/r/abc", 500), ("/s/abc/unknown", 404), ("/s/", 404)]
)
def test_private_pages_say_so_errors_included(client: Client, address: str, status: int) -> None:
    client.raise_request_exception = False
    response = client.get(address)
    assert response.status_code == status
    assert _private(response) == ("no-store", "noindex", "same-origin")


def test_other_pages_may_be_kept(client: Client) -> None:
    assert _private(client.get("/clock")) == (None, None, "same-origin")


@pytest.mark.parametrize("address", ["/clock", "/s/abc", "/unknown"])
def test_the_policy_is_strict(client: Client, address: str) -> None:
    policy = client.get(address).headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "://" not in policy


def test_the_admin_alone_is_let_off(client: Client) -> None:
    policy = client.get("/admin/page").headers["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval'" in policy
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "default-src 'self'" in policy


def test_the_other_headers(client: Client) -> None:
    headers = client.get("/clock").headers
    assert headers["Permissions-Policy"].startswith("camera=()")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_probes_are_answered_under_any_host_and_nothing_else_is(client: Client) -> None:
    assert client.get("/healthz", headers={"host": "10.0.0.7:8000"}).status_code == 200
    assert client.get("/clock", headers={"host": "10.0.0.7:8000"}).status_code == 400


@pytest.fixture
def upload(settings: Settings, rf: RequestFactory) -> Callable[[int], int]:
    """Posts a file of a size; gives the size that arrived."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    settings.UPLOAD_MAX_SIZE = 200_000

    def post(size: int) -> int:
        request = rf.post("/clock", {"file": SimpleUploadedFile("register.csv", b"x" * size)})
        file: Any = request.FILES["file"]
        return int(file.size)

    return post


def test_a_file_within_the_limit_arrives_whole(upload: Callable[[int], int]) -> None:
    assert upload(199_000) == 199_000


def test_a_file_above_the_limit_is_cut_off(upload: Callable[[int], int]) -> None:
    from django.core.exceptions import RequestDataTooBig

    with pytest.raises(RequestDataTooBig):
        upload(201_000)
