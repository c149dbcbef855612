"""A questionnaire as a JSON document: our own format, without loss in either direction.

Documented for people in docs/questionnaire-format.md. A text is an object {language: text}; a condition
names its question and option by code; what is empty may be left out.
"""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from modeltranslation.settings import AVAILABLE_LANGUAGES

from surveys import authoring, composing, structure
from surveys.formats.document import BadDocument, Node, parse
from surveys.kinds import registry
from surveys.models import Concept, Edition, Elaboration, Meaning, Operator, Questionnaire
from surveys.structure import ConditionView, EditionView, OptionView, QuestionView, SectionView, Text

__all__ = ["BadDocument", "dump", "load"]

FORMAT = "raadslag-questionnaire"
VERSION = 1
MOST_SECTIONS, MOST_QUESTIONS, MOST_OPTIONS, MOST_CONDITIONS = 200, 500, 200, 50
SHORT, LONG = 200, 20_000
QUESTION_NAMES = (
    "code", "kind", "text", "help", "required", "elaboration", "prompt", "concept", "options", "conditions"
)  # fmt: skip
SLUG = re.compile(r"[a-zA-Z0-9_-]+")
QUESTION_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def load(document: dict[str, Any] | str | bytes) -> Questionnaire:
    """Make the draft of the questionnaire named in the document hold what the document says.

    The questionnaire is created if there is none with its code; a draft that lies there is replaced;
    published editions are untouched. All of it happens, or nothing.

    Raises:
        BadDocument: with the place and what is wrong there.
    """
    root = Node(
        document if isinstance(document, dict) else parse(document),
        "",
        ("format", "version", "code", "name", "title", "purpose", "minutes", "concepts", "sections"),
    )
    root.choice("format", [FORMAT], FORMAT)
    if root.integer("version", 1, VERSION) != VERSION:
        root.refuse(_("must be %(version)d") % {"version": VERSION}, "version")
    code = _code(root, "code", 80, SLUG)
    content = _edition(root)
    name = root.texts("name", SHORT, AVAILABLE_LANGUAGES) or content.title.by_language
    concepts = _concepts(root)
    with transaction.atomic():
        questionnaire, _created = Questionnaire.objects.get_or_create(code=code)
        Questionnaire.objects.filter(pk=questionnaire.pk).update(
            **{f"title_{language}": name.get(language, "") for language in AVAILABLE_LANGUAGES}
        )
        composing.keep_concepts(concepts)
        authoring.replace_draft(questionnaire, content)
    questionnaire.refresh_from_db()
    return questionnaire


def dump(edition: Edition) -> dict[str, Any]:
    """The document that says everything an edition holds; `load` of it makes an equal draft."""
    view = structure.read(edition)
    name = {
        language: text
        for language in AVAILABLE_LANGUAGES
        if (text := getattr(edition.questionnaire, f"title_{language}"))
    }
    codes = {question.concept for question in view.questions.values() if question.concept}
    concepts = Concept.objects.filter(code__in=codes).order_by("code")
    return _without_empty(
        {
            "format": FORMAT,
            "version": VERSION,
            "code": edition.questionnaire.code,
            "name": name if name != view.title.by_language else {},
            "title": view.title.by_language,
            "purpose": view.purpose.by_language,
            "minutes": view.minutes,
            "concepts": {concept.code: concept.title for concept in concepts},
        }
    ) | {"sections": [_dump_section(section) for section in view.sections]}


def _edition(root: Node) -> EditionView:
    title = root.texts("title", SHORT, AVAILABLE_LANGUAGES)
    if not title:
        root.refuse(_("is missing"), "title")
    seen: dict[str, QuestionView] = {}
    sections = root.items("sections", MOST_SECTIONS, lambda number, value: _section(number, value, seen))
    if len(seen) > MOST_QUESTIONS:
        root.refuse(_("has more than %(most)d questions") % {"most": MOST_QUESTIONS}, "sections")
    return EditionView(
        id=0,
        title=Text(title),
        purpose=Text(root.texts("purpose", LONG, AVAILABLE_LANGUAGES)),
        minutes=root.integer("minutes", 1),
        sections=tuple(sections),
        questions=seen,
    )


def _section(number: int, value: Any, seen: dict[str, QuestionView]) -> SectionView:
    node = Node(value, _("section %(number)d") % {"number": number}, ("title", "intro", "questions"))

    def question(place: int, each: Any) -> QuestionView:
        read = _question(f"{node.place} › {_('question %(number)d') % {'number': place}}", each, seen)
        seen[read.code] = read
        return read

    return SectionView(
        title=Text(node.texts("title", SHORT, AVAILABLE_LANGUAGES)),
        intro=Text(node.texts("intro", LONG, AVAILABLE_LANGUAGES)),
        questions=tuple(node.items("questions", MOST_QUESTIONS, question)),
    )


