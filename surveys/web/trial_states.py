"""The states of a trial: the pages of respondents, with a banner that says so, and room for comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.http import HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from surveys import answering, piping, trying
from surveys.kinds import registry
from surveys.kinds.text import AnswerText
from surveys.models.pilot import KEPT, LONGEST_COMMENT
from surveys.routing import Page
from surveys.structure import FACT, QuestionView
from surveys.web import listing, rendering, saying, states
from surveys.web.showing import Errors
from surveys.web.speaking import speaking
from surveys.web.trial_visit import TrialVisit

REFUSALS = {
    "unusable": HTTPStatus.BAD_REQUEST,
    "unknown": HTTPStatus.NOT_FOUND,
    "wrong_method": HTTPStatus.METHOD_NOT_ALLOWED,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}


class CommentText(AnswerText):
    """What someone says about a question: text, without control characters."""

    def __init__(self) -> None:
        super().__init__(label="")
        self.max_length = LONGEST_COMMENT
        self.validators = [MaxLengthValidator(LONGEST_COMMENT, self.error_messages["max_length"])]


class CommentForm(forms.Form):
    """A comment on each of these questions, or on the whole. A valid form gives `comments()`."""

    def __init__(self, codes: Sequence[str], data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.codes = list(codes)
        self.fields |= {field_name(code): CommentText() for code in codes}

    def comments(self) -> dict[str, str]:
        """{question code: text}, empty where nothing was written."""
        return {code: self.cleaned_data[field_name(code)] for code in self.codes}

    def faults(self) -> list[tuple[str, str]]:
        """(name of the field, message), in the order of the page."""
        return [(name, str(message)) for name in self.fields for message in self.errors.get(name, [])]


def field_name(code: str) -> str:
    """What the comment on a question is called in a form: with a hyphen, which no field of a question has."""
    return f"comment-{code or 'whole'}"


def welcome(visit: TrialVisit, status: int = HTTPStatus.OK) -> HttpResponse:
    """What this is, who reads what, the background to try it with, and the way in."""
    edition, language = visit.edition, visit.language
    facts = [
        {
            "field": f"fact-{fact.name}",
            "label": saying.words(fact.label, language) or saying.Words(fact.name),
            "values": [
                (code, saying.words(label, language) or saying.Words(code), visit.field(f"fact-{fact.name}") == code)
                for code, label in fact.values
            ],
        }
        for fact in edition.facts
    ]
    content = states.render(
        "trial_welcome",
        language,
        visit=visit,
        title=saying.words(edition.title, language),
        purpose=saying.words(edition.purpose, language),
        minutes=edition.minutes,
        facts=facts,
        name=visit.field("name"),
        closes=_day(visit.trial.closes_at, language),
        erased=_day(visit.trial.closes_at + KEPT, language),
    )
    return _answer(visit, content, status)


def _day(moment: datetime, language: str) -> str:
    with speaking(language):
        return states.day(timezone.localdate(moment))


def page(
    visit: TrialVisit,
    shown: Page,
    questions: Sequence[QuestionView],
    values: Mapping[str, Any],
    *,
    comments: Mapping[str, str] | None = None,
    errors: Errors | None = None,
    faults: Sequence[tuple[str, str]] = (),
    status: int = HTTPStatus.OK,
    revisits: bool = False,
) -> HttpResponse:
    """One page of questions, with room for a comment below each.

    Args:
        values, errors, faults, revisits: as in `states.page`.
        comments: as typed, {field name: text}; None for those written before.
    """
    around = replace(states.frame(visit.edition, shown, questions, visit.language), revisits=revisits)
    if comments is None:
        written = trying.comments(visit.trial, visit.state.run)
        comments = {field_name(code): text for code, text in written.items()}

    def below(run: Sequence[QuestionView]) -> SafeString:
        boxes = [_box(question, visit, comments, errors or {}, is_named=len(run) > 1) for question in run]
        return mark_safe("".join(boxes))  # noqa: S308  # from our template

    items = rendering.items_html(questions, visit.language, values, errors or {}, below)
    content = states.render("trial_page", **states.words_of(around), visit=visit, faults=faults, items=items)
    return _answer(visit, states.fill(visit.edition, visit.language, content, visit.answers), status)


def _box(
    question: QuestionView, visit: TrialVisit, comments: Mapping[str, str], errors: Errors, *, is_named: bool
) -> str:
    name, is_information = field_name(question.code), not registry.kind(question.kind).is_asked
    box = {
        "name": name,
        "value": comments.get(name) or "",
        "errors": [str(error) for error in errors.get(name, ())],
        "limit": LONGEST_COMMENT,
        "is_named": is_named,
        "is_information": is_information,
        # A block of information may be long, and Markdown; its code tells it apart well enough.
        "about": saying.Words(question.code)
        if is_information
        else saying.words(piping.marked(question.text), visit.language),
    }
    return states.render("trial_comment", visit.language, box=box)


def review(visit: TrialVisit, status: int = HTTPStatus.OK, *, says_missing: bool = False) -> HttpResponse:
    """All answers, each with the way back to it, and the button that ends the trial."""
    edition, answers = visit.edition, visit.answers
    lines = listing.lines(edition, answers, visit.language, answering.unanswered(edition, answers))
    content = states.render(
        "trial_review",
        visit.language,
        visit=visit,
        lacking=[line for line in lines if line.lacks_answer] if says_missing else [],
        is_blank=is_blank(visit),
        lines=listing.lines_html(lines, visit.language),
    )
    return _answer(visit, states.fill(edition, visit.language, content, answers), status)


def is_blank(visit: TrialVisit) -> bool:
    """Whether no question has been answered."""
    return not any(answer for code, answer in visit.answers.items() if not code.startswith(FACT))


def end(
    visit: TrialVisit, typed: str | None = None, errors: Sequence[str] = (), status: int = HTTPStatus.OK
) -> HttpResponse:
    """Thanks, and room for a comment on the whole; `typed` where it has not been kept."""
    written = trying.comments(visit.trial, visit.state.run).get(trying.WHOLE, "") if typed is None else typed
    box = {"name": field_name(trying.WHOLE), "value": written, "errors": errors, "limit": LONGEST_COMMENT}
    return _answer(visit, states.render("trial_end", visit.language, visit=visit, box=box), status)


def refused(reason: str, language: str) -> HttpResponse:
    """Why there is nothing to try here; the same for every link that leads nowhere, whatever is wrong with it."""
    context = {"reason": reason, "limit": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024}
    content = states.render("trial_refused", language, **context)
    return HttpResponse(content, status=REFUSALS[reason], headers={"Content-Language": language})


def _answer(visit: TrialVisit, content: str, status: int) -> HttpResponse:
    return HttpResponse(content, status=status, headers={"Content-Language": visit.language})
