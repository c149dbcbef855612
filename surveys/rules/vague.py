"""Words for how much or how often that everyone understands in their own way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from surveys.rules import words
from surveys.rules.base import Hit, Subject
from surveys.structure import QuestionView

# Not where the quantity itself is asked for ("how often", "for mye").
COUNTED = {
    "nb": r"(?<!\bhvor )(?<!\bså )(?<!\bfor )(?<!\blike )(?<!\bhvorvidt )",
    "nn": r"(?<!\bkor )(?<!\bså )(?<!\bfor )(?<!\blike )",
    "en": r"(?<!\bhow )(?<!\bso )(?<!\btoo )(?<!\bas )",
}
VAGUE = {
    "nb": r"merkbar(?:e|t)?|ofte|sjelden|av og til|noen ganger|iblant|jevnlig|regelmessig|stadig|mye|mange|en del|"
    r"betydelig(?:e)?|vesentlig(?:e)?|tilstrekkelig(?:e)?|nylig|i det siste|stort sett|vanligvis|som regel|"
    r"noe (?:bedre|dårligere|verre|mer|mindre|grad|forskjell)|ganske (?:mye|ofte|mange)|litt(?! av (?:begge|hvert))",
    "nn": r"merkbar(?:e|t)?|ofte|sjeldan|av og til|nokre gonger|iblant|jamleg|regelmessig|stadig|mykje|mange|ein del|"
    r"betydeleg(?:e)?|vesentleg(?:e)?|tilstrekkeleg(?:e)?|nyleg|i det siste|stort sett|vanlegvis|som regel|"
    r"noko (?:betre|dårlegare|verre|meir|mindre|grad|skilnad)|ganske (?:mykje|ofte|mange)|litt(?! av (?:begge|kvart))",
    "en": r"noticeabl[ey]|often|rarely|seldom|sometimes|occasionally|regularly|frequently|much|many|a lot|several|"
    r"considerabl[ey]|significant(?:ly)?|substantial(?:ly)?|sufficient(?:ly)?|recently|lately|usually|normally|"
    r"somewhat|a little",
}
FOUND = {language: re.compile(rf"{COUNTED[language]}\b(?:{VAGUE[language]})\b", re.IGNORECASE) for language in VAGUE}
DEFINES = {
    "nb": re.compile(r"\b(?:mener vi|menes|vil si|betyr|tenker vi på|regner vi|teller vi)\b", re.IGNORECASE),
    "nn": re.compile(r"\b(?:meiner vi|meinast|vil seie|tyder|tenkjer vi på|reknar vi|tel vi)\b", re.IGNORECASE),
    "en": re.compile(r"\b(?:we mean|means?|that is|by this|counts? as)\b", re.IGNORECASE),
}
# A label with a number, or with what is meant in brackets, is defined.
DEFINED_LABEL = re.compile(r"[0-9(]")
# Where people write freely, or stand on a scale whose ends are all that matters, a vague word does no harm in labels.
LABELS_JUDGED = ("single_choice", "multiple_choice")


def vague_quantity(subject: Subject) -> Iterator[Hit]:
    """A vague quantity without a definition."""
    for question, _kind in subject.asked():
        for language, text in subject.written(question.text):
            for start, end in places(text, language):
                # A text that is defined in its own words or in the help is not vague.
                if not _defined(text[start:end], question, language) and not DEFINES[language].search(text):
                    yield Hit(question).marked(language, text, start, end)
                    break
        if question.kind in LABELS_JUDGED:
            yield from _labels(subject, question)


@lru_cache(maxsize=words.KEPT)
def places(text: str, language: str) -> tuple[tuple[int, int], ...]:
    """Where the vague words of a text stand."""
    return tuple(found.span() for found in FOUND[language].finditer(text))


def _labels(subject: Subject, question: QuestionView) -> Iterator[Hit]:
    for option in question.options:
        if option.meaning != "answer":
            continue
        for language, label in subject.written(option.label):
            for start, end in places(label, language)[:1]:
                if not DEFINED_LABEL.search(label) and not _defined(label[start:end], question, language):
                    yield Hit(question).marked(language, label, start, end)


def _defined(word: str, question: QuestionView, language: str) -> bool:
    help_text = question.help.by_language.get(language, "")
    counted = word.lower()[:5] in help_text.lower() and re.search(r"[0-9]", help_text)
    return bool(DEFINES[language].search(help_text) or counted)
