"""A skipped test fails in CI and is told of elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SKIPPED = "import pytest\n@pytest.mark.skip(reason='no browser')\ndef test_page(): pass\n"
MODULE = "import pytest\npytest.importorskip('no_such_module_anywhere')\n"
EXPECTED_FAILURE = "import pytest\n@pytest.mark.xfail\ndef test_page(): assert False\n"


def _run(folder: Path, source: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(source)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.strict_plugin", "-p", "no:django", "-p", "no:randomly"]
    # Our own run may itself be in CI and a worker of xdist.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CI", "PYTEST"))}
    return subprocess.run(
        [*command, str(folder / "test_it.py")],
        env={**kept, **environment, "PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("source", [SKIPPED, MODULE], ids=["test", "module"])
def test_ci_refuses_to_skip(tmp_path: Path, source: str) -> None:
    refused = _run(tmp_path, source, CI="true")
    assert refused.returncode != 0
    assert "which CI does not allow" in refused.stdout


@pytest.mark.slow
def test_elsewhere_a_skip_is_only_told(tmp_path: Path) -> None:
    allowed = _run(tmp_path, SKIPPED)
    assert allowed.returncode == 0
    assert "1 skipped" in allowed.stdout


@pytest.mark.slow
def test_a_failure_that_is_expected_is_no_skip(tmp_path: Path) -> None:
    assert _run(tmp_path, EXPECTED_FAILURE, CI="true").returncode == 0
