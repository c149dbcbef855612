"""Writing questionnaires: the one draft of each, edited by several people without losing each other's work.

Every change goes through `editing`, which locks the draft and undoes itself if it would leave a condition that
cannot hold. What was made on a version that someone else has changed since is refused: a change of what is written in
one part by that part's version (`changing`), a change of the order by the whole draft's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from modeltranslation.settings import AVAILABLE_LANGUAGES

from surveys import structure
from surveys.branching.conditioning import broken_conditions
from surveys.drafting import carrying, versioning
from surveys.drafting.composing import empty, fill, first_options, option_rows, texts
from surveys.drafting.versioning import Part, Version
from surveys.kinds import registry
from surveys.models import (
    Condition,
    Edition,
    Option,
    Question,
    Questionnaire,
)
from surveys.structure import EditionView, Text


class Refused(Exception):
    """A change that is not made; `reasons` say why, in the words of whoever tried."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class StaleDraft(Refused):
    """Someone else has changed the draft since it was read.

    `part` is the part that was to be changed as it stands now, and `changed` names what in it is no longer as it was
    (see `versioning`); None and nothing where the whole draft was meant.
    """

    def __init__(self, part: Part | None = None, changed: frozenset[str] = frozenset()) -> None:
        super().__init__(
            [
                _("Someone else has changed this since you opened it. Look at what is marked, and save again.")
                if part is not None
                else _("Someone else has changed this draft since you opened it. Nothing was done; look at it again.")
            ]
        )
        self.part, self.changed = part, changed


class NotADraft(Refused):
    """The edition has been published: it can no longer be changed."""

    def __init__(self) -> None:
        super().__init__([_("This edition has been published and can no longer be changed.")])


class DraftExists(Refused):
    """The questionnaire already has a draft."""

    def __init__(self) -> None:
        super().__init__([_("This questionnaire already has a draft.")])


class PartGone(Refused):
    """Someone else has taken the part out of the draft."""

    def __init__(self) -> None:
        super().__init__([_("Someone else has deleted this since you opened it.")])


class BreaksCondition(Refused):
    """The change would leave a condition that cannot hold."""


class NoSuchEdition(Exception):
    """There is no questionnaire with this code, or it has no such edition."""


def find_edition(code: str, number: int | None = None) -> Edition:
    """An edition by its questionnaire's code: the numbered one, or the draft, or else the newest.

    Raises:
        NoSuchEdition
    """
    editions = Edition.objects.filter(questionnaire__code=code).select_related("questionnaire")
    # A draft has no number, and PostgreSQL sorts what is missing last, so first when turned round.
    wanted = editions.filter(number=number) if number is not None else editions.order_by("-number")
    if found := wanted.first():
        return found
    raise NoSuchEdition(code)


def draft(questionnaire: Questionnaire) -> Edition:
    """The draft of a questionnaire; made as a copy of its newest edition, or empty, if there is none."""
    with transaction.atomic():
        locked = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
        if found := locked.editions.filter(published_at__isnull=True).first():
            return found
        newest = locked.editions.order_by("-number").first()
        return copy_edition(newest, locked) if newest else blank_draft(locked)


def copy_edition(source: Edition, target: Questionnaire) -> Edition:
    """A new draft of `target` with everything that `source` holds.

    Raises:
        DraftExists: the target has a draft, which is not overwritten.
    """
    content = structure.read(source)
    with transaction.atomic():
        locked = Questionnaire.objects.select_for_update().get(pk=target.pk)
        if locked.editions.filter(published_at__isnull=True).exists():
            raise DraftExists
        made = fill(Edition.objects.create(questionnaire=locked, **texts("title", _title(locked))), content)
        carrying.into(made, carrying.of(source))
        return made


def blank_draft(questionnaire: Questionnaire) -> Edition:
    """An empty draft with the questionnaire's own title: the existing one emptied, or a new one."""
    return replace_draft(questionnaire, EditionView(0, _title(questionnaire), Text({}), None, ()))


def replace_draft(questionnaire: Questionnaire, content: EditionView) -> Edition:
    """Make the draft hold exactly `content`, whatever it held before; ids in `content` do not matter."""
    with transaction.atomic():
        locked = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
        found = locked.editions.select_for_update().filter(published_at__isnull=True).first()
        accepted = carrying.Accepted(())
        if found is None:
            found = Edition.objects.create(questionnaire=locked, **texts("title", content.title))
        else:
            accepted = carrying.of(found)
            empty(found)
            Edition.objects.filter(pk=found.pk).update(version=F("version") + 1)
        made = fill(found, content)
        carrying.into(made, accepted)
        return made


def delete(questionnaire: Questionnaire) -> None:
    """Delete a questionnaire that has never been published, with its draft.

    Raises:
        NotADraft: it has been published.
    """
    with transaction.atomic():
        locked = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
        for edition in locked.editions.select_for_update():
            if not edition.is_draft:
                raise NotADraft
            empty(edition)
            edition.delete()
        locked.delete()


@contextmanager
def editing(edition_id: int, version: int | None = None) -> Iterator[Edition]:
    """Change a draft inside this block: all of it or nothing.

    Args:
        version: the version the change was made on; None when it does not depend on what was read before.

    Raises:
        PartGone, StaleDraft, NotADraft: before anything is done.
        BreaksCondition: after the block, which is then undone.
    """
    with transaction.atomic():
        edition = Edition.objects.select_for_update().filter(pk=edition_id).first()
        if edition is None:
            raise PartGone
        if not edition.is_draft:
            raise NotADraft
        if version is not None and version != edition.version:
            raise StaleDraft
        yield edition
        if reasons := broken_conditions(edition):
            raise BreaksCondition(reasons)
        Edition.objects.filter(pk=edition.pk).update(version=F("version") + 1)


@contextmanager
def changing(part: Part, read: Version) -> Iterator[Edition]:
    """Change what is written in one part of a draft inside this block: all of it or nothing.

    Args:
        read: the version of the part that whoever changes it had before them (`versioning.version`).

    Raises:
        PartGone, StaleDraft, NotADraft: before anything is done.
        BreaksCondition: after the block, which is then undone.
    """
    with editing(part.pk if isinstance(part, Edition) else part.edition_id) as edition:
        present = type(part).objects.filter(pk=part.pk).first()
        if present is None:
            raise PartGone
        if changed := read.differences(versioning.version(present)):
            raise StaleDraft(present, changed)
        yield edition


def settle_options(question: Question) -> None:
    """Make a question's options fit its kind: those that a new one begins with, none where none can be ticked.

    Raises:
        BreaksCondition: another question is shown only after one of the options taken away.
    """
    kind = registry.kind(question.kind)
    if kind.has_options:
        if kind.first_options and not question.options.exists():
            Option.objects.bulk_create(option_rows(question, first_options(kind)))
        return
    dependants = Condition.objects.filter(Q(option__question=question) | Q(options__option__question=question))
    if reasons := [
        _("%(question)s is shown only after an answer to %(source)s. Change that condition first.")
        % {"question": condition.question.code if condition.question else condition.section, "source": question.code}
        for condition in dependants.select_related("question", "section").distinct()
    ]:
        raise BreaksCondition(reasons)
    question.options.all().delete()


def _title(questionnaire: Questionnaire) -> Text:
    return Text({language: getattr(questionnaire, f"title_{language}") or "" for language in AVAILABLE_LANGUAGES})
