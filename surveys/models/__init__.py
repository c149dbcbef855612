"""The things: instruments, surveys in the field, sealed ballots, facts, codings, releases."""

from .attachment import Attachment, MediaType
from .ballot import SealedBallot
from .band import Band
from .coding import Code, Codebook, Coding
from .condition import Condition, ConditionOption, EditionFact, EditionFactValue, Operator
from .critique import AcceptedFinding, CorrectedPart, Correction
from .export import Drawn, Export
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
from .history import Did, DraftChange
from .instrument import (
    Comparability,
    Concept,
    Edition,
    Elaboration,
    Meaning,
    Option,
    Question,
    Questionnaire,
    Role,
    Section,
)
from .pilot import Trial, TrialComment, TrialRun
from .release import Counted, Release, ReleasedCell, ReleasedTable
from .response import Answer, Background, Quoting, Response
from .way import EntryTally, OpenLink, Way
from .withdrawal import Withdrawal

__all__ = [
    "AcceptedFinding",
    "Answer",
    "Approval",
    "Attachment",
    "Background",
    "BackgroundFact",
    "BackgroundValue",
    "Band",
    "Closing",
    "Code",
    "Codebook",
    "Coding",
    "Comparability",
    "Concept",
    "Condition",
    "ConditionOption",
    "CorrectedPart",
    "Correction",
    "Counted",
    "Did",
    "DraftChange",
    "Drawn",
    "Edition",
    "EditionFact",
    "EditionFactValue",
    "Elaboration",
    "EntryTally",
    "Export",
    "Meaning",
    "MediaType",
    "OpenLink",
    "Operator",
    "Option",
    "PlannedCross",
    "Promise",
    "Question",
    "Questionnaire",
    "Quoting",
    "Release",
    "ReleasedCell",
    "ReleasedTable",
    "Response",
    "Role",
    "SealedBallot",
    "Section",
    "State",
    "Survey",
    "Trial",
    "TrialComment",
    "TrialRun",
    "Waiver",
    "Way",
    "Withdrawal",
]
