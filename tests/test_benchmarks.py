"""The benchmarks run: every piece, small, on servers of its own. Nothing is said about how fast."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import LARGE_PIECES, PIECES
from benchmarks.figures import Aim, Figure, compared, table

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_every_piece_runs_without_an_error(tmp_path):
    file = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--json", str(file), "--only", *PIECES, *LARGE_PIECES],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=1200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(file.read_text("utf-8"))
    assert found["failed"] == []
    assert [line.split(":")[0] for line in done.stderr.splitlines() if line.startswith("· ")] == [
        f"· {piece}" for piece in PIECES + LARGE_PIECES
    ]
    figures = [Figure.read(plain) for plain in found["figures"]]
    assert len(figures) > len(PIECES + LARGE_PIECES)
    # Nothing lost is as it should be, and an advantage of none may come out on either side of it.
    counted = [
        figure for figure in figures if figure.name.startswith(("rush", "telling by time")) and figure.unit != "ms"
    ]
    assert [figure.value for figure in counted if "not stored" in figure.name] == [0] * 2
    assert all(figure.value > 0 for figure in figures if figure not in counted)
    # The table on standard output is these figures.
    assert done.stdout.rstrip().endswith(table(figures))


def test_an_unknown_piece_is_refused():
    command = [sys.executable, "-m", "benchmarks", "--only", "nonsense"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "nonsense" in done.stderr


def test_an_aim_is_met_or_not():
    rounds = [(90.0, 100.0), (60.0, 100.0), (80.0, 200.0)]
    figure = compared("x", "/s", rounds, Aim("value", "at least", 80), Aim("ratio", "at least", 0.6))
    assert (figure.value, figure.floor, figure.ratio) == (80, 100, 0.6)
    assert figure.met() is True
    assert compared("x", "/s", rounds, Aim("value", "at least", 81)).met() is False
    assert compared("x", "/s", rounds, Aim("ratio", "at most", 0.59)).met() is False
    assert compared("x", "/s", rounds).met() is None


def test_a_figure_survives_json():
    figure = compared("x", "/s", [(1.0, 2.0)], Aim("ratio", "at most", 3), note="y")
    assert Figure.read(json.loads(json.dumps(figure.plain()))) == figure
