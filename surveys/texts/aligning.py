"""Aligning: questions that share a concept, and how far they may be set against each other.

"Same wording" is a claim that can be checked: text and answers are the same in every language that both exist in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _

from surveys import structure
from surveys.authoring import Refused
from surveys.models import Comparability, Concept, Edition, Option, Question, Role
from surveys.structure import EditionView, QuestionView, Text


class NotSameWording(Refused):
    """A question is said to have the wording of others about its concept, and has not."""


@dataclass(frozen=True)
class Shared:
    """A question about a concept, and the edition that asks it.

    Args:
        differs_from: the questions it claims to have the wording of, as "questionnaire/code", and has not.
    """

    question: QuestionView
    edition: Edition
    differs_from: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.edition.questionnaire.code}/{self.question.code}"


def questions_about(concept: Concept) -> list[Shared]:
    """Every question about a concept, in all questionnaires and editions, those of one questionnaire in a row."""
    shared = [_shared(row) for row in _rows(Q(concept=concept))]
    return [Shared(each.question, each.edition, tuple(_unlike(each, shared))) for each in shared]


def others_about(question: Question) -> list[Shared]:
    """How others ask about a question's concept, each questionnaire as it stands last: what one can be held against.

    The others are published editions, the bank and templates; of this questionnaire too, but not this edition.
    """
    if question.concept_id is None:
        return []
    others = _rows(_settled() & Q(concept=question.concept_id) & ~Q(edition=question.edition_id))
    newest = {(row.edition.questionnaire_id, row.code): row for row in others}
    this = _shared(question)
    found = [_shared(row) for row in newest.values()]
    return [
        replace(each, differs_from=() if is_same_wording(this.question, each.question) else (this.name,))
        for each in found
    ]


def false_claims(edition: Edition, view: EditionView) -> list[str]:
    """Which questions claim the wording of other questionnaires' about their concept, and have not: a sentence each."""
    claiming = {
        each.concept for each in view.questions.values() if each.concept and each.comparability == Comparability.WORDING
    }
    if not claiming:
        return []
    elsewhere = ~Q(edition__questionnaire=edition.questionnaire_id)
    others = [_shared(row) for row in _rows(_settled() & Q(concept__code__in=claiming) & elsewhere)]
    found = []
    for question in view.questions.values():
        about = [each for each in others if each.question.concept == question.concept]
        if unlike := _unlike(Shared(question, edition), about):
            names = {"question": question.code, "others": ", ".join(dict.fromkeys(unlike))}
            found.append(_("%(question)s is said to have the same wording as %(others)s, and has not.") % names)
    return found


def _settled() -> Q:
    """What no longer changes under the hands of whoever writes it."""
    return Q(edition__published_at__isnull=False) | Q(edition__questionnaire__role__in=(Role.BANK, Role.TEMPLATE))


def demand_same_wording(question: Question) -> None:
    """Refuse a question of a draft that claims the wording of others about its concept, and is worded differently.

    The others are those that make the same claim in published editions, in the bank and in templates; another draft
    may still change.

    Raises:
        NotSameWording
    """
    if question.comparability != Comparability.WORDING or question.concept_id is None:
        return
    others = _rows(_settled() & Q(concept=question.concept_id) & ~Q(pk=question.pk))
    this = next(_shared(row) for row in _rows(Q(pk=question.pk)))
    if unlike := _unlike(this, [_shared(row) for row in others]):
        reason = _(
            "This does not have the same wording as %(others)s. Word it the same, or say that it has the same meaning "
            "or only the same theme."
        )
        raise NotSameWording([reason % {"others": ", ".join(dict.fromkeys(unlike))}])


def is_same_wording(one: QuestionView, other: QuestionView) -> bool:
    """Whether two questions say the same and offer the same answers, in a language at least, and in all they share."""
    if len(one.options) != len(other.options):
        return False
    pairs = [(one.text, other.text)]
    pairs += [(left.label, right.label) for left, right in zip(one.options, other.options, strict=True)]
    return _is_same(one.text, other.text, needed=True) and all(_is_same(*pair) for pair in pairs)


def _is_same(one: Text, other: Text, *, needed: bool = False) -> bool:
    common = [language for language in one.by_language if other.by_language.get(language)]
    same = all(one.by_language[each].split() == other.by_language[each].split() for each in common)
    return same and (bool(common) or not needed)


def _unlike(this: Shared, others: Iterable[Shared]) -> list[str]:
    if this.question.comparability != Comparability.WORDING:
        return []
    return [
        other.name
        for other in others
        if other.question.comparability == Comparability.WORDING
        and other.question.id != this.question.id
        and not is_same_wording(this.question, other.question)
    ]


def _rows(which: Q) -> list[Question]:
    found = Question.objects.filter(which).select_related("concept", "edition__questionnaire")
    options = Prefetch("options", Option.objects.order_by("position"))
    # A draft has no number: it comes after the published editions.
    return list(
        found.prefetch_related(options, "bands").order_by("edition__questionnaire__code", "edition__number", "code")
    )


def _shared(row: Question) -> Shared:
    return Shared(structure.question_view(row), row.edition)
