"""Many people at once: `python -m benchmarks.clients` reads a task as JSON and prints what came of it as JSON.

One process, one thread, plain sockets kept open, as cheap as can be, since it shares the machine with the server.
Each connection sends its next request as soon as the last one is answered.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any

from benchmarks.visiting import Request, visit

Conversation = Generator[Request, bytes, None]
CALM_SECONDS = 60


class Client:
    """One connection, which holds one conversation after the other."""

    def __init__(self, port: int, conversations: Iterator[Conversation]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.latencies: list[float] = []
        self.errors: list[str] = []
        self._conversations = conversations
        self._conversation: Conversation | None = None
        self._buffer = b""
        self._begun = 0.0

    def next(self, page: bytes = b"") -> bool:
        """Send the next request; False when there is none left."""
        request = self._following(page)
        if request is None:
            return False
        method, path, body = request
        head = f"{method} {path} HTTP/1.1\r\nHost: testserver\r\n"
        if method == "POST":
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        self._begun = time.perf_counter()
        self.socket.sendall(head.encode() + b"\r\n" + body)
        return True

    def receive(self) -> bytes | None:
        """The page, once it is here whole."""
        received = self.socket.recv(262144)
        if not received:
            raise ConnectionError("the server has hung up")
        self._buffer += received
        head, blank, rest = self._buffer.partition(b"\r\n\r\n")
        if not blank:
            return None
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(rest) < length:
            return None
        self.latencies.append(time.perf_counter() - self._begun)
        status = head.split(b" ", 2)[1]
        if status != b"200":
            self.errors.append(status.decode())
        self._buffer = rest[length:]
        return rest[:length]

    def _following(self, page: bytes) -> Request | None:
        while True:
            try:
                if self._conversation is not None:
                    return self._conversation.send(page)
                self._conversation = next(self._conversations)
                return next(self._conversation)
            except StopIteration:
                if self._conversation is None:
                    return None
                self._conversation = None


def carry_out(task: dict[str, Any]) -> dict[str, Any]:
    """All conversations of a task over so many connections; what came of it, times in milliseconds."""
    conversations = _KINDS[task["kind"]](task)
    clients = [Client(task["port"], conversations) for _client in range(task["clients"])]
    begun = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        waiting = 0
        for client in clients:
            if client.next():
                selector.register(client.socket, selectors.EVENT_READ, client)
                waiting += 1
        while waiting:
            ready = selector.select(CALM_SECONDS)
            if not ready:
                raise TimeoutError("the server does not answer")
            for key, _events in ready:
                page = key.data.receive()
                if page is not None and not key.data.next(page):
                    selector.unregister(key.fileobj)
                    waiting -= 1
    spent = time.perf_counter() - begun
    latencies = sorted(each * 1000 for client in clients for each in client.latencies)
    errors = [error for client in clients for error in client.errors]
    return {
        "requests": len(latencies), "seconds": spent, "errors": errors[:5],
        "median": latencies[len(latencies) // 2], "p95": latencies[int(len(latencies) * 0.95)],
    }  # fmt: skip


def _opening(task: dict[str, Any]) -> Iterator[Conversation]:
    return (_single("GET", f"/s/{token}", b"") for token in task["tokens"])


def _visiting(task: dict[str, Any]) -> Iterator[Conversation]:
    return (visit(task["steps"], token) for token in task["tokens"])


def _repeating(task: dict[str, Any]) -> Iterator[Conversation]:
    return (_single(task["method"], task["path"], task["body"].encode()) for _time in range(task["times"]))


def _single(method: str, path: str, body: bytes) -> Conversation:
    yield method, path, body


_KINDS: dict[str, Callable[[dict[str, Any]], Iterator[Conversation]]] = {
    "opening": _opening, "visiting": _visiting, "repeating": _repeating,
}  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(carry_out(json.load(sys.stdin))))
