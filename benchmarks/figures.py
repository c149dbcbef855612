"""Figures: what was measured, what it is held against, and how both are put on paper."""

from __future__ import annotations

import gc
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True)
class Aim:
    """What a figure should be: its value, or its ratio to the floor, at least or at most a limit."""

    of: Literal["value", "ratio"]
    sense: Literal["at least", "at most"]
    limit: float

    def __str__(self) -> str:
        sign = "≥" if self.sense == "at least" else "≤"
        return f"{sign} {number(self.limit)}" + (" ×" if self.of == "ratio" else "")


@dataclass(frozen=True)
class Figure:
    """One measured operation.

    `value` and `floor` are medians in `unit`; `ratio` is the median of value / floor of each round, so it wants to
    be large for rates and small for times. Figures without a floor have neither.
    """

    name: str
    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    aim: tuple[Aim, ...] = ()
    note: str = ""

    def met(self) -> bool | None:
        """Whether every aim is met; None without one."""
        verdicts = []
        for aim in self.aim:
            measured = self.value if aim.of == "value" else self.ratio
            assert measured is not None, f"{self.name}: an aim for a ratio needs a floor"
            verdicts.append(measured >= aim.limit if aim.sense == "at least" else measured <= aim.limit)
        return all(verdicts) if verdicts else None

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "met": self.met()}

    @classmethod
    def read(cls, plain: dict[str, Any]) -> Figure:
        """From JSON."""
        fields = {name: value for name, value in plain.items() if name != "met"}
        return cls(**{**fields, "aim": tuple(Aim(**aim) for aim in fields["aim"])})


Round = tuple[float, float]
"""Value and floor, measured one right after the other."""


def compared(name: str, unit: str, rounds: Sequence[Round], *aims: Aim, note: str = "") -> Figure:
    """The figure of several rounds; how far their ratios spread is added to the note."""
    ratios = [value / floor for value, floor in rounds]
    spread = f"{number(min(ratios))}–{number(max(ratios))} × in {len(rounds)} rounds"
    return Figure(
        name=name,
        value=statistics.median(value for value, _floor in rounds),
        unit=unit,
        floor=statistics.median(floor for _value, floor in rounds),
        ratio=statistics.median(ratios),
        aim=aims,
        note=f"{spread}; {note}" if note else spread,
    )


def seconds(work: Callable[[], object]) -> float:
    """How long some work takes, with what lay about cleared away before."""
    gc.collect()
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def rate(work: Callable[[], object], count: int) -> float:
    """How many a second, when `work` does `count`."""
    return count / seconds(work)


def peak_megabytes() -> float:
    """The most memory this process has had at once (resident set)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def proportional_megabytes(processes: Sequence[int]) -> float:
    """Memory of these processes together, shared pages counted once (PSS); those that are gone count nothing."""
    total = 0
    for process in processes:
        try:
            text = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return total / 1024


def number(value: float) -> str:
    """Three significant digits, and no more than is known."""
    if value >= 1000:
        return f"{value:,.0f}".replace(",", "\u00a0")
    return f"{value:.3g}"


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = [
        "| operation | measured | floor | ratio | aim | met | rounds and remarks |",
        "|---|---|---|---|---|---|---|",
    ]
    for figure in figures:
        met = {True: "yes", False: "**no**", None: "–"}[figure.met()]
        cells = [
            figure.name,
            f"{number(figure.value)} {figure.unit}",
            "–" if figure.floor is None else f"{number(figure.floor)} {figure.unit}",
            "–" if figure.ratio is None else number(figure.ratio),
            ", ".join(map(str, figure.aim)) or "–",
            met,
            figure.note,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
