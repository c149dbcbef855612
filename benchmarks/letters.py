"""How fast letters go out to a local mail server, every state recorded, against the barest loop that could do it."""

from __future__ import annotations

import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from django.conf import settings
from django.db import connection
from django.utils import timezone

from benchmarks import field
from benchmarks.figures import Aim, Figure, Round, compared, rate
from consult import delivering, distributing
from consult.composing import Composer
from consult.models import Letter, LetterKind, Mailing
from surveys.models import Survey

SIZE, ROUNDS, BATCH = 4000, 3, 200


def run(*, quick: bool = False) -> list[Figure]:
    """Letters a second by one process over one connection.

    The floor claims as many letters at a time in one statement, puts name and link into a ready text, sends them
    and marks them in one statement: nothing is re-checked, no intent is noted, no journal is kept.
    """
    size, rounds = (40, 1) if quick else (SIZE, ROUNDS)
    found: list[Round] = []
    with sink() as mail:
        for _round in range(rounds):
            survey = _waiting(size)
            delivering.deliver_batch(timezone.now())  # templates are read once
            _again(survey)
            real = rate(lambda: delivering.deliver_all(timezone.now(), seconds=600), size)
            _check(survey, size)
            _again(survey)
            bare = rate(partial(_bare, survey), size)
            _check(survey, size)
            found.append((real, bare))
        if mail.taken() < 2 * size * rounds:
            raise RuntimeError("letters were lost")
    aims = (Aim("value", "at least", 900), Aim("ratio", "at least", 0.8))
    median = sorted(real for real, _bare in found)[len(found) // 2]
    return [compared("letters to a local mail server", "/s", found, *aims, note=f"33 000 in {33_000 / median:.0f} s")]


class Mail:
    """The mail server's process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.port = int(self._line())

    def taken(self) -> int:
        """How many letters it has taken so far."""
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return int(self._line())

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()


@contextmanager
def sink() -> Iterator[Mail]:
    """A mail server in a process of its own, which these settings now lead to."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.sink"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        mail = Mail(process)
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail.port
        yield mail
    finally:
        process.kill()
        process.communicate()


def _waiting(size: int) -> Survey:
    """A survey with this many letters that are due."""
    survey = field.opened()
    field.invite(survey, size)
    distributing.schedule(survey, LetterKind.INVITATION, timezone.now())
    if distributing.queue_due(timezone.now()) != size:
        raise RuntimeError("not queued")
    return survey


def _again(survey: Survey) -> None:
    """All letters of the survey wait once more."""
    Letter.objects.filter(mailing__survey=survey).update(status="pending", attempts=0, lease_until=None)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE consult_letter")


def _check(survey: Survey, size: int) -> None:
    if Letter.objects.filter(mailing__survey=survey, status="sent").count() != size:
        raise RuntimeError("not all were sent")


def _bare(survey: Survey) -> None:
    mailing = Mailing.objects.get(survey=survey)
    before, after = _ready_text(survey)
    line = smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT)
    assert line.sock
    line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with line, connection.cursor() as cursor:
        while True:
            cursor.execute(BARE_CLAIM, [mailing.pk, BATCH])
            rows = cursor.fetchall()
            if not rows:
                return
            for _letter, message_id, email, selector in rows:
                content = b"".join((b"Message-ID: ", message_id.encode(), b"\r\n", before, b"%x" % selector, after))
                line.sendmail("bench@example.org", [email], content)
            letters = [row[0] for row in rows]
            cursor.execute(
                "UPDATE consult_letter SET status = 'sent', lease_until = NULL WHERE id = ANY(%s)", [letters]
            )


BARE_CLAIM = """
UPDATE consult_letter l SET status = 'sending', lease_until = now() + interval '1 minute'
FROM consult_invitation i JOIN consult_address a ON a.id = i.address_id
WHERE i.id = l.invitation_id AND l.id IN (
    SELECT id FROM consult_letter WHERE mailing_id = %s AND status = 'pending' LIMIT %s FOR UPDATE SKIP LOCKED
)
RETURNING l.id, l.message_id, a.email, i.selector
"""


def _ready_text(survey: Survey) -> tuple[bytes, bytes]:
    """One real letter, cut in two where the link stands."""
    from consult import claiming

    claim = claiming.claim(timezone.now(), 1)
    assert claim
    drafts, _unwanted = claiming.drafts(claim.hands)
    content = Composer(survey, LetterKind.INVITATION).compose(drafts[0], timezone.now()).content
    claiming.release(claim.hands)
    place = content.index(b"\r\n\r\n") + 40
    return content[:place], content[place:]
