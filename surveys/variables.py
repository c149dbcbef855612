"""Variables: closed answers, coded answers and background facts, all counted in one way.

A variable is named by question code ("B2"), by question and codebook ("B2.stance") or by background fact
("role"). Each knows the SQL that gives a response and an integer: a positive id of an option, code or value,
or one of the special values below; and which value those responses have that it gives no row for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from surveys.kinds import bands, registry
from surveys.kinds.bands import BandView
from surveys.models import BackgroundFact, Codebook, Operator, Survey
from surveys.structure import ConditionView, EditionView, QuestionView, edition_view

LANGUAGES = ("nb", "nn", "en")
NO_ANSWER, NOT_ASKED, UNCODED, MERGED = -1, -2, -3, -4
ANSWERED = 1
CHOSEN, NOT_CHOSEN = 1, 2
# Kinds whose answers take several rows a response; and those that are one number, counted in bands if it has some.
SEVERAL = frozenset({"multiple_choice", "ranking", "roster"})
MEASURES = frozenset({"number", "date"})
SPECIAL = {
    NO_ANSWER: ("no_answer", gettext_noop("No answer")),
    NOT_ASKED: ("not_asked", gettext_noop("Not asked")),
    UNCODED: ("uncoded", gettext_noop("Not yet coded")),
    MERGED: ("merged", gettext_noop("Other, merged")),
}

Label = dict[str, str]


@dataclass(frozen=True)
class Category:
    """A value a variable can take: the integer its SQL gives, its code, its label by language."""

    key: int
    code: str
    label: Label


@dataclass(frozen=True)
class Variable:
    """What can be counted, alone or within the groups of another.

    Args:
        sql: gives `response_id` and `value`, at most once a response, in the order of an index.
        otherwise: the value of every response of the survey that `sql` gives no row for.
    """

    name: str
    label: Label
    categories: tuple[Category, ...]
    sql: str
    parameters: tuple[object, ...]
    otherwise: int
    concept: str = ""
    is_background: bool = False
    is_coded: bool = False
    # Of an open text only whether something was written is counted, which is nobody's opinion.
    is_opinion: bool = True
    # The variables of the answers that decide whether this question is put to somebody. Background facts that decide
    # are left out: whom they hold for is in the register, and nobody's answer.
    sources: frozenset[str] = frozenset()
    # Of these, the numbers and dates with a band that a condition cuts through: not everyone in it is asked on.
    cut: frozenset[str] = frozenset()
    # The background facts that decide together with them: who was asked then tells how those with one background
    # answered before.
    beside: frozenset[str] = frozenset()
    specials: tuple[int, ...] = field(default=(NO_ANSWER, NOT_ASKED))

    @property
    def all_categories(self) -> tuple[Category, ...]:
        """The categories with the special values it can take behind them."""
        return self.categories + tuple(special(key) for key in self.specials)


def special(key: int) -> Category:
    """The category of a special value."""
    code, msgid = SPECIAL[key]
    return Category(key, code, in_every_language(lambda: _(msgid)))


def in_every_language(text: Callable[[], str]) -> Label:
    """An interface text in every interface language."""
    result: Label = {}
    for language in LANGUAGES:
        with override(language):
            result[language] = text()
    return result


def variables(survey: Survey) -> dict[str, Variable]:
    """All variables of a survey by name: questions in order, each followed by its coded ones, then background."""
    edition = edition_view(survey.edition_id)
    codebooks = list(Codebook.objects.filter(survey=survey).select_related("question").prefetch_related("codes"))
    result: dict[str, Variable] = {}
    for question in edition.questions.values():
        mine: list[Variable] = []
        if question.kind in SEVERAL:
            mine = _each_option(survey, question)
        elif registry.kind(question.kind).is_asked:
            mine = [_question(survey, question)]
        mine += [_coded(survey, question, each) for each in codebooks if each.question_id == question.id]
        sources, cut = _sources(question, edition), _cut(question, edition)
        beside = _facts(question) if sources else frozenset()
        result |= {each.name: replace(each, sources=sources, cut=cut, beside=beside) for each in mine}
    for fact in BackgroundFact.objects.filter(survey=survey).prefetch_related("values").order_by("rank"):
        result[fact.name] = _background(survey, fact)
    return result


def closed_names(question: QuestionView) -> list[str]:
    """What the variables are called that are made of a question's answers, those of its codebooks left out."""
    if question.kind in SEVERAL:
        return [f"{question.code}.{option.code}" for option in question.options]
    return [question.code] if registry.kind(question.kind).is_asked else []


