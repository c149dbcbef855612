"""A draft written as an XLSForm. What the format has no place for goes into columns of our own (`own`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from surveys import piping
from surveys.formats.fitting import Fitting
from surveys.formats.piped import known, unfilled
from surveys.formats.protocol import Draft, Written
from surveys.formats.xlsform import bounds, own
from surveys.formats.xlsform.book import Book, write
from surveys.formats.xlsform.headings import LANGUAGES
from surveys.formats.xlsform.names import Names
from surveys.formats.xlsform.relevance import elaborated, expression
from surveys.kinds import registry
from surveys.models import Comparability, Elaboration, Meaning, Role
from surveys.structure import FactView, OptionView, QuestionView, SectionView, Text

TYPES = {
    "yes_no": "select_one",
    "single_choice": "select_one",
    "scale": "select_one",
    "statement": "select_one",
    "roster": "select_one",
    "multiple_choice": "select_multiple",
    "ranking": "rank",
    "date": "date",
    "short_text": "text",
    "long_text": "text",
    "information": "note",
}
# What is answered with words of one's own; of a choice, an XLSForm would put in the code.
FILLED = frozenset({"number", "date", "short_text", "long_text"})
APPEARANCES = {"long_text": "multiline", "scale": "likert"}


def dump(draft: Draft, language: str) -> Written:
    """The workbook, in every language; see `formats.protocol`."""
    writer = _Writer(draft)
    return Written(write(writer.book()), tuple(writer.fitting.lost))


class _Writer:
    def __init__(self, draft: Draft) -> None:
        self.draft, self.view, self.fitting = draft, draft.view, Fitting()
        self.names = Names(self.view)
        # What a text can name (`piping`), and of that the questions whose answer an XLSForm can put into one.
        self.known = known(self.view)
        self.filled: set[str] = set()
        self.survey: list[dict[str, str]] = []
        self.choices: list[dict[str, str]] = []
        self.lists: dict[tuple[OptionView, ...], str] = {}

    def book(self) -> Book:
        """Everything, sheet by sheet."""
        if self.view.purpose:
            self._labelled("note", self.names.purpose, own.PURPOSE, self.view.purpose)
        self._facts()
        for number, section in enumerate(self.view.sections):
            self._section(number, section)
        settings = {
            "form_title": self._safe("", self.view.title("nb")),
            "form_id": self.draft.code,
            "default_language": LANGUAGES["nb"],
        }
        return Book(self.survey, self.choices, settings, list(self._own_sheet()))

    def _own_sheet(self) -> Iterable[dict[str, str]]:
        yield {"what": "title", **self.view.title.by_language}
        yield {"what": "name", **self.draft.name.by_language}
        yield {"what": "role", "code": self.draft.role or Role.QUESTIONNAIRE.value}
        if self.view.minutes is not None:
            yield {"what": "minutes", "code": str(self.view.minutes)}
        for code, title in self.draft.concepts.items():
            texts = title.by_language if isinstance(title, Text) else {"nb": title}
            yield {"what": "concept", "code": code, **texts}

    def _labelled(self, kind: str, name: str, mark: str, label: Text, **cells: str) -> None:
        """A row with a text that holds no earlier answers."""
        self._row(kind, name, mark, **self._cells_of("label", name, label), **cells)

    def _row(self, kind: str, name: str, mark: str = "", **cells: str) -> None:
        row = {"type": kind, "name": name, own.KIND: mark, **cells}
        self.survey.append({heading: cell for heading, cell in row.items() if cell})

    def _safe(self, place: str, text: str) -> str:
        """A text in which other programs find nothing to replace."""
        if "${" in text:
            self.fitting.lose(place, text, _("“${” would stand for an answer in an XLSForm; a blank was put between."))
        return text.replace("${", "$ {")

    def _cells_of(self, heading: str, place: str, text: Text, *, fields: bool = False) -> dict[str, str]:
        """A text's cells, a language each; with `fields`, earlier answers are named as an XLSForm names them."""
        if fields:
            for field in unfilled(text, self.known, self.filled, instead=False):
                why = _("Other programs show it as it stands. Read here again, it is kept.")
                self.fitting.lose(place, field, why, is_kept=True)
        return {
            f"{heading}::{LANGUAGES[each]}": self._fields(self._safe(place, own)) if fields else self._safe(place, own)
            for each, own in text.by_language.items()
        }

    def _fields(self, text: str) -> str:
        def theirs(field: re.Match[str]) -> str:
            return f"${field[0]}" if field[1] in self.filled and "|" not in field[0] else field[0]

        return piping.FIELD.sub(theirs, text)

    def _facts(self) -> None:
        if not self.view.facts:
            return
        self._row("begin_group", self.names.facts, own.FACTS)
        for fact in self.view.facts:
            self._fact(fact)
        self._row("end_group", self.names.facts)

    def _fact(self, fact: FactView) -> None:
        name = self.names.of_fact(fact.name)
        options = tuple(OptionView(0, code, label, Meaning.ANSWER.value) for code, label in fact.values)
        self.fitting.lose(
            f"@{fact.name}", fact.label("nb"), _("A file holds no register, so the person is asked instead.")
        )
        label = fact.label or Text({"nb": fact.name})
        if not fact.label:
            self._no_text(f"@{fact.name}")
        kind = f"select_one {self._list(name, options)}" if options else "text"
        self._labelled(kind, name, f"{own.FACT} {fact.name}", label)

    def _section(self, number: int, section: SectionView) -> None:
        name = self.names.sections[number]
        relevant = expression(section.conditions, self.view, self.names)
        self._labelled("begin_group", name, "section", section.title, relevant=relevant, appearance="field-list")
        if section.intro:
            self._row("note", f"{name}_intro", own.INTRO, **self._cells_of("label", name, section.intro, fields=True))
        for question in section.questions:
            self._question(question)
        if not (section.questions or section.intro):
            self.fitting.lose(name, section.title("nb"), _("The section is empty, which some programs refuse."))
        self._row("end_group", name)

    def _question(self, question: QuestionView) -> None:
        kind = registry.kind(question.kind)
        relevant = expression(question.conditions, self.view, self.names)
        if not question.text:
            self._no_text(question.code)
        text = question.text or Text({"nb": question.code})
        label = self._cells_of("label", question.code, text, fields=True)
        if kind.has_options and not question.options:
            self.fitting.lose(
                question.code, question.text("nb"), _("It has no answers to choose between yet, so it is a note.")
            )
            self._row("note", question.code, question.kind, relevant=relevant, **label, **self._cells(question))
        elif question.kind == "roster":
            self._roster(question, label, relevant)
        else:
            self._row(
                self._type(question), question.code, question.kind, relevant=relevant,
                appearance=APPEARANCES.get(question.kind, ""), **label, **self._cells(question),
            )  # fmt: skip
        self._elaboration(question)
        self._name_losses(question)
        if question.kind in FILLED:
            self.filled.add(question.code)

    def _type(self, question: QuestionView) -> str:
        if question.kind == "number":
            return "decimal" if question.decimals else "integer"
        if registry.kind(question.kind).has_options:
            return f"{TYPES[question.kind]} {self._list(question.code, question.options)}"
        return TYPES[question.kind]

    def _cells(self, question: QuestionView) -> dict[str, str]:
        counted = question.kind == "multiple_choice"
        cells = {
            **self._cells_of("hint", question.code, question.help, fields=True),
            "required": "yes" if question.required else "",
            "raadslag_concept": question.concept,
            "raadslag_origin": question.origin,
            **{f"{own.UNIT}_{each}": text for each, text in question.unit.by_language.items()},
        }
        if question.elaboration != Elaboration.NEVER:
            cells["raadslag_elaboration"] = question.elaboration
        if question.comparability != Comparability.MEANING:
            cells["raadslag_comparability"] = question.comparability
        if question.decimals:
            cells["raadslag_decimals"] = str(question.decimals)
        if counted or question.kind == "number":
            cells["constraint"] = bounds.write(question, counted=counted)
        else:
            limits = {"minimum": question.minimum, "maximum": question.maximum}
            cells |= {f"raadslag_{name}": f"{limit:f}" for name, limit in limits.items() if limit is not None}
        return cells

    def _elaboration(self, question: QuestionView) -> None:
        """A text beside the options is a question of its own in an XLSForm."""
        if not (
            question.has_elaboration and "elaboration" in registry.kind(question.kind).settings and question.options
        ):
            if question.elaboration != "never":
                self.fitting.lose(question.code, question.elaboration, _("A text beside options that are not there."))
            if question.elaboration_prompt:
                self.fitting.lose(
                    question.code, question.elaboration_prompt("nb"), _("A prompt for a text that is not asked for.")
                )
            return
        relevant, required = elaborated(question, self.names)
        mark = own.ELABORATION if question.elaboration_prompt else own.USUAL_ELABORATION
        label = question.elaboration_prompt or own.PLEASE_ELABORATE
        self._row(
            "text", self.names.elaborations[question.code], mark, relevant=relevant, required=required,
            appearance="multiline", **self._cells_of("label", question.code, label, fields=True),
        )  # fmt: skip

    def _roster(self, question: QuestionView, label: dict[str, str], relevant: str) -> None:
        """Education, row by row: a repeat with level, subject and year."""
        level, subject, year = self.names.rosters[question.code]
        options = self._list(question.code, question.options)
        self._row("begin_repeat", question.code, own.ROSTER_ROWS, relevant=relevant, **label)
        self._labelled(f"select_one {options}", level, question.kind, own.LEVEL, **self._cells(question))
        self._labelled("text", subject, own.ROSTER_PART, own.SUBJECT)
        self._labelled("integer", year, own.ROSTER_PART, own.YEAR)
        self._row("end_repeat", question.code)

    def _list(self, name: str, options: tuple[OptionView, ...]) -> str:
        """The name of the list with these options; questions with the same ones share it, as a grid asks for."""
        if options not in self.lists:
            self.lists[options] = f"list_{name}"
            self.choices += [self._choice(f"list_{name}", option) for option in options]
        return self.lists[options]

    def _choice(self, name: str, option: OptionView) -> dict[str, str]:
        label = option.label.by_language or {"nb": option.code}
        if not option.label:
            self._no_text(f"{name} › {option.code}")
        row = {
            "list_name": name,
            "name": option.code,
            **{f"label::{LANGUAGES[each]}": self._safe(name, text) for each, text in label.items()},
            "raadslag_meaning": option.meaning if option.meaning != Meaning.ANSWER else "",
            "raadslag_elaboration": option.elaboration,
            "raadslag_excludes": "yes" if option.excludes else "",
        }
        return {heading: cell for heading, cell in row.items() if cell}

    def _no_text(self, place: str) -> None:
        self.fitting.lose(place, "", _("It has no text yet; its code stands there instead."))

    def _name_losses(self, question: QuestionView) -> None:
        """What only we read back from the file: other programs have no place for it."""
        things: Sequence[tuple[object, str]] = (
            (question.unit, _("the unit “%(unit)s”") % {"unit": question.unit("nb")}),
            (question.decimals, _("the number of decimals")),
            (question.concept, _("the concept “%(title)s”") % {"title": self.draft.concept_in_words(question.concept)}),
            (question.origin, _("where it was taken from")),
            (any(each.meaning != Meaning.ANSWER for each in question.options), _("what some answers mean")),
            (
                question.kind not in ("number", "multiple_choice")
                and (question.minimum is not None or question.maximum is not None),
                _("how few or many there can be"),
            ),
        )
        if question.bands:
            self.fitting.lose(question.code, _("the bands it is counted in"), _("XLSForm has no place for them."))
        for present, name in things:
            if present:
                why = _("Other programs pass over it. Read here again, it is kept.")
                self.fitting.lose(question.code, name, why, is_kept=True)
