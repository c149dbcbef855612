"""Tracing: what became of letters whose worker died with them in hand.

The database knows that a group of letters was about to be sent, committed before the first byte; it cannot know
which of them were. Two witnesses can tell:

- the *journal*, a small file a group, into which the worker writes one line before each letter and one after the
  mail server's answer. What is written to a file outlives a killed process, so after a kill only the one letter
  between its two lines is uncertain. It does not outlive a power cut for certain: a journal from before the
  machine's last start is not believed. Nor does another machine see it;
- the *mail server's own log*, when it runs beside us and `MTA_LOG` names it.

Selective reminders are never journalled: a file that names who was sent one would tell who has not answered.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Collection, Iterator
from enum import Enum
from pathlib import Path

from django.conf import settings

from consult.claiming import Hand

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Trace(Enum):
    """How far a letter came, by the journal."""

    UNTRIED = "untried"
    TRYING = "trying"
    TAKEN = "taken"
    REFUSED = "refused"


class Journal:
    """The journal of one group of letters. Raises OSError when it cannot be written; nothing is sent then."""

    def __init__(self, hands: Collection[Hand]) -> None:
        folder = _folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / f"{secrets.token_hex(16)}.journal"
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        named = "".join(f"hand {letter} {epoch}\n" for letter, epoch in hands)
        self._write(f"boot {_boot()}\n{named}")

    def write(self, trace: Trace, letter: int) -> None:
        """Note how far a letter has come."""
        self._write(f"{trace.value} {letter}\n")

    def close(self, *, keep: bool) -> None:
        """End the journal; it is kept only when the database did not get to know what it says."""
        os.close(self._file)
        if not keep:
            self._path.unlink(missing_ok=True)

    def _write(self, text: str) -> None:
        data = text.encode("ascii")
        if os.write(self._file, data) != len(data):
            raise OSError("the journal could not be written whole")


class NoJournal:
    """For selective reminders, of which nothing is noted."""

    def write(self, trace: Trace, letter: int) -> None:
        """Nothing."""

    def close(self, *, keep: bool) -> None:
        """Nothing."""


def traces() -> dict[Hand, Trace]:
    """What the journals of this machine, since its last start, say about letters in hand."""
    found: dict[Hand, Trace] = {}
    for path in _journals():
        found |= _read(path)
    return found


def forget(in_hand: Collection[Hand]) -> None:
    """Delete the journals that speak of none of the letters still in someone's hand."""
    for path in _journals():
        hands = _hands(path)
        if hands is not None and hands.isdisjoint(in_hand):
            path.unlink(missing_ok=True)


def fates(message_ids: Collection[str]) -> dict[str, bool] | None:
    """Whether the local mail server took these letters into its queue; None when there is no log to ask.

    The log is Postfix's, with its previous file beside it (`.1`): `cleanup` names the Message-ID of a queue id
    before the letter is whole, `qmgr` says that it was queued.
    """
    path = str(settings.MTA_LOG)
    if not path:
        return None
    queue_ids: dict[str, str] = {}
    queued: set[str] = set()
    seen = False
    for line in _log_lines(path):
        seen = True
        if (named := _NAMED.search(line)) and named["message_id"] in message_ids:
            queue_ids[named["queue_id"]] = named["message_id"]
        elif (taken := _QUEUED.search(line)) and taken["queue_id"] in queue_ids:
            queued.add(queue_ids[taken["queue_id"]])
    return {message_id: message_id in queued for message_id in message_ids} if seen else None


def fate(message_id: str) -> bool | None:
    """`fates` for one letter."""
    known = fates([message_id])
    return None if known is None else known[message_id]


_NAMED = re.compile(r"/cleanup\[\d+\]: (?P<queue_id>\w+): message-id=(?P<message_id><[^>\s]+>)")
_QUEUED = re.compile(r"/qmgr\[\d+\]: (?P<queue_id>\w+): from=.*\(queue active\)")


def _log_lines(path: str) -> Iterator[str]:
    for name in (f"{path}.1", path):
        with contextlib.suppress(FileNotFoundError), open(name, encoding="utf-8", errors="replace") as log:
            yield from log


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "letters"


def _journals() -> list[Path]:
    return sorted(_folder().glob("*.journal"))


def _boot() -> str:
    try:
        return BOOT_ID.read_text("ascii").strip()
    except OSError:
        return ""


def _read(path: Path) -> dict[Hand, Trace]:
    try:
        text = path.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return {}
    boot, *lines = text.split("\n")
    # The last piece is what follows the last line end: something there is a line cut short.
    if not _boot() or boot != f"boot {_boot()}" or not lines or lines[-1]:
        return {}
    epochs: dict[int, int] = {}
    reached: dict[int, Trace] = {}
    for line in lines[:-1]:
        word, *numbers = line.split()
        if word == "hand":
            epochs[int(numbers[0])] = int(numbers[1])
        else:
            reached[int(numbers[0])] = Trace(word)
    return {(letter, epoch): reached.get(letter, Trace.UNTRIED) for letter, epoch in epochs.items()}


def _hands(path: Path) -> set[Hand] | None:
    """The letters a journal speaks of, believed or not; None when it is gone already."""
    try:
        lines = path.read_text("ascii", errors="replace").splitlines()
    except OSError:
        return None
    named = (line.split() for line in lines if line.startswith("hand "))
    return {(int(words[1]), int(words[2])) for words in named if len(words) == 3}