def _question(place: str, value: Any, seen: dict[str, QuestionView]) -> QuestionView:
    node = Node(value, place, QUESTION_NAMES)
    code = _code(node, "code", 20, QUESTION_CODE)
    node.place = f"{place} ({code})"
    if code in seen:
        node.refuse(_("another question has this code"), "code")
    kind = node.choice("kind", registry.KINDS)
    options = tuple(node.items("options", MOST_OPTIONS, lambda number, each: _option(node, number, each)))
    if options and not registry.kind(kind).has_options:
        node.refuse(_("a question of this kind has no options"), "options")
    if len({option.code for option in options}) < len(options):
        node.refuse(_("two options have the same code"), "options")
    if kind == "yes_no" and "options" not in node.value:
        options = composing.YES_NO
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
        options=options,
        conditions=tuple(
            node.items("conditions", MOST_CONDITIONS, lambda number, each: _condition(node, number, each, seen))
        ),
    )


def _option(question: Node, number: int, value: Any) -> OptionView:
    place = f"{question.place} › {_('option %(number)d') % {'number': number}}"
    node = Node(value, place, ("code", "label", "meaning"))
    return OptionView(
        id=0,
        code=_code(node, "code", 30, SLUG),
        label=Text(node.texts("label", SHORT, AVAILABLE_LANGUAGES)),
        meaning=node.choice("meaning", Meaning.values, Meaning.ANSWER.value),
    )


def _condition(question: Node, number: int, value: Any, seen: dict[str, QuestionView]) -> ConditionView:
    place = f"{question.place} › {_('condition %(number)d') % {'number': number}}"
    node = Node(value, place, ("group", "source", "operator", "option"))
    source = seen.get(node.string("source", 20))
    if source is None or not registry.kind(source.kind).is_asked:
        node.refuse(_("must name a question that is asked earlier"), "source")
    operator = node.choice("operator", Operator.values, Operator.IS.value)
    option = node.string("option", 30, "") or None
    offered = [each.code for each in source.options]
    if operator == Operator.ANSWERED and option is not None:
        node.refuse(_("belongs only to “is” and “is_not”"), "option")
    if operator != Operator.ANSWERED and not offered:
        node.refuse(_("must be “answered”: the question has no options"), "operator")
    if operator != Operator.ANSWERED and option not in offered:
        node.refuse(_("must be one of: %(words)s") % {"words": ", ".join(offered)}, "option")
    return ConditionView(node.integer("group", 1, 1) or 1, source.code, operator, option)


def _concepts(root: Node) -> dict[str, str]:
    given = root.value.get("concepts", {})
    node = Node(given, _("concepts"), given if isinstance(given, dict) else ())
    for code in node.value:
        if not SLUG.fullmatch(code) or len(code) > 60:
            node.refuse(_("must be letters, digits, hyphens and underscores"), code[:60])
    return {code: node.string(code, SHORT) for code in node.value}


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


def _dump_section(section: SectionView) -> dict[str, Any]:
    texts = _without_empty({"title": section.title.by_language, "intro": section.intro.by_language})
    return texts | {"questions": [_dump_question(question) for question in section.questions]}


def _dump_question(question: QuestionView) -> dict[str, Any]:
    document = _without_empty(
        {
            "code": question.code,
            "kind": question.kind,
            "text": question.text.by_language,
            "help": question.help.by_language,
            "required": question.required or None,
            "elaboration": question.elaboration if question.elaboration != Elaboration.NEVER else None,
            "prompt": question.elaboration_prompt.by_language,
            "concept": question.concept,
        }
    )
    if registry.kind(question.kind).has_options:
        document["options"] = [_dump_option(option) for option in question.options]
    if question.conditions:
        document["conditions"] = [_dump_condition(condition) for condition in question.conditions]
    return document


def _dump_option(option: OptionView) -> dict[str, Any]:
    meaning = option.meaning if option.meaning != Meaning.ANSWER else None
    return _without_empty({"code": option.code, "label": option.label.by_language, "meaning": meaning})


def _dump_condition(condition: ConditionView) -> dict[str, Any]:
    group = condition.group if condition.group != 1 else None
    return _without_empty(
        {
            "group": group,
            "source": condition.source,
            "operator": condition.operator,
            "option": condition.option,
        }
    )


def _without_empty(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value not in (None, "", {})}
