"""Rerouting: at closing, keeping what was asked from telling the background that has been merged away. Pure.

A question asked only of chief representatives tells, by having been asked, that someone is one. Where that role is
too rare to be stored, the ballot is stored as if its owner had gone the way that most of those with the same stored
background went: what was asked on the rare way only is left out, and what was asked on the common way only counts as
asked and not answered.
"""

from __future__ import annotations

from collections.abc import Mapping

from surveys import routing
from surveys.box.coarsening import Combination, Path, blend
from surveys.kinds.base import Answer
from surveys.structure import FACT, EditionView


class Rerouting:
    """Gives each ballot the answers that are stored of it.

    Args:
        backgrounds: {place: {fact: value}} as the register has it.
        stored_as: {place: background} as it will be stored.
        k: the fewest people that a stored background and way may belong to.
    """

    def __init__(
        self,
        edition: EditionView,
        backgrounds: Mapping[bytes, Mapping[str, str]],
        stored_as: Mapping[bytes, Combination],
        k: int,
    ) -> None:
        self._edition = edition
        conditions = routing.on_background(edition)
        self._known: dict[bytes, dict[str, Answer]] = {}
        if not conditions:
            return
        known = {place: routing.background(backgrounds.get(place, {}), edition) for place in stored_as}
        ways = {place: (stored_as[place], routing.path(conditions, known[place])) for place in stored_as}
        # A background that leads each way: any will do, since only the way matters.
        leads: dict[Path, dict[str, Answer]] = {}
        for place in sorted(stored_as):
            leads.setdefault(ways[place][1], known[place])
        blended = blend(ways.values(), k)
        self._known = {place: leads[blended[way]] for place, way in ways.items()}

    def __call__(self, place: bytes, final: Mapping[str, Answer]) -> dict[str, Answer]:
        """The answers to store of the ballot at a place, with the background that its way is stored by."""
        if place not in self._known:
            return dict(final)
        answers = {code: answer for code, answer in final.items() if not code.startswith(FACT)}
        return routing.prune(self._edition, {**answers, **self._known[place]})
