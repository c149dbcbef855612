"""Shallow builders for tests: plain functions, each making one thing with sensible defaults."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from consult import distributing, importing
from consult.models import Address, Appointment, Audience, Invitation, Mailing, Person, Unit
from surveys import answering, authoring, closing, fielding, publishing
from surveys.answering import Voter
from surveys.box import keyring, sealing
from surveys.fielding import FactPlan
from surveys.formats import json as json_format
from surveys.models import Edition, Option, Question, Questionnaire, Section, Survey
from tests.tables import add as add_table

# --- Surveys in the field ---------------------------------------------------------------------------------

OPENS = datetime(2026, 3, 1, 8, tzinfo=UTC)
DURING = datetime(2026, 3, 5, 12, tzinfo=UTC)
DEADLINE = datetime(2026, 3, 15, 22, tzinfo=UTC)
AFTER = datetime(2026, 3, 15, 22, 0, 1, tzinfo=UTC)

ROLE = FactPlan("role", {"nb": "Verv", "en": "Role"}, [("chief", {"nb": "HTV"}), ("local", {"nb": "PTV"})])
REGION = FactPlan("region", {"nb": "Region"}, [("north", {"nb": "Nord"}), ("south", {"nb": "Sør"})])


def draft(code: str = "pulse") -> Edition:
    """A draft with Q1 (yes/no with elaboration), Q2 (one of three, must be answered) and Q3 (text)."""
    questionnaire = Questionnaire.objects.create(code=code, title_nb="Puls", title_en="Pulse")
    edition = authoring.draft(questionnaire)
    Edition.objects.filter(pk=edition.pk).update(title_nb="Puls", purpose_nb="Vi spør for å vite.")
    section = Section.objects.create(edition=edition, position=1, title_nb="Del 1")
    question(section, 1, "Q1", "yes_no", ["yes", "no"], elaboration="optional")
    question(section, 2, "Q2", "single_choice", ["good", "fair", "poor"], required=True)
    question(section, 3, "Q3", "long_text")
    edition.refresh_from_db()
    return edition


def question(
    section: Section,
    position: int,
    code: str,
    kind: str,
    options: Sequence[str] = (),
    *,
    elaboration: str = "never",
    required: bool = False,
) -> Question:
    """A question in bokmål, with one option a code."""
    row = Question.objects.create(
        edition=section.edition,
        section=section,
        position=position,
        code=code,
        kind=kind,
        text_nb=f"Spørsmål {code}?",
        elaboration=elaboration,
        required=required,
    )
    for number, option in enumerate(options, start=1):
        Option.objects.create(question=row, position=number, code=option, label_nb=option.title())
    return row


def edition(code: str = "pulse") -> Edition:
    """The same, published."""
    return publishing.publish(draft(code).questionnaire_id, OPENS)


def planned(code: str = "pulse-2026", promise: str = "anonymous", **plan: object) -> Survey:
    """A survey of `edition`, planned with role and region as background and a codebook on Q1."""
    defaults: dict[str, object] = {"facts": [ROLE, REGION], "codebooks": ["Q1"]}
    return fielding.plan(
        code, edition(code), opens_at=OPENS, closes_at=DEADLINE, promise=promise, **{**defaults, **plan}
    )  # type: ignore[arg-type]


def opened(code: str = "pulse-2026", promise: str = "anonymous", **plan: object) -> Survey:
    """The same, open for answers from OPENS to DEADLINE."""
    survey = planned(code, promise, **plan)
    fielding.open_survey(survey, OPENS)
    return survey


def voter(survey: Survey, invitation: UUID | None = None, **facts: str) -> Voter:
    """Someone admitted to a survey."""
    return Voter(survey, invitation or uuid4(), facts)


def answered(voter: Voter, answers: Mapping[str, Mapping[str, str]] | None = None, now: datetime = DURING) -> str:
    """Draft and submit; the receipt."""
    code = sealing.new_resume_code()
    given = {question: dict(answer) for question, answer in (answers or {"Q2": {"option": "good"}}).items()}
    answering.save(voter, code, given, "nb", now)
    return answering.submit(voter, code, now)


def places(survey: Survey, voters: Sequence[Voter]) -> dict[bytes, Mapping[str, str]]:
    """{locator: facts} of these voters, as the register gives it to the closing."""
    keys = keyring.keys(survey.key_id)
    return {sealing.locator(keys, each.invitation): each.facts for each in voters}


def closed(survey: Survey, voters: Sequence[Voter], person: object, now: datetime = AFTER) -> None:
    """Take a survey all the way through its closing, with as many approvals as it needs."""
    facts = places(survey, voters)
    closing.stop(survey, now)
    closing.advance(survey, lambda: facts, now)
    if survey.is_anonymous:
        closing.approve(survey, person, now)
    assert closing.advance(survey, lambda: facts, now) is (closing.approvals_needed(survey) == 0)


# --- Questionnaires as documents --------------------------------------------------------------------------


def asking(code: str, kind: str = "yes_no", **rest: Any) -> dict[str, Any]:
    """A question as it stands in a document."""
    return {"code": code, "kind": kind, "text": {"nb": f"{code}, hva mener du?"}, **rest}


def document(code: str = "prov-2021", *sections: list[dict[str, Any]], **rest: Any) -> dict[str, Any]:
    """A questionnaire as a document, each section a list of questions; without any, one section of three."""
    parts = sections or (
        [
            asking("Q1", elaboration="optional"),
            asking("Q2", "long_text"),
            asking("Q3", conditions=[{"source": "Q1", "operator": "is", "option": "yes"}]),
        ],
    )
    return {
        "code": code,
        "title": {"nb": "Prøve"},
        "purpose": {"nb": "For å prøve."},
        "sections": [{"title": {"nb": f"Del {place}"}, "questions": part} for place, part in enumerate(parts, 1)],
        **rest,
    }


def loaded(code: str = "prov-2021", *sections: list[dict[str, Any]], **rest: Any) -> Edition:
    """The draft of a questionnaire made from `document`."""
    return authoring.draft(json_format.load(document(code, *sections, **rest)))


def published(code: str = "prov-2021", *sections: list[dict[str, Any]], **rest: Any) -> Edition:
    """The same, published."""
    return publishing.publish(loaded(code, *sections, **rest).questionnaire_id, OPENS)


def empty_questionnaire(code: str = "tomt-2021") -> Questionnaire:
    """A questionnaire with no edition at all."""
    return Questionnaire.objects.create(code=code, title_nb="Tomt")


# --- People and letters -----------------------------------------------------------------------------------


def unit(code: str = "forbundet", kind: str = "union", parent: Unit | None = None, **rest: Any) -> Unit:
    """A unit of the organisation."""
    return Unit.objects.get_or_create(
        code=code, defaults={"name": code.title(), "kind": kind, "parent": parent, **rest}
    )[0]


def person(number: int, name: str = "", *, language: str = "nb", kind: str = "private", role: str = "local") -> Person:
    """Someone in the register with one address and one appointment; `name` is "Given Family"."""
    given, _, family = (name or f"Kari Nordmann{number}").partition(" ")
    row = Person.objects.create(number=str(number), given_name=given, family_name=family, language=language)
    Address.objects.create(person=row, email=f"person{number}@example.org", kind=kind)
    Appointment.objects.create(person=row, unit=unit(), role=role, starts_on=date(2020, 1, 1))
    return row


def invited(survey: Survey, people: Sequence[Person]) -> list[Invitation]:
    """A frozen audience of exactly these people, with their invitations in the same order."""
    Audience.objects.create(survey=survey, roles=["local"], unit=unit(), frozen_at=OPENS, size=len(people))
    rows = [
        Invitation(survey=survey, person=each, address=each.addresses.first(), selector=secrets.randbits(63), facts={})
        for each in people
    ]
    return Invitation.objects.bulk_create(rows)


def mailed(survey: Survey, kind: str = "invitation", due_at: datetime = OPENS, ordinal: int = 1) -> Mailing:
    """A round of letters, scheduled and queued."""
    mailing = distributing.schedule(survey, kind, due_at, ordinal)
    distributing.queue_due(DURING)
    mailing.refresh_from_db()
    return mailing


# --- Releases, as plain rows ------------------------------------------------------------------------------

FIELDWORK = {"opens_at": OPENS, "closes_at": DEADLINE}


def in_field(code: str = "pulse-2026", facts: Sequence[str] = (), *, state: str = "closed", **fields: Any) -> Survey:
    """A survey that has been opened (and closed), with an empty edition and the named background facts."""
    from surveys.models import BackgroundFact

    questionnaire = Questionnaire.objects.create(code=code, title_nb=code)
    title = fields.pop("title", f"Undersøkelsen {code}")
    edition = Edition.objects.create(questionnaire=questionnaire, number=1, published_at=OPENS, title_nb=title)
    survey = Survey.objects.create(code=code, edition=edition, **{**FIELDWORK, **fields})
    for rank, name in enumerate(facts, start=1):
        BackgroundFact.objects.create(survey=survey, name=name, rank=rank, label_nb=name.title())
    times: dict[str, datetime] = {} if state == "planned" else {"opened_at": OPENS}
    if state == "closed":
        times |= {"stopped_at": DEADLINE, "closed_at": AFTER}
    Survey.objects.filter(pk=survey.pk).update(**{"opened_at": None, **times})
    survey.refresh_from_db()
    return survey


def release(
    survey: Survey,
    tables: Mapping[str | tuple[str, str], Mapping[str, Any] | None],
    *,
    responses: int | None = 85,
    concepts: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    now: datetime = AFTER,
) -> Any:
    """A computed release of the survey.

    `tables`: {"B2": {"yes": 44, "no": 41}} is a table of the whole; {("B2", "region"): {"north": {"yes": 9, "no": 9},
    "south": None}} one within groups. None withholds a figure or a whole group. `labels` are by code.
    """
    from surveys.models import Release

    number = Release.objects.filter(survey=survey).count() + 1
    row = Release.objects.create(survey=survey, number=number, requested_at=now)
    for position, (name, content) in enumerate(tables.items()):
        variable, by = name if isinstance(name, tuple) else (name, "")
        add_table(row, position, variable, by, content or {}, concepts or {}, labels or {}, responses)
    hashed = hashlib.sha256(f"{survey.code} {number} {tables}".encode()).hexdigest()
    Release.objects.filter(pk=row.pk).update(computed_at=now, sha256=hashed, responses=responses)
    row.refresh_from_db()
    return row


def asked(survey: Survey, at: Unit | None = None, size: int = 120, **strata: Mapping[str, int]) -> Audience:
    """A frozen audience at or below a unit (the union), with its sizes by fact: `region={"north": 60}`."""
    from consult.models import Stratum

    audience = Audience.objects.create(survey=survey, roles=["local"], unit=at or unit(), frozen_at=OPENS, size=size)
    Stratum.objects.bulk_create(
        Stratum(audience=audience, fact=fact, value=value, size=number)
        for fact, sizes in strata.items()
        for value, number in sizes.items()
    )
    return audience


def granted(user: Any, at: Unit | None = None) -> Any:
    """The user, allowed to see the results of a unit (the union)."""
    from consult.models import Grant

    Grant.objects.create(user=user, unit=at or unit())
    return user


# --- The register, as files --------------------------------------------------------------------------------

# One union, one region with an operating unit and two offices.
UNIT_ROWS: tuple[dict[str, str], ...] = (
    {"rad": "enhet", "enhetskode": "forbundet", "enhet": "Forbundet", "enhetstype": "forbund"},
    {"rad": "enhet", "enhetskode": "nord", "enhet": "Region Nord", "enhetstype": "region", "overordnet": "forbundet"},
    {"rad": "enhet", "enhetskode": "drift", "enhet": "Nav Ås", "enhetstype": "driftsenhet", "overordnet": "nord"},
    {
        "rad": "enhet", "enhetskode": "k1", "enhet": "Nav Bø", "enhetstype": "kontor", "overordnet": "drift",
        "fylke": "Ås", "størrelse": "liten", "vertskommune": "ja",
    },
    {
        "rad": "enhet", "enhetskode": "k2", "enhet": "Nav Øy", "enhetstype": "kontor", "overordnet": "drift",
        "fylke": "Ås", "størrelse": "stor", "vertskommune": "nei",
    },
)  # fmt: skip


def appointed(number: str, name: str = "Åsheim, Kari", **rest: str) -> dict[str, str]:
    """A row of a register file: a local representative at k1 since 2020, with a private address."""
    return {
        "rad": "verv", "medlemsnummer": number, "navn": name, "e-post": f"p{number}@medlem.example",
        "e-posttype": "privat", "verv": "plasstillitsvalgt", "enhetskode": "k1", "fra": "01.02.2020", **rest,
    }  # fmt: skip


def register_csv(*rows: dict[str, str], units: Sequence[dict[str, str]] = UNIT_ROWS, encoding: str = "utf-8") -> bytes:
    """A register file of these rows below those of the units; its columns are the ones that any row has."""
    every = [*units, *rows]
    columns = list(dict.fromkeys(column for row in every for column in row))
    lines = [columns, *([row.get(column, "") for column in columns] for row in every)]
    return "".join(";".join(line) + "\r\n" for line in lines).encode(encoding)


def imported(*rows: dict[str, str], now: datetime = OPENS, **rest: Any) -> importing.Outcome:
    """The register after a file of these rows."""
    return importing.apply(importing.plan(register_csv(*rows, **rest), "register.csv", now).pk, now)


# --- Personal links ---------------------------------------------------------------------------------------


def link(survey: Survey, number: int = 1, *, language: str = "nb", **facts: str) -> str:
    """The token in the letter of one more invited person."""
    row = Invitation.objects.create(
        survey=survey, person=person(number, language=language), selector=secrets.randbits(63), facts=facts
    )
    return token(row)


def token(invitation: Invitation) -> str:
    """The token that stands in an invitation's letters."""
    survey = invitation.survey
    keys = keyring.keys(survey.key_id)
    return sealing.link_token(keys, survey.pk, invitation.pk, invitation.selector, invitation.generation)


