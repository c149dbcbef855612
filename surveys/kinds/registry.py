"""The kinds of question there are, by code."""

from surveys.kinds.base import Kind
from surveys.kinds.choice import Scale, SingleChoice, Statement, YesNo
from surveys.kinds.information import Information
from surveys.kinds.measure import Day, Number
from surveys.kinds.roster import Roster
from surveys.kinds.several import MultipleChoice, Ranking
from surveys.kinds.text import LongText, ShortText


class UnknownKind(Exception):
    """No kind has this code."""


def _by_code(*kinds: Kind) -> dict[str, Kind]:
    result: dict[str, Kind] = {}
    for each in kinds:
        if each.code in result:
            raise ValueError(f"two kinds are called {each.code}")
        result[each.code] = each
    return result


KINDS = _by_code(
    YesNo(), SingleChoice(), MultipleChoice(), Scale(), Statement(), Ranking(), Number(), Day(), ShortText(),
    LongText(), Roster(), Information(),
)  # fmt: skip


def kind(code: str) -> Kind:
    """The kind with this code.

    Raises:
        UnknownKind
    """
    try:
        return KINDS[code]
    except KeyError as error:
        raise UnknownKind(code) from error


def choices() -> list[tuple[str, str]]:
    """(code, label) of every kind, for a select box."""
    return [(each.code, str(each.label)) for each in KINDS.values()]
