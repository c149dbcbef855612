"""Two questions in one: one answer cannot answer both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from surveys.rules import words
from surveys.rules.base import Hit, Subject
from surveys.rules.words import Sentence

# "…, and how …": a second question word after "and".
ASKS_AGAIN = {
    "nb": r"(?:,\s*)?\bog\s+(?:i så fall\s+)?(?=(?:hva|hvem|hvorfor|hvordan|hvilke[nt]?|hvor|når|på hvilken måte|"
    r"i hvilken grad|er|har|får|blir|kan|vil|bør|skal|påvirker|fører|virker|gir|opplever|mener|synes|merker|"
    r"kjenner)\b)",
    "nn": r"(?:,\s*)?\bog\s+(?:i så fall\s+)?(?=(?:kva|kven|kvifor|korleis|kva for|kor|når|på kva måte|i kva grad|"
    r"er|har|får|blir|kan|vil|bør|skal|påverkar|fører|verkar|gir|opplever|meiner|synest|merkar|kjenner)\b)",
    "en": r"(?:,\s*)?\band\s+(?:if so,?\s+)?(?=(?:what|who|why|how|which|where|when|in what way|to what extent|"
    r"is|are|was|were|has|have|do|does|did|can|could|will|would|should)\b)",
}
# After "and" and a verb a new question needs its subject; otherwise the verb goes on with the first one's.
SUBJECT = {
    "nb": r"(?:du|dere|de|det|den|dette|disse|slike|vi|man|jeg|hun|han|[^\W\d_]+(?:en|et|ene|ne|erne))\b",
    "nn": r"(?:du|de|dei|det|den|dette|desse|slike|vi|ein|eg|ho|han|[^\W\d_]+(?:en|et|a|ane|ene|ine))\b",
    "en": r"(?:you|they|it|this|these|those|we|one|he|she|the|your|such)\b",
}
VERBS = {
    "nb": r"(?:er|har|får|blir|kan|vil|bør|skal|påvirker|fører|virker|gir|opplever|mener|synes|merker|kjenner)",
    "nn": r"(?:er|har|får|blir|kan|vil|bør|skal|påverkar|fører|verkar|gir|opplever|meiner|synest|merkar|kjenner)",
    "en": r"(?:is|are|was|were|has|have|do|does|did|can|could|will|would|should)",
}
# A judgement of two things at once: "satisfied with X and Y".
JUDGES_TWO = {
    "nb": r"\b(?:fornøyd|tilfreds|misfornøyd|enig|uenig|trygg|stolt)\b[^?,.]*?\b(?:med|i|på|over)\s+[^?,.]*?"
    r"(?P<and>\bog\b|og/eller)",
    "nn": r"\b(?:fornøgd|nøgd|tilfreds|misnøgd|einig|samd|ueinig|usamd|trygg|stolt|kry)\b[^?,.]*?\b(?:med|i|på|over|av)"
    r"\s+[^?,.]*?(?P<and>\bog\b|og/eller)",
    "en": r"\b(?:satisfied|dissatisfied|happy|unhappy|agree|disagree|confident|proud)\b[^?,.]*?\b(?:with|in|of|about)"
    r"\s+[^?,.]*?(?P<and>\band\b|and/or)",
}
# A statement that is both this and that, or for this and against that.
CLAIMS_TWO = {
    "nb": r"\b(?:er|var|blir|virker|føles)\s+(?:både\s+)?[^\W\d_]+\s+(?P<and>og)\s+[^\W\d_]+\s*[.?]?$|"
    r"(?P<and2>\bog)\s+(?:for|mot|imot|vi|forbundet|partiet|ledelsen|lederen)\b",
    "nn": r"\b(?:er|var|blir|verkar|kjennest)\s+(?:både\s+)?[^\W\d_]+\s+(?P<and>og)\s+[^\W\d_]+\s*[.?]?$|"
    r"(?P<and2>\bog)\s+(?:for|mot|imot|vi|forbundet|partiet|leiinga|leiaren)\b",
    "en": r"\b(?:is|are|was|were|feels)\s+(?:both\s+)?[^\W\d_]+\s+(?P<and>and)\s+[^\W\d_]+\s*[.?]?$|"
    r"(?P<and2>\band)\s+(?:for|against|we|the union|the party|management)\b",
}
AND_OR = re.compile(r"\b(?:og/eller|and/or)\b", re.IGNORECASE)
# Pairs that are one thing to the people asked, and "between X and Y".
ONE_THING = re.compile(
    r"\b(?:mellom|between)\b|\b(?:stat|statleg|statlig|state)\w*\s+(?:og|and)\s+(?:\w+\s+)?(?:kommun|municip)|"
    r"\b(?:godt|good|better)\s+(?:og|and|or)\s+(?:vondt|bad|worse)|\b(?:råd|rådgivning)\s+og\s+(?:veiledning|rettleiing)|"
    r"\b(?:lønns?|løns)-?\s+og\s+arbeids|\b(?:pay|wages)\s+and\s+(?:working\s+)?conditions|\bhelse, miljø og\b",
    re.IGNORECASE,
)
CLAIMS = ("statement", "scale")
OPEN = ("long_text", "short_text")
# "Which?" after an open question belongs to it; so does "when" before "and how".
FOLLOW_UP, FEWEST_BEFORE = 2, 3


@dataclass(frozen=True)
class Double:
    """Where the second question begins: the first ends at `cut`, the second is from `start` to `end`."""

    cut: int
    start: int
    end: int


def double_question(subject: Subject) -> Iterator[Hit]:
    """Two questions in one."""
    for question, _kind in subject.asked():
        for language, text in subject.written(question.text):
            if found := split(text, language, question.kind):
                hit = Hit(question, repair="split_question")
                yield hit.marked(language, text, found.start, found.end)
            elif span := _paired(text, language, question.kind):
                yield Hit(question).marked(language, text, *span)


def split(text: str, language: str, kind: str) -> Double | None:
    """Where a text can be cut into two questions; None if it asks one, or cannot be cut."""
    asking = [sentence for sentence in words.sentences(text) if sentence.is_question]
    # From the back: what comes last is what was added.
    for sentence in reversed(asking):
        if found := _second_clause(sentence, language, kind):
            return found
    if len(asking) > 1:
        last = asking[-1]
        if not (kind in OPEN and words.count(last.text) <= FOLLOW_UP):
            return Double(last.start, last.start, last.end)
    return None


def _second_clause(sentence: Sentence, language: str, kind: str) -> Double | None:
    for found in reversed(list(re.finditer(ASKS_AGAIN[language], sentence.text, re.IGNORECASE))):
        rest = sentence.text[found.end() :]
        before = sentence.text[: found.start()]
        if words.count(before) < 1 or (kind in OPEN and words.count(rest) <= FOLLOW_UP):
            continue
        verb = re.match(VERBS[language] + r"\s+", rest, re.IGNORECASE)
        # "Have you and are you …" needs its own subject; "who leads and is responsible" goes on with the first.
        if verb and not re.match(SUBJECT[language], rest[verb.end() :], re.IGNORECASE):
            continue
        # "when and how" asks one thing in two words; "which, and do they …" does not.
        if words.count(before) < FEWEST_BEFORE and "," not in found.group():
            continue
        start = sentence.start + found.end()
        return Double(sentence.start + found.start(), start, sentence.end)
    return None


def _paired(text: str, language: str, kind: str) -> tuple[int, int] | None:
    """Where a text judges or claims two things at once."""
    if found := AND_OR.search(text):
        return found.span()
    patterns = [JUDGES_TWO[language]] + ([CLAIMS_TWO[language]] if kind in CLAIMS else [])
    for sentence in words.sentences(text):
        if ONE_THING.search(sentence.text):
            continue
        for pattern in patterns:
            if found := re.search(pattern, sentence.text, re.IGNORECASE):
                name = "and" if found.group("and") else "and2"
                return sentence.start + found.start(name), sentence.end
    return None
