"""Composing: the content of an edition, given as plain values, written as rows of a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from modeltranslation.settings import AVAILABLE_LANGUAGES

from surveys.kinds.bands import BandView
from surveys.kinds.base import Kind
from surveys.models import (
    Band,
    Concept,
    Condition,
    ConditionOption,
    Edition,
    EditionFact,
    EditionFactValue,
    Meaning,
    Option,
    Question,
    Section,
)
from surveys.structure import ConditionView, EditionView, FactView, OptionView, QuestionView, SectionView, Text


def first_options(kind: Kind) -> tuple[OptionView, ...]:
    """The options that a new question of a kind begins with."""
    return tuple(
        OptionView(0, code, Text(dict(label)), Meaning.ANSWER.value) for code, label in kind.first_options.items()
    )


def keep_concepts(titles: Mapping[str, str | Text]) -> None:
    """Make sure that concepts with these codes exist; one that does keeps its title. A title alone is bokmål."""
    given = {code: title if isinstance(title, Text) else Text({"nb": title}) for code, title in titles.items()}
    Concept.objects.bulk_create(
        [Concept(code=code, **texts("title", title)) for code, title in given.items()], ignore_conflicts=True
    )


def empty(edition: Edition) -> None:
    """Take everything out of a draft."""
    # First the conditions: a question is protected by those that look at it, even by ones that go with it.
    Condition.objects.filter(question__edition=edition).delete()
    Condition.objects.filter(section__edition=edition).delete()
    Section.objects.filter(edition=edition).delete()
    EditionFact.objects.filter(edition=edition).delete()


def fill(edition: Edition, content: EditionView) -> Edition:
    """Write `content` into an empty draft; ids in it do not matter."""
    Edition.objects.filter(pk=edition.pk).update(
        minutes=content.minutes, **texts("title", content.title), **texts("purpose", content.purpose)
    )
    sections = Section.objects.bulk_create(
        Section(edition=edition, position=place, **texts("title", each.title), **texts("intro", each.intro))
        for place, each in enumerate(content.sections, start=1)
    )
    codes = {view.concept for section in content.sections for view in section.questions if view.concept}
    keep_concepts(dict.fromkeys(codes, ""))
    concepts = {concept.code: concept for concept in Concept.objects.filter(code__in=codes)}
    pairs = [
        (view, _question(edition, section, place, view, concepts.get(view.concept)))
        for section, part in zip(sections, content.sections, strict=True)
        for place, view in enumerate(part.questions, start=1)
    ]
    Question.objects.bulk_create([question for _view, question in pairs])
    Option.objects.bulk_create([option for view, question in pairs for option in option_rows(question, view.options)])
    Band.objects.bulk_create([band for view, question in pairs for band in band_rows(question, view.bands)])
    _write_facts(edition, content.facts)
    _write_conditions(edition, pairs, list(zip(content.sections, sections, strict=True)))
    return Edition.objects.get(pk=edition.pk)


def add_question(section: Section, position: int, view: QuestionView) -> Question:
    """Write one more question into a section of a draft, with its options and conditions.

    What its conditions look at stands in the draft, as the codes in `view` say. Inside `authoring.editing`.
    """
    if view.concept:
        keep_concepts({view.concept: ""})
    row = _question(section.edition, section, position, view, Concept.objects.filter(code=view.concept).first())
    row.save()
    Option.objects.bulk_create(option_rows(row, view.options))
    Band.objects.bulk_create(band_rows(row, view.bands))
    _write_conditions(section.edition, [(view, row)], [])
    return row


def _question(
    edition: Edition, section: Section, position: int, view: QuestionView, concept: Concept | None
) -> Question:
    return Question(
        edition=edition,
        section=section,
        position=position,
        code=view.code,
        kind=view.kind,
        required=view.required,
        elaboration=view.elaboration,
        minimum=view.minimum,
        maximum=view.maximum,
        decimals=view.decimals,
        concept=concept,
        comparability=view.comparability,
        origin=view.origin,
        **texts("text", view.text),
        **texts("help", view.help),
        **texts("elaboration_prompt", view.elaboration_prompt),
        attachment_id=view.attachment.digest if view.attachment else None,
        **texts("unit", view.unit),
        **texts("quotation", view.quotation),
        **texts("source", view.source),
        **texts("alt", view.alt),
        **texts("caption", view.caption),
    )


def option_rows(question: Question, views: tuple[OptionView, ...]) -> list[Option]:
    """Unsaved options of a saved question, in order."""
    return [
        Option(
            question=question,
            position=place,
            code=view.code,
            meaning=view.meaning,
            elaboration=view.elaboration,
            excludes=view.excludes,
            **texts("label", view.label),
        )
        for place, view in enumerate(views, start=1)
    ]


def band_rows(question: Question, views: Sequence[BandView]) -> list[Band]:
    """Unsaved bands of a saved question, in order."""
    return [
        Band(question=question, position=position, lower=view.lower, upper=view.upper)
        for position, view in enumerate(views, start=1)
    ]


def _write_facts(edition: Edition, facts: tuple[FactView, ...]) -> None:
    rows = EditionFact.objects.bulk_create(
        EditionFact(edition=edition, name=fact.name, **texts("label", fact.label)) for fact in facts
    )
    EditionFactValue.objects.bulk_create(
        EditionFactValue(fact=row, code=code, **texts("label", label))
        for row, fact in zip(rows, facts, strict=True)
        for code, label in fact.values
    )


def _write_conditions(
    edition: Edition, questions: list[tuple[QuestionView, Question]], sections: list[tuple[SectionView, Section]]
) -> None:
    by_code = {question.code: question for question in Question.objects.filter(edition=edition)}
    options = {
        (option.question.code, option.code): option
        for option in Option.objects.filter(question__edition=edition).select_related("question")
    }
    facts = {fact.name: fact for fact in EditionFact.objects.filter(edition=edition)}
    values = {
        (value.fact.name, value.code): value
        for value in EditionFactValue.objects.filter(fact__edition=edition).select_related("fact")
    }

    def compared(each: ConditionView, code: str) -> Option | EditionFactValue:
        return values[each.fact, code] if each.fact else options[each.source, code]

    def row(each: ConditionView, **target: Question | Section) -> Condition:
        one = compared(each, each.option) if each.option else None
        return Condition(
            **target,
            group=each.group,
            source=None if each.fact else by_code[each.source],
            fact=facts[each.fact] if each.fact else None,
            operator=each.operator,
            option=one if isinstance(one, Option) else None,
            fact_value=one if isinstance(one, EditionFactValue) else None,
            number=each.number,
            day=each.day,
        )

    pairs = [(each, row(each, question=question)) for view, question in questions for each in view.conditions]
    pairs += [(each, row(each, section=section)) for part, section in sections for each in part.conditions]
    Condition.objects.bulk_create([condition for _each, condition in pairs])
    ConditionOption.objects.bulk_create(
        ConditionOption.of(condition, compared(each, code)) for each, condition in pairs for code in each.options
    )


def texts(name: str, text: Text) -> dict[str, str]:
    """A text as values for the model's columns, one a language; what is missing is stored empty."""
    return {f"{name}_{language}": text.by_language.get(language, "") for language in AVAILABLE_LANGUAGES}
