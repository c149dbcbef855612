"""Banking: questions kept by theme, taken into drafts and put in from them.

A bank is a questionnaire with that role; each of its sections is a theme. What is taken is a copy that remembers where
it came from: the bank may change afterwards without changing what was taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from surveys import structure
from surveys.authoring import Refused, editing
from surveys.drafting import arranging, carrying, composing, naming
from surveys.drafting.arranging import LAST
from surveys.models import Edition, Option, Question, Role, Section
from surveys.structure import ConditionView, EditionView, QuestionView, Text

# How PostgreSQL takes words apart in a language; it knows no Sámi, and one Norwegian.
CONFIGURATIONS = {"nb": "norwegian", "nn": "norwegian", "en": "english"}
MOST_FOUND = 200
WORD = re.compile(r"\w+")


class NotTaken(Refused):
    """The question could not be taken or put; the reason is said."""

    def __init__(self, reason: str) -> None:
        super().__init__([reason])


@dataclass(frozen=True)
class Banked:
    """A question of the bank, by its row's id; `origin` is what a copy of it carries."""

    id: int
    kind: str
    text: Text
    help: Text
    options: tuple[Text, ...]
    is_conditional: bool
    origin: str


@dataclass(frozen=True)
class Theme:
    """A section of a bank, with those of its questions that were looked for."""

    id: int
    title: Text
    intro: Text
    questions: tuple[Banked, ...]


@dataclass(frozen=True)
class Taken:
    """The new copy, and whether its condition was left behind since the draft has nothing for it to look at."""

    question: Question
    is_unconditional: bool


def banks() -> list[Edition]:
    """What the banks hold now, one edition each: the draft, or what was last published."""
    editions = Edition.objects.filter(questionnaire__role=Role.BANK).select_related("questionnaire")
    # A draft has no number, and PostgreSQL sorts what is missing last, so first when turned round.
    return list(editions.order_by("questionnaire__code", "-number").distinct("questionnaire__code"))


def themes(words: str = "", language: str = "nb") -> list[Theme]:
    """The themes of the bank with their questions, in order; with `words`, those in which they are found."""
    wanted = set(search(words, language).values_list("pk", flat=True)[:MOST_FOUND]) if words.strip() else None
    found: list[Theme] = []
    for edition in banks():
        view = structure.read(edition)
        ids = edition.sections.order_by("position").values_list("pk", flat=True)
        for pk, section in zip(ids, view.sections, strict=True):
            questions = tuple(
                _banked(question, edition) for question in section.questions if wanted is None or question.id in wanted
            )
            if questions or wanted is None:
                found.append(Theme(pk, section.title, section.intro, questions))
    return found


def search(words: str, language: str = "nb") -> QuerySet[Question]:
    """Questions of the bank about these words, the nearest first.

    A question is found when each word, in any of its inflections, stands in its texts, its theme or its concept; or
    when each stands there letter by letter, so that half a word finds something too.
    """
    configuration = CONFIGURATIONS.get(language, "simple")
    columns = [
        f"{name}_{code}"
        for name in ("text", "help", "section__title", "section__intro", "concept__title")
        for code in dict.fromkeys((language, "nb"))
    ]
    query = SearchQuery(words, config=configuration, search_type="plain")
    vector = SearchVector(*columns, config=configuration)
    letters = Q()
    for word in WORD.findall(words):
        in_option = Option.objects.filter(question=OuterRef("pk"), **{f"label_{language}__icontains": word})
        letters &= Q(Exists(in_option)) | _anywhere(columns, word)
    editions = [edition.pk for edition in banks()]
    return (
        Question.objects.filter(edition__in=editions)
        .annotate(document=vector, rank=SearchRank(vector, query))
        .filter(Q(document=query) | letters)
        .order_by(F("rank").desc(), "section__position", "position")
    )


