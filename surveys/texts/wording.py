"""Every text of an edition, found by the shape of its plain values: each with a key, and where it stands, in words.

A field that is added to those values, or a new kind of part, is found here without a line being written. The keys are
made of codes, so that they say the same when parts have been moved. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from typing import Any, get_args, get_type_hints

from django.apps import apps
from django.db.models import Field
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from surveys.structure import EditionView, QuestionView, SectionView, Text

# In the order in which they are shown; the first that is written is what is translated from.
LANGUAGES = ("nb", "nn", "en", "se")
# What says the same once more: the questions stand in the sections.
REPEATED = {EditionView: frozenset({"questions"})}
# Which table holds what, by the last word before a code in the path to it.
MODELS = {
    "": "Edition",
    "sections": "Section",
    "questions": "Question",
    "options": "Option",
    "facts": "EditionFact",
    "values": "EditionFactValue",
    "concepts": "Concept",
}
LABEL = "label"
Path = tuple[str, ...]


@dataclass(frozen=True)
class Passage:
    """One text of an edition.

    Args:
        owner: the path to the part it belongs to, such as ("questions", "B1", "options", "yes"); () is the edition.
        field: what it is of that part, such as "label".
        section: the number of the section it stands in; 0 for what stands in none.
        number: of its part among others of its kind, such as the fourth answer; 0 for what stands alone.
    """

    owner: Path
    field: str
    text: Text
    section: int = 0
    number: int = 0

    @property
    def key(self) -> str:
        """Tells it from every other text of the edition, wherever its part is moved."""
        return "/".join((*self.owner, self.field))

    @property
    def model(self) -> str:
        """The name of the model that its part is a row of."""
        return MODELS[self.owner[-2] if self.owner else ""]

    @property
    def is_own(self) -> bool:
        """Whether it is written for this questionnaire: usual answers come in every language by themselves."""
        return not {"options", "facts", "concepts"} & set(self.owner[::2])

    @property
    def longest(self) -> int | None:
        """The most characters that there is room for, if its column says."""
        return _column(self.model, self.field).max_length

    @property
    def place(self) -> str:
        """Where it stands, in words, such as “Section 2 › B3”."""
        steps = [_("Section %(number)d") % {"number": self.section}] if self.section else []
        for kind, code in zip(self.owner[::2], self.owner[1::2], strict=True):
            if kind == "questions":
                steps.append(code)
            elif kind == "facts":
                steps.append(_("Background fact %(name)s") % {"name": code})
            elif kind == "concepts":
                steps.append(_("Concept %(name)s") % {"name": code})
            elif kind not in ("sections", "options"):
                steps.append(code)
        return " › ".join(steps) or _("Title page")

    @property
    def what(self) -> str:
        """What it is of its part, such as “Help” or “Answer 4”."""
        if self.owner[::2] == ("questions", "options") and self.field == LABEL:
            return _("Answer %(number)d") % {"number": self.number}
        return str(capfirst(_column(self.model, self.field).verbose_name))

    def source(self, language: str = "") -> str:
        """The language it is translated from, into `language`; empty if it is written in no other."""
        return next((each for each in LANGUAGES if each != language and self.text.by_language.get(each)), "")


def language_name(code: str) -> str:
    """A language in the words of the reader."""
    names = {"nb": _("Norwegian Bokmål"), "nn": _("Norwegian Nynorsk"), "en": _("English"), "se": _("Northern Sámi")}
    return names[code]


def language_within(code: str) -> str:
    """The same within a line, such as “text (bokmål)”."""
    names = {
        "nb": _("bokmål"),
        "nn": _("nynorsk"),
        "en": pgettext("within a line", "English"),
        "se": pgettext("within a line", "Northern Sámi"),
    }
    return names[code]


def passages(view: EditionView) -> list[Passage]:
    """Every text of an edition in the order in which it is read, those that are written in no language too."""
    return list(_walk(view, (), 0))


def texts_in(part: Any) -> list[Text]:
    """Every text in a part of an edition and in what belongs to it."""
    return [passage.text for passage in _walk(part, (), 0)]


def by_key(view: EditionView) -> dict[str, Passage]:
    """Every text by its key. A section is also found by any other of its questions than the first."""
    found = {passage.key: passage for passage in passages(view)}
    for section in view.sections:
        if not section.questions:
            continue
        first = section.questions[0].code
        for name in _text_fields(SectionView):
            for question in section.questions[1:]:
                found[f"sections/{question.code}/{name}"] = found[f"sections/{first}/{name}"]
    return found


def _walk(part: Any, path: Path, section: int, number: int = 0) -> Iterator[Passage]:
    for name in _fields(part.__class__):
        value = getattr(part, name)
        if isinstance(value, Text):
            yield Passage(path, name, value, section, number)
        elif isinstance(value, tuple):
            for place, each in enumerate(value, start=1):
                yield from _item(each, name, place, path, section)


def _item(item: Any, name: str, number: int, path: Path, section: int) -> Iterator[Passage]:
    """One of several things in a part: a part of its own, or a code with its label."""
    if is_dataclass(item):
        inside = number if isinstance(item, SectionView) else section
        yield from _walk(item, _path(item, name, number, path), inside, number)
    elif isinstance(item, tuple) and len(item) == 2 and isinstance(item[1], Text):
        yield Passage((*path, name, item[0]), LABEL, item[1], section, number)


def _path(item: Any, name: str, number: int, path: Path) -> Path:
    if isinstance(item, QuestionView):
        # Wherever it has been moved.
        return (name, item.code)
    if isinstance(item, SectionView):
        # It has no code of its own; its questions have.
        return (name, item.questions[0].code if item.questions else str(number))
    code = getattr(item, "code", "") or getattr(item, "name", "") or str(number)
    return (*path, name, code)


@lru_cache(maxsize=64)
def _fields(kind: type[Any]) -> tuple[str, ...]:
    """The fields of such a part that a text can stand in, or in something in them."""
    hints, repeated = get_type_hints(kind), REPEATED.get(kind, frozenset())
    return tuple(each.name for each in fields(kind) if each.name not in repeated and _has_text(hints[each.name]))


def _has_text(hint: Any) -> bool:
    if hint is Text or any(_has_text(each) for each in get_args(hint)):
        return True
    return isinstance(hint, type) and is_dataclass(hint) and bool(_fields(hint))


@lru_cache(maxsize=8)
def _text_fields(kind: type[Any]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind) if each.type in (Text, "Text"))


@lru_cache(maxsize=64)
def _column(model: str, name: str) -> Field[Any, Any]:
    column: Field[Any, Any] = apps.get_model("surveys", model)._meta.get_field(name)
    return column