def _each_option(survey: Survey, question: QuestionView) -> list[Variable]:
    """Where several can be chosen or ranked, each option is a variable of its own: chosen or not.

    Named by question and option, e.g. "C4.pay"; a blank counts as no answer, so that all have one base.
    """
    return [
        Variable(
            name=f"{question.code}.{option.code}",
            label={language: f"{question.text(language)} – {option.label(language)}" for language in LANGUAGES},
            categories=(
                Category(CHOSEN, "chosen", in_every_language(lambda: _("Chosen"))),
                Category(NOT_CHOSEN, "not_chosen", in_every_language(lambda: _("Not chosen"))),
            ),
            concept=f"{question.concept}.{option.code}" if question.concept else "",
            sql=f"""
                SELECT a.response_id,
                    CASE WHEN bool_or(a.option_id = %s) THEN {CHOSEN}
                         WHEN bool_or(a.option_id IS NOT NULL) THEN {NOT_CHOSEN}
                         ELSE {NO_ANSWER} END AS value
                FROM surveys_answer a
                WHERE a.question_id = %s AND a.survey_id = %s GROUP BY a.response_id
            """,
            parameters=(option.id, question.id, survey.pk),
            otherwise=NOT_ASKED,
        )
        for option in question.options
    ]


def _question(survey: Survey, question: QuestionView) -> Variable:
    bounds: tuple[object, ...] = ()
    if question.bands:
        # The last takes what is left: published bands lie side by side and cover every answer (`kinds.bands`).
        *inner, last = range(1, len(question.bands) + 1)
        stands = " ".join(f"WHEN a.number <= %s THEN {number}" for number in inner)
        value = f"CASE WHEN a.number IS NULL THEN {NO_ANSWER} {stands} ELSE {last} END"
        bounds = tuple(band.upper for band in question.bands[:-1])
        categories: tuple[Category, ...] = tuple(_band(number, question) for number in (*inner, last))
    elif question.kind in MEASURES:
        value = f"CASE WHEN a.number IS NULL THEN {NO_ANSWER} ELSE {ANSWERED} END"
        categories = (Category(ANSWERED, "answered", in_every_language(lambda: _("Answered"))),)
    elif question.options:
        value = f"coalesce(a.option_id, {NO_ANSWER})"
        categories = tuple(Category(option.id, option.code, _label(option.label)) for option in question.options)
    else:
        value = f"CASE WHEN a.text = '' THEN {NO_ANSWER} ELSE {ANSWERED} END"
        categories = (Category(ANSWERED, "answered", in_every_language(lambda: _("Answered"))),)
    return Variable(
        name=question.code,
        label=_label(question.text),
        categories=categories,
        concept=question.concept,
        is_opinion=bool(question.options or question.bands),
        sql=f"""
            SELECT a.response_id, {value} AS value FROM surveys_answer a
            WHERE a.question_id = %s AND a.survey_id = %s
        """,
        parameters=(*bounds, question.id, survey.pk),
        otherwise=NOT_ASKED,
    )


def _band(number: int, question: QuestionView) -> Category:
    band = question.bands[number - 1]
    return Category(
        number, bands.code(question.kind, band), in_every_language(lambda: bands.label(question.kind, band))
    )


