"""What LimeSurvey does not say of a question: lost, or kept by the mark that reading it here again understands."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from surveys.formats.limesurvey.survey import Question
from surveys.formats.protocol import Draft
from surveys.kinds import registry
from surveys.structure import QuestionView


def tell(draft: Draft, lose: Callable[..., None], view: QuestionView, question: Question) -> None:
    """What LimeSurvey does not say of a question, or says differently; `lose(place, what, why, is_kept=…)` notes it."""
    code = view.code
    _tell_of_kind(lose, view)
    if question.type == "O" and (view.elaboration == "required" or any(each.elaboration for each in view.options)):
        why = _("LimeSurvey lets people add a text to any answer.")
        lose(code, _("when a text is asked for"), why, is_kept=True)
    if question.type == "P":
        why = _("LimeSurvey asks for a comment beside each answer instead.")
        lose(code, _("text beside"), why, is_kept=True)
    if question.type in "OP" and view.elaboration_prompt:
        why = _("LimeSurvey has no words above the comment.")
        lose(code, view.elaboration_prompt("nb"), why, is_kept=True)
    for option in view.options:
        if option.excludes and (question.type not in "MP" or (question.other and option is view.options[-1])):
            why = _("LimeSurvey knows of answers that exclude the others with boxes only.")
            lose(code, option.label("nb") or option.code, why, is_kept=True)
    if view.bands:
        lose(code, _("the bands it is counted in"), _("LimeSurvey has no place for them."))
    if view.concept or view.origin:
        title = _("the concept “%(title)s”") % {"title": draft.concept_in_words(view.concept)}
        what = title if view.concept else _("where it was taken from")
        lose(code, what, _("LimeSurvey knows nothing of concepts and origins."), is_kept=True)


def _tell_of_kind(lose: Callable[..., None], view: QuestionView) -> None:
    if view.kind == "roster":
        lose(view.code, _("rows of education"), _("LimeSurvey asks for one long text instead."))
    if view.kind == "information" and view.help:
        lose(view.code, view.help("nb"), _("In LimeSurvey it is part of the text."))
    if view.kind == "statement":
        what = str(registry.kind(view.kind).label)
        lose(view.code, what, _("LimeSurvey asks it as a question with one answer."), is_kept=True)
