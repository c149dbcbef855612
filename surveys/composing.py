"""Composing: the content of an edition, given as plain values, written as rows of a draft."""

from __future__ import annotations

from collections.abc import Mapping

from modeltranslation.settings import AVAILABLE_LANGUAGES

from surveys.models import Concept, Condition, Edition, Meaning, Option, Question, Section
from surveys.structure import EditionView, OptionView, QuestionView, Text

# Content, not interface: these labels are stored with the question, in every language content exists in.
YES = OptionView(0, "yes", Text({"nb": "Ja", "nn": "Ja", "en": "Yes", "se": "Juo"}), Meaning.ANSWER.value)
NO = OptionView(0, "no", Text({"nb": "Nei", "nn": "Nei", "en": "No", "se": "Ii"}), Meaning.ANSWER.value)
YES_NO = (YES, NO)


def keep_concepts(titles: Mapping[str, str]) -> None:
    """Make sure that concepts with these codes exist; one that does keeps its title."""
    Concept.objects.bulk_create(
        [Concept(code=code, title=title or code) for code, title in titles.items()], ignore_conflicts=True
    )


def empty(edition: Edition) -> None:
    """Take everything out of a draft."""
    # First the conditions: a question is protected by those that look at it, even by ones that go with it.
    Condition.objects.filter(question__edition=edition).delete()
    Section.objects.filter(edition=edition).delete()


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
    _write_conditions(pairs)
    return Edition.objects.get(pk=edition.pk)


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
        concept=concept,
        **texts("text", view.text),
        **texts("help", view.help),
        **texts("elaboration_prompt", view.elaboration_prompt),
    )


def option_rows(question: Question, views: tuple[OptionView, ...]) -> list[Option]:
    """Unsaved options of a saved question, in order."""
    return [
        Option(
            question=question,
            position=place,
            code=view.code,
            meaning=view.meaning,
            **texts("label", view.label),
        )
        for place, view in enumerate(views, start=1)
    ]


def _write_conditions(pairs: list[tuple[QuestionView, Question]]) -> None:
    by_code = {question.code: question for _view, question in pairs}
    options = {
        (option.question_id, option.code): option
        for option in Option.objects.filter(question__in=[question for _view, question in pairs])
    }
    Condition.objects.bulk_create(
        Condition(
            question=question,
            group=each.group,
            source=by_code[each.source],
            operator=each.operator,
            option=options[by_code[each.source].pk, each.option] if each.option else None,
        )
        for view, question in pairs
        for each in view.conditions
    )


def texts(name: str, text: Text) -> dict[str, str]:
    """A text as values for the model's columns, one a language; what is missing is stored empty."""
    return {f"{name}_{language}": text.by_language.get(language, "") for language in AVAILABLE_LANGUAGES}
