"""What a rule gets, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from django.utils.functional import Promise

from surveys.kinds import registry
from surveys.kinds.base import Kind
from surveys.structure import EditionView, QuestionView, Text

# The languages whose words the rules know, in the order in which a finding is shown.
LANGUAGES = ("nb", "nn", "en")


@dataclass(frozen=True)
class Shared:
    """A question elsewhere that shares a concept: where it stands, and how it is asked."""

    place: str
    question: QuestionView


@dataclass(frozen=True)
class Subject:
    """What is judged.

    Args:
        languages: those whose words are looked at.
        shared: questions of other questionnaires, or of earlier editions of this one, that share a concept.
    """

    view: EditionView
    languages: tuple[str, ...] = LANGUAGES
    shared: tuple[Shared, ...] = ()

    def written(self, text: Text) -> Iterator[tuple[str, str]]:
        """(language, text) for each language that is looked at and has one."""
        for language in self.languages:
            if found := text.by_language.get(language, "").strip():
                yield language, found

    def asked(self) -> Iterator[tuple[QuestionView, Kind]]:
        """The questions that people answer, with their kinds, in order."""
        for section in self.view.sections:
            for question in section.questions:
                kind = registry.KINDS.get(question.kind)
                if kind is not None and kind.is_asked:
                    yield question, kind


@dataclass(frozen=True)
class Hit:
    """Something a rule found.

    Args:
        question: the question it is about; None for the title page, a section or the whole.
        section: the number of the section it stands in, from 1; 0 for the title page and the whole.
        language: of `text`; empty where no words are to blame.
        text: the words in which it was found, with the offending span from `start` to `end`.
        detail: what else there is to say about this one, in the reader's language.
        repair: the name of the repair that one press makes (`surveys.repairing`); empty if there is none.
    """

    question: QuestionView | None = None
    section: int = 0
    language: str = ""
    text: str = ""
    start: int = 0
    end: int = 0
    detail: str = ""
    repair: str = ""

    def marked(self, language: str, text: str, start: int = 0, end: int | None = None) -> Hit:
        """The same, with words marked: all of the text unless told otherwise."""
        return replace(self, language=language, text=text, start=start, end=len(text) if end is None else end)


@dataclass(frozen=True)
class Rule:
    """A rule: its code, what it is called, why the weakness matters, how to repair it, and how it is found.

    Args:
        of_whole: whether it judges a questionnaire as one, with its first page; a bank of questions has none.
    """

    code: str
    title: str | Promise
    why: str | Promise
    advice: str | Promise
    find: Callable[[Subject], Iterator[Hit]]
    of_whole: bool = False
