"""A mail server for tests: real SMTP on a real port, keeping what it took, failing as it is told to."""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
import threading
from collections import Counter
from collections.abc import Callable
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

Answer = str | None
"""What the server says; None for its usual answer; "drop" to break the connection there and then."""

DROP = "drop"


class Sink:
    """A mail server in a thread. `taken` holds (recipient, content) in order of arrival.

    `at_mail`, `at_rcpt`, `at_data` get the recipient (the sender for `at_mail`) and say how to answer. At data,
    "drop" takes the letter and breaks the connection before the answer; "lose" breaks it and takes nothing.
    """

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.senders: set[str] = set()
        self.connections = 0
        self.at_connect: Callable[[], Answer] = lambda: None
        self.at_mail: Callable[[str], Answer] = lambda _sender: None
        self.at_rcpt: Callable[[str], Answer] = lambda _recipient: None
        self.at_data: Callable[[str], Answer] = lambda _recipient: None
        self.delay = 0.0
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def messages(self) -> list[EmailMessage]:
        """What was taken, read."""
        return [read(content) for _recipient, content in self.taken]

    @property
    def recipients(self) -> list[str]:
        """Who it was for, in order of arrival."""
        return [recipient for recipient, _content in self.taken]

    def times(self) -> Counter[str]:
        """How often each Message-ID arrived."""
        return Counter(str(message["Message-ID"]) for message in self.messages)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(self._loop.create_server(self._conversation, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.01))
        self._loop.close()

    def _conversation(self) -> SMTP:
        self.connections += 1
        return SMTP(self, enable_SMTPUTF8=False, loop=self._loop)

    async def handle_MAIL(  # noqa: N802 - the library's names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.senders.add(address)
        if answer := self.at_mail(address):
            return self._say(server, answer)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self.at_rcpt(address):
            return self._say(server, answer)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        recipient = envelope.rcpt_tos[0]
        if self.delay:
            await asyncio.sleep(self.delay)
        answer = self.at_data(recipient)
        assert isinstance(envelope.original_content, bytes)
        if answer in (None, DROP):
            self.taken.append((recipient, envelope.original_content))
        return self._say(server, answer) if answer else "250 2.0.0 Taken"

    @staticmethod
    def _say(server: Any, answer: str) -> str:
        if answer in (DROP, "lose"):
            server.transport.abort()
            return "250 never heard"
        return answer


def read(content: bytes) -> EmailMessage:
    """A letter, read by the standard library's modern parser."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    return message


def text(message: EmailMessage) -> str:
    """The plain part."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html(message: EmailMessage) -> str:
    """The formatted part."""
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def link(message: EmailMessage) -> str:
    """The one personal link in a letter."""
    (found,) = set(re.findall(r"https?://\S+/s/\w+", text(message)))
    return str(found)