def take(question_id: int, section_id: int, position: int | None = None) -> Taken:
    """Copy a question of the bank into a section of a draft, at a place from 1, or last.

    Everything that is asked comes along, and the origin. A condition does when the draft holds, further up, what it
    looks at: a copy of the same question of the bank, or a background fact of that name.

    Raises:
        NotTaken: the question is not in the bank any longer, or the section is gone.
        NotADraft
    """
    source = Question.objects.filter(pk=question_id, edition__in=[each.pk for each in banks()]).first()
    section = Section.objects.filter(pk=section_id).first()
    if source is None or section is None:
        raise NotTaken(_("The question or the section is no longer there. Load the page again."))
    bank = structure.read(Edition.objects.select_related("questionnaire").get(pk=source.edition_id))
    original = bank.questions[source.code]
    with editing(section.edition_id) as edition:
        conditions = _conditions(original, source, structure.read(edition))
        copy = replace(original, origin=_origin(source), conditions=conditions)
        row = _insert(copy, section, position)
        carrying.along(edition, {source.pk: row.pk})
    return Taken(row, is_unconditional=bool(original.conditions) and not conditions)


def put(question_id: int, theme_id: int) -> Question:
    """Copy a question of a questionnaire into a theme of the bank, last. Its conditions stay behind.

    Raises:
        NotTaken: the question or the theme is gone, or the question is in the bank.
        NotADraft: the bank has only a published edition.
    """
    source = Question.objects.select_related("edition__questionnaire").filter(pk=question_id).first()
    theme = Section.objects.filter(pk=theme_id, edition__questionnaire__role=Role.BANK).first()
    if source is None or theme is None:
        raise NotTaken(_("The question or the theme is no longer there. Load the page again."))
    if source.edition.questionnaire.role == Role.BANK:
        raise NotTaken(_("This question is in the bank already."))
    original = structure.read(source.edition).questions[source.code]
    with editing(theme.edition_id) as edition:
        view = structure.read(edition)
        if any(each.origin == _origin(source) and each.text == original.text for each in view.questions.values()):
            raise NotTaken(_("This question is in the bank already."))
        row = _insert(replace(original, origin=_origin(source), conditions=()), theme, None)
        carrying.along(edition, {source.pk: row.pk})
    return row


def _insert(view: QuestionView, section: Section, position: int | None) -> Question:
    """Write a question into a section of a draft that is being edited, with a code that fits in there."""
    here = list(section.questions.order_by("position"))
    at = len(here) if position is None else min(max(position - 1, 0), len(here))
    earlier = Question.objects.filter(edition=section.edition_id, section__position__lt=section.position)
    before = [*earlier.order_by("section__position", "position"), *here[:at]]
    taken = set(Question.objects.filter(edition=section.edition_id).values_list("code", flat=True))
    code = naming.next_code([each.code for each in reversed(before)], taken)
    row = composing.add_question(section, LAST, replace(view, code=code))
    arranging.insert_question(section, row, here[at].pk if at < len(here) else None)
    return row


def _conditions(original: QuestionView, source: Question, draft: EditionView) -> tuple[ConditionView, ...]:
    """The conditions of a bank's question as they hold in a draft; none unless all of them can."""
    bank = source.edition.questionnaire.code
    copies = {each.origin: each for each in draft.questions.values() if each.origin}
    facts = {fact.name: {code for code, _label in fact.values} for fact in draft.facts}
    found = []
    for condition in original.conditions:
        if condition.fact:
            if condition.fact not in facts or not set(condition.compared) <= facts[condition.fact]:
                return ()
            found.append(condition)
            continue
        copy = copies.get(f"{bank}/{condition.source}")
        if copy is None or not set(condition.compared) <= {option.code for option in copy.options}:
            return ()
        found.append(replace(condition, source=copy.code))
    return tuple(found)


def _banked(question: QuestionView, edition: Edition) -> Banked:
    return Banked(
        id=question.id,
        kind=question.kind,
        text=question.text,
        help=question.help,
        options=tuple(option.label for option in question.options),
        is_conditional=bool(question.conditions),
        origin=f"{edition.questionnaire.code}/{question.code}",
    )


def _origin(question: Question) -> str:
    return f"{question.edition.questionnaire.code}/{question.code}"


def _anywhere(columns: Sequence[str], word: str) -> Q:
    found = Q()
    for column in columns:
        found |= Q(**{f"{column}__icontains": word})
    return found
