"""Pressing: what the buttons of the builder do, each by one call into a deed.

Each takes the draft and what was sent, and gives the place to be open afterwards and the id of what gets the focus.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import Http404
from django.utils.text import slugify
from django.utils.translation import gettext as _

from surveys import adding, arranging, building, composing, critiquing, naming, scaling, versioning
from surveys.admin.sheet import FIRST, OTHERS
from surveys.authoring import Refused
from surveys.models import Concept, Edition, Option, Question, Section
from surveys.structure import Text

LONGEST_CONCEPT, LONGEST_TITLE = 60, 200
Sent = Mapping[str, str]


def _add_section(draft: Edition, sent: Sent) -> tuple[str, str]:
    made = adding.section(draft.pk, _number(sent, "before") or None)
    return f"section-{made.pk}", f"section-{made.pk}-title_nb"


def _add_question(draft: Edition, sent: Sent) -> tuple[str, str]:
    made = adding.question(draft.pk, _number(sent, "section"), sent.get("kind", ""), _number(sent, "after") or None)
    return f"question-{made.pk}", f"question-{made.pk}-text_nb"


def _add_option(draft: Edition, sent: Sent) -> tuple[str, str]:
    made = adding.option(draft.pk, _number(sent, "place", "question-"))
    return sent["place"], f"option-{made.pk}-label_nb"


def _copy(draft: Edition, sent: Sent) -> tuple[str, str]:
    if sent.get("place", "").startswith("section-"):
        place = f"section-{adding.copy_section(draft.pk, _number(sent, 'place', 'section-')).pk}"
        return place, f"{place}-title_nb"
    place = f"question-{adding.copy_question(draft.pk, _number(sent, 'place', 'question-')).pk}"
    return place, f"{place}-text_nb"


def _move(draft: Edition, sent: Sent) -> tuple[str, str]:
    """By one `step` (-1 or 1); or, of a question or section, to a place: into `section`, before `before`."""
    row = building.find(draft, sent.get("place", ""))
    step = {"-1": -1, "1": 1}.get(sent.get("step", ""))
    before = _number(sent, "before") or None
    if isinstance(row, Option) and step:
        adding.move_option(draft.pk, row.pk, step)
        return f"question-{row.question_id}", f"{sent['place']}-{'up' if step < 0 else 'down'}"
    if isinstance(row, Question):
        if step:
            arranging.move_question(row.pk, step)
        else:
            arranging.place_question(row.pk, _number(sent, "section"), before)
    elif isinstance(row, Section):
        if step:
            arranging.move_section(row.pk, step)
        else:
            arranging.place_section(row.pk, before)
    else:
        raise Http404
    return sent.get("open", ""), f"{sent['place']}-open"


def _delete(draft: Edition, sent: Sent) -> tuple[str, str]:
    row = building.find(draft, sent.get("place", ""))
    if isinstance(row, Option):
        adding.delete_option(draft.pk, row.pk)
        return f"question-{row.question_id}", f"question-{row.question_id}-add-option"
    if isinstance(row, Question):
        arranging.delete_question(row.pk)
        return "", f"section-{row.section_id}-open"
    if isinstance(row, Section):
        arranging.delete_section(row.pk)
        return "", "builder-add-section"
    raise Http404


def _add_concept(draft: Edition, sent: Sent) -> tuple[str, str]:
    """A concept that is not there yet, given to a question."""
    given = {FIRST: sent.get("title", ""), **{each: sent.get(f"title_{each}", "") for each in OTHERS}}
    titles = {language: title.strip()[:LONGEST_TITLE] for language, title in given.items() if title.strip()}
    code = slugify(sent.get("code", ""))[:LONGEST_CONCEPT] or naming.short_name(titles.get(FIRST, ""))
    if not code:
        raise Refused([_("Please write what the question is about.")])
    question = building.find(draft, sent.get("place", ""))
    composing.keep_concepts({code: Text(titles or {FIRST: code})})
    read = versioning.mark(versioning.plain(getattr(question, "concept", None)))
    building.write(draft.pk, sent["place"], "concept", str(Concept.objects.get(code=code).pk), read)
    return sent["place"], f"{sent['place']}-concept"


def _fill_answers(draft: Edition, sent: Sent) -> tuple[str, str]:
    """A whole set of answers instead of a question's own."""
    scaling.fill(draft.pk, _number(sent, "place", "question-"), sent.get("source", ""))
    return sent["place"], f"{sent['place']}-answers-source"


def _repair(draft: Edition, sent: Sent) -> tuple[str, str]:
    """What the critique offers to do with one press."""
    critiquing.repair(draft, sent.get("rule", ""), _number(sent, "question") or None)
    return sent.get("open", ""), f"{sent.get('open', '')}-open"


DEEDS: dict[str, Callable[[Edition, Sent], tuple[str, str]]] = {
    "add_section": _add_section,
    "add_question": _add_question,
    "add_option": _add_option,
    "add_concept": _add_concept,
    "fill_answers": _fill_answers,
    "copy": _copy,
    "move": _move,
    "delete": _delete,
    "repair": _repair,
}


def _number(sent: Sent, name: str, prefix: str = "") -> int:
    """A row's id, or 0 for anything that is none."""
    given = sent.get(name, "").removeprefix(prefix)
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
