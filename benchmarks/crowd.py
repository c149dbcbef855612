"""A crowd: `python -m benchmarks.crowd` reads a task as JSON and prints what each person has been told as JSON.

Everyone answers over a connection of their own, as many at once as the task says, and does what people and networks
do: presses Submit twice at the same moment, loses the connection after sending and tries again, changes an answer.
Whoever gets no page, or the page of a fault, waits a little and presses again.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from benchmarks.visiting import _PATTERNS, CARRIED

LONGEST_WAIT_SECONDS = 30
MOST_ATTEMPTS = 60
_STEP = re.compile(rb'name="step" value="(\w+)"')


class NoPage(Exception):
    """The connection was lost before the page had come whole."""


@dataclass
class Told:
    """What came of it for everyone together. `lost` counts pages that did not come, `cut` those we hung up on."""

    statuses: Counter[str] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    lost: int = 0
    cut: int = 0
    twice: int = 0
    changed: int = 0


class Connection:
    """One browser's connection, opened again when it is lost."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, body: bytes = b"", hang_up_after: float | None = None
    ) -> tuple[int, bytes]:
        """Status and page; or hang up that many seconds after sending.

        Raises:
            NoPage
        """
        try:
            if self._open is None:
                self._open = await asyncio.open_connection("127.0.0.1", self.port)
            reader, writer = self._open
            head = f"{method} {path} HTTP/1.1\r\nHost: testserver\r\nContent-Length: {len(body)}\r\n"
            writer.write(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode() + body)
            await writer.drain()
            if hang_up_after is not None:
                await asyncio.sleep(hang_up_after)
                raise NoPage
            async with asyncio.timeout(LONGEST_WAIT_SECONDS):
                received = await reader.readuntil(b"\r\n\r\n")
                length = int(received.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
                return int(received.split(b" ", 2)[1]), await reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
            self.close()
            raise NoPage from error
        except NoPage:
            self.close()
            raise

    def close(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None


class Person:
    """Someone with a link. `answered` is what was last acknowledged: {"texts": {code: text}, "receipt"}, or None."""

    def __init__(self, task: Mapping[str, Any], number: int, token: str, told: Told) -> None:
        self.steps: list[dict[str, str]] = task["steps"]
        self.port, self.pause, self.number, self.told = task["port"], float(task["pause"]), number, told
        self.random = random.Random(task["seed"] * 1_000_003 + number)
        self.connection = Connection(self.port)
        self.carried = {"token": token}
        self.answered: dict[str, Any] | None = None
        self.texts: dict[str, str] = {}
        self.text = ""

    async def answer(self) -> None:
        """From the link to the receipt, and for some once more."""
        self.text = f"Svar fra {self.number}, først."
        await self._until_shown("GET", f"/s/{self.carried['token']}", None)
        for fields in self.steps[:-1]:
            await self._press(fields)
        await self._submit()
        if self.random.random() < 0.3:
            self.told.changed += 1
            self.text = f"Svar fra {self.number}, endret."
            await self._press({"step": "receipt", "go": "review", "language": "nb"})
            await self._press({**self.steps[1], "revisits": "1", "go": "review"})
            await self._submit()
        self.connection.close()

    async def _submit(self) -> None:
        fields = self.steps[-1]
        if self.random.random() < 0.3:
            self.told.twice += 1
            other = Connection(self.port)
            body = self._body(fields)
            again = asyncio.create_task(other.ask("POST", "/s/", body))
            page = await self._press(fields)
            with suppress(NoPage):
                status, second = await again
                self.told.statuses[f"second press: {status}"] += 1
                if status == 200:
                    self._must_be_receipt(second)
            other.close()
        else:
            page = await self._press(fields)
        self.answered = {"texts": dict(self.texts), "receipt": self._must_be_receipt(page)}

    def _must_be_receipt(self, page: bytes) -> str:
        step = _STEP.search(page)
        found = _PATTERNS["receipt"].search(page)
        if step is None or step[1] != b"receipt" or found is None:
            raise RuntimeError(f"no receipt but {step and step[1]!r}: {page[:400]!r}")
        return found[1].decode()

    async def _press(self, fields: Mapping[str, str]) -> bytes:
        if self.pause:
            await asyncio.sleep(self.random.uniform(0, 2 * self.pause))
        body = self._body(fields)
        if self.random.random() < 0.1:
            self.told.cut += 1
            with suppress(NoPage):
                await self.connection.ask("POST", "/s/", body, hang_up_after=self.random.uniform(0, 0.03))
        return await self._until_shown("POST", "/s/", body)

    def _body(self, fields: Mapping[str, str]) -> bytes:
        texts = {name: self.text for name in fields if name.endswith("_text")}
        self.texts |= {name.removesuffix("_text"): text for name, text in texts.items()}
        own = {name: self.carried[name] for name in ("token", *CARRIED) if name in self.carried}
        return urlencode({**fields, **texts, **own}).encode()

    async def _until_shown(self, method: str, path: str, body: bytes | None) -> bytes:
        last = ""
        for attempt in range(MOST_ATTEMPTS):
            begun = time.perf_counter()
            try:
                status, page = await self.connection.ask(method, path, body or b"")
            except NoPage as lost:
                self.told.lost += 1
                last = repr(lost.__cause__)
            else:
                last = str(status)
                self.told.milliseconds.append((time.perf_counter() - begun) * 1000)
                self.told.statuses[str(status)] += 1
                if status == 200:
                    for name, pattern in _PATTERNS.items():
                        if found := pattern.search(page):
                            self.carried[name] = found[1].decode()
                    return page
            await asyncio.sleep(min(0.05 * 2**attempt, 1))
        raise RuntimeError(f"{method} {path[:4]}: no page after {MOST_ATTEMPTS} attempts, at last {last}")


async def carry_out(task: Mapping[str, Any]) -> dict[str, Any]:
    """Everyone in the task answers, `together` at once."""
    told = Told()
    people = [Person(task, number, token, told) for number, token in enumerate(task["tokens"])]
    room = asyncio.Semaphore(task["together"])

    async def within(person: Person) -> None:
        async with room:
            await person.answer()

    begun = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(within(person))
    times = sorted(told.milliseconds)
    return {
        "seconds": time.perf_counter() - begun, "requests": len(times), "statuses": dict(told.statuses),
        "median": times[len(times) // 2], "p95": times[int(len(times) * 0.95)], "slowest": times[-1],
        "lost": told.lost, "cut": told.cut, "twice": told.twice, "changed": told.changed,
        "answered": {person.carried["token"]: person.answered for person in people},
    }  # fmt: skip


if __name__ == "__main__":
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(json.dumps(asyncio.run(carry_out(json.load(sys.stdin)))))
