"""The demo's mailbox: real SMTP in, a page out, and nothing of it outside the demo."""

from __future__ import annotations

import os
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from config.middleware import CLOCK_KEY
from consult import browsing, composing, delivering
from consult.receiving import Mailbox
from tests import make
from tests.consult.test_composing import draft

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent.parent.parent
EMPTY = "No letter has been sent yet."


@pytest.fixture
def mailbox(settings: Settings, tmp_path: Path) -> Mailbox:
    browsing._read_head.cache_clear()
    settings.DEMO = True
    settings.DATA_DIR = tmp_path
    return Mailbox(tmp_path / "mailbox")


@pytest.fixture
def port(mailbox: Mailbox) -> Iterator[int]:
    """The receiver as the demo runs it: a process of its own, without Django's settings."""
    environment = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-m", "consult.receiving", "--port", "0", "--directory", str(mailbox.directory)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.terminate()
        assert process.wait(10) == 0


def put(mailbox: Mailbox, **changes: object) -> str:
    """A letter of ours in the mailbox; its name."""
    survey = make.Survey.objects.first() or make.opened()
    return mailbox.put(composing.compose(draft(**changes), survey, "invitation", make.DURING)).name


def body(response) -> str:
    return response.content.decode()


# --- From sending to reading --------------------------------------------------------------------------------------


def test_a_letter_sent_is_a_letter_read(client: Client, settings: Settings, port: int, mailbox: Mailbox) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    survey = make.opened()
    make.invited(survey, [make.person(1, "Åse Ødegård")])
    make.mailed(survey)
    assert delivering.deliver_all(make.DURING) == 1
    (file,) = mailbox.directory.iterdir()
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    assert browsing.NAME.fullmatch(file.name)
    page = client.get("/demo/mailbox/")
    assert page.status_code == 200
    assert "Åse Ødegård" in body(page)
    letter = client.get(f"/demo/mailbox/{file.name}/")
    (link,) = [piece.path for piece in letter.context["letter"].pieces if piece.path]
    assert f'<a href="{link}">http://testserver{link}</a>' in body(letter)
    answer_page = client.get(link, **{CLOCK_KEY: make.DURING})  # type: ignore[arg-type]
    assert answer_page.status_code == 200
    assert "default-src 'self'" in letter["Content-Security-Policy"]


def test_the_receiver_says_no_when_it_cannot_write(port: int, mailbox: Mailbox) -> None:
    mailbox.directory.parent.mkdir(exist_ok=True)
    mailbox.directory.write_text("in the way")
    with smtplib.SMTP("127.0.0.1", port) as line, pytest.raises(smtplib.SMTPDataError) as refused:
        line.sendmail("a@example.org", ["b@example.org"], "Subject: x\r\n\r\ny")
    assert refused.value.smtp_code == 452
    assert list(mailbox.directory.parent.glob("**/*.eml")) == []


# --- The matrix ---------------------------------------------------------------------------------------------------


def test_nowhere_but_in_the_demo(client: Client, settings: Settings, mailbox: Mailbox) -> None:
    name = put(mailbox)
    assert client.get("/demo/mailbox/").status_code == 200
    assert client.get(f"/demo/mailbox/{name}/").status_code == 200
    settings.DEMO = False
    assert client.get("/demo/mailbox/").status_code == 404
    assert client.get(f"/demo/mailbox/{name}/").status_code == 404
    assert client.post("/demo/mailbox/").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_reading_only(client: Client, mailbox: Mailbox, method: str) -> None:
    name = put(mailbox)
    assert getattr(client, method)("/demo/mailbox/").status_code == 405
    assert getattr(client, method)(f"/demo/mailbox/{name}/").status_code == 405
    assert len(list(mailbox.directory.iterdir())) == 1


def test_an_empty_mailbox_says_so(client: Client, mailbox: Mailbox) -> None:
    client.cookies["django_language"] = "en"
    assert EMPTY in body(client.get("/demo/mailbox/"))
    mailbox.directory.mkdir()
    assert EMPTY in body(client.get("/demo/mailbox/"))
    put(mailbox)
    assert EMPTY not in body(client.get("/demo/mailbox/"))


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "..%2Fsecret",
        "%2e%2e%2fsecret",
        "/etc/passwd",
        "secret",
        "0" * 20 + "-00000000.eml",
        "0" * 20 + "-0000000g.eml",
        "0" * 20 + "-00000000.eml%00",
        "٠" * 20 + "-00000000.eml",
        "..",
    ],
)
def test_no_other_file_and_no_missing_one(client: Client, mailbox: Mailbox, name: str) -> None:
    put(mailbox)
    (mailbox.directory.parent / "secret").write_text("Subject: hushed\n\nhushed")
    (mailbox.directory / "secret").write_text("Subject: hushed\n\nhushed")
    response = client.get(f"/demo/mailbox/{name}/", follow=True)
    assert "hushed" not in body(response)
    assert response.status_code == 404


