"""What is counted rather than timed: SQL statements a page, and what a first visit loads."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks import field
from benchmarks.figures import Aim, Figure
from benchmarks.inside import application
from benchmarks.visiting import Send, presses

LOADED = re.compile(r'<(?:link|script|img)\b[^>]*?\b(?:href|src)="([^"]+)"[^>]*>')
PAGE_STATEMENTS, SAVE_STATEMENTS, LOADS, LOADED_KILOBYTES = 3, 5, 3, 25


def run(*, quick: bool = False) -> list[Figure]:
    """Counts; the same however small the sizes."""
    survey = field.opened()
    tokens = [each.token for each in field.invite(survey, 3)]
    send = application()
    steps = presses(send, tokens[0])  # fills the caches, too
    page = _statements(lambda: send(f"/s/{tokens[1]}", None))
    saves = _saving(send, tokens[1])
    loads, kilobytes, said = _first_load(f"/s/{tokens[2]}")
    return [
        Figure("SQL statements of the answer page", page, "", aim=(Aim("value", "at most", PAGE_STATEMENTS),)),
        Figure(
            "SQL statements of a save or submission, at most", max(saves), "",
            aim=(Aim("value", "at most", SAVE_STATEMENTS),),
            note=f"{', '.join(map(str, saves))} in the {len(steps)} requests from Start to Submit",
        ),
        Figure("requests of a first load", loads, "", aim=(Aim("value", "at most", LOADS),), note=said),
        Figure(
            "bytes of a first load, compressed", kilobytes, "kB", aim=(Aim("value", "at most", LOADED_KILOBYTES),),
            note="bodies and headers; works without script",
        ),
    ]  # fmt: skip


def _statements(work: object) -> int:
    with CaptureQueriesContext(connection) as captured:
        work()  # type: ignore[operator]
    return len(captured)


def _saving(send: Send, token: str) -> list[int]:
    """Statements of each request from Start to Submit."""
    counts: list[int] = []

    def counted(path: str, fields: dict[str, str] | None) -> bytes:
        pages: list[bytes] = []
        found = _statements(lambda: pages.append(send(path, fields)))
        if fields is not None:
            counts.append(found)
        return pages[0]

    presses(counted, token)
    return counts


def _first_load(path: str) -> tuple[int, float, str]:
    """(requests, kilobytes, what) of a browser that has nothing yet."""
    client = Client(SERVER_NAME="testserver", HTTP_ACCEPT_ENCODING="gzip, br")
    page = client.get(path)
    html = page.content.decode() if not page.has_header("Content-Encoding") else _unpacked(page.content)
    addresses = [urljoin(path, each) for each in LOADED.findall(html) if not each.startswith("data:")]
    responses = {path: page, **{each: client.get(each) for each in dict.fromkeys(addresses)}}
    sizes = {}
    for each, response in responses.items():
        if response.status_code != 200:
            raise RuntimeError(f"{each}: {response.status_code}")
        body = b"".join(response) if response.streaming else response.content
        sizes[each] = len(body) + len(str(response.headers))
    said = ", ".join(
        f"{'page' if each == path else each.rpartition('/')[2]} {size / 1000:.1f} kB" for each, size in sizes.items()
    )
    return len(responses), sum(sizes.values()) / 1000, said


def _unpacked(content: bytes) -> str:
    import gzip

    return gzip.decompress(content).decode()
