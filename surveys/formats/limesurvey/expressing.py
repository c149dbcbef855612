"""Our conditions written as one of LimeSurvey's expressions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from surveys.formats.limesurvey.alternatives import Unsayable
from surveys.formats.logic import SIGNS
from surveys.models import Operator
from surveys.structure import ConditionView


@dataclass(frozen=True)
class Name:
    """How LimeSurvey names the answers to one of our questions.

    Args:
        variable: its name in expressions.
        answers: the code compared with, by our option.
        boxes: the names of the boxes to tick, by our option; none where one answer is chosen.
        other: our option that LimeSurvey gives a box of its own, with a text.
        ranked: whether its answers stand in places of their own.
        free: whether it is answered with a text, although we offer options.
    """

    variable: str
    answers: Mapping[str, str] = field(default_factory=dict)
    boxes: Mapping[str, str] = field(default_factory=dict)
    other: str | None = None
    ranked: bool = False
    free: bool = False

    def answered(self) -> str:
        if self.boxes:
            return f"count({', '.join(f'{box}.NAOK' for box in self.boxes.values())}) > 0"
        return f"!is_empty({self.variable}{'_1' if self.ranked else ''}.NAOK)"

    def holds(self, option: str, *, yes: bool = True) -> str:
        """That the option was chosen, or that it was not."""
        if self.ranked:
            raise Unsayable(_("LimeSurvey cannot ask whether an answer was ranked, in whatever place."))
        if self.free:
            raise Unsayable(_("LimeSurvey asks for one long text instead."))
        if option in self.boxes:
            if option == self.other:
                return f"{'!' if yes else ''}is_empty({self.boxes[option]}.NAOK)"
            return f'{self.boxes[option]}.NAOK {"==" if yes else "!="} "Y"'
        return f'{self.variable}.NAOK {"==" if yes else "!="} "{self.answers[option]}"'


def write(conditions: Sequence[ConditionView], names: Mapping[str, Name]) -> str:
    """The expression that says these conditions; “1” where there are none.

    Raises:
        Unsayable: LimeSurvey cannot say one of them.
    """
    groups: dict[int, list[str]] = {}
    for condition in conditions:
        groups.setdefault(condition.group, []).append(_written(condition, names))
    alternatives = [" and ".join(parts) for _group, parts in sorted(groups.items())]
    if len(alternatives) == 1:
        return alternatives[0]
    return " or ".join(f"({alternative})" for alternative in alternatives) or "1"


def _written(condition: ConditionView, names: Mapping[str, Name]) -> str:
    if condition.fact:
        raise Unsayable(_("LimeSurvey knows nothing of the background fact “%(fact)s”.") % {"fact": condition.fact})
    name = names[condition.source]
    if condition.operator == Operator.ANSWERED:
        return name.answered()
    if condition.operator == Operator.ONE_OF:
        return "(" + " or ".join(name.holds(option) for option in condition.options) + ")"
    if condition.operator == Operator.NONE_OF:
        return f"({' and '.join([name.answered(), *(name.holds(each, yes=False) for each in condition.options)])})"
    if condition.option is not None:
        if condition.operator == Operator.IS:
            return name.holds(condition.option)
        return f"({name.answered()} and {name.holds(condition.option, yes=False)})"
    sign = SIGNS[Operator(condition.operator)]
    if condition.day is not None:
        # A date is a text there, at times with a time of day behind it; texts of this form sort as dates do.
        return f'({name.answered()} and substr({name.variable}.NAOK, 0, 10) {sign} "{condition.day.isoformat()}")'
    return f"({name.answered()} and {name.variable}.NAOK {sign} {(condition.number or Decimal(0)).normalize():f})"
