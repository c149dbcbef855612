"""Findings of a draft in the database: accepted with a reason, taken back, repaired by one press."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from surveys import authoring, critiquing, publishing, structure
from surveys.drafting import adding, arranging, banking, beginning
from surveys.models import AcceptedFinding, Condition, Edition, Option, Question
from surveys.structure import EditionView, Text
from tests import cast, make
from tests.make import DURING, OPENS
from tests.surveys.rules.judging import DONT_KNOW, YES_NO, ask

pytestmark = pytest.mark.django_db

GONE = ["This is no longer found. Perhaps someone else has just repaired it."]
PURPOSE = "Landsstyret vil vite hvordan det går der du er tillitsvalgt, og skriver en rapport."


def draft(*questions: dict[str, Any], code: str = "prov", **rest: Any) -> Edition:
    """A draft with these questions in one section."""
    return make.loaded(code, list(questions), purpose={"nb": PURPOSE}, **rest)


def rules(edition: Edition) -> set[tuple[str, str]]:
    """What is found: (question, rule)."""
    fresh = Edition.objects.get(pk=edition.pk)
    return {(each.question, each.rule) for each in critiquing.findings(fresh)}


def number(edition: Edition, code: str = "Q") -> int:
    """The id of a question."""
    return Question.objects.get(edition=edition, code=code).pk


def repaired(edition: Edition, rule: str, code: str = "Q") -> EditionView:
    """The draft after a repair; also that it is no longer found, and that the version tells other editors."""
    asked = number(edition, code) if code else None
    assert (code, rule) in rules(edition)
    before = Edition.objects.get(pk=edition.pk).version

    critiquing.repair(edition, rule, asked, before)

    assert (code, rule) not in rules(edition)
    assert Edition.objects.get(pk=edition.pk).version == before + 1
    return structure.read(Edition.objects.get(pk=edition.pk))


def reasons(refused: pytest.ExceptionInfo[authoring.Refused]) -> list[str]:
    return refused.value.reasons


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


# --- Repairs ----------------------------------------------------------------------------------------------


def test_dont_know_is_added_last_with_its_meaning() -> None:
    view = repaired(draft(ask("Er de tillitsvalgte med?", options=YES_NO)), "no-dont-know")

    assert [(option.code, option.meaning) for option in view.questions["Q"].options] == [
        ("yes", "answer"),
        ("no", "answer"),
        ("dont_know", "dont_know"),
    ]
    assert view.questions["Q"].options[2].label.by_language == {
        "nb": "Vet ikke", "nn": "Veit ikkje", "en": "Don’t know", "se": "In dieđe",
    }  # fmt: skip


def test_dont_know_gets_a_code_that_is_free() -> None:
    options = [{"code": "dont_know", "label": {"nb": "Ja"}}, {"code": "no", "label": {"nb": "Nei"}}]

    view = repaired(draft(ask("Er de tillitsvalgte med?", options=options)), "no-dont-know")

    assert [option.code for option in view.questions["Q"].options] == ["dont_know", "no", "dont_know_2"]


def test_other_is_added_before_dont_know_and_can_be_named() -> None:
    labels = ("Staten", "Kommunen", "Fylket")
    options = [{"code": f"o{n}", "label": {"nb": label}} for n, label in enumerate(labels)]
    edition = draft(ask("Hvem er arbeidsgiveren din?", "single_choice", options=[*options, DONT_KNOW]))

    view = repaired(edition, "missing-other")

    assert [option.code for option in view.questions["Q"].options] == ["o0", "o1", "o2", "other", "dont_know"]
    assert (view.questions["Q"].options[3].meaning, view.questions["Q"].elaboration_of("other")) == (
        "other",
        "optional",
    )


def test_everyone_is_invited_to_elaborate() -> None:
    texts = {"nb": "Blir dere hørt? Hvis ja, utdyp.", "nn": "Blir de høyrde?", "en": "Are you heard?"}
    prompt = {"nb": "Utdyp dersom ja", "en": "Please elaborate"}
    question = {**ask("", elaboration="optional", prompt=prompt), "text": texts}

    view = repaired(draft(question), "elaboration-yes-only")

    assert view.questions["Q"].text.by_language == {**texts, "nb": "Blir dere hørt?"}
    assert view.questions["Q"].elaboration_prompt.by_language == {
        "nb": "Utdyp gjerne svaret, uansett hva du svarte",
        "nn": "Utdjup gjerne svaret, same kva du svara",
        "en": "Please elaborate",
    }


def test_an_elaboration_of_yes_alone_is_opened_to_all() -> None:
    options = [{**YES_NO[0], "elaboration": "required"}, YES_NO[1], DONT_KNOW]

    view = repaired(draft(ask("Blir dere hørt?", options=options)), "elaboration-yes-only")

    question = view.questions["Q"]
    assert [question.elaboration_of(option.code) for option in question.options] == ["optional"] * 3


def test_a_forced_text_may_be_left_out() -> None:
    edition = draft(ask("Hva bør endres?", "long_text", required=True))

    assert repaired(edition, "required-free-text").questions["Q"].required is False

    options = [{**YES_NO[0], "elaboration": "required"}, YES_NO[1], DONT_KNOW]
    choice = draft(ask("Blir dere hørt?", elaboration="required", required=True, options=options), code="valg")
    question = repaired(choice, "required-free-text").questions["Q"]
    # The answer itself is still asked for: only the text may be left out.
    assert (question.required, question.elaboration, question.elaboration_of("yes")) == (True, "optional", "optional")


def test_a_yes_or_no_asked_as_text_becomes_one_with_an_elaboration() -> None:
    question = repaired(draft(ask("Har du sett forskjeller i lønn?", "long_text")), "yes-no-as-text").questions["Q"]

    assert (question.kind, [option.code for option in question.options]) == ("yes_no", ["yes", "no"])
    assert (question.elaboration, question.elaboration_prompt("nb")) == (
        "optional",
        "Utdyp gjerne svaret, uansett hva du svarte",
    )


def test_a_leading_text_moves_behind_the_question() -> None:
    block = {"code": "I", "kind": "information", "text": {"nb": "Mange opplever at tillitsvalgte holdes utenfor."}}
    more = {"code": "J", "kind": "information", "text": {"nb": "Mer om noe annet."}}
    edition = draft(block, more, ask("Er tillitsvalgte med?"), {**ask("Er du ny?", options=YES_NO), "code": "R"})

    view = repaired(edition, "leading-text", "I")

    assert [question.code for question in view.sections[0].questions] == ["J", "Q", "I", "R"]


def test_a_double_question_is_split_with_its_condition_in_every_language() -> None:
    texts = {
        "nb": "Får dere informasjon, og er den god?",
        "nn": "Får de informasjon, og er han god?",
        "en": "Are you informed?",
    }
    first = {**ask("Er du medlem?", options=YES_NO), "code": "A"}
    double = {
        **ask("", elaboration="optional"),
        "text": texts,
        "conditions": [{"source": "A", "operator": "one_of", "options": ["yes", "no"]}],
    }
    last = {**ask("Og så?", "long_text"), "code": "Z"}

    view = repaired(draft(first, double, last), "double-question")

    one, two = view.questions["Q"], view.questions["Q_2"]
    assert [question.code for question in view.sections[0].questions] == ["A", "Q", "Q_2", "Z"]
    assert one.text.by_language == {
        "nb": "Får dere informasjon?",
        "nn": "Får de informasjon?",
        "en": "Are you informed?",
    }
    assert two.text.by_language == {"nb": "Er den god?", "nn": "Er han god?"}
    assert (two.kind, two.elaboration, two.conditions) == (one.kind, one.elaboration, one.conditions)
    assert [option.code for option in two.options] == ["yes", "no", "dont_know"]
    assert publishing.obstacles(Edition.objects.get(pk=view.id)) == []


def test_the_double_question_of_the_reference_case_comes_apart() -> None:
    text = "Er det forskjeller i vilkårene? Hvilke, og påvirker de arbeidsmiljøet?"

    view = repaired(draft(ask(text, "long_text", concept="conditions")), "double-question")

    assert [question.text("nb") for question in view.sections[0].questions] == [
        "Er det forskjeller i vilkårene? Hvilke?",
        "Påvirker de arbeidsmiljøet?",
    ]
    assert [question.concept for question in view.sections[0].questions] == ["conditions", ""]


def test_a_second_question_that_is_no_yes_or_no_becomes_open_and_leaves_the_condition_of_others_alone() -> None:
    follower = {
        **ask("Hva skjedde?", "long_text"),
        "code": "R",
        "conditions": [{"source": "Q", "operator": "is", "option": "yes"}],
    }
    edition = draft(ask("Blir dere hørt, og hvordan merker dere det?"), follower)

    view = repaired(edition, "double-question")

    assert [(each.code, each.kind, len(each.options)) for each in view.sections[0].questions] == [
        ("Q", "yes_no", 3),
        ("Q_2", "long_text", 0),
        ("R", "long_text", 0),
    ]
    assert Condition.objects.get(question__edition=edition).source.code == "Q"


def test_a_bare_follow_up_becomes_the_prompt_of_the_elaboration() -> None:
    view = repaired(draft(ask("Er det forskjeller i lønn, og hvilke?")), "double-question")

    assert list(view.questions) == ["Q"]
    question = view.questions["Q"]
    assert (question.text("nb"), question.elaboration, question.elaboration_prompt.by_language) == (
        "Er det forskjeller i lønn?",
        "optional",
        {"nb": "Hvilke?"},
    )


def test_the_time_is_set_to_the_estimate() -> None:
    many = [{**ask("Hva bør endres?", "long_text"), "code": f"Q{n}"} for n in range(8)]

    assert repaired(draft(*many), "missing-time", "").minutes == 13
    assert repaired(draft(*many, code="kort", minutes=3), "too-long", "").minutes == 13


@pytest.mark.parametrize("rule", ["missing-deadline", "missing-data-protection"])
def test_a_paragraph_is_added_where_the_purpose_is_written(rule: str) -> None:
    edition = draft(ask("Skjer det?"))
    Edition.objects.filter(pk=edition.pk).update(
        purpose_en="The board wants to know. Open until 1 May. Who can see it: us."
    )

    purpose = repaired(edition, rule, "").purpose.by_language

    assert purpose["nb"].startswith(f"{PURPOSE}\n\n")
    assert purpose["en"] == "The board wants to know. Open until 1 May. Who can see it: us."
    assert "nn" not in purpose


def test_experience_is_asked_at_the_end_about_you_in_own_words() -> None:
    view = repaired(draft(ask("Skjer det?")), "no-experience-question", "")

    # The draft is written in bokmål only: a repair begins no other language.
    assert [section.title.by_language for section in view.sections] == [{"nb": "Del 1"}, {"nb": "Om deg"}]
    [question] = view.sections[1].questions
    assert (question.code, question.concept, question.origin) == ("years_in_role", "experience-in-role", "")
    assert [option.code for option in question.options] == [
        "under_1", "from_1_to_2", "from_3_to_5", "from_6_to_10", "from_11",
    ]  # fmt: skip


def test_experience_is_asked_in_the_words_of_the_bank() -> None:
    asked = ask("Når ble du tillitsvalgt?", "number", concept="experience-in-role") | {"code": "when"}
    make.loaded("bank", [asked], role="bank")
    edition = draft(ask("Skjer det?") | {"code": "when"})

    view = repaired(edition, "no-experience-question", "")

    [question] = view.sections[1].questions
    assert (question.code, question.text("nb"), question.origin) == ("when_2", "Når ble du tillitsvalgt?", "bank/when")


def test_every_repair_has_a_label_and_a_deed() -> None:
    from surveys import repairing

    assert set(repairing.LABELS) == set(repairing.OF_A_QUESTION) | set(repairing.WHOLE)


def test_a_repair_of_a_draft_that_has_changed_since_is_refused() -> None:
    edition = draft(ask("Er de tillitsvalgte med?", options=YES_NO))
    with authoring.editing(edition.pk):
        pass

    with pytest.raises(authoring.StaleDraft):
        critiquing.repair(edition, "no-dont-know", number(edition), edition.version)

    assert Option.objects.filter(question__edition=edition).count() == 2


def test_what_no_press_can_repair_is_refused_with_words() -> None:
    edition = draft(ask("Skjer det ofte?"))

    with override("en"), pytest.raises(authoring.Refused) as refused:
        critiquing.repair(edition, "vague-quantity", number(edition))

    assert reasons(refused) == ["This cannot be repaired by itself. Please change the text."]


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
