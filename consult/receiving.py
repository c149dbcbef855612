"""Receiving: the demo's mailbox. Takes letters over SMTP and lays each in a file of its own.

Not for real members: it takes anything from anyone who can reach its port, which is why it listens on this
machine only unless told otherwise. It runs as a process beside the service, without Django:

    python -m consult.receiving --port 2525 --directory .data/mailbox
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import signal
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST_LETTER = 2 * 1024 * 1024


class Mailbox:
    """A folder of letters, one `.eml` each. Names sort by arrival: nanoseconds, then random letters."""

    def __init__(self, directory: Path | str) -> None:
        self.directory = Path(directory)

    def put(self, content: bytes) -> Path:
        """Lay a letter in the folder; whoever looks sees it whole or not at all.

        Raises:
            OSError: no space, or no right to write.
        """
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}.eml"
        draft = self.directory / f".{name}"
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
            draft.rename(self.directory / name)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        return self.directory / name

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """What the SMTP library calls for each letter; the answer is sent when the letter is in its place."""
        content = envelope.original_content
        assert isinstance(content, bytes)
        try:
            self.put(content)
        except OSError:
            return "452 4.3.1 The mailbox cannot be written now"
        return "250 2.0.0 In the mailbox"

    def serve(self, host: str, port: int) -> None:
        """Take letters until SIGTERM or SIGINT; prints the port once it listens (0: any free one).

        Raises:
            OSError: the port is taken.
        """
        asyncio.run(self._serve(host, port))

    async def _serve(self, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        server = await loop.create_server(
            lambda: SMTP(self, hostname="mailbox", ident="Demo mailbox", data_size_limit=LARGEST_LETTER, loop=loop),
            host,
            port,
        )
        print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - for whoever started this process
        await stopped.wait()
        server.close()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m consult.receiving", description="The demo's mailbox.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--directory", type=Path, required=True)
    given = parser.parse_args()
    Mailbox(given.directory).serve(given.host, given.port)


if __name__ == "__main__":
    main()
