"""Understanding the unit rows of a sheet, and fitting them into the tree that the register already has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from consult.models import Unit

from .columns import LARGE_FROM, MEDIUM_FROM, RANKS, SIZE_BANDS, UNIT_KINDS, YES_NO, Cells, plain
from .problems import Problem

_CODE = re.compile(r"[-a-zA-Z0-9_]{1,60}")


class Unfit(Exception):
    """A row that cannot be used: the reason (see `problems`), and what stood there."""

    def __init__(self, reason: str, value: str = "", other: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.value, self.other = reason, value, other


@dataclass(frozen=True)
class UnitFacts:
    """What the register holds of a unit, its parent by code."""

    name: str
    kind: str
    parent: str
    county: str = ""
    size_band: str = ""
    host_municipality: bool | None = None


def known_units() -> dict[str, UnitFacts]:
    """The register's units by code. One statement."""
    rows = Unit.objects.order_by().values_list(
        "code", "name", "kind", "parent__code", "county", "size_band", "host_municipality"
    )
    return {
        code: UnitFacts(name, kind, parent or "", county, size, host)
        for code, name, kind, parent, county, size, host in rows
    }


def read_unit(cells: Cells, columns: Mapping[str, int], known: Mapping[str, UnitFacts]) -> tuple[str, UnitFacts]:
    """Code and facts of one unit row. A column the file lacks leaves the register's fact as it is.

    Raises:
        Unfit: with the reason.
    """
    code = cells.unit
    if not code:
        raise Unfit("no_unit")
    if not _CODE.fullmatch(code):
        raise Unfit("bad_code", code)
    before = known.get(code, UnitFacts("", "", ""))
    name = " ".join(cells.unit_name.split()) if "unit_name" in columns else before.name
    if not name:
        raise Unfit("no_name")
    if len(name) > 160:
        raise Unfit("long_name", name)
    if name[0] in "=+-@":
        raise Unfit("bad_name", name)
    kind = UNIT_KINDS.get(plain(cells.kind)) if "kind" in columns else before.kind
    if not kind:
        raise Unfit("unit_kind", cells.kind)
    facts = UnitFacts(
        name=name,
        kind=kind,
        parent=cells.parent if "parent" in columns else before.parent,
        county=cells.county[:60] if "county" in columns else before.county,
        size_band=_size(cells.size) if "size" in columns else before.size_band,
        host_municipality=_yes_no(cells.host) if "host" in columns else before.host_municipality,
    )
    return code, facts


def _size(text: str) -> str:
    if not text:
        return ""
    if text.isdecimal():
        return SIZE_BANDS["small" if int(text) < MEDIUM_FROM else "medium" if int(text) < LARGE_FROM else "large"]
    band = SIZE_BANDS.get(plain(text))
    if band is None:
        raise Unfit("size", text)
    return band


def _yes_no(text: str) -> bool | None:
    if not text:
        return None
    if plain(text) not in YES_NO:
        raise Unfit("yes_no", text)
    return YES_NO[plain(text)]


def fit(units: dict[str, UnitFacts], lines: Mapping[str, int], known: Mapping[str, UnitFacts]) -> list[Problem]:
    """Take out of `units` (changed in place) what does not fit into the tree, with the problems.

    Taking one out can leave others without their parent, hence the rounds; at most as many as the tree is deep.
    """
    problems: list[Problem] = []
    while True:
        tree = {**known, **units}
        misfits = {code: misfit for code in units if (misfit := _misfit(units[code], tree))}
        for code, facts in known.items():
            parent = facts.parent
            if code not in units and parent in units and RANKS[tree[parent].kind] >= RANKS[facts.kind]:
                misfits.setdefault(parent, Unfit("child_kind", facts.name))
        if not misfits:
            return problems
        for code, misfit in misfits.items():
            del units[code]
            problems.append(Problem(lines[code], misfit.reason, misfit.value))


def _misfit(facts: UnitFacts, tree: Mapping[str, UnitFacts]) -> Unfit | None:
    if RANKS[facts.kind] == 0:
        return Unfit("union_has_parent") if facts.parent else None
    if not facts.parent:
        return Unfit("no_parent")
    if facts.parent not in tree:
        return Unfit("unknown_parent", facts.parent)
    if RANKS[tree[facts.parent].kind] >= RANKS[facts.kind]:
        return Unfit("parent_kind", tree[facts.parent].name)
    return None
