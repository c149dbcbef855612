"""Supplying: the question bank and the templates that come with the product, loaded and kept up to date.

A draft that staff have changed is theirs: it is left alone, whatever newer text comes along.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import transaction

from surveys import exchanging
from surveys.formats import spelling, strict
from surveys.formats.document import parse
from surveys.formats.protocol import Draft
from surveys.models import Edition, Questionnaire

FOLDER = Path(__file__).parents[1] / "reference"
LOADED, UPDATED, UNCHANGED, KEPT = "loaded", "updated", "unchanged", "kept"


@dataclass(frozen=True)
class Supplied:
    """What became of one file: "loaded", "updated", "unchanged", or "kept" as staff have changed it."""

    code: str
    outcome: str


def supply(folder: Path = FOLDER) -> Iterator[Supplied]:
    """Load every questionnaire in a folder, by file name. Again and again it ends in the same state.

    Raises:
        BadDocument: a file is not what it should be; those before it are loaded.
    """
    for file in sorted(folder.glob("*.json")):
        yield _supply(strict.read(parse(file.read_bytes())))


def _supply(draft: Draft) -> Supplied:
    wanted = _fingerprint(draft)
    with transaction.atomic():
        found = Questionnaire.objects.select_for_update().filter(code=draft.code).first()
        outcome = LOADED if found is None else _outcome(found, wanted)
        if outcome in (LOADED, UPDATED):
            made = exchanging.keep(draft)
            Questionnaire.objects.filter(pk=made.pk).update(supplied=wanted)
    return Supplied(draft.code, outcome)


def _outcome(found: Questionnaire, wanted: str) -> str:
    if found.supplied == wanted:
        return UNCHANGED
    # A draft has no number, and PostgreSQL sorts what is missing last, so first when turned round.
    edition = Edition.objects.filter(questionnaire=found).order_by("-number").first()
    stands = _fingerprint(exchanging.drafted(edition)) if edition is not None else ""
    return UPDATED if found.supplied and found.supplied == stands else KEPT


def _fingerprint(draft: Draft) -> str:
    """What a questionnaire says to respondents, as a hash; what staff call it and its concepts is not part of it."""
    document = spelling.write(replace(draft, concepts={}, lost=(), name=draft.view.title))
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
