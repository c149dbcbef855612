"""Differing: what is not the same in two texts, word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, REMOVED, ADDED = "same", "removed", "added"
# Of so many words and signs, those that are everywhere are passed over: looking at all would take seconds.
LONG = 1000
# A word, a run of blanks, or one other sign.
TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """A run of text that stands in both texts, or in one of them: "same", "removed" or "added"."""

    kind: str
    text: str


def difference(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces that two texts are made of, in order; what is removed stands before what is added in its place.

    Without the added pieces they make up `before`, without the removed ones `after`. The other way round gives the
    same pieces, with removed and added changed about.
    """
    if before == after:
        return (Piece(SAME, before),) if before else ()
    if before < after:
        return tuple(_pieces(before, after))
    # Which run of equal words is found may depend on the order of the texts: always look from the same side.
    return tuple(_in_order([Piece(_TURNED[piece.kind], piece.text) for piece in _pieces(after, before)]))


_TURNED = {SAME: SAME, REMOVED: ADDED, ADDED: REMOVED}


def _pieces(before: str, after: str) -> Iterator[Piece]:
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=len(new) > LONG)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            yield Piece(SAME, "".join(old[start:end]))
            continue
        if start < end:
            yield Piece(REMOVED, "".join(old[start:end]))
        if new_start < new_end:
            yield Piece(ADDED, "".join(new[new_start:new_end]))


def _in_order(pieces: list[Piece]) -> list[Piece]:
    """What was turned round, with each removed piece before the added one beside it."""
    for place in range(1, len(pieces)):
        if (pieces[place - 1].kind, pieces[place].kind) == (ADDED, REMOVED):
            pieces[place - 1], pieces[place] = pieces[place], pieces[place - 1]
    return pieces
