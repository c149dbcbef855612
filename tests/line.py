"""A bad line between a browser and the service: TCP of our own, with everything that happens to people on the way."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import Self

# What a mode answers by itself, as a proxy or the network of a hotel does.
_PAGE = b"<!doctype html><title>%s</title><h1>%s</h1>"
_ANSWERS = {
    "bad gateway": (b"502 Bad Gateway", b"", _PAGE % (b"502", b"Bad Gateway")),
    "failing": (b"500 Internal Server Error", b"", _PAGE % (b"500", b"Error")),
    "busy": (b"503 Service Unavailable", b"Retry-After: 1\r\n", _PAGE % (b"503", b"Later")),
    "many": (b"429 Too Many Requests", b"Retry-After: 1\r\n", _PAGE % (b"429", b"Later")),
    "portal": (b"302 Found", b"Location: /portal\r\n", b""),
    "portal page": (b"200 OK", b"", _PAGE % (b"Wi-Fi", b"Accept our terms")),
    "portal json": (b"200 OK", b"", b'{"login": "required"}'),
}
MODES = ("pass", "dead", "silent", "half", "lost", *_ANSWERS)


class Line:
    """Listens on `port` and passes each request on to `target`, or does what `mode` says:

    pass; dead: hang up at once; silent: take it and never answer; half: pass half of the request on and hang up;
    lost: pass it on and hang up on the answer; or an answer of somebody on the way.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.mode = "pass"
        self.requests: list[tuple[str, bytes]] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.mode = "dead"
        self._listening.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._listening.accept()
                threading.Thread(target=self._take, args=(client,), daemon=True).start()

    def _take(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            client.settimeout(30)
            mode = self.mode
            if mode == "dead":
                return
            request = _request(client)
            # What was sent before the line broke is answered by the line as it is now.
            mode = self.mode
            self.requests.append((mode, request))
            self._do(mode, client, request)

    def _do(self, mode: str, client: socket.socket, request: bytes) -> None:
        if mode in _ANSWERS:
            status, more, content = _ANSWERS[mode]
            kind = b"application/json" if content.startswith(b"{") else b"text/html"
            head = b"HTTP/1.1 %s\r\n%sContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
            client.sendall(head % (status, more, kind, len(content)) + content)
        elif mode == "silent":
            while self.mode == "silent":
                time.sleep(0.05)
        elif mode != "dead":
            self._pass_on(mode, client, request)

    def _pass_on(self, mode: str, client: socket.socket, request: bytes) -> None:
        with socket.create_connection(("127.0.0.1", self.target), timeout=30) as server:
            server.sendall(request[: len(request) // 2] if mode == "half" else request)
            if mode == "half":
                return
            while part := server.recv(65536):
                if mode == "pass":
                    client.sendall(part)


def _request(client: socket.socket) -> bytes:
    """One whole request, asking that the connection be closed after it."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (part := client.recv(65536)):
            raise ConnectionError
        data += part
    head, _blank, body = data.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"connection:", b"keep-alive:"))]
    length = next((int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        if not (part := client.recv(65536)):
            raise ConnectionError
        body += part
    return b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body
