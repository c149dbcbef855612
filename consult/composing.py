"""Composing: the exact bytes of a letter, the same each time it is made.

Message-ID, Date and boundary come from the letter's row, never from the clock or a random source, so that a
retry is the same letter to whoever receives it. The body is not stored: it holds the personal link.

Rendering a template and inlining its style costs milliseconds; letters of one survey, kind and language differ
only in a name and a link. So each is rendered once with marks in their places (`Skeleton`), and a letter is
that text cut at the marks with the person's own values between: plain replacement of two known marks, never a
template engine fed with people's data.
"""

from __future__ import annotations

import hashlib
import re
from binascii import b2a_qp
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache
from html import escape
from uuid import UUID

from django.conf import settings
from django.template.loader import get_template
from django.utils import timezone, translation

from surveys.box import keyring, sealing
from surveys.box.keyring import SurveyKeys
from surveys.models import Survey
from surveys.texts import amending

# From the private-use area: no keyboard writes them, and they are removed from every text that comes in.
NAME_MARK = "\ue000"
LINK_MARK = "\ue001"
_MARKS = re.compile(f"([{NAME_MARK}{LINK_MARK}])")
_LOCAL_PART = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_PLAIN_DOMAIN = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")


class NotMailable(Exception):
    """The address cannot stand in a letter, e.g. because it holds a space or letters no mail server takes."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What makes one letter different from the next; `epoch` is that of the claim it is sent under.

    `name` is the whole name, for the address; by `given_name` the person is greeted.
    """

    letter: int
    epoch: int
    message_id: str
    dated_at: datetime | None
    language: str
    name: str
    given_name: str
    email: str
    at_work: bool
    invitation: UUID
    selector: int
    generation: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """A letter ready to be sent. `version` names the wording it was made from."""

    letter: int
    epoch: int
    invitation: UUID
    dated_at: datetime
    recipient: str
    content: bytes
    version: str


@dataclass(frozen=True)
class Skeleton:
    """One wording: subject and bodies, the latter cut at the marks (odd places hold the marks)."""

    subject: bytes
    text: tuple[str, ...]
    html: tuple[str, ...]
    version: str


@dataclass(frozen=True)
class Occasion:
    """What the letters of one survey, kind and language have in common."""

    kind: str
    language: str
    at_work: bool
    title: str
    minutes: int | None
    deadline: datetime
    anonymous: bool
    public_url: str
    union: str


class Composer:
    """Writes the letters of one kind in one survey.

    Raises (when made):
        keyring.KeyLost: the survey's key is gone, so no link can be made.
    """

    def __init__(self, survey: Survey, kind: str) -> None:
        self.survey = survey
        self.kind = kind
        self.keys: SurveyKeys = keyring.keys(survey.key_id)
        self._skeletons: dict[tuple[str, bool], Skeleton] = {}

    def compose(self, draft: Draft, now: datetime) -> Envelope:
        """The letter; dated `now` unless its row says that it was first sent earlier.

        Raises:
            NotMailable
        """
        recipient = mailable(draft.email)
        skeleton = self._skeleton(draft.language, draft.at_work)
        dated_at = draft.dated_at or now
        token = sealing.link_token(self.keys, self.survey.pk, draft.invitation, draft.selector, draft.generation)
        values = {NAME_MARK: _plain(draft.given_name), LINK_MARK: f"{settings.PUBLIC_URL}/s/{token}"}
        boundary = b"=_" + hashlib.sha256(draft.message_id.encode()).hexdigest()[:32].encode()
        content = b"\r\n".join(
            [
                *_fixed_headers(settings.DEFAULT_FROM_EMAIL, settings.REPLY_TO_EMAIL),
                b"To: " + _recipient_header(_plain(draft.name), recipient),
                b"Subject: " + skeleton.subject,
                b"Date: " + _date(dated_at),
                b"Message-ID: " + draft.message_id.encode("ascii"),
                b"Content-Language: " + draft.language.encode("ascii"),
                b'Content-Type: multipart/alternative; boundary="' + boundary + b'"',
                b"",
                b"--" + boundary,
                _part(b"text/plain", _filled(skeleton.text, values)),
                b"--" + boundary,
                _part(b"text/html", _filled(skeleton.html, values, escape)),
                b"--" + boundary + b"--",
                b"",
            ]
        )
        return Envelope(draft.letter, draft.epoch, draft.invitation, dated_at, recipient, content, skeleton.version)

    def _skeleton(self, language: str, at_work: bool) -> Skeleton:
        known = self._skeletons.get((language, at_work))
        if known is None:
            edition = self.survey.edition
            amending.retitle([edition])
            with translation.override(language):
                title = _plain(edition.title)
            known = self._skeletons[language, at_work] = render(
                Occasion(
                    kind=self.kind,
                    language=language,
                    at_work=at_work,
                    title=title,
                    minutes=edition.minutes,
                    deadline=self.survey.closes_at,
                    anonymous=self.survey.is_anonymous,
                    public_url=settings.PUBLIC_URL,
                    union=settings.UNION_NAME,
                )
            )
        return known


