"""Options that do not fit together: bands that overlap or leave gaps, lists that have no place for the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from django.utils.translation import gettext as _

from surveys.rules import words
from surveys.rules.base import Hit, Subject
from surveys.structure import OptionView, QuestionView

NUMBER_WORDS = {
    "en": 1, "ett": 1, "et": 1, "ei": 1, "eit": 1, "ein": 1, "one": 1, "a": 1, "to": 2, "two": 2, "tre": 3, "three": 3,
    "fire": 4, "four": 4, "fem": 5, "five": 5, "seks": 6, "six": 6, "sju": 7, "syv": 7, "seven": 7, "åtte": 8,
    "eight": 8, "ni": 9, "nine": 9, "ti": 10, "ten": 10, "tjue": 20, "twenty": 20,
}  # fmt: skip
N = r"(?P<{}>[0-9]+|" + "|".join(sorted(NUMBER_WORDS, key=len, reverse=True)) + r")"
BETWEEN = re.compile(
    rf"^\D{{0,12}}?\b{N.format('low')}\s*(?:-|–|—|til|to|og|and)\s*{N.format('high')}\b", re.IGNORECASE
)
# "from 1 year to less than 3": the upper end belongs to the next band.
UP_TO_BELOW = re.compile(
    rf"\b{N.format('low')}\b\s*(?:\w+\s+)?(?:-|–|til|to|og|and|men|but)\s+(?:under|mindre enn|færre enn|less than|"
    rf"fewer than|below)\s+{N.format('high')}\b",
    re.IGNORECASE,
)
BELOW = re.compile(
    rf"\b(?:under|mindre enn|færre enn|less than|fewer than|below)\s+{N.format('high')}\b",
    re.IGNORECASE,
)
UP_TO = re.compile(rf"\b(?:inntil|høyst|høgst|maks|til og med|up to|at most)\s+{N.format('high')}\b", re.IGNORECASE)
OVER = re.compile(rf"\b(?:over|mer enn|meir enn|flere enn|fleire enn|more than)\s+{N.format('low')}\b", re.IGNORECASE)
FROM = re.compile(
    rf"\b{N.format('low')}\b\s*(?:\w+\s+)?(?:eller|or|og|and)\s+(?:mer|meir|flere|fleire|over|more|above|lenger|lengre)|"
    rf"\b(?:minst|at least)\s+{N.format('low2')}\b|\b{N.format('low3')}\s*\+",
    re.IGNORECASE,
)
ONE = re.compile(rf"^\s*{N.format('low')}\b(?:\s+\w+)?\s*$", re.IGNORECASE)
NONE = re.compile(r"^\s*(?:ingen|inga|aldri|none|never|no)\b", re.IGNORECASE)
FEWEST_BANDS = 2
# Options in an order, or that split everything in two: nothing else is possible.
ORDERED = re.compile(
    r"\b(?:grad|enig|einig|uenig|ueinig|fornøyd|fornøgd|misfornøyd|misfornøgd|god|godt|gode|bra|dårlig|dårleg|"
    r"ofte|sjelden|sjeldan|aldri|alltid|av og til|bedre|betre|verre|dårligere|dårlegare|uendret|uendra|som før|lett|"
    r"vanskelig|vanskeleg|viktig|mye|mykje|lite|litt|stor|liten|små|middels|daglig|dagleg|ukentlig|månedlig|årlig|"
    r"kvar|hver|extent|agree|disagree|satisfied|good|poor|often|rarely|never|always|better|worse|unchanged|easy|"
    r"difficult|important|much|little|large|small|medium|daily|weekly|monthly|yearly|every|enough|nok|før|etter|etterpå|before|after)\b",
    re.IGNORECASE,
)
REST = re.compile(
    r"\b(?:annet|anna|andre|annen|ingen|inga|begge|både|verken|korkje|alle|other|others|none|neither|both|all|"
    r"et annet|noe annet|noko anna|et sted imellom|varierer|delvis|partly|varies|differs|"
    r"ulikt|veksler|vekslar|ikke|ikkje|not)\b",
    re.IGNORECASE,
)
YES_OR_NO = re.compile(r"^\s*(?:ja|nei|yes|no)\b", re.IGNORECASE)
FEWEST_LISTED = 3


@dataclass(frozen=True)
class Band:
    """The whole numbers that an option stands for; an end of None is open."""

    low: int | None
    high: int | None
    label: str


@lru_cache(maxsize=words.KEPT)
def band(label: str) -> Band | None:
    """The numbers that a label stands for; None if it is about something else."""
    if found := BETWEEN.search(label):
        return Band(_number(found["low"]), _number(found["high"]), label)
    if found := UP_TO_BELOW.search(label):
        return Band(_number(found["low"]), _number(found["high"]) - 1, label)
    if found := BELOW.search(label):
        return Band(None, _number(found["high"]) - 1, label)
    if found := UP_TO.search(label):
        return Band(None, _number(found["high"]), label)
    if found := OVER.search(label):
        return Band(_number(found["low"]) + 1, None, label)
    if found := FROM.search(label):
        return Band(_number(found["low"] or found["low2"] or found["low3"]), None, label)
    if found := ONE.search(label):
        return Band(_number(found["low"]), _number(found["low"]), label)
    return Band(0, 0, label) if NONE.search(label) else None


def _number(word: str) -> int:
    return int(word) if word.isdecimal() else NUMBER_WORDS[word.lower()]


def bands_overlap_or_gap(subject: Subject) -> Iterator[Hit]:
    """Number bands that share a number, leave one out, or stop short."""
    for question, _kind in subject.asked():
        for language in subject.languages:
            if fault := band_fault(question, language):
                wrong, detail = fault
                yield Hit(question, detail=detail).marked(language, wrong.label)
                break


def band_fault(question: QuestionView, language: str) -> tuple[Band, str] | None:
    """The first band that does not fit, and why; None if all do, or if the options are no bands."""
    found, all_are = _bands(question, language)
    if len(found) < FEWEST_BANDS or not any(each.low != each.high for each in found):
        return None
    ordered = sorted(found, key=lambda each: -1 if each.low is None else each.low)
    for one, other in pairwise(ordered):
        names = {"one": one.label, "other": other.label}
        if one.high is None or other.low is None or other.low <= one.high:
            return other, _("“%(one)s” and “%(other)s” overlap.") % names
        if other.low > one.high + 1:
            return other, _("There is a gap between “%(one)s” and “%(other)s”.") % names
    first, last = ordered[0], ordered[-1]
    if not all_are:
        return None
    if first.low is not None and first.low > 1:
        return first, _("There is no answer for less than “%(one)s”.") % {"one": first.label}
    if last.high is not None and not ("%" in last.label and last.high == 100):
        return last, _("There is no answer for more than “%(one)s”.") % {"one": last.label}
    return None


def _bands(question: QuestionView, language: str) -> tuple[list[Band], bool]:
    """The bands among the options, and whether all options are; none if most are something else."""
    if question.kind not in ("single_choice", "multiple_choice"):
        return [], False
    labels = [
        option.label.by_language.get(language, "").strip() for option in question.options if option.meaning == "answer"
    ]
    found = [each for label in labels if (each := band(label))]
    # A list with a number in passing is no set of bands.
    return (found, len(found) == len(labels)) if len(found) * 2 > len(labels) else ([], False)


def missing_other(subject: Subject) -> Iterator[Hit]:
    """A list of possibilities without a place for another, or for none."""
    for question, _kind in subject.asked():
        if question.kind not in ("single_choice", "multiple_choice"):
            continue
        answers = [option for option in question.options if option.meaning == "answer"]
        languages = [
            language for language in subject.languages if all(each.label.by_language.get(language) for each in answers)
        ]
        if len(answers) < FEWEST_LISTED or not languages or _closed(question, answers, languages[0]):
            continue
        last = answers[-1].label.by_language[languages[0]]
        yield Hit(question, repair="add_other").marked(languages[0], last)


def _closed(question: QuestionView, answers: list[OptionView], language: str) -> bool:
    """Whether no other answer is possible: there is one for the rest, or the options are in an order."""
    if any(option.meaning == "other" or option.excludes for option in question.options):
        return True
    labels = [option.label.by_language[language] for option in answers]
    if any(REST.search(label) for label in labels) or any(YES_OR_NO.search(label) for label in labels):
        return True
    return sum(_is_ordered(label) for label in labels) * 2 >= len(labels)


@lru_cache(maxsize=words.KEPT)
def _is_ordered(label: str) -> bool:
    return bool(ORDERED.search(label) or band(label))
