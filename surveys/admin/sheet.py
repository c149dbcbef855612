"""What is opened at the builder's page to be written in: one question, one section, or the title page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BooleanField
from django.template.defaultfilters import truncatechars
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from surveys import structure
from surveys.admin.board import Board, Language, QuestionRow, marks
from surveys.admin.deciders import decided, deciders
from surveys.admin.elsewhere import Elsewhere, elsewhere
from surveys.admin.inserting import PIPED, insertable
from surveys.attachments import attaching
from surveys.drafting import banding, deciding, scaling, versioning
from surveys.drafting.building import Row, place_of
from surveys.kinds import registry
from surveys.kinds.bands import LONGEST_WRITTEN
from surveys.models import (
    Attachment,
    Concept,
    Edition,
    EditionFact,
    EditionFactValue,
    Elaboration,
    Meaning,
    Option,
    Question,
    Section,
)
from surveys.structure import FileView
from surveys.texts.wording import LANGUAGES
from surveys.web import files

FIRST, *OTHERS = LANGUAGES
# Whose explanation is shown as well.
HELPED = frozenset({f"purpose_{FIRST}", f"unit_{FIRST}", f"alt_{FIRST}"})
# Kinds that are what they are by their answers: nobody wants a scale there.
OWN_ANSWERS = frozenset({"yes_no", "statement"})
ROWS = {"text": 3, "purpose": 8, "intro": 3, "help": 2, "quotation": 3, "alt": 2}


@dataclass(frozen=True)
class Control:
    """One field to write in: what it is called, what stands in it, and the mark of that."""

    place: str
    name: str
    label: str
    value: str
    shape: str
    mark: str
    help: str = ""
    lang: str = ""
    rows: int = 0
    longest: int | None = None
    # Whether a field such as {Q1} is filled in there.
    is_piped: bool = False
    choices: list[tuple[str, str]] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Unique on the page."""
        return f"{self.place}-{self.name}"


@dataclass(frozen=True)
class OptionSheet:
    """One answer to choose."""

    place: str
    number: int
    label: Control
    settings: list[Control]
    others: list[Control]


@dataclass(frozen=True)
class Shown:
    """The image or document of a block: what it is, where it can be seen, and the mark of which it is."""

    mark: str
    file: FileView | None = None
    address: str = ""
    texts: list[Control] = field(default_factory=list)


@dataclass(frozen=True)
class Sheet:
    """Everything that can be written in one part."""

    place: str
    title: str
    first: list[Control]
    settings: list[Control] = field(default_factory=list)
    about: list[Control] = field(default_factory=list)
    others: list[tuple[Language, list[Control]]] = field(default_factory=list)
    options: list[OptionSheet] = field(default_factory=list)
    has_options: bool = False
    answers: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    conditions: dict[str, Any] | None = None
    insertable: list[tuple[str, str]] = field(default_factory=list)
    section_id: int | None = None
    movable: list[QuestionRow] = field(default_factory=list)
    asked_elsewhere: list[Elsewhere] = field(default_factory=list)
    shown: Shown | None = None

    @property
    def other_languages(self) -> list[str]:
        """All but the first."""
        return OTHERS

    @property
    def number(self) -> str:
        """Its id."""
        return self.place.partition("-")[2]

    @property
    def is_part(self) -> bool:
        """Whether it can be duplicated and deleted: not the title page."""
        return not self.place.startswith("edition-")

    @property
    def wants_bands(self) -> bool:
        """Whether bands could be suggested: there can be some, and are none."""
        return any(each.name == "bands" and not each.value for each in self.settings)

    @property
    def is_section(self) -> bool:
        """Whether questions go with it when it is deleted."""
        return self.place.startswith("section-")

    @property
    def shape(self) -> str:
        """A mark of which fields there are: the same fields in the same order have the same shape."""
        can_decide = bool(self.conditions and self.conditions["sources"])
        ids = [each.id for each in (*self.first, *self.settings, *self.about)]
        folded = [each.id for each in self.movable]
        shown = self.shown.mark if self.shown else ""
        marks = (self.has_options, can_decide, bool(self.insertable), self.wants_bands, shown, *folded)
        return versioning.mark(*ids, *(each.place for each in self.options), *marks)


def sheet(row: Row, board: Board) -> Sheet:
    """What is opened for a title page, a section or a question."""
    if isinstance(row, Edition):
        return _with_languages(row, ("title", "purpose"), _("Title page"), first=[_control(row, "minutes", "number")])
    if isinstance(row, Section):
        return _with_languages(
            row,
            ("title", "intro"),
            row.title or _("Section"),
            conditions=_conditions(row, board),
            insertable=insertable(row, board, get_language() or FIRST),
            movable=[question for part in board.sections if part.id != row.pk for question in part.questions],
        )
    if isinstance(row, Question):
        return _question(row, board)
    raise TypeError(row)


