"""What is judged of a questionnaire as a whole, or of its texts beside the questions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys import critiquing
from surveys.formats import strict
from surveys.rules import choices, doubling, effort, reading, words
from surveys.rules.base import LANGUAGES, Shared, Subject
from surveys.rules.registry import RULES
from surveys.structure import Text
from tests.surveys.formats.test_json import documents
from tests.surveys.rules.judging import DONT_KNOW, YES_NO, ask, of_question, of_whole, view

EXPERIENCE = ask("Hvor lenge har du vært tillitsvalgt?", "number")
PURPOSE = {
    "nb": "Landsstyret vil vite hvordan partnerskapet virker, og bruker svarene i en rapport. Svarfristen står øverst. "
    "Lenger ned står det hvem som kan se svarene dine."
}
WHOLE = {"purpose": PURPOSE, "minutes": 5}


def found(*questions: dict[str, Any], **rest: Any) -> set[str]:
    """What is found in the whole of a questionnaire that otherwise has everything; nynorsk aside."""
    content = view(*(questions or (EXPERIENCE,)), **{**WHOLE, **rest})
    return of_whole(critiquing.criticise(content)) - {"missing-translation"}


def test_a_questionnaire_that_says_everything_passes() -> None:
    assert found() == set()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"purpose": {}}, {"missing-purpose", "missing-deadline", "missing-data-protection"}),
        ({"purpose": {"nb": "Svarfristen og personvern."}}, {"missing-purpose"}),
        ({"purpose": {"nb": PURPOSE["nb"].replace("Svarfristen står øverst. ", "")}}, {"missing-deadline"}),
        ({"purpose": {"nb": PURPOSE["nb"].split(" Lenger")[0]}}, {"missing-data-protection"}),
        ({"purpose": {"nb": PURPOSE["nb"] + " Undersøkelsen er helt anonym."}}, {"promised-anonymity"}),
        ({"purpose": {"nb": PURPOSE["nb"] + " Svarene er anonyme."}}, {"promised-anonymity"}),
        ({"purpose": {"nb": PURPOSE["nb"] + " Vi spør alle hovedtillitsvalgte."}}, {"relay-unasked"}),
        ({"purpose": {"nb": PURPOSE["nb"] + " Den går ut gjennom de lokale lederne."}}, {"relay-unasked"}),
        ({"purpose": {"nb": PURPOSE["nb"] + " Vi spør alle hovedtillitsvalgte. Send den videre til plassene."}}, set()),
        ({"purpose": {"nb": PURPOSE["nb"] + " Du som er HTV: ikke send den videre."}}, set()),
        ({"minutes": None}, {"missing-time"}),
        ({"minutes": None, "purpose": {"nb": PURPOSE["nb"] + " Det tar 5–10 minutter."}}, set()),
        ({"sections": [{"intro": {"nb": "Svar er helt anonyme."}, "questions": [EXPERIENCE]}]}, {"promised-anonymity"}),
    ],
)  # fmt: skip
def test_what_people_must_be_told(change: dict[str, Any], expected: set[str]) -> None:
    assert found(**change) == expected


def test_experience_may_be_asked_or_known() -> None:
    other = {**ask("Hva bør endres?", "long_text"), "code": "Z"}
    fact = {"name": "tenure", "label": {"nb": "Tid i vervet"}, "values": [{"code": "new", "label": {"nb": "Ny"}}]}

    assert found(other) == {"no-experience-question"}
    assert found(other, facts=[fact]) == set()
    assert found({**other, "concept": "experience-in-role"}) == set()


def test_a_bank_has_no_first_page() -> None:
    content = view(ask("Skjer det ofte?"))

    assert {each.rule for each in critiquing.criticise(content, is_asked=False)} == {
        "vague-quantity",
        "missing-translation",
    }


# --- Time -------------------------------------------------------------------------------------------------


def test_the_estimate_is_reading_and_answering() -> None:
    hundred = {"nb": " ".join(["ord"] * 100)}

    # 100 words at 200 a minute, and 5 seconds for a yes or no with two words to choose between and one in the title.
    long = view({**ask("", options=YES_NO), "text": hundred})
    assert effort.minutes(long) == 1
    assert effort.seconds_for(long.questions["Q"]) == pytest.approx(30.6 + 5)
    assert effort.seconds_for(view(ask("ord", "long_text")).questions["Q"]) == pytest.approx(90.3)


def test_what_is_shown_to_some_counts_half() -> None:
    shown = {**ask("ord", "long_text"), "code": "R", "conditions": [{"source": "Q", "operator": "is", "option": "yes"}]}
    question = view(ask("Er det ja?", options=YES_NO), shown).questions["R"]

    assert effort.seconds_for(question) == pytest.approx(90.3 / 2)


def test_too_long_for_the_stated_time_says_both() -> None:
    many = [{**ask("Hva bør endres?", "long_text"), "code": f"Q{number}"} for number in range(10)]

    [hit] = list(effort.too_long(Subject(view(EXPERIENCE, *many, **WHOLE))))

    assert "16" in hit.detail
    assert "5" in hit.detail
    assert list(effort.too_long(Subject(view(EXPERIENCE, *many, **{**WHOLE, "minutes": 14})))) == []


# --- Before a question ------------------------------------------------------------------------------------

ABOUT = {**ask("Blir tillitsvalgte tatt med før avtalen endres?"), "code": "Z"}


@pytest.mark.parametrize(
    ("text", "leads"),
    [
        ("> «Avtalen skal drøftes med de tillitsvalgte før den endres.»", True),
        ("Undersøkelser viser at tillitsvalgte sjelden blir hørt.", True),
        ("Mange opplever at tillitsvalgte holdes utenfor.", True),
        ("Tillitsvalgte skal være med når avtalen endres.", True),
        ("Nå følger noen spørsmål om avtalen og de tillitsvalgte.", False),
        ("Med avtalen mener vi den som stat og kommune har skrevet under på.", False),
        ("> «Åpningstidene skal være like i hele landet.»", False),
    ],
)
def test_a_text_before_a_question_leads_only_if_it_takes_a_side_in_the_same_matter(text: str, leads: bool) -> None:
    block = {"code": "I", "kind": "information", "text": {"nb": text}}
    after_another = {**ask("Hva er klokka?", "short_text"), "code": "Y"}

    assert of_question(critiquing.criticise(view(block, ABOUT))) == ({"leading-text": [text]} if leads else {})
    assert of_question(critiquing.criticise(view(block, after_another, ABOUT))) == {}
    told = critiquing.criticise(view(sections=[{"intro": {"nb": text}, "questions": [ABOUT]}]))
    assert ("leading-text" in {each.rule for each in told if not each.question}) is leads


# --- Shared concepts --------------------------------------------------------------------------------------


def shared(text: str, **rest: Any) -> Shared:
    question = view(ask(text, concept="value", **rest)).questions["Q"]
    return Shared("Annet skjema", question)


@pytest.mark.parametrize(
    ("declared", "theirs", "options", "is_found"),
    [
        ("wording", "Får brukerne bedre hjelp?", None, False),
        ("wording", "Har brukerne nytte av partnerskapet?", None, True),
        ("meaning", "Har brukerne nytte av partnerskapet?", None, False),
        ("meaning", "Får brukerne bedre hjelp nå?", None, True),
        ("meaning", "Får brukerne bedre hjelp?", [*YES_NO, {"code": "both", "label": {"nb": "Begge deler"}}], True),
        ("theme", "Får brukerne bedre hjelp nå?", None, False),
    ],
)
def test_what_shares_a_concept_must_be_asked_as_declared(
    declared: str, theirs: str, options: list[dict[str, Any]] | None, is_found: bool
) -> None:
    content = view(ask("Får brukerne bedre hjelp?", concept="value", comparability=declared))
    other = shared(theirs, **({"options": [*options, DONT_KNOW]} if options else {}))

    assert ("different-wording" in of_question(critiquing.criticise(content, [other]))) is is_found


def test_another_concept_is_another_matter() -> None:
    content = view(ask("Får brukerne bedre hjelp?", concept="other", comparability="wording"))

    assert of_question(critiquing.criticise(content, [shared("Noe helt annet?")])) == {}


# --- Languages --------------------------------------------------------------------------------------------


def test_nynorsk_is_expected_and_the_others_once_begun() -> None:
    question = {**ask("Hva bør endres?", "long_text"), "text": {"nb": "Hva bør endres?", "en": "What should change?"}}
    found = [each for each in critiquing.criticise(view(question)) if each.rule == "missing-translation"]

    assert [(each.question, each.languages) for each in found] == [("", ("nn", "en"))]


def test_a_missing_label_is_found_at_its_question() -> None:
    both = {"nb": "Er det slik?", "nn": "Er det slik?"}
    question = {
        **ask(""),
        "text": both,
        "options": [{"code": "a", "label": both}, {"code": "b", "label": {"nb": "Nei"}}],
    }
    content = view(question, title=both)
    found = [each for each in critiquing.criticise(content) if each.rule == "missing-translation"]

    assert [(each.question, each.languages) for each in found] == [("Q", ("nn",))]


# --- Reading ----------------------------------------------------------------------------------------------


def test_lix_is_words_a_sentence_and_long_words_in_a_hundred() -> None:
    # 10 words in 2 sentences, 2 of more than six letters: 5 + 20.
    assert reading.lix("Vi vil vite hva partnerskapet gir. Er det bra? Vidunderlig") == pytest.approx(10 / 3 + 20)
    assert reading.lix("Vi vil vite hva partnerskapet gir. Er det virkelig bra.") == pytest.approx(10 / 2 + 20)
    assert reading.lix("") == 0


def test_officialese_is_hard_and_plain_prose_is_not() -> None:
    hard = (
        "Forvaltningsorganisasjonenes samhandlingsstrukturer forutsetter kontinuerlig kompetanseutvikling innenfor "
        "partnerskapsavtalenes styringsmodeller, hvorunder tillitsvalgtordningens medbestemmelsesmuligheter "
        "ivaretas gjennom samarbeidsutvalgenes regelmessige drøftingsmøter. Virksomhetsledelsens "
        "informasjonsforpliktelser overfor arbeidstakerorganisasjonene operasjonaliseres gjennom kvartalsvise "
        "rapporteringsrutiner, avviksbehandlingssystemer, risikovurderinger samt handlingsplaner utarbeidet "
        "partssammensatt ved driftsenhetenes ledergrupper."
    )
    plain = " ".join(["Vi vil vite hvordan det går der du er. Du kan hoppe over det du ikke vil svare på."] * 4)

    assert "hard-to-read" in found(purpose={"nb": f"{PURPOSE['nb']} {hard}"})
    assert "hard-to-read" not in found(purpose={"nb": f"{PURPOSE['nb']} {plain}"})


def test_a_very_long_sentence_is_marked() -> None:
    long = "Hva " + "og så " * 16 + "mener du?"
    found = critiquing.criticise(view(ask(f"Kort. {long}", "long_text")))

    assert of_question(found) == {"long-sentence": [long]}


# --- Nothing breaks ---------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(document=documents())
def test_no_rule_fails_on_any_questionnaire(document: dict[str, Any]) -> None:
    content = strict.read(document).view
    shared = [Shared("x", question) for question in content.questions.values()]

    for each in critiquing.criticise(content, shared):
        assert 0 <= each.start <= each.end <= len(each.text)
        assert str(each.title)
        assert str(each.why)
        assert str(each.advice)
        assert (each.repair_label != "") is bool(each.repair)


WORDS = """og Og hva hvordan er de ? . , ! «Sitat» > # 1. 5-10 0–2 under over eller mer ti en Ja Nei hvis dersom ja
utdyp ofte merkbare skal viser and if yes so is it what 100 % 99999999999 f.eks. med fornøyd enig"""
PIECES = st.lists(st.sampled_from([*WORDS.split(), "\n"]), max_size=25).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(text=PIECES, kind=st.sampled_from(["yes_no", "single_choice", "scale", "statement", "long_text"]))
def test_no_rule_fails_on_any_words(text: str, kind: str) -> None:
    question = view(ask("x")).questions["Q"]
    texts = Text(dict.fromkeys(LANGUAGES, text))
    options = tuple(replace(option, label=texts) for option in question.options)
    changed = replace(question, kind=kind, text=texts, help=texts, elaboration_prompt=texts, options=options)
    content = view(ask("x"), purpose={"nb": text})
    section = replace(content.sections[0], intro=texts, questions=(changed,))
    subject = Subject(
        replace(content, sections=(section,), questions={"Q": changed}), LANGUAGES, (Shared("", changed),)
    )

    for rule in RULES:
        for hit in rule.find(subject):
            assert 0 <= hit.start <= hit.end <= len(hit.text)
    choices.band(text)
    assert all(text[each.start : each.end] == each.text for each in words.sentences(text))
    if cut := doubling.split(text, "nb", kind):
        assert 0 <= cut.cut <= cut.start <= cut.end <= len(text)
