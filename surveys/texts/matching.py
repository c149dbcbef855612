"""Matching: which sections and questions of two editions are the same ones. Pure, and the same both ways."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from surveys.structure import EditionView, QuestionView, SectionView

Item = TypeVar("Item")
Name = TypeVar("Name", bound=Hashable)

WORD = re.compile(r"\w+")
# The share of words that two texts must have in common for questions of different kinds with one code to be the same.
ALIKE = 0.5


@dataclass(frozen=True)
class Matches:
    """Pairs, {before: after}: sections by their place from 0, questions by their code."""

    sections: Mapping[int, int]
    questions: Mapping[str, str]


def match(before: EditionView, after: EditionView) -> Matches:
    """Pair what two editions share.

    Questions are the same when they say the same, or else are about the same concept, or else have one code and are of
    one kind or alike in words. Sections are the same when they are equal, or else have one title, or else most of their
    questions in common. A pair is made only where there is no choice.
    """
    questions = _questions(before, after)
    return Matches(_sections(before, after, questions), questions)


def settled(pairs: Sequence[tuple[int, int]]) -> frozenset[tuple[int, int]]:
    """The pairs (place before, place after) that have kept their order; all the others have moved.

    A pair has kept its order when it is part of every longest run of pairs in order. Of two that changed places both
    have moved: there is no saying which of them did.
    """
    ordered = sorted(pairs)
    ahead = _runs([after for _before, after in ordered])
    behind = _runs([-after for _before, after in reversed(ordered)])[::-1]
    longest = max(ahead, default=0)
    within = [pair for pair in zip(ordered, ahead, behind, strict=True) if pair[1] + pair[2] - 1 == longest]
    ranks = Counter(rank for _pair, rank, _rest in within)
    return frozenset(pair for pair, rank, _rest in within if ranks[rank] == 1)


def _runs(values: list[int]) -> list[int]:
    """For each value, how long the longest rising run that ends with it is."""
    lengths: list[int] = []
    for place, value in enumerate(values):
        lengths.append(1 + max((lengths[earlier] for earlier in range(place) if values[earlier] < value), default=0))
    return lengths


def _questions(before: EditionView, after: EditionView) -> dict[str, str]:
    old, new = dict(before.questions), dict(after.questions)
    pairs: dict[str, str] = {}
    for key in (_wording, _concept):
        found = _unique(old, new, key)
        pairs |= found
        for code, other in found.items():
            del old[code], new[other]
    return pairs | {code: code for code in old.keys() & new.keys() if _is_alike(old[code], new[code])}


def _wording(question: QuestionView) -> Hashable:
    return (question.kind, question.text) if question.text else None


def _concept(question: QuestionView) -> Hashable:
    return question.concept or None


def _is_alike(one: QuestionView, other: QuestionView) -> bool:
    if one.kind == other.kind:
        return True
    words = [set(WORD.findall(each.text("nb").casefold())) for each in (one, other)]
    return len(words[0] & words[1]) >= ALIKE * len(words[0] | words[1])


def _sections(before: EditionView, after: EditionView, questions: Mapping[str, str]) -> dict[int, int]:
    old, new = dict(enumerate(before.sections)), dict(enumerate(after.sections))
    pairs: dict[int, int] = {}

    def pair(found: dict[int, int]) -> None:
        pairs.update(found)
        for place, other in found.items():
            del old[place], new[other]

    pair({place: place for place in old.keys() & new.keys() if _shape(old[place]) == _shape(new[place])})
    pair(_unique(old, new, lambda section: section.title or None))
    pair(_most_in_common(old, new, questions))
    return pairs


def _shape(section: SectionView) -> Hashable:
    return section.title, section.intro, tuple(question.code for question in section.questions)


def _unique(
    old: Mapping[Name, Item], new: Mapping[Name, Item], key: Callable[[Item], Hashable | None]
) -> dict[Name, Name]:
    """Pairs of names whose items have a key that nothing else on their side has."""

    def by_key(items: Mapping[Name, Item]) -> dict[Hashable, Name]:
        names: dict[Hashable, list[Name]] = defaultdict(list)
        for name, item in items.items():
            if (found := key(item)) is not None:
                names[found].append(name)
        return {found: those[0] for found, those in names.items() if len(those) == 1}

    ours, theirs = by_key(old), by_key(new)
    return {name: theirs[found] for found, name in ours.items() if found in theirs}


def _most_in_common(
    old: Mapping[int, SectionView], new: Mapping[int, SectionView], questions: Mapping[str, str]
) -> dict[int, int]:
    home = {question.code: place for place, section in new.items() for question in section.questions}
    shared: Counter[tuple[int, int]] = Counter()
    for place, section in old.items():
        for question in section.questions:
            if (there := home.get(questions.get(question.code, ""))) is not None:
                shared[place, there] += 1
    best_old, best_new = _best(shared, 0), _best(shared, 1)
    return {place: other for place, other in best_old.items() if best_new.get(other) == place}


def _best(shared: Mapping[tuple[int, int], int], side: int) -> dict[int, int]:
    """For each section on a side, the one on the other with which it has more in common than with any other."""
    counts: dict[int, dict[int, int]] = defaultdict(dict)
    for pair, count in shared.items():
        counts[pair[side]][pair[1 - side]] = count
    found: dict[int, int] = {}
    for place, others in counts.items():
        most = max(others.values())
        those = [other for other, count in others.items() if count == most]
        if len(those) == 1:
            found[place] = those[0]
    return found
