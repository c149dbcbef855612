"""Questions that share a concept, asked in different ways."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from surveys.rules.base import Hit, Shared, Subject
from surveys.structure import QuestionView

# From here on two texts are so alike that the difference looks like an accident.
ALIKE = 0.85


def different_wording(subject: Subject) -> Iterator[Hit]:
    """A question claims to be comparable with another that is worded or answered differently."""
    here = [question for question, _kind in subject.asked() if question.concept]
    for number, question in enumerate(here):
        others = [Shared("", earlier) for earlier in here[:number]] + list(subject.shared)
        for other in others:
            if other.question.concept == question.concept and (hit := _differs(subject, question, other)):
                yield hit
                break


def _differs(subject: Subject, question: QuestionView, other: Shared) -> Hit | None:
    if "theme" in (question.comparability, other.question.comparability):
        return None
    name = f"{other.place} {other.question.code}".strip()
    if not _answered_alike(question, other.question):
        hit = Hit(question, detail=_("%(other)s about the same has other answers to choose between.") % {"other": name})
        return next((hit.marked(*written) for written in subject.written(question.text)), hit)
    for language, text in subject.written(question.text):
        theirs = other.question.text.by_language.get(language, "").strip()
        if not theirs or theirs == text:
            continue
        if question.comparability == "wording" or SequenceMatcher(None, text, theirs).ratio() >= ALIKE:
            hit = Hit(question, detail=_("%(other)s asks: “%(text)s”") % {"other": name, "text": theirs})
            return hit.marked(language, text, *_difference(text, theirs))
    return None


def _answered_alike(one: QuestionView, other: QuestionView) -> bool:
    """Whether answers can be counted together: the same kind, and the same options but for "don't know"."""

    def answers(question: QuestionView) -> set[str]:
        return {option.code for option in question.options if option.meaning == "answer"}

    return one.kind == other.kind and answers(one) == answers(other)


def _difference(text: str, other: str) -> tuple[int, int]:
    """Where a text differs from another: from the first place to the last."""
    blocks = [block for block in SequenceMatcher(None, text, other).get_opcodes() if block[0] != "equal"]
    start, end = blocks[0][1], blocks[-1][2]
    return (start, end) if end > start else (0, len(text))
