"""No address, link or code reaches a log, by whichever way the line is written."""

from __future__ import annotations

import io
import json
import logging
import logging.config
from collections.abc import Iterator

import pytest
import structlog

from config.logging import configuration, configure, scrub_text

TOKEN = "KRSXG5CTMVRXEZLUMVZW63TFORXWWZLOOR2GS3TH"
# Of a ballot that an open link has handed out.
KEY = "p2mmfnkf25ljjlgtjc36ngfdeibaqqb2aymlviig26h43dymk3"
ADDRESS = "kari.nordmann@example.org"


@pytest.fixture(params=[True, False], ids=["json", "console"])
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What is written to standard output, with the real configuration."""
    written = io.StringIO()
    settings = configuration("DEBUG", as_json=request.param)
    settings["handlers"]["stdout"]["stream"] = written
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    configure(settings)
    yield written
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def _says(log: io.StringIO, *words: str) -> None:
    text = log.getvalue()
    assert text, "the line must have been written, or its silence proves nothing"
    for secret in (TOKEN, TOKEN.lower(), ADDRESS, "kari.nordmann", "hemmelig"):
        assert secret not in text
    for word in words:
        assert word in text


def test_a_line_of_our_own(log: io.StringIO) -> None:
    structlog.get_logger("consult.delivering").info("delivered", letter=17, note=f"to <{ADDRESS}>")
    _says(log, "delivered", "17", "consult.delivering")


def test_a_line_of_a_library(log: io.StringIO) -> None:
    logging.getLogger("smtplib.somewhere").warning("refused %s at %s", ADDRESS, f"https://h/s/{TOKEN}/next?x=1")
    _says(log, "refused", "https://h/s/[removed]")


@pytest.mark.parametrize("logger", ["django.request", "django.server", "celery.app.trace", "granian.access"])
@pytest.mark.parametrize(
    "path",
    [f"/s/{TOKEN}", f"/r/{TOKEN.lower()}/not-for-me", "/s/short", f"/x?t={TOKEN}", f"/O/{KEY}", f"/x/{KEY}"],
)
def test_access_and_task_lines(log: io.StringIO, logger: str, path: str) -> None:
    logging.getLogger(logger).error("Not Found: %s", path)
    _says(log, "Not Found")
    assert "/s/short" not in log.getvalue()
    assert KEY not in log.getvalue()


def test_private_names_lose_their_value_however_deep(log: io.StringIO) -> None:
    structlog.get_logger("x").info(
        "saved", code="hemmelig", rows=[{"email": "hemmelig", "resume_code": "hemmelig", "n": 3}], token=b"hemmelig"
    )
    _says(log, "saved", "[removed]", "3")


def test_an_exception_with_an_address(log: io.StringIO) -> None:
    try:
        raise ValueError(f"no such recipient {ADDRESS} for /s/{TOKEN}")
    except ValueError:
        logging.getLogger("x").exception("failed")
    _says(log, "failed", "ValueError", "no such recipient")


def test_an_object_whose_repr_tells(log: io.StringIO) -> None:
    class Person:
        def __repr__(self) -> str:
            return f"<Person {ADDRESS}>"

    structlog.get_logger("x").info("seen", who=Person())
    logging.getLogger("x").info("seen %r", Person())
    _says(log, "<Person [removed]>")


def test_what_is_needed_to_follow_a_fault_stays() -> None:
    line = "Task consult.tasks.queue_due_letters[1b4e28ba-2fa1-41d2-883f-0016d3cca427] took 0.1s in web-1"
    assert scrub_text(line) == line


@pytest.mark.parametrize("log", [True], indirect=True)
def test_json_lines_are_json(log: io.StringIO) -> None:
    structlog.get_logger("x").info("hei på deg", n=1)
    line = json.loads(log.getvalue())
    assert (line["event"], line["n"], line["level"], line["logger"]) == ("hei på deg", 1, "info", "x")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a%40b.no", "[removed]"),
        ("ola@localhost", "[removed]"),
        ("åse@blåbær.no, x", "[removed], x"),
        ("postgresql://u:hemmelig@db/x", "postgresql://u:[removed]/x"),
        ("a" * 64, "[removed]"),
        ("GET /results/survey-code/ 200", "GET /results/survey-code/ 200"),
    ],
)
def test_scrubbing(text: str, clean: str) -> None:
    assert scrub_text(text) == clean
