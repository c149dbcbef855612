"""Keeping: answers saved one by one as they are given, while the page they stand on stays open.

The same deed as pressing Next, and the same trust: it writes and never reads. What comes back says what became of
this request and nothing about what lay there before (docs/anonymity.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.http import JsonResponse
from django.utils import formats, timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from surveys import answering
from surveys.box import sealing
from surveys.kinds.base import Answer
from surveys.structure import QuestionView
from surveys.web import showing
from surveys.web.forms import PageForm
from surveys.web.speaking import speaking
from surveys.web.visit import Visit, remember

STEP = "keep"
BEFORE = "before-"
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
    "settled": (
        HTTPStatus.CONFLICT,
        lambda: _("Not saved: you have submitted your answer, and in this survey it cannot be changed afterwards."),
    ),
    "withdrawn": (
        HTTPStatus.CONFLICT,
        lambda: _("Not saved: your answer has been withdrawn elsewhere. Press the button to answer anew."),
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

    Answers `{"kept", "said", "proof", "faults", "others"}`: whether everything without a fault is saved; a word
    about it for the person; the proof to be sent from now on; {field name: what is wrong}; and the codes of what
    came too late. An answer that cannot be read stops no other. Of the questions named in `late` the fields
    `before-…` say what stood there when the answer was written: too late is what was answered otherwise since.
    """
    if not visit.code:
        return refused("unusable", visit.language)
    given, faults = _read(visit, visit.field("changed"), visit.posted)
    believed = _believed(visit)
    try:
        progress = answering.save(
            visit.voter, visit.code, given, visit.language, visit.now, proof=visit.proof, believed=believed
        )
    except answering.Closed:
        return refused("closed", visit.language)
    except answering.Settled:
        return refused("settled", visit.language)
    except answering.Withdrawn:
        return refused("withdrawn", visit.language)
    except answering.Superseded:
        return refused("superseded", visit.language)
    except answering.Busy:
        return refused("busy", visit.language)
    except sealing.BoxTooLarge:
        return refused("too_large", visit.language)
    others = [code for code in believed if code in given and progress.answers.get(code, {}) != given[code]]
    with speaking(visit.language):
        said = _saved_at(visit, progress.proof)
        if faults:
            said = _("Not saved: see the message at the question.")
        elif others:
            said = _("An answer you gave here was never sent, and you changed it elsewhere. Go to its page to choose.")
    answer = {"kept": True, "said": said, "proof": progress.proof, "faults": faults, "others": others}
    response = JsonResponse(answer)
    remember(response, visit)
    return response


def refused(reason: str, language: str) -> JsonResponse:
    """Why nothing was saved; in the shape of an answer of `keep`, so that no other page is taken for one."""
    status, say = _REFUSALS.get(reason, _UNUSABLE)
    with speaking(language):
        answer = {"kept": False, "said": say(), "proof": "", "faults": {}, "others": []}
    headers = {"Retry-After": str(BUSY_AGAIN)} if reason == "busy" else {}
    return JsonResponse(answer, status=status, headers=headers)


def _believed(visit: Visit) -> dict[str, Answer]:
    """What stood there, {question code: answer}, when the answers that may be late were written."""
    named = [name for name in visit.posted if name.startswith(BEFORE)]
    before = MultiValueDict({name.removeprefix(BEFORE): list(showing.many(visit.posted, name)) for name in named})
    codes = visit.field("late")
    answers, _faults = _read(visit, codes, before)
    return {question.code: answers.get(question.code, {}) for question in _questions(visit, codes)}


def _questions(visit: Visit, codes: str) -> list[QuestionView]:
    """The questions of these codes, in the order of the questionnaire; unknown codes are passed over."""
    named = set(codes.split(","))
    return [question for code, question in visit.edition.questions.items() if code in named]


def _read(visit: Visit, codes: str, sent: Mapping[str, Any]) -> tuple[dict[str, Answer], dict[str, str]]:
    """{question code: answer} of the questions in which nothing is wrong, and {field name: message} of the others."""
    given: dict[str, Answer] = {}
    faults: dict[str, str] = {}
    with speaking(visit.language):
        for question in _questions(visit, codes):
            form = PageForm([question], visit.language, sent, lenient=True)
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
