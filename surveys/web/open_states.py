"""The pages of an open link before there is a ballot: welcome, the code to type, and why no ballot is handed out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from django.http import HttpResponse

from surveys.assuring import assure
from surveys.informing import inform
from surveys.models import OpenLink
from surveys.rules import effort
from surveys.structure import EditionView, edition_view
from surveys.ways import handing
from surveys.web import showing, states
from surveys.web.speaking import own_words, speaking

REFUSALS = {"off": HTTPStatus.FORBIDDEN, "full": HTTPStatus.FORBIDDEN, "not_open": HTTPStatus.FORBIDDEN}


@dataclass(frozen=True)
class LinkVisit:
    """One request for an open link; takes the place of a `Visit` in the templates.

    Args:
        link: None while the code is still to be typed.
        own_key: the key of a ballot that this browser has begun before.
        ticket, seconds: for a browser without a script, and for how long it must wait.
    """

    link: OpenLink | None
    action: str
    now: datetime
    language: str
    own_key: str = ""
    notice: str = ""
    ticket: str = ""
    seconds: int = 0
    posted: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.link.code if self.link else ""

    @property
    def way(self) -> str:
        return self.link.way if self.link else ""

    @property
    def edition(self) -> EditionView | None:
        return edition_view(self.link.survey.edition_id) if self.link else None

    @property
    def has_sami(self) -> bool:
        return self.edition is not None and self.edition.has_sami


def welcome(visit: LinkVisit, status: int = HTTPStatus.OK) -> HttpResponse:
    """Who asks, why, and what becomes of the answers; and Start. Writes nothing."""
    link, edition = visit.link, visit.edition
    assert link is not None
    assert edition is not None
    told = inform(link.survey)
    least, most = effort.told(edition, own_words(visit.language))
    content = states.render(
        "open_welcome",
        visit.language,
        visit=visit,
        title=showing.words(edition.title, visit.language),
        purpose=showing.words(edition.purpose, visit.language),
        least=least,
        most=most,
        help=told.help,
        challenge="" if visit.ticket else handing.challenge(link, visit.now),
        ticket=visit.ticket,
        seconds=visit.seconds,
        own_key=visit.own_key,
        given=states.given(link.survey, link.facts, visit.language),
        **states.notice(told, visit.language),
        **states.assurance(assure(link.survey), visit.language),
    )
    return HttpResponse(content, status=status, headers={"Content-Language": visit.language})


def find(visit: LinkVisit, typed: str = "", *, wrong: bool = False) -> HttpResponse:
    """Where the code of a poster is typed."""
    content = states.render("open_find", visit.language, visit=visit, typed=typed[:40], wrong=wrong)
    status = HTTPStatus.NOT_FOUND if wrong else HTTPStatus.OK
    return HttpResponse(content, status=status, headers={"Content-Language": visit.language})


def refused(reason: str, link: OpenLink | None, language: str) -> HttpResponse:
    """Why no ballot is handed out."""
    if link is None or reason not in REFUSALS:
        return states.refused(reason, language, link.survey if link else None)
    opens = max(link.survey.opens_at, link.opens_at or link.survey.opens_at)
    with speaking(language):
        said = {"reason": reason, "opens": states.moment(opens)}
    content = states.render("open_refused", language, **said)
    return HttpResponse(content, status=REFUSALS[reason], headers={"Content-Language": language})
