"""Inside: requests straight into the WSGI application of this process, as a server would call it."""

from __future__ import annotations

import io
from urllib.parse import urlencode

from django.core.wsgi import get_wsgi_application

from benchmarks.visiting import Send


def application() -> Send:
    """A function that sends GET (without fields) or POST, and gives the body; anything but 200 is an error."""
    service = get_wsgi_application()

    def send(path: str, fields: dict[str, str] | None) -> bytes:
        body = urlencode(fields).encode() if fields is not None else b""
        status: list[str] = []
        environ = {
            "REQUEST_METHOD": "GET" if fields is None else "POST",
            "PATH_INFO": path,
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "HTTP_HOST": "testserver",
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
        }
        response = service(environ, lambda line, _headers, _exc=None: status.append(line))  # type: ignore[arg-type]
        content = b"".join(response)
        close = getattr(response, "close", None)
        if close:
            close()
        if not status[0].startswith("200"):
            raise RuntimeError(f"{path}: {status[0]}")
        return content

    return send