def routed(code: str = "routed", promise: str = "anonymous", **plan: Any) -> Survey:
    """An open survey of three pages: choice with a text asked for and open text; information and a required
    choice; and, on a page of its own, a question for those who said yes to that.

    Texts are in bokmål and English, so that nynorsk falls back.
    """

    def both(text: str) -> dict[str, str]:
        return {"nb": f"{text} (nb)", "en": f"{text} (en)"}

    edition = published(
        code,
        [
            {"code": "Q1", "kind": "yes_no", "text": both("Better help?"), "elaboration": "required"},
            {"code": "Q2", "kind": "long_text", "text": both("What have you seen?"), "help": both("Briefly.")},
        ],
        [
            {"code": "I1", "kind": "information", "text": both("Read **this** first.")},
            {"code": "Q3", "kind": "yes_no", "text": both("A host office?"), "required": True},
            {
                "code": "Q4",
                "kind": "long_text",
                "text": both("What changed?"),
                "conditions": [{"source": "Q3", "operator": "is", "option": "yes"}],
            },
        ],
        title=both("The partnership"),
        purpose=both("The board asks, to know. *Thank you.*"),
        minutes=5,
    )
    survey = fielding.plan(
        code, edition, opens_at=OPENS, closes_at=DEADLINE, promise=promise, **{"facts": [ROLE, REGION], **plan}
    )
    fielding.open_survey(survey, OPENS)
    return survey


# --- Images and documents ---------------------------------------------------------------------------------


def showing(code: str = "visning-2026", *, published: bool = False, **contents: bytes) -> Edition:
    """A questionnaire whose first block has a quotation and no file; then a block for each of `contents`, I2 and on;
    and, on a page of its own, a question. Published ones can be answered."""
    blocks = [
        asking("I1", "information", quotation={"nb": "Først *spør*."}, source={"nb": "Avtalen"}),
        *(
            asking(
                f"I{number}",
                "information",
                attachment=name,
                alt={"nb": "En ring"} if content[:4] != b"%PDF" else {},
                caption={"nb": "Ringen" if content[:4] != b"%PDF" else "Avtalen om ringen"},
            )
            for number, (name, content) in enumerate(contents.items(), start=2)
        ),
    ]
    enclosed = {name: base64.b64encode(content).decode() for name, content in contents.items()}
    made = loaded(code, [*blocks, asking("Q1")], files=enclosed)
    return publishing.publish(made.questionnaire_id, OPENS) if published else made
