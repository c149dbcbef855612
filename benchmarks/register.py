"""A generated register: a union of any size in the layout that `consult.importing` reads.

    python -m benchmarks.register FILE [MEMBERS]

The people are made from lists of names by a seeded generator: the same size gives the same file, byte for byte.
Addresses end in a reserved domain, so that no letter can reach anyone.
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Iterator
from pathlib import Path

MEMBERS = 33_000
SEED = 2021
OFFICES_PER_UNIT = 27
COLUMNS = (
    "rad", "medlemsnummer", "navn", "e-post", "e-posttype", "verv", "enhetskode", "enhet", "overordnet enhetskode",
    "enhetstype", "fylke", "størrelse", "vertskommune", "fra", "til", "utmeldt", "målform",
)  # fmt: skip

REGIONS = (("nord", "Nord"), ("vest", "Vest"), ("ost", "Øst"), ("sor", "Sør"))
COUNTIES = {
    "nord": ("Nordfjella", "Havgapet", "Midtlandet"),
    "vest": ("Fjordane", "Ytterkysten", "Vestvidda"),
    "ost": ("Storskogen", "Innsjøriket"),
    "sor": ("Skjærgården", "Sørheia"),
}
GIVEN = (
    "Anne", "Bjørn", "Cecilie", "Dag", "Eirik", "Frøydis", "Gunnar", "Hege", "Ingrid", "Jørgen", "Kåre", "Liv",
    "Magnus", "Nina", "Odd", "Pernille", "Ragnhild", "Sindre", "Tone", "Ulrik", "Vilde", "Wenche", "Yngve", "Øystein",
    "Åse", "Amina", "Elle Máret", "Jan Erik", "Mari Ann", "Tuva",
)  # fmt: skip
FAMILY = (
    "Aasen", "Bakke", "Berge", "Dahle", "Eide", "Fjeld", "Grønli", "Haugen", "Isaksen", "Jakobsen", "Kvam", "Lunde",
    "Myhre", "Nygård", "Opsahl", "Pettersen", "Rønning", "Sæther", "Tveit", "Ulven", "Vågen", "Ødegård", "Åmot",
    "Solberg Lie", "Strand", "Moen", "Hellebø", "Nordli", "Sæbø", "Kjærstad",
)  # fmt: skip
SIZES = ("liten", "middels", "stor")
ASCII = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "á": "a", " ": "."})

Row = dict[str, str]


def write(path: Path, members: int = MEMBERS, seed: int = SEED) -> None:
    """Write a register of `members` people as UTF-8 with a byte-order mark, separated by semicolons."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=";", restval="")
        writer.writeheader()
        writer.writerows(rows(members, random.Random(seed)))


def rows(members: int, chance: random.Random) -> Iterator[Row]:
    """The units, then one row a person: a chief and a deputy a unit, a local representative an office, members."""
    units = list(_units(chance))
    yield from units
    operating = [unit for unit in units if unit["enhetstype"] == "driftsenhet"]
    offices = [unit for unit in units if unit["enhetstype"] == "kontor"]
    appointments = [("hovedtillitsvalgt", unit) for unit in operating]
    appointments += [("varahovedtillitsvalgt", unit) for unit in operating]
    appointments += [("plasstillitsvalgt", office) for office in offices]
    for place in range(members):
        role, unit = appointments[place] if place < len(appointments) else ("medlem", chance.choice(offices))
        yield _person(100_000 + place, role, unit["enhetskode"], chance)


def _units(chance: random.Random) -> Iterator[Row]:
    yield {"rad": "enhet", "enhetskode": "forbundet", "enhet": "Forbundet", "enhetstype": "forbund"}
    for region, name in REGIONS:
        yield _unit(region, f"Region {name}", "forbundet", "region")
        for county in COUNTIES[region]:
            code = county.lower().translate(ASCII)
            yield _unit(code, f"Driftsenhet {county}", region, "driftsenhet", county)
            for number in range(1, OFFICES_PER_UNIT + 1):
                office = _unit(f"{code}-{number:02}", f"Kontor {county} {number}", code, "kontor", county)
                host = "ja" if chance.random() < 0.25 else "nei"
                yield office | {"størrelse": chance.choice(SIZES), "vertskommune": host}


def _unit(code: str, name: str, parent: str, kind: str, county: str = "") -> Row:
    return {
        "rad": "enhet", "enhetskode": code, "enhet": name, "overordnet enhetskode": parent, "enhetstype": kind,
        "fylke": county,
    }  # fmt: skip


def _person(number: int, role: str, unit: str, chance: random.Random) -> Row:
    given, family = chance.choice(GIVEN), chance.choice(FAMILY)
    at_work = chance.random() < 0.2
    domain = "kontor.example" if at_work else "medlem.example"
    return {
        "rad": "verv",
        "medlemsnummer": str(number),
        "navn": f"{family}, {given}",
        "e-post": f"{given}.{family}.{number}@{domain}".lower().translate(ASCII),
        "e-posttype": "arbeid" if at_work else "privat",
        "verv": role,
        "enhetskode": unit,
        "fra": f"{chance.randint(1, 28):02}.{chance.randint(1, 12):02}.{chance.randint(2008, 2020)}",
        "målform": chance.choices(("bokmål", "nynorsk", "engelsk"), (80, 17, 3))[0],
    }


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else MEMBERS)
