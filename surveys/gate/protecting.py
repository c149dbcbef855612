"""Protecting: which groups of a survey's tables are withheld, seen together with the tables they hang on.

`surveys.gate.suppressing` judges one table. Here come the reasons that lie in others: in the table of the whole, and,
where routing puts a question to some only, in the answers that decided it. How many of a group were asked is a figure
about the question before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from surveys.gate.suppressing import Group, Tally, withheld_groups
from surveys.variables import NOT_ASKED, Variable

Count = Callable[[Variable, Variable | None], Tally]


class Gate:
    """What may be shown of one set of respondents.

    Args:
        known: all variables by name.
        count: counts one variable, alone or within each value of another; asked once a table.
        k: the least number of respondents in anything shown.
    """

    def __init__(self, known: Mapping[str, Variable], count: Count, k: int) -> None:
        self._known, self._count, self._k = known, count, k
        self._counted: dict[tuple[str, str], Tally] = {}
        self._found: dict[tuple[str, str], set[Group]] = {}

    def everyone(self, variable: Variable, by: Variable | None = None) -> Tally:
        """The table with those who were not asked."""
        place = variable.name, by.name if by else ""
        if place not in self._counted:
            self._counted[place] = self._count(variable, by)
        return self._counted[place]

    def tally(self, variable: Variable, by: Variable | None = None) -> Tally:
        """The table on its own base: those the question was put to."""
        found = self.everyone(variable, by)
        return found if variable.is_background else found.without(NOT_ASKED)

    def withheld(self, variable: Variable, by: Variable | None = None) -> set[Group]:
        """The groups of the table that are withheld; of a background fact's, the rows."""
        place = variable.name, by.name if by else ""
        if place not in self._found:
            self._found[place] = self.withheld_beside(variable, by, ())
        return self._found[place]

    def withheld_beside(self, variable: Variable, by: Variable | None, also: Collection[Group]) -> set[Group]:
        """The same, when these groups are withheld in any case."""
        groups = self.sizes(variable, by)
        if variable.is_background:
            return withheld_groups(None, groups, self._k, also)
        if self._tells_of_others(variable):
            return set(groups)
        if by is not None and (self.withheld(variable) or (not by.is_background and self.withheld(by))):
            return set(groups)
        found = {group for group in also if group in groups}
        for name in self._deciding(variable, by):
            found |= self.withheld(self._known[name], by) & groups.keys()
        return self._closed(variable, by, groups, found)

    def sizes(self, variable: Variable, by: Variable | None = None) -> dict[Group, int]:
        """{group: people, asked or not}, the empty groups too; of a background fact's table, {row: people}."""
        counts = self.everyone(variable, by).counts
        if variable.is_background:
            rows = dict.fromkeys([each.key for each in variable.categories] + [value for value, _group in counts], 0)
            return {row: counts.get((row, None), 0) for row in rows}
        columns: list[Group] = [each.key for each in by.categories] if by else [None]
        return dict.fromkeys(columns, 0) | self.everyone(variable, by).groups()

    def _closed(
        self, variable: Variable, by: Variable | None, groups: Mapping[Group, int], found: set[Group]
    ) -> set[Group]:
        """The groups with all that must go with them: what is left is safe as answers, and as asked and not asked."""
        own = self.tally(variable, by)
        bases = dict.fromkeys(groups, 0) | own.groups()
        # Within the options of the very question that decides, everybody knows who was asked; within a band only if
        # all of it is asked, or none.
        is_evident = by is not None and by.is_opinion and variable.sources == {by.name} and by.name not in variable.cut
        is_evident = is_evident and not variable.beside
        is_routed = bool(variable.sources) and not is_evident
        split = self.everyone(variable, by).split(NOT_ASKED).counts if is_routed else None
        while True:
            more = withheld_groups(own.counts if variable.is_opinion else None, bases, self._k, found)
            if split is not None:
                more |= withheld_groups(split, groups, self._k, more)
            if more == found:
                return found
            found = more

    def _tells_of_others(self, variable: Variable) -> bool:
        """Whether the mere number of those asked gives away a figure that is withheld.

        Where an answer and a background fact decide together, it is how many of that background gave that answer. With
        the table of the answer as a whole it tells how the others answered.
        """
        if not variable.beside:
            return False
        if len(variable.beside) > 1:
            return True  # no table breaks an answer down by two facts at once
        (name,) = variable.beside
        fact = self._known.get(name)
        return fact is None or any(
            self.sizes(self._known[each], fact)[group]
            for each in variable.sources & self._known.keys()
            for group in self.withheld(self._known[each], fact)
        )

    def _deciding(self, variable: Variable, by: Variable | None) -> list[str]:
        return sorted(name for name in variable.sources if name in self._known and (by is None or name != by.name))
