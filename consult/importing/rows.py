"""Understanding a sheet: units, people, addresses and appointments, and what was wrong with the rest.

A row of the kind "enhet" (unit) describes a unit; every other row is one appointment of one person at a unit, with
one of the person's addresses. A person with two appointments, or two addresses, has two rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from consult.models import Role

from .columns import ADDRESS_KINDS, APPOINTMENT_ROWS, LANGUAGES, ROLES, UNIT_ROWS, Cells, plain
from .problems import Problem
from .sheet import Sheet
from .units import Unfit, UnitFacts, fit, read_unit

_NUMBER = re.compile(r"[0-9A-Za-zÆØÅæøå][0-9A-Za-zÆØÅæøå/._-]{0,19}")
_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]",
    re.IGNORECASE | re.ASCII,
)
_DATE = re.compile(r"(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./](?P<y>\d{4})|(?P<Y>\d{4})-(?P<M>\d\d)-(?P<D>\d\d)(?:[T ].*)?")
_NAME_START = re.compile(r"['’]?[^\W\d_]")
LONGEST_NAME = 80


class PersonRow(NamedTuple):
    """A person as the file has them; an empty `language` leaves the register's as it is."""

    number: str
    given: str
    family: str
    language: str
    left_on: date | None


class AddressRow(NamedTuple):
    """An address; an empty `kind` leaves the register's, and means private for a new one."""

    number: str
    email: str
    kind: str


class AppointmentRow(NamedTuple):
    """An appointment; without a start it keeps the register's, or starts on the day of the plan."""

    number: str
    unit: str
    role: str
    starts_on: date | None
    ends_on: date | None


