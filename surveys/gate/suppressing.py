"""Suppressing: which groups of a table may not be shown. Pure, and blind to what the groups are called.

Two rules (docs/anonymity.md says what they do not yet cover):

* threshold: a group of fewer than k respondents is withheld, an empty one too, since a zero tells as much;
* unanimity: a group in which everyone gave one answer is withheld, since knowing that someone is in the group
  would be knowing their answer.

And their complement: what can be had by subtracting the shown groups from the whole is a group as well. So long
as that remainder breaks a rule, or is a single group, the smallest group still shown is withheld too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

Value = int
Group = int | None
Counts = Mapping[tuple[Value, Group], int]


@dataclass(frozen=True)
class Tally:
    """Raw counts: {(value key, by key): respondents}; the by key is None in a table of the whole."""

    counts: dict[tuple[Value, Group], int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def without(self, value: Value) -> Tally:
        """The same without those who have this value: a question's own base leaves out who was not asked."""
        return Tally({(each, by): n for (each, by), n in self.counts.items() if each != value})

    def split(self, value: Value) -> Tally:
        """Only whether they have this value: 1 for those who do, 0 for the rest."""
        counts: dict[tuple[Value, Group], int] = {}
        for (each, by), n in self.counts.items():
            counts[int(each == value), by] = counts.get((int(each == value), by), 0) + n
        return Tally(counts)

    def groups(self) -> dict[Group, int]:
        """{by key: respondents}."""
        sizes: dict[Group, int] = {}
        for (_value, by), n in self.counts.items():
            sizes[by] = sizes.get(by, 0) + n
        return sizes


def withheld_groups(
    counts: Counts | None, groups: Mapping[Group, int], k: int, also: Collection[Group] = ()
) -> set[Group]:
    """The groups of a table that are withheld.

    Args:
        counts: {(value, group): respondents}; combinations with none may be left out. None where only the
            sizes of the groups are shown: then there is no answer to be unanimous about.
        groups: {group: respondents}, with every group the table has, the empty ones too.
        k: the least number of respondents in anything shown.
        also: groups that are withheld for a reason found elsewhere.
    """
    withheld = {group for group, size in groups.items() if size < k or _is_unanimous(counts, {group})}
    withheld.update(group for group in also if group in groups)
    while _gives_away(counts, groups, withheld, k):
        shown = [group for group in groups if group not in withheld]
        if not shown:
            break
        withheld.add(min(shown, key=lambda group: (groups[group], -1 if group is None else group)))
    return withheld


def _is_unanimous(counts: Counts | None, groups: set[Group]) -> bool:
    """Whether everyone in these groups together gave the same answer."""
    if counts is None:
        return False
    values = {value for (value, group), n in counts.items() if group in groups and n > 0}
    return len(values) == 1


def _gives_away(counts: Counts | None, groups: Mapping[Group, int], withheld: set[Group], k: int) -> bool:
    """Whether subtracting the shown groups from the whole gives something that may not be shown."""
    hidden = {group for group in withheld if groups[group] > 0}
    if not hidden:
        return False
    size = sum(groups[group] for group in hidden)
    return len(hidden) == 1 or size < k or _is_unanimous(counts, hidden)
