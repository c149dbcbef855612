"""Whether people can know what they are asked, and whether one can tell who does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from surveys.rules.base import Hit, Subject
from surveys.structure import EditionView, QuestionView

EXPERIENCE = "experience-in-role"
# Asks about the person's own situation or view: anyone can answer.
ABOUT_ONESELF = {
    "nb": re.compile(
        r"^(?:(?:hvor|hvilke[nt]?|hva)\b[^?]*\b)?(?:er|var|arbeider|jobber|bor|ønsker|vil|kan|mener|synes|tror|trives|"
        r"deltar|deltok|føler|kjenner|får|bruker|trenger|leser|savner|foretrekker|opplever)\s+(?:du|dere)\b|\bbør\b|"
        r"\benig\b|\bmener du\b|\bsynes du\b|\bviktigst\b|\b(?:hvor lenge|hvor mange år)\b|"
        r"^(?:har|hadde)\s+(?:du|dere)\s+(?!sett|opplevd|erfart|merket|registrert|lagt merke|kjennskap|oversikt|hørt)",
        re.IGNORECASE,
    ),
    "nn": re.compile(
        r"^(?:(?:kor|kva)\b[^?]*\b)?(?:er|var|arbeider|jobbar|bur|ønskjer|vil|kan|meiner|synest|trur|trivst|deltek|"
        r"deltok|føler|kjenner|får|brukar|treng|les|saknar|føretrekkjer|opplever)\s+(?:du|de|dykk)\b|\bbør\b|"
        r"\beinig\b|\bsamd\b|\bmeiner du\b|\bsynest du\b|\bviktigast\b|\b(?:kor lenge|kor mange år)\b|"
        r"^(?:har|hadde)\s+(?:du|de)\s+(?!sett|opplevd|erfart|merka|registrert|lagt merke|kjennskap|oversikt|høyrt)",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"^(?:(?:how|which|what)\b[^?]*\b)?(?:are|were|do|did|can|will|would)\s+you\b|\bshould\b(?! have)|\bagree\b|"
        r"\b(?:do you think|in your opinion)\b|\bmost important\b|\b(?:how long|how many years)\b|"
        r"^have\s+you\s+(?!seen|experienced|noticed|observed|heard)",
        re.IGNORECASE,
    ),
}
# Asks whether someone knows something, whatever else it asks.
ABOUT_KNOWING = {
    "nb": re.compile(r"^(?:vet|kjenner)\s+(?:du|dere)\s+(?:til|om)\b|\bopplever du at\b", re.IGNORECASE),
    "nn": re.compile(r"^(?:veit|kjenner)\s+(?:du|de)\s+(?:til|om)\b|\bopplever du at\b", re.IGNORECASE),
    "en": re.compile(r"^(?:do you know|are you aware)\b", re.IGNORECASE),
}
# How well something works, asked on a scale.
RATED = {
    "nb": re.compile(r"^(?:hvor (?:godt|bra|ofte|mye)|i hvilken grad)\s+(?:\w+)\s+(?!du\b|dere\b)", re.IGNORECASE),
    "nn": re.compile(r"^(?:kor (?:godt|bra|ofte|mykje)|i kva grad)\s+(?:\w+)\s+(?!du\b|de\b)", re.IGNORECASE),
    "en": re.compile(r"^(?:how (?:well|often|much)|to what extent)\s+(?:\w+)\s+(?!you\b)", re.IGNORECASE),
}
DONT_KNOW = re.compile(
    r"\b(?:vet ikke|veit ikkje|usikker|don.?t know|not sure|unsure|"
    r"kjenner ikke|kjenner ikkje|ingen erfaring|inga erfaring)\b",
    re.IGNORECASE,
)
IN_ROLE = {
    "nb": re.compile(
        r"\b(?:hvor lenge|hvor mange år|når|hvor lang (?:tid|erfaring))\b[^?]*"
        r"\b(?:tillitsvalgt|tillitsverv|verv\w*|rolle\w*|stilling\w*|representant|erfaring|fartstid)",
        re.IGNORECASE,
    ),
    "nn": re.compile(
        r"\b(?:kor lenge|kor mange år|når|kor lang (?:tid|erfaring))\b[^?]*"
        r"\b(?:tillitsvald|tillitsverv|verv\w*|rolle\w*|stilling\w*|representant|erfaring|fartstid)",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\b(?:how long|how many years|since when|when did)\b[^?]*\b(?:representative|role|office|position|experience)",
        re.IGNORECASE,
    ),
}
RATED_KINDS = ("scale", "single_choice", "multiple_choice")


def no_dont_know(subject: Subject) -> Iterator[Hit]:
    """Knowledge is assumed, and nobody may say that they lack it."""
    for question, _kind in subject.asked():
        if not question.options or can_say_dont_know(question):
            continue
        for language, text in subject.written(question.text):
            if _assumes_knowledge(question.kind, text, language):
                yield Hit(question, repair="add_dont_know").marked(language, text)


def can_say_dont_know(question: QuestionView) -> bool:
    """Whether an option says "don't know", by its meaning or by its words."""
    return any(
        option.meaning in ("dont_know", "not_applicable")
        or any(DONT_KNOW.search(label) for label in option.label.by_language.values())
        for option in question.options
    )


def _assumes_knowledge(kind: str, text: str, language: str) -> bool:
    if kind == "yes_no":
        knowing = ABOUT_KNOWING[language].search(text)
        return bool(knowing) or not ABOUT_ONESELF[language].search(text)
    return kind in RATED_KINDS and bool(RATED[language].search(text))


def no_experience_question(subject: Subject) -> Iterator[Hit]:
    """Nobody is asked how long they have been in the role."""
    if any(subject.asked()) and not asks_experience(subject.view):
        yield Hit(repair="add_experience")


def asks_experience(view: EditionView) -> bool:
    """Whether experience in the role is asked for, or known from the register."""
    if any(EXPERIENCE in fact.name or fact.name in ("tenure", "experience", "years_in_role") for fact in view.facts):
        return True
    for question in Subject(view).asked():
        asked = question[0]
        if asked.concept.startswith("experience"):
            return True
        if any(IN_ROLE[language].search(text) for language, text in Subject(view).written(asked.text)):
            return True
    return False
