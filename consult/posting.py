"""Posting: handing one letter to the mail server. The only code that speaks SMTP.

Django's backend opens the connection (TLS and sign-in as EMAIL_URL says); the letter itself is told step by step
instead of by `sendmail`, because it matters at which step something failed: before the letter's end is sent the
server cannot have taken it, after it may have.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import Self

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from consult.composing import sender

# RFC 5321, 4.5.3.2.6 asks for ten minutes between the letter's end and the answer; a scanner may take some.
LAST_ANSWER_SECONDS = 300
LONGEST_REPLY = 300
_POLICY = re.compile(r"5\.7\.\d")


class Unreachable(Exception):
    """There is no connection to the mail server, or it does not let us in."""


class Verdict(Enum):
    """What a mail server's answer means for a letter."""

    TAKEN = "taken"
    LATER = "later"  # not now; try again
    REFUSED = "refused"  # this letter, for good
    FORBIDDEN = "forbidden"  # on policy, or us as the sender: says nothing about the recipient
    UNTRIED = "untried"  # nothing was said
    UNCERTAIN = "uncertain"  # lost after the letter's end was sent


@dataclass(frozen=True, slots=True)
class Reply:
    """The verdict and the server's own words (one line, at most 300 letters)."""

    verdict: Verdict
    text: str = ""


UNTRIED = Reply(Verdict.UNTRIED)


class Line:
    """A connection to the mail server, opened when first needed and kept open from letter to letter."""

    def __init__(self) -> None:
        self._smtp: smtplib.SMTP | None = None
        self._sender = sender()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close(politely=True)

    def open(self) -> None:
        """Connect, unless connected.

        Raises:
            Unreachable
        """
        if self._smtp is not None:
            return
        backend = EmailBackend(timeout=settings.EMAIL_TIMEOUT)
        try:
            backend.open()
            smtp = backend.connection
            assert smtp is not None
            assert smtp.sock is not None
            smtp.ehlo_or_helo_if_needed()
            # Without it the last packet of a letter waits for the one before to be acknowledged: 40 ms each.
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except (OSError, smtplib.SMTPException) as error:
            # Also what TLS or the sign-in has left half-open.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                backend.close()
            raise Unreachable(type(error).__name__) from error
        self._smtp = smtp

    def send(self, recipient: str, content: bytes) -> Reply:
        """Hand over one letter (CRLF line ends) on the open line; never raises for what the server does."""
        smtp = self._smtp
        assert smtp is not None, "open() first"
        try:
            for command, expected in (
                (f"MAIL FROM:<{self._sender}>", (250,)),
                (f"RCPT TO:<{recipient}>", (250, 251)),
                ("DATA", (354,)),
            ):
                code, text = smtp.docmd(command)
                if code not in expected:
                    return self._turned_down(command, code, _words(code, text))
        except (OSError, smtplib.SMTPException):
            self._close()
            return Reply(Verdict.LATER, "The connection was lost before the letter was sent.")
        return self._finish(smtp, content)

    def _finish(self, smtp: smtplib.SMTP, content: bytes) -> Reply:
        try:
            # RFC 5321, 4.5.2: a line that starts with a dot gets another one.
            smtp.send(content.replace(b"\r\n.", b"\r\n..") + b".\r\n")
            assert smtp.sock is not None
            smtp.sock.settimeout(LAST_ANSWER_SECONDS)
            code, text = smtp.getreply()
            smtp.sock.settimeout(settings.EMAIL_TIMEOUT)
        except (OSError, smtplib.SMTPException):
            self._close()
            return Reply(Verdict.UNCERTAIN)
        if code // 100 == 2:
            return Reply(Verdict.TAKEN, _words(code, text))
        if code // 100 in (4, 5):
            return self._turned_down("", code, _words(code, text), is_over=True)
        self._close()
        return Reply(Verdict.UNCERTAIN)

    def _turned_down(self, command: str, code: int, words: str, is_over: bool = False) -> Reply:
        """What a refusal means; leaves the line ready for the next letter, or closed."""
        if code == 421 or code // 100 not in (4, 5):
            self._close()
        elif not is_over:
            self._reset()
        if code // 100 != 5:
            return Reply(Verdict.LATER, words)
        is_about_us = command.startswith("MAIL") or _POLICY.search(words) is not None
        return Reply(Verdict.FORBIDDEN if is_about_us else Verdict.REFUSED, words)

    def _reset(self) -> None:
        assert self._smtp is not None
        try:
            code, _text = self._smtp.rset()
        except (OSError, smtplib.SMTPException):
            code = 0
        if code != 250:
            self._close()

    def _close(self, *, politely: bool = False) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if politely:
                smtp.quit()
            else:
                smtp.close()


def _words(code: int, text: bytes) -> str:
    """The server's answer in one printable line."""
    plain = text.decode("utf-8", "replace")
    return f"{code} " + "".join(sign if sign.isprintable() else " " for sign in plain)[: LONGEST_REPLY - 4]
