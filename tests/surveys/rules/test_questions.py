"""Sentences that must pass, and sentences that must not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.surveys.rules.judging import DONT_KNOW, YES_NO, ask, judged


def choices(*labels: str, language: str = "nb") -> list[dict[str, Any]]:
    return [{"code": f"o{place}", "label": {language: label}} for place, label in enumerate(labels)]


def choose(text: str, *labels: str, kind: str = "single_choice", **rest: Any) -> dict[str, Any]:
    return ask(text, kind, options=choices(*labels), **rest)


GOOD = [
    ask("Får brukerne bedre hjelp fordi stat og kommune driver kontoret sammen?"),
    ask("Har brukerne nytte av at stat og kommune driver Nav-kontoret i fellesskap?"),
    ask("Påvirker ulike vilkår arbeidsmiljøet?"),
    ask("Er samarbeidet mellom ledelsen og de tillitsvalgte blitt bedre siden 2020?"),
    ask("Blir saker om lønn og arbeidstid drøftet før de avgjøres?"),
    ask("Har du opplevd at partnerskapsmøtet har avgjort saker som tillitsvalgte skulle ha vært med på?"),
    ask("Finnes det en skriftlig avtale om frikjøp der du er tillitsvalgt?"),
    ask("Arbeider du på et kontor i en vertskommune?", options=YES_NO),
    ask("Er du medlem av arbeidsmiljøutvalget?", options=YES_NO),
    ask("Har du gått på kurs for nye tillitsvalgte?", options=YES_NO),
    ask("Bør forbundet kreve en felles avtale for stat og kommune?", options=YES_NO),
    ask("Hvordan flyter informasjonen mellom den kommunale og den statlige siden?", "long_text"),
    ask("Hva har vertskommunen ført til, på godt og vondt?", "long_text"),
    ask("Hva bør forbundet gjøre først?", "long_text"),
    ask("Er det noe mer du vil si?", "long_text"),
    ask("Er det noe annet vi burde ha spurt om?", "long_text"),
    ask("Har du forslag til hva forbundet kan gjøre?", "long_text"),
    ask("Kan du beskrive hvordan dere blir trukket inn?", "long_text"),
    ask("Hvilke forskjeller merker du, og hvorfor?", "long_text"),
    ask("Når og hvordan får dere innkalling?", "long_text"),
    ask("Hvem leder møtene og skriver referatet?", "long_text"),
    ask("Hvor ofte møter dere ledelsen?", "number"),
    ask("Hvor mange medlemmer representerer du?", "number"),
    ask("Hvor mye tid bruker du på vervet i uka, i timer?", "number"),
    choose("Hvor lenge har du vært tillitsvalgt?", "Under 1 år", "1–2 år", "3–5 år", "6–10 år", "11 år eller mer"),
    choose(
        "Hvor lenge har du vært her?",
        "Under 1 år",
        "Fra 1 år til under 3 år",
        "Fra 3 til under 10 år",
        "10 år eller mer",
    ),
    choose("Hvor mange er dere på kontoret?", "1–9", "10–19", "20–49", "50 eller flere"),
    choose("Hvor mange møter hadde dere i fjor?", "Ingen", "1–2", "3–5", "Mer enn 5"),
    choose("Hvor stor del av tiden er du frikjøpt?", "0–25 %", "26–50 %", "51–75 %", "76–100 %"),
    choose("Hvem er arbeidsgiveren din?", "Staten", "Kommunen", "Fylkeskommunen", "En annen"),
    choose("Hvilken side får mest informasjon?", "Den statlige", "Den kommunale", "Begge får like mye"),
    choose("Hvor fornøyd er du med opplæringen?", "Fornøyd", "Verken fornøyd eller misfornøyd", "Misfornøyd"),
    choose("Hvor ofte drøfter dere bemanning?", "Ofte (hver uke)", "Av og til (hver måned)", "Sjelden (hvert år)"),
    ask("Ledelsen tar oss med på råd i tide.", "scale"),
    ask("Forbundet skal arbeide for at stat og kommune har like vilkår.", "statement"),
    ask(
        "Er det merkbare forskjeller i lønn?",
        help={"nb": "Med merkbare mener vi mer enn 1000 kroner i måneden."},
    ),
    ask("Får brukarane betre hjelp fordi stat og kommune driv kontoret saman?", language="nn"),
    ask("Kva har vertskommunen ført til, på godt og vondt?", "long_text", "nn"),
    ask("Er det noko meir du vil seie?", "long_text", "nn"),
    ask("Kor ofte møter de leiinga?", "number", "nn"),
    ask("Har du gått på kurs for nye tillitsvalde?", language="nn", options=YES_NO),
    ask("Do users get better help because state and municipality run the office together?", language="en"),
    ask("Is there anything else you would like to say?", "long_text", "en"),
    ask("Blir dere hørt?", elaboration="optional", prompt={"nb": "Utdyp hvis du vil"}),
    ask("Blir de høyrde?", language="nn", elaboration="optional", prompt={"nn": "Utdjup dersom du vil"}),
    ask("Are you heard?", language="en", elaboration="optional", prompt={"en": "Please elaborate if you like"}),
    ask("What should the union do first?", "long_text", "en"),
    ask("How many members do you represent?", "number", "en"),
    ask("Do you work at a Nav office yourself?", language="en", options=YES_NO),
]

DOUBLE, YES_ONLY, NO_DK, VAGUE = "double-question", "elaboration-yes-only", "no-dont-know", "vague-quantity"
AS_TEXT, FORCED, BANDS, OTHER = "yes-no-as-text", "required-free-text", "bands-do-not-fit", "missing-other"
LEADS, LONG = "leading-wording", "long-sentence"

BAD: list[tuple[dict[str, Any], dict[str, list[str]]]] = [
    (ask("Får dere informasjon, og er den god?"), {DOUBLE: ["er den god?"]}),
    (ask("Er det forskjeller i lønn, og hvilke?"), {DOUBLE: ["hvilke?"]}),
    (ask("Hva er bra i dag, og hva bør bli bedre?", "long_text"), {DOUBLE: ["hva bør bli bedre?"]}),
    (ask("Hvem avgjør saken, og når blir du spurt?", "long_text"), {DOUBLE: ["når blir du spurt?"]}),
    (
        ask("Kjenner du avtalen? Blir den fulgt der du er?", options=[*YES_NO, DONT_KNOW]),
        {DOUBLE: ["Blir den fulgt der du er?"]},
    ),
    (ask("Hvor fornøyd er du med lønnen og arbeidstiden?", "scale"), {DOUBLE: ["og arbeidstiden?"]}),
    (ask("Lederen min er rettferdig og tydelig.", "scale"), {DOUBLE: ["og tydelig."]}),
    (ask("Vi er for høyere lønn og mot privatisering.", "statement"), {DOUBLE: ["og mot privatisering."]}),
    (ask("Har dere en avtale og/eller en fast praksis?"), {DOUBLE: ["og/eller"]}),
    (ask("Er de tillitsvalgte med i møtet?", options=YES_NO), {NO_DK: ["Er de tillitsvalgte med i møtet?"]}),
    (
        ask("Har du sett at saker er avgjort uten drøfting?", options=YES_NO),
        {NO_DK: ["Har du sett at saker er avgjort uten drøfting?"]},
    ),
    (ask("Påvirker vilkårene arbeidsmiljøet?", options=YES_NO), {NO_DK: ["Påvirker vilkårene arbeidsmiljøet?"]}),
    (ask("Hvor godt fungerer samarbeidet?", "scale"), {NO_DK: ["Hvor godt fungerer samarbeidet?"]}),
    (ask("Blir dere hørt?", elaboration="optional", prompt={"nb": "Hvis ja, utdyp"}), {YES_ONLY: ["Hvis ja, utdyp"]}),
    (
        ask("Blir dere hørt? Hvis ja, fortell hvordan.", elaboration="optional"),
        {YES_ONLY: ["Hvis ja, fortell hvordan."]},
    ),
    (
        ask("Blir dere hørt?", help={"nb": "Utdyp dersom du svarte ja."}, elaboration="optional"),
        {YES_ONLY: ["Utdyp dersom du svarte ja."]},
    ),
    (
        ask("Blir dere hørt?", options=[{**YES_NO[0], "elaboration": "optional"}, YES_NO[1], DONT_KNOW]),
        {YES_ONLY: ["Nei"]},
    ),
    (ask("Skjer det ofte?"), {VAGUE: ["ofte"]}),
    (ask("Er det merkbare forskjeller i lønn?"), {VAGUE: ["merkbare"]}),
    (ask("Bruker du mye tid på vervet?", options=YES_NO), {VAGUE: ["mye"]}),
    (ask("Får dere jevnlig informasjon?"), {VAGUE: ["jevnlig"]}),
    (ask("Er det blitt noe bedre?"), {VAGUE: ["noe bedre"]}),
    (choose("Når møtes dere?", "Ofte", "Av og til", "Aldri"), {VAGUE: ["Ofte", "Av og til"]}),
    (ask("Har du sett forskjeller i lønn?", "long_text"), {AS_TEXT: ["Har du sett forskjeller i lønn?"]}),
    (ask("Er tillitsvalgte med i møtene?", "short_text"), {AS_TEXT: ["Er tillitsvalgte med i møtene?"]}),
    (ask("Hva bør endres?", "long_text", required=True), {FORCED: ["Hva bør endres?"]}),
    (ask("Blir dere hørt?", elaboration="required"), {FORCED: ["Blir dere hørt?"]}),
    (choose("Hvor gammel er du?", "Under 30", "30–40", "40–50", "Over 50"), {BANDS: ["40–50"]}),
    (
        choose("Hvor lenge?", "Under 1 år", "Fra 2 år til under 3 år", "3 år eller mer"),
        {BANDS: ["Fra 2 år til under 3 år"]},
    ),
    (choose("Hvor mange år?", "0-2", "4-6", "7 eller mer"), {BANDS: ["4-6"]}),
    (choose("Hvor mange år?", "1-5", "5-10", "Over 10"), {BANDS: ["5-10"]}),
    (choose("Hvor mange ansatte?", "1–9", "10–19", "20–49"), {BANDS: ["20–49"]}),
    (choose("Hvor mange ansatte?", "5–9", "10–19", "20 eller flere"), {BANDS: ["5–9"]}),
    (choose("Hvilke vilkår er ulike?", "Lønn", "Ferie", "Kurs", kind="multiple_choice"), {OTHER: ["Kurs"]}),
    (choose("Hvem er arbeidsgiveren din?", "Staten", "Kommunen", "Fylket"), {OTHER: ["Fylket"]}),
    (ask("Synes du ikke at forbundet bør kreve dette?", options=YES_NO), {LEADS: ["Synes du ikke"]}),
    (ask("Er du enig i at ledelsen bør gå av?", options=YES_NO), {LEADS: ["Er du enig i at"]}),
    (ask("Hvor dårlig er samarbeidet?", "long_text"), {LEADS: ["Hvor dårlig"]}),
    (ask("Får de informasjon, og er han god?", language="nn"), {DOUBLE: ["er han god?"]}),
    (
        ask("Er dei tillitsvalde med i møtet?", language="nn", options=YES_NO),
        {NO_DK: ["Er dei tillitsvalde med i møtet?"]},
    ),
    (
        ask("Blir de høyrde?", language="nn", elaboration="optional", prompt={"nn": "Dersom ja, utdjup"}),
        {YES_ONLY: ["Dersom ja, utdjup"]},
    ),
    (ask("Brukar du mykje tid på vervet?", language="nn", options=YES_NO), {VAGUE: ["mykje"]}),
    (ask("Har du sett skilnader i løn?", "long_text", "nn"), {AS_TEXT: ["Har du sett skilnader i løn?"]}),
    (ask("Are you told about it, and is it in time?", language="en"), {DOUBLE: ["is it in time?"]}),
    (ask("Are representatives present?", language="en", options=YES_NO), {NO_DK: ["Are representatives present?"]}),
    (
        ask("Are you heard?", language="en", elaboration="optional", prompt={"en": "If yes, please elaborate"}),
        {YES_ONLY: ["If yes, please elaborate"]},
    ),
    (ask("Does this happen often?", language="en"), {VAGUE: ["often"]}),
    (
        ask("Have you seen decisions that representatives should have shared in?", language="en", options=YES_NO),
        {NO_DK: ["Have you seen decisions that representatives should have shared in?"]},
    ),
    (ask("Don’t you think the union should demand this?", language="en", options=YES_NO), {LEADS: ["Don’t you think"]}),
]


def test_there_are_enough_of_both() -> None:
    assert min(len(GOOD), len(BAD)) >= 30


@pytest.mark.parametrize("question", GOOD, ids=lambda each: next(iter(each["text"].values()))[:50])
def test_a_good_question_passes(question: dict[str, Any]) -> None:
    assert judged(question) == {}


@pytest.mark.parametrize(
    ("question", "expected"),
    BAD,
    ids=lambda each: next(iter(each["text"].values()))[:50] if "text" in each else "",
)
def test_a_bad_question_is_found_with_the_words_marked(
    question: dict[str, Any], expected: dict[str, list[str]]
) -> None:
    assert judged(question) == expected
