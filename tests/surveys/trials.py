"""Trials for tests: made of a draft, and gone through by the real door."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.test import Client
from django.urls import reverse

from surveys import authoring, piloting, trying
from surveys.formats import json as json_format
from surveys.models import Edition, Trial, TrialComment
from tests import make
from tests.page import Node, parse


def both(text: str) -> dict[str, str]:
    return {"nb": f"{text} (nb)", "en": f"{text} (en)"}


def draft(code: str = "pilot") -> Edition:
    """Three pages: a choice with a text asked for and open text; after a block of information a choice that must be
    made; and a question for chief representatives who say yes to that. Then a section for those alone.
    """
    role = {"name": "role", "label": both("Role")}
    document = make.document(
        code,
        [
            {"code": "Q1", "kind": "yes_no", "text": both("Better help?"), "elaboration": "required"},
            {"code": "Q2", "kind": "long_text", "text": both("What have you seen?")},
        ],
        [
            {"code": "I1", "kind": "information", "text": both("Read **this** & that first.")},
            {"code": "Q3", "kind": "yes_no", "text": both("A host office?"), "required": True},
            {
                "code": "Q4",
                "kind": "short_text",
                "text": both("Which one?"),
                "conditions": [{"source": "Q3", "operator": "is", "option": "yes"}],
            },
        ],
        title=both("The partnership"),
        purpose=both("The board asks, to know. *Thank you.*"),
        minutes=5,
        facts=[{**role, "values": [{"code": name, "label": both(name.title())} for name in ("chief", "local")]}],
    )
    document["sections"].append(
        {
            "title": both("For chiefs"),
            "conditions": [{"fact": "role", "operator": "is", "option": "chief"}],
            "questions": [{"code": "Q5", "kind": "short_text", "text": both("You said {Q4|nothing}. Why?")}],
        }
    )
    return authoring.draft(json_format.load(document))


def trial(edition: Edition | None = None, now: datetime = make.OPENS, **rest: Any) -> Trial:
    """A trial of a draft, open from OPENS."""
    return piloting.make((edition or draft()).questionnaire, None, now, **rest)


def link(trial: Trial) -> str:
    return reverse("trial_link", args=[trying.link_token(trial)])


def form(page: Node) -> dict[str, Any]:
    """What a browser would send from the page as it is, without a button."""
    sent: dict[str, Any] = {}
    for node in page.find("form", id="answer").all():
        name, kind = node.get("name"), node.get("type")
        if not name or node.tag == "button":
            continue
        if node.tag == "textarea":
            sent[name] = "".join(part for part in node.parts if isinstance(part, str)).removeprefix("\n")
        elif node.tag == "select":
            chosen = [each.get("value") for each in node.all("option") if "selected" in each.attributes]
            sent[name] = (chosen or [node.all("option")[0].get("value")])[0]
        elif kind == "checkbox":
            if "checked" in node.attributes:
                sent.setdefault(name, []).append(node.get("value"))
        elif kind != "radio" or "checked" in node.attributes:
            sent[name] = node.get("value") or ""
    return sent


class Colleague:
    """Someone without an account who goes through a trial, seeing one page at a time."""

    def __init__(self, trial: Trial, language: str = "en", now: datetime = make.DURING) -> None:
        self.client, self.trial, self.now = Client(headers={"accept-language": language}), trial, now
        self.response = self.client.get(link(trial), **self._clock())

    def press(self, go: str = "next", **changes: Any) -> Node:
        """Fill something in and press a button; the next page."""
        sent = {**form(self.page), "go": go, **{name.replace("__", "-"): value for name, value in changes.items()}}
        return self.send(sent)

    def send(self, sent: Mapping[str, Any]) -> Node:
        self.response = self.client.post(reverse("trial"), dict(sent), **self._clock())
        return self.page

    @property
    def page(self) -> Node:
        return parse(self.response)

    @property
    def step(self) -> str:
        return self.page.find("input", name="step").get("value") or ""

    def through(self) -> Node:
        """From the first page to the last, with an answer to each question that must be answered."""
        self.press("start")
        self.press(Q1_option="yes", Q1_text="Fordi.")
        self.press(Q3_option="no")
        return self.press("submit")

    def _clock(self) -> dict[str, Any]:
        return {"raadslag.now": self.now}


def comments() -> list[tuple[str, str, str]]:
    found = TrialComment.objects.order_by("pk")
    return list(found.values_list("question", "text", "run__name"))
