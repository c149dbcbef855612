"""Spotting: whether a text was only spelt better, or now means something else. Pure.

No rule can tell a misspelling from another word for certain ("ansatt", "avsatt"). These let pass only what is small,
and refuse what is known to turn a meaning round; a person decides the rest, under their own name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from django.utils.translation import gettext as _

WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
NUMBER = re.compile(r"[-+−]?\d+(?:[.,]\d+)*\s*%?")
DOUBLED = re.compile(r"(.)\1+")
# What a program reads: the target of a link, and a name put in for the person who answers.
MACHINE = re.compile(r"\]\([^)]*\)|https?://\S+|\{[^}]*\}")
# Words that turn or bound a meaning, in bokmål, nynorsk and English. They must be the same before and after.
WEIGHTY = frozenset(
    WORD.findall("""
    ikke ikkje ingen ingenting inga intet aldri uten utan verken korkje hverken neppe knapt nei ja
    not no none nobody nothing never neither nor without hardly cannot yes
    alle alt all noen nokon nokre noe noko enkelte hver kvar begge flere fleire færre flest mange få mer meir mindre
    minst mest bare berre kun minimum maksimum every each any some few fewer more less least most only both
    må kan skal bør vil kunne skulle burde ville måtte must can may shall should will would could might
    og eller men før etter under over and or but before after above below
    god godt dårlig dårleg bra bedre betre verre good bad better worse enig ueinig einig uenig agree disagree
    """)
)
# One of these before a word says the opposite.
OPPOSITES = (
    "u", "mis", "in", "im", "ir", "il", "un", "dis", "non", "van", "ikke", "ikkje", "anti", "mot", "over", "under",
)  # fmt: skip
# Small words that are often put for each other by mistake, and mean nothing of their own.
CONFUSED = frozenset(
    map(
        frozenset, [("og", "å"), ("and", "an"), ("da", "når"), ("då", "når"), ("en", "et"), ("ein", "eit"), ("a", "an")]
    )
)
SHORT_WORD = 3
# The most words that one correction may change, and the share of the text that they may be.
MOST_WORDS, LARGEST_SHARE = 4, 0.34


def change_of_meaning(before: str, after: str) -> str:
    """Why a change is more than a corrected misspelling, in a sentence; empty if it is not.

    At most four words, and a third of the text, may change, each by few letters: one in a word of up to four, two up to
    eight, three in longer ones (two neighbours that changed places are one). A word may be split, joined with the next,
    or no longer stand twice. Numbers, links, field names and words that turn a meaning must stay.
    """
    if NUMBER.findall(before) != NUMBER.findall(after):
        return _("A number is not the same.")
    if MACHINE.findall(before) != MACHINE.findall(after):
        return _("A link or the name of a field is not the same.")
    old, new = (WORD.findall(MACHINE.sub(" ", text).casefold()) for text in (before, after))
    changed = 0
    for left, right in _changes(old, new):
        if fault := _fault(left, right):
            return fault
        changed += min(len(left), len(right))
    if changed > MOST_WORDS or changed > max(1, LARGEST_SHARE * len(old)):
        return _("More words have changed than a misspelling explains.")
    return ""


def _changes(old: list[str], new: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """The runs of words that are not the same; a word that stood twice in a row and now stands once is none."""
    old, new = ([word for earlier, word in pairwise(["", *words]) if word != earlier] for words in (old, new))
    for tag, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield old[start:end], new[new_start:new_end]


def _fault(old: Sequence[str], new: Sequence[str]) -> str:
    if not old or not new:
        return _("A word has been added or taken away: “%(word)s”.") % {"word": " ".join([*old, *new])}
    names = {"before": " ".join(old), "after": " ".join(new)}
    if len(old) == len(new):
        pairs = list(zip(old, new, strict=True))
    elif 1 in {len(old), len(new)}:
        pairs = [("".join(old), "".join(new))]
    else:
        return _("“%(before)s” and “%(after)s” are not the same words.") % names
    for one, other in pairs:
        if frozenset((one, other)) in CONFUSED:
            continue
        if _are_opposite(one, other) or _weighs(one, other, [*old, *new] if len(old) != len(new) else [one, other]):
            return _("“%(before)s” and “%(after)s” do not mean the same.") % names
        if distance(one, other) > _letters(one) or _are_little_words(one, other):
            return _("“%(before)s” and “%(after)s” are not the same words.") % names
    return ""


def _weighs(one: str, other: str, words: Sequence[str]) -> bool:
    """Whether a word that turns a meaning is not the same; a letter twice, or two changed about, is a slip."""
    if WEIGHTY.isdisjoint(words):
        return False
    if len(words) > len((one, other)):
        return True
    is_slip = DOUBLED.sub(r"\1", one) == DOUBLED.sub(r"\1", other) or sorted(one) == sorted(other)
    return one != other and (not is_slip or {one, other} <= WEIGHTY)


def _are_opposite(one: str, other: str) -> bool:
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return any(longer == f"{prefix}{shorter}" for prefix in OPPOSITES)


def _are_little_words(one: str, other: str) -> bool:
    """Whether these are words as short as "du" and "de", of which any other letter makes another one."""
    return len(one) == len(other) <= SHORT_WORD and one != other and sorted(one) != sorted(other)


def _letters(word: str) -> int:
    """How many letters of a word may be wrong."""
    if len(word) <= 4:
        return 1
    return 2 if len(word) <= 8 else 3


def distance(one: str, other: str) -> int:
    """The fewest letters to add, take away, replace or swap with the next to make one word the other.

    Optimal string alignment: L. Boytsov, “Indexing methods for approximate dictionary searching”, 2011, section 2.
    """
    rows = [list(range(len(other) + 1))]
    for place, letter in enumerate(one, start=1):
        row = [place]
        for at, its in enumerate(other, start=1):
            best = min(rows[-1][at] + 1, row[-1] + 1, rows[-1][at - 1] + (letter != its))
            if place > 1 and at > 1 and letter == other[at - 2] and one[place - 2] == its:
                best = min(best, rows[-2][at - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
