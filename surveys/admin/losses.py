"""What a file does not hold of a questionnaire, told by question: what is lost, and what only we read back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from surveys.formats.protocol import Lost
from surveys.structure import EditionView


@dataclass(frozen=True)
class Told:
    """What is said of one place: a question by its code and text, or what else the format names."""

    place: str
    text: str
    things: list[Lost] = field(default_factory=list)

    @property
    def names(self) -> str:
        """The things in one line."""
        return ", ".join(dict.fromkeys(each.what for each in self.things))


@dataclass(frozen=True)
class Losses:
    """What cannot be said in a format, and what stands there by a mark of ours."""

    lost: list[Told]
    kept: list[Told]

    @property
    def lost_count(self) -> int:
        """How many things."""
        return sum(len(each.things) for each in self.lost)

    @property
    def kept_count(self) -> int:
        """How many things."""
        return sum(len(each.things) for each in self.kept)


def told(found: Iterable[Lost], view: EditionView, language: str) -> Losses:
    """The losses gathered by what they are about: the whole first, then the questions in order."""
    found = list(found)
    return Losses(
        _gathered([each for each in found if not each.is_kept], view, language),
        _gathered([each for each in found if each.is_kept], view, language),
    )


def _gathered(found: list[Lost], view: EditionView, language: str) -> list[Told]:
    places: dict[str, Told] = {}
    for each in found:
        question = view.questions.get(each.place)
        text = question.text(language) if question else ""
        places.setdefault(each.place, Told(each.place, text)).things.append(each)
    order = {code: number for number, code in enumerate(view.questions)}
    return sorted(places.values(), key=lambda each: order.get(each.place, -1))
