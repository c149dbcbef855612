"""Someone who answers reference survey B on a phone and is interrupted: the service in a process of its own, which can
be killed, a bad line before it, and the person, who remembers every word they typed.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Self
from unicodedata import normalize
from urllib.parse import urlsplit, urlunsplit

from django.db import connection
from django.utils import timezone
from playwright.sync_api import BrowserContext, Error, Page

from consult.reference import playing
from surveys import fielding, publishing
from surveys.box import keyring, sealing
from surveys.models import Edition, SealedBallot, Survey
from tests import make
from tests.line import Line

ROOT = Path(__file__).resolve().parents[2]
CODE = "nav-partnership-local-2021"
SOON = 15_000


def survey_b(closes_in: timedelta = timedelta(hours=2)) -> Survey:
    """Reference survey B, open now."""
    now = timezone.now()
    playing.author(CODE)
    draft = Edition.objects.get(questionnaire__code=CODE)
    edition = publishing.publish(draft.questionnaire_id, now)
    survey = fielding.plan(CODE, edition, opens_at=now - timedelta(hours=1), closes_at=now + closes_in)
    fielding.open_survey(survey, now)
    return survey


class Service:
    """The web server in a process of its own, against this test's database, behind a bad line."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.line = Line(self.port)
        self.url = f"http://localhost:{self.line.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.line.__exit__()

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "granian", "config.wsgi:application", "--interface", "wsgi",
                "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1", "--blocking-threads", "4",
                "--no-access-log", "--log-level", "error",
            ],
            cwd=ROOT, start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={
                **os.environ, "DATABASE_URL": urlunsplit(database), "PUBLIC_URL": "http://localhost",
                "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "ERROR",
            },
        )  # fmt: skip
        for _time in range(300):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.1)
        self.kill()
        raise AssertionError("the service does not start")

    def kill(self) -> None:
        """As when memory runs out or the power goes: all its processes at once."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(20)
            self.process = None


def cut_database() -> None:
    """End every other connection to the database, as its restart does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    # Those of this process as well, which the next test would be given.
    connection.close()
    connection.close_pool()


@dataclass
class Person:
    """Someone with a link and a browser. `typed` is what they have answered, {question code: answer}."""

    service: Service
    context: BrowserContext
    link: str
    page: Page
    code: str = ""
    typed: dict[str, dict[str, Any]] = field(default_factory=dict)

    def open(self, *, anew: bool = False) -> None:
        """Open the link in the letter and go on, or begin."""
        if anew:
            self.page = self.context.new_page()
        self.page.goto(f"{self.service.url}/s/{self.link}")
        go = "continue" if self.page.locator('button[value="continue"]').count() else "start"
        self.press(go)
        self.code = self.code or self.page.locator('[name="code"]').first.input_value()

    def open_by_code(self) -> None:
        """Open the link where no cookie is kept, and type the code that was written down."""
        self.page.goto(f"{self.service.url}/s/{self.link}")
        self.page.locator("#typed").fill(self.code)
        self.press("code")

    def press(self, go: str) -> None:
        """Click the visible button that goes there, and wait until the next page is whole."""
        with self.page.expect_navigation(wait_until="load", timeout=SOON):
            self.page.locator(f'main button[name="go"][value="{go}"]').first.click()

    def seek(self, code: str) -> None:
        """Go by the buttons to the page on which a question stands."""
        for _page in range(12):
            if self.page.locator(f'[name^="{code}_"]').count():
                return
            self.press(self._towards(PLACES[code]))
        raise AssertionError(f"{code} is not found")

    def _towards(self, place: int) -> str:
        if self.page.locator('main button[value="submit"]').count():
            return f"page-{place}"
        if self.page.locator('main button[value="review"]').count():
            return "review"
        return "next" if int(self.page.locator('[name="page"]').input_value()) < place else "back"

    def choose(self, code: str, option: str) -> None:
        """Tick an answer."""
        self.page.locator(f'[name="{code}_option"][value="{option}"]').check()
        self.typed.setdefault(code, {})["option"] = option

    def type(self, code: str, text: str) -> None:
        """Type at the end of a text, letter by letter; blanks at the ends are not kept, so none is left there."""
        written = self.typed.setdefault(code, {})
        text = f" {text}" if written.get("text") else text
        box = self.page.locator(f"#{code}_text")
        box.focus()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(text)
        written["text"] = written.get("text", "") + text

    def is_saved(self) -> bool:
        """Whether the page says that everything is."""
        return bool(self.page.locator('#saving[data-kind="saved"]').count())

    def wait_until_saved(self, seconds: float = 20) -> None:
        """Wait until the ballot box holds every word."""
        end = time.monotonic() + seconds
        while (found := drafted()) != self.expected:
            assert time.monotonic() < end, f"LOST: typed {self.expected}, found {found}; {self.state()}"
            self.page.wait_for_timeout(100)

    @property
    def expected(self) -> dict[str, dict[str, Any]]:
        """What was typed, as the box holds it: normalised, without blanks at the ends."""
        trimmed = {
            code: {part: normalize("NFC", text).strip() for part, text in answer.items()}
            for code, answer in self.typed.items()
        }
        return {code: {part: text for part, text in answer.items() if text} for code, answer in trimmed.items()}

    def state(self) -> str:
        """What the page says, for when something is wrong."""
        with suppress(Error):
            return str(self.page.locator("#saving").evaluate("each => each.outerHTML.slice(0, 300) + each.textContent"))
        return self.page.url


# On which page each question of reference survey B stands.
PLACES = {"B1": 1, "B2": 1, "B3": 2, "B4": 3, "B5": 3, "B6": 4, "B7": 5}


def drafted() -> dict[str, Any]:
    """What lies in the one ballot as a draft; empty before there is one."""
    row = SealedBallot.objects.first()
    return dict(_box(row).draft) if row else {}


def submitted() -> dict[str, Any] | None:
    """What lies in the one ballot as submitted."""
    return _box(SealedBallot.objects.get()).final


def _box(row: SealedBallot) -> sealing.Box:
    keys = keyring.keys(Survey.objects.get(pk=row.survey_id).key_id)
    return sealing.unseal(keys, row.survey_id, bytes(row.locator), row.version, row.final, bytes(row.box))


def someone(service: Service, context: BrowserContext, survey: Survey) -> Person:
    """A person who has just been invited, with a new page."""
    return Person(service, context, make.link(survey), context.new_page())
