"""Shallow builders for tests: plain functions, each making one thing with sensible defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from surveys import answering, authoring, closing, fielding, publishing, sealing
from surveys.answering import Voter
from surveys.fielding import FactPlan
from surveys.formats import json as json_format
from surveys.models import Edition, Option, Question, Questionnaire, Section, Survey

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


def closed(survey: Survey, voters: Sequence[Voter], person: object, now: datetime = AFTER) -> None:
    """Take a survey all the way through its closing, with as many approvals as it needs."""
    from surveys import keyring

    keys = keyring.keys(survey.key_id)
    facts = {sealing.locator(keys, each.invitation): each.facts for each in voters}
    closing.stop(survey, now)
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
