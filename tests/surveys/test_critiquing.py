"""Findings of a draft in the database: accepted with a reason, and taken back."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from surveys import authoring, critiquing, publishing
from surveys.drafting import arranging
from surveys.models import AcceptedFinding, Question
from tests import cast, make
from tests.make import DURING, OPENS
from tests.surveys.critics import draft, number, reasons, rules
from tests.surveys.rules.judging import ask

pytestmark = pytest.mark.django_db


GONE = ["This is no longer found. Perhaps someone else has just repaired it."]


# --- Accepting --------------------------------------------------------------------------------------------
def test_a_finding_is_accepted_with_its_reason_and_taken_back() -> None:
    edition, person = draft(ask("Skjer det ofte?"), code="p"), cast.designer()

    critiquing.accept(edition, "vague-quantity", number(edition), "  Alle vet\nhva vi mener. ", person, DURING)

    found = {each.rule: each for each in critiquing.findings(edition) if each.question}
    assert found["vague-quantity"].reason == "Alle vet hva vi mener."
    [row] = critiquing.accepted_of(edition)
    assert (row.rule, row.person, row.accepted_at) == ("vague-quantity", person, DURING)

    critiquing.take_back(edition, "vague-quantity", number(edition))
    critiquing.take_back(edition, "vague-quantity", number(edition))

    assert critiquing.accepted_of(edition) == []
    assert {each.reason for each in critiquing.findings(edition)} == {""}


def test_a_finding_about_the_whole_is_accepted_once() -> None:
    edition, person = draft(ask("Skjer det?")), cast.designer()
    critiquing.accept(edition, "missing-deadline", None, "Fristen står i brevet.", person, DURING)

    with override("en"), pytest.raises(authoring.Refused) as refused:
        critiquing.accept(edition, "missing-deadline", None, "En annen grunn.", person, DURING)

    assert reasons(refused) == ["This has already been accepted. Take that back first to give another reason."]
    assert [row.reason for row in critiquing.accepted_of(edition)] == ["Fristen står i brevet."]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (" \n ", ["Please write why it may stand."]),
        ("x" * 501, ["The reason may have 500 characters."]),
    ],
)
def test_a_reason_is_needed(reason: str, expected: list[str]) -> None:
    edition = draft(ask("Skjer det ofte?"))

    with override("en"), pytest.raises(authoring.Refused) as refused:
        critiquing.accept(edition, "vague-quantity", number(edition), reason, None, DURING)

    assert reasons(refused) == expected
    assert critiquing.accepted_of(edition) == []


@pytest.mark.parametrize("rule", ["double-question", "nonsense", ""])
def test_what_is_not_found_cannot_be_accepted_or_repaired(rule: str) -> None:
    edition = draft(ask("Skjer det ofte?"))

    for deed in (
        lambda: critiquing.accept(edition, rule, number(edition), "Fordi.", None, DURING),
        lambda: critiquing.repair(edition, rule, number(edition)),
        lambda: critiquing.accept(edition, "vague-quantity", None, "Fordi.", None, DURING),
    ):
        with override("en"), pytest.raises(authoring.Refused) as refused:
            deed()
        assert reasons(refused) == GONE


def test_another_questionnaires_question_is_not_found() -> None:
    edition, other = draft(ask("Skjer det ofte?")), draft(ask("Skjer det ofte?"), code="annet")

    with override("en"), pytest.raises(authoring.Refused) as refused:
        critiquing.accept(edition, "vague-quantity", number(other), "Fordi.", None, DURING)

    assert reasons(refused) == GONE


def test_what_was_accepted_stays_with_the_published_edition_and_is_no_longer_changed() -> None:
    edition = draft(ask("Skjer det ofte?"))
    critiquing.accept(edition, "vague-quantity", number(edition), "Fordi.", None, DURING)
    publishing.publish(edition.questionnaire_id, OPENS)

    for deed in (
        lambda: critiquing.accept(edition, "missing-time", None, "Fordi.", None, DURING),
        lambda: critiquing.take_back(edition, "vague-quantity", number(edition)),
        lambda: critiquing.repair(edition, "missing-time", None),
    ):
        with pytest.raises(authoring.NotADraft):
            deed()

    assert [row.reason for row in critiquing.accepted_of(edition)] == ["Fordi."]
    assert ("Q", "vague-quantity") in rules(edition)


def test_the_database_keeps_one_acceptance_of_a_finding_and_its_reason() -> None:
    edition = draft(ask("Skjer det ofte?"))
    row = {"edition": edition, "rule": "missing-time", "question": None, "accepted_at": DURING}
    AcceptedFinding.objects.create(**row, reason="Fordi.")

    for reason in ("Fordi.", ""):
        with pytest.raises(IntegrityError), transaction.atomic():
            AcceptedFinding.objects.create(**row, reason=reason)


def test_deleting_the_question_takes_its_acceptance_along() -> None:
    edition = draft(ask("Skjer det ofte?"), ask("Skjer det?") | {"code": "R"})
    critiquing.accept(edition, "vague-quantity", number(edition), "Fordi.", None, DURING)

    arranging.delete_question(number(edition))

    assert critiquing.accepted_of(edition) == []


def test_three_questions_need_no_more_statements_than_one() -> None:
    small = draft(ask("Skjer det ofte?", concept="value"), code="liten")
    large = draft(*({**ask("Skjer det ofte?", concept="value"), "code": f"Q{n}"} for n in range(3)), code="stor")
    critiquing.accept(large, "vague-quantity", number(large, "Q1"), "Fordi.", None, DURING)

    with CaptureQueriesContext(connection) as one:
        critiquing.findings(small)
    with CaptureQueriesContext(connection) as three:
        critiquing.findings(large)

    assert len(three) <= len(one)


# --- Other questionnaires ---------------------------------------------------------------------------------
def test_the_newest_published_edition_elsewhere_is_the_yardstick_and_not_templates() -> None:
    published = make.published("fjor", [ask("Får brukerne hjelp?", concept="value", comparability="wording")])
    later = authoring.draft(published.questionnaire)
    Question.objects.filter(edition=later).update(text_nb="Noe helt annet?")
    make.loaded("mal", [ask("Enda noe annet?", concept="value", comparability="wording")], role="template")
    same = draft(ask("Får brukerne hjelp?", concept="value", comparability="wording"))

    assert ("Q", "different-wording") not in rules(same)

    other = draft(ask("Får brukerne støtte?", concept="value", comparability="wording"), code="annet")
    with override("en"):
        [found] = [each for each in critiquing.findings(other) if each.rule == "different-wording"]
    assert found.marked != ""
    assert found.detail == "Prøve Q asks: “Får brukerne hjelp?”"
