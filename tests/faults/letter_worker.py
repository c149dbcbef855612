"""A worker to be killed: for each time it reads, it forks a child that delivers the letters due then.

Starting Django takes longer than sending a hundred letters, so the children are forked from a process that is
ready and has no connection of its own yet. Prints each child's process id, and then how it ended.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime

import django


def main() -> None:
    """Serve until standard input ends."""
    django.setup()
    from django.core.mail.utils import DNS_NAME

    from consult import delivering

    DNS_NAME.get_fqdn()  # asks a name server, once a process
    delivering.SHIFT_SECONDS = float(os.environ.get("SHIFT_SECONDS", delivering.SHIFT_SECONDS))
    delivering.BATCH, delivering.GROUP, delivering.SELECTIVE_GROUP = 30, 10, 10
    _say("ready")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            while delivering.deliver_all(datetime.fromisoformat(line.strip())):
                pass
            os._exit(0)
        _say(child)
        _say(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
