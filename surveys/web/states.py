"""The states a respondent can find the survey in, each rendered from a template of its own.

Rendered without the request: no session is read and no message is popped, so that answering touches neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template import loader
from django.utils import formats, timezone
from django.utils.translation import pgettext

from surveys import answering, piping, quoting, routing
from surveys.answering import Progress
from surveys.assuring import Assurance, assure
from surveys.box import receipting
from surveys.box.sealing import TOKEN_LETTERS
from surveys.informing import Notice, inform, whom_to_ask
from surveys.kinds.base import Answer
from surveys.models import BackgroundValue, Survey
from surveys.routing import Page
from surveys.rules import effort
from surveys.structure import FACT, EditionView, QuestionView, Text, texts
from surveys.web import listing, rendering, showing
from surveys.web.anyone import Anyone, page_for
from surveys.web.showing import Errors
from surveys.web.speaking import own_words, speaking
from surveys.web.visit import Visit, remember

REFUSALS = {
    "unusable": HTTPStatus.BAD_REQUEST,
    "not_open": HTTPStatus.FORBIDDEN,
    "incomplete": HTTPStatus.NOT_FOUND,
    "unknown": HTTPStatus.NOT_FOUND,
    "wrong_method": HTTPStatus.METHOD_NOT_ALLOWED,
    "busy": HTTPStatus.CONFLICT,
    "closed": HTTPStatus.GONE,
    "replaced": HTTPStatus.GONE,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "throttled": HTTPStatus.TOO_MANY_REQUESTS,
}


def welcome(visit: Visit, status: int = HTTPStatus.OK) -> HttpResponse:
    """Who asks, why, and what becomes of the answers. Looks the same whether or not there is a ballot."""
    edition = visit.edition
    known = () if visit.voter.is_invited else given(visit.survey, visit.voter.facts, visit.language)
    same = (Same(edition), assure(visit.survey), inform(visit.survey), known, visit.language)
    content = _welcome(visit, *same) if visit.notice else page_for(visit, _welcome, *same)
    return HttpResponse(content, status=status, headers={"Content-Language": visit.language})


@dataclass(frozen=True)
class Same:
    """An edition as it was read once; the same as long as it is that very object, whatever it holds."""

    edition: EditionView

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.edition is self.edition

    def __hash__(self) -> int:
        return id(self.edition)


def _welcome(
    visit: Visit | Anyone, same: Same, said: Assurance, told: Notice, known: Sequence[str], language: str
) -> str:
    edition = same.edition
    return render(
        "welcome",
        language,
        visit=visit,
        title=showing.words(edition.title, language),
        purpose=showing.words(edition.purpose, language),
        least=effort.told(edition, own_words(language))[0],
        most=effort.told(edition, own_words(language))[1],
        help=told.help,
        given=known,
        **assurance(said, language),
        **notice(told, language),
    )


@dataclass(frozen=True)
class Around:
    """What stands around the questions of a page.

    Args:
        shown: the codes of the questions this person sees, as carried along.
        has_new_code: the code has just been made and must be shown.
        revisits: the person came from the list of answers and goes back there.
        submitted: the person has submitted before.
        is_unsent: it shows what was typed, of which nothing may have been saved.
        is_afresh: the person asked to begin anew, so that a script must not lead them back to what they had.
    """

    number: int
    count: int
    title: Text
    intro: Text
    shown: str
    language: str
    has_new_code: bool = False
    revisits: bool = False
    submitted: bool = False
    is_unsent: bool = False
    is_afresh: bool = False


def page(
    visit: Visit,
    shown: Page,
    questions: Sequence[QuestionView],
    values: Mapping[str, Any],
    *,
    answers: Mapping[str, Answer] | None = None,
    errors: Errors | None = None,
    faults: Sequence[tuple[str, str]] = (),
    status: int = HTTPStatus.OK,
    has_new_code: bool = False,
    revisits: bool = False,
    submitted: bool = False,
    is_unsent: bool = False,
) -> HttpResponse:
    """One page of questions.

    Args:
        questions: what this person sees of the page.
        values: {field name: value} as saved or as typed.
        answers: what has been answered so far, for texts that say it again.
        errors: messages by field name; `faults` lists them in order.
        has_new_code, revisits, submitted, is_unsent: as in `Around`.
    """
    around = frame(visit.edition, shown, questions, visit.language)
    around = replace(around, has_new_code=has_new_code, revisits=revisits, submitted=submitted, is_unsent=is_unsent)
    around = replace(around, is_afresh=visit.field("go") == "afresh")
    items = rendering.items_html(questions, visit.language, values, errors or {})
    if visit.notice or faults:
        content = _page(visit, around, tuple(faults), items=items)
    else:
        content = page_for(visit, _page, around, (), items=items)
    return answer(visit, fill(visit.edition, visit.language, content, answers or {}), status)


def frame(edition: EditionView, shown: Page, questions: Sequence[QuestionView], language: str) -> Around:
    """What stands around these questions of a page, for someone on their way forward."""
    pages = routing.pages(edition)
    return Around(
        number=shown.number,
        count=len(pages),
        title=shown.section.title or edition.title,
        intro=shown.section.intro if _opens_section(shown, pages) else Text({}),
        shown=",".join(question.code for question in questions),
        language=language,
    )


def fill(edition: EditionView, language: str, content: str, answers: Mapping[str, Answer]) -> str:
    """Put what a person has answered into the texts that name it: last, so that no page kept in memory holds it."""
    if not piping.has_fields(content):
        return content
    known = routing.prune(edition, answers)
    return piping.filled(content, piping.Told(edition, known, language))


def _page(visit: Visit | Anyone, around: Around, faults: Sequence[tuple[str, str]], *, items: str) -> str:
    return render("page", **words_of(around), visit=visit, faults=faults, items=items)


def words_of(around: Around) -> dict[str, Any]:
    """What the template of a page prints around its questions."""
    title, intro = (showing.words(text, around.language) for text in (around.title, piping.marked(around.intro)))
    return {**vars(around), "title": title, "intro": intro}


def review(
    visit: Visit, progress: Progress, status: int = HTTPStatus.OK, *, says_missing: bool = False
) -> HttpResponse:
    """All answers, each with the way back to it, and the button that submits."""
    missing = answering.unanswered(visit.edition, progress.answers)
    lines = listing.lines(visit.edition, progress.answers, visit.language, missing)
    lacking = tuple(line for line in lines if line.lacks_answer) if says_missing else ()
    asks = visit.survey.asks_quoting and quoting.has_text(progress.answers)
    may_quote = progress.quoting if asks else None
    same = (lacking, progress.submitted, is_blank(progress), may_quote, assure(visit.survey), visit.language)
    offered = receipting.offer(visit.survey.pk, visit.voter.invitation, visit.code)
    own = {"lines": listing.lines_html(lines, visit.language), **vars(offered)}
    content = _review(visit, *same, **own) if visit.notice or lacking else page_for(visit, _review, *same, **own)
    return answer(visit, fill(visit.edition, visit.language, content, progress.answers), status)


def _review(
    visit: Visit | Anyone,
    lacking: Sequence[listing.Line],
    submitted: bool,
    blank: bool,
    may_quote: str | None,
    said: Assurance,
    language: str,
    *,
    lines: str,
    number: str,
    mark: str,
) -> str:
    state = {"lacking": lacking, "submitted": submitted, "is_blank": blank, "may_quote": may_quote}
    own = {"lines": lines, "receipt": receipting.Receipt(number, mark)}
    return render("review", language, visit=visit, **state, **own, **assurance(said, language))


def receipt(visit: Visit, number: str) -> HttpResponse:
    """Thanks, the receipt, and what happens now."""
    shown = receipting.signed(number, visit.survey.pk, visit.voter.invitation, visit.code)
    return answer(visit, page_for(visit, _receipt, assure(visit.survey), visit.language, **vars(shown)))


def _receipt(visit: Visit | Anyone, said: Assurance, language: str, *, number: str, mark: str) -> str:
    shown = receipting.Receipt(number, mark)
    return render("receipt", language, visit=visit, receipt=shown, **assurance(said, language))


def left(visit: Visit, *, is_blank: bool = False) -> HttpResponse:
    """Saved and left: how to go on later. Blank: nothing was answered, so nothing is saved."""
    said = assurance(assure(visit.survey), visit.language)
    return answer(visit, render("left", visit.language, visit=visit, is_blank=is_blank, **said))


def is_blank(progress: Progress) -> bool:
    """Whether there is nothing in it that could have been saved."""
    answered = any(answer for code, answer in progress.answers.items() if not code.startswith(FACT))
    return not answered and not progress.submitted


def forgotten(visit: Visit) -> HttpResponse:
    """This browser keeps the code no more."""
    return answer(replace(visit, code=""), render("forgotten", visit.language, visit=visit))


def refused(reason: str, language: str, survey: Survey | None = None, retry: Visit | None = None) -> HttpResponse:
    """Why there is nothing to answer here, with the status that says the same to machines.

    Args:
        reason: a key of REFUSALS.
        survey: for a link that proved to be genuine.
        retry: for what may succeed when tried again.
    """
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024
    context: dict[str, Any] = {"visit": retry, "limit": limit, "help": whom_to_ask(), "letters": TOKEN_LETTERS}
    if survey is not None:
        with speaking(language):
            context |= {**assurance(assure(survey), language), "opens": moment(survey.opens_at)}
            context["ended_early"] = survey.ends_at < survey.closes_at
    content = render(f"refused_{reason}", language, **context)
    return HttpResponse(content, status=REFUSALS[reason], headers={"Content-Language": language})


def answer(visit: Visit, content: str, status: int = HTTPStatus.OK) -> HttpResponse:
    """A page for someone who has a code, or who has none any more: the browser keeps it, or forgets it."""
    response = HttpResponse(content, status=status, headers={"Content-Language": visit.language})
    return remember(response, visit)


def render(state: str, language: str, **context: Any) -> str:
    """A state as a page, in this language."""
    with speaking(language):
        return loader.get_template(f"surveys/{state}.html").render({**context, "language": language})


def assurance(said: Assurance, language: str) -> dict[str, Any]:
    """What the templates say of who can see what, in this language."""
    with speaking(language):
        return {
            "said": said,
            "background": [showing.words(label, language) for label in said.background],
            "deadline": moment(said.closes_at),
            "closes_on": day(timezone.localdate(said.closes_at)),
            "clean_on": day(said.clean_on),
            "destroyed_on": day(said.destroyed_on) if said.destroyed_on else "",
        }


def notice(told: Notice, language: str) -> dict[str, Any]:
    """What the templates say of who is responsible and when what is kept ends, in this language."""
    with speaking(language):
        ends = {name: day(getattr(told, name)) for name in ("letters_until", "invitation_until", "answers_until")}
    return {"told": told, **ends}


def given(survey: Survey, facts: Mapping[str, str], language: str) -> tuple[str, ...]:
    """The background that everyone has who comes by an open link, in words."""
    if not facts:
        return ()
    rows = BackgroundValue.objects.filter(fact__survey=survey).select_related("fact").order_by("fact__rank")
    chosen = [row for row in rows if facts.get(row.fact.name) == row.code]
    return tuple(f"{texts(row.fact, 'label')(language)}: {texts(row, 'label')(language)}" for row in chosen)


def _opens_section(page: Page, pages: Sequence[Page]) -> bool:
    return page.number == 1 or pages[page.number - 2].section is not page.section


def moment(moment: datetime) -> str:
    """Day and time of day, in words, in the language in force."""
    return formats.date_format(timezone.localtime(moment), pgettext("a day and a time of day", "l j F Y, H:i"))


def day(when: date) -> str:
    """A day, in words, in the language in force."""
    return formats.date_format(when, pgettext("a day", "j F Y"))
