"""Loading: a file of any format made into a draft, checked as strictly as our own; nothing is looked up or stored."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from surveys.attachments.cleaning import Clean
from surveys.formats import spelling, strict
from surveys.formats.catalogue import Format
from surveys.formats.document import BadDocument
from surveys.formats.protocol import Draft, Lost
from surveys.kinds import registry
from surveys.structure import Text


def load(form: Format, content: bytes, file_name: str, code: str) -> Draft:
    """The draft in a file of this format.

    Args:
        code: the code of the questionnaire, whatever the file says; empty to take the file's own, or its name.

    Raises:
        BadDocument: with the place.
    """
    loaded = form.load(content, code or _code_of(file_name))
    # The strict reader says no to whatever the database would.
    document = spelling.write(replace(loaded, code=code or loaded.code), files=False)
    checked = strict.read(document, loaded.files)
    if loaded.lost and not any(registry.kind(each.kind).is_asked for each in checked.view.questions.values()):
        # What is said of the whole file comes last: it is seldom the reason.
        usual = Counter(each.why for each in sorted(loaded.lost, key=lambda each: not each.place)).most_common(3)
        raise BadDocument(
            _("None of the questions in the file can be imported. %(reasons)s")
            % {"reasons": " ".join(why for why, _count in usual)}
        )
    # A role or a name that the file does not give is left as it is.
    return replace(checked, lost=loaded.lost, role=loaded.role, name=loaded.name)


def pack(draft: Draft, *, files: bool = True) -> dict[str, Any]:
    """A draft as plain values that JSON can carry, with what our own format leaves out.

    Args:
        files: whether the images and documents are packed; without them, `unpack` must be given them.
    """
    return {
        "document": spelling.write(draft, files=files),
        "role": draft.role,
        "name": draft.name.by_language,
        "lost": [each.as_json() for each in draft.lost],
    }


def unpack(packed: Mapping[str, Any], files: Mapping[str, Clean] | None = None) -> Draft:
    """The draft that was packed, checked once more.

    Args:
        files: the images and documents by their digests, if they were not packed.

    Raises:
        BadDocument: it is not what was packed.
    """
    return replace(
        strict.read(packed["document"], files),
        role=packed["role"],
        name=Text(packed["name"]),
        lost=tuple(Lost(**each) for each in packed["lost"]),
    )


def _code_of(file_name: str) -> str:
    stem = re.sub(r"\.(surveyjs\.json|json|xlsx?|lss|txt)$", "", PurePath(file_name).name, flags=re.IGNORECASE)
    return slugify(stem)[:80].strip("-_") or "questionnaire"
