"""Guessing: does the time of an answer tell whether a guessed link belongs to an invitation?

Four kinds of wrong link are asked for in turn, shuffled anew each round, inside one process, where no network hides a
difference: one that no invitation has; one whose first part an invitation has; the same in a survey that is over;
and an earlier one of an invitation that has got a newer. The figure is how much better than by chance a guesser could
sort one answer of the first kind from one of another by its time (0 is chance, 1 is certain), and its 95 % bound.
"""

from __future__ import annotations

import random
import time
from bisect import bisect_left, bisect_right
from collections.abc import Mapping

from django.utils import timezone

from benchmarks import field
from benchmarks.figures import Aim, Figure
from consult.admitting import admit
from surveys.box import sealing

ROUNDS = 20_000
Times = Mapping[str, list[int]]


def run(*, quick: bool = False) -> list[Figure]:
    """How far each kind can be told from a link that nobody has."""
    times = measure(200 if quick else ROUNDS)
    unknown = times["nobody's"]
    figures = []
    for kind, theirs in times.items():
        if kind != "nobody's":
            advantage, error = told_apart(unknown, theirs)
            medians = f"medians {_median(unknown)} and {_median(theirs)} µs, {len(unknown)} of each, ± {2 * error:.3f}"
            figures.append(
                Figure(
                    f"telling by time: {kind}",
                    advantage,
                    "",
                    aim=() if quick else (Aim("value", "at most", 0.1),),
                    note=medians,
                )
            )
    return figures


def measure(rounds: int) -> Times:
    """{kind of link: nanoseconds until it was refused}."""
    survey, other = field.opened(), field.opened()
    tokens = [each.token for each in field.invite(survey, 500)]
    ended = [each.token for each in field.invite(other, 500)]
    type(other).objects.filter(pk=other.pk).update(stopped_at=timezone.now())
    now, chance = timezone.now(), random.Random(1)
    found: dict[str, list[int]] = {"nobody's": [], "an invitation's with a wrong end": [], "the same, survey over": []}
    for _round in range(rounds):
        kinds = {
            "nobody's": _wrong_end(chance, _letters(chance, sealing.SELECTOR_LETTERS - 1) + "a"),
            "an invitation's with a wrong end": _wrong_end(chance, chance.choice(tokens)[: sealing.SELECTOR_LETTERS]),
            "the same, survey over": _wrong_end(chance, chance.choice(ended)[: sealing.SELECTOR_LETTERS]),
        }
        for kind in chance.sample(list(kinds), len(kinds)):
            begun = time.perf_counter_ns()
            refusal = admit(kinds[kind], now).refusal
            found[kind].append(time.perf_counter_ns() - begun)
            if refusal != "unknown":
                raise RuntimeError(f"{kind}: {refusal}")
    return found


def told_apart(one: list[int], other: list[int]) -> tuple[float, float]:
    """(advantage, standard error): twice the distance of Mann and Whitney's probability from one half."""
    ranked = sorted(other)
    smaller = sum(bisect_left(ranked, each) + bisect_right(ranked, each) for each in one)
    larger = smaller / 2 / (len(one) * len(other))
    # Hanley and McNeil 1982, at one half: the variance of the probability where nothing can be told.
    error = ((len(one) + len(other) + 1) / (12 * len(one) * len(other))) ** 0.5
    return abs(2 * larger - 1), 2 * error


def _median(nanoseconds: list[int]) -> str:
    return f"{sorted(nanoseconds)[len(nanoseconds) // 2] / 1000:.1f}"


def _letters(chance: random.Random, count: int) -> str:
    return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz234567", k=count))


def _wrong_end(chance: random.Random, head: str) -> str:
    return head + _letters(chance, sealing.PROOF_LETTERS)
