"""Describing: the background facts that the register can answer, with their values and labels, for a survey's plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from consult.models import Role, SizeBand, Unit, UnitKind
from surveys.fielding import FactPlan

LANGUAGES = ("nb", "nn", "en")
Values = list[tuple[str, dict[str, str]]]


class UnknownFact(Exception):
    """The register has no fact of this name."""


def known_facts() -> dict[str, str]:
    """{name: label} of every fact the register can answer."""
    return {name: _(label) for name, (label, _values) in _FACTS.items()}


def facts(names: Sequence[str]) -> list[FactPlan]:
    """The facts of these names, the most important first, as a survey's plan wants them, with every value there is.

    `consult.selecting.freeze` takes out the values that nobody invited has.

    Raises:
        UnknownFact
    """
    for name in names:
        if name not in _FACTS:
            raise UnknownFact(name)
    return [FactPlan(name, _each(_FACTS[name][0]), _FACTS[name][1]()) for name in names]


def _roles() -> Values:
    return [(role.value, _choice(role)) for role in Role]


def _size_bands() -> Values:
    return [(band.value, _choice(band)) for band in SizeBand]


def _regions() -> Values:
    units = Unit.objects.filter(kind=UnitKind.REGION).order_by("name")
    return [(unit.code, dict.fromkeys(LANGUAGES, unit.name)) for unit in units]


def _yes_no() -> Values:
    return [("yes", _each(gettext_noop("Yes"))), ("no", _each(gettext_noop("No")))]


_FACTS: dict[str, tuple[str, Callable[[], Values]]] = {
    "role": (gettext_noop("Role"), _roles),
    "region": (gettext_noop("Region"), _regions),
    "size_band": (gettext_noop("Size of the office"), _size_bands),
    "host_municipality": (gettext_noop("Host-municipality office"), _yes_no),
}


def _choice(choice: Role | SizeBand) -> dict[str, str]:
    return _in_languages(lambda: str(choice.label))


def _each(msgid: str) -> dict[str, str]:
    return _in_languages(lambda: _(msgid))


def _in_languages(text: Callable[[], str]) -> dict[str, str]:
    result = {}
    for language in LANGUAGES:
        with override(language):
            result[language] = text()
    return result
