"""What can be put into the texts of a part at the builder: earlier answers and background facts, by their fields."""

from __future__ import annotations

from surveys import piping
from surveys.admin.board import Board
from surveys.admin.deciders import before, short
from surveys.models import Question, Section

# The texts in which fields are filled in; a title, an answer and what stands for an image are the same for all.
PIPED = frozenset({"text", "help", "elaboration_prompt", "quotation", "caption", "intro"})


def insertable(target: Question | Section, board: Board, language: str) -> list[tuple[str, str]]:
    """The fields that a text of this part may have: (name, what it stands for), in the order of the questionnaire."""
    found = [
        (question.code, short(f"{question.code}: {question.text(language)}"))
        for question in before(target, board)
        if piping.can_be_said(question)
    ]
    return found + [(fact.name, short(fact.label(language) or fact.name)) for fact in board.view.facts]
