"""A worker that draws the files that wait and is killed, for good and at once, at one moment.

    python -m tests.faults.drawing_worker MOMENT TIME

MOMENT is "claimed" (the file is in its hand, nothing is drawn), "drawn" (it is drawn and not yet kept) or "kept".
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from typing import Any

import django


def main(moment: str, now: datetime) -> None:
    """Draw, and die."""
    django.setup()
    from surveys import drawing

    name = {"claimed": "_draw", "drawn": "_draw", "kept": "_try"}[moment]
    real = getattr(drawing, name)

    def killed(*args: Any) -> None:
        if moment != "claimed":
            real(*args)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(drawing, name, killed)
    drawing.draw_waiting(now)


if __name__ == "__main__":
    main(sys.argv[1], datetime.fromisoformat(sys.argv[2]))