def fact_words(draft: Edition) -> list[tuple[str, list[Control]]]:
    """The words of the background facts that a draft looks at, in each language: (the fact, its fields)."""
    facts = EditionFact.objects.filter(edition=draft).prefetch_related("values")
    return [(str(fact), [control for row in (fact, *fact.values.all()) for control in _labels(row)]) for fact in facts]


def _labels(row: Any) -> list[Control]:
    return [_control(row, f"label_{language}", "line", label=_called(row)) for language in LANGUAGES]


def _called(row: EditionFact | EditionFactValue) -> str:
    return _("What it is called") if isinstance(row, EditionFact) else str(row)


def _question(question: Question, board: Board) -> Sheet:
    kind = registry.KINDS.get(question.kind)
    settings = kind.settings if kind else frozenset[str]()
    has_options = bool(kind and kind.has_options)
    options = list(question.options.order_by("position", "pk")) if has_options else []
    texts = ["text", "help"]
    controls: list[Control] = []
    if kind is None or kind.is_asked:
        controls.append(_control(question, "required", "tick"))
    if "elaboration" in settings:
        controls.append(
            _control(question, "elaboration", "choice", label=_("A text beside the answers"), choices=_elaborations())
        )
        if question.elaboration != Elaboration.NEVER or any(option.elaboration for option in options):
            texts.append("elaboration_prompt")
    if "bounds" in settings:
        smallest, largest = _bounds(question.kind)
        controls += [
            _control(question, "minimum", "number", label=smallest),
            _control(question, "maximum", "number", label=largest),
        ]
    if "decimals" in settings:
        controls.append(_control(question, "decimals", "number"))
    if "bands" in settings:
        controls.append(_bands(question))
    if "unit" in settings:
        texts.append("unit")
    shown = _shown(question) if "extras" in settings else None
    if shown:
        # Help is not shown beside information; what an import has brought can be taken out.
        texts = ["text", *(["help"] if structure.texts(question, "help") else []), "quotation", "source"]
    return _with_languages(
        question,
        tuple(texts),
        question.code,
        first=[
            _control(question, "code", "line"),
            _control(question, "kind", "choice", choices=registry.choices()),
        ],
        settings=controls,
        about=_about(question) if kind is None or kind.is_asked else [],
        options=[_option(option, number, settings) for number, option in enumerate(options, start=1)],
        has_options=has_options,
        answers=_answers(question) if has_options and question.kind not in OWN_ANSWERS else [],
        conditions=_conditions(question, board),
        insertable=insertable(question, board, get_language() or FIRST),
        section_id=question.section_id,
        asked_elsewhere=elsewhere(question, get_language() or FIRST),
        shown=shown,
        below=_below(shown.file) if shown else {},
    )


def _bands(question: Question) -> Control:
    return Control(
        place=place_of(question),
        name="bands",
        label=_("Counted in bands"),
        value=banding.written(question),
        shape="line",
        mark=banding.mark_of(question),
        help=_(
            "How answers are counted in the results, such as: %(example)s. Without, they only say how many answered."
        )
        % {"example": _("0–1, 2–4, 5 or more") if question.kind == "number" else _("2014 or earlier, 2015 or later")},
        longest=LONGEST_WRITTEN,
    )


def _shown(question: Question) -> Shown:
    row = Attachment.objects.defer("content", "small").filter(pk=question.attachment_id).first()
    if row is None:
        return Shown(attaching.mark(question))
    file = structure.file_view(row)
    texts = [_text(question, name, FIRST, label) for name, label in _below(file).items()]
    return Shown(attaching.mark(question), file, files.address(file), texts)


def _below(file: FileView | None) -> dict[str, str]:
    """The texts that go with an image or document and stand below it, and what they are called if not as usual."""
    if file is None:
        return {}
    # A document is nothing to look at: what stands with it is its title.
    return {"alt": "", "caption": ""} if file.is_image else {"caption": _("Title of the document")}


def _bounds(kind: str) -> tuple[str, str]:
    """What the bounds of a kind are called."""
    names = {
        "number": (_("Smallest number"), _("Largest number")),
        "multiple_choice": (_("Fewest to choose"), _("Most to choose")),
        "ranking": (_("Fewest to rank"), _("Most to rank")),
        "roster": (_("Fewest rows"), _("Most rows")),
    }
    return names.get(kind, (_("At least"), _("At most")))


