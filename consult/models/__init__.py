"""The things: the organisation, its people, consultations, audiences and letters, rights."""

from .access import ApiToken, Grant, User
from .consultation import Consultation
from .distribution import (
    Audience,
    Invitation,
    Letter,
    LetterKind,
    LetterStatus,
    Mailing,
    ParticipationReading,
    Stratum,
)
from .organisation import SizeBand, Unit, UnitKind
from .people import Address, AddressKind, Appointment, Person, RegisterImport, Role

__all__ = [
    "Address",
    "AddressKind",
    "ApiToken",
    "Appointment",
    "Audience",
    "Consultation",
    "Grant",
    "Invitation",
    "Letter",
    "LetterKind",
    "LetterStatus",
    "Mailing",
    "ParticipationReading",
    "Person",
    "RegisterImport",
    "Role",
    "SizeBand",
    "Stratum",
    "Unit",
    "UnitKind",
    "User",
]
