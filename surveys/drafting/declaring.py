"""Declaring: which background facts a draft looks at, so that conditions and texts can use them.

The register answers them instead of the person. What it offers is told by whoever calls: nothing here knows it.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from surveys import piping, structure
from surveys.authoring import BreaksCondition, PartGone, Refused, editing
from surveys.drafting import composing
from surveys.fielding import LARGEST_PLAN
from surveys.models import EditionFact, EditionFactValue
from surveys.structure import EditionView, FactView, QuestionView, SectionView


class TooMany(Refused):
    """No survey could carry so many background facts."""


def declare(edition_id: int, fact: FactView) -> EditionFact:
    """Let a draft look at a background fact. One that it looks at already gets the values that it lacks.

    What is there is left as it is: conditions and translations hang on it.

    Raises:
        PartGone, NotADraft, TooMany
    """
    with editing(edition_id) as edition:
        row = EditionFact.objects.filter(edition=edition, name=fact.name).first()
        if row is None:
            if edition.facts.count() >= LARGEST_PLAN:
                raise TooMany([_("A survey can carry at most %(most)d background facts.") % {"most": LARGEST_PLAN}])
            row = EditionFact.objects.create(edition=edition, name=fact.name, **composing.texts("label", fact.label))
        known = set(row.values.values_list("code", flat=True))
        EditionFactValue.objects.bulk_create(
            EditionFactValue(fact=row, code=code, **composing.texts("label", label))
            for code, label in fact.values
            if code not in known
        )
    return row


def withdraw(edition_id: int, name: str) -> None:
    """Let a draft no longer look at a background fact.

    Raises:
        PartGone: it does not look at it; or NotADraft.
        BreaksCondition: a condition looks at it, or a text names it.
    """
    with editing(edition_id) as edition:
        row = EditionFact.objects.filter(edition=edition, name=name).first()
        if row is None:
            raise PartGone
        view = structure.read(edition)
        names = {"fact": str(row), "field": name}
        reasons = [
            _("%(place)s is shown only to some by %(fact)s. Change that condition first.") % {**names, "place": place}
            for place in deciding(view, name)
        ]
        reasons += [
            _("%(place)s names {%(field)s} in its text. Take that out first.") % {**names, "place": place}
            for place in naming(view, name)
        ]
        if reasons:
            raise BreaksCondition(reasons)
        row.delete()


def deciding(view: EditionView, name: str) -> list[str]:
    """What is shown by a background fact: codes of questions, and sections by their number, in order."""
    return [place for place, part in _places(view) if any(each.fact == name for each in part.conditions)]


def naming(view: EditionView, name: str) -> list[str]:
    """In the texts of what a background fact is named, likewise."""
    found = []
    for place, part in _places(view):
        named = piping.names_in(part.intro) if isinstance(part, SectionView) else piping.names(part)
        if name in named and name not in view.questions:
            found.append(place)
    return found


def _places(view: EditionView) -> Iterator[tuple[str, SectionView | QuestionView]]:
    for number, section in enumerate(view.sections, start=1):
        yield _("section %(number)d") % {"number": number}, section
        for question in section.questions:
            yield question.code, question
