"""Exchanging: questionnaires from files and into files, of several formats.

An import is a plan first: what will be made, and what is lost and why. Then it is applied whole, or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from surveys import authoring, structure
from surveys.attachments import attaching
from surveys.drafting import composing
from surveys.formats import confining, loading, spelling
from surveys.formats.catalogue import FORMATS, Format, recognise
from surveys.formats.document import BadDocument
from surveys.formats.protocol import Draft, Lost
from surveys.models import Concept, Edition, Questionnaire

__all__ = [
    "FORMATS", "Exported", "Plan", "apply", "drafted", "export", "file_name", "keep", "plan", "read", "reopen", "seal",
    "standing",
]  # fmt: skip

_SALT = "surveys.exchanging.plan"
# A plan left lying longer than this must be made again.
PLAN_SECONDS = 24 * 60 * 60
# Django takes 2.5 MB of a form's fields.
LONGEST_SEALED = 2_000_000


@dataclass(frozen=True)
class Plan:
    """What importing a file would do. With `errors` it cannot be applied.

    Args:
        format: the name of the format, empty if none was recognised.
        replaces: the version of the draft that would be replaced; None if there is none.
    """

    format: str
    draft: Draft | None
    errors: tuple[str, ...] = ()
    replaces: int | None = None

    @property
    def lost(self) -> tuple[Lost, ...]:
        """What the file says that the questionnaire will not."""
        return self.draft.lost if self.draft else ()

    def counts(self) -> dict[str, int]:
        """How many sections, questions (information included), options and conditions there will be."""
        sections = self.draft.view.sections if self.draft else ()
        questions = [question for section in sections for question in section.questions]
        return {
            "sections": len(sections),
            "questions": len(questions),
            "options": sum(len(question.options) for question in questions),
            "conditions": sum(len(each.conditions) for each in sections)
            + sum(len(each.conditions) for each in questions),
        }

    def as_json(self) -> dict[str, Any]:
        """What `import_questionnaire --json` prints."""
        return {
            "questionnaire": self.draft.code if self.draft else None,
            **self.counts(),
            "lost": [each.as_json() for each in self.lost],
            "errors": list(self.errors),
        }


def plan(content: bytes, file_name: str, code: str = "") -> Plan:
    """What importing this file would do; nothing is stored. What is wrong with the file stands in `errors`.

    The file is read in a process of its own (`confining`), so that it can do no harm to this one.

    Args:
        code: the code of the questionnaire, whatever the file says; empty to take the file's own, or its name.
    """
    try:
        form, draft = confining.read(content, file_name, code)
    except confining.BadFile as bad:
        return Plan(bad.format, None, (str(bad),))
    standing = Edition.objects.filter(questionnaire__code=draft.code, published_at__isnull=True)
    return Plan(form, draft, (), standing.values_list("version", flat=True).first())


def read(content: bytes, file_name: str, code: str = "") -> Draft:
    """The draft in a file of any format that is trusted not to be an attack; nothing is looked up or stored.

    Args:
        code: as in `plan`.

    Raises:
        BadDocument: with the place.
    """
    return loading.load(recognise(content), content, file_name, code)


def standing(planned: Plan) -> int | None:
    """The id of the draft that applying a plan would replace, if there is one."""
    code = planned.draft.code if planned.draft else ""
    drafts = Edition.objects.filter(questionnaire__code=code, published_at__isnull=True)
    return drafts.values_list("pk", flat=True).first()


def apply(planned: Plan) -> Questionnaire:
    """Do what was planned: all of it, or nothing. Done twice, the second time nothing is left to do.

    Raises:
        authoring.Refused: the plan has errors.
        authoring.StaleDraft: the draft that would be replaced is not the one that it was.
    """
    if planned.draft is None or planned.errors:
        raise authoring.Refused(list(planned.errors))
    with transaction.atomic():
        questionnaire, _created = Questionnaire.objects.select_for_update().get_or_create(code=planned.draft.code)
        standing = questionnaire.editions.filter(published_at__isnull=True).select_related("questionnaire").first()
        if (standing.version if standing else None) != planned.replaces:
            if standing is not None and _content(drafted(standing)) == _content(planned.draft):
                return questionnaire
            raise authoring.StaleDraft
        return keep(planned.draft)


def _content(draft: Draft) -> dict[str, Any]:
    """What a draft says, apart from what it is called among staff."""
    names = ("title", "purpose", "minutes", "facts", "sections")
    return {name: each for name, each in spelling.write(draft).items() if name in names}


def keep(draft: Draft) -> Questionnaire:
    """Make the draft of the questionnaire with this code hold this content: all of it, or nothing.

    The questionnaire is created if there is none; published editions are untouched.
    """
    with transaction.atomic():
        questionnaire, _created = Questionnaire.objects.get_or_create(code=draft.code)
        changes = {"role": draft.role} if draft.role else {}
        if draft.name or not questionnaire.title_nb:  # type: ignore[attr-defined]
            changes |= composing.texts("title", draft.name or draft.view.title)
        Questionnaire.objects.filter(pk=questionnaire.pk).update(**changes)
        composing.keep_concepts(draft.concepts)
        attaching.keep(draft.files.values())
        authoring.replace_draft(questionnaire, draft.view)
    questionnaire.refresh_from_db()
    return questionnaire


def seal(planned: Plan) -> str:
    """A plan as text that can travel through a browser and come back unchanged.

    Nothing is stored but the images and documents, too large to travel: unless the plan is applied they are forgotten
    again (`attaching.sweep`).

    Raises:
        BadDocument: it is larger than what a browser may send back.
    """
    draft = planned.draft
    assert draft is not None, "a refused plan leads nowhere"
    carried = {
        "format": planned.format,
        "replaces": planned.replaces,
        "files": sorted(draft.files),
        **loading.pack(draft, files=False),
    }
    sealed = signing.dumps(carried, salt=_SALT, compress=True)
    if len(sealed) > LONGEST_SEALED:
        raise BadDocument(_("The questionnaire is too large for this page. Use the command import_questionnaire."))
    attaching.keep(draft.files.values())
    return sealed


def reopen(sealed: str) -> Plan:
    """The plan that was sealed.

    Raises:
        BadDocument: it is older than a day, or not what was sealed.
    """
    try:
        carried = signing.loads(sealed, salt=_SALT, max_age=PLAN_SECONDS)
    except signing.BadSignature as error:
        raise BadDocument(_("This plan can no longer be used. Choose the file again.")) from error
    files = attaching.kept(carried["files"])
    if files.keys() != set(carried["files"]):
        raise BadDocument(_("This plan can no longer be used. Choose the file again."))
    return Plan(carried["format"], loading.unpack(carried, files), (), carried["replaces"])


@dataclass(frozen=True)
class Exported:
    """A file to hand out, and what of the questionnaire it does not hold."""

    content: bytes
    file_name: str
    media_type: str
    lost: tuple[Lost, ...]


def export(edition: Edition, form: str, language: str) -> Exported:
    """An edition as a file.

    Args:
        form: the name of a format in `FORMATS`.
        language: for a format that says each thing in one language only.

    Raises:
        KeyError: there is no such format.
    """
    chosen = FORMATS[form]
    written = chosen.dump(drafted(edition), language)
    return Exported(written.content, file_name(edition, chosen), chosen.media_type, written.lost)


def file_name(edition: Edition, form: Format) -> str:
    """What an edition's file is called."""
    return f"{edition.questionnaire.code}-{edition.number or 'draft'}.{form.suffix}"


def drafted(edition: Edition) -> Draft:
    """An edition's content, with the questionnaire's name and the titles of the concepts it uses."""
    view = structure.read(edition)
    codes = {question.concept for question in view.questions.values() if question.concept}
    return Draft(
        edition.questionnaire.code,
        view,
        role=edition.questionnaire.role,
        name=structure.texts(edition.questionnaire, "title"),
        concepts={
            concept.code: structure.texts(concept, "title")
            for concept in Concept.objects.filter(code__in=codes).order_by("code")
        },
        files=attaching.kept(each.attachment.digest for each in view.questions.values() if each.attachment),
    )
