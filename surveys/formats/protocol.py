"""What every format offers: `load` a file into a draft, `dump` a draft into a file, and name what is lost on the way.

A format is a module with one or both of

    load(content: bytes, code: str) -> Draft      code: for a file that names none
    dump(draft: Draft, language: str) -> Written  language: for a format that says things once, such as paper

`load` raises `formats.document.BadDocument` with the place. It need not check what the database allows:
`surveys.exchanging` puts every draft through the strict reader of our own JSON. What the file says and a
questionnaire cannot say goes into `lost`, and so does, in `dump`, what the format cannot say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import get_language

from surveys.attachments.cleaning import Clean
from surveys.structure import NO_TEXT, EditionView, Text


@dataclass(frozen=True)
class Lost:
    """Something left out or changed, in the words of whoever sent the file.

    Args:
        place: where in the file it stands, such as “survey, row 12”; of our own content, the question's code.
        what: the thing, quoted from the file.
        why: a sentence.
        is_kept: whether reading the file here again finds it, by a mark of ours that other programs pass over.
    """

    place: str
    what: str
    why: str
    is_kept: bool = False

    def as_json(self) -> dict[str, str]:
        return {"place": self.place, "what": self.what, "why": self.why}


@dataclass(frozen=True)
class Draft:
    """A questionnaire as a file holds it.

    Args:
        role: what it is used as (`models.Role`); empty if the file does not say.
        name: its name among staff; empty if the file does not say.
        concepts: titles of concepts that need not exist yet, by code.
        files: what the images and documents hold, by their digests.
    """

    code: str
    view: EditionView
    lost: tuple[Lost, ...] = ()
    role: str = ""
    name: Text = NO_TEXT
    concepts: Mapping[str, str | Text] = field(default_factory=dict)
    files: Mapping[str, Clean] = field(default_factory=dict)

    def concept_in_words(self, code: str) -> str:
        """A concept by its title; by its code if it has none."""
        title = self.concepts.get(code, "")
        return (title(get_language() or "nb") if isinstance(title, Text) else title) or code


@dataclass(frozen=True)
class Written:
    """A file's content, and what of the questionnaire it does not hold."""

    content: bytes
    lost: tuple[Lost, ...] = ()
