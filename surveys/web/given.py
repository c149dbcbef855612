"""The background that a person does not give but has: the same for all who come by one open link, in words."""

from __future__ import annotations

from collections.abc import Mapping

from surveys.models import BackgroundValue, Survey
from surveys.structure import texts


def given(survey: Survey, facts: Mapping[str, str], language: str) -> tuple[str, ...]:
    """What is kept with every answer, of `facts` {fact: value}, in the survey's order; empty if nothing is."""
    if not facts:
        return ()
    rows = BackgroundValue.objects.filter(fact__survey=survey).select_related("fact").order_by("fact__rank")
    chosen = [row for row in rows if facts.get(row.fact.name) == row.code]
    return tuple(f"{texts(row.fact, 'label')(language)}: {texts(row, 'label')(language)}" for row in chosen)
