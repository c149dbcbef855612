"""Elaborations and free text: who is invited to write, who is silenced, who is forced."""

from __future__ import annotations

import re
from collections.abc import Iterator

from surveys.rules import words
from surveys.rules.base import Hit, Subject
from surveys.structure import QuestionView, Text

IF_YES = {
    "nb": re.compile(
        r"\b(?:hvis|dersom|om)\s+(?:du\s+svarte?\s+|svaret\s+er\s+)?[«“\"]?ja\b|\bi så fall\b|"
        r"\butdyp\s+(?:hvis|dersom)\b(?! du (?:vil|ønsker|kan|har))",
        re.IGNORECASE,
    ),
    "nn": re.compile(
        r"\b(?:viss|dersom|om|hvis)\s+(?:du\s+svara?r?\s+|svaret\s+er\s+)?[«“\"]?ja\b|\bi så fall\b|"
        r"\butdjup\s+(?:viss|dersom)\b(?! du (?:vil|ønskjer|kan|har))",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\bif\s+(?:you\s+answered\s+|the\s+answer\s+is\s+)?[“\"]?yes\b|\bif so\b|"
        r"\belaborate\s+if\s+(?:you\s+(?:did|do|have)|it\s+did)\b",
        re.IGNORECASE,
    ),
}
# A question that can be answered with yes or no: it begins with a verb.
YES_NO = {
    "nb": re.compile(
        r"^(?:er|var|har|hadde|får|fikk|blir|ble|kan|vil|bør|skal|må|finnes|fins|fungerer|påvirker|fører|virker|gir|"
        r"opplever|kjenner|mener|synes|merker|deltar|bidrar|drøfter|arbeider|jobber)\b",
        re.IGNORECASE,
    ),
    "nn": re.compile(
        r"^(?:er|var|har|hadde|får|fekk|blir|vart|blei|kan|vil|bør|skal|må|finst|fungerer|påverkar|fører|verkar|gir|"
        r"opplever|kjenner|meiner|synest|merkar|deltek|deltar|bidreg|drøftar|arbeider|jobbar)\b",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"^(?:is|are|was|were|has|have|had|do|does|did|can|could|will|would|should|must)\b", re.IGNORECASE
    ),
}
# Verb first, yet an invitation to write.
INVITES = {
    "nb": re.compile(
        r"\b(?:noe|noen)\s+(?:mer|annet|andre|flere|å|du|som|vi|innspill|forslag|kommentarer|råd|eksempler)\b|"
        r"^har du (?:et |en )?(?:\w+ )?(?:forslag|innspill|kommentar|kommentarer|råd|synspunkter|eksempel|eksempler|"
        r"ønsker|ideer)\b|^(?:kan|vil) du (?:beskrive|fortelle|gi|nevne|forklare|skrive|utdype|si)\b",
        re.IGNORECASE,
    ),
    "nn": re.compile(
        r"\b(?:noko|nokon|nokre)\s+(?:meir|anna|andre|fleire|å|du|som|vi|innspel|forslag|kommentarar|råd|døme)\b|"
        r"^har du (?:eit |ein )?(?:\w+ )?(?:forslag|innspel|kommentar|kommentarar|råd|synspunkt|døme|ønske|idear)\b|"
        r"^(?:kan|vil) du (?:beskrive|skildre|fortelje|gi|nemne|forklare|skrive|utdjupe|seie)\b",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\b(?:anything|something)\b|\bany\s+(?:\w+\s+)?(?:suggestions?|comments?|advice|examples?|proposals?|ideas?)\b|"
        r"^(?:can|could|will|would) you (?:please )?(?:describe|tell|give|name|explain|write|say|elaborate)\b",
        re.IGNORECASE,
    ),
}
TEXTS = ("long_text", "short_text")


def says_if_yes(text: str, language: str) -> re.Match[str] | None:
    """Where a text invites only those who answer yes."""
    return IF_YES[language].search(text) if language in IF_YES else None


def elaboration_yes_only(subject: Subject) -> Iterator[Hit]:
    """Only those who say yes are asked to elaborate."""
    for question, kind in subject.asked():
        repair = "elaborate_any" if kind.has_options else ""
        told = [question.elaboration_prompt] if question.has_elaboration else []
        for text in (*told, question.text, question.help):
            for language, written in subject.written(text):
                if found := says_if_yes(written, language):
                    own = repair if text is question.elaboration_prompt or _removable(written, language) else ""
                    sentence = words.around(written, found.start())
                    yield Hit(question, repair=own).marked(language, written, sentence.start, sentence.end)
        if silenced := _silenced(question):
            for language, written in subject.written(silenced):
                yield Hit(question, repair=repair).marked(language, written)


def _removable(text: str, language: str) -> bool:
    """Whether every invitation of this sort is a sentence of its own, and something is left without them."""
    return bool(without_if_yes(text, language))


def without_if_yes(text: str, language: str) -> str:
    """The text without the sentences that invite only those who answer yes."""
    kept = text
    for sentence in reversed(list(words.sentences(text))):
        if says_if_yes(sentence.text, language):
            kept = kept[: sentence.start] + kept[sentence.end :]
    kept = re.sub(r"[ \t]{2,}", " ", kept).strip()
    return kept if words.WORD.search(kept) else ""


def _silenced(question: QuestionView) -> Text | None:
    """The answer "no" of a yes/no question, if a text is offered beside "yes" but not beside it."""
    if question.kind != "yes_no":
        return None
    answers = [option for option in question.options if option.meaning == "answer"]
    asked = [option for option in answers if question.elaboration_of(option.code) != "never"]
    if not answers or not asked or asked != answers[: len(asked)] or len(asked) == len(answers):
        return None
    return answers[len(asked)].label


def required_free_text(subject: Subject) -> Iterator[Hit]:
    """A text must be written to get on."""
    for question, kind in subject.asked():
        forced = question.required and question.kind in (*TEXTS, "roster")
        if kind.has_options and kind.has_text:
            # "Other, please say" is a short name for an answer, not a text.
            answers = [option.code for option in question.options if option.meaning != "other"]
            forced = forced or any(question.elaboration_of(code) == "required" for code in answers)
        if forced:
            hit = Hit(question, repair="free_text")
            yield next((hit.marked(*written) for written in subject.written(question.text)), hit)


def yes_no_as_text(subject: Subject) -> Iterator[Hit]:
    """A question with a yes or a no for an answer is put as open text."""
    for question, _kind in subject.asked():
        if question.kind not in TEXTS:
            continue
        for language, text in subject.written(question.text):
            first = next((sentence for sentence in words.sentences(text) if sentence.is_question), None)
            if first and YES_NO[language].match(first.text) and not INVITES[language].search(first.text):
                yield Hit(question, repair="make_yes_no").marked(language, text, first.start, first.end)
