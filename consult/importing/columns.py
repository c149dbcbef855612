"""The words a register file may use: column headings, and the values of columns with a fixed vocabulary.

Everything is compared without case, spaces and punctuation: "E-post type" and "EPOSTTYPE" are the same. The
heading named first is the one our own files use; the rest are what membership systems and English files say.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from consult.models import AddressKind, Role, SizeBand, UnitKind


# The same few words stand on every line.
@lru_cache(maxsize=10_000)
def plain(text: str) -> str:
    """A heading or word reduced to what counts: its letters and digits, in lower case."""
    return "".join(character for character in text.casefold() if character.isalnum())


HEADINGS: dict[str, tuple[str, ...]] = {
    "row": ("rad", "radtype", "row", "rowtype"),
    "number": (
        "medlemsnummer", "medlemsnr", "medlemnr", "medlnr", "medlemsid",
        "membershipnumber", "membernumber", "memberno", "memberid",
    ),
    "name": ("navn", "fulltnavn", "etternavnfornavn", "name", "fullname", "surnamegivenname"),
    "given": ("fornavn", "givenname", "firstname"),
    "family": ("etternavn", "familyname", "lastname", "surname"),
    "email": ("epost", "epostadresse", "mail", "mailadresse", "email", "emailaddress"),
    "email_kind": ("eposttype", "typeepost", "emailtype", "emailkind"),
    "role": ("verv", "vervtype", "rolle", "appointment", "role"),
    "unit_name": ("enhet", "enhetsnavn", "unit", "unitname"),
    "unit": ("enhetskode", "enhetsnummer", "enhetsnr", "enhetsid", "unitcode", "unitid"),
    "parent": (
        "overordnetenhetskode", "overordnetenhet", "overordnetkode", "overordnet",
        "parentunitcode", "parentcode", "parentunit", "parent",
    ),
    "kind": ("enhetstype", "unittype", "unitkind"),
    "county": ("fylke", "county"),
    "size": ("størrelse", "størrelsesgruppe", "antallansatte", "ansatte", "sizeband", "size", "employees"),
    "host": ("vertskommune", "vertskommunekontor", "hostmunicipality"),
    "starts": ("fra", "fradato", "startdato", "vervfra", "from", "startdate"),
    "ends": ("til", "tildato", "sluttdato", "vervtil", "to", "until", "enddate"),
    "left": ("utmeldt", "utmeldtdato", "utmeldingsdato", "sluttet", "left", "leftdate"),
    "language": ("målform", "språk", "language"),
}  # fmt: skip


class Cells(NamedTuple):
    """The cells of one row by field, stripped; "" where the file has no such column."""

    row: str
    number: str
    name: str
    given: str
    family: str
    email: str
    email_kind: str
    role: str
    unit_name: str
    unit: str
    parent: str
    kind: str
    county: str
    size: str
    host: str
    starts: str
    ends: str
    left: str
    language: str


FIELD_OF_HEADING = {heading: field for field, headings in HEADINGS.items() for heading in headings}

# A file that brings one of these is refused unread: no national identity number is ever held.
FORBIDDEN_HEADINGS = frozenset({
    "fødselsnummer", "fødselsnr", "fodselsnummer", "fodselsnr", "fnr", "personnummer", "personnr", "dnummer",
    "fødselsogpersonnummer", "nationalidentitynumber", "nationalidnumber", "nationalid", "socialsecuritynumber",
    "ssn",
})  # fmt: skip

UNIT_ROWS = frozenset({"enhet", "unit"})
APPOINTMENT_ROWS = frozenset({"verv", "person", "medlem", "appointment", "member"})

ROLES: dict[str, str] = {
    "medlem": Role.MEMBER,
    "member": Role.MEMBER,
    "hovedtillitsvalgt": Role.CHIEF,
    "htv": Role.CHIEF,
    "chiefrepresentative": Role.CHIEF,
    "chief": Role.CHIEF,
    "varahovedtillitsvalgt": Role.DEPUTY,
    "varahtv": Role.DEPUTY,
    "deputychiefrepresentative": Role.DEPUTY,
    "deputy": Role.DEPUTY,
    "plasstillitsvalgt": Role.LOCAL,
    "ptv": Role.LOCAL,
    "localrepresentative": Role.LOCAL,
    "local": Role.LOCAL,
}

UNIT_KINDS: dict[str, str] = {
    "forbund": UnitKind.UNION,
    "landsforening": UnitKind.UNION,
    "union": UnitKind.UNION,
    "region": UnitKind.REGION,
    "driftsenhet": UnitKind.OPERATING_UNIT,
    "operatingunit": UnitKind.OPERATING_UNIT,
    "kontor": UnitKind.OFFICE,
    "navkontor": UnitKind.OFFICE,
    "office": UnitKind.OFFICE,
}

# A unit lies below one of a smaller rank; that alone makes a circle impossible.
RANKS: dict[str, int] = {
    UnitKind.UNION: 0,
    UnitKind.REGION: 1,
    UnitKind.OPERATING_UNIT: 2,
    UnitKind.OFFICE: 3,
}

ADDRESS_KINDS: dict[str, str] = {
    "privat": AddressKind.PRIVATE,
    "private": AddressKind.PRIVATE,
    "hjemme": AddressKind.PRIVATE,
    "arbeid": AddressKind.WORK,
    "jobb": AddressKind.WORK,
    "work": AddressKind.WORK,
}

SIZE_BANDS: dict[str, str] = {
    "liten": SizeBand.SMALL,
    "lite": SizeBand.SMALL,
    "small": SizeBand.SMALL,
    "middels": SizeBand.MEDIUM,
    "medium": SizeBand.MEDIUM,
    "stor": SizeBand.LARGE,
    "stort": SizeBand.LARGE,
    "large": SizeBand.LARGE,
}
# The number of employees from which an office counts as medium and as large.
MEDIUM_FROM, LARGE_FROM = 20, 60

LANGUAGES: dict[str, str] = {
    "bokmål": "nb",
    "nb": "nb",
    "nynorsk": "nn",
    "nn": "nn",
    "engelsk": "en",
    "english": "en",
    "en": "en",
}

YES_NO: dict[str, bool] = {
    "ja": True,
    "j": True,
    "yes": True,
    "y": True,
    "x": True,
    "1": True,
    "true": True,
    "nei": False,
    "n": False,
    "no": False,
    "0": False,
    "false": False,
}
