"""One's own answer, for whoever has its code: read once it is settled, kept as a copy, withdrawn.

Pages of their own, reached by buttons on the list of answers and the receipt. Looking writes nothing; only the button
on the page that asks whether one is sure withdraws.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.utils.html import escape
from django.utils.translation import gettext as _

from surveys import answering, withdrawing
from surveys.answering import Progress
from surveys.assuring import assure
from surveys.box import receipting, sealing
from surveys.web import listing, saying, states
from surveys.web.listing import Line
from surveys.web.speaking import speaking
from surveys.web.visit import Visit

# What the buttons on the list of answers and on the receipt ask for.
BEGINNINGS = frozenset({"copy", "withdraw"})


def begin(visit: Visit) -> HttpResponse:
    """From the list of answers or the receipt."""
    return _show(visit, visit.field("go"))


def step(visit: Visit) -> HttpResponse:
    """From one of the pages here: to another, or the deed.

    Raises:
        answering.Superseded: the code opens nothing here (any more).
    """
    go = visit.field("go")
    if visit.field("speak"):
        return _show(visit, visit.field("at"))
    if go == "forget":
        return states.forgotten(visit)
    if go == "withdraw-now":
        return _withdraw(visit)
    return _download(visit) if go == "download" else _show(visit, go)


def settled(visit: Visit, progress: Progress, status: int = HTTPStatus.OK) -> HttpResponse:
    """The answers that were submitted, where they cannot be changed."""
    return _page(visit, "settled", progress, status)


def already(visit: Visit) -> HttpResponse:
    """The same, for someone who has tried to change them after all."""
    try:
        progress = _opened(visit)
    except (answering.Superseded, answering.Throttled):
        return states.welcome(replace(visit, code="", notice="superseded"), HTTPStatus.CONFLICT)
    return settled(replace(visit, notice="settled"), progress, HTTPStatus.CONFLICT)


def _show(visit: Visit, at: str) -> HttpResponse:
    progress = _opened(visit)
    if at in _PAGES:
        return _page(visit, at, progress)
    if progress.submitted and not visit.survey.may_change:
        return settled(visit, progress)
    return states.review(visit, progress)


def _opened(visit: Visit) -> Progress:
    progress = answering.resume(visit.voter, visit.code, proof=visit.proof) if visit.code else None
    if progress is None:
        raise answering.Superseded
    return progress


def _page(visit: Visit, at: str, progress: Progress, status: int = HTTPStatus.OK) -> HttpResponse:
    visit = replace(visit, proof=progress.proof)
    context = _PAGES[at](visit, progress)
    carried = visit.receipt if _receipt(visit, progress) else receipting.Receipt("", "")
    content = states.render(
        f"own_{at}",
        visit.language,
        visit=visit,
        at=at,
        submitted=progress.submitted,
        receipt=carried,
        **context,
        **states.assurance(assure(visit.survey), visit.language),
    )
    return states.answer(visit, states.fill(visit.edition, visit.language, content, progress.answers), status)


def _receipt(visit: Visit, progress: Progress) -> str:
    """The receipt the page carried, if it is the one that was given for what lies in the box."""
    number = visit.receipt.number
    if not visit.has_own_receipt or not progress.receipt_hash:
        return ""
    return number if sealing.code_hash(visit.survey.pk, number) == progress.receipt_hash else ""


def _read_only(visit: Visit, progress: Progress) -> dict[str, Any]:
    lines = [replace(line, page=0) for line in _lines(visit, progress)]
    title = saying.words(visit.edition.title, visit.language)
    return {"lines": listing.lines_html(lines, visit.language), "title": title}


def _nothing_more(_visit: Visit, _progress: Progress) -> dict[str, Any]:
    return {}


def _lines(visit: Visit, progress: Progress) -> list[Line]:
    return listing.lines(visit.edition, progress.answers, visit.language, ())


_PAGES: Mapping[str, Callable[[Visit, Progress], dict[str, Any]]] = {
    "copy": _read_only,
    "settled": _read_only,
    "withdraw": _nothing_more,
}


def _withdraw(visit: Visit) -> HttpResponse:
    withdrawing.withdraw(visit.voter, visit.code, visit.now, proof=visit.proof)
    gone = replace(visit, code="", proof="")
    # With the code, by which a script finds what this browser still keeps of it: else Start would ask for it again.
    content = states.render(
        "own_withdrawn", visit.language, visit=visit, **states.assurance(assure(visit.survey), visit.language)
    )
    return states.answer(gone, content)


# --- The copy as a text ------------------------------------------------------------------------------------


def _download(visit: Visit) -> HttpResponse:
    progress = _opened(visit)
    with speaking(visit.language):
        content, name = _text(visit, progress), _("my-answers")
    return HttpResponse(
        content,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.txt"', "Content-Language": visit.language},
    )


def _text(visit: Visit, progress: Progress) -> str:
    """The copy, a paragraph a question; what is written stands as it was written."""
    number = _receipt(visit, progress)
    head = [
        visit.edition.title(visit.language),
        _("My answers, as submitted.") if progress.submitted else _("My answers. They are not submitted."),
        *([_("Receipt: %(receipt)s") % {"receipt": number}] if number else []),
    ]
    paragraphs = [_paragraph(visit, progress, line) for line in _lines(visit, progress)]
    return "\n\n".join(["\n".join(head), *paragraphs]) + "\n"


def _paragraph(visit: Visit, progress: Progress, line: Line) -> str:
    filled = states.fill(visit.edition, visit.language, escape(line.text.text), progress.answers)
    given: Sequence[str] = [*(part.text for part in line.parts), *line.elaboration.split("\n")]
    said = [each for each in given if each.strip()] or [_("Not answered")]
    return "\n".join([html.unescape(filled), *(f"    {each}" for each in said)])
