"""Repairing: weaknesses that one press puts right. Called by `surveys.critiquing` with the draft locked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from surveys import authoring, structure
from surveys.drafting import banding, composing
from surveys.models import (
    Concept,
    ConditionOption,
    Edition,
    Elaboration,
    Meaning,
    Option,
    Question,
    Role,
    Section,
)
from surveys.rules import doubling, effort, elaborating, opening, phrases, words
from surveys.rules.base import LANGUAGES
from surveys.rules.knowing import EXPERIENCE
from surveys.structure import OptionView, QuestionView, Text

LABELS: dict[str, str | Promise] = {
    "add_dont_know": _("Add “don't know”"),
    "add_experience": _("Add a question about experience in the role"),
    "add_other": _("Add “other”"),
    "elaborate_any": _("Invite everyone to elaborate"),
    "free_text": _("Let the text be left out"),
    "make_yes_no": _("Make it yes or no with an elaboration"),
    "move_after": _("Move the text to after the question"),
    "say_data_protection": _("Add a paragraph on data protection"),
    "say_deadline": _("Add a sentence on the deadline"),
    "set_minutes": _("State the estimated time"),
    "split_question": _("Split into two questions"),
}
LONGEST_CODE = 20


def repair(draft: Edition, name: str, question_id: int | None) -> None:
    """Make one repair in a locked draft, of a question or of the whole."""
    if question_id is None:
        WHOLE[name](draft)
    else:
        OF_A_QUESTION[name](Question.objects.get(pk=question_id, edition=draft))


# --- Of a question ----------------------------------------------------------------------------------------


def _add_dont_know(question: Question) -> None:
    _add_option(question, "dont_know", phrases.DONT_KNOW, Meaning.DONT_KNOW, last=True)


def _add_other(question: Question) -> None:
    _add_option(question, "other", phrases.OTHER, Meaning.OTHER, last=False)
    Option.objects.filter(question=question, meaning=Meaning.OTHER).update(elaboration=Elaboration.OPTIONAL)


def _add_option(question: Question, code: str, label: Text, meaning: Meaning, *, last: bool) -> None:
    """Add an option: at the very end, or before those that are no answers."""
    options = list(question.options.order_by("position"))
    place = len(options)
    while not last and place and options[place - 1].meaning in (Meaning.DONT_KNOW, Meaning.NOT_APPLICABLE):
        place -= 1
    free = _free(code, {option.code for option in options}, 30)
    new = composing.option_rows(question, (OptionView(0, free, label, meaning.value),))[0]
    options.insert(place, new)
    for number, option in enumerate(options, start=1):
        option.position = number
    Option.objects.bulk_update([option for option in options if option.pk], ["position"])
    new.save()


def _elaborate_any(question: Question) -> None:
    for language in LANGUAGES:
        for field in ("text", "help"):
            written = getattr(question, f"{field}_{language}") or ""
            if elaborating.says_if_yes(written, language):
                rest = elaborating.without_if_yes(written, language)
                setattr(question, f"{field}_{language}", rest or ("" if field == "help" else written))
        prompt = getattr(question, f"elaboration_prompt_{language}") or ""
        if not prompt or elaborating.says_if_yes(prompt, language):
            setattr(question, f"elaboration_prompt_{language}", _if_written(question, language))
    if question.elaboration == Elaboration.NEVER:
        question.elaboration = Elaboration.OPTIONAL
    question.save()
    question.options.exclude(elaboration="").update(elaboration="")


def _if_written(question: Question, language: str) -> str:
    """The invitation to elaborate, in a language that the question is written in."""
    return phrases.ELABORATE[language] if getattr(question, f"text_{language}") else ""


def _free_text(question: Question) -> None:
    if question.kind in (*elaborating.TEXTS, "roster"):
        question.required = False
    if question.elaboration == Elaboration.REQUIRED:
        question.elaboration = Elaboration.OPTIONAL
    question.save(update_fields=["required", "elaboration"])
    forced = question.options.filter(elaboration=Elaboration.REQUIRED).exclude(meaning=Meaning.OTHER)
    forced.update(elaboration=Elaboration.OPTIONAL)


def _make_yes_no(question: Question) -> None:
    question.kind, question.elaboration = "yes_no", Elaboration.OPTIONAL
    for language in LANGUAGES:
        setattr(question, f"elaboration_prompt_{language}", _if_written(question, language))
    question.save()
    authoring.settle_options(question)


def _move_after(block: Question) -> None:
    """Put a block of information behind the question that follows it."""
    rows = list(block.section.questions.order_by("position"))
    place = next(number for number, row in enumerate(rows) if row.pk == block.pk)
    asked = next((number for number in range(place, len(rows)) if rows[number].kind != "information"), place)
    rows.insert(asked, rows.pop(place))
    for number, row in enumerate(rows, start=1):
        row.position = number
    Question.objects.bulk_update(rows, ["position"])


def _split_question(question: Question) -> None:
    """Cut a double question in two, in each language where a place to cut is found."""
    second: dict[str, str] = {}
    for language in LANGUAGES:
        text = getattr(question, f"text_{language}") or ""
        if cut := doubling.split(text, language, question.kind):
            rest = text[cut.start :].strip()
            second[language] = rest[:1].upper() + rest[1:]
            first = text[: cut.cut].rstrip(" ,;–-\n")
            setattr(question, f"text_{language}", first if first.endswith(("?", ".", "!")) else f"{first}?")
    if question.options.exists() and all(words.count(text) <= doubling.FOLLOW_UP for text in second.values()):
        # "…, and which?" beside a choice is what its elaboration is for.
        question.elaboration = Elaboration.OPTIONAL
        for language, text in second.items():
            setattr(question, f"elaboration_prompt_{language}", text)
        question.save()
        return
    yes_no = any(elaborating.YES_NO[language].match(text) for language, text in second.items())
    original = Question.objects.get(pk=question.pk)
    question.save()
    _add_beside(original, second, keeps_kind=question.kind != "yes_no" or yes_no)


def _add_beside(original: Question, text: dict[str, str], *, keeps_kind: bool) -> None:
    """A question after another, answered and shown like it, with its own text."""
    Question.objects.filter(section_id=original.section_id, position__gt=original.position).update(
        position=F("position") + 1
    )
    taken = set(Question.objects.filter(edition_id=original.edition_id).values_list("code", flat=True))
    options, conditions = list(original.options.all()), list(original.conditions.all())
    counted = banding.of(original) if keeps_kind else ()
    compared = {condition.pk: list(condition.options.all()) for condition in conditions}
    new = original
    new.pk, new.position, new.code = None, original.position + 1, _free(original.code, taken, LONGEST_CODE)
    new.concept, new.origin = None, ""
    for name, value in composing.texts("text", Text(text)).items():
        setattr(new, name, value)
    for name, value in composing.texts("help", structure.NO_TEXT).items():
        setattr(new, name, value)
    if not keeps_kind:
        new.kind, new.elaboration = "long_text", Elaboration.NEVER
    new._state.adding = True
    new.save(force_insert=True)
    for option in options if keeps_kind else []:
        option.pk, option.question = None, new
        option._state.adding = True
        option.save(force_insert=True)
    banding.keep(new, counted)
    for condition in conditions:
        chosen = compared[condition.pk]
        condition.pk, condition.question = None, new
        condition._state.adding = True
        condition.save(force_insert=True)
        ConditionOption.objects.bulk_create(
            ConditionOption.of(condition, each.compared) for each in chosen if each.compared
        )


# --- Of the whole -----------------------------------------------------------------------------------------


def _set_minutes(draft: Edition) -> None:
    draft.minutes = effort.minutes(structure.read(draft))
    draft.save(update_fields=["minutes"])


def _say_deadline(draft: Edition) -> None:
    _say(draft, phrases.DEADLINE, opening.DEADLINE.search)


def _say_data_protection(draft: Edition) -> None:
    _say(draft, phrases.DATA_PROTECTION, opening.PROTECTION.search)


def _say(draft: Edition, added: dict[str, str], said: Callable[[str], object]) -> None:
    """Add words to the purpose in each language in which it is written and does not say so yet."""
    for language, paragraph in added.items():
        purpose = (getattr(draft, f"purpose_{language}") or "").rstrip()
        if purpose and not said(purpose):
            setattr(draft, f"purpose_{language}", f"{purpose}\n\n{paragraph}")
    draft.save(update_fields=[f"purpose_{language}" for language in added])


def _add_experience(draft: Edition) -> None:
    """Ask for experience in the role, at the end, in the bank's words if it has them."""
    sections = list(draft.sections.order_by("position"))
    section = sections[-1] if sections and sections[-1].title_nb == phrases.ABOUT_YOU("nb") else None  # type: ignore[attr-defined]
    if section is None:
        title = composing.texts("title", _in_its_languages(draft, phrases.ABOUT_YOU))
        section = Section.objects.create(edition=draft, position=len(sections) + 1, **title)
    view, origin = _from_bank() or (phrases.experience_question(), "")
    composing.keep_concepts({EXPERIENCE: phrases.EXPERIENCE_TITLE})
    taken = set(draft.questions.values_list("code", flat=True))
    row = Question.objects.create(
        edition=draft,
        section=section,
        position=section.questions.count() + 1,
        code=_free(view.code, taken, LONGEST_CODE),
        kind=view.kind,
        concept=Concept.objects.get(code=EXPERIENCE),
        comparability=view.comparability,
        origin=origin,
        **composing.texts("text", _in_its_languages(draft, view.text)),
        **composing.texts("help", _in_its_languages(draft, view.help)),
    )
    options = (replace(each, label=_in_its_languages(draft, each.label)) for each in view.options)
    Option.objects.bulk_create(composing.option_rows(row, tuple(options)))


