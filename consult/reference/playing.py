"""Playing the reference case: the steps that people took, through the deeds and pages they would use.

The demo plays it to have something to show, and tests/flows plays it to see that it comes out as published.
Nothing is put into the database that a step of the service has not put there.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default as mail_policy
from pathlib import Path
from zoneinfo import ZoneInfo

from consult import delivering, describing, distributing, importing, selecting
from consult.models import Consultation, LetterKind, Role, Unit, UnitKind, User
from consult.reference import answers
from consult.reference.answers import Given
from consult.reference.browsing import Browser
from surveys import coding, fielding, publishing
from surveys.formats import json as questionnaires
from surveys.models import Edition, Survey

FOLDER = Path(__file__).parent
REGISTER = FOLDER / "register-2021.csv"
OSLO = ZoneInfo("Europe/Oslo")
LINK = re.compile(r"https?://[^\s<>\"]+/s/[a-z2-7]+")
MOST_STEPS = 30
BATCH = 50


@dataclass(frozen=True)
class Wave:
    """One survey of the case: what is asked of whom, when, and what is declared beforehand."""

    code: str
    roles: tuple[Role, ...]
    opens_at: datetime
    reminds_at: datetime
    closes_at: datetime
    facts: tuple[str, ...]
    codebooks: tuple[str, ...] = ()
    crosses: tuple[tuple[str, str], ...] = ()


CHIEF = Wave(
    code="nav-partnership-chief-2021",
    roles=(Role.CHIEF, Role.DEPUTY),
    opens_at=datetime(2021, 9, 6, 9, tzinfo=OSLO),
    reminds_at=datetime(2021, 9, 17, 9, tzinfo=OSLO),
    closes_at=datetime(2021, 9, 24, 23, 59, tzinfo=OSLO),
    facts=("role", "region"),
    codebooks=("A1", "A2", "A3"),
)
LOCAL = Wave(
    code="nav-partnership-local-2021",
    roles=(Role.LOCAL,),
    opens_at=datetime(2021, 10, 27, 9, tzinfo=OSLO),
    reminds_at=datetime(2021, 11, 5, 9, tzinfo=OSLO),
    closes_at=datetime(2021, 11, 12, 23, 59, tzinfo=OSLO),
    facts=("role", "region", "size_band"),
    codebooks=("B1", "B2", "B3", "B4", "B5"),
    crosses=(("B3.stance", "B2.stance"), ("B3.stance", "B1.stance")),
)


def pulse(now: datetime) -> Wave:
    """The survey that is open when a visitor comes: it began two days ago and ends in two weeks."""
    return Wave(
        code="samarbeid-puls-2026",
        roles=(Role.CHIEF, Role.DEPUTY, Role.LOCAL),
        opens_at=now - timedelta(days=2),
        reminds_at=now + timedelta(days=7),
        closes_at=(now + timedelta(days=14)).astimezone(OSLO).replace(hour=23, minute=59, second=0, microsecond=0),
        facts=("role", "region"),
        crosses=(("P2", "P1"),),
    )


def import_register(now: datetime) -> None:
    """The membership register, through the same import a secretary uses."""
    plan = importing.plan(REGISTER.read_bytes(), REGISTER.name, now)
    importing.apply(plan.pk, now)


def author(code: str) -> None:
    """A questionnaire of this folder, as a draft."""
    questionnaires.load((FOLDER / f"{code}.json").read_bytes())


def publish(code: str, now: datetime) -> Edition:
    """The draft of that questionnaire, frozen as an edition."""
    draft = Edition.objects.get(questionnaire__code=code, published_at__isnull=True)
    return publishing.publish(draft.questionnaire_id, now)


def field(wave: Wave, edition: Edition, now: datetime) -> Survey:
    """Plan the survey, make the invitations, open it, and set the letters on their dates."""
    roles = [str(role.value) for role in wave.roles]
    survey = fielding.plan(
        wave.code,
        edition,
        opens_at=wave.opens_at,
        closes_at=wave.closes_at,
        # Everyone in this register gave a private address.
        strict_reminders=False,
        facts=describing.facts(wave.facts),
        crosses=wave.crosses,
        codebooks=wave.codebooks,
    )
    audience = selecting.define(survey, roles, Unit.objects.get(kind=UnitKind.UNION))
    selecting.freeze(audience, now)
    fielding.open_survey(survey, now)
    distributing.schedule(survey, LetterKind.INVITATION, wave.opens_at)
    distributing.schedule(survey, LetterKind.REMINDER, wave.reminds_at)
    return Survey.objects.get(pk=survey.pk)


def send_due(now: datetime) -> None:
    """What the workers do when letters are due."""
    distributing.queue_due(now)
    while delivering.deliver_batch(now):
        pass


def consultation(surveys: Iterable[Survey]) -> Consultation:
    """The consultation that the surveys of 2021 belong to."""
    row, _created = Consultation.objects.get_or_create(
        code="nav-partnership-2021",
        defaults={
            "title": "Partnerskapet i Nav 2021",
            "mandate": "Finne ut hvordan partnerskapet virker i praksis, og tilrå hva forbundet bør gjøre.",
        },
    )
    row.surveys.add(*surveys)
    return row


def letters(folder: Path) -> list[EmailMessage]:
    """The letters received so far, in the order they came."""
    return [email.message_from_bytes(path.read_bytes(), policy=mail_policy) for path in sorted(folder.glob("*.eml"))]


def link(letter: EmailMessage) -> str:
    """The personal link in a letter's plain text.

    Raises:
        LookupError: there is none.
    """
    body = letter.get_body(("plain",))
    found = LINK.search(body.get_content() if body else "")
    if found is None:
        raise LookupError(str(letter["Subject"]))
    return found.group()


def respond(address: str, given: Given, now: datetime) -> Browser:
    """Answer a survey from its link: start, fill in every page, look it over, submit. The browser at the receipt."""
    browser = Browser(now)
    browser.open(address)
    browser.press("go", "start")
    for _step in range(MOST_STEPS):
        if browser.has("go", "submit"):
            browser.press("go", "submit")
            return browser
        browser.press("go", "next", **_fields(browser, given))
    raise LookupError(f"no end in sight at {browser.address}")


def code_everything(survey: Survey, coder: User, now: datetime) -> int:
    """Code every open answer of a survey, batch by batch as the coding page hands them out; how many."""
    coded = 0
    survey.refresh_from_db()  # it was closed since it was read
    for codebook in survey.codebooks.select_related("question").order_by("question__code"):
        while waiting := coding.next_answers(codebook, BATCH):
            decisions = {each.answer_id: answers.stance(codebook.question.code, each.text) for each in waiting}
            coding.assign_many(codebook.pk, decisions, coder, now)
            coded += len(decisions)
    return coded


def _fields(browser: Browser, given: Given) -> dict[str, str]:
    """The fields of the page in view, filled in."""
    fields = {}
    for form in browser.forms:
        for name in [*form.fields, *form.choices]:
            code, _underscore, part = name.rpartition("_")
            if part in ("option", "text") and given.answers.get(code, {}).get(part):
                fields[name] = given.answers[code][part]
    return fields
