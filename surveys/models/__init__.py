"""The things: instruments, surveys in the field, sealed ballots, facts, codings, releases."""

from .ballot import SealedBallot
from .coding import Code, Codebook, Coding
from .fieldwork import (
    Approval,
    BackgroundFact,
    BackgroundValue,
    Closing,
    PlannedCross,
    Promise,
    State,
    Survey,
    Waiver,
)
from .instrument import (
    Concept,
    Condition,
    Edition,
    Elaboration,
    Meaning,
    Operator,
    Option,
    Question,
    Questionnaire,
    Section,
)
from .release import Counted, Release, ReleasedCell, ReleasedTable
from .response import Answer, Background, Response

__all__ = [
    "Answer",
    "Approval",
    "Background",
    "BackgroundFact",
    "BackgroundValue",
    "Closing",
    "Code",
    "Codebook",
    "Coding",
    "Concept",
    "Condition",
    "Counted",
    "Edition",
    "Elaboration",
    "Meaning",
    "Operator",
    "Option",
    "PlannedCross",
    "Promise",
    "Question",
    "Questionnaire",
    "Release",
    "ReleasedCell",
    "ReleasedTable",
    "Response",
    "SealedBallot",
    "Section",
    "State",
    "Survey",
    "Waiver",
]
