"""Suppressing: which groups of a table may not be shown. Pure, and blind to what the groups are called.

Two rules (docs/anonymity.md says what they do not yet cover):

* threshold: a group of fewer than k respondents is withheld, an empty one too, since a zero tells as much;
* unanimity: a group in which everyone gave one answer is withheld, since knowing that someone is in the group
  would be knowing their answer.

And their complement: what can be had by subtracting the shown groups from the whole is a group as well. So long
as that remainder breaks a rule, or is a single group, the smallest group still shown is withheld too.
"""

from __future__ import annotations

from collections.abc import Mapping

Value = int
Group = int | None
Counts = Mapping[tuple[Value, Group], int]


def withheld_groups(counts: Counts | None, groups: Mapping[Group, int], k: int) -> set[Group]:
    """The groups of a table that are withheld.

    Args:
        counts: {(value, group): respondents}; combinations with none may be left out. None where only the
            sizes of the groups are shown: then there is no answer to be unanimous about.
        groups: {group: respondents}, with every group the table has, the empty ones too.
        k: the least number of respondents in anything shown.
    """
    withheld = {group for group, size in groups.items() if size < k or _is_unanimous(counts, {group})}
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
