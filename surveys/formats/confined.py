"""Runs as a process of its own: a file on standard input, the draft in it as JSON on standard output.

Whatever a file does to its reader's memory or time, it does to this process, which has little of both. It has no
environment, no secrets and no database either, so that a fault in a reader gives nothing away.

Input: a line of JSON (`surveys.formats.confining` writes it), then the file. Output: {"format", "packed"} or
{"format", "error"}, with exit status 0; any other status: it could not be read.
"""

import json
import resource
import signal
import sys
from pathlib import Path
from typing import Any

MEMORY = 1024 * 1024 * 1024
SECONDS = 30
MOST_WRITTEN = 64 * 1024 * 1024
# A reader that sleeps uses no time of the processor; a little longer than the parent waits.
ALARM = 90


def limit() -> None:
    """From here on: this much memory and time, this much written, no dump of memory."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, MOST_WRITTEN),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (most, most))
    signal.alarm(ALARM)


def main() -> None:
    """Read, within the limits."""
    limit()
    given = json.loads(sys.stdin.buffer.readline())
    sys.path.insert(0, str(Path(__file__).parents[2]))
    _set_up(given["settings"])
    from django.utils.translation import override

    with override(given["language"]):
        answer = _read(sys.stdin.buffer.read(), given["file_name"], given["code"])
    sys.stdout.buffer.write(json.dumps(answer).encode())


def _set_up(settings: dict[str, Any]) -> None:
    import django
    from django.conf import settings as configured

    # Users are foreign keys of things that are not read here: any will do.
    apps = ["modeltranslation", "django.contrib.auth", "django.contrib.contenttypes", "surveys"]
    configured.configure(INSTALLED_APPS=apps, USE_TZ=True, **settings)
    django.setup()


def _read(content: bytes, file_name: str, code: str) -> dict[str, Any]:
    from surveys.formats import loading
    from surveys.formats.catalogue import recognise
    from surveys.formats.document import BadDocument

    name = ""
    try:
        form = recognise(content)
        name = form.name
        return {"format": name, "packed": loading.pack(loading.load(form, content, file_name, code))}
    except BadDocument as bad:
        return {"format": name, "error": str(bad)}


if __name__ == "__main__":
    main()
