"""Declaring: how an answer came in, as a background fact of a survey's plan."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop, override

from surveys.fielding import FactPlan
from surveys.models import Way
from surveys.ways.telling import FACT

LANGUAGES = ("nb", "nn", "en")
_LABEL = gettext_noop("How the answer came in")


def fact() -> FactPlan:
    """The fact with its values, in every language. It stands last in a plan: it gives way before the others."""
    label, values = {}, []
    for language in LANGUAGES:
        with override(language):
            label[language] = gettext(_LABEL)
    for way in Way:
        words = {}
        for language in LANGUAGES:
            with override(language):
                words[language] = str(way.label)
        values.append((way.value, words))
    return FactPlan(FACT, label, values)
