"""What each of LimeSurvey's types of question becomes here, and what of it does not come along."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from surveys.formats.limesurvey import marks as own_marks
from surveys.formats.limesurvey.codes import Codes, slug
from surveys.formats.limesurvey.marks import NO_MARKS
from surveys.formats.limesurvey.question import Reading
from surveys.formats.limesurvey.relevance import Variable
from surveys.formats.limesurvey.survey import OWN_ATTRIBUTE, Answer, Question, Subquestion
from surveys.formats.limesurvey.vocabulary import (
    CHOICE_KINDS,
    GENDER,
    MEANINGS,
    MOST_OPTIONS,
    OTHER,
    POINTS,
    TAKEN,
    UNSUPPORTED,
    WITHOUT,
    YES_NO,
)
from surveys.formats.limesurvey.words import LONGEST_UNIT, Words
from surveys.models import Meaning
from surveys.structure import OptionView, QuestionView, Text


def read(question: Question, words: Words, codes: Codes) -> Reading:
    """What a question becomes here; `made` is empty if it cannot come along."""
    place = question.code or f"#{question.number}"
    reading = Reading(question, words, codes, place)

    def leave(why: str) -> Reading:
        words.lose(place, f"{_plain_start(words, question)} ({question.type})", why)
        return reading

    if question.type in UNSUPPORTED:
        return leave(str(UNSUPPORTED[question.type]))
    if question.attribute("hidden") == "1" or question.relevance.strip() == "0":
        return leave(_("Nobody sees this question in LimeSurvey, so it is left out."))
    make = TYPES.get(question.type)
    if make is None:
        return leave(_("This type of question is not known here."))
    if max(len(question.answers), len(question.subquestions)) > MOST_OPTIONS:
        return leave(_("A question has room for %(most)d answers.") % {"most": MOST_OPTIONS})
    marks = own_marks.read(question.attribute(OWN_ATTRIBUTE))
    if marks is None:
        words.lose(place, OWN_ATTRIBUTE, _("What this attribute says is not understood."))
    reading.marks = marks or NO_MARKS
    make(reading)
    _tell_of_the_rest(reading)
    return reading


def _plain_start(words: Words, question: Question) -> str:
    return next((text[:80] for text in words.plain(question.texts, question.code).by_language.values()), question.code)


def _tell_of_the_rest(reading: Reading) -> None:
    question, words = reading.question, reading.words
    if question.mandatory == "S":
        words.lose(reading.place, "mandatory: soft", _("A question must be answered here, or it need not."))
    if question.validation:
        words.lose(reading.place, question.validation, _("Answers are not checked by patterns here."))
    if question.has_default:
        words.lose(reading.place, "default", _("Nothing is answered beforehand here."))
    for name in question.attributes:
        value = question.attribute(name)
        if name in TAKEN or value in ("", "0", "N", "default", "normal"):
            continue
        if name in WITHOUT:
            words.lose(reading.place, f"{name}: {value}", str(WITHOUT[name]))
        else:
            reading.appearance.add(name)


def _options(reading: Reading, answers: Iterable[Answer | Subquestion]) -> dict[str, OptionView]:
    """Options by LimeSurvey's code of each."""
    found: dict[str, OptionView] = {}
    used: set[str] = set()
    alone = set(re.split(r"[;,\s]+", reading.question.attribute("exclude_all_others")))
    for answer in answers:
        label = reading.words.line(answer.texts, reading.place)
        mark = reading.marks.options.get(answer.code)
        code = slug(mark.code if mark else answer.code, used)
        used.add(code)
        usual = next(
            (MEANINGS[text.casefold()] for text in label.by_language.values() if text.casefold() in MEANINGS),
            Meaning.ANSWER,
        )
        found[answer.code] = OptionView(
            0,
            code,
            label,
            mark.meaning if mark else usual.value,
            mark.elaboration if mark else "",
            answer.code in alone,
        )
    return found


def _other(reading: Reading, options: dict[str, OptionView], key: str) -> None:
    """The box “other”, with a text, that LimeSurvey sets last."""
    if not reading.question.other:
        return
    mark = reading.marks.options.get("other")
    replaced = reading.words.line(reading.question.attributes.get("other_replace_text", {}), reading.place)
    label = Text({**reading.words.said(OTHER).by_language, **replaced.by_language})
    asks = "required" if reading.question.attribute("other_comment_mandatory") == "1" else "optional"
    code = slug(mark.code if mark else "other", {option.code for option in options.values()})
    options[key] = OptionView(
        0, code, label, Meaning.OTHER.value, mark.elaboration if mark else asks, bool(mark and mark.excludes)
    )


def _choice(reading: Reading) -> None:
    """One of several: L, !, O (with a comment), Y, G and 5."""
    question, marks = reading.question, reading.marks
    fixed = {"Y": {"Y": YES_NO["yes"], "N": YES_NO["no"]}, "G": GENDER, "5": POINTS["A"]}.get(question.type)
    if fixed is None:
        options = _options(reading, [answer for answer in question.answers if answer.scale == "0"])
        _other(reading, options, "-oth-")
    else:
        codes = {"Y": "yes", "N": "no"} if question.type == "Y" else {}
        options = {
            key: OptionView(0, codes.get(key, key), reading.words.said(label), Meaning.ANSWER.value)
            for key, label in fixed.items()
        }
    usual = {"Y": "yes_no", "5": "scale"}.get(question.type, "single_choice")
    kind = marks.kind if marks.kind in CHOICE_KINDS else usual
    view = reading.add(kind, options=options.values())
    if question.type == "O":
        reading.made[-1] = _with_comment(reading, view)
    values = {key: option.code for key, option in options.items()}
    reading.variables[""] = Variable(view.code, values)
    if "-oth-" in options:
        reading.variables["other"] = Variable(view.code, option=options["-oth-"].code)


