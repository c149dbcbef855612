"""Settings that refuse: each broken environment is turned away with the variable's name."""

from __future__ import annotations

import base64
import os
import runpy
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

SETTINGS = Path(__file__).parents[2] / "config" / "settings.py"
PRODUCTION = {
    "SECRET_KEY": "a-secret-of-production-" * 3,
    "MASTER_KEY": base64.b64encode(bytes(range(32))).decode(),
    "PUBLIC_URL": "https://survey.example.org",
}


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Reads the settings anew under an environment; gives them as a dictionary."""

    def read_settings(**environment: str) -> dict[str, Any]:
        for name in list(os.environ):
            if not name.startswith(("PYTEST", "PATH", "HOME", "COV_")):
                monkeypatch.delenv(name)
        for name, value in {"DATA_DIR": str(tmp_path), **environment}.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(SETTINGS))

    return read_settings


def test_production_starts_with_three_variables(read: Any, tmp_path: Path) -> None:
    settings = read(**PRODUCTION)
    assert settings["MASTER_KEY"] == bytes(range(32))
    assert settings["ALLOWED_HOSTS"] == ["survey.example.org"]
    assert settings["CSRF_TRUSTED_ORIGINS"] == ["https://survey.example.org"]
    assert settings["SESSION_COOKIE_SECURE"] is settings["CSRF_COOKIE_SECURE"] is True
    assert settings["SECURE_HSTS_SECONDS"] > 0
    assert settings["CLOSING_APPROVALS"] == 2
    assert settings["DISCLOSURE_K"] == 5
    assert settings["DEBUG"] is settings["DEMO"] is False
    assert settings["KEYRING"] == [tmp_path / "keyring-1", tmp_path / "keyring-2"]
    assert not list(tmp_path.iterdir()), "production keeps no secret of its own making"


def test_the_demo_starts_with_one_and_keeps_its_secrets(read: Any, tmp_path: Path) -> None:
    first, second = read(DEMO="1"), read(DEMO="1")
    for name in ("SECRET_KEY", "MASTER_KEY"):
        assert first[name] == second[name]
    for file in ("secret-key", "master-key"):
        assert stat.S_IMODE((tmp_path / file).stat().st_mode) == 0o600
    assert first["PUBLIC_URL"] == "http://localhost:8000"
    assert first["CLOSING_APPROVALS"] == 1
    assert first["WHITENOISE_USE_FINDERS"] is True


@pytest.mark.parametrize("missing", sorted(PRODUCTION))
def test_production_refuses_a_missing_variable(read: Any, missing: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=missing):
        read(**{name: value for name, value in PRODUCTION.items() if name != missing})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("MASTER_KEY", "not-32-bytes-but-long-enough-to-be-looked-at-closely"),
        ("PUBLIC_URL", "survey.example.org"),
        ("DISCLOSURE_K", "4"),
        ("CLOSING_APPROVALS", "0"),
        ("CLOSING_APPROVALS", "3"),
        ("CLEAN_DAYS", "-1"),
        ("DEMO", "perhaps"),
        ("PORT", "0"),
        ("LOG_LEVEL", "loud"),
        ("KEYRING", "keys"),
        ("REDIS_URL", "memory://"),
        ("DATABASE_URL", "sqlite:///db.sqlite3"),
        ("EMAIL_URL", "pigeon://loft"),
        ("METRICS_TOKEN", "short"),
        ("REPLY_TO_EMAIL", "nobody in particular"),
        ("REPLY_TO_EMAIL", "one@example.org, two@example.org"),
    ],
)
def test_nonsense_is_refused_by_name(read: Any, name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name) as refusal:
        read(**{**PRODUCTION, name: value})
    if "KEY" in name and name != "KEYRING":
        assert value not in str(refusal.value)


def test_the_threshold_may_be_raised(read: Any) -> None:
    assert read(**PRODUCTION, DISCLOSURE_K="8")["DISCLOSURE_K"] == 8


def test_addresses_given_win_over_the_embedded_ones(read: Any) -> None:
    settings = read(**PRODUCTION, DATABASE_URL="postgresql://u:p@db:5432/r", REDIS_URL="redis://cache:6379/2")
    assert settings["DATABASES"]["default"]["HOST"] == "db"
    assert settings["CELERY_BROKER_URL"] == "redis://cache:6379/2"
    assert settings["CACHES"]["default"]["LOCATION"] == "redis://cache:6379/3"


def test_without_addresses_the_embedded_ones_follow_from_the_data_directory(read: Any, tmp_path: Path) -> None:
    settings = read(**PRODUCTION)
    assert settings["DATABASES"]["default"]["HOST"] == str(tmp_path / "run")
    assert settings["CACHES"]["default"]["LOCATION"] == f"unix://{tmp_path}/run/redis.sock?db=1"


def _ids() -> set[str]:
    return {str(message.id) for message in run_checks(tags=["security"])}


def test_answers_to_letters_go_where_they_are_told(read: Any) -> None:
    assert read(**PRODUCTION)["REPLY_TO_EMAIL"] == ""
    told = "Forbundet på tur <post@example.org>"
    assert read(**PRODUCTION, REPLY_TO_EMAIL=told)["REPLY_TO_EMAIL"] == told


@pytest.mark.parametrize("address", ["filemail://", "consolemail://", "memorymail://", "dummymail://"])
def test_letters_that_would_not_go_out_by_smtp_are_an_error(read: Any, settings: Settings, address: str) -> None:
    settings.EMAIL_BACKEND = read(**PRODUCTION, EMAIL_URL=address)["EMAIL_BACKEND"]
    assert "raadslag.E005" in _ids()
    settings.DEMO = True
    assert "raadslag.E005" not in _ids()
    settings.DEMO = False
    for address in ("smtp://mx:25", "smtp+tls://u:p@mx:587", "smtp+ssl://mx:465"):
        settings.EMAIL_BACKEND = read(**PRODUCTION, EMAIL_URL=address)["EMAIL_BACKEND"]
        assert "raadslag.E005" not in _ids()


def test_checks_accept_the_settings_of_the_tests(settings: Settings) -> None:
    # The test runner has put a backend in memory in its place.
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert _ids() <= {"raadslag.W002"}


def test_the_same_replica_twice_is_an_error(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    settings.KEYRING = [tmp_path, tmp_path / "link"]
    assert "raadslag.E001" in _ids()
    settings.KEYRING = [tmp_path / "new", tmp_path / "x" / ".." / "new"]
    assert "raadslag.E001" in _ids()


def test_one_replica_and_an_open_one_are_warned_of(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o755)
    settings.KEYRING = [tmp_path / "keys"]
    assert {"raadslag.W001", "raadslag.W004"} <= _ids()


def test_a_replica_that_cannot_be_written_is_an_error(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings.KEYRING = [tmp_path / "file", tmp_path / "other"]
    assert "raadslag.E002" in _ids()


@pytest.mark.parametrize(
    ("demo", "url", "found"),
    [
        (True, "https://survey.example.org", {"raadslag.E003"}),
        (True, "http://localhost:8000", set()),
        (False, "http://survey.example.org", {"raadslag.W003"}),
        (False, "https://survey.example.org", set()),
    ],
)
def test_exposure(settings: Settings, demo: bool, url: str, found: set[str]) -> None:
    settings.DEMO, settings.PUBLIC_URL, settings.IS_HTTPS = demo, url, url.startswith("https")
    assert _ids() & {"raadslag.E003", "raadslag.W003"} == found


def test_a_threshold_lowered_in_code_is_an_error(settings: Settings) -> None:
    settings.DISCLOSURE_K = 3
    assert "raadslag.E004" in _ids()
