"""manage.py import_register: what it prints, its exit status, and what it leaves alone."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from consult import importing
from consult.models import Person, RegisterImport, Unit
from tests import make

pytestmark = pytest.mark.django_db


def run(*arguments: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    with translation.override("en"):
        call_command("import_register", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "register.csv"
    path.write_bytes(make.register_csv(make.appointed("1"), make.appointed("2", verv="konge")))
    return path


def test_it_imports_and_says_what_it_did(file: Path) -> None:
    assert run(file) == (
        "units: 5 new\npeople: 1 new\naddresses: 1 new\nappointments: 1 new\nThe register agrees with the file.\n",
        "line 8: “konge” is not a known appointment. The line is left out.\n",
    )
    assert Person.objects.get().number == "1"
    assert RegisterImport.objects.get().applied_at is not None


def test_a_second_time_nothing_is_new(file: Path) -> None:
    run(file)

    assert run(file)[0] == (
        "units: 5 unchanged\npeople: 1 unchanged\naddresses: 1 unchanged\nappointments: 1 unchanged\n"
        "The register agrees with the file.\n"
    )


def test_a_dry_run_changes_nothing(file: Path) -> None:
    out, _err = run(file, "--dry-run")

    assert out.endswith("appointments: 1 new\nNothing has been changed.\n")
    assert (Unit.objects.count(), Person.objects.count(), RegisterImport.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("options", [["--json"], ["--json", "--dry-run"]])
def test_json_is_the_whole_plan(file: Path, options: list[str]) -> None:
    plan = json.loads(run(file, *options)[0])

    assert plan["counts"]["people"] == {"new": 1, "changed": 0, "unchanged": 0, "left": 0}
    assert plan["problems"] == [{"line": 8, "reason": "role", "value": "konge", "other": 0}]
    assert Person.objects.count() == (0 if "--dry-run" in options else 1)


def test_a_refusal_is_an_error_with_the_reason(file: Path) -> None:
    file.write_bytes(b"Hei")
    with pytest.raises(CommandError, match=r"^No row of headings was found"):
        run(file)

    assert RegisterImport.objects.count() == 0


def test_a_refusal_in_json(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_bytes(make.register_csv(make.appointed("1", fnr="x")))
    out = io.StringIO()
    with translation.override("en"), pytest.raises(CommandError) as error:
        call_command("import_register", str(file), "--json", stdout=out)

    assert json.loads(out.getvalue()) == {"refused": str(error.value)}
    assert str(error.value).startswith("The column “fnr” holds national identity numbers")


@pytest.mark.parametrize(("name", "words"), [("missing.csv", "No such file or directory."), (".", "Is a directory.")])
def test_a_file_that_is_not_there(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(CommandError) as error:
        run(tmp_path / name)

    assert str(error.value) == f"{tmp_path / name}: {words}"


def test_a_plan_overtaken_by_another_import_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make.imported(make.appointed("1"))
    planning = importing.plan

    def overtaken(*arguments: Any) -> RegisterImport:
        record = planning(*arguments)
        Person.objects.update(given_name="Endret")
        return record

    monkeypatch.setattr(importing, "plan", overtaken)
    with pytest.raises(CommandError, match=r"^The register has changed since this plan was made"):
        run(file)
    assert Person.objects.get().given_name == "Endret"


def test_many_problems_are_cut(file: Path) -> None:
    file.write_bytes(make.register_csv(make.appointed("1"), *[make.appointed("", "A, B") for _ in range(25)]))

    err = run(file)[1].splitlines()
    assert len(err) == 21
    assert err[-1] == "… and 5 lines more."


@pytest.mark.django_db(transaction=True)
def test_the_exit_status_of_the_real_command(file: Path) -> None:
    from django.db import connection

    database = connection.settings_dict
    url = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}

    def status(path: Path) -> int:
        command = [sys.executable, "manage.py", "import_register", str(path)]
        return subprocess.run(command, env=environment, capture_output=True, check=False).returncode

    assert status(file) == 0
    assert Person.objects.count() == 1
    file.write_bytes(b"Hei")
    assert status(file) == 1
    assert status(file.with_name("missing.csv")) == 1
