"""Piping: earlier answers and background facts put into later texts, by name and nothing more.

`{B2}` in a text stands for what B2 was answered with, `{role}` for a background fact; `{B2|your answer}` says what
stands there instead when there is nothing to put in. It is a substitution of our own, never a template engine: a
name is a name, and what is put in is escaped.

Pages are kept in memory as they are for anyone. There a field is a *mark*; what it stands for is put in when the
page leaves for one person, and is never kept.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _

from surveys.kinds import registry
from surveys.kinds.base import Answer
from surveys.structure import FACT, EditionView, QuestionView, Text

FIELD = re.compile(r"\{([A-Za-z][A-Za-z0-9_-]*)(?:\|([^{}|\n]*))?\}")
# What looks like a field and is none: other braces, and one that is never closed.
BROKEN = re.compile(r"\{[^{}]*\}|\{(?=[A-Za-z][A-Za-z0-9_-]*(?:[|\s.,?!]|$))")
NOTHING = "…"
LONGEST_PIPED = 200
# Rows of education are no words for a sentence.
UNPIPED = frozenset({"roster"})
# Random, so that neither a questionnaire nor an answer can hold a mark; of letters that Markdown leaves alone.
_MARK = secrets.token_hex(16)
# Within a tag (the address of a link) nothing is put in: there it could do something.
_MARKS = re.compile(rf"<[^<>]*{_MARK}[^<>]*>|{_MARK}-([0-9a-f]+)-([0-9a-f]*)-")
_ANY_MARK = re.compile(rf"{_MARK}-[0-9a-f]+-[0-9a-f]*-")


@dataclass(frozen=True)
class Told:
    """What fields stand for, to one person in one language.

    Args:
        answers: of questions that are asked (`routing.prune`), and the background the edition looks at.
    """

    edition: EditionView
    answers: Mapping[str, Answer]
    language: str

    def say(self, name: str) -> str:
        """What a field stands for, as plain text; empty if there is nothing to say."""
        question = self.edition.questions.get(name)
        if question is not None:
            return self._answer(question, self.answers.get(name, {}))
        value = self.answers.get(f"{FACT}{name}", {}).get("option")
        fact = next((fact for fact in self.edition.facts if fact.name == name), None)
        return next((label(self.language) for code, label in fact.values if code == value), "") if fact else ""

    def _answer(self, question: QuestionView, answer: Answer) -> str:
        kind = registry.KINDS.get(question.kind)
        if kind is None or not kind.is_asked or question.kind in UNPIPED or not answer:
            return ""
        if not kind.has_options and kind.has_text:
            text = " ".join(answer.get("text", "").split())
            return text if len(text) <= LONGEST_PIPED else ""
        meant = {option.code for option in question.options if option.meaning in ("dont_know", "not_applicable")}
        if meant & {answer.get("option"), *answer.get("options", ())}:
            return ""
        with translation.override(self.language):
            shown = kind.shown(question, answer)
        return ", ".join(part(self.language) if isinstance(part, Text) else part for part in shown)


def marked(text: Text) -> Text:
    """The text with marks for its fields, ready to be rendered for anyone."""
    return _marked(text) if any("{" in each for each in text.by_language.values()) else text


@lru_cache(maxsize=2048)
def _marked(text: Text) -> Text:
    return Text({language: FIELD.sub(_mark, each) for language, each in text.by_language.items()})


def _mark(field: re.Match[str]) -> str:
    name, instead = field[1].encode().hex(), (field[2] or "").encode().hex()
    return f"{_MARK}-{name}-{instead}-"


def has_fields(page: str) -> bool:
    """Whether a rendered page has marks."""
    return _MARK in page


def filled(page: str, told: Told) -> str:
    """A rendered page with its marks replaced by what they stand for to one person, escaped."""

    def put(found: re.Match[str]) -> str:
        if found[1] is None:
            return _ANY_MARK.sub("", found[0])
        name, instead = (bytes.fromhex(part).decode() for part in found.groups(default=""))
        return escape(told.say(name) or instead or NOTHING)

    return _MARKS.sub(put, page)


def plain(text: Text) -> Text:
    """The text as it stands on paper, where nothing is known: with what is said instead of each field."""
    return Text(
        {language: FIELD.sub(lambda field: field[2] or NOTHING, each) for language, each in text.by_language.items()}
    )


def can_be_said(question: QuestionView) -> bool:
    """Whether its answer is something that can be put into a text."""
    kind = registry.KINDS.get(question.kind)
    return kind is not None and kind.is_asked and question.kind not in UNPIPED


def names(question: QuestionView) -> frozenset[str]:
    """What the texts of a question name: questions and background facts."""
    return frozenset(name for text in _texts(question) for name in _names(text))


def _texts(question: QuestionView) -> tuple[Text, ...]:
    return question.text, question.help, question.elaboration_prompt, question.quotation, question.caption


def fields_in(text: str) -> list[str]:
    """The names that a text has a field for, in order, each once."""
    return list(dict.fromkeys(field[1] for field in FIELD.finditer(text)))


def broken_in(text: str) -> list[str]:
    """What looks like a field in a text and is none."""
    return [found[0] for found in BROKEN.finditer(FIELD.sub("", text))]


def names_in(text: Text) -> frozenset[str]:
    """What a text names, in any language."""
    return frozenset(_names(text))


def _names(text: Text) -> Iterator[str]:
    for each in text.by_language.values():
        if "{" in each:
            yield from (field[1] for field in FIELD.finditer(each))


def faults(edition: EditionView) -> list[str]:
    """Fields that would not say anything, one sentence each, in the order of the questionnaire."""
    earlier: set[str] = set()
    found = []
    for number, section in enumerate(edition.sections, start=1):
        place = _("section %(number)d") % {"number": number}
        found += _faults(edition, section.intro, place, earlier)
        found += _misplaced(edition, section.title, place, earlier)
        for question in section.questions:
            for text in _texts(question):
                found += _faults(edition, text, question.code, earlier)
            # A text in place of an image stands in a tag, where nothing is put in; a source is as it is.
            for text in (question.alt, question.source):
                found += _misplaced(edition, text, question.code, earlier)
            for option in question.options:
                found += _misplaced(edition, option.label, question.code, earlier)
            earlier.add(question.code)
    return list(dict.fromkeys(found))


def _faults(edition: EditionView, text: Text, place: str, earlier: set[str]) -> list[str]:
    found = [
        fault % {"place": place, "field": name} for name in _names(text) if (fault := _fault(edition, name, earlier))
    ]
    for each in text.by_language.values():
        rest = FIELD.sub("", each)
        found += [
            _("%(place)s: “%(field)s” in the text is not a field that can be filled in.")
            % {"place": place, "field": broken[0]}
            for broken in BROKEN.finditer(rest)
        ]
    return found


def _fault(edition: EditionView, name: str, earlier: set[str]) -> str:
    question = edition.questions.get(name)
    if question is None:
        if any(fact.name == name for fact in edition.facts):
            return ""
        return _("%(place)s names {%(field)s} in its text, but there is no such question or background fact.")
    if not can_be_said(question):
        return _("%(place)s names {%(field)s} in its text, but its answer is nothing that can be put into a text.")
    if name not in earlier:
        return _("%(place)s names {%(field)s} in its text, but that is not asked before it.")
    return ""


def _misplaced(edition: EditionView, text: Text, place: str, earlier: set[str]) -> list[str]:
    """Titles and options are the same for all: a field in one of them would stand there as it is."""
    known = earlier | {fact.name for fact in edition.facts}
    return [
        _("%(place)s has the field {%(field)s} in a title or an answer, where nothing is filled in.")
        % {"place": place, "field": name}
        for name in _names(text)
        if name in known
    ]
