"""The reference case of 2021 as released rows, for tests of what leadership is shown."""

from __future__ import annotations

from dataclasses import dataclass

from consult.models import Consultation, Unit
from surveys.models import Survey
from tests import make

LABELS = {
    "A1": "Gir partnerskapet bedre hjelp til brukerne?",
    "A3": "Er det tatt beslutninger i partnerskapsmøter som tillitsvalgte burde vært med på?",
    "B1.stance": "Får brukerne bedre hjelp på grunn av partnerskapet?",
    "B1": "Får brukerne bedre hjelp på grunn av partnerskapet?",
    "B2.stance": "Er det god informasjon om det som skjer på kommunal side?",
    "B3.stance": "Er det tatt beslutninger i partnerskapsmøter som tillitsvalgte burde vært med på?",
    "B6": "Jobber du ved et vertskommunekontor?",
    "role": "Verv",
    "region": "Region",
    "size_band": "Kontorets størrelse",
    "dont_know": "Vet ikke",
    "no_answer": "Ikke svart",
    "oest": "Øst",
    "vest": "Vest",
    "nord": "Nord",
    "small": "Færre enn 20 ansatte",
    "medium": "20 til 59 ansatte",
    "large": "60 ansatte eller flere",
    "yes": "Ja",
    "no": "Nei",
    "both": "Både ja og nei",
    "local": "Plasstillitsvalgt",
}
CONCEPTS = {
    "A1.stance": "help.stance", "B1.stance": "help.stance", "A3": "decided", "B3.stance": "decided.stance",
    "A3.stance": "decided.stance",
}  # fmt: skip
B1 = {"yes": 47, "both": 23, "no": 15}
B2 = {"yes": 44, "both": 23, "no": 18}
B3 = {"yes": 6, "no": 33, "dont_know": 46}
# North is withheld in every table by region.
TABLES = {
    "B1": {"yes": 60, "no": 20, "no_answer": 5},
    "B1.stance": B1,
    ("B1.stance", "region"): {
        "oest": {"yes": 30, "both": 11, "no": 7},
        "vest": {"yes": 17, "both": 10, "no": 6},
        "nord": None,
    },
    ("B1.stance", "size_band"): {
        "small": {"yes": 4, "both": 2, "no": 1},
        "medium": {"yes": 20, "both": 12, "no": 8},
        "large": {"yes": 23, "both": 9, "no": 6},
    },
    "B2.stance": B2,
    ("B2.stance", "B3.stance"): {
        "yes": {"yes": None, "both": None, "no": None},
        "no": {"yes": 25, "both": 5, "no": 3},
        "dont_know": {"yes": 16, "both": 17, "no": 13},
    },
    ("B2.stance", "region"): {
        "oest": {"yes": 20, "both": 18, "no": 10},
        "vest": {"yes": 24, "both": 5, "no": 4},
        "nord": None,
    },
    "B3.stance": B3,
    "B6": {"yes": 21, "no": 64},
    "region": {"oest": 48, "vest": 33, "nord": None},
    "size_band": {"small": 7, "medium": 40, "large": 38},
}


@dataclass(frozen=True)
class Nav:
    union: Unit
    east: Unit
    west: Unit
    north: Unit
    office: Unit
    local: Survey
    chief: Survey
    consultation: Consultation


def nav() -> Nav:
    """Union with three regions; the local survey released, the chiefs' too, both in one consultation."""
    union = make.unit()
    east, west, north = (make.unit(code, "region", union, name=LABELS[code]) for code in ("oest", "vest", "nord"))
    office = make.unit("oest-kontor", "office", make.unit("oest-drift", "operating_unit", east))
    local = make.in_field("nav-local", ["region", "size_band"], title="Nav-partnerskapet: plasstillitsvalgte")
    make.asked(
        local,
        size=120,
        region={"oest": 60, "vest": 50, "nord": 10},
        size_band={"small": 9, "medium": 61, "large": 50},
    )
    make.release(local, TABLES, concepts=CONCEPTS, labels=LABELS)
    chief = make.in_field("nav-chief", ["region"], title="Nav-partnerskapet: hovedtillitsvalgte")
    make.asked(chief, size=25, region={"oest": 15, "vest": 10})
    make.release(
        chief,
        {"A1.stance": {"yes": 3, "both": 5, "no": 12}, "A3.stance": {"yes": 14, "no": 6}},
        responses=20,
        concepts=CONCEPTS,
        labels={**LABELS, "A1.stance": LABELS["A1"], "A3.stance": LABELS["A3"]},
    )
    consultation = Consultation.objects.create(
        code="nav-2021", title="Nav-partnerskapet 2021", mandate="Slik virker det."
    )
    consultation.surveys.set([local, chief])
    return Nav(union, east, west, north, office, local, chief, consultation)
