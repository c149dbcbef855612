"""Sentences, words and stems of a text, with their places in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
# A sentence ends with its sign and what closes it, or where a line ends; not after a number ("1. mars"), an
# abbreviation ("f.eks. lønn") or a letter ("§ 2 a. Retten").
END = re.compile(r"(?:[!?…]|(?<![0-9])(?<!\b[^\W\d_])(?<!\bca)(?<!\beks)(?<!\bosv)\.)+[)»”\"*_]*(?=\s|$)|\n")
# Signs of Markdown at the beginning of a line: headings, quotations, lists.
MARKDOWN = re.compile(r"^[ \t]*(?:[#>*+-]+|[0-9]+[.)])?[ \t]*", re.MULTILINE)
STEM = 6
# How many texts are remembered: those who write have the same ones judged again and again.
KEPT = 4096
# Words of five letters or more that say nothing about what a text is about.
EMPTY = frozenset(
    WORD.findall(
        """
        andre annet anten begge berre bidra blant burde disse dette deira deires denne deres eller ellers ettersom
        etter enten fleire flere fordi foran fremst først gjelder gjeld gjere gjøre heile hele henne hvem hvilke
        hvilken hvilket hvordan hvorfor ikkje imot innen innan kanskje korleis kunne kvifor kvart langs ligge likevel
        medan mellom mener meiner mindre minst mykje måtte noen nokon noko nokre omkring opplevd opplever opplevde
        opplevelse opplevt oppleve rundt sidan siden sjølv skulle slike slikt spørsmål synes synest tenker tenkjer
        undervegs underveis uten utan ville
        about after again because before being between could during every experience experienced other others
        question questions should still their there these those under until where which while whose within without
        would
        """
    )
)


@dataclass(frozen=True)
class Sentence:
    """A sentence and where it stands in its text."""

    text: str
    start: int
    end: int

    @property
    def is_question(self) -> bool:
        """Whether it asks."""
        return self.text.rstrip(')»”"*_ ').endswith("?")


@lru_cache(maxsize=KEPT)
def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text, without blanks around them."""
    ends = [found.end() for found in END.finditer(text)]
    found = []
    for start, end in pairwise([0, *ends, len(text)]):
        inner = text[start:end].strip()
        if WORD.search(inner):
            first = text.index(inner, start)
            found.append(Sentence(inner, first, first + len(inner)))
    return tuple(found)


def around(text: str, start: int) -> Sentence:
    """The sentence that holds a place in the text; the whole text if there is none."""
    for sentence in sentences(text):
        if sentence.start <= start < sentence.end:
            return sentence
    return Sentence(text, 0, len(text))


@lru_cache(maxsize=KEPT)
def count(text: str) -> int:
    """How many words there are."""
    return sum(1 for _word in WORD.finditer(text))


@lru_cache(maxsize=KEPT)
def stems(text: str) -> frozenset[str]:
    """What a text is about: the beginnings of its longer words."""
    found = (word.group().lower() for word in WORD.finditer(text))
    return frozenset(word[:STEM] for word in found if len(word) >= STEM - 1 and word not in EMPTY)


def plain(text: str) -> str:
    """A Markdown text without the signs that begin its lines; its words stay in their order."""
    return MARKDOWN.sub("", text)
