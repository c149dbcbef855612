"""Visiting: what one person sends from the link to the receipt, found out by answering once through the pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from urllib.parse import urlencode

Send = Callable[[str, dict[str, str] | None], bytes]
Request = tuple[str, str, bytes]
"""Method, path and body."""

TEXT = "Vi ser det i det daglige: to systemer, to ledere, og brukeren i midten. " * 4
CARRIED = ("code", "proof", "receipt", "receipt_mark")
_PATTERNS = {name: re.compile(rf'name="{name}" value="([^"]*)"'.encode()) for name in CARRIED}


def presses(send: Send, token: str) -> list[dict[str, str]]:
    """The fields of each press from Start to Submit, by answering once; every question gets an option and a text."""
    from consult.reference.browsing import Form, _FormReader

    def form(page: bytes) -> Form:
        reader = _FormReader()
        reader.feed(page.decode())
        return next(each for each in reader.forms if "step" in each.fields)

    found: list[dict[str, str]] = []
    shown = form(send(f"/s/{token}", None))
    go = "start"
    while True:
        ticked = {name: options[0] for name, options in shown.choices.items() if name != "shared"}
        texts = {name: TEXT for name in shown.fields if name.endswith("_text")}
        found.append({**shown.fields, **ticked, **texts, "go": go})
        page = send("/s/", found[-1])
        if go == "submit":
            return found
        shown = form(page)
        go = "submit" if shown.fields["step"] == "review" else "next"


def visit(steps: list[dict[str, str]], token: str) -> Generator[Request, bytes, None]:
    """The same for someone else: yields requests and is sent the pages that come back."""
    carried = {"token": token}
    for fields in steps:
        own = {name: carried.get(name, "") for name in ("token", *CARRIED) if name in fields}
        page = yield "POST", "/s/", urlencode({**fields, **own}).encode()
        for name, pattern in _PATTERNS.items():
            if found := pattern.search(page):
                carried[name] = found.group(1).decode()
