"""How other questionnaires ask about what a question asks about, as the builder shows it beside the question."""

from __future__ import annotations

from dataclasses import dataclass

from surveys import structure
from surveys.models import Comparability, Question
from surveys.texts import aligning
from surveys.texts.differing import Piece, difference

MOST_ELSEWHERE = 5


@dataclass(frozen=True)
class Elsewhere:
    """How another questionnaire asks about the same concept; `pieces` are what is not the same in the text."""

    name: str
    declared: str
    pieces: tuple[Piece, ...]
    is_alike: bool


def elsewhere(question: Question, language: str) -> list[Elsewhere]:
    """How others ask about the same, so that the degree of comparability is chosen with open eyes."""
    mine = structure.texts(question, "text")(language)
    return [
        Elsewhere(
            name=f"{each.edition.questionnaire}, {each.question.code}",
            declared=str(Comparability(each.question.comparability).label),
            pieces=difference(each.question.text(language), mine),
            is_alike=not each.differs_from,
        )
        for each in aligning.others_about(question)[:MOST_ELSEWHERE]
    ]