def _about(question: Question) -> list[Control]:
    concepts = [(str(concept.pk), str(concept)) for concept in Concept.objects.order_by("code")]
    found = [_control(question, "concept", "choice", choices=[("", _("– none –")), *concepts])]
    if question.concept_id is not None:
        choices = [(str(value), str(label)) for value, label in _choices(question, "comparability")]
        found.append(_control(question, "comparability", "choice", choices=choices))
    return found


def _option(option: Option, number: int, settings: frozenset[str]) -> OptionSheet:
    controls = [
        _control(option, "meaning", "choice", choices=[(each.value, str(each.label)) for each in Meaning]),
    ]
    if "elaboration" in settings:
        choices = [("", _("as for the question")), *_elaborations()]
        name = _("A text beside this answer")
        controls.append(_control(option, "elaboration", "choice", label=name, choices=choices))
    if "excludes" in settings:
        controls.append(_control(option, "excludes", "tick"))
    controls.append(_control(option, "code", "line", label=_("Short name in tables")))
    name = _("Answer %(number)d") % {"number": number}
    return OptionSheet(
        place=place_of(option),
        number=number,
        label=_control(option, f"label_{FIRST}", "line", label=name),
        settings=controls,
        others=[_control(option, f"label_{language}", "line", label=name) for language in OTHERS],
    )


def _answers(question: Question) -> list[tuple[str, list[tuple[str, str]]]]:
    """The sets of answers that can be taken instead, in groups: (what the group is called, [(source, name)])."""
    language = get_language() or FIRST
    groups = [(_("Ready scales"), scaling.ready()), (_("As in this questionnaire"), scaling.elsewhere(question))]
    return [
        (name, [(each.source, truncatechars(each.name(language), 80)) for each in sets])
        for name, sets in groups
        if sets
    ]


def _with_languages(row: Row, texts: Sequence[str], title: str, **rest: Any) -> Sheet:
    """The texts in bokmål first; in each other language on its own, with how complete it is."""
    before, below = rest.pop("first", []), rest.pop("below", {})
    first = [*before, *(_text(row, name, FIRST) for name in texts)]
    if isinstance(row, Edition):
        first = [*first[1:], first[0]]
    options = rest.get("options", [])
    # What stands below comes with the others in the other languages.
    texts = (*texts, *below)
    read = [structure.texts(row, name) for name in texts]
    is_silent = isinstance(row, Question) and not any(read)
    read += [
        structure.Text({each.lang: each.value for each in (one.label, *one.others) if each.value}) for one in options
    ]
    states = {each.code: each for each in marks(read, is_silent=is_silent)}
    others = [
        (
            states[language],
            [
                *(_text(row, name, language, below.get(name, "")) for name in texts),
                *(each for one in options for each in one.others if each.lang == language),
            ],
        )
        for language in OTHERS
    ]
    return Sheet(place=place_of(row), title=title, first=first, others=others, **rest)


def _text(row: Row, name: str, language: str, label: str = "") -> Control:
    shape = "area" if name in ROWS else "line"
    is_piped = name in PIPED and not isinstance(row, Edition)
    return _control(row, f"{name}_{language}", shape, rows=ROWS.get(name, 0), label=label, is_piped=is_piped)


def _control(row: Row, name: str, shape: str, **rest: Any) -> Control:
    model_field: Any = row._meta.get_field(name)
    original = getattr(model_field, "translated_field", model_field)
    value = getattr(row, f"{name}_id") if name == "concept" else getattr(row, name)
    plain = versioning.plain(value)
    language = getattr(model_field, "language", "")
    label = rest.pop("label", "") or str(capfirst(original.verbose_name))
    is_tick = isinstance(model_field, BooleanField)
    return Control(
        place=place_of(row),
        name=name,
        label=label,
        value=plain,
        shape="tick" if is_tick else shape,
        mark=versioning.mark(plain),
        help=str(original.help_text) if name in HELPED else "",
        lang=language,
        longest=getattr(model_field, "max_length", None),
        **rest,
    )


def _conditions(target: Question | Section, board: Board) -> dict[str, Any]:
    rows, sources = decided(target), deciders(target, board, get_language() or FIRST)
    return {
        "mark": deciding.mark_of(target),
        "rows": rows,
        "sources": sources,
        "json_rows": json.dumps(rows, ensure_ascii=False),
        "json_sources": json.dumps(sources, ensure_ascii=False),
    }


def _elaborations() -> list[tuple[str, str]]:
    return [(each.value, str(each.label)) for each in Elaboration]


def _choices(row: Row, name: str) -> list[tuple[Any, Any]]:
    model_field: Any = row._meta.get_field(name)
    return list(model_field.choices or ())
