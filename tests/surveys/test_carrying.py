"""What was accepted goes along: into the next draft, into copies, from templates and the bank."""

from __future__ import annotations

import pytest

from surveys import authoring, critiquing, publishing, structure
from surveys.drafting import adding, banking, beginning
from surveys.models import Edition, Question
from surveys.structure import Text
from tests import cast, make
from tests.make import DURING, OPENS
from tests.surveys.critics import draft, number
from tests.surveys.rules.judging import ask

pytestmark = pytest.mark.django_db


# --- What was let stand goes along -------------------------------------------------------------------------
def let_stand(edition: Edition) -> list[tuple[str, str]]:
    """The findings on questions that are accepted, by their questions' codes, and why."""
    return [(each.question, each.reason) for each in critiquing.findings(edition) if each.accepted and each.question]


def test_it_stands_in_the_next_draft_while_its_sentence_does() -> None:
    edition = draft(ask("Skjer det ofte?"), ask("Skjer det sjelden?") | {"code": "R"})
    person = cast.designer()
    for question in edition.questions.all():
        critiquing.accept(edition, "vague-quantity", question.pk, f"Fordi {question.code}.", person, DURING)
    publishing.publish(edition.questionnaire_id, OPENS)

    fresh = authoring.draft(edition.questionnaire)

    assert let_stand(fresh) == [("Q", "Fordi Q."), ("R", "Fordi R.")]
    [first, _second] = critiquing.accepted_of(fresh)
    assert (first.sentence, first.person, first.accepted_at) == ("Skjer det ofte?", person, DURING)
    changed = fresh.questions.get(code="Q")
    Question.objects.filter(pk=changed.pk).update(text_nb="Skjer det ganske ofte?")
    assert let_stand(fresh) == [("R", "Fordi R.")]
    assert [row.reason for row in critiquing.accepted_of(fresh)] == ["Fordi R."]
    # The one it was copied from says what it said, and the changed one can be let stand anew.
    assert let_stand(Edition.objects.get(pk=edition.pk)) == [("Q", "Fordi Q."), ("R", "Fordi R.")]
    critiquing.accept(fresh, "vague-quantity", changed.pk, "Fortsatt.", None, DURING)
    assert let_stand(fresh) == [("Q", "Fortsatt."), ("R", "Fordi R.")]


def test_it_goes_along_with_copies() -> None:
    edition = draft(ask("Skjer det ofte?"))
    critiquing.accept(edition, "vague-quantity", number(edition), "Fordi.", None, DURING)

    copy = adding.copy_question(edition.pk, number(edition))
    assert let_stand(edition) == [("Q", "Fordi."), (copy.code, "Fordi.")]
    adding.copy_section(edition.pk, edition.sections.get().pk)
    assert len(let_stand(edition)) == 4
    authoring.replace_draft(edition.questionnaire, structure.read(edition))
    assert len(let_stand(Edition.objects.get(pk=edition.pk))) == 4


def test_it_goes_along_from_a_template_and_from_the_bank() -> None:
    template = draft(ask("Skjer det ofte?"), code="mal", role="template")
    critiquing.accept(template, "vague-quantity", number(template), "Fordi.", None, DURING)
    made = beginning.begin(template.questionnaire_id, "ny-2021", Text({"nb": "Ny"}))
    assert let_stand(made.editions.get()) == [("Q", "Fordi.")]

    bank = draft(ask("Skjer det ofte?"), code="banken", role="bank")
    critiquing.accept(bank, "vague-quantity", number(bank), "I banken.", None, DURING)
    target = make.loaded("prov-2021", [make.asking("B1")])
    taken = banking.take(number(bank), target.sections.get().pk)
    assert let_stand(target) == [(taken.question.code, "I banken.")]