def compose(draft: Draft, survey: Survey, kind: str, now: datetime) -> bytes:
    """The bytes of a single letter. For many, keep a `Composer`."""
    return Composer(survey, kind).compose(draft, now).content


def sender() -> str:
    """The address letters come from: on the envelope the same as in From, so that DMARC finds them aligned."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def mailable(email: str) -> str:
    """The address as it stands on the envelope: ASCII, the domain in its coded form.

    Raises:
        NotMailable
    """
    local, at, domain = email.rpartition("@")
    coded = domain if _PLAIN_DOMAIN.fullmatch(domain) else _coded(domain)
    if not at or not _LOCAL_PART.fullmatch(local) or not _DOMAIN.fullmatch(coded):
        raise NotMailable
    return f"{local}@{coded}"


def _coded(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


@lru_cache(maxsize=64)
def render(occasion: Occasion) -> Skeleton:
    """Render the three templates of a letter once, with marks for the name and the link."""
    context = {
        "name": NAME_MARK,
        "link": LINK_MARK,
        "title": occasion.title,
        "minutes": occasion.minutes,
        "deadline": timezone.localtime(occasion.deadline, timezone.get_default_timezone()),
        "anonymous": occasion.anonymous,
        "at_work": occasion.at_work,
        "public_url": occasion.public_url,
        "union": occasion.union,
    }
    folder = f"mail/{occasion.kind}"
    with translation.override(occasion.language):
        subject = _plain(get_template(f"{folder}/subject.txt").render(context))
        context["subject"] = subject
        text = _spaced(get_template(f"{folder}/body.txt").render(context))
        html = _inlined(get_template(f"{folder}/body.html").render(context))
    version = hashlib.sha256(f"{subject}\0{text}\0{html}".encode()).hexdigest()[:16]
    header = Header(subject, "utf-8" if not subject.isascii() else "us-ascii", header_name="Subject")
    return Skeleton(
        subject=header.encode(linesep="\r\n").encode("ascii"),
        text=tuple(_MARKS.split(text)),
        html=tuple(_MARKS.split(html)),
        version=version,
    )


def _inlined(html: str) -> str:
    """With the style of the layout put on each element: many mail programs drop a style sheet."""
    # Here, so that the web process, which only reads letters' rows, does not carry it.
    import css_inline

    return css_inline.CSSInliner(load_remote_stylesheets=False).inline(html)


def _plain(text: str) -> str:
    """One line without control characters and marks: what a name or a subject may consist of."""
    if text.isprintable():
        return " ".join(text.split())
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _spaced(text: str) -> str:
    """Without spaces at line ends, and never two empty lines in a row."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines) + "\n"


def _filled(pieces: tuple[str, ...], values: dict[str, str], put: Callable[[str], str] = str) -> str:
    return "".join(put(values[piece]) if piece in values else piece for piece in pieces)


def _part(kind: bytes, body: str) -> bytes:
    """A part in quoted-printable. Line ends are CRLF before encoding, so that soft breaks are too."""
    raw = body.replace("\n", "\r\n").encode()
    head = b"Content-Type: " + kind + b"; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head + b2a_qp(raw)


def _recipient_header(name: str, address: str) -> bytes:
    if not name:
        return address.encode("ascii")
    if name.isascii():
        return formataddr((name, address)).encode("ascii")  # quoted where it must be
    words = Header(name, "utf-8", header_name="To").encode(linesep="\r\n")
    return f"{words}\r\n <{address}>".encode("ascii")


@lru_cache(maxsize=64)
def _date(moment: datetime) -> bytes:
    """In UTC: letters of one round share it, and it must not depend on where they are written."""
    return format_datetime(moment.astimezone(UTC)).encode("ascii")


@lru_cache(maxsize=4)
def _fixed_headers(from_email: str, reply_to: str) -> tuple[bytes, ...]:
    name, address = parseaddr(from_email)
    headers = [b"From: " + _recipient_header(_plain(name), mailable(address))]
    if reply_to:
        headers.append(b"Reply-To: " + mailable(parseaddr(reply_to)[1]).encode("ascii"))
    return (*headers, b"Auto-Submitted: auto-generated", b"MIME-Version: 1.0")
