"""What differs between two drafts, and where: what was lost must have been named there."""

from __future__ import annotations

import re
from typing import Any

from surveys.formats import spelling
from surveys.formats.protocol import Draft, Lost
from surveys.structure import Text
from surveys.web.richtext import html

WHOLE = ("title", "purpose", "minutes", "facts")
RICH = ("purpose", "intro")


def unnamed(before: Draft, after: Draft, lost: tuple[Lost, ...], *, as_shown: bool) -> list[tuple[str, str]]:
    """The differences that nothing in `lost` names: the place, and what differs there.

    Args:
        as_shown: whether it is enough that people see the same, in the languages that came along.
    """
    places = [each.place for each in lost]
    return [
        (place, name)
        for place, name in sorted(_differences(before, after, as_shown=as_shown))
        if not any(re.search(rf"(?<!\w){re.escape(place)}(?!\w)", each) for each in places)
    ]


def _differences(before: Draft, after: Draft, *, as_shown: bool) -> set[tuple[str, str]]:
    first, second = spelling.write(before), spelling.write(after)
    languages = list(second["title"]) if as_shown else []
    if as_shown:
        first, second = _as_shown(first, languages), _as_shown(second, languages)
    names = [*WHOLE, *([] if as_shown else ["code", "role", "name", "concepts"])]
    found = {("the whole", name) for name in names if first.get(name) != second.get(name)}
    if len(first["sections"]) != len(second["sections"]):
        return found | {("the whole", "sections")}
    for number, (one, other) in enumerate(zip(first["sections"], second["sections"], strict=True), start=1):
        place = f"section {number}"
        found |= {(place, name) for name in ("title", "intro", "conditions") if one.get(name) != other.get(name)}
        ours, theirs = ({each["code"]: each for each in section["questions"]} for section in (one, other))
        if list(ours) != list(theirs):
            found.add((place, "questions"))
        for code in ours.keys() & theirs.keys():
            names = list(dict.fromkeys([*ours[code], *theirs[code]]))
            found |= {(code, name) for name in names if ours[code].get(name) != theirs[code].get(name)}
    return found


def _as_shown(document: dict[str, Any], languages: list[str]) -> dict[str, Any]:
    def said(value: dict[str, str] | None, *, rich: bool = False) -> dict[str, str]:
        text = Text(value or {})
        return {each: html(text(each)) if rich else text(each) for each in languages}

    def question(each: dict[str, Any]) -> dict[str, Any]:
        rich = each["kind"] == "information"
        texts = {name: said(each[name], rich=rich) for name in ("text", "help", "prompt", "unit") if name in each}
        if each.get("options") and all(option.get("elaboration") == "never" for option in each["options"]):
            # Then what the question says of a text means nothing.
            each = {**each, "elaboration": "never"}
        options = [{**option, "label": said(option.get("label"))} for option in each.get("options", [])]
        return {**each, **texts, **({"options": options} if options else {}), "conditions": _plain(each)}

    sections = [
        {
            "title": said(each.get("title")),
            "intro": said(each.get("intro"), rich=True),
            "conditions": _plain(each),
            "questions": [question(one) for one in each["questions"]],
        }
        for each in document["sections"]
    ]
    return {
        **document, "title": said(document["title"]), "purpose": said(document.get("purpose"), rich=True),
        "sections": sections,
    }  # fmt: skip


def _plain(owner: dict[str, Any]) -> list[dict[str, Any]]:
    """Conditions without an "answered" that another of the same group says as well."""
    given = owner.get("conditions", [])
    said = {(each.get("group", 1), each.get("source")) for each in given if each["operator"] != "answered"}
    return [
        each
        for each in given
        if each["operator"] != "answered" or (each.get("group", 1), each.get("source")) not in said
    ]
