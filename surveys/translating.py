"""Translating: how complete a questionnaire is in each language, and the translator's sheet, out and in.

A sheet that comes back is a plan first: what would be filled in or changed, and what needs a decision because someone
else has written there, or the original has changed, since the sheet was taken. Then it is applied whole, or not at all.
A cell that is left open deletes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.core import signing
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from surveys import authoring, structure
from surveys.authoring import Refused, StaleDraft
from surveys.formats import translations
from surveys.formats.document import BadDocument
from surveys.formats.translations.columns import plain
from surveys.formats.translations.planning import Line, Outcome, Plan, compare
from surveys.models import Concept, Edition, EditionFact, EditionFactValue, Option, Question, Section
from surveys.structure import EditionView
from surveys.texts import wording
from surveys.texts.wording import LANGUAGES, Passage, Path

__all__ = ["BadDocument", "Line", "Outcome", "Plan", "apply", "completeness", "export", "plan", "reopen", "seal"]

_SALT = "surveys.translating.plan"
PLAN_SECONDS = 24 * 60 * 60
# Django takes 2.5 MB of a form's fields.
LONGEST_SEALED = 2_000_000


# --- How complete it is -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Completeness:
    """How much of a questionnaire is written in one language.

    Args:
        total: the texts that are written in a language at least.
        is_begun: whether anything is, apart from answers that come in every language by themselves.
    """

    language: str
    total: int
    missing: tuple[Passage, ...]
    is_begun: bool

    @property
    def written(self) -> int:
        """How many of the texts are there."""
        return self.total - len(self.missing)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return bool(self.total) and not self.missing

    @property
    def name(self) -> str:
        """The language in the words of the reader."""
        return wording.language_name(self.language)

    @property
    def words(self) -> str:
        """How far it has come, such as “34 of 41 texts”."""
        if self.is_whole:
            return _("complete")
        if not self.is_begun:
            return _("not begun")
        return ngettext("%(written)d of %(total)d text", "%(written)d of %(total)d texts", self.total) % {
            "written": self.written, "total": self.total,
        }  # fmt: skip


def completeness(view: EditionView) -> list[Completeness]:
    """Each language in turn."""
    written = [each for each in wording.passages(view) if each.text]
    return [
        Completeness(
            language,
            len(written),
            tuple(each for each in written if not each.text.by_language.get(language)),
            any(each.is_own and each.text.by_language.get(language) for each in written),
        )
        for language in LANGUAGES
    ]


def shared(edition: Edition) -> list[Passage]:
    """The names of the concepts that its questions are about: one name in all questionnaires."""
    return [
        Passage(("concepts", each.code), "title", structure.texts(each, "title"))
        for each in Concept.objects.filter(questions__edition=edition).distinct().order_by("code")
    ]


def _here(edition: Edition) -> dict[str, Passage]:
    return {**wording.by_key(structure.read(edition)), **{each.key: each for each in shared(edition)}}


# --- The sheet out ----------------------------------------------------------------------------------------


def export(edition: Edition, language: str) -> bytes:
    """The translator's sheet of an edition (.xlsx), its words in the language in force.

    Args:
        language: in which the questionnaire is called by its title.
    """
    view = structure.read(edition)
    written = [each for each in (*wording.passages(view), *shared(edition)) if each.text]
    return translations.write(edition.questionnaire.code, view.title(language), written)


# --- The sheet in -----------------------------------------------------------------------------------------


def plan(content: bytes, code: str = "") -> Plan:
    """What a sheet would do; nothing is stored. What is wrong with it stands in `errors`.

    Args:
        code: of the questionnaire it must be of; empty to believe the sheet.
    """
    try:
        sheet = translations.read(content)
    except BadDocument as bad:
        return Plan(code, errors=(str(bad),))
    if code and sheet.code and sheet.code != code:
        told = _("This sheet belongs to another questionnaire: %(code)s.") % {"code": sheet.code[:80]}
        return Plan(code, errors=(told,))
    try:
        edition = authoring.find_edition(code or sheet.code)
    except authoring.NoSuchEdition:
        told = _("The sheet does not say which questionnaire it belongs to, or there is none with the code it says.")
        return Plan(code or sheet.code, errors=(told,))
    version = edition.version if edition.is_draft else None
    return compare(
        sheet, structure.read(edition), shared(edition), Plan(edition.questionnaire.code, edition.pk, version)
    )


# --- Applying ---------------------------------------------------------------------------------------------

Part = models.Model


@dataclass(frozen=True)
class Applied:
    """What was written: where, how many texts, and the rows they stand in."""

    edition: Edition | None
    count: int
    parts: tuple[Part, ...] = ()


def apply(planned: Plan, take: Collection[str] = (), *, concepts: bool = True) -> Applied:
    """Do what was planned: all of it, or nothing. Done twice, the second time nothing is left to do.

    Args:
        take: the names of those lines that ask, and are to be written all the same.
        concepts: whether the names of concepts, which other questionnaires share, are written as well.

    Raises:
        authoring.Refused: the plan has errors.
        authoring.StaleDraft: the draft is not the one that was planned for.
    """
    if planned.errors:
        raise Refused(list(planned.errors))
    lines = [
        each for each in planned.lines if (not each.asks or each.name in take) and (concepts or not each.names_concept)
    ]
    if not lines:
        return Applied(None, 0)
    try:
        with transaction.atomic():
            draft_id = planned.edition_id if planned.version is not None else _new_draft(planned).pk
            with authoring.editing(draft_id, planned.version) as draft:
                return Applied(draft, len(lines), _write(draft, lines))
    except (StaleDraft, authoring.NotADraft, authoring.PartGone):
        edition = authoring.find_edition(planned.code)
        if _is_done(edition, lines):
            return Applied(edition, 0)
        raise StaleDraft from None


def _new_draft(planned: Plan) -> Edition:
    """A draft made of the edition that was compared with, if that is still the newest."""
    newest = authoring.find_edition(planned.code)
    if newest.pk != planned.edition_id:
        raise StaleDraft
    return authoring.draft(newest.questionnaire)


def _is_done(edition: Edition, lines: Iterable[Line]) -> bool:
    here = _here(edition)
    return all(
        line.key in here and plain(here[line.key].text.by_language.get(line.language, "")) == line.after
        for line in lines
    )


def _write(draft: Edition, lines: Iterable[Line]) -> tuple[Part, ...]:
    here, rows = _here(draft), rows_by_owner(draft)
    columns: dict[type[Part], set[str]] = {}
    touched: dict[Path, Part] = {}
    for line in lines:
        passage = here.get(line.key)
        # A correction of the published edition, say, leaves no new version of a draft behind.
        if passage is None or plain(passage.text.by_language.get(line.language, "")) != line.before:
            raise StaleDraft
        part, column = rows[passage.owner], f"{passage.field}_{line.language}"
        setattr(part, column, line.after)
        columns.setdefault(type(part), set()).add(column)
        touched[passage.owner] = part
    for model, changed in columns.items():
        parts = [part for part in touched.values() if type(part) is model]
        model._default_manager.bulk_update(parts, sorted(changed))
    return tuple(touched.values())


def rows_by_owner(edition: Edition) -> dict[Path, Part]:
    """The row that each part of an edition is, by the path to it (`wording.Passage.owner`)."""
    found: dict[Path, Part] = {(): Edition.objects.get(pk=edition.pk)}
    questions = list(Question.objects.filter(edition=edition).order_by("section__position", "position"))
    first: dict[int, str] = {}
    for question in questions:
        first.setdefault(question.section_id, question.code)
        found["questions", question.code] = question
    for number, section in enumerate(Section.objects.filter(edition=edition).order_by("position"), start=1):
        found["sections", first.get(section.pk, str(number))] = section
    for option in Option.objects.filter(question__edition=edition).select_related("question"):
        found["questions", option.question.code, "options", option.code] = option
    for fact in EditionFact.objects.filter(edition=edition):
        found["facts", fact.name] = fact
    for value in EditionFactValue.objects.filter(fact__edition=edition).select_related("fact"):
        found["facts", value.fact.name, "values", value.code] = value
    for concept in Concept.objects.filter(questions__edition=edition):
        found["concepts", concept.code] = concept
    return found


# --- A plan that travels ----------------------------------------------------------------------------------


def seal(planned: Plan) -> str:
    """A plan as text that can travel through a browser and come back unchanged; nothing is stored.

    Raises:
        BadDocument: it is larger than what a browser may send back.
    """
    lines = [(each.key, each.language, each.before, each.after, each.outcome.value) for each in planned.lines]
    carried = [planned.code, planned.edition_id, planned.version, lines]
    sealed = signing.dumps(carried, salt=_SALT, compress=True)
    if len(sealed) > LONGEST_SEALED:
        raise BadDocument(_("The sheet is too large for this page. Use the command import_translations."))
    return sealed


def reopen(sealed: str) -> Plan:
    """The plan that was sealed: what is to be written, without what was only to be read.

    Raises:
        BadDocument: it is older than a day, or not what was sealed.
    """
    try:
        code, edition_id, version, lines = signing.loads(sealed, salt=_SALT, max_age=PLAN_SECONDS)
    except signing.BadSignature as error:
        raise BadDocument(_("This plan can no longer be used. Choose the file again.")) from error
    found = [
        Line(0, key, "", language, "", before, after, Outcome(outcome))
        for key, language, before, after, outcome in lines
    ]
    return Plan(code, edition_id, version, tuple(found))
