"""Browsing: reading a page's forms and sending them, as a browser without a script does.

For the demo and for the flow tests, which answer through the pages people meet. It holds no cookies for the
answering pages beyond what the client holds, and reads only what stands in the page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.test import Client


class NoSuchForm(Exception):
    """The page has no form with such a button or field."""


@dataclass
class Form:
    """One form: where it goes, what it holds, which buttons it has [(name, value)]."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Browser:
    """One person's browser. Every request carries the moment it happens at, see ClockMiddleware."""

    def __init__(self, now: datetime, client: Client | None = None) -> None:
        self.now = now
        # The service answers to its own name only.
        self.client = client or Client(SERVER_NAME=urlsplit(settings.PUBLIC_URL).hostname)
        self.address = "/"
        self.status = 0
        self.text = ""
        self.forms: list[Form] = []

    def open(self, address: str) -> None:
        """GET an address; a full link is taken as one on this service."""
        self._take(self._request("get", _on_this_service(address)))

    def press(self, name: str, value: str | None = None, **fields: str) -> None:
        """Fill in the form that has a button or field of this name (and value), and send it with that button.

        Raises:
            NoSuchForm
        """
        form = self._form_with(name, value)
        pressed = [each for each in form.buttons if each[0] == name and value in (None, each[1])][:1]
        data = {**form.fields, **fields, **{each: content for each, content in pressed if each}}
        self._take(self._request(form.method, _on_this_service(urljoin(self.address, form.action)), data))

    def has(self, name: str, value: str | None = None) -> bool:
        """Whether some form has such a button or field."""
        try:
            self._form_with(name, value)
        except NoSuchForm:
            return False
        return True

    def _form_with(self, name: str, value: str | None) -> Form:
        for form in self.forms:
            names = [each for each, content in form.buttons if value is None or content == value]
            if name in names or (value is None and (name in form.fields or name in form.choices)):
                return form
        raise NoSuchForm(f"{name}={value} at {self.address} ({self.status})")

    def _request(self, method: str, path: str, data: dict[str, Any] | None = None) -> HttpResponse:
        extra: dict[str, Any] = {"raadslag.now": self.now}
        return getattr(self.client, method)(path, data, follow=True, **extra)  # type: ignore[no-any-return]

    def _take(self, response: HttpResponse) -> None:
        """Read what came back; the address is the one that answered, whatever redirects lay between."""
        asked: dict[str, str] = response.request  # type: ignore[attr-defined]  # the client leaves it on the response
        self.address = asked["PATH_INFO"] + (f"?{query}" if (query := asked.get("QUERY_STRING")) else "")
        self.status = response.status_code
        self.text = response.content.decode()
        reader = _FormReader()
        reader.feed(self.text)
        self.forms = reader.forms


def _on_this_service(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


class _FormReader(HTMLParser):
    """Gathers the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._textarea: str | None = None
        self._text = ""
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        elif self.forms:
            self._control(self.forms[-1], tag, given, checked="checked" in given)

    def _control(self, form: Form, tag: str, given: dict[str, str], *, checked: bool) -> None:
        name, value, kind = given.get("name", ""), given.get("value", ""), given.get("type", "text")
        if tag == "button" or (tag == "input" and kind == "submit"):
            form.buttons.append((name, value))
        elif tag == "textarea":
            self._textarea, self._text = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            form.choices.setdefault(self._select, []).append(value)
            if "selected" in given or self._select not in form.fields:
                form.fields[self._select] = value
        elif tag == "input" and kind in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(value)
            if checked:
                form.fields[name] = value
        elif tag == "input" and name:
            form.fields[name] = value

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea is not None and self.forms:
            # A browser drops the line break right after the start tag.
            self.forms[-1].fields[self._textarea] = self._text.removeprefix("\n")
            self._textarea = None
        elif tag == "select":
            self._select = None