def _with_comment(reading: Reading, view: QuestionView) -> QuestionView:
    return replace(view, elaboration=reading.marks.elaboration or "optional")


def _several(reading: Reading) -> None:
    """Several of several: M, and P with a comment beside each."""
    question = reading.question
    options = _options(reading, question.subquestions)
    _other(reading, options, "other")
    low, high = reading.bounds("min_answers", "max_answers", whole=True)
    view = reading.add("multiple_choice", options=options.values(), minimum=low, maximum=high)
    if question.type == "P":
        reading.made[-1] = _with_comment(reading, view)
        if not reading.marks.kind:
            reading.words.lose(
                reading.place, "P", _("A comment beside each answer becomes one text beside the question.")
            )
    reading.variables[""] = Variable(view.code, {key: option.code for key, option in options.items()})
    for key, option in options.items():
        reading.variables[key] = Variable(view.code, option=option.code)
    _tell_of_parts(reading)


def _ranking(reading: Reading) -> None:
    options = _options(reading, reading.question.answers or reading.question.subquestions)
    most = "max_answers" if reading.question.attribute("max_answers") else "max_subquestions"
    low, high = reading.bounds("min_answers", most, whole=True)
    view = reading.add("ranking", options=options.values(), minimum=low, maximum=high)
    for place in range(1, len(options) + 1):
        # Whether there is a first is whether it was answered; who stands in which place cannot be asked.
        reading.variables[f"{place}"] = Variable(view.code, whole=place == 1)


def _number(reading: Reading) -> None:
    view = _one_number(reading)
    reading.variables[""] = Variable(view.code, decimals=view.decimals)


def _one_number(reading: Reading, code: str = "", text: Text | None = None) -> QuestionView:
    question = reading.question
    decimals = reading.marks.decimals
    if decimals is None:
        decimals = 0 if question.attribute("num_value_int_only") == "1" else 4
    low, high = reading.bounds("min_num_value_n", "max_num_value_n")
    unit = reading.words.line(question.attributes.get("suffix", {}), reading.place, LONGEST_UNIT)
    return reading.add("number", code=code, text=text, minimum=low, maximum=high, decimals=decimals, unit=unit)


def _text(kind: str) -> Callable[[Reading], None]:
    def make(reading: Reading) -> None:
        wanted = reading.marks.kind if reading.marks.kind in ("short_text", "long_text") else kind
        reading.variables[""] = Variable(reading.add(wanted).code)

    return make


def _date(reading: Reading) -> None:
    reading.variables[""] = Variable(reading.add("date").code, is_day=True)
    form = reading.question.attribute("date_format")
    if re.search(r"[Hh].*[Mm]", form):
        reading.words.lose(reading.place, form, _("A date has no time of day here."))


def _information(reading: Reading) -> None:
    reading.add("information", text=_parent_text(reading))


def _parent_text(reading: Reading) -> Text:
    """The question's text with its help below, as Markdown."""
    text = reading.words.markdown(reading.question.texts, reading.place).by_language
    below = reading.words.markdown(reading.question.help, reading.place).by_language
    languages = dict.fromkeys([*text, *below])
    return Text({each: "\n\n".join(part for part in (text.get(each), below.get(each)) if part) for each in languages})


def _rows(make: Callable[[Reading, Subquestion, str, Text], QuestionView]) -> Callable[[Reading], None]:
    """A table: its own text becomes information, each of its rows a question."""

    def all_rows(reading: Reading) -> None:
        question = reading.question
        if text := _parent_text(reading):
            reading.add("information", code=question.code, text=text)
        for row in question.subquestions:
            label = reading.words.plain(row.texts, f"{reading.place} {row.code}")
            make(reading, row, f"{question.code}_{row.code}", label)
        _tell_of_parts(reading)

    return all_rows


def _tell_of_parts(reading: Reading) -> None:
    for part in reading.question.subquestions:
        if part.relevance.strip() not in ("", "1"):
            reading.words.lose(
                f"{reading.place} {part.code}", part.relevance, _("A row or an answer is always shown here.")
            )


def _scale_row(reading: Reading, row: Subquestion, code: str, text: Text) -> QuestionView:
    fixed = POINTS.get(reading.question.type)
    if fixed is None:
        options = _options(reading, [answer for answer in reading.question.answers if answer.scale == "0"])
    else:
        options = {
            key: OptionView(0, key, reading.words.said(label), Meaning.ANSWER.value) for key, label in fixed.items()
        }
    view = reading.add("scale", code=code, text=text, options=options.values())
    reading.variables[row.code] = Variable(view.code, {key: option.code for key, option in options.items()})
    return view


def _number_row(reading: Reading, row: Subquestion, code: str, text: Text) -> QuestionView:
    view = _one_number(reading, code, text)
    reading.variables[row.code] = Variable(view.code, decimals=view.decimals)
    return view


def _text_row(reading: Reading, row: Subquestion, code: str, text: Text) -> QuestionView:
    view = reading.add("short_text", code=code, text=text)
    reading.variables[row.code] = Variable(view.code)
    return view


TYPES: Mapping[str, Callable[[Reading], None]] = {
    **dict.fromkeys("L!OYG5", _choice),
    **dict.fromkeys("MP", _several),
    **dict.fromkeys("FABCEH", _rows(_scale_row)),
    "K": _rows(_number_row),
    "Q": _rows(_text_row),
    "R": _ranking,
    "N": _number,
    "D": _date,
    "S": _text("short_text"),
    "T": _text("long_text"),
    "U": _text("long_text"),
    "X": _information,
}
