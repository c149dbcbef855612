"""Logs go to standard output, and neither addresses, links nor codes go into them.

A log that tells who opened which link when would undo what the ballot box protects. So every line, ours or a
library's, passes `scrub` as the last step before it is written, whoever wrote it and however it was put.
"""

from __future__ import annotations

import logging.config
import re
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

REMOVED = "[removed]"

ADDRESS = re.compile(r"[\w.!#$%&'*+=?^`{|}~-]+(?:@|%40)[\w-][\w.-]*")
# The path of an answer or relay page, whatever comes after the prefix.
PRIVATE_PATH = re.compile(r"(/[sroet]/)[^\s\"'<>]+")
# A token, key or hash by its shape alone: base32 from 26 characters (130 bits), other alphabets from 40.
# A UUID has 36 characters and stays: task and row ids are needed to follow a fault.
LONG_SECRET = re.compile(r"(?<![\w/.-])(?:[A-Z2-7]{26,}|[a-z2-7]{26,}|[\w-]{40,})(?![\w.])", re.ASCII)
# The token of a link wherever it stands, also below an address that is none because the rest was mistyped.
# So is the key of a ballot that an open link has handed out: 50 letters, the first eight with digits up to nine.
# Nearly right ones, a letter short or mistyped, are removed as well: long runs of letters with digits among them.
LINK_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z2-7]{39}|[A-Za-z2-9]{50}|(?=[A-Za-z]*[0-9])[A-Za-z0-9]{26,})(?![A-Za-z0-9])"
)

PRIVATE_KEYS = frozenset(
    {
        "address", "addresses", "answer", "answers", "authorization", "code", "cookie", "cookies", "email",
        "from_email", "key", "link", "locator", "mail", "password", "phone", "receipt", "recipient",
        "recipients", "resume_code", "secret", "selector", "to", "token", "url",
    }
)  # fmt: skip
PRIVATE_SUFFIXES = ("_address", "_code", "_email", "_key", "_link", "_password", "_secret", "_token", "_url")


def scrub_text(text: str) -> str:
    """`text` with e-mail addresses, private paths and long secrets replaced."""
    text = PRIVATE_PATH.sub(rf"\1{REMOVED}", text)
    text = LINK_TOKEN.sub(REMOVED, text)
    text = ADDRESS.sub(REMOVED, text)
    return LONG_SECRET.sub(REMOVED, text)


def scrub(_logger: object, _method: str, event: EventDict) -> EventDict:
    """structlog processor: every value of the line scrubbed, values under private names replaced whole."""
    return {key: _scrubbed(key, value) for key, value in event.items()}


def _scrubbed(key: object, value: Any) -> Any:
    if isinstance(key, str) and _is_private(key.lower()):
        return REMOVED
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {name: _scrubbed(name, inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_scrubbed(None, inner) for inner in value]
    # Anything else would be rendered by its repr later, past this step.
    return scrub_text(value if isinstance(value, str) else repr(value))


def _is_private(key: str) -> bool:
    return key in PRIVATE_KEYS or key.endswith(PRIVATE_SUFFIXES)


def _shared() -> list[Processor]:
    """What every line gets, from structlog and from the standard library alike."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def configuration(level: str, as_json: bool) -> dict[str, Any]:
    """Settings for `logging.config.dictConfig`: one handler, one formatter, everything through `scrub`."""
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    processors: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        # Before scrubbing: the text of an exception may name an address.
        structlog.processors.format_exc_info,
        scrub,
        renderer,
    ]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _shared(),
                "processors": processors,
            }
        },
        "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "lines"}},
        "root": {"handlers": ["stdout"], "level": level},
        # Django gives these handlers of their own, which would write past the formatter above.
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # A line for every tick of the timetable would bury the ones that matter; failures are errors.
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            # A reconnecting client logs its address at every attempt.
            "psycopg.pool": {"level": "ERROR"},
        },
    }


def configure(config: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG: set up the standard library by `config`, and structlog to write through it."""
    logging.config.dictConfig(config)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