@dataclass
class Reading:
    """What a sheet says, each thing once. `doubles` counts the rows that only repeat others."""

    units: dict[str, UnitFacts] = field(default_factory=dict)
    people: dict[str, PersonRow] = field(default_factory=dict)
    addresses: dict[tuple[str, str], AddressRow] = field(default_factory=dict)
    appointments: dict[tuple[str, str, str], list[AppointmentRow]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    doubles: int = 0
    knows_leaving: bool = False


def read_rows(sheet: Sheet, known: Mapping[str, UnitFacts]) -> Reading:
    """Understand every row; `known` are the register's units, which appointments may refer to."""
    return _Reader(sheet, known).read()


class _Reader:
    """One pass over the unit rows, one over the rest."""

    def __init__(self, sheet: Sheet, known: Mapping[str, UnitFacts]) -> None:
        self.sheet = sheet
        self.known = known
        self.reading = Reading(knows_leaving="left" in sheet.columns)
        # Where each thing was first seen, for the messages.
        self.unit_lines: dict[str, int] = {}
        self.person_lines: dict[str, int] = {}
        self.email_owners: dict[str, tuple[str, int]] = {}
        self.appointment_lines: dict[AppointmentRow, int] = {}
        # A column that the file lacks is read from an empty cell put at the end of every row.
        self.pick = itemgetter(*(sheet.columns.get(name, sheet.width) for name in Cells._fields))

    def read(self) -> Reading:
        rest = []
        for line, raw in self.sheet.rows:
            try:
                cells = self._cells(raw)
                if self._is_unit(cells):
                    self._unit(cells, line)
                else:
                    rest.append((line, cells))
            except Unfit as unfit:
                self._note(line, unfit)
        self.reading.problems += fit(self.reading.units, self.unit_lines, self.known)
        places = self.known.keys() | self.reading.units.keys()
        for line, cells in rest:
            try:
                self._appointment(cells, line, places)
            except Unfit as unfit:
                self._note(line, unfit)
        self.reading.problems.sort()
        return self.reading

    def _note(self, line: int, unfit: Unfit) -> None:
        self.reading.problems.append(Problem(line, unfit.reason, unfit.value, unfit.other))

    def _cells(self, raw: Sequence[str]) -> Cells:
        width = self.sheet.width
        if any(map(str.strip, raw[width:])):
            raise Unfit("too_many_cells")
        return Cells._make(map(str.strip, self.pick((*raw[:width], *[""] * (width + 1 - len(raw[:width]))))))

    def _is_unit(self, cells: Cells) -> bool:
        word = plain(cells.row)
        if word in UNIT_ROWS:
            return True
        if (word and word not in APPOINTMENT_ROWS) or "number" not in self.sheet.columns:
            raise Unfit("row_kind", cells.row)
        return False

    def _unit(self, cells: Cells, line: int) -> None:
        code, facts = read_unit(cells, self.sheet.columns, self.known)
        first = self.unit_lines.setdefault(code, line)
        if first == line:
            self.reading.units[code] = facts
        elif self.reading.units[code] == facts:
            self.reading.doubles += 1
        else:
            raise Unfit("other_unit", code, first)

    def _appointment(self, cells: Cells, line: int, places: set[str]) -> None:
        """Everything in the row is understood before any of it is kept."""
        person = _person(cells)
        kind = ADDRESS_KINDS.get(plain(cells.email_kind), "")
        if not kind and cells.email_kind:
            raise Unfit("email_kind", cells.email_kind)
        role = ROLES.get(plain(cells.role)) if cells.role else Role.MEMBER.value
        if role is None:
            raise Unfit("role", cells.role)
        unit = cells.unit
        if unit not in places:
            raise Unfit("unknown_unit" if unit else "no_unit", unit)
        held = AppointmentRow(person.number, unit, role, read_date(cells.starts), read_date(cells.ends))
        if held.starts_on and held.ends_on and held.ends_on < held.starts_on:
            raise Unfit("dates_reversed")
        self._check_person(person)
        before = len(self.appointment_lines)
        self._hold(held, line)
        new = self._keep_person(person, line) or len(self.appointment_lines) > before
        if not self._keep_address(person.number, cells.email, kind, line) and not new:
            self.reading.doubles += 1

    def _check_person(self, person: PersonRow) -> None:
        """Two rows with one membership number must be about one person."""
        first = self.reading.people.get(person.number)
        if first is None:
            return
        line = self.person_lines[person.number]
        if (first.given.casefold(), first.family.casefold()) != (person.given.casefold(), person.family.casefold()):
            raise Unfit("other_name", person.number, line)
        if person.left_on and first.left_on and person.left_on != first.left_on:
            raise Unfit("other_leaving", person.number, line)

    def _keep_person(self, person: PersonRow, line: int) -> bool:
        first = self.reading.people.get(person.number)
        if first is None:
            self.reading.people[person.number] = person
            self.person_lines[person.number] = line
            return True
        merged = first._replace(language=first.language or person.language, left_on=first.left_on or person.left_on)
        self.reading.people[person.number] = merged
        return merged != first

    def _keep_address(self, number: str, email: str, kind: str, line: int) -> bool:
        if not email:
            return False
        if len(email) > 254 or not _EMAIL.fullmatch(email):
            self._note(line, Unfit("bad_email", email))
            return True
        folded = email.lower()
        owner, first = self.email_owners.setdefault(folded, (number, line))
        key = (number, folded)
        before = self.reading.addresses.get(key)
        if owner != number and before is None:
            self._note(line, Unfit("shared_email", email, first))
        if before is None or (kind and not before.kind):
            self.reading.addresses[key] = AddressRow(number, email, kind)
            return True
        return False

    def _hold(self, held: AppointmentRow, line: int) -> None:
        """Keep the appointment unless its key is held already in the same period; refuse contradictions."""
        key = (held.number, held.unit, held.role)
        others = self.reading.appointments.get(key)
        if others is None:
            self.reading.appointments[key] = [held]
            self.appointment_lines[held] = line
            return
        for place, other in enumerate(others):
            match _compare(held, other):
                case "same":
                    return
                case "fuller":
                    others[place] = held
                    self.appointment_lines[held] = line
                    return
                case "contrary":
                    raise Unfit("other_period", "", self.appointment_lines[other])
        others.append(held)
        self.appointment_lines[held] = line


def _person(cells: Cells) -> PersonRow:
    number = cells.number
    if not _NUMBER.fullmatch(number):
        raise Unfit("bad_number" if number else "no_number", number)
    given, family = _names(cells.name, cells.given, cells.family)
    language = LANGUAGES.get(plain(cells.language), "")
    if not language and cells.language:
        raise Unfit("language", cells.language)
    return PersonRow(number, given, family, language, read_date(cells.left))


def _compare(held: AppointmentRow, other: AppointmentRow) -> str:
    """How a row for the same person, unit and role stands to an earlier one: same, fuller, contrary or apart."""
    if held.ends_on == other.ends_on:
        if held.starts_on is None or held.starts_on == other.starts_on:
            return "same"
        if other.starts_on is None:
            return "fuller"
        return "contrary" if held.ends_on is None else "apart"
    return "contrary" if held.starts_on is not None and held.starts_on == other.starts_on else "apart"


def _names(whole: str, given: str, family: str) -> tuple[str, str]:
    """Given and family name from "Surname, Given", "Given Surname" or two columns."""
    if not (given or family):
        head, comma, tail = whole.partition(",")
        if comma:
            family, given = head, tail
        else:
            given, _space, family = whole.strip().rpartition(" ")
    given, family = " ".join(given.split()), " ".join(family.split())
    shown = whole or f"{given} {family}".strip()
    if not shown:
        raise Unfit("no_name")
    # A name that a spreadsheet would run as a formula must not come back out in an export.
    if not (given and family and _NAME_START.match(given) and _NAME_START.match(family)):
        raise Unfit("bad_name", shown)
    if max(len(given), len(family)) > LONGEST_NAME:
        raise Unfit("long_name", shown)
    return given, family


@lru_cache(maxsize=10_000)
def read_date(text: str) -> date | None:
    """A day written 31.12.2021, 31/12/2021 or 2021-12-31; None for no text.

    Raises:
        Unfit: it is none of these, no real day, or not between 1900 and 2100.
    """
    if not text:
        return None
    found = _DATE.fullmatch(text)
    if not found:
        raise Unfit("bad_date", text)
    parts = found.groupdict()
    try:
        day = date(int(parts["y"] or parts["Y"]), int(parts["m"] or parts["M"]), int(parts["d"] or parts["D"]))
    except ValueError:
        raise Unfit("bad_date", text) from None
    if not 1900 <= day.year <= 2100:
        raise Unfit("bad_date", text)
    return day
