"""How fast the answer page opens and a whole submission goes through, against bare views.

    python -m benchmarks.answering

Measured in one process through the WSGI application with its whole middleware, on PostgreSQL and Redis, with the
reference survey B. Floor and real thing take turns within a round, so that a noisy neighbour hits both.
"""

from __future__ import annotations

import gc
import io
import json
import os
import re
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from surveys.models import Survey

ROUNDS = 5
OPENED = 400
SUBMITTED = 60
PEOPLE = ROUNDS * SUBMITTED + OPENED + 1
REFERENCE = Path("consult/reference/nav-partnership-local-2021.json")

Send = Callable[[str, dict[str, str] | None], bytes]


def run() -> list[dict[str, Any]]:
    """Measure; one row an operation: its rate, the floor's, their ratio and what it should be.

    Django must be set up on a migrated database that may be filled with made-up people.
    """
    from django.test import override_settings

    with override_settings(ROOT_URLCONF="benchmarks.floors"):
        survey, tokens = _field()
        send = _application()
        return [_open_page(send, tokens), _whole_submission(send, survey, tokens)]


def _open_page(send: Send, tokens: list[str]) -> dict[str, Any]:
    from benchmarks import floors

    floors.page = send(f"/s/{tokens[0]}", None)
    rounds = []
    for _round in range(ROUNDS):
        real = _rate(lambda: [send(f"/s/{token}", None) for token in tokens[:OPENED]], OPENED)
        bare = _rate(lambda: [send("/floor/page", None) for _time in range(OPENED)], OPENED)
        rounds.append((real, bare))
    return _row("open the answer page", rounds, 0.6, len(floors.page))


def _whole_submission(send: Send, survey: Survey, tokens: list[str]) -> dict[str, Any]:
    left = iter(tokens)
    presses = _presses(send, next(left))
    rounds = []
    for _round in range(ROUNDS):
        batch = [next(left) for _person in range(SUBMITTED)]
        requests = SUBMITTED * len(presses)
        real = _rate(lambda batch=batch: [_submit(send, presses, token) for token in batch], requests)
        fields = {"survey": str(survey.pk), "text": TEXT}
        bare = _rate(lambda fields=fields: [send("/floor/save", fields) for _time in range(requests)], requests)
        rounds.append((real, bare))
    return _row("whole submission, per request", rounds, 0.45, len(presses))


TEXT = "Vi ser det i det daglige: to systemer, to ledere, og brukeren i midten. " * 4
CARRIED = {name: re.compile(rf'name="{name}" value="([^"]*)"'.encode()) for name in ("code", "proof", "receipt")}


def _presses(send: Send, token: str) -> list[dict[str, str]]:
    """What one person sends from Start to Submit, found out by answering once through the pages themselves."""
    from consult.reference.browsing import Form, _FormReader

    def form(page: bytes) -> Form:
        reader = _FormReader()
        reader.feed(page.decode())
        return next(each for each in reader.forms if "step" in each.fields)

    presses: list[dict[str, str]] = []
    reply = form(send(f"/s/{token}", None))
    go = "start"
    while True:
        ticked = {name: options[0] for name, options in reply.choices.items()}
        texts = {name: TEXT for name in reply.fields if name.endswith("_text")}
        presses.append({**reply.fields, **ticked, **texts, "go": go})
        page = send("/s/", presses[-1])
        if go == "submit":
            return presses
        reply = form(page)
        go = "submit" if reply.fields["step"] == "review" else "next"


def _submit(send: Send, presses: list[dict[str, str]], token: str) -> None:
    """The same for someone else: the link, and after each press what the page carries along."""
    carried = {"token": token}
    for fields in presses:
        page = send(
            "/s/", {**fields, **{name: carried.get(name, "") for name in ("token", *CARRIED) if name in fields}}
        )
        for name, pattern in CARRIED.items():
            if found := pattern.search(page):
                carried[name] = found.group(1).decode()


def _row(operation: str, rounds: list[tuple[float, float]], aim: float, size: int) -> dict[str, Any]:
    ratios = [real / bare for real, bare in rounds]
    return {
        "operation": operation,
        "rate": round(statistics.median(real for real, _bare in rounds)),
        "floor": round(statistics.median(bare for _real, bare in rounds)),
        "ratio": round(statistics.median(ratios), 3),
        "spread": [round(min(ratios), 3), round(max(ratios), 3)],
        "aim": aim,
        "size": size,
    }


def _rate(work: Callable[[], object], count: int) -> float:
    gc.collect()
    begun = time.perf_counter()
    work()
    return count / (time.perf_counter() - begun)


def _application() -> Send:
    """Requests straight into the WSGI application, as a server would call it."""
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()

    def send(path: str, fields: dict[str, str] | None) -> bytes:
        body = urlencode(fields).encode() if fields is not None else b""
        status: list[str] = []
        environ = {
            "REQUEST_METHOD": "GET" if fields is None else "POST",
            "PATH_INFO": path,
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "HTTP_HOST": "testserver",
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
        }
        response = application(environ, lambda line, _headers, _exc=None: status.append(line))  # type: ignore[arg-type]
        content = b"".join(response)
        close = getattr(response, "close", None)
        if close:
            close()
        if not status[0].startswith("200"):
            raise RuntimeError(f"{path}: {status[0]}")
        return content

    return send


def _field() -> tuple[Survey, list[str]]:
    """Survey B in the field, and the tokens of as many people as are needed."""
    from django.utils import timezone

    from consult.models import Invitation, Person
    from surveys import fielding, keyring, publishing, sealing
    from surveys.formats import json as json_format

    now: datetime = timezone.now()
    document = json.loads(REFERENCE.read_text())
    document["code"] = f"bench-{secrets.token_hex(4)}"
    edition = publishing.publish(json_format.load(document).pk, now)
    survey = fielding.plan(
        document["code"], edition, opens_at=now - timedelta(hours=1), closes_at=now + timedelta(days=7)
    )
    fielding.open_survey(survey, now)
    people = Person.objects.bulk_create(
        Person(number=secrets.token_hex(8), given_name="Kari", family_name=f"Nordmann {number}")
        for number in range(PEOPLE)
    )
    keys = keyring.keys(survey.key_id)
    rows = Invitation.objects.bulk_create(
        Invitation(survey=survey, person=person, selector=secrets.randbits(63)) for person in people
    )
    return survey, [sealing.link_token(keys, survey.pk, row.pk, row.selector, row.generation) for row in rows]


def _on_servers_of_its_own() -> Iterator[None]:
    """Embedded servers in a folder that is thrown away; durable, since that is what is measured."""
    from config.embedded import Embedded

    with tempfile.TemporaryDirectory(prefix="rb-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY": "benchmark-" * 6, "MASTER_KEY": "ab" * 32,
            "DATA_DIR": folder, "PUBLIC_URL": "http://testserver", "LOG_LEVEL": "ERROR", "STATIC_COLLECTED": "0",
        }  # fmt: skip
        with Embedded(Path(folder), durable=True) as servers:
            os.environ |= {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}
            import django
            from django.core.management import call_command

            django.setup()
            call_command("migrate", verbosity=0)
            yield


if __name__ == "__main__":
    for _ready in _on_servers_of_its_own():
        for row in run():
            print(json.dumps(row))
