"""Coarsening: background combinations made so common that none points at fewer than k people. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

Combination = tuple[str | None, ...]
Path = tuple[bool, ...]


def coarsen(counts: Mapping[Combination, int], k: int) -> dict[Combination, Combination]:
    """For each combination of background values what to store instead; None stands for "merged".

    Facts are in order of importance. Going through them one at a time, values held by fewer than k people
    within what is kept so far are merged; if the merged ones are still fewer than k, the smallest value kept
    joins them. Everything after a merged value is merged too. The result is k-anonymous: every stored
    combination has at least k people, unless there are fewer than k in all (then everything is merged).

    Args:
        counts: {combination: number of people}; every combination has the same length.
        k: the least number of people.
    """
    result: dict[Combination, Combination] = {}
    _descend(dict(counts), 0, k, result)
    return result


def blend(people: Iterable[tuple[Combination, Path]], k: int) -> dict[tuple[Combination, Path], Path]:
    """For each stored combination and path through the questionnaire, the path to store instead.

    What was asked tells the background that routing looked at, also where `coarsen` has merged that away. So fewer
    than k people with one path among those who share a stored combination take the commonest path of these: every
    combination and path that is stored has at least k people, as long as the combination has.

    Args:
        people: for each person, the combination that is stored and which conditions on the background hold.
    """
    sizes = Counter(people)
    result: dict[tuple[Combination, Path], Path] = {}
    for combination in dict.fromkeys(combination for combination, _path in sizes):
        paths = {path: size for (each, path), size in sizes.items() if each == combination}
        commonest = max(paths, key=lambda path: (paths[path], path))
        for path, size in paths.items():
            result[combination, path] = path if size >= k else commonest
    return result


def _descend(counts: dict[Combination, int], depth: int, k: int, result: dict[Combination, Combination]) -> None:
    if not counts:
        return
    length = len(next(iter(counts)))
    if depth == length:
        result.update({combination: combination for combination in counts})
        return
    merged = _merged_values(counts, depth, k)
    kept: dict[str | None, dict[Combination, int]] = {}
    for combination, count in counts.items():
        if combination[depth] in merged:
            result[combination] = combination[:depth] + (None,) * (length - depth)
        else:
            kept.setdefault(combination[depth], {})[combination] = count
    for part in kept.values():
        _descend(part, depth + 1, k, result)


def _merged_values(counts: dict[Combination, int], depth: int, k: int) -> set[str | None]:
    """The values at `depth` that are merged: those under k, and more until the merged are k.

    What is unknown of k or more people is a value like any other: what comes after it is kept.
    """
    sizes: Counter[str | None] = Counter()
    for combination, count in counts.items():
        sizes[combination[depth]] += count
    merged = {value for value, size in sizes.items() if size < k}
    while 0 < sum(sizes[value] for value in merged) < k:
        rest = [value for value in sizes if value not in merged]
        if not rest:
            break
        merged.add(min(rest, key=lambda value: (sizes[value], value or "")))
    return merged
