"""The description of the API, and whether the API is as described."""

from __future__ import annotations

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from hypothesis import HealthCheck, given, settings

from consult import granting
from tests import cast, make
from tests.consult.nav import nav

pytestmark = pytest.mark.django_db

ERRORS = {"200", "400", "401", "403", "404"}


def test_the_schema_describes_every_address_with_its_errors(client: Client) -> None:
    response = client.get("/api/v1/schema/")
    schema = response.json()
    described = {path: set(operations["get"]["responses"]) for path, operations in schema["paths"].items()}
    assert described == {
        "/api/v1/surveys/": ERRORS,
        "/api/v1/surveys/{code}/": ERRORS,
        "/api/v1/surveys/{code}/results/": ERRORS,
    }
    assert schema["components"]["securitySchemes"] == {"apiKey": {"type": "http", "scheme": "bearer"}}


def test_the_schema_is_public_because_it_says_the_same_whatever_is_stored(client: Client) -> None:
    """See docs/security.md. With surveys, questions and people there it is, byte for byte, what it is without."""
    before = client.get("/api/v1/schema/").content
    case = nav()
    client.force_login(make.granted(cast.leader(), case.union))
    assert client.get("/api/v1/schema/").content == before
    assert Client().get("/api/v1/schema/").content == before
    assert b"nav-local" not in Client().get("/api/v1/docs/").content


def test_the_docs_load_nothing_inline_and_nothing_from_elsewhere(client: Client) -> None:
    body = client.get("/api/v1/docs/").content.decode()
    assert "<style" not in body
    assert "<script>" not in body
    assert "http://" not in body
    assert "https://" not in body
    assert client.get("/api/v1/docs/?script=").status_code == 200


def test_there_is_no_other_documentation(client: Client) -> None:
    assert client.get("/api/v1/redoc/").status_code == 404


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_api_is_as_described() -> None:
    case = nav()
    token = granting.create_token(make.granted(cast.leader(), case.union), make.AFTER)
    host = {"Host": "testserver"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", WSGIHandler(), headers=host)
    seen = []
    for operation in schema.get_all_operations():
        seen.append(operation.ok().label)

        @given(case=operation.ok().as_strategy())
        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
        def fuzz(case: schemathesis.Case) -> None:
            case.call_and_validate(headers={"Authorization": f"Bearer {token}", **host})

        fuzz()
    assert seen == ["GET /api/v1/surveys/", "GET /api/v1/surveys/{code}/", "GET /api/v1/surveys/{code}/results/"]
