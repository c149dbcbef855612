"""Run one piece and write its figures: `python -m benchmarks.piece NAME FILE [--quick]`. Started by __main__."""

from __future__ import annotations

import faulthandler
import json
import signal
import sys
from importlib import import_module
from pathlib import Path

import django

if __name__ == "__main__":
    # Tells where a piece that hangs does so: kill -USR1.
    faulthandler.register(signal.SIGUSR1)
    name, target = sys.argv[1:3]
    django.setup()
    # The modules use models, so they are imported after the setup.
    found = import_module(f"benchmarks.{name}").run(quick="--quick" in sys.argv[3:])
    Path(target).write_text(json.dumps([figure.plain() for figure in found]), "utf-8")