def _in_its_languages(draft: Edition, text: Text) -> Text:
    """A text in the languages that the draft is written in: a repair begins no language."""
    written = text.by_language.items()
    return Text({each: found for each, found in written if each == "nb" or getattr(draft, f"title_{each}")})


def _from_bank() -> tuple[QuestionView, str] | None:
    """The bank's question about experience, and where it stands."""
    rows = Question.objects.filter(concept__code=EXPERIENCE, edition__questionnaire__role=Role.BANK)
    rows = rows.select_related("concept", "edition__questionnaire").prefetch_related("options")
    found = rows.order_by("-edition_id", "section__position", "position").first()
    if found is None:
        return None
    return structure.question_view(found), f"{found.edition.questionnaire.code}/{found.code}"


def _free(code: str, taken: set[str], longest: int) -> str:
    """A code like this one that is not taken."""
    if code not in taken:
        return code
    number = 2
    while (candidate := f"{code[: longest - len(str(number)) - 1]}_{number}") in taken:
        number += 1
    return candidate


OF_A_QUESTION: dict[str, Callable[[Question], None]] = {
    "add_dont_know": _add_dont_know,
    "add_other": _add_other,
    "elaborate_any": _elaborate_any,
    "free_text": _free_text,
    "make_yes_no": _make_yes_no,
    "move_after": _move_after,
    "split_question": _split_question,
}
WHOLE: dict[str, Callable[[Edition], None]] = {
    "add_experience": _add_experience,
    "say_data_protection": _say_data_protection,
    "say_deadline": _say_deadline,
    "set_minutes": _set_minutes,
}
