"""How much memory web, worker and beat take while people answer and letters go out."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

from django.utils import timezone
from ruamel.yaml import YAML

from benchmarks import field, floors
from benchmarks.figures import Aim, Figure, proportional_megabytes
from benchmarks.inside import application
from benchmarks.letters import sink
from benchmarks.serving import _play, free_port, started, wait_for, web_command
from benchmarks.visiting import presses
from consult import distributing, tasks
from consult.models import Letter, LetterKind

COMPOSE = Path(__file__).parent.parent / "docker-compose.yml"
LETTERS, SUBMITTED, SECONDS = 3000, 200, 40


def run(*, quick: bool = False) -> list[Figure]:
    """Megabytes at the peak, shared pages counted once (PSS)."""
    letters, submitted = (20, 4) if quick else (LETTERS, SUBMITTED)
    survey = field.opened()
    tokens = [each.token for each in field.invite(survey, letters)]
    send = application()
    floors.remember(send(f"/s/{tokens[0]}", None))
    steps = presses(send, tokens[0])
    services = YAML(typ="safe").load(COMPOSE)["services"]
    port = free_port()
    with sink() as mail:
        os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{mail.port}"
        commands = [web_command(port), *(_here(services[name]["command"]) for name in ("worker", "beat"))]
        with started(*commands) as leaders:
            wait_for(port)
            peak = _Peak(leaders)
            distributing.schedule(survey, LetterKind.INVITATION, timezone.now())
            distributing.queue_due(timezone.now())
            tasks.deliver_letters.delay()
            _play({"port": port, "clients": 32, "kind": "visiting", "steps": steps, "tokens": tokens[1:submitted]})
            _wait_for_letters(letters)
            peak.stop()
    web, worker, beat = peak.parts
    note = (
        f"web {web:.0f} MB in 2 processes, worker {worker:.0f} MB in 3; beat has {beat:.0f} MB besides; "
        f"{submitted} submissions by 32 clients while {letters} letters go out"
    )
    return [
        Figure("memory of web and worker at peak", web + worker, "MB", aim=(Aim("value", "at most", 420),), note=note)
    ]


class _Peak:
    """Watches groups of processes in a thread of its own. `parts` is what each had when they had most together."""

    def __init__(self, leaders: list[int]) -> None:
        self.parts = [0.0] * len(leaders)
        self._leaders = leaders
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.3):
            parts = [proportional_megabytes(_group(leader)) for leader in self._leaders]
            self.parts = max(self.parts, parts, key=sum)


def _group(leader: int) -> list[int]:
    """The processes of a group that was started as a session of its own."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == leader:
                found.append(int(folder.name))
    return found


def _wait_for_letters(count: int) -> None:
    end = time.monotonic() + SECONDS
    while Letter.objects.filter(status="sent").count() < count:
        if time.monotonic() > end:
            raise TimeoutError("the letters do not go out")
        time.sleep(0.2)


def _here(command: list[str]) -> list[str]:
    return [str(Path(sys.executable).parent / command[0]), *command[1:]]
