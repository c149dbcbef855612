"""Pressing: what the buttons of the builder do, each by one call into a deed.

Each takes the draft and what was sent, and gives the place to be open afterwards and the id of what gets the focus.
What is done is put on record, so that it can be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from surveys import critiquing
from surveys.admin.offering import offered
from surveys.admin.sheet import FIRST, OTHERS
from surveys.attachments import attaching
from surveys.authoring import PartGone, Refused
from surveys.drafting import (
    adding,
    arranging,
    banding,
    building,
    composing,
    declaring,
    naming,
    scaling,
    undoing,
    versioning,
)
from surveys.formats.strict import MOST_QUESTIONS
from surveys.models import Concept, Did, DraftChange, Edition, Option, Question, Section
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
    """By one `step` (-1 or 1); or, of a question or section, to a place: into `section`, before `before`.

    `order` is the mark of the order that was on the page. Several questions are `several`, ids with commas between.
    """
    order = sent.get("order") or None
    if several := [
        int(each) for each in sent.get("several", "").split(",") if each.isascii() and each.isdigit() and len(each) < 19
    ][:MOST_QUESTIONS]:
        section = building.find(draft, sent.get("place", ""))
        if not isinstance(section, Section):
            raise Http404
        # Found in this draft: by its id alone it might be another questionnaire's, whose questions would move.
        arranging.place_questions(several, section.pk, order=order)
        return sent.get("open", ""), f"{sent['place']}-open"
    row = building.find(draft, sent.get("place", ""))
    step = {"-1": -1, "1": 1}.get(sent.get("step", ""))
    before = _number(sent, "before") or None
    if isinstance(row, Option) and step:
        adding.move_option(draft.pk, row.pk, step)
        return f"question-{row.question_id}", f"{sent['place']}-{'up' if step < 0 else 'down'}"
    if isinstance(row, Question):
        if step:
            arranging.move_question(row.pk, step, order=order)
        else:
            arranging.place_question(row.pk, _number(sent, "section"), before, order)
    elif isinstance(row, Section):
        if step:
            arranging.move_section(row.pk, step, order=order)
        else:
            arranging.place_section(row.pk, before, order)
    else:
        raise Http404
    return sent.get("open", ""), f"{sent['place']}-open"


def _delete(draft: Edition, sent: Sent) -> tuple[str, str]:
    row = building.find(draft, sent.get("place", ""))
    if isinstance(row, Option):
        adding.delete_option(draft.pk, row.pk)
        return f"question-{row.question_id}", f"question-{row.question_id}-add-option"
    if isinstance(row, Question):
        beside = _beside(row, Question.objects.filter(section=row.section_id))
        arranging.delete_question(row.pk)
        return "", f"{building.place_of(beside or row.section)}-open"
    if isinstance(row, Section):
        beside = _beside(row, Section.objects.filter(edition=row.edition_id))
        arranging.delete_section(row.pk)
        return "", f"{building.place_of(beside)}-open" if beside else "builder-add-section"
    raise Http404


def _beside(row: Any, rows: QuerySet[Any]) -> Any:
    """What stands where a row stood once it is gone: the next one, or else the one before."""
    after = rows.filter(position__gt=row.position).order_by("position").first()
    return after or rows.filter(position__lt=row.position).order_by("-position").first()


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


def _detach(draft: Edition, sent: Sent) -> tuple[str, str]:
    attaching.detach(draft.pk, _number(sent, "place", "question-"), sent.get("read", ""))
    return sent["place"], f"{sent['place']}-file"


def _declare(draft: Edition, sent: Sent) -> tuple[str, str]:
    """Look at a background fact of the register."""
    fact = offered().get(sent.get("fact", ""))
    if fact is None:
        raise Refused([_("The register does not know this background fact.")])
    declaring.declare(draft.pk, fact)
    return sent.get("open", ""), f"fact-{fact.name}"


def _withdraw(draft: Edition, sent: Sent) -> tuple[str, str]:
    """Look at it no longer."""
    declaring.withdraw(draft.pk, sent.get("fact", ""))
    return sent.get("open", ""), f"fact-{sent['fact']}"


def _suggest_bands(draft: Edition, sent: Sent) -> tuple[str, str]:
    """Even bands for a number or a date that has none."""
    banding.suggest(draft.pk, sent.get("place", ""), date.fromisoformat(sent["today"]))
    return sent["place"], f"{sent['place']}-bands"


DEEDS: dict[str, tuple[Callable[[Edition, Sent], tuple[str, str]], Did]] = {
    "add_section": (_add_section, Did.ADDED),
    "add_question": (_add_question, Did.ADDED),
    "add_option": (_add_option, Did.ADDED),
    "add_concept": (_add_concept, Did.WROTE),
    "fill_answers": (_fill_answers, Did.WROTE),
    "copy": (_copy, Did.COPIED),
    "detach": (_detach, Did.WROTE),
    "declare": (_declare, Did.DECLARED),
    "move": (_move, Did.MOVED),
    "delete": (_delete, Did.DELETED),
    "repair": (_repair, Did.REPAIRED),
    "suggest_bands": (_suggest_bands, Did.WROTE),
    "withdraw": (_withdraw, Did.WITHDREW),
}


def press(draft: Edition, sent: Sent, person: Any, now: datetime) -> tuple[str, str]:
    """Do what was pressed, and put it on record; as the deeds above.

    Raises:
        Http404: there is no such button.
        Refused
    """
    if sent.get("deed") == "undo":
        change = undoing.undo(draft.pk, _number(sent, "change"), person, now)
        return came_back(draft, change, sent.get("open", ""))
    if sent.get("deed", "") not in DEEDS:
        raise Http404
    deed, did = DEEDS[sent["deed"]]
    given = sent.get("place", "") or (f"question-{sent['question']}" if sent.get("question") else "")
    row = _row(draft, given)
    subject = undoing.subject_of(row) if row else _label_of_fact(sent.get("fact", ""))
    written = {"add_concept": " concept", "suggest_bands": " bands"}.get(sent["deed"], "")
    place = f"{building.place_of(row)}{written}" if row else ""
    with undoing.noted(draft.pk, person, now, did, subject=subject, place=place) as note:
        opened, focus = deed(draft, {**sent, "today": now.date().isoformat()})
        if did == Did.ADDED and (made := _row(draft, "-".join(focus.split("-")[:2]))):
            note.subject, note.place = undoing.subject_of(made), building.place_of(made)
    return opened, focus


def came_back(draft: Edition, change: DraftChange, opened: str = "") -> tuple[str, str]:
    """Where one looks after a change was undone: what came back, or the button where nothing did."""
    words = change.place.split(" ")
    # Of a draft that was put back, the change before which it stood so comes first.
    place, field, *_rest = [*words[change.did == Did.RESTORED :], "", ""]
    row = _row(draft, place)
    if row is None:
        return opened, "builder-undo"
    if isinstance(row, Option):
        return f"question-{row.question_id}", f"{place}-label_{FIRST}"
    is_text = field in {each.name for each in row._meta.fields}
    return opened, f"{place}-{field}" if is_text and opened == place else f"{place}-open"


def _row(draft: Edition, place: str) -> building.Row | None:
    try:
        return building.find(draft, place) if place else None
    except PartGone:
        return None


def _label_of_fact(name: str) -> str:
    fact = offered().get(name) if name else None
    return fact.label(get_language() or FIRST) if fact else name


def _number(sent: Sent, name: str, prefix: str = "") -> int:
    """A row's id, or 0 for anything that is none."""
    given = sent.get(name, "").removeprefix(prefix)
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
