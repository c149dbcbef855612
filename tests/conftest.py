"""What every test gets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.utils import translation
from pytest_django import Settings

from tests import emptying
from tests.sink import Sink


@pytest.fixture(autouse=True, scope="session")
def _quick_emptying() -> Iterator[None]:
    """A third of a second less for each test that commits."""
    with pytest.MonkeyPatch.context() as patch:
        emptying.use(patch)
        yield


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    """Argon2 is slow on purpose; no test depends on that."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Rate limits and cached structures of one test must not reach the next."""
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _language_of_the_service(settings: Settings) -> None:
    """A request leaves its language behind in the thread; the next test must not find it."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def server(settings: Settings) -> Iterator[Sink]:
    """A mail server, which this service's letters go to."""
    with Sink() as running:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        yield running
