"""Beginning: a questionnaire made from a template."""

from __future__ import annotations

from dataclasses import replace

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from surveys import authoring, structure
from surveys.authoring import Refused
from surveys.drafting import carrying, composing
from surveys.models import Edition, Questionnaire, Role
from surveys.structure import EditionView, SectionView, Text


class NotBegun(Refused):
    """The questionnaire was not made; the reason is said."""

    def __init__(self, reason: str) -> None:
        super().__init__([reason])


def templates() -> QuerySet[Questionnaire]:
    """The templates that have something to copy, by title."""
    filled = Questionnaire.objects.filter(role=Role.TEMPLATE, editions__isnull=False)
    return filled.distinct().order_by("title_nb", "code")


def begin(template_id: int, code: str, title: Text) -> Questionnaire:
    """Make a questionnaire with a draft that holds what a template holds. Each question says where it came from.

    Raises:
        NotBegun: the template is gone, or another questionnaire has this code.
    """
    template = templates().filter(pk=template_id).first()
    if template is None:
        raise NotBegun(_("The template is no longer there."))
    # A draft has no number, and PostgreSQL sorts what is missing last, so first when turned round.
    source = Edition.objects.filter(questionnaire=template).order_by("-number")[0]
    content = _with_origin(structure.read(source), template.code)
    try:
        with transaction.atomic():
            made = Questionnaire.objects.create(code=code, **composing.texts("title", title))
            carrying.into(authoring.replace_draft(made, content), carrying.of(source))
    except IntegrityError as error:
        raise NotBegun(_("Another questionnaire has this code.")) from error
    return made


def _with_origin(content: EditionView, template: str) -> EditionView:
    def section(part: SectionView) -> SectionView:
        questions = (replace(each, origin=each.origin or f"{template}/{each.code}") for each in part.questions)
        return replace(part, questions=tuple(questions))

    return replace(content, sections=tuple(section(part) for part in content.sections))
