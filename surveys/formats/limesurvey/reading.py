"""A survey of LimeSurvey's made into a draft: what our questionnaires can say of it, and a list of the rest."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _

from surveys.formats.document import BadDocument
from surveys.formats.limesurvey import questions, relevance
from surveys.formats.limesurvey.alternatives import Unsayable
from surveys.formats.limesurvey.codes import Codes
from surveys.formats.limesurvey.question import Reading
from surveys.formats.limesurvey.relevance import Variable
from surveys.formats.limesurvey.survey import Group, Question, Survey
from surveys.formats.limesurvey.words import Words
from surveys.formats.protocol import Draft
from surveys.structure import ConditionView, EditionView, QuestionView, SectionView, Text

ALWAYS = ("", "1")
MOST_QUESTIONS, MOST_GROUPS = 500, 200
DATES = ("startdate", "expires")
LETTERS = ("surveyls_email_invite", "surveyls_email_invite_subj", "email_invite", "surveyls_email_remind")
PURPOSE = ("surveyls_description", "surveyls_welcometext", "surveyls_policy_notice")


def draft(survey: Survey, code: str) -> Draft:
    """The draft of a survey.

    Raises:
        BadDocument: it is in none of the languages that questionnaires are written in here.
    """
    words = Words(survey)
    if not words.languages:
        raise BadDocument(
            _("The survey is written in %(languages)s. Questionnaires here are in bokmål, nynorsk, English or Sámi.")
            % {"languages": ", ".join(survey.languages)[:100] or "?"}
        )
    if sum(len(group.questions) for group in survey.groups) > MOST_QUESTIONS or len(survey.groups) > MOST_GROUPS:
        raise BadDocument(
            _("The survey has more than %(questions)d questions or %(groups)d groups.")
            % {"questions": MOST_QUESTIONS, "groups": MOST_GROUPS}
        )
    reading = _Survey(survey, words)
    sections = tuple(reading.section(group) for group in survey.groups)
    title, purpose = reading.title(), reading.purpose()
    words.tell_of_expressions()
    reading.tell_of_the_whole()
    view = EditionView(
        id=0,
        title=title,
        purpose=purpose,
        minutes=None,
        sections=sections,
        questions={question.code: question for section in sections for question in section.questions},
    )
    return Draft(code, view, words.lost)


class _Survey:
    """One survey being read, in order: expressions look back only."""

    def __init__(self, survey: Survey, words: Words) -> None:
        self.survey, self.words = survey, words
        self.codes = Codes(self._changed)
        self.variables: dict[str, Variable] = {}
        self.appearance: set[str] = set()

    def _changed(self, place: str, before: str, after: str) -> None:
        # A row of a table has no code of its own in LimeSurvey: nothing is lost.
        if before.replace("_", "").isalnum() and "_" in before and before not in self.codes.used:
            return
        self.words.lose(place, before, _("Its code here is %(code)s.") % {"code": after})

    def section(self, group: Group) -> SectionView:
        """A group and what its questions become."""
        place = _("group %(number)d") % {"number": self.survey.groups.index(group) + 1}
        title = self.words.line(group.titles, place)
        number = str(self.survey.groups.index(group) + 1)
        if group.random:
            self.words.lose(place, group.random, _("Sections keep their order here."))
        conditions = self.conditions(place, group.relevance)
        made: list[QuestionView] = []
        for question in group.questions:
            made += self.question(question, conditions)
        return SectionView(
            # LimeSurvey must have a name for each group; ours may be without, and are then called by number.
            title=Text({each: text for each, text in title.by_language.items() if text != number}),
            intro=self.words.markdown(group.descriptions, place),
            questions=tuple(made),
            conditions=conditions,
        )

    def question(self, question: Question, within: tuple[ConditionView, ...]) -> list[QuestionView]:
        """What a question becomes, with its conditions."""
        reading = questions.read(question, self.words, self.codes)
        if not reading.made:
            return []
        conditions = self.conditions(reading.place, question.relevance, question)
        self.appearance |= reading.appearance
        self._register(reading)
        return [replace(view, conditions=conditions, within=within) for view in reading.made]

    def conditions(self, place: str, expression: str, question: Question | None = None) -> tuple[ConditionView, ...]:
        """The conditions that an expression says; what it cannot say is told of."""
        old = _old_expression(question) if question else ""
        written = expression.strip()
        if written in ALWAYS:
            written = old
        if written in ALWAYS:
            return ()
        try:
            groups, remarks = relevance.read(written, self.variables)
        except Unsayable as reason:
            unread, always = _("Not understood as a condition."), _("It is shown to everyone here.")
            self.words.lose(place, written, f"{unread} {reason} {always}")
            return ()
        for remark in remarks:
            self.words.lose(place, written, remark)
        return tuple(condition for group in groups for condition in group)

    def _register(self, reading: Reading) -> None:
        question = reading.question
        head = f"{self.survey.number}X{self._group_of(question)}X{question.number}"
        for suffix, variable in reading.variables.items():
            self.variables.setdefault(f"{question.code}_{suffix}" if suffix else question.code, variable)
            self.variables.setdefault(f"{head}{suffix}", variable)
        if "" in reading.variables:
            self.words.fields.setdefault(question.code, reading.variables[""].source)

    def _group_of(self, question: Question) -> str:
        return next(group.number for group in self.survey.groups if any(each is question for each in group.questions))

    def title(self) -> Text:
        """The survey's title; its number if it has none in our languages."""
        title = self.words.line(self.survey.title(), _("title"))
        if title:
            return title
        return Text({next(iter(self.words.languages)): f"LimeSurvey {self.survey.number}".strip()})

    def purpose(self) -> Text:
        """What people read first: description, welcome and notice of privacy, one below the other."""
        parts = [self.words.markdown(self.survey.texts.get(name, {}), _("purpose")).by_language for name in PURPOSE]
        joined = {each: "\n\n".join(part[each] for part in parts if part.get(each)) for each in self.words.languages}
        return Text({language: text for language, text in joined.items() if text})

    def tell_of_the_whole(self) -> None:
        """What of the whole survey does not come along, each once."""
        words, survey = self.words, self.survey
        place = _("the whole survey")
        left = {
            "quota": _("There are no quotas here."),
            "assessments": _("Answers are not scored here."),
            "survey_url_parameters": _("Addresses carry nothing but the invitation here."),
            "plugin_settings": _("There are no plugins here."),
            "themes": _("How pages look is the same for all questionnaires here."),
        }
        for name, why in left.items():
            if name in survey.beyond:
                words.lose(place, name, why)
        for name in ("surveyls_endtext", "surveyls_url"):
            if any(survey.texts.get(name, {}).values()):
                words.lose(place, name, _("What is said at the end is the same for all questionnaires here."))
        if survey.settings.get("attributedescriptions", "[]") not in ("", "[]", "a:0:{}"):
            words.lose(place, "attributedescriptions", _("Background facts come from the register here."))
        known = set(words.languages.values())
        others = [each for each in dict.fromkeys(survey.languages) if each not in known]
        if others:
            words.lose(place, ", ".join(others), _("Questionnaires here are in bokmål, nynorsk, English or Sámi."))
        if self.appearance:
            words.lose(place, ", ".join(sorted(self.appearance)), _("Settings of appearance do not come along."))
        if any(survey.settings.get(name) for name in DATES) or any(name in survey.texts for name in LETTERS):
            words.lose(
                place,
                _("dates, letters and participants"),
                _("They belong to the survey here, not to the questionnaire."),
            )


def _old_expression(question: Question) -> str:
    """The rows of LimeSurvey's table of conditions as an expression: scenarios are alternatives."""
    scenarios: dict[str, dict[str, list[str]]] = {}
    for condition in question.conditions:
        variable, value = condition.variable.lstrip("+"), condition.value.replace('"', "")
        method = condition.method.strip() or "=="
        terms = scenarios.setdefault(condition.scenario, {}).setdefault(variable, [])
        terms.append(
            f"is_empty({variable}.NAOK)" if not value and method == "==" else f'{variable}.NAOK {method} "{value}"'
        )
    return " or ".join(
        "(" + " and ".join(f"({' or '.join(terms)})" for terms in scenario.values()) + ")"
        for scenario in scenarios.values()
    )
