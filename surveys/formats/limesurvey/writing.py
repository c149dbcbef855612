"""A draft made into a survey of LimeSurvey's: its types, codes and expressions, and a list of what it cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _
from modeltranslation.settings import AVAILABLE_LANGUAGES

from surveys.formats.limesurvey import codes, expressing, marks, markup, telling
from surveys.formats.limesurvey.alternatives import Unsayable
from surveys.formats.limesurvey.defaults import NUMBER, SETTINGS
from surveys.formats.limesurvey.expressing import Name
from surveys.formats.limesurvey.survey import (
    LANGUAGES,
    OWN_ATTRIBUTE,
    Answer,
    Group,
    Question,
    Subquestion,
    Survey,
    Texts,
)
from surveys.formats.piped import known, unfilled
from surveys.formats.protocol import Draft, Lost
from surveys.kinds import registry
from surveys.models import Meaning, Role
from surveys.structure import ConditionView, EditionView, OptionView, QuestionView, Text
from surveys.texts.wording import language_name

TYPES = {
    "number": "N", "date": "D", "short_text": "S", "long_text": "T", "information": "X", "ranking": "R",
    "multiple_choice": "M", "roster": "T",
}  # fmt: skip


def survey(draft: Draft) -> tuple[Survey, tuple[Lost, ...]]:
    """The survey that LimeSurvey makes of a draft, and what of the draft it does not hold."""
    writing = _Writing(draft)
    if draft.role not in ("", Role.QUESTIONNAIRE):
        writing.lose("", str(Role(draft.role).label), _("LimeSurvey knows surveys only, no templates and no bank."))
    if draft.name and draft.name != draft.view.title:
        writing.lose("", draft.name("nb"), _("A survey has one title there, the one that is shown."))
    return writing.survey(), tuple(writing.lost)


def complete_languages(view: EditionView) -> tuple[list[str], dict[str, int]]:
    """The languages in which every question and answer is written; and how many are missing in each of the others."""
    needed = [view.title]
    for section in view.sections:
        for question in section.questions:
            needed += [question.text, *(option.label for option in question.options)]
    missing = {
        language: sum(1 for text in needed if text and language not in text.by_language)
        for language in AVAILABLE_LANGUAGES
    }
    begun = [each for each in AVAILABLE_LANGUAGES if any(each in text.by_language for text in needed)]
    whole = [language for language in begun if not missing[language]]
    if not whole:
        # LimeSurvey must have one: holes in it are filled from the others.
        whole = [min(begun, key=lambda each: missing[each])] if begun else ["nb"]
    return whole, {language: missing[language] for language in begun if missing[language]}


class _Writing:
    """One draft being written, in order."""

    def __init__(self, draft: Draft) -> None:
        self.draft, self.view = draft, (view := draft.view)
        self.lost: list[Lost] = []
        self.languages, lacking = complete_languages(view)
        for language, count in lacking.items():
            if language in self.languages:
                why = _("%(count)d texts are missing; they stand there in another language.")
            else:
                why = _("%(count)d texts are missing, so the language is left out.")
            self.lose("", language_name(language), why % {"count": count})
        self.titles: set[str] = set()
        self.names: dict[str, Name] = {}
        # LimeSurvey's names of the questions whose answers a text may hold, by our code.
        self.fields: dict[str, str] = {}
        self.number = 0

    def lose(self, place: str, what: str, why: str, *, is_kept: bool = False) -> None:
        self.lost.append(Lost(place or _("the whole"), what, why, is_kept))

    def survey(self) -> Survey:
        view = self.view
        if view.minutes is not None:
            self.lose(
                "", _("%(count)d min") % {"count": view.minutes}, _("LimeSurvey has no place for the expected time.")
            )
        for fact in view.facts:
            self.lose("", fact.label("nb") or fact.name, _("LimeSurvey knows nothing of our register."))
        first, *others = (LANGUAGES[language] for language in self.languages)
        return Survey(
            number=NUMBER,
            language=first,
            languages=[first, *others],
            texts={
                "surveyls_title": self.lines(view.title),
                "surveyls_welcometext": self.markdown("", view.purpose),
                "surveyls_endtext": {},
                "surveyls_dateformat": dict.fromkeys([first, *others], "5"),
                "surveyls_numberformat": dict.fromkeys([first, *others], "1"),
            },
            groups=[self.group(number) for number in range(1, len(view.sections) + 1)],
            settings={**SETTINGS, "language": first, "additional_languages": " ".join(others)},
        )

    def lines(self, text: Text) -> Texts:
        """A text of one line that holds no fields, in every language."""
        return {LANGUAGES[each]: markup.from_plain(text(each), {}) for each in self.languages if text}

    def plain(self, text: Text) -> Texts:
        """A plain text; a hole is filled from another language, as it is when we show it."""
        found = {each: text(each) for each in self.languages}
        return {LANGUAGES[each]: markup.from_plain(own, self.fields) for each, own in found.items() if own}

    def markdown(self, place: str, text: Text) -> Texts:
        """A text with its emphasis, lists, quotations and links; likewise."""
        found = {each: text(each) for each in self.languages}
        if changed := next((own for own in found.values() if own and not markup.survives(own)), ""):
            self.lose(place, changed[:60], _("Lists within lists, lines across, code and other signs are simplified."))
        return {LANGUAGES[each]: markup.from_markdown(own, self.fields) for each, own in found.items() if own}

    def group(self, number: int) -> Group:
        section = self.view.sections[number - 1]
        place = _("section %(number)d") % {"number": number}
        group = Group(
            str(number),
            {language: text for language, text in self.lines(section.title).items() if text},
            self.markdown(place, section.intro),
            self.relevance(place, section.conditions),
            order=number,
        )
        for language in self.languages:
            group.titles.setdefault(LANGUAGES[language], str(number))
        self.tell_of_fields(place, section.intro)
        if str(number) in section.title.by_language.values():
            self.lose(place, str(number), _("It is taken for the number that a group without a title has there."))
        group.questions = [self.question(question, place) for place, question in enumerate(section.questions, start=1)]
        return group

    def relevance(self, place: str, conditions: tuple[ConditionView, ...]) -> str:
        try:
            return expressing.write(conditions, self.names)
        except Unsayable as reason:
            everyone = _("LimeSurvey shows it to everyone.")
            self.lose(place, _("its conditions"), f"{reason} {everyone}")
            return "1"

    def question(self, view: QuestionView, order: int) -> Question:
        self.number += 1
        question = Question(
            number=str(self.number),
            code=codes.title(view.code, self.titles),
            type=self.type(view),
            texts=self.markdown(view.code, view.text) if view.kind == "information" else self.plain(view.text),
            help=self.plain(view.help),
            mandatory="Y" if view.required and view.kind != "information" else "N",
            relevance=self.relevance(view.code, view.conditions),
            order=order,
        )
        options = self.options(view, question)
        self.bounds(view, question)
        telling.tell(self.draft, self.lose, view, question)
        self.tell_of_fields(view.code, view.text, view.help)
        if not self.says_all(view, question, options):
            question.attributes[OWN_ATTRIBUTE] = {"": marks.write(view, options)}
        if question.type not in "XR":
            self.fields[view.code] = question.code
        return question

    def type(self, view: QuestionView) -> str:
        if view.kind == "multiple_choice" and view.has_elaboration and not self.only_other(view):
            return "P"
        if view.kind in TYPES:
            return TYPES[view.kind]
        plain = [(option.code, option.label.by_language, option.meaning) for option in view.options]
        usual = registry.KINDS["yes_no"].first_options
        if (
            view.kind == "yes_no"
            and not view.has_elaboration
            and plain
            == [
                (code, {each: label[each] for each in self.languages}, Meaning.ANSWER.value)
                for code, label in usual.items()
            ]
        ):
            return "Y"
        return "O" if view.has_elaboration and not self.only_other(view) else "L"

    def only_other(self, view: QuestionView) -> bool:
        """Whether a text is asked for beside nothing but the “other” that LimeSurvey sets last, with a text."""
        if view.elaboration != "never" or not view.options or view.options[-1].meaning != Meaning.OTHER:
            return False
        return all(option.elaboration in ("", "never") for option in view.options[:-1])

    def options(self, view: QuestionView, question: Question) -> dict[str, OptionView]:
        """Write the options; they are given back by LimeSurvey's code of each."""
        written: dict[str, OptionView] = {}
        if question.type in "LMP" and self.only_other(view):
            question.other = True
            question.attributes["other_replace_text"] = self.lines(view.options[-1].label)
            written["other"] = view.options[-1]
            if view.elaboration_of(view.options[-1].code) == "required":
                question.attributes["other_comment_mandatory"] = {"": "1"}
        used: set[str] = {"other"}
        for order, option in enumerate(view.options if question.type in "LOMPR" else ()):
            if question.other and option is view.options[-1]:
                continue
            texts = {LANGUAGES[each]: markup.from_plain(option.label(each), {}) for each in self.languages}
            if question.type in "MP":
                code = codes.title(option.code, used)
                question.subquestions.append(Subquestion(code, texts, order=order))
            else:
                code = codes.answer(option.code, used)
                question.answers.append(Answer(code, texts, order=order))
            written[code] = option
        alone = [code for code, option in written.items() if option.excludes and code != "other"]
        if alone and question.type in "MP":
            question.attributes["exclude_all_others"] = {"": ";".join(alone)}
        self.names[view.code] = self.name(view, question, written)
        return written

    def name(self, view: QuestionView, question: Question, written: Mapping[str, OptionView]) -> Name:
        code = question.code
        other = written["other"].code if question.other else None
        if question.type == "Y":
            return Name(code, {"yes": "Y", "no": "N"})
        if question.type in "MP":
            return Name(code, boxes={option.code: f"{code}_{key}" for key, option in written.items()}, other=other)
        answers = {option.code: "-oth-" if option.code == other else key for key, option in written.items()}
        return Name(code, answers, ranked=question.type == "R", free=question.type not in "LOR")

    def bounds(self, view: QuestionView, question: Question) -> None:
        names = {"N": ("min_num_value_n", "max_num_value_n")}.get(question.type, ("min_answers", "max_answers"))
        if question.type in "NMPR":
            for name, number in zip(names, (view.minimum, view.maximum), strict=True):
                if number is not None:
                    question.attributes[name] = {"": _written(number)}
        if question.type == "N":
            if view.decimals == 0:
                question.attributes["num_value_int_only"] = {"": "1"}
            if view.unit:
                question.attributes["suffix"] = self.lines(view.unit)

    def tell_of_fields(self, place: str, *texts: Text) -> None:
        """Earlier answers in texts that LimeSurvey cannot fill in."""
        for text in texts:
            for field in unfilled(text, known(self.view), self.fields):
                self.lose(place, field, _("LimeSurvey cannot fill this in and shows it as it stands."))

    def says_all(self, view: QuestionView, question: Question, options: Mapping[str, OptionView]) -> bool:
        """Whether reading the question back gives what was written, without marks of our own."""
        usual = {"L": "single_choice", "O": "single_choice", "Y": "yes_no", "N": "number", "D": "date",
                 "S": "short_text", "T": "long_text", "X": "information", "R": "ranking", "M": "multiple_choice",
                 "P": "multiple_choice"}[question.type]  # fmt: skip
        plain = all(
            key == option.code and option.meaning == Meaning.ANSWER and not option.elaboration and key != "other"
            for key, option in options.items()
        )
        return (
            plain
            and view.kind == usual
            and view.code == question.code
            and view.elaboration == ("optional" if question.type in "OP" else "never")
            and not (view.elaboration_prompt or view.concept or view.origin)
            and view.comparability == "meaning"
            and view.decimals == 0
        )


def _written(number: Decimal) -> str:
    return f"{number.normalize():f}"
