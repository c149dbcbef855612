"""Mapping the routing of an edition: what depends on what, what nobody can reach, and where nothing follows. Pure.

A question can be reached when answers exist that put it. Conditions only ever ask for something (an answer given, and
which), so answers exist as soon as what is asked of each source does not contradict itself. All ways are tried, one
group of conditions at a time; where there are too many to try, a question counts as reachable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from django.utils.translation import gettext as _

from surveys import routing
from surveys.branching.bounding import Wanted
from surveys.kinds import registry
from surveys.models.condition import Operator
from surveys.structure import FACT, ConditionView, EditionView, QuestionView

# Steps for one question, and for all together.
MOST_STEPS, MOST_STEPS_IN_ALL = 10_000, 50_000


@dataclass(frozen=True)
class Place:
    """One question on the map.

    Args:
        section, page: their numbers, from 1.
        looks_at: the codes of questions, and names of background facts with `FACT` before them, that decide on it.
        leads_to: the codes of questions that it decides on.
        fault: why nobody can reach it, in words; empty if somebody can.
    """

    code: str
    section: int
    page: int
    looks_at: tuple[str, ...]
    leads_to: tuple[str, ...]
    fault: str = ""


@dataclass(frozen=True)
class DeadEnd:
    """An answer, or a value of the background, after which nothing more is asked.

    Args:
        source: the code of a question, or the name of a background fact with `FACT` before it.
    """

    source: str
    option: str


@dataclass(frozen=True)
class Map:
    """The routing of an edition."""

    places: tuple[Place, ...]
    dead_ends: tuple[DeadEnd, ...]


def chart(edition: EditionView) -> Map:
    """The map of an edition, questions in order."""
    explorer = _Explorer(edition)
    pages = {question.code: page.number for page in routing.pages(edition) for question in page.questions}
    looks = {question.code: _sources(question) for question in edition.questions.values()}
    faults = explorer.faults()
    places = tuple(
        Place(
            code=question.code,
            section=number,
            page=pages[question.code],
            looks_at=looks[question.code],
            leads_to=tuple(code for code, sources in looks.items() if question.code in sources),
            fault=faults.get(question.code, ""),
        )
        for number, section in enumerate(edition.sections, start=1)
        for question in section.questions
    )
    return Map(places, tuple(explorer.dead_ends()))


def unreachable_in_words(edition: EditionView) -> list[str]:
    """Why questions can never be asked, one sentence each, in order."""
    if not any(question.conditions or question.within for question in edition.questions.values()):
        return []
    return list(_Explorer(edition).faults().values())


def _sources(question: QuestionView) -> tuple[str, ...]:
    return tuple(dict.fromkeys(condition.source for condition in (*question.within, *question.conditions)))


# Questions that must be asked, the next one first.
_Agenda = tuple["QuestionView", "_Agenda"] | None


@dataclass(frozen=True)
class _World:
    """What is wanted of each source so far, and which questions have had their conditions looked at."""

    wanted: Mapping[str, Wanted] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()


class _Explorer:
    """Tries the ways through an edition."""

    def __init__(self, edition: EditionView) -> None:
        self._edition = edition
        self._facts = {fact.name: [code for code, _label in fact.values] for fact in edition.facts}
        self._steps = 0

    def faults(self) -> dict[str, str]:
        """{code: why nobody can reach it}, in order."""
        found: dict[str, str] = {}
        for question in self._edition.questions.values():
            if not self._can(question):
                names = {"question": question.code}
                hopeless = [source for source in _sources(question) if source in found]
                # Would it be asked if those were?
                if hopeless and self._can(question, world=_World(asked=frozenset(hopeless))):
                    words = _("%(question)s can never be asked: it depends on %(source)s, which nobody can reach.")
                    found[question.code] = words % {**names, "source": ", ".join(hopeless)}
                else:
                    words = _("%(question)s can never be asked: its conditions cannot hold together.")
                    found[question.code] = words % names
        return found

    def dead_ends(self) -> Iterator[DeadEnd]:
        """Answers, and values of the background, after which no question follows though one does for others."""
        order = [each for each in self._edition.questions.values() if registry.kind(each.kind).is_asked]
        open_to_all = max((place for place, each in enumerate(order) if not _sources(each)), default=-1)
        if open_to_all < 0:
            for name, values in self._facts.items():
                yield from self._ends(f"{FACT}{name}", values, order)
        for place, question in enumerate(order):
            if max(open_to_all, 0) <= place < len(order) - 1 and question.options:
                codes = [option.code for option in question.options]
                yield from self._ends(question.code, codes, order[place + 1 :])

    def _ends(self, name: str, values: Sequence[str], later: list[QuestionView]) -> Iterator[DeadEnd]:
        """Those of the values after which none of the later questions can be asked, though one can after others."""
        ends = [value for value in values if not self._goes_on(name, value, later)]
        if len(ends) < len(values):
            yield from (DeadEnd(name, value) for value in ends)

    def _goes_on(self, name: str, value: str, later: list[QuestionView]) -> bool:
        """Whether one of the later questions can be asked after this; also if nobody can come to say it."""
        chosen = self._narrowed(_World(), [ConditionView(1, name, Operator.IS.value, value)])
        source = [self._edition.questions[name]] if name in self._edition.questions else []
        if chosen is None or (source and not self._can(*source, world=chosen)):
            return True
        return any(self._can(*source, question, world=chosen) for question in later)

    def _can(self, *questions: QuestionView, world: _World | None = None) -> bool:
        """Whether somebody can be asked all of these questions."""
        agenda: _Agenda = None
        for question in reversed(questions):
            agenda = (question, agenda)
        waiting = [(agenda, world or _World())]
        steps = 0
        while waiting:
            now, here = waiting.pop()
            if now is None:
                return True
            steps += 1
            self._steps += 1
            if steps > MOST_STEPS or self._steps > MOST_STEPS_IN_ALL:
                return True
            waiting += self._onward(now[0], now[1], here)
        return False

    def _onward(self, question: QuestionView, rest: _Agenda, world: _World) -> list[tuple[_Agenda, _World]]:
        """The ways in which a question can be asked, each with what must then be asked as well; the first last."""
        if question.code in world.asked:
            return [(rest, world)]
        asking = replace(world, asked=world.asked | {question.code})
        found: list[tuple[_Agenda, _World]] = []
        for together in product(_groups(question.within), _groups(question.conditions)):
            conditions = [condition for group in together for condition in group]
            narrowed = self._narrowed(asking, conditions)
            if narrowed is not None:
                agenda = rest
                for source in dict.fromkeys(condition.source for condition in conditions if not condition.fact):
                    agenda = (self._edition.questions[source], agenda)
                found.append((agenda, narrowed))
        return found[::-1]

    def _narrowed(self, world: _World, conditions: Sequence[ConditionView]) -> _World | None:
        """The world with these conditions, by what they say themselves; None if they cannot hold."""
        wanted = dict(world.wanted)
        for condition in conditions:
            each = wanted[condition.source] = wanted.get(condition.source, Wanted()).and_also(condition)
            if condition.fact:
                possible = each.possible_of_fact(self._facts.get(condition.fact, []))
            else:
                source = self._edition.questions.get(condition.source)
                possible = source is not None and each.possible_of(source)
            if not possible:
                return None
        return replace(world, wanted=wanted)


def _groups(conditions: Sequence[ConditionView]) -> list[list[ConditionView]]:
    """Conditions by group; one group without any where there are none."""
    groups: dict[int, list[ConditionView]] = {}
    for condition in conditions:
        groups.setdefault(condition.group, []).append(condition)
    return list(groups.values()) or [[]]
