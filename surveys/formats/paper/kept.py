"""What paper does not hold of a questionnaire."""

from __future__ import annotations

from django.utils.translation import gettext as _

from surveys.formats.limesurvey.markup import FIELD
from surveys.formats.protocol import Draft, Lost


def lost(draft: Draft, language: str) -> tuple[Lost, ...]:
    """What the paper form of a draft in this language does not say."""
    found = []
    known = {*draft.view.questions, *(fact.name for fact in draft.view.facts)}
    for question in draft.view.questions.values():
        fields = FIELD.findall(f"{question.text(language)} {question.help(language)}")
        if any(name in known for name, _fallback in fields):
            found.append(Lost(question.code, question.text(language)[:80], _("Paper cannot fill in earlier answers.")))
        if question.attachment and not question.attachment.is_image:
            what = question.caption(language)[:80] or "PDF"
            found.append(Lost(question.code, what, _("Paper has the title of the document, not the document.")))
        if question.concept or question.origin:
            what = question.concept or question.origin
            found.append(Lost(question.code, what, _("Paper does not say what a question is compared with.")))
    others = {each for text in (draft.view.title, draft.view.purpose) for each in text.by_language} - {language}
    if others:
        what = ", ".join(sorted(others))
        found.append(Lost(_("the whole"), what, _("The form is in one language; make one for each.")))
    return tuple(found)
