"""Merging: someone saves a part that another has changed meanwhile, and gets the form back with the work of both.

Field by field: what only the other changed is taken over; what both changed keeps what was typed, and says beside it
what the other wrote. Nothing is saved before the form is sent again, now on the other's version.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from modeltranslation.settings import AVAILABLE_LANGUAGES

from surveys.drafting import arranging, versioning
from surveys.drafting.versioning import CONDITION_FIELDS, OPTION_FIELDS, ROWS, Part, Version
from surveys.models import Option, Question, Section

VERSION_FIELD = "part_version"
MOST_ROWS = 200
# Rows' fields that a form leaves out rather than sending nothing for them.
TICKS = frozenset({"excludes"})
# What stands in a row that nobody has written in.
PRESET = frozenset({"meaning", "elaboration", "excludes", "group", "operator"})
OPTION_LABEL = re.compile(r"options-(\d{1,4})-(label_[a-z]+)", re.ASCII)
Typed = dict[str, str]


@dataclass
class Merged:
    """A form to show again: what it holds, a note on each field that needs one, and notes on the whole."""

    sent: QueryDict
    notes: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def merge(request: HttpRequest, part: Part, read: Version) -> Merged:
    """Merge what was sent, made on the version `read`, with the part as it stands now."""
    merged = Merged(request.POST.copy())
    now = versioning.version(part)
    changed = read.differences(now)
    merged.remarks += who(request, part)
    for name in versioning.fields(type(part)):
        if name in changed:
            _merge_field(merged, part, name, read)
    for name in ROWS:
        if name in changed and isinstance(part, (Question, Section)) and f"{name}-TOTAL_FORMS" in merged.sent:
            _merge_rows(merged, part, name, read)
    merged.sent[VERSION_FIELD] = str(now)
    return merged


def typed_texts(post: Mapping[str, str], model: type[Part]) -> list[tuple[str, str]]:
    """Every text that was typed into a form for such a part, as (what it is, text), for copying."""
    names = [f"{name}_{language}" for name in versioning.TEXTS[model] for language in AVAILABLE_LANGUAGES]
    places = [(name, _label(model, name)) for name in names]
    rows = [found for key in post if (found := OPTION_LABEL.fullmatch(key))]
    places += [(found[0], _label(Option, found[2])) for found in sorted(rows, key=lambda found: int(found[1]))]
    return [(label, text) for key, label in places if (text := post.get(key, "").strip())]


def _label(model: type[models.Model], name: str) -> str:
    model_field: models.Field[Any, Any] = model._meta.get_field(name)  # type: ignore[assignment]  # a column
    return str(capfirst(model_field.verbose_name))


def who(request: HttpRequest, part: Part) -> list[str]:
    """Who saved the part last at the admin, and when, if that is on record."""
    kind = ContentType.objects.get_for_model(part)
    entry = LogEntry.objects.filter(content_type=kind, object_id=str(part.pk)).select_related("user").first()
    if entry is None:
        return []
    when = date_format(timezone.localtime(entry.action_time), "DATETIME_FORMAT")
    if entry.user_id == request.user.pk:
        return [_("It was you, perhaps in another window: saved %(when)s.") % {"when": when}]
    return [_("Last saved by %(name)s, %(when)s.") % {"name": entry.user.get_full_name() or entry.user, "when": when}]


def _merge_field(merged: Merged, part: Part, name: str, read: Version) -> None:
    model_field = part._meta.get_field(name)
    is_tick = isinstance(model_field, models.BooleanField)
    if name not in merged.sent and not is_tick:
        return
    theirs = versioning.plain(getattr(part, name))
    mine = versioning.plain(name in merged.sent if is_tick else merged.sent[name])
    if mine == theirs:
        return
    if versioning.mark(mine) != read.marks.get(name):
        merged.notes[name] = _note(part, name)
        return
    merged.notes[name] = _("Someone else has changed this. What they wrote stands here now.")
    if is_tick and not theirs:
        del merged.sent[name]
    else:
        merged.sent[name] = "on" if is_tick else theirs


def _note(part: Part, name: str) -> str:
    display = getattr(part, f"get_{name}_display", None)
    shown = display() if display is not None else getattr(part, name)
    if shown is True or shown is False:
        shown = _("yes") if shown else _("no")
    if shown in (None, ""):
        return _("Someone else has emptied this field. Save again to keep what stands here.")
    return _("Someone else wrote: “%(text)s”. Save again to keep what stands here.") % {"text": shown}


def _merge_rows(merged: Merged, part: Question | Section, name: str, read: Version) -> None:
    mine = _typed_rows(merged.sent, name)
    kept = [row for row in mine if "DELETE" not in row]
    if versioning.mark(*_in_order(kept, name)) == read.marks.get(name) and kept == mine:
        merged.remarks.append(_("Someone else has changed %(rows)s. They stand here as saved.") % _words(part, name))
        _write_rows(merged.sent, name, _stored_rows(part, name))
        return
    merged.remarks.append(
        _("Someone else has changed %(rows)s to: %(theirs)s. Save again to keep what stands here.") % _words(part, name)
    )
    stored = {row["id"] for row in _stored_rows(part, name)}
    there = [row for row in mine if row.get("id") in stored]
    # A row that the other deleted is kept as a new one.
    gone = [{**row, "id": ""} for row in kept if row.get("id") not in stored]
    _write_rows(merged.sent, name, [*there, *gone])


def _words(part: Question | Section, name: str) -> dict[str, str]:
    if name == "options" and isinstance(part, Question):
        shown = [_in_every_language(option) for option in part.options.order_by("position")]
        return {"rows": _("the answers to choose between"), "theirs": " · ".join(shown) or "–"}
    shown = [str(condition) for condition in versioning.conditions(part)]
    return {"rows": _("when this is shown"), "theirs": " · ".join(shown) or "–"}


def _in_every_language(option: Option) -> str:
    labels = (getattr(option, f"label_{language}") for language in AVAILABLE_LANGUAGES)
    return " / ".join(dict.fromkeys(filter(None, labels))) or option.code


def _typed_rows(sent: QueryDict, name: str) -> list[Typed]:
    """The rows as sent, each as {field: text}; empty ones are left out."""
    total = str(sent[f"{name}-TOTAL_FORMS"])
    count = min(int(total), MOST_ROWS) if total.isascii() and total.isdigit() else 0
    found = []
    for number in range(count):
        prefix = f"{name}-{number}-"
        row = {
            key.removeprefix(prefix): ",".join(sorted(texts)) for key, texts in sent.lists() if key.startswith(prefix)
        }
        row.update({each: "True" for each in TICKS if row.get(each)})
        if any(row.get(each, "").strip() for each in ("id", *ROWS[name]) if each not in PRESET):
            found.append(row)
    return found


def _in_order(rows: list[Typed], name: str) -> list[versioning.Row]:
    """Rows as versions know them: in their order, without ids."""

    def place(row: Typed) -> int:
        given = row.get("position", "")
        return int(given) if given.isascii() and given.isdigit() else arranging.LAST

    ordered = sorted(rows, key=place) if name == "options" else rows
    return [tuple(versioning.plain(row.get(each)) for each in ROWS[name]) for row in ordered]


def _stored_rows(part: Question | Section, name: str) -> list[Typed]:
    """The rows in the database, as a form would send them."""
    if name == "options" and isinstance(part, Question):
        places = part.options.order_by("position", "pk").values("id", "position", *OPTION_FIELDS)
        return [{key: versioning.plain(value) for key, value in row.items()} for row in places]
    return [
        {"id": str(row.pk), **{each: versioning.plain(getattr(row, each)) for each in CONDITION_FIELDS}}
        for row in versioning.conditions(part)
    ]


def _write_rows(sent: QueryDict, name: str, rows: list[Typed]) -> None:
    """Put rows into a form in place of those it has; those with an id come first, as the form expects."""
    for key in [key for key in sent if re.match(rf"{name}-\d+-", key)]:
        del sent[key]
    for number, row in enumerate(rows):
        for key, text in row.items():
            if name == "conditions" and key == "options":
                sent.setlist(f"{name}-{number}-{key}", [each for each in text.split(",") if each])
            elif text or key not in TICKS:
                sent[f"{name}-{number}-{key}"] = text
    sent[f"{name}-TOTAL_FORMS"] = str(len(rows))
    sent[f"{name}-INITIAL_FORMS"] = str(sum(bool(row.get("id")) for row in rows))
