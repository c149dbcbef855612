"""What union staff do at the admin to carry a survey through: pages opened, forms found on them and sent.

Each function begins where a member of staff would and leaves the desk at the page they would see next. Nothing is
known beforehand but what stands on the pages, so the same steps run against Django's test client and against an
installation over HTTP (tests.proxy).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from consult.reference.browsing import Browser, Form, NoSuchForm
from consult.reference.playing import OSLO

CODING = re.compile(r'<a href="(/admin/surveys/coding/\d+/)"[^>]*>(.*?)</a>', re.DOTALL)
TO_CODE = re.compile(r"<blockquote><p>(.*?)</p></blockquote>", re.DOTALL)


class Desk(Browser):
    """A member of staff at the admin: forms are found by where they lead, links by what they lead to."""

    def sign_in(self, name: str, password: str) -> None:
        """Through the page for it."""
        self.open("/accounts/login/")
        self.send("/accounts/login/", login=name, password=password)
        assert {"sessionid", "__Host-session"} & set(self.client.cookies), self.text

    def follow(self, address: str) -> None:
        """Open the link on this page whose address ends as the pattern says."""
        (found,) = {
            unescape(link) for link in re.findall(r'href="([^"]*)"', self.text) if re.search(f"{address}$", link)
        }
        self.open(urljoin(self.address, found))

    def send(self, action: str = "", button: str = "", **fields: Any) -> None:
        """Fill in the form that leads to `action` (else to the page itself) and has a button of this name, and send it.

        A field given as None is left out, as a box without its tick is. It must not come back with errors.
        """
        form = self._form_to(action, button)
        pressed = [name for name, _value in form.buttons if button and name.endswith(button)]
        data = {**form.fields, **fields, **dict.fromkeys(pressed, "1")}
        sent = {name: value for name, value in data.items() if value is not None}
        self._take(self._request("post", urljoin(self.address, form.action), sent))
        assert self.status == 200, (self.address, self.status, self.text[-2000:])
        assert "errorlist" not in self.text, self.text[self.text.index("errorlist") :][:500]

    @property
    def row(self) -> int:
        """The id in the address of the page: of the survey, questionnaire … that it shows."""
        (found,) = re.findall(r"/(\d+)/", self.address)
        return int(found)

    def _form_to(self, action: str, button: str) -> Form:
        here = {"", self.address, urlsplit(self.address).path}
        for form in self.forms:
            has_button = any(name.endswith(button) for name, _value in form.buttons)
            leads_there = form.action.endswith(action) if action else form.action in here
            if form.method == "post" and leads_there and has_button:
                return form
        raise NoSuchForm(f"{self.address}: no form to {action} {button}: {[form.action for form in self.forms]}")


def import_register(desk: Desk, path: Path) -> None:
    """Upload the file, read the plan, apply it."""
    desk.open("/admin/consult/registerimport/add/")
    desk.send(file=_upload(path))
    desk.send("/apply/")


def import_questionnaire(desk: Desk, path: Path) -> None:
    """Into a draft, at whose page the desk then is: first the plan of what it will make, then that it is made."""
    desk.open("/admin/surveys/questionnaire/import/")
    desk.send(file=_upload(path))
    desk.send(action="/admin/surveys/questionnaire/import/apply/")


def publish(desk: Desk) -> None:
    """The draft whose page is open."""
    desk.follow("/publish/")
    desk.send()


def plan(desk: Desk, code: str, opens_at: datetime, closes_at: datetime, **fields: Any) -> int:
    """Plan a survey with the edition whose page is open; its id."""
    desk.follow(r"/survey/add/\?edition=\d+")
    desk.send(code=code, opens_at=_typed(opens_at), closes_at=_typed(closes_at), **fields)
    return desk.row


def invite(desk: Desk, survey: int, roles: Sequence[str], unit: int) -> None:
    """Say who is asked, see how many that is, freeze it."""
    desk.open("/admin/consult/audience/add/")
    desk.send(button="_continue", survey=survey, roles=list(roles), unit=unit)
    desk.send(button="_freeze", roles=list(roles))


def schedule(desk: Desk, survey: int, kind: str, due_at: datetime) -> None:
    """A round of letters for its time."""
    local = due_at.astimezone(OSLO)
    desk.open("/admin/consult/mailing/add/")
    desk.send(
        button="_save", survey=survey, kind=kind, ordinal=1, due_at_0=f"{local:%d.%m.%Y}", due_at_1=f"{local:%H:%M}"
    )


def stop(desk: Desk, survey: int) -> None:
    """Close by hand."""
    desk.open(f"/admin/surveys/survey/{survey}/close/")
    desk.send()


def press(desk: Desk, survey: int, deed: str) -> None:
    """A button on the survey's page: "open" it, "approve" the key's destruction, "release" the results."""
    desk.open(f"/admin/surveys/survey/{survey}/change/")
    desk.send(f"/{deed}/")


def codebooks(desk: Desk, survey: int) -> dict[str, str]:
    """{question: address of the page on which its answers are coded}, as the survey's page offers them."""
    desk.open(f"/admin/surveys/survey/{survey}/change/")
    return {re.sub(r"<[^>]*>", " ", words).split()[0]: address for address, words in CODING.findall(desk.text)}


def texts_to_code(desk: Desk) -> list[str]:
    """The answers shown on the coding page that is open."""
    return [unescape(text) for text in TO_CODE.findall(desk.text)]


def _typed(moment: datetime) -> str:
    """As a browser sends a day and a time of day."""
    return f"{moment.astimezone(OSLO):%Y-%m-%dT%H:%M}"


def _upload(path: Path) -> BytesIO:
    file = BytesIO(path.read_bytes())
    file.name = path.name
    return file
