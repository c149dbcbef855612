"""Findings repaired by one press."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from surveys import authoring, critiquing, publishing, structure
from surveys.models import Condition, Edition, Option
from surveys.structure import EditionView
from tests import make
from tests.surveys.critics import PURPOSE, draft, number, reasons, rules
from tests.surveys.rules.judging import DONT_KNOW, YES_NO, ask

pytestmark = pytest.mark.django_db


def repaired(edition: Edition, rule: str, code: str = "Q") -> EditionView:
    """The draft after a repair; also that it is no longer found, and that the version tells other editors."""
    asked = number(edition, code) if code else None
    assert (code, rule) in rules(edition)
    before = Edition.objects.get(pk=edition.pk).version

    critiquing.repair(edition, rule, asked, before)

    assert (code, rule) not in rules(edition)
    assert Edition.objects.get(pk=edition.pk).version == before + 1
    return structure.read(Edition.objects.get(pk=edition.pk))


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