def test_the_deed_refuses_a_path_as_well(mailbox: Mailbox) -> None:
    put(mailbox)
    for name in ("../secret", "/etc/passwd", ".", ""):
        with pytest.raises(browsing.NoSuchLetter):
            browsing.letter(mailbox.directory, name)


# --- The list -----------------------------------------------------------------------------------------------------


def names(response) -> list[str]:
    return [head.to for head in response.context["page"].letters]


def test_newest_first_by_name_and_subject(client: Client, mailbox: Mailbox) -> None:
    for name in ("Kari Nordmann", "Ærlend Åsgård", "Ola Sæther"):
        put(mailbox, name=name)
    assert names(client.get("/demo/mailbox/")) == ["Ola Sæther", "Ærlend Åsgård", "Kari Nordmann"]
    assert names(client.get("/demo/mailbox/?q=åsGÅRD")) == ["Ærlend Åsgård"]
    assert names(client.get("/demo/mailbox/?q=kari@example")) == ["Ola Sæther", "Ærlend Åsgård", "Kari Nordmann"]
    client.cookies["django_language"] = "en"
    nobody = client.get("/demo/mailbox/?q=<b>nobody")
    assert names(nobody) == []
    assert "No letter matches “&lt;b&gt;nobody”." in body(nobody)


def test_page_by_page(client: Client, mailbox: Mailbox) -> None:
    for number in range(browsing.PAGE + 2):
        put(mailbox, name=f"Kari {number}")
    first = client.get("/demo/mailbox/?q=kari")
    assert len(names(first)) == browsing.PAGE
    older = first.context["page"].older
    second = client.get("/demo/mailbox/", {"q": "kari", "before": older})
    assert names(second) == ["Kari 1", "Kari 0"]
    assert second.context["page"].older == ""
    assert client.get("/demo/mailbox/?before=../../etc").status_code == 200


def test_a_half_written_letter_is_not_listed(client: Client, mailbox: Mailbox) -> None:
    name = put(mailbox)
    (mailbox.directory / f".{name}").write_bytes(b"Subject: half")
    assert len(names(client.get("/demo/mailbox/"))) == 1


def test_no_database_is_asked(
    client: Client, mailbox: Mailbox, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    name = put(mailbox)
    with django_assert_num_queries(0):
        client.get("/demo/mailbox/")
        client.get(f"/demo/mailbox/{name}/")


# --- Letters from anyone ------------------------------------------------------------------------------------------


def test_nothing_in_a_letter_becomes_part_of_the_page(client: Client, mailbox: Mailbox) -> None:
    name = mailbox.put(
        b"From: <script>alert(1)</script>@example.org\r\n"
        b"To: =?utf-8?q?=3Cscript=3Ealert=282=29?= <a@example.org>\r\n"
        b"Subject: <img src=x onerror=alert(3)>\r\n"
        b"X-Odd: =?no-such-charset?q?x?= =?utf-8?b?!!!?=\r\n"
        b"Content-Type: text/plain; charset=no-such\r\n\r\n"
        b'<script>alert(4)</script> http://evil.example/s/abc"onclick=x javascript:alert(5)\r\n'
    ).name
    for address in ("/demo/mailbox/", f"/demo/mailbox/{name}/"):
        page = body(client.get(address))
        assert "alert(3)" in page
        for live in ("<script>alert", "<img src=x", '<a href="http://evil', '<a href="javascript'):
            assert live not in page
    # Even a stranger's link leads to this very site only.
    assert '<a href="/s/abc">' in body(client.get(f"/demo/mailbox/{name}/"))


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff\xfe", b"Date: nonsense\r\n\r\n", b"To: ,,,\r\nSubject: \xe6\r\n\r\n"]
)
def test_rubbish_is_shown_as_well_as_it_can_be(client: Client, mailbox: Mailbox, content: bytes) -> None:
    name = mailbox.put(content).name
    assert client.get("/demo/mailbox/").status_code == 200
    assert client.get(f"/demo/mailbox/{name}/").status_code == 200
