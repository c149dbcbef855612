"""One of LimeSurvey's questions being read: what it has become so far, and what its variables stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from surveys.formats.limesurvey.codes import Codes
from surveys.formats.limesurvey.marks import NO_MARKS, Marks
from surveys.formats.limesurvey.relevance import Variable
from surveys.formats.limesurvey.survey import Question
from surveys.formats.limesurvey.words import Words
from surveys.structure import NO_TEXT, OptionView, QuestionView, Text


@dataclass
class Reading:
    """One of LimeSurvey's questions being read: what it becomes, and what its variables stand for, by suffix."""

    question: Question
    words: Words
    codes: Codes
    place: str
    marks: Marks = NO_MARKS
    made: list[QuestionView] = field(default_factory=list)
    variables: dict[str, Variable] = field(default_factory=dict)
    appearance: set[str] = field(default_factory=set)

    def add(
        self, kind: str, *, code: str = "", text: Text | None = None, options: Iterable[OptionView] = (), **more: object
    ) -> QuestionView:
        """Make a question of what LimeSurvey says of this one."""
        question, words = self.question, self.words
        view = QuestionView(
            id=0,
            code=self.codes.take(code or self.marks.code or question.code, self.place),
            kind=kind,
            text=words.plain(question.texts, self.place) if text is None else text,
            help=words.plain(question.help, self.place) if text is None else NO_TEXT,
            required=question.mandatory == "Y" and kind != "information",
            elaboration="never",
            elaboration_prompt=Text(dict(self.marks.prompt)) if text is None else NO_TEXT,
            concept=self.marks.concept,
            comparability=self.marks.comparability,
            origin=self.marks.origin,
            options=tuple(options),
            conditions=(),
            **more,  # type: ignore[arg-type]
        )
        self.made.append(view)
        return view

    def bounds(self, lowest: str, highest: str, *, whole: bool = False) -> tuple[Decimal | None, Decimal | None]:
        """Two attributes that are the least and the most."""
        low, high = self.number(lowest, whole=whole), self.number(highest, whole=whole)
        if low is not None and high is not None and low > high:
            self.words.lose(self.place, f"{low}–{high}", _("The smallest number is larger than the largest."))
            return None, None
        return low, high

    def number(self, name: str, *, whole: bool = False) -> Decimal | None:
        """An attribute that is a number; told of if it is an expression."""
        written = self.question.attribute(name).strip()
        if not written:
            return None
        if re.fullmatch(r"[0-9]{1,4}" if whole else r"-?[0-9]{1,12}(\.[0-9]{1,4})?", written):
            return Decimal(written)
        self.words.lose(self.place, f"{name}: {written}", _("Only a plain number can be used here."))
        return None
