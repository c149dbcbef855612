"""Browsing: the demo's mailbox as a person leafs through it. Reads the files `consult.receiving` lays down."""

from __future__ import annotations

import email
import email.policy
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from functools import lru_cache
from pathlib import Path

PAGE = 50
# A search reads the heads of so many letters at most, the newest first.
FARTHEST = 5000
HEAD_BYTES = 8192
LONGEST_TEXT = 200_000

NAME = re.compile(r"\d{20}-[0-9a-f]{8}\.eml", re.ASCII)
_LINK = re.compile(r"(https?://[^\s/]+(/s/[a-z2-7]+))", re.ASCII)


class NoSuchLetter(Exception):
    """No letter of this name lies in the mailbox."""


@dataclass(frozen=True)
class Head:
    """A letter as a line of the list; `name` is its file's."""

    name: str
    to: str
    address: str
    subject: str
    date: datetime | None


@dataclass(frozen=True)
class Page:
    """Some letters, newest first; `older` is the name to go on from, or empty."""

    letters: list[Head]
    older: str


@dataclass(frozen=True)
class Piece:
    """A run of a letter's text; `path` is where to go when it is a personal link, on this very site."""

    text: str
    path: str = ""


@dataclass(frozen=True)
class Letter:
    """A letter opened: its head, all its header lines as (name, value), and its text in pieces."""

    head: Head
    headers: list[tuple[str, str]]
    pieces: list[Piece]


def page(directory: Path, search: str = "", before: str = "", limit: int = PAGE) -> Page:
    """The newest letters, or those older than `before`, whose recipient or subject holds `search`."""
    wanted = search.casefold().strip()
    found: list[Head] = []
    for head in _heads(directory, before):
        if wanted in f"{head.to} {head.address} {head.subject}".casefold():
            found.append(head)
        if len(found) > limit:
            return Page(found[:limit], found[limit - 1].name)
    return Page(found, "")


def letter(directory: Path, name: str) -> Letter:
    """One letter.

    Raises:
        NoSuchLetter: the name is not that of a letter, or it is not there.
    """
    if not NAME.fullmatch(name):
        raise NoSuchLetter
    try:
        content = (directory / name).read_bytes()
    except OSError as error:
        raise NoSuchLetter from error
    message = email.message_from_bytes(content, policy=email.policy.compat32)
    headers = [(header, _decoded(value)) for header, value in message.items()]
    return Letter(_head(name, message), headers, list(_pieces(_text(message)[:LONGEST_TEXT])))


def _heads(directory: Path, before: str) -> Iterator[Head]:
    try:
        names = sorted((name for name in os.listdir(directory) if NAME.fullmatch(name)), reverse=True)
    except FileNotFoundError:
        return
    for name in [name for name in names if not before or name < before][:FARTHEST]:
        head = _read_head(str(directory), name)
        if head is not None:
            yield head


@lru_cache(maxsize=FARTHEST)
def _read_head(directory: str, name: str) -> Head | None:
    # A letter is never changed once it lies there, so its head may be remembered.
    try:
        with open(Path(directory, name), "rb") as file:
            start = file.read(HEAD_BYTES)
    except OSError:
        return None
    return _head(name, email.message_from_bytes(start, policy=email.policy.compat32))


def _head(name: str, message: Message) -> Head:
    raw = str(message.get("To", ""))
    shown, address = (getaddresses([raw]) or [("", "")])[0]
    try:
        date = parsedate_to_datetime(str(message.get("Date", "")))
    except ValueError:
        date = None
    return Head(name, _decoded(shown) or address, address, _decoded(message.get("Subject", "")), date)


def _decoded(value: object) -> str:
    """A header's value as people read it, on one line."""
    raw = str(value)
    try:
        shown = str(make_header(decode_header(raw)))
    except (LookupError, ValueError, email.errors.MessageError):
        shown = raw
    return " ".join("".join(sign if sign.isprintable() else " " for sign in shown).split())


def _text(message: Message) -> str:
    parts = [part for part in message.walk() if part.get_content_type() == "text/plain"]
    if not parts:
        return ""
    raw = parts[0].get_payload(decode=True)
    content = raw if isinstance(raw, bytes) else b""
    try:
        text = content.decode(parts[0].get_content_charset() or "utf-8", "replace")
    except LookupError:
        text = content.decode("utf-8", "replace")
    return text.replace("\r\n", "\n")


def _pieces(text: str) -> Iterator[Piece]:
    place = 0
    for found in _LINK.finditer(text):
        if found.start() > place:
            yield Piece(text[place : found.start()])
        yield Piece(found[1], found[2])
        place = found.end()
    if place < len(text):
        yield Piece(text[place:])
