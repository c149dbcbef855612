"""The strict reader of our own format: a document, already parsed, becomes a draft, or is refused with the place.

Every other format's drafts pass through it too, so that what the database demands is demanded once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from modeltranslation.settings import AVAILABLE_LANGUAGES

from surveys.attachments.cleaning import Clean
from surveys.drafting import composing
from surveys.formats import conditions, enclosed
from surveys.formats.conditions import CONDITION_NAMES, MOST_CONDITIONS, MOST_OPTIONS
from surveys.formats.document import BadDocument, Node
from surveys.formats.protocol import Draft
from surveys.kinds import registry
from surveys.kinds.bands import MOST_BANDS, BadBands, BandView, check
from surveys.kinds.numerals import DAY_ZERO
from surveys.models import Comparability, Elaboration, Meaning, Role
from surveys.structure import (
    EditionView,
    FactView,
    FileView,
    OptionView,
    QuestionView,
    SectionView,
    Text,
)

__all__ = [
    "CONDITION_NAMES", "FORMAT", "MOST_CONDITIONS", "MOST_OPTIONS", "QUESTION_CODE", "SLUG", "VERSION", "BadDocument",
    "read",
]  # fmt: skip

FORMAT = "raadslag-questionnaire"
VERSION = 1
MOST_SECTIONS, MOST_QUESTIONS = 200, 500
# Pages that look at all of them must stay quick.
MOST_CONDITIONS_IN_ALL = 2000
MOST_FACTS, MOST_DECIMALS = 20, 4
SHORT, LONG = 200, 20_000
ROOT_NAMES = (
    "format", "version", "code", "role", "name", "title", "purpose", "minutes", "concepts", "facts", "sections",
    "files",
)  # fmt: skip
QUESTION_NAMES = (
    "code", "kind", "text", "help", "required", "elaboration", "prompt", "minimum", "maximum", "decimals", "unit",
    "concept", "comparability", "origin", "bands", "options", "conditions", "quotation", "source", "attachment",
    "alt", "caption",
)  # fmt: skip
SLUG = re.compile(r"[a-zA-Z0-9_-]+")
QUESTION_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def read(document: Any, files: Mapping[str, Clean] | None = None) -> Draft:
    """The draft that a document describes.

    Args:
        files: images and documents by digest, if they do not stand in the document itself.

    Raises:
        BadDocument: with the place and what is wrong there.
    """
    root = Node(document, "", ROOT_NAMES)
    root.choice("format", [FORMAT], FORMAT)
    if root.integer("version", 1, VERSION) != VERSION:
        root.refuse(_("must be %(version)d") % {"version": VERSION}, "version")
    code = _code(root, "code", 80, SLUG)
    role = root.choice("role", Role.values, Role.QUESTIONNAIRE.value)
    clean = enclosed.read(root) if files is None else files
    content = _edition(root, {name: enclosed.view(each) for name, each in clean.items()})
    name = Text(root.texts("name", SHORT, AVAILABLE_LANGUAGES) or content.title.by_language)
    shown = {each.digest: each for each in clean.values()}
    return Draft(code, content, role=role, name=name, concepts=_concepts(root), files=shown)


def content(document: Any, files: Mapping[str, FileView]) -> EditionView:
    """The content of a document that holds no files itself, with those it shows by digest.

    Raises:
        BadDocument: with the place and what is wrong there.
    """
    return _edition(Node(document, "", ROOT_NAMES), files)


def _edition(root: Node, files: Mapping[str, FileView]) -> EditionView:
    title = root.texts("title", SHORT, AVAILABLE_LANGUAGES)
    if not title:
        root.refuse(_("is missing"), "title")
    facts = tuple(root.items("facts", MOST_FACTS, _fact))
    if len({fact.name for fact in facts}) < len(facts):
        root.refuse(_("two facts have the same name"), "facts")
    seen = _Seen({}, {fact.name: fact for fact in facts}, files)
    sections = root.items("sections", MOST_SECTIONS, lambda number, value: _section(number, value, seen))
    if len(seen.questions) > MOST_QUESTIONS:
        root.refuse(_("has more than %(most)d questions") % {"most": MOST_QUESTIONS}, "sections")
    of_sections = sum(len(each.conditions) for each in sections)
    if of_sections + sum(len(each.conditions) for each in seen.questions.values()) > MOST_CONDITIONS_IN_ALL:
        root.refuse(_("has more than %(most)d conditions in all") % {"most": MOST_CONDITIONS_IN_ALL}, "sections")
    return EditionView(
        id=0,
        title=Text(title),
        purpose=Text(root.texts("purpose", LONG, AVAILABLE_LANGUAGES)),
        minutes=root.integer("minutes", 1),
        sections=tuple(sections),
        questions=seen.questions,
        facts=facts,
    )


@dataclass(frozen=True)
class _Seen:
    """What conditions further on can look at: the questions read so far, and the declared facts; and the files."""

    questions: dict[str, QuestionView]
    facts: dict[str, FactView]
    files: Mapping[str, FileView]


def _fact(number: int, value: Any) -> FactView:
    node = Node(value, _("fact %(number)d") % {"number": number}, ("name", "label", "values"))

    def fact_value(place: int, each: Any) -> tuple[str, Text]:
        inner = Node(each, node.place + " › " + _("value %(number)d") % {"number": place}, ("code", "label"))
        return _code(inner, "code", 60, SLUG), Text(inner.texts("label", SHORT, AVAILABLE_LANGUAGES))

    values = tuple(node.items("values", MOST_OPTIONS, fact_value))
    if len({code for code, _label in values}) < len(values):
        node.refuse(_("two values have the same code"), "values")
    return FactView(_code(node, "name", 40, SLUG), Text(node.texts("label", SHORT, AVAILABLE_LANGUAGES)), values)


def _section(number: int, value: Any, seen: _Seen) -> SectionView:
    node = Node(value, _("section %(number)d") % {"number": number}, ("title", "intro", "conditions", "questions"))
    # First the conditions: those of a section look at what comes before all of it.
    shown_when = conditions.read(node, seen.questions, seen.facts)

    def question(place: int, each: Any) -> QuestionView:
        read = _question(node.place + " › " + _("question %(number)d") % {"number": place}, each, seen)
        seen.questions[read.code] = read
        return read

    return SectionView(
        title=Text(node.texts("title", SHORT, AVAILABLE_LANGUAGES)),
        intro=Text(node.texts("intro", LONG, AVAILABLE_LANGUAGES)),
        questions=tuple(node.items("questions", MOST_QUESTIONS, question)),
        conditions=shown_when,
    )


def _question(place: str, value: Any, seen: _Seen) -> QuestionView:
    node = Node(value, place, QUESTION_NAMES)
    code = _code(node, "code", 20, QUESTION_CODE)
    node.place = f"{place} ({code})"
    if code in seen.questions:
        node.refuse(_("another question has this code"), "code")
    kind = node.choice("kind", registry.KINDS)
    options = tuple(node.items("options", MOST_OPTIONS, lambda number, each: _option(node, number, each)))
    if options and not registry.kind(kind).has_options:
        node.refuse(_("a question of this kind has no options"), "options")
    if len({option.code for option in options}) < len(options):
        node.refuse(_("two options have the same code"), "options")
    if "options" not in node.value:
        options = composing.first_options(registry.kind(kind))
    decimals = node.integer("decimals", 0) or 0
    if decimals > MOST_DECIMALS:
        node.refuse(_("must be at most %(most)d") % {"most": MOST_DECIMALS}, "decimals")
    minimum, maximum = node.decimal("minimum"), node.decimal("maximum")
    if minimum is not None and maximum is not None and minimum > maximum:
        node.refuse(_("must not be more than “maximum”"), "minimum")
    return QuestionView(
        id=0,
        code=code,
        kind=kind,
        text=Text(node.texts("text", LONG, AVAILABLE_LANGUAGES)),
        help=Text(node.texts("help", LONG, AVAILABLE_LANGUAGES)),
        required=node.boolean("required", default=False),
        elaboration=node.choice("elaboration", Elaboration.values, Elaboration.NEVER.value),
        elaboration_prompt=Text(node.texts("prompt", SHORT, AVAILABLE_LANGUAGES)),
        concept=_code(node, "concept", 60, SLUG) if "concept" in node.value else "",
        comparability=node.choice("comparability", Comparability.values, Comparability.MEANING.value),
        origin=node.string("origin", 110, ""),
        options=options,
        conditions=conditions.read(node, seen.questions, seen.facts),
        minimum=minimum,
        maximum=maximum,
        decimals=decimals,
        unit=Text(node.texts("unit", 40, AVAILABLE_LANGUAGES)),
        bands=_bands(node, kind, decimals),
        **_extras(node, kind, seen.files),
    )


def _bands(question: Node, kind: str, decimals: int) -> tuple[BandView, ...]:
    if "bands" in question.value and "bands" not in registry.kind(kind).settings:
        question.refuse(_("a question of this kind is not counted in bands"), "bands")

    def band(number: int, value: Any) -> BandView:
        node = Node(value, question.place + " › " + _("band %(number)d") % {"number": number}, ("from", "to"))
        if kind == "number":
            return BandView(node.decimal("from"), node.decimal("to"))
        days = [node.day(name) for name in ("from", "to")]
        lower, upper = (None if day is None else Decimal((day - DAY_ZERO).days) for day in days)
        return BandView(lower, upper)

    found = tuple(question.items("bands", MOST_BANDS, band))
    try:
        check(kind, found, decimals)
    except BadBands as bad:
        question.refuse(str(bad), "bands")
    return found


def _extras(node: Node, kind: str, files: Mapping[str, FileView]) -> dict[str, Any]:
    """What information shows below its text."""
    if "extras" not in registry.kind(kind).settings:
        for name in ("quotation", "source", "attachment", "alt", "caption"):
            if node.value.get(name):
                node.refuse(_("belongs only to information"), name)
        return {}
    name = node.string("attachment", 200, "")
    if name and name not in files:
        node.refuse(_("must name one of the document's files"), "attachment")
    return {
        "quotation": Text(node.texts("quotation", LONG, AVAILABLE_LANGUAGES)),
        "source": Text(node.texts("source", SHORT, AVAILABLE_LANGUAGES)),
        "attachment": files[name] if name else None,
        "alt": Text(node.texts("alt", 500, AVAILABLE_LANGUAGES)),
        "caption": Text(node.texts("caption", SHORT, AVAILABLE_LANGUAGES)),
    }


def _option(question: Node, number: int, value: Any) -> OptionView:
    place = question.place + " › " + _("option %(number)d") % {"number": number}
    node = Node(value, place, ("code", "label", "meaning", "elaboration", "excludes"))
    return OptionView(
        id=0,
        code=_code(node, "code", 30, SLUG),
        label=Text(node.texts("label", SHORT, AVAILABLE_LANGUAGES)),
        meaning=node.choice("meaning", Meaning.values, Meaning.ANSWER.value),
        elaboration=node.choice("elaboration", Elaboration.values, "") if "elaboration" in node.value else "",
        excludes=node.boolean("excludes", default=False),
    )


def _concepts(root: Node) -> dict[str, str | Text]:
    """The titles by code: a title alone, or a text for each language."""
    given = root.value.get("concepts", {})
    node = Node(given, _("concepts"), given if isinstance(given, dict) else ())
    if len(node.value) > MOST_QUESTIONS:
        node.refuse(_("has more than %(most)d entries") % {"most": MOST_QUESTIONS})
    for code in node.value:
        if not SLUG.fullmatch(code) or len(code) > 60:
            node.refuse(_("must be letters, digits, hyphens and underscores"), code[:60])
    return {
        code: Text(node.texts(code, SHORT, AVAILABLE_LANGUAGES))
        if isinstance(title, dict)
        else node.string(code, SHORT)
        for code, title in node.value.items()
    }


def _code(node: Node, name: str, longest: int, form: re.Pattern[str]) -> str:
    code = node.string(name, longest)
    if not form.fullmatch(code):
        complaint = (
            _("must start with a letter and hold letters, digits and underscores only")
            if form is QUESTION_CODE
            else _("must be letters, digits, hyphens and underscores")
        )
        node.refuse(complaint, name)
    return code
