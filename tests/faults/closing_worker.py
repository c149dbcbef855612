"""A worker that closes what is due and is killed, for good and at once, right after one step.

    python -m tests.faults.closing_worker STEP TIME

STEP names a function that `surveys.closing` calls.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from typing import Any

import django


def main(step: str, now: datetime) -> None:
    """Close, and die."""
    django.setup()
    from consult import finishing
    from surveys import closing

    owner, name = (closing.keyring, "destroy") if step == "destroy" else (closing, step)
    real = getattr(owner, name)

    def killed(*args: Any, **more: Any) -> None:
        real(*args, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, killed)
    finishing.finish_due(now)


if __name__ == "__main__":
    main(sys.argv[1], datetime.fromisoformat(sys.argv[2]))
