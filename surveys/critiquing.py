"""Critique: what is methodologically weak in a questionnaire, what someone let stand and why, and quick repairs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from surveys import authoring, repairing, structure
from surveys.models import AcceptedFinding, Edition, Question, Role
from surveys.rules.base import LANGUAGES, Hit, Rule, Shared, Subject
from surveys.rules.registry import BY_CODE, RULES
from surveys.structure import EditionView
from surveys.texts.wording import language_name

LONGEST_REASON = 500


@dataclass(frozen=True)
class Finding:
    """A weakness found in an edition.

    Args:
        rule: the code of the rule; with `question_id` it names what can be accepted.
        title, why, advice: what it is called, why it matters, how to repair it.
        question, question_id: the code and id of the question it is about; empty and None for the whole.
        section: the number of its section from 1; 0 for the title page and the whole.
        language: of `text`; `languages` are all it was found in.
        text: the words it was found in, the offending span from `start` to `end`; may be empty.
        detail: what else there is to say.
        repair: the name of the one-click repair, and `repair_label` what its button says; empty if there is none.
        accepted: the acceptance with its reason, if someone let it stand.
    """

    rule: str
    title: str | Promise
    why: str | Promise
    advice: str | Promise
    question: str = ""
    question_id: int | None = None
    section: int = 0
    language: str = ""
    languages: tuple[str, ...] = ()
    text: str = ""
    start: int = 0
    end: int = 0
    detail: str = ""
    repair: str = ""
    accepted: AcceptedFinding | None = None

    @property
    def before(self) -> str:
        """The words before the marked span."""
        return self.text[: self.start]

    @property
    def marked(self) -> str:
        """The marked span."""
        return self.text[self.start : self.end]

    @property
    def after(self) -> str:
        """The words after the marked span."""
        return self.text[self.end :]

    @property
    def repair_label(self) -> str | Promise:
        """What the button of the repair says."""
        return repairing.LABELS[self.repair] if self.repair else ""

    @property
    def language_names(self) -> list[str]:
        """The languages it was found in, in the words of the reader."""
        return [language_name(each) for each in self.languages]

    @property
    def reason(self) -> str:
        """Why it was accepted; empty if it was not."""
        return self.accepted.reason if self.accepted else ""


def findings(edition: Edition, view: EditionView | None = None) -> list[Finding]:
    """Everything found in an edition, accepted or not, in the order of the questionnaire.

    A constant number of statements, whatever its size.

    Args:
        view: the edition as it stands now, if it has just been read.
    """
    view = view or structure.read(edition)
    accepted = {(each.rule, each.question_id): each for each in AcceptedFinding.objects.filter(edition=edition)}
    is_bank = edition.questionnaire.role == Role.BANK
    return criticise(view, _shared(edition, view), accepted, is_asked=not is_bank)


def criticise(
    view: EditionView,
    shared: Sequence[Shared] = (),
    accepted: dict[tuple[str, int | None], AcceptedFinding] | None = None,
    *,
    is_asked: bool = True,
) -> list[Finding]:
    """The same for plain values: what every rule finds, sorted by place.

    Args:
        is_asked: whether it is put to people as a whole; a bank of questions is not, and has no first page to judge.
    """
    sections = {question.code: n for n, section in enumerate(view.sections, 1) for question in section.questions}
    order = {code: place for place, code in enumerate(sections, start=1)}
    subject = Subject(view, LANGUAGES, tuple(shared))
    rules = [rule for rule in RULES if is_asked or not rule.of_whole]
    found = [_finding(rule, hits, sections) for rule in rules for hits in _together(rule.find(subject))]
    found = _with_acceptances(found, view, accepted or {})
    ranks = {rule.code: rank for rank, rule in enumerate(RULES)}
    return sorted(found, key=lambda each: (each.section, order.get(each.question, 0), ranks[each.rule]))


def _together(hits: Iterator[Hit]) -> list[list[Hit]]:
    """The same weakness in several languages is one: hits of one place, those of the first language apart."""
    places: dict[tuple[str, int], list[Hit]] = {}
    for hit in hits:
        code = hit.question.code if hit.question else ""
        places.setdefault((code, 0 if code else hit.section), []).append(hit)
    groups = []
    for found in places.values():
        first = [hit for hit in found if hit.language == found[0].language]
        others = [hit for hit in found if hit.language != found[0].language]
        groups += [[hit, *others] for hit in first]
    return groups


def _with_acceptances(
    found: list[Finding], view: EditionView, accepted: dict[tuple[str, int | None], AcceptedFinding]
) -> list[Finding]:
    """Findings with the acceptances that hold: those given for a sentence that still stands."""
    sentences: dict[tuple[str, int | None], set[str]] = {}
    for each in found:
        sentences.setdefault((each.rule, each.question_id), set()).add(sentence_of(each, view))
    holding = {key: row for key, row in accepted.items() if row.sentence in sentences.get(key, ())}
    return [replace(each, accepted=holding.get((each.rule, each.question_id))) for each in found]


def sentence_of(finding: Finding, view: EditionView) -> str:
    """What a finding is about, word for word: where nothing is marked, its question; of the whole nothing."""
    asked = view.questions.get(finding.question)
    return finding.text or (asked.text("nb") if asked else "")


def _finding(rule: Rule, hits: list[Hit], sections: dict[str, int]) -> Finding:
    hit = hits[0]
    code, pk = (hit.question.code, hit.question.id or None) if hit.question else ("", None)
    # Details of other languages say something new only where no words are shown.
    details = [each.detail for each in (hits if not hit.text else hits[:1]) if each.detail]
    return Finding(
        rule=rule.code,
        title=rule.title,
        why=rule.why,
        advice=rule.advice,
        question=code,
        question_id=pk,
        section=sections.get(code, hit.section),
        language=hit.language,
        languages=tuple(dict.fromkeys(each.language for each in hits if each.language)),
        text=hit.text,
        start=hit.start,
        end=hit.end,
        detail=" ".join(dict.fromkeys(details)),
        repair=next((each.repair for each in hits if each.repair), ""),
    )


def _shared(edition: Edition, view: EditionView) -> list[Shared]:
    """Questions that share a concept, in the newest editions of questionnaires used for the same, and earlier ones."""
    concepts = {question.concept for question in view.questions.values() if question.concept}
    if not concepts:
        return []
    role = edition.questionnaire.role
    rows = Question.objects.filter(concept__code__in=concepts, edition__questionnaire__role=role)
    rows = rows.exclude(edition=edition).select_related("concept", "edition__questionnaire")
    # Published first, the newest first: a draft that somebody is still writing is a yardstick only if all is draft.
    numbered = F("edition__number").desc(nulls_last=True)
    newest = rows.order_by("edition__questionnaire_id", numbered, "pk").prefetch_related("options", "bands")
    kept: dict[int, int] = {}
    return [
        Shared(str(row.edition.questionnaire), structure.question_view(row))
        for row in newest
        if kept.setdefault(row.edition.questionnaire_id, row.edition_id) == row.edition_id
    ]


def accept(
    edition: Edition, rule: str, question: int | None, reason: str, person: Any, now: datetime
) -> AcceptedFinding:
    """Let a finding stand, with a reason that is kept for the method appendix.

    Args:
        rule: its code.
        question: the id of the question it is about; None for the whole.

    Raises:
        authoring.Refused: there is no such finding, or no reason, or it has been accepted already.
        authoring.NotADraft
    """
    reason = " ".join(reason.split())
    if not reason:
        raise authoring.Refused([_("Please write why it may stand.")])
    if len(reason) > LONGEST_REASON:
        raise authoring.Refused([_("The reason may have %(most)d characters.") % {"most": LONGEST_REASON}])
    with transaction.atomic():
        locked = _locked(edition)
        view = structure.read(locked)
        found = find(locked, rule, question, view)
        if found.accepted:
            raise authoring.Refused([_("This has already been accepted. Take that back first to give another reason.")])
        # One that was given for other words stands no longer.
        _of(locked, rule, question).delete()
        return AcceptedFinding.objects.create(
            edition=locked,
            rule=rule,
            question_id=question,
            reason=reason,
            sentence=sentence_of(found, view),
            person=person,
            accepted_at=now,
        )


def take_back(edition: Edition, rule: str, question: int | None) -> None:
    """No longer accept a finding; nothing happens if it was not accepted.

    Raises:
        authoring.NotADraft
    """
    with transaction.atomic():
        _of(_locked(edition), rule, question).delete()


def repair(edition: Edition, rule: str, question: int | None, version: int | None = None) -> Edition:
    """Make the one-click repair of a finding.

    Raises:
        authoring.Refused: it is no longer found, or no repair is known for it.
        authoring.StaleDraft, authoring.NotADraft
    """
    with authoring.editing(edition.pk, version) as draft:
        found = find(draft, rule, question)
        if not found.repair:
            raise authoring.Refused([_("This cannot be repaired by itself. Please change the text.")])
        repairing.repair(draft, found.repair, found.question_id)
    return draft


def find(edition: Edition, rule: str, question: int | None, view: EditionView | None = None) -> Finding:
    """The finding of a rule on a question, or on the whole; one with a repair if there are several.

    Raises:
        authoring.Refused: there is none.
    """
    found = [each for each in findings(edition, view) if (each.rule, each.question_id) == (rule, question)]
    if rule not in BY_CODE or not found:
        raise authoring.Refused([_("This is no longer found. Perhaps someone else has just repaired it.")])
    return next((each for each in found if each.repair), found[0])


def open_count(edition: Edition) -> int:
    """How many findings have been neither repaired nor accepted."""
    return sum(each.accepted is None for each in findings(edition))


def accepted_of(edition: Edition, found: Sequence[Finding] | None = None) -> list[AcceptedFinding]:
    """What was let stand, for the method appendix, in the order of the questionnaire.

    What was let stand for words that have been changed since, and is found again, does not stand any longer. That
    something is no longer found takes nothing away: other questionnaires, with which it was compared, go on.

    Args:
        found: the findings of the edition, if they have just been worked out.
    """
    again = {
        (each.rule, each.question_id) for each in (findings(edition) if found is None else found) if not each.accepted
    }
    rows = AcceptedFinding.objects.filter(edition=edition).select_related("question", "person")
    ordered = rows.order_by("question__section__position", "question__position", "rule")
    return [row for row in ordered if (row.rule, row.question_id) not in again]


def _of(edition: Edition, rule: str, question: int | None) -> QuerySet[AcceptedFinding]:
    about = Q(question=None) if question is None else Q(question_id=question)
    return AcceptedFinding.objects.filter(about, edition=edition, rule=rule)


def _locked(edition: Edition) -> Edition:
    locked = Edition.objects.select_for_update(of=("self",)).select_related("questionnaire").get(pk=edition.pk)
    if not locked.is_draft:
        raise authoring.NotADraft
    return locked