def _coded(survey: Survey, question: QuestionView, codebook: Codebook) -> Variable:
    codes = {code.code: code.pk for code in codebook.codes.all()}
    ticks = {option.id: codes[option.code] for option in question.options if option.code in codes}
    stands = "".join(f" WHEN {option} THEN {code}" for option, code in ticks.items())
    # Where several can be chosen, the text has a row of its own.
    own_row = " AND a.option_id IS NULL" if question.kind in SEVERAL else ""
    ticked = f"CASE a.option_id{stands} ELSE {NO_ANSWER} END" if stands and codebook.tick_stands else str(NO_ANSWER)
    return Variable(
        name=codebook.name,
        label=_label(question.text),
        categories=tuple(Category(code.pk, code.code, _row_label(code)) for code in codebook.codes.all()),
        concept=f"{question.concept}.{codebook.code}" if question.concept else "",
        is_coded=True,
        specials=(NO_ANSWER, NOT_ASKED, UNCODED),
        sql=f"""
            SELECT a.response_id,
                CASE WHEN c.code_id IS NOT NULL THEN c.code_id
                     WHEN a.text = '' THEN {ticked}
                     ELSE {UNCODED} END AS value
            FROM surveys_answer a
            LEFT JOIN surveys_coding c
                ON c.answer_id = a.id AND c.codebook_id = %s AND c.superseded_at IS NULL
            WHERE a.question_id = %s AND a.survey_id = %s{own_row}
        """,
        parameters=(codebook.pk, question.id, survey.pk),
        otherwise=NOT_ASKED,
    )


def _background(survey: Survey, fact: BackgroundFact) -> Variable:
    return Variable(
        name=fact.name,
        label=_row_label(fact),
        categories=tuple(Category(value.pk, value.code, _row_label(value)) for value in fact.values.all()),
        is_background=True,
        specials=(MERGED,),
        sql=f"""
            SELECT b.response_id, coalesce(b.value_id, {MERGED}) AS value FROM surveys_background b
            WHERE b.fact_id = %s
        """,
        parameters=(fact.pk,),
        otherwise=MERGED,
    )


def _sources(question: QuestionView, edition: EditionView) -> frozenset[str]:
    """The names of the variables that a question's conditions look at, its section's among them."""
    found: set[str] = set()
    for condition in (*question.conditions, *question.within):
        if condition.fact:
            continue
        source = edition.questions[condition.source]
        several = source.kind in SEVERAL and condition.compared
        found.update([f"{source.code}.{code}" for code in condition.compared] if several else closed_names(source))
    return frozenset(found)


def _facts(question: QuestionView) -> frozenset[str]:
    """The names of the background facts that a question's conditions look at, its section's among them."""
    return frozenset(each.fact for each in (*question.conditions, *question.within) if each.fact)


def _cut(question: QuestionView, edition: EditionView) -> frozenset[str]:
    """The names of those of them with a band in which a question's conditions hold for some answers only."""
    looked_at = [
        (condition, edition.questions[condition.source])
        for condition in (*question.conditions, *question.within)
        if condition.size is not None
    ]
    return frozenset(
        source.code for condition, source in looked_at if any(_cuts(condition, band) for band in source.bands)
    )


def _cuts(condition: ConditionView, band: BandView) -> bool:
    limit = condition.size
    if limit is None:
        return False
    lower = Decimal("-Infinity") if band.lower is None else band.lower
    upper = Decimal("Infinity") if band.upper is None else band.upper
    # What lies on the limit itself goes with the larger, or with the smaller.
    if condition.operator in (Operator.AT_LEAST, Operator.LESS_THAN):
        return lower < limit <= upper
    return lower <= limit < upper


def _label(text: Callable[[str], str]) -> Label:
    return {language: text(language) for language in LANGUAGES}


def _row_label(row: object) -> Label:
    bokmaal = getattr(row, "label_nb", "") or ""
    return {language: getattr(row, f"label_{language}", "") or bokmaal for language in LANGUAGES}
