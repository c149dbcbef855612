"""A visit: one request of someone admitted by a link, with all that the pages carry along."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.http import HttpResponse

from surveys.answering import Voter
from surveys.box import receipting, sealing
from surveys.models import Survey
from surveys.structure import EditionView, edition_view
from surveys.web.speaking import CONTENT


@dataclass(frozen=True)
class Visit:
    """One request.

    Args:
        key: what admitted the voter (the link's token), carried along in the body of each form.
        action: the address the forms post to.
        language: the language of the page that is answered.
        remembered: the resume code this browser keeps for this very link, or empty.
        posted: the fields sent; empty for the first look.
        code: the resume code in use, or empty before Start.
        proof: shows that the code has opened this ballot; see `answering.Progress`.
        notice: the name of something to say at the top of the next page; see surveys/notice.html.
        kept: the codes of the questions whose answers this request has saved, with commas between.
        person: for whom a member of staff enters answers, by name; empty if nobody in particular.
    """

    voter: Voter
    key: str
    action: str
    now: datetime
    language: str
    remembered: str = ""
    posted: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    proof: str = ""
    notice: str = ""
    kept: str = ""
    person: str = ""

    @property
    def way(self) -> str:
        """How this person comes in, if not by the link in a letter; see `models.Way`."""
        return self.voter.way

    @property
    def forgets(self) -> bool:
        """Whether nothing is kept for coming back: at a shared screen, or where answers are entered for another."""
        return self.voter.forgets

    @property
    def survey(self) -> Survey:
        return self.voter.survey

    @property
    def edition(self) -> EditionView:
        return edition_view(self.survey.edition_id)

    @property
    def has_sami(self) -> bool:
        """Whether the questions can be read in Northern Sámi."""
        return self.edition.has_sami

    @property
    def spaced_code(self) -> str:
        """The code as it is shown, easy to write down."""
        return f"{self.code[:4]} {self.code[4:]}"

    @property
    def receipt(self) -> receipting.Receipt:
        """The receipt that the page carried; whether it is ours is another question."""
        return receipting.Receipt(self.field("receipt"), self.field("receipt_mark"))

    @property
    def has_own_receipt(self) -> bool:
        """Whether it was made here, for this ballot and code."""
        return receipting.proves(self.receipt, self.survey.pk, self.voter.invitation, self.code)

    @property
    def typed_code(self) -> str:
        """The code as it was typed, to be shown again."""
        return "".join(letter for letter in self.field("typed")[:40] if letter.isprintable())

    @property
    def shared(self) -> bool:
        """Whether others use this device, so that nothing may be kept on it."""
        return self.forgets or bool(self.field("shared"))

    @property
    def place(self) -> str:
        """Where the browser may lay what it could not send, for this link and this code; empty before Start.

        Two marks, so that all of a link can be cleared away at once. Neither leads back to the link.
        """
        return f"{_mark(self.key)}.{_mark(f'{self.key}/{self.code}')}" if self.code else ""

    @property
    def unsent(self) -> str:
        """The codes of the questions that a page showing what was typed must still save, with commas between."""
        return self.field("changed" if "changed" in self.posted else "shown")

    @property
    def until(self) -> str:
        """When that may no longer be kept: the deadline, in seconds since 1970."""
        return str(int(self.survey.closes_at.timestamp()))

    def field(self, name: str) -> str:
        """A posted field; empty if it was not sent."""
        return self.posted.get(name, "")


def read_language(posted: Mapping[str, str], otherwise: str) -> str:
    """The language asked for by a button, else the one the page was in, else `otherwise`."""
    for name in ("speak", "language"):
        if posted.get(name) in CONTENT:
            return posted[name]
    return otherwise if otherwise in CONTENT else settings.LANGUAGE_CODE


def read_code(typed: str) -> str:
    """A resume code as typed, without blanks and hyphens and in capitals; empty if it cannot be one."""
    code = "".join(letter for letter in typed[:40].upper() if letter not in " -\u00a0\t")
    well_formed = len(code) == sealing.CODE_LETTERS and set(code) <= set(sealing.CODE_ALPHABET)
    return code if well_formed else ""


def cookie_name(survey: Survey) -> str:
    """The prefix makes browsers insist on this very host, on HTTPS, and on the whole site as its path."""
    return f"__Host-resume-{survey.pk}"


def read_cookie(cookie: str, key: str) -> str:
    """The resume code in a cookie that was set for this key; empty for another's on a shared computer."""
    code, _dot, mark = cookie.partition(".")
    return read_code(code) if hmac.compare_digest(mark.encode(), _mark(key).encode()) else ""


def remember(response: HttpResponse, visit: Visit) -> HttpResponse:
    """Let the browser keep the code until the deadline; without a code, or where others use it, let it forget."""
    if visit.forgets:
        return response
    name = cookie_name(visit.survey)
    if not visit.code or visit.shared:
        response.delete_cookie(name, samesite="Lax")
        response.cookies[name]["secure"] = True
    elif visit.code != visit.remembered:
        response.set_cookie(
            name,
            f"{visit.code}.{_mark(visit.key)}",
            max_age=visit.survey.closes_at - visit.now,
            secure=True,
            httponly=True,
            samesite="Lax",
        )
    return response


def _mark(key: str) -> str:
    """Tells links apart without being one."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]
