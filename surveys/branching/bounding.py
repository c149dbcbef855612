"""Bounding: what several conditions want of one answer, and whether any answer can give it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import islice, product

from surveys.kinds.numerals import EARLIEST_DAY, LATEST_DAY, count_of
from surveys.kinds.registry import KINDS
from surveys.kinds.roster import MOST_ROWS, Roster
from surveys.kinds.several import Ranking, stands_alone
from surveys.models.condition import Operator
from surveys.structure import ConditionView, QuestionView

MOST_TRIED = 2000


@dataclass(frozen=True)
class Wanted:
    """What conditions want of one source.

    Args:
        chosen: options that must be among those chosen.
        unchosen: options that must not.
        hits: of each of these sets one option must be chosen.
        something: whether an option must be chosen at all.
        low, high: between which a number must lie, both within; days as the number of days.
        above, below: between which it must lie, both left out.
    """

    chosen: frozenset[str] = frozenset()
    unchosen: frozenset[str] = frozenset()
    hits: tuple[frozenset[str], ...] = ()
    something: bool = False
    low: Decimal | None = None
    high: Decimal | None = None
    above: Decimal | None = None
    below: Decimal | None = None

    def and_also(self, condition: ConditionView) -> Wanted:
        """The same with one condition more."""
        option = frozenset({condition.option} if condition.option else ())
        if condition.operator == Operator.IS:
            return replace(self, chosen=self.chosen | option)
        if condition.operator == Operator.IS_NOT:
            return replace(self, unchosen=self.unchosen | option, something=True)
        if condition.operator == Operator.ONE_OF:
            return replace(self, hits=(*self.hits, frozenset(condition.options)))
        if condition.operator == Operator.NONE_OF:
            return replace(self, unchosen=self.unchosen | frozenset(condition.options), something=True)
        return self if condition.size is None else self._sized(condition.operator, condition.size)

    def _sized(self, operator: str, size: Decimal) -> Wanted:
        if operator == Operator.AT_LEAST:
            return replace(self, low=size if self.low is None else max(self.low, size))
        if operator == Operator.AT_MOST:
            return replace(self, high=size if self.high is None else min(self.high, size))
        if operator == Operator.MORE_THAN:
            return replace(self, above=size if self.above is None else max(self.above, size))
        return replace(self, below=size if self.below is None else min(self.below, size))

    def possible_of_fact(self, values: Sequence[str]) -> bool:
        """Whether the register can hold such a value."""
        return self._one_of(values)

    def possible_of(self, question: QuestionView) -> bool:
        """Whether the question can be answered so."""
        kind = KINDS.get(question.kind)
        if kind is None or not kind.is_asked:
            return False
        if any(bound is not None for bound in (self.low, self.high, self.above, self.below)):
            return (kind.has_number or kind.has_day) and self._size(question)
        wants_option = self.chosen or self.unchosen or self.hits or self.something
        if not wants_option:
            return True
        if question.kind in ("multiple_choice", "ranking", "roster"):
            return self._several(question)
        return self._one_of([option.code for option in question.options])

    def _one_of(self, values: Collection[str]) -> bool:
        wanted = set(values) - self.unchosen
        for each in (*self.hits, *(frozenset({code}) for code in self.chosen)):
            wanted &= each
        return bool(wanted)

    def _size(self, question: QuestionView) -> bool:
        is_day = KINDS[question.kind].has_day
        first, last = (count_of(EARLIEST_DAY), count_of(LATEST_DAY)) if is_day else (question.minimum, question.maximum)
        # Only so many decimals can be written, so that there may be no number between two bounds. Days have none.
        step = Decimal(10) ** (0 if is_day else question.decimals)
        lows = [(bound * step).to_integral_value(ROUND_CEILING) for bound in (self.low, first) if bound is not None]
        highs = [(bound * step).to_integral_value(ROUND_FLOOR) for bound in (self.high, last) if bound is not None]
        if self.above is not None:
            lows.append((self.above * step).to_integral_value(ROUND_FLOOR) + 1)
        if self.below is not None:
            highs.append((self.below * step).to_integral_value(ROUND_CEILING) - 1)
        return not lows or not highs or max(lows) <= min(highs)

    def _several(self, question: QuestionView) -> bool:
        codes = {option.code for option in question.options}
        free = codes - self.unchosen
        if not self.chosen <= free or any(not hit & free for hit in self.hits) or not free:
            return False
        alone = {option.code for option in question.options if stands_alone(option)}
        if question.kind != "multiple_choice":
            alone = set()
        # One option of each set that must be hit; where there are too many ways, one of them will do.
        ways = product(*(sorted(hit & free) for hit in self.hits))
        tried = list(islice(ways, MOST_TRIED + 1))
        return len(tried) > MOST_TRIED or any(
            self._stands(question, set(self.chosen) | set(way), free, alone) for way in tried
        )

    def _stands(self, question: QuestionView, chosen: set[str], free: set[str], alone: set[str]) -> bool:
        """Whether these can be chosen together, with others if more must be."""
        if chosen & alone:
            return len(chosen) == 1
        if not chosen and free & alone:
            return True
        fewest = max(int(question.minimum or 0), len(chosen), 1)
        return len(chosen) <= _most(question) and len(free - alone) >= fewest


def _most(question: QuestionView) -> int:
    """How many options an answer can hold."""
    kind = KINDS[question.kind]
    if isinstance(kind, Ranking):
        return kind.places(question)
    if isinstance(kind, Roster):
        return min(kind.rows(question), MOST_ROWS)
    return int(question.maximum) if question.maximum is not None else len(question.options)
