"""Reading ease: LIX, after C.-H. Björnsson, Läsbarhet (Stockholm: Liber, 1968).

LIX = words / sentences + 100 × words of more than six letters / words. Björnsson's ladder: below 30 very easy,
30-40 easy (fiction), 40-50 medium (newspapers), 50-60 hard (official texts), above 60 very hard. It was made for
Swedish and serves Norwegian alike, both with compounds; for English the same value is harder, and it is not used
there. A short text swings too much for it, so it is taken over texts of at least `FEWEST_WORDS` words, and over
all texts of the questionnaire together. A single sentence is judged by its length.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from django.utils.translation import gettext as _

from surveys.rules import words
from surveys.rules.base import Hit, Subject
from surveys.structure import QuestionView, Text

MEASURED = ("nb", "nn")
LONG_WORD = 6
FEWEST_WORDS = 40
# A single text may be as hard as an official one begins to be; the whole should read like a newspaper.
HARDEST_TEXT = 55.0
HARDEST_WHOLE = 50.0
LONGEST_SENTENCE = 30


@lru_cache(maxsize=words.KEPT)
def lix(text: str) -> float:
    """The LIX of a text; 0 for one without words."""
    plain = words.plain(text)
    all_words = words.WORD.findall(plain)
    if not all_words:
        return 0.0
    long_words = sum(1 for word in all_words if len(word) > LONG_WORD)
    return len(all_words) / max(1, sum(1 for _each in words.sentences(plain))) + 100 * long_words / len(all_words)


def hard_to_read(subject: Subject) -> Iterator[Hit]:
    """A text, or the whole, is harder to read than it need be."""
    hard = False
    for question, section, text in _texts(subject):
        for language, written in subject.written(text):
            value = lix(written)
            if language in MEASURED and words.count(written) >= FEWEST_WORDS and value > HARDEST_TEXT:
                hard = True
                yield Hit(question, section, detail=_measured(value)).marked(language, written)
    for language in MEASURED if not hard else ():
        if language in subject.languages:
            everything = "\n".join(text.by_language.get(language, "") for _question, _section, text in _texts(subject))
            value = lix(everything)
            if words.count(everything) >= FEWEST_WORDS and value > HARDEST_WHOLE:
                yield Hit(language=language, detail=_measured(value))


def long_sentence(subject: Subject) -> Iterator[Hit]:
    """A sentence that must be read twice."""
    for question, section, text in _texts(subject):
        for language, written in subject.written(text):
            for sentence in words.sentences(written):
                if (length := words.count(sentence.text)) > LONGEST_SENTENCE:
                    detail = _("%(count)d words in one sentence.") % {"count": length}
                    yield Hit(question, section, detail=detail).marked(language, written, sentence.start, sentence.end)
                    break


def _texts(subject: Subject) -> Iterator[tuple[QuestionView | None, int, Text]]:
    yield None, 0, subject.view.purpose
    for number, section in enumerate(subject.view.sections, start=1):
        yield None, number, section.intro
        for question in section.questions:
            yield question, number, question.text
            yield question, number, question.help


def _measured(value: float) -> str:
    return _("LIX %(value)d.") % {"value": round(value)}
