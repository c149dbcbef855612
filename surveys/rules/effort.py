"""How long a questionnaire takes, and whether that is what it says.

The estimate: reading every text at 200 words a minute (silent reading of non-fiction is about 238 words a minute
for adults, Brysbaert 2019, Journal of Memory and Language 109; less on a phone and in an unfamiliar subject), and
for each question the time to answer its kind, in seconds, as in `ANSWERING`. What is shown only to some counts
half. The sum is rounded up to whole minutes. The seconds are our own rule of thumb, to be replaced by what pilots
measure; they are meant to be right to within half, which is what a promise of time needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import ceil

from django.utils.translation import ngettext

from surveys.rules import words
from surveys.rules.base import Hit, Subject
from surveys.structure import EditionView, QuestionView, Text

WORDS_A_MINUTE = 200
# Seconds to make up one's mind and answer; and for each option that is weighed.
ANSWERING: dict[str, tuple[float, float]] = {
    "yes_no": (5, 0),
    "single_choice": (5, 1),
    "multiple_choice": (8, 1.5),
    "scale": (5, 0.5),
    "statement": (8, 0),
    "ranking": (10, 4),
    "number": (8, 0),
    "date": (10, 0),
    "short_text": (15, 0),
    "long_text": (90, 0),
    "roster": (90, 0),
    "information": (0, 0),
}
# Seconds to write an elaboration; where it may be left out, half of those asked are taken to write.
ELABORATING = {"required": 60.0, "optional": 30.0}
# A person who is told a time forgives a fifth more.
FORGIVEN = 1.2
SHOWN_TO_SOME = 0.5
STATED = {
    "nb": re.compile(r"([0-9]+)\s*(?:-|–|til)?\s*([0-9]*)\s*minutt", re.IGNORECASE),
    "nn": re.compile(r"([0-9]+)\s*(?:-|–|til)?\s*([0-9]*)\s*minutt", re.IGNORECASE),
    "en": re.compile(r"([0-9]+)\s*(?:-|–|to)?\s*([0-9]*)\s*minutes?", re.IGNORECASE),
}


def minutes(view: EditionView, language: str = "nb") -> int:
    """The estimate for a whole questionnaire, in whole minutes, at least 1."""
    seconds = _reading(view.title, language) + _reading(view.purpose, language)
    for section in view.sections:
        own = _reading(section.title, language) + _reading(section.intro, language)
        seconds += own * (SHOWN_TO_SOME if section.conditions else 1)
        seconds += sum(seconds_for(question, language) for question in section.questions)
    return max(1, ceil(seconds / 60))


def told(view: EditionView, language: str = "nb") -> tuple[int, int]:
    """(least, most) minutes to promise people: what is stated and what we reckon; one of them where these agree."""
    reckoned = minutes(view, language)
    least, most = sorted((reckoned, view.minutes or reckoned))
    return (view.minutes or reckoned,) * 2 if most <= max(least * FORGIVEN, least + 1) else (least, most)


def seconds_for(question: QuestionView, language: str = "nb") -> float:
    """The seconds that one question takes on average, over those who see it and those who do not."""
    texts = [question.text, question.help, question.quotation, question.caption]
    texts += [option.label for option in question.options]
    fixed, each = ANSWERING.get(question.kind, (10, 0))
    seconds = sum(_reading(text, language) for text in texts) + fixed + each * len(question.options)
    asked = {question.elaboration, *(option.elaboration for option in question.options)}
    if question.options:
        seconds += next((ELABORATING[name] for name in ("required", "optional") if name in asked), 0)
    return seconds * (SHOWN_TO_SOME if question.conditions or question.within else 1)


def stated(view: EditionView) -> int | None:
    """The time people are told: the draft's own field, or else what the purpose says."""
    if view.minutes is not None:
        return view.minutes
    for language, pattern in STATED.items():
        if found := pattern.search(view.purpose.by_language.get(language, "")):
            return min(int(found.group(2) or found.group(1)), 32767)
    return None


def missing_time(subject: Subject) -> Iterator[Hit]:
    """No time is stated anywhere."""
    if stated(subject.view) is None and any(subject.asked()):
        yield Hit(detail=_estimate(subject), repair="set_minutes")


def too_long(subject: Subject) -> Iterator[Hit]:
    """It takes clearly longer than is stated."""
    told = stated(subject.view)
    if told is None:
        return
    over = minutes(subject.view, _language(subject)) - told
    # Of few minutes one more is no more than the rounding.
    if over > 1 and over > told * (FORGIVEN - 1):
        detail = ngettext("People are told %(count)d minute.", "People are told %(count)d minutes.", told) % {
            "count": told
        }
        yield Hit(detail=f"{detail} {_estimate(subject)}", repair="set_minutes")


def _estimate(subject: Subject) -> str:
    estimate = minutes(subject.view, _language(subject))
    return ngettext("Our estimate is %(count)d minute.", "Our estimate is %(count)d minutes.", estimate) % {
        "count": estimate
    }


def _language(subject: Subject) -> str:
    return subject.languages[0] if subject.languages else "nb"


def _reading(text: Text, language: str) -> float:
    return words.count(text(language)) / WORDS_A_MINUTE * 60
