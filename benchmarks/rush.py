"""A rush: a thousand people answer at once through the real server, impatiently and over a bad network.

What each was told last must lie in the box, once, with the receipt that was shown: that is the figure. Meanwhile the
server's processes are killed, one at a time, and its connections to the database cut. How fast it goes stands beside.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from django.db import connection

from benchmarks import field
from benchmarks.field import Invited
from benchmarks.figures import Aim, Figure
from benchmarks.inside import application
from benchmarks.serving import free_port, started, wait_for, web_command
from benchmarks.visiting import presses
from surveys.box import keyring, sealing
from surveys.models import SealedBallot, Survey

PEOPLE, TOGETHER, PAUSE_SECONDS, KILLS, CUTS = 1000, 1000, 6.0, 3, 2
LONGEST_SECONDS = 900
LEAST_BETWEEN_SECONDS = 4.0


def run(*, quick: bool = False) -> list[Figure]:
    """Answers that are not as their people were told (0 is right), errors shown, and times."""
    figures = []
    for name, kills, cuts in (("calm", 0, 0), ("with faults", 1 if quick else KILLS, 1 if quick else CUTS)):
        figures += _rush(name, *((24, 0.2) if quick else (PEOPLE, PAUSE_SECONDS)), kills, cuts)
    return figures


def _rush(name: str, people: int, pause: float, kills: int, cuts: int) -> list[Figure]:
    survey = field.opened()
    invited = field.invite(survey, people + 1)
    steps = presses(application(), invited[0].token)
    SealedBallot.objects.all().delete()
    ours = _connections()
    port = free_port()
    with started(web_command(port)) as (leader,):
        wait_for(port)
        task = {
            "port": port, "steps": steps, "tokens": [each.token for each in invited[1:]], "together": TOGETHER,
            "pause": pause, "seed": 1,
        }  # fmt: skip
        trouble = Trouble(leader, ours, kills, cuts, pause * len(steps))
        trouble.start()
        found = _crowd(task)
        trouble.done.set()
        trouble.join()
    wrong = mistaken(survey, invited[1:], found["answered"])
    return _figures(name, found, wrong, people, trouble)


def _figures(name: str, found: dict[str, Any], wrong: list[str], people: int, trouble: Trouble) -> list[Figure]:
    faults = {status: count for status, count in found["statuses"].items() if status.rsplit(" ")[-1] != "200"}
    shown = sum(count for status, count in faults.items() if status[0] == "5")
    note = (
        f"{people} people at once: {people} expected, {people - len(wrong)} stored as last acknowledged; "
        f"{found['requests']} requests, {found['twice']} pressed twice, {found['cut']} connections cut by the person, "
        f"{found['lost']} lost by the server and pressed again, {found['changed']} answers changed; "
        f"{trouble.killed} server processes killed, database connections cut {trouble.cut} times; pages: "
        f"{', '.join(f'{count} × {status}' for status, count in sorted(found['statuses'].items()))}"
    )
    if wrong:
        note += f"; for example {wrong[:3]}"
    return [
        Figure(
            f"rush, {name}: answers not stored as last acknowledged",
            len(wrong),
            "answers",
            aim=(Aim("value", "at most", 0),),
            note=note,
        ),
        Figure(f"rush, {name}: pages of a fault shown", shown, "pages", note=str(faults) if faults else ""),
        Figure(f"rush, {name}: a page, half within", found["median"], "ms", note=f"slowest {found['slowest']:.0f} ms"),
        Figure(f"rush, {name}: a page, 95 % within", found["p95"], "ms"),
    ]


def mistaken(survey: Survey, invited: list[Invited], told: dict[str, dict[str, Any] | None]) -> list[str]:
    """What differs between what people were told last and what lies in the box: too few, too many, another."""
    keys = keyring.keys(survey.key_id)
    rows = {bytes(row.locator): row for row in SealedBallot.objects.filter(survey=survey)}
    wrong = []
    for each in invited:
        place, last = sealing.locator(keys, each.id), told[each.token]
        row = rows.pop(place, None)
        if row is None or last is None or not row.final:
            wrong.append("missing")
            continue
        box = sealing.unseal(keys, survey.pk, place, row.version, row.final, bytes(row.box))
        texts = {code: answer["text"] for code, answer in (box.final or {}).items() if "text" in answer}
        if texts != last["texts"]:
            wrong.append(f"another answer: {texts} instead of {last['texts']}")
        elif box.receipt_hash != sealing.code_hash(survey.pk, last["receipt"]):
            wrong.append("another receipt")
    return wrong + ["nobody's"] * len(rows)


class Trouble(threading.Thread):
    """Kills one of the server's processes now and then, and cuts the connections of the database."""

    def __init__(self, leader: int, ours: list[int], kills: int, cuts: int, within: float) -> None:
        super().__init__(daemon=True)
        self.ours = ours
        self.leader, self.kills, self.cuts, self.within = leader, kills, cuts, within
        self.killed = self.cut = 0
        self.done = threading.Event()

    def run(self) -> None:
        """Until there has been enough of it, or everybody is done."""
        deeds = [self._cut] * self.cuts + [self._kill] * self.kills
        for deed in deeds:
            if self.done.wait(max(LEAST_BETWEEN_SECONDS, self.within / (len(deeds) + 1))):
                break
            deed()
        connection.close()

    def _kill(self) -> None:
        children = Path(f"/proc/{self.leader}/task/{self.leader}/children").read_text().split()
        if children:
            # The one that has lived longest. A server that fails twice within 5.5 seconds gives up, and whatever
            # watches over it (compose: `restart`) must start it again: that is another matter.
            os.kill(int(children[0]), signal.SIGKILL)
            self.killed += 1
            time.sleep(0.1)

    def _cut(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL(%s) "
                "AND backend_type = 'client backend'",
                [self.ours],
            )
        self.cut += 1


def _connections() -> list[int]:
    """The connections of this process: those of the server come later."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return [pid for (pid,) in cursor.fetchall()]


def _crowd(task: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.crowd"],
        input=json.dumps(task), capture_output=True, text=True, check=False, timeout=LONGEST_SECONDS,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    found: dict[str, Any] = json.loads(done.stdout)
    return found
