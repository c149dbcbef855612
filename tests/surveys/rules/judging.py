"""Judging documents without a database."""

from __future__ import annotations

from typing import Any

from surveys import critiquing
from surveys.critiquing import Finding
from surveys.formats import strict
from surveys.structure import EditionView

DONT_KNOW = {"code": "dont_know", "label": {"nb": "Vet ikke"}, "meaning": "dont_know"}
YES_NO = [{"code": "yes", "label": {"nb": "Ja"}}, {"code": "no", "label": {"nb": "Nei"}}]
OPEN = ("long_text", "short_text")


def view(*questions: dict[str, Any], **rest: Any) -> EditionView:
    """A questionnaire of one section."""
    sections = rest.pop("sections", [{"questions": list(questions)}])
    return strict.read({"code": "prov", "title": {"nb": "Prøve"}, "sections": sections, **rest}).view


def ask(text: str, kind: str = "yes_no", language: str = "nb", **rest: Any) -> dict[str, Any]:
    """A question; one of yes and no may be answered with "don't know"."""
    if kind == "yes_no":
        rest.setdefault("options", [*YES_NO, DONT_KNOW])
    return {"code": "Q", "kind": kind, "text": {language: text}, **rest}


def of_question(found: list[Finding], *, but: tuple[str, ...] = ("missing-translation",)) -> dict[str, list[str]]:
    """What was found about questions: {rule: the marked words}."""
    told: dict[str, list[str]] = {}
    for each in found:
        if each.question and each.rule not in but:
            told.setdefault(each.rule, []).append(each.marked)
    return told


def judged(question: dict[str, Any]) -> dict[str, list[str]]:
    """What was found about one question standing alone."""
    return of_question(critiquing.criticise(view(question)))


def of_whole(found: list[Finding]) -> set[str]:
    """The rules that found something in the whole."""
    return {each.rule for each in found if not each.question}
