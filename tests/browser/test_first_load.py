"""The pages of respondents as they go over the wire: from the real server, with what a browser asks for, and the logs.

Bytes are what Chromium received, headers and all; the logs are those of the server, at the most talkative level.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from tests.installation import Installation, until

pytestmark = [pytest.mark.slow, pytest.mark.browser]

MOST_BYTES, MOST_REQUESTS = 25_000, 3
PEOPLE = 4
FIELD = """
import json
from benchmarks import field
survey = field.opened()
print(json.dumps([each.token for each in field.invite(survey, %d)]))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    settings = {
        "PUBLIC_URL": "http://localhost", "DEFAULT_FROM_EMAIL": "a@example.org", "EMAIL_URL": "smtp://127.0.0.1:1",
        "LOG_LEVEL": "DEBUG", "TRUSTED_PROXIES": "0", "UNION_NAME": "Forbundet", "CONTACT_EMAIL": "hjelp@example.org",
    }  # fmt: skip
    made = Installation(tmp_path_factory.mktemp("light"), settings)
    made.settings["PUBLIC_URL"] = f"http://localhost:{made.port}"
    try:
        made.build()
        made.start("web")
        until(30, lambda: made.is_healthy("web"))
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def tokens(installed: Installation) -> list[str]:
    root = str(Path(__file__).parents[2])
    script = f"import sys; sys.path.append({root!r}); import django; django.setup()\n{FIELD % PEOPLE}"
    found: list[str] = json.loads(installed.run("python", "-c", script).splitlines()[-1])
    return found


class Wire:
    """What a page costs: its requests and the bytes received, counted from the last `begin`."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        self.asked: list[str] = []
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        # What the page saves by itself afterwards is no part of loading it.
        session.on(
            "Network.requestWillBeSent",
            lambda event: None if event["type"] == "Fetch" else self.asked.append(event["request"]["url"]),
        )
        session.on("Network.loadingFinished", lambda event: self._add(event["encodedDataLength"]))

    def begin(self) -> None:
        self.bytes, self.asked = 0, []

    def _add(self, more: float) -> None:
        self.bytes += int(more)


class Inline(HTMLParser):
    """Everything in a page that a strict policy would not run or show."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.is_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        self.found += [
            f"{tag} {value}" for value in given.values() if (value or "").startswith(("javascript:", "data:"))
        ]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.found.append(tag)


def test_each_page_is_light_and_has_nothing_inline(
    installed: Installation, tokens: list[str], open_page: OpenPage
) -> None:
    page = open_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    wire = Wire(page)
    measured: dict[str, tuple[int, int]] = {}
    address = f"http://localhost:{installed.port}"

    def look(state: str) -> None:
        page.wait_for_load_state("networkidle")
        measured[state] = (wire.bytes, len(wire.asked))
        assert Inline(page.content()).found == [], state
        assert [url for url in wire.asked if not url.startswith(address)] == []
        wire.begin()

    def press(value: str) -> None:
        with page.expect_navigation(wait_until="load"):
            page.locator(f'main button[name="go"][value="{value}"]').first.click()

    wire.begin()
    page.goto(f"{address}/s/{tokens[0]}")
    look("welcome, first load")
    press("start")
    look("first page of questions")
    while page.locator('#answer input[name="step"]').input_value() == "page":
        for box in page.locator("#answer textarea:visible").all():
            box.fill("Vi ser det i det daglige.")
        for name in page.evaluate("[...new Set([...document.querySelectorAll('input[type=radio]')].map(i => i.name))]"):
            page.locator(f'input[name="{name}"]').first.check()
        for box in page.locator("#answer textarea:visible").all():
            box.fill("Vi ser det i det daglige.")
        press("next")
        look("a page of questions, or the review")
    press("submit")
    look("receipt")
    page.goto(f"{address}/s/{tokens[0][:-1]}")
    look("refused")
    page.goto(f"{address}/accessibility/")
    look("accessibility")
    assert refused in ([], ["Failed to load resource: the server responded with a status of 404 (Not Found)"])
    if folder := os.environ.get("FIGURES"):
        (Path(folder) / "light.json").write_text(json.dumps(measured, indent=1))
    first = measured["welcome, first load"]
    assert first[0] <= MOST_BYTES
    assert first[1] <= MOST_REQUESTS
    assert max(size for size, _requests in measured.values()) <= MOST_BYTES
    # Later pages bring a style sheet and a script of their own; what came with the first is taken from memory.
    assert max(requests for _size, requests in measured.values()) <= MOST_REQUESTS + 2


def test_inline_things_are_found() -> None:
    text = '<p style="x" onclick="y"><a href="javascript:z"><script>1</script><style></style><script src="/a.js">'
    assert Inline(text).found == ["p style", "p onclick", "a javascript:z", "script", "style"]


def _around(text: str, secret: str) -> str:
    """The line that has it, without it."""
    line = next(each for each in text.splitlines() if secret.lower() in each.lower())
    return re.sub(re.escape(secret), "…", line, flags=re.IGNORECASE)[-300:]


def test_no_log_names_a_link_or_a_code(installed: Installation, tokens: list[str], open_page: OpenPage) -> None:
    """The real log at its most talkative, with a fault of the database on the way, and what PostgreSQL writes."""
    page = open_page()
    address = f"http://localhost:{installed.port}"
    page.goto(f"{address}/s/{tokens[1]}")
    page.locator('main button[value="start"]').click()
    page.wait_for_load_state()
    carried = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('#answer input[type=hidden]')].map(i => [i.name, i.value]))"
    )
    page.goto(f"{address}/s/{tokens[1][:-1]}x")
    page.goto(f"{address}/s/{tokens[1]}&utm_source=mail")
    # A fault in the midst of it: a traceback with everything at hand.
    with psycopg.connect(installed.servers.database_url, autocommit=True) as database:
        database.execute("ALTER TABLE consult_invitation RENAME TO gone")
        try:
            broken = page.goto(f"{address}/s/{tokens[1]}")
        finally:
            database.execute("ALTER TABLE gone RENAME TO consult_invitation")
    assert broken is not None
    assert broken.status == 500
    page.goto(f"{address}/nothing/{tokens[1]}")
    log = installed.log("web").read_text("utf-8", "replace")
    assert "Internal Server Error" in log
    assert "consult_invitation" in log
    written = {"log": log} | {
        str(path): path.read_text("utf-8", "replace") for path in installed.folder.rglob("*.log") if path.is_file()
    }
    secrets = {"token": tokens[1], "its first part": tokens[1][:13], "code": carried["code"]}
    leaks = [
        f"{name} in {place}: {_around(text, secret)}"
        for name, secret in secrets.items() for place, text in written.items()
        if re.search(re.escape(secret), text, re.IGNORECASE)
    ]  # fmt: skip
    assert leaks == []
