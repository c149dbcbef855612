"""A survey as LimeSurvey holds it: groups, questions, subquestions and answers, each with texts by language."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from surveys.formats.document import LARGEST_BYTES, BadDocument

Texts = dict[str, str]
# Ours to LimeSurvey's, where they differ.
LANGUAGES = {"nb": "nb", "nn": "nn", "en": "en", "se": "smi"}
_OURS = {"nb": "nb", "no": "nb", "nn": "nn", "en": "en", "se": "se", "smi": "se"}
# What carries, through LimeSurvey and back, the settings that it has no words for. It keeps an attribute it
# does not know and shows nothing of it.
OWN_ATTRIBUTE = "raadslag"
# The first version whose files can be read, and the one we write: LimeSurvey 6.
OLDEST_VERSION, WRITTEN_VERSION = 140, 606


@dataclass
class Answer:
    code: str
    texts: Texts = field(default_factory=dict)
    scale: str = "0"
    order: int = 0


@dataclass
class Subquestion:
    code: str
    texts: Texts = field(default_factory=dict)
    scale: str = "0"
    order: int = 0
    relevance: str = ""


@dataclass
class OldCondition:
    """A row of LimeSurvey's table of conditions, older than its expressions."""

    scenario: str
    variable: str
    method: str
    value: str


@dataclass
class Question:
    """A question.

    Args:
        attributes: what is set beside, by name and language; the language is "" where there is none.
    """

    number: str
    code: str
    type: str
    texts: Texts = field(default_factory=dict)
    help: Texts = field(default_factory=dict)
    mandatory: str = "N"
    other: bool = False
    relevance: str = ""
    validation: str = ""
    order: int = 0
    attributes: dict[str, Texts] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    subquestions: list[Subquestion] = field(default_factory=list)
    conditions: list[OldCondition] = field(default_factory=list)
    has_default: bool = False

    def attribute(self, name: str) -> str:
        """An attribute in whatever language it is given; empty if it is not."""
        return next((value for value in self.attributes.get(name, {}).values() if value), "")


@dataclass
class Group:
    number: str
    titles: Texts = field(default_factory=dict)
    descriptions: Texts = field(default_factory=dict)
    relevance: str = ""
    random: str = ""
    order: int = 0
    questions: list[Question] = field(default_factory=list)


@dataclass
class Survey:
    """A survey.

    Args:
        texts: the texts of the whole, by LimeSurvey's name of each and language.
        beyond: the tables with rows that a questionnaire has no place for, such as quotas.
    """

    number: str = ""
    language: str = ""
    languages: list[str] = field(default_factory=list)
    texts: dict[str, Texts] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    beyond: set[str] = field(default_factory=set)

    def title(self) -> Texts:
        return self.texts.get("surveyls_title", {})


def our_language(code: str) -> str | None:
    """Our code of a language that LimeSurvey names; None if we write nothing in it."""
    return _OURS.get(re.split(r"[-_]", code.strip().lower())[0])


def refuse_too_large(content: bytes) -> None:
    """Raises BadDocument if the file is larger than any questionnaire."""
    if len(content) > LARGEST_BYTES:
        raise BadDocument(_("The file is larger than 10 MB."))
