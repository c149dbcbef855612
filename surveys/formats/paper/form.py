"""A questionnaire laid out for paper, in one language: what stands on it, not how it is drawn."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from surveys.formats.limesurvey.markup import FIELD
from surveys.formats.paper.rich import Paragraph, paragraphs
from surveys.formats.paper.routing import END, Directions
from surveys.formats.protocol import Draft
from surveys.kinds import registry
from surveys.kinds.numerals import spoken
from surveys.structure import EditionView, QuestionView, SectionView, Text

LONG_LINES, BESIDE_LINES = 6, 3
# What no file of XML can hold, and no font shows.
UNSHOWN = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010fffd]")


@dataclass(frozen=True)
class Choice:
    """Something to tick; `note` says where to go on."""

    label: str
    note: str = ""


@dataclass(frozen=True)
class Picture:
    """An image: the name of its file, what it shows in words, and how large it is."""

    name: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class Item:
    """One question, or information to read.

    Args:
        shape: information, one, several, ranked, number, date, line, lines, rows or grid.
        only_if: whom it is for, as a sentence; empty if everyone.
        hint: how to answer.
        lines: how many lines there are to write on, below the choices; `prompt` stands above them.
        points: for a grid, its columns; its rows are the choices.
        unit: what stands after the number.
        reading, quotation, source, picture, caption: what information shows, in this order.
    """

    number: int
    code: str
    text: str
    shape: str
    help: str = ""
    only_if: str = ""
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    prompt: str = ""
    lines: int = 0
    points: tuple[str, ...] = ()
    unit: str = ""
    reading: tuple[Paragraph, ...] = ()
    quotation: tuple[Paragraph, ...] = ()
    source: str = ""
    picture: Picture | None = None
    caption: str = ""


@dataclass(frozen=True)
class Part:
    title: str
    intro: tuple[Paragraph, ...]
    only_if: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Form:
    """A whole questionnaire on paper; `page` and `of` are the words of the page number, `end` those at the end."""

    title: str
    language: str
    purpose: tuple[Paragraph, ...]
    time: str
    parts: tuple[Part, ...]
    page: str
    of: str
    end: str
    columns: tuple[str, ...]

    def as_plain(self) -> dict[str, Any]:
        """The same as plain values of JSON."""
        return asdict(self)


def lay_out(draft: Draft, language: str) -> Form:
    """The form of a draft. What is not written in the language is shown in the one it falls back to."""
    # The words around the questions exist in three languages only.
    with override("nb" if language == "se" else language):
        return _Layout(draft.view, language).form(draft.code)


class _Layout:
    """One edition being laid out."""

    def __init__(self, view: EditionView, language: str) -> None:
        self.view, self.language = view, language
        asked = [each for each in view.questions.values() if registry.kind(each.kind).is_asked]
        self.numbers = {question.code: number for number, question in enumerate(asked, start=1)}
        self.known = {*view.questions, *(fact.name for fact in view.facts)}
        self.directions = Directions(view, language, self.numbers)

    def say(self, text: Text) -> str:
        """A text, with what would be filled in on a screen said as its fallback."""
        shown = UNSHOWN.sub("", text(self.language))
        return FIELD.sub(lambda field: (field[2] or "…") if field[1] in self.known else field[0], shown)

    def form(self, code: str) -> Form:
        view, minutes = self.view, self.view.minutes
        time = ngettext("It takes about %(count)d minute.", "It takes about %(count)d minutes.", minutes or 0)
        return Form(
            title=self.say(view.title) or code,
            language=self.language,
            purpose=paragraphs(self.say(view.purpose)),
            time=time % {"count": minutes} if minutes else "",
            parts=tuple(self.part(section) for section in view.sections),
            page=_("Page"),
            of=_("of"),
            end=_("Thank you for answering."),
            columns=(_("Level"), _("Subject"), _("Year")),
        )

    def part(self, section: SectionView) -> Part:
        condition = self.directions.condition(section.conditions)
        return Part(
            self.say(section.title),
            paragraphs(self.say(section.intro)),
            _("Answer this part only if %(condition)s.") % {"condition": condition} if condition else "",
            tuple(self.items(section)),
        )

    def items(self, section: SectionView) -> list[Item]:
        """The questions of a section; scales in a row with the same points become one grid."""
        runs: list[list[QuestionView]] = []
        for question in section.questions:
            if runs and _one_grid(runs[-1][-1], question):
                runs[-1].append(question)
            else:
                runs.append([question])
        return [self.grid(run) if len(run) > 1 else self.item(run[0]) for run in runs]

    def grid(self, run: list[QuestionView]) -> Item:
        first = run[0]
        return Item(
            self.numbers[first.code],
            first.code,
            "",
            "grid",
            only_if=self.only_if(first),
            hint=_("Tick one in each row."),
            choices=tuple(Choice(f"{self.numbers[each.code]}. {self.say(each.text)}") for each in run),
            points=tuple(self.say(option.label) for option in first.options),
        )

    def item(self, question: QuestionView) -> Item:
        if not registry.kind(question.kind).is_asked:
            return self.information(question)
        shape = SHAPES.get(question.kind, "one")
        beside = BESIDE_LINES if question.has_elaboration else 0
        prompt = self.say(question.elaboration_prompt) or _("Please elaborate")
        return Item(
            self.numbers[question.code],
            question.code,
            self.say(question.text),
            shape,
            help=self.say(question.help),
            only_if=self.only_if(question),
            hint=self.hint(question, shape),
            choices=tuple(self.choices(question, shape)),
            prompt=prompt if beside else "",
            lines={"line": 1, "lines": LONG_LINES}.get(shape, beside),
            unit=self.say(question.unit),
        )

    def information(self, question: QuestionView) -> Item:
        file, caption = question.attachment, self.say(question.caption)
        if file and not file.is_image:
            # Paper has the title; the document itself must be had otherwise.
            caption = _("%(title)s (PDF, enclosed or on the web)") % {"title": caption or _("Document")}
        shown = file and file.is_image and file.width and file.height
        return Item(
            0,
            question.code,
            "",
            "information",
            only_if=self.only_if(question),
            reading=paragraphs(self.say(question.text)),
            quotation=paragraphs(self.say(question.quotation)),
            source=self.say(question.source),
            picture=Picture(f"{file.digest}.{file.suffix}", self.say(question.alt), file.width or 1, file.height or 1)
            if file and shown
            else None,
            caption=caption if file else "",
        )

    def choices(self, question: QuestionView, shape: str) -> list[Choice]:
        found = []
        for option in question.options:
            label = self.say(option.label)
            if shape == "several" and option.excludes:
                label = _("%(answer)s (tick nothing else then)") % {"answer": label}
            found.append(Choice(label, self.note(question, option.code) if shape == "one" else ""))
        return found

    def note(self, question: QuestionView, option: str) -> str:
        number = self.directions.go_on(question, option)
        if number is None:
            return ""
        return _("go to the end") if number == END else _("go to question %(number)d") % {"number": number}

    def only_if(self, question: QuestionView) -> str:
        condition = self.directions.condition(question.conditions)
        if not condition:
            return ""
        if not registry.kind(question.kind).is_asked:
            return _("Read this only if %(condition)s.") % {"condition": condition}
        return _("Answer only if %(condition)s.") % {"condition": condition}

    def hint(self, question: QuestionView, shape: str) -> str:
        """How to answer, as a short sentence."""
        first = {
            "one": _("Tick one."),
            "several": _("Tick all that apply."),
            "ranked": _("Write 1 by the most important, 2 by the next, and so on."),
            "date": _("Day, month, year."),
            "rows": _("One row for each qualification."),
        }.get(shape, "")
        low, high = question.minimum, question.maximum
        bounds = [
            _("At least %(number)s.") % {"number": spoken(low)} if low is not None else "",
            _("At most %(number)s.") % {"number": spoken(high)} if high is not None else "",
        ]
        must = _("Must be answered.") if question.required else ""
        return " ".join(part for part in (first, *bounds, must) if part)


SHAPES = {
    "multiple_choice": "several", "ranking": "ranked", "number": "number", "date": "date", "short_text": "line",
    "long_text": "lines", "roster": "rows",
}  # fmt: skip


def _one_grid(before: QuestionView, question: QuestionView) -> bool:
    """Whether two questions stand in one grid: scales with the same points, asked of the same people."""
    if before.kind != "scale" or question.kind != "scale" or before.has_elaboration or question.has_elaboration:
        return False
    points = [(option.code, option.label) for option in before.options]
    same = points == [(option.code, option.label) for option in question.options]
    return same and before.conditions == question.conditions and not (before.help or question.help)
