"""Keeping: answers saved one by one as they are given, while the page they stand on stays open.

The same deed as pressing Next, and the same trust: it writes and never reads. What comes back says what became of
this request and nothing about what lay there before (docs/anonymity.md).
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import JsonResponse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from surveys import answering
from surveys.box import sealing
from surveys.kinds.base import Answer
from surveys.structure import QuestionView
from surveys.web.forms import PageForm
from surveys.web.speaking import speaking
from surveys.web.visit import Visit, remember

STEP = "keep"
# Seconds: a ballot that is being saved from elsewhere is free again in a moment.
BUSY_AGAIN = 1

_Refusal = tuple[HTTPStatus, Callable[[], str]]
_UNUSABLE: _Refusal = (
    HTTPStatus.BAD_REQUEST,
    lambda: _("This could not be saved. Press the button at the end of the page."),
)
_REFUSALS: dict[str, _Refusal] = {
    "closed": (
        HTTPStatus.GONE,
        lambda: _("The survey has closed, so nothing more can be saved. What you wrote stands here until you leave."),
    ),
    "superseded": (
        HTTPStatus.CONFLICT,
        lambda: _("Not saved: your answers have been started afresh elsewhere. Press the button to choose."),
    ),
    "busy": (HTTPStatus.SERVICE_UNAVAILABLE, lambda: _("Not saved yet: being saved from another window.")),
    "too_large": (
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        lambda: _("Not saved: your answers together are longer than there is room for. Please shorten them."),
    ),
    "unknown": (HTTPStatus.NOT_FOUND, lambda: _("Not saved: the link no longer works.")),
    "not_open": (HTTPStatus.FORBIDDEN, lambda: _("Not saved: the survey is not open.")),
}


def keep(visit: Visit) -> JsonResponse:
    """Save the answers of the questions named in `changed` as a draft; others are left as they are.

    Answers `{"kept", "said", "proof", "faults"}`: whether everything without a fault is saved; a word about it for
    the person; the proof to be sent from now on; and {field name: what is wrong}. An answer that cannot be read
    stops no other.
    """
    if not visit.code:
        return refused("unusable", visit.language)
    given, faults = _read(visit)
    try:
        progress = answering.save(visit.voter, visit.code, given, visit.language, visit.now, proof=visit.proof)
    except answering.Closed:
        return refused("closed", visit.language)
    except answering.Superseded:
        return refused("superseded", visit.language)
    except answering.Busy:
        return refused("busy", visit.language)
    except sealing.BoxTooLarge:
        return refused("too_large", visit.language)
    with speaking(visit.language):
        said = _("Not saved: see the message at the question.") if faults else _saved_at(visit, progress.proof)
    answer = {"kept": True, "said": said, "proof": progress.proof, "faults": faults}
    response = JsonResponse(answer)
    remember(response, visit)
    return response


def refused(reason: str, language: str) -> JsonResponse:
    """Why nothing was saved; in the shape of an answer of `keep`, so that no other page is taken for one."""
    status, say = _REFUSALS.get(reason, _UNUSABLE)
    with speaking(language):
        answer = {"kept": False, "said": say(), "proof": "", "faults": {}}
    headers = {"Retry-After": str(BUSY_AGAIN)} if reason == "busy" else {}
    return JsonResponse(answer, status=status, headers=headers)


def _changed(visit: Visit) -> list[QuestionView]:
    """The questions whose answers were sent, in the order of the questionnaire; unknown codes are passed over."""
    named = set(visit.field("changed").split(","))
    return [question for code, question in visit.edition.questions.items() if code in named]


def _read(visit: Visit) -> tuple[dict[str, Answer], dict[str, str]]:
    """{question code: answer} of the questions in which nothing is wrong, and {field name: message} of the others."""
    given: dict[str, Answer] = {}
    faults: dict[str, str] = {}
    with speaking(visit.language):
        for question in _changed(visit):
            form = PageForm([question], visit.language, visit.posted, lenient=True)
            if form.is_valid():
                given |= form.answers()
            else:
                faults |= dict(reversed(form.faults()))
    return given, faults


def _saved_at(visit: Visit, proof: str) -> str:
    """Empty when there was nothing to save: before the first answer nothing lies there."""
    if not proof:
        return ""
    time = formats.date_format(timezone.localtime(visit.now), "H:i")
    return _("Saved %(time)s") % {"time": time}
