"""Declaring: which background facts a draft looks at, so that conditions and texts can use them.

The register answers them instead of the person. What it offers is told by whoever calls: nothing here knows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from surveys import piping, structure
from surveys.authoring import BreaksCondition, PartGone, Refused, editing
from surveys.drafting import composing, versioning
from surveys.drafting.building import Overtaken, Unfit
from surveys.fielding import LARGEST_PLAN
from surveys.models import Edition, EditionFact, EditionFactValue
from surveys.structure import EditionView, FactView, QuestionView, SectionView
from surveys.texts.wording import LANGUAGES

LABELS = tuple(f"label_{language}" for language in LANGUAGES)
LONGEST_LABEL = 200


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


def word(edition_id: int, place: str, name: str, value: str, read: str) -> str:
    """Write the label of a background fact, or of one of its values, in one language; what stands there now.

    The register's own words came with it; a draft may say them in more languages.

    Args:
        place: as "editionfact-3" or "editionfactvalue-12".
        name: the column, such as "label_nn".
        read: the mark of what stood there when it was read.

    Raises:
        PartGone, NotADraft
        Overtaken: something else stands there now.
        Unfit: it is too long, empty where it must not be, or cannot be shown.
    """
    with editing(edition_id) as edition:
        row = _find(edition, place)
        if name not in LABELS:
            raise Unfit([_("This cannot be changed here.")])
        before, after = getattr(row, name) or "", " ".join(value.split())
        if versioning.mark(before) != read and before != after:
            raise Overtaken(before, before)
        if not after and name == LABELS[0]:
            raise Unfit([_("Something must stand here.")])
        if "\x00" in after or len(after) > LONGEST_LABEL:
            raise Unfit([_("There is room for %(longest)d characters here.") % {"longest": LONGEST_LABEL}])
        setattr(row, name, after)
        row.save(update_fields=[name])
    return after


def _find(edition: Edition, place: str) -> EditionFact | EditionFactValue:
    kind, _dash, number = place.partition("-")
    within = {"editionfact": EditionFact.objects.filter(edition=edition)}
    values = {"editionfactvalue": EditionFactValue.objects.filter(fact__edition=edition)}
    rows: Any = (within | values).get(kind)
    if rows is None or not (number.isascii() and number.isdigit() and len(number) < 19):
        raise PartGone
    found: EditionFact | EditionFactValue | None = rows.filter(pk=int(number)).first()
    if found is None:
        raise PartGone
    return found


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
