"""Texts that some people would have to read in a language they did not choose."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from surveys.rules.base import Hit, Subject
from surveys.structure import EditionView, QuestionView
from surveys.texts import wording
from surveys.texts.wording import LANGUAGES, Passage, language_name

# Everyone who answers reads one of these as their own.
EXPECTED = ("nb", "nn")


def missing_translation(subject: Subject) -> Iterator[Hit]:
    """Texts that are missing in bokmål, in nynorsk, or in a language that has been begun: one finding a language.

    Where they are, the builder marks at each part, and the page of languages lists.
    """
    passages = [each for each in wording.passages(subject.view) if each.text]
    own = [each.text for each in passages if each.is_own]
    for language in LANGUAGES if own else ():
        name = {"language": language_name(language)}
        missing = [each for each in passages if not each.text.by_language.get(language)]
        if any(language in text.by_language for text in own):
            if missing:
                count = {"count": len(missing), **name}
                detail = ngettext(
                    "%(count)d text is missing in %(language)s.",
                    "%(count)d texts are missing in %(language)s.",
                    len(missing),
                )
                yield Hit(_only_question(subject.view, missing), language=language, detail=detail % count)
        elif language in EXPECTED:
            yield Hit(language=language, detail=_("Nothing is written in %(language)s.") % name)


def _only_question(view: EditionView, missing: list[Passage]) -> QuestionView | None:
    """The question that all these texts belong to, if it is one."""
    owners = {each.owner[:2] for each in missing}
    kind, code = next(iter(owners)) if len(owners) == 1 and next(iter(owners)) else ("", "")
    return view.questions.get(code) if kind == "questions" else None
