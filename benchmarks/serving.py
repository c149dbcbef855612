"""The answer page and the whole submission through the real web server, with 8 and 32 people at once.

Server, database and the process that plays the people share the machine's cores: the figures say what one small
machine does, and the floor pays the same for the clients as the real thing.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from benchmarks import field, floors
from benchmarks.figures import Aim, Figure, compared, number
from benchmarks.image import without_developers_packages
from benchmarks.inside import application
from benchmarks.visiting import TEXT, presses

ROUNDS, OPENED, SUBMITTED = 3, 1600, 160
CLIENTS = (8, 32)
CALM_SECONDS = 30
DOCKERFILE = Path(__file__).parent.parent / "Dockerfile"

Measured = dict[str, Any]


def run(*, quick: bool = False) -> list[Figure]:
    """Requests a second, and the time within which 95 of 100 are answered."""
    opened, submitted, rounds, clients = (16, 4, 1, CLIENTS[:1]) if quick else (OPENED, SUBMITTED, ROUNDS, CLIENTS)
    survey = field.opened()
    tokens = [each.token for each in field.invite(survey, opened + submitted * rounds * len(clients) + 1)]
    send = application()
    floors.remember(send(f"/s/{tokens[0]}", None))
    steps = presses(send, tokens.pop())
    to_open, to_submit = tokens[:opened], iter(tokens[opened:])
    body = urlencode({"survey": survey.pk, "text": TEXT})
    figures: list[Figure] = []
    with server() as port:
        # Each of the server's processes reads its templates and the edition once.
        _play({"port": port, "clients": 16, "kind": "opening", "tokens": to_open[:200]})
        for people in clients:
            common = {"port": port, "clients": people}
            figures += _figures(
                f"open the answer page, {people} clients", rounds,
                partial(_play, {**common, "kind": "opening", "tokens": to_open}),
                partial(_play, {**common, **_bare("GET", "/floor/page", "", opened)}),
                (Aim("value", "at least", 830), Aim("ratio", "at least", 0.6)),
            )  # fmt: skip
            figures += _figures(
                f"whole submission of {len(steps)} requests, {people} clients, per request", rounds,
                partial(_submit, common, steps, to_submit, submitted),
                partial(_play, {**common, **_bare("POST", "/floor/save", body, submitted * len(steps))}),
                (Aim("value", "at least", 350), Aim("ratio", "at least", 0.45)),
                longest=110 if people == max(CLIENTS) else None,
            )  # fmt: skip
    return figures


def _bare(method: str, path: str, body: str, times: int) -> dict[str, Any]:
    return {"kind": "repeating", "method": method, "path": path, "body": body, "times": times}


def _submit(common: dict[str, Any], steps: list[dict[str, str]], tokens: Iterator[str], count: int) -> Measured:
    """Each round by people who have not answered before."""
    return _play({**common, "kind": "visiting", "steps": steps, "tokens": list(islice(tokens, count))})


def _figures(
    name: str,
    rounds: int,
    real: Callable[[], Measured],
    bare: Callable[[], Measured],
    aims: tuple[Aim, ...],
    longest: float | None = None,
) -> list[Figure]:
    found = [(real(), bare()) for _round in range(rounds)]
    rates = [tuple(each["requests"] / each["seconds"] for each in pair) for pair in found]
    typical = statistics.median(each["median"] for each, _bare in found)
    figure = compared(name, "/s", [(pair[0], pair[1]) for pair in rates], *aims, note=f"median {number(typical)} ms")
    late = [(each["p95"], floor["p95"]) for each, floor in found]
    limit = (Aim("value", "at most", longest),) if longest else ()
    return [figure, compared(f"{name}: 95 % within", "ms", late, *limit)]


def _play(task: dict[str, Any]) -> Measured:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.clients"],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found: Measured = json.loads(done.stdout)
    if found["errors"]:
        raise RuntimeError(f"{task['kind']}: answered {found['errors']}")
    return found


def web_command(port: int) -> list[str]:
    """The image's own command, on a port of this machine only."""
    found = re.search(r"^CMD (\[.+?\])$", DOCKERFILE.read_text("utf-8").replace("\\\n", " "), re.MULTILINE)
    assert found
    words: list[str] = json.loads(found[1])
    words[words.index("--host") + 1], words[words.index("--port") + 1] = "127.0.0.1", str(port)
    return [str(Path(sys.executable).parent / words[0]), *words[1:]]


@contextmanager
def started(*commands: list[str]) -> Iterator[list[int]]:
    """Run commands with the image's packages until the block ends; their ids, each the leader of a group."""
    environment = {**os.environ, **without_developers_packages(Path(settings.DATA_DIR) / "image")}
    processes = [
        subprocess.Popen(
            command,
            env=environment,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for command in commands
    ]
    try:
        yield [process.pid for process in processes]
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(CALM_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@contextmanager
def server() -> Iterator[int]:
    """The web server, as the image starts it; its port, once it answers."""
    port = free_port()
    with started(web_command(port)):
        wait_for(port)
        yield port


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Return once both of the server's processes can be expected to answer."""
    end = time.monotonic() + CALM_SECONDS
    task = {
        "port": port,
        "clients": 16,
        "kind": "repeating",
        "method": "GET",
        "path": "/healthz",
        "body": "",
        "times": 64,
    }
    while time.monotonic() < end:
        try:
            _play(task)
        except RuntimeError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError("the web server does not answer")
