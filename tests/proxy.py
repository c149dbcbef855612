"""The reverse proxy before an installation, and the people's browsers before that: HTTP over the socket.

`Proxy` has what `consult.reference.browsing.Browser` asks of Django's test client, so that one browser serves both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

MOST_REDIRECTS = 5


@dataclass
class Answer:
    """What came back, and from where in the end."""

    path: str
    status_code: int
    headers: Message
    content: bytes

    @property
    def request(self) -> dict[str, str]:
        """What was asked for, as Django's test client says it."""
        parts = urlsplit(self.path)
        return {"PATH_INFO": parts.path, "QUERY_STRING": parts.query}


class Proxy:
    """Passes requests on as a proxy with TLS does, and keeps the cookies of one browser."""

    def __init__(self, port: int, public_url: str) -> None:
        self.port, self.public_url = port, public_url
        self.cookies: dict[str, str] = {}

    def get(self, path: str, data: Mapping[str, str] | None = None, follow: bool = True, **_: Any) -> Answer:
        """GET, with `data` as the query."""
        return self._follow(path, self._send("GET", f"{path}?{urlencode(data)}" if data else path))

    def post(self, path: str, data: Mapping[str, Any] | None = None, follow: bool = True, **_: Any) -> Answer:
        """POST a form; as multipart when there is a file in it, a list for a field that is sent several times."""
        if any(hasattr(value, "read") for value in (data or {}).values()):
            body, kind = encode_multipart(BOUNDARY, data), MULTIPART_CONTENT
        else:
            body, kind = urlencode(data or {}, doseq=True).encode(), "application/x-www-form-urlencoded"
        return self._follow(path, self._send("POST", path, body, {"Content-Type": kind}))

    def ask(self, path: str, **headers: str) -> Answer:
        """GET with headers of one's own and without cookies."""
        return self._send("GET", path, headers={name.title(): value for name, value in headers.items()})

    def _follow(self, path: str, answer: Answer) -> Answer:
        for _redirect in range(MOST_REDIRECTS):
            if answer.status_code not in (301, 302, 303):
                return answer
            target = urlsplit(urljoin(path, answer.headers["Location"]))
            path = target.path + (f"?{target.query}" if target.query else "")
            answer = self._send("GET", path)
        raise AssertionError(f"redirected again and again, at last to {path}")

    def _send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        sent = {
            "Host": urlsplit(self.public_url).netloc,
            "X-Forwarded-Proto": urlsplit(self.public_url).scheme,
            "X-Forwarded-For": "203.0.113.7",
            "Referer": self.public_url + path,
            **(
                {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
            ),
            **(headers or {}),
        }
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            self._keep(response.headers.get_all("Set-Cookie") or [])
            return Answer(path, response.status, response.headers, response.read())
        finally:
            connection.close()

    def _keep(self, lines: list[str]) -> None:
        for line in lines:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
