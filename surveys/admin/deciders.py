"""What can decide whether something is shown, and what does, as plain values for the builder's script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from surveys.admin.board import Board
from surveys.drafting import versioning
from surveys.kinds import registry
from surveys.models import EditionFact, Question, Section
from surveys.structure import QuestionView

LONGEST_LABEL = 60


def deciders(target: Question | Section, board: Board, language: str) -> list[dict[str, Any]]:
    """The questions answered before a part, and the background facts: each with the answers it can have."""
    found = [
        {
            "id": f"question-{question.id}",
            "label": short(f"{question.code}: {question.text(language)}"),
            "number": registry.kind(question.kind).has_number,
            "day": registry.kind(question.kind).has_day,
            "answers": [[str(option.id), option.label(language) or option.code] for option in question.options],
        }
        for question in before(target, board)
        if question.kind in registry.KINDS and registry.kind(question.kind).is_asked
    ]
    facts = EditionFact.objects.filter(edition=target.edition_id).prefetch_related("values")
    found += [
        {
            "id": f"fact-{fact.pk}",
            "label": short(str(fact)),
            "number": False,
            "day": False,
            "answers": [[str(value.pk), str(value)] for value in fact.values.all()],
        }
        for fact in facts
    ]
    return found


def before(target: Question | Section, board: Board) -> Iterator[QuestionView]:
    """The questions that stand before a part."""
    for row, section in zip(board.sections, board.view.sections, strict=True):
        if isinstance(target, Section) and row.id == target.pk:
            return
        for question in section.questions:
            if isinstance(target, Question) and question.id == target.pk:
                return
            yield question


def decided(target: Question | Section) -> list[dict[str, Any]]:
    """The conditions of a part as they stand, as `deciding.write` takes them."""
    return [
        {
            "group": each.group,
            "source": f"question-{each.source_id}" if each.source_id else f"fact-{each.fact_id}",
            "operator": each.operator,
            "answers": [
                str(pk)
                for pk in (
                    each.option_id,
                    each.fact_value_id,
                    *(row.option_id or row.fact_value_id for row in each.options.all()),
                )
                if pk
            ],
            "number": versioning.plain(each.number),
            "day": versioning.plain(each.day),
        }
        for each in sorted(versioning.conditions(target), key=lambda each: (each.group, each.pk))
    ]


def short(label: str) -> str:
    """A label with room beside it."""
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"
