"""Moves are made on the order that was read: of two people who change the order, the second is told."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from surveys.drafting import adding, arranging, versioning
from surveys.models import Edition, Question
from tests import cast, make
from tests.make import asking
from tests.page import parse
from tests.surveys.admin.builds import address, deed, write
from tests.surveys.admin.pages import codes, signed_in
from tests.together import together

pytestmark = pytest.mark.django_db

STALE = "Someone else has just changed the order. Nothing was moved; look at it and move it again."


def two_sections() -> Edition:
    return make.loaded("prov-2021", [asking("B1"), asking("B2")], [asking("C1"), asking("C2")])


def order(client: Client, edition: Edition) -> str:
    """The mark that stands on the page."""
    return parse(client.get(address(edition))).find("ol", class_="builder-sections").get("data-order") or ""


def at(edition: Edition, code: str) -> str:
    return f"question-{edition.questions.get(code=code).pk}"


def number(edition: Edition, code: str) -> str:
    return str(edition.questions.get(code=code).pk)


def part(edition: Edition, position: int) -> str:
    return str(edition.sections.order_by("position")[position - 1].pk)


def moves(edition: Edition) -> list[dict[str, Any]]:
    return [
        {"place": at(edition, "B1"), "step": "1"},
        {"place": at(edition, "B1"), "section": part(edition, 2)},
        {"place": f"section-{part(edition, 1)}", "step": "1"},
        {"place": f"section-{part(edition, 2)}", "before": part(edition, 1)},
        {"place": f"section-{part(edition, 2)}", "several": [number(edition, "B1"), number(edition, "B2")]},
    ]


@pytest.mark.parametrize("which", range(5))
def test_a_move_on_an_order_that_is_no_more_is_refused(designer: Client, which: int) -> None:
    draft = two_sections()
    read = order(designer, draft)
    assert read == versioning.order_of(draft)
    sent = moves(draft)[which]
    deed(signed_in(cast.designer("berit")), draft, "move", place=at(draft, "C2"), step="-1", order=read)
    assert codes(draft) == ["B1", "B2", "C2", "C1"]

    refused = deed(designer, draft, "move", order=read, **sent)

    assert (refused.status_code, refused.json()["reasons"]) == (422, [STALE])
    assert codes(draft) == ["B1", "B2", "C2", "C1"]
    assert deed(designer, draft, "move", order=order(designer, draft), **sent).status_code == 200
    assert codes(draft) != ["B1", "B2", "C2", "C1"]


def test_whoever_writes_meanwhile_is_in_nobodys_way(designer: Client) -> None:
    draft = two_sections()
    read = order(designer, draft)
    write(signed_in(cast.designer("berit")), draft.questions.get(code="C1"), "text_nb", "Nytt?")
    assert deed(designer, draft, "move", place=at(draft, "B1"), step="1", order=read).status_code == 200
    assert codes(draft) == ["B2", "B1", "C1", "C2"]


def test_several_move_together_in_their_order_and_undone_together(designer: Client) -> None:
    draft = two_sections()
    several = [number(draft, "C2"), number(draft, "B2")]
    assert deed(designer, draft, "move", place=f"section-{part(draft, 1)}", several=several).status_code == 200
    assert codes(draft) == ["B1", "B2", "C2", "C1"]
    adding.section(draft.pk)
    assert (
        deed(designer, draft, "move", place=f"section-{part(draft, 3)}", several=",".join(several)).status_code == 200
    )
    assert codes(draft) == ["B1", "C1", "B2", "C2"]


def test_several_move_all_or_none(designer: Client) -> None:
    draft = make.loaded(
        "prov-2021",
        [asking("B1"), asking("B2", conditions=[{"source": "B1", "operator": "is", "option": "yes"}])],
        [asking("C1")],
    )
    other = make.loaded("annen-2021", [asking("X1")])
    target = f"section-{part(draft, 2)}"
    refused = deed(designer, draft, "move", place=target, several=number(draft, "B1"))
    assert "B1" in refused.json()["reasons"][0]
    for several in (f"{number(draft, 'B1')},{number(other, 'X1')}", f"{number(draft, 'B2')},999999", "9" * 18):
        assert deed(designer, draft, "move", place=target, several=several).status_code == 410
    assert codes(draft) == ["B1", "B2", "C1"]
    assert deed(designer, draft, "move", place="section-999999", several=number(draft, "B1")).status_code == 410
    elsewhere = f"section-{other.sections.order_by('position')[0].pk}"
    stood = list(other.questions.order_by("pk").values_list("section", "position"))
    assert deed(designer, draft, "move", place=elsewhere, several=number(other, "X1")).status_code == 410
    assert list(other.questions.order_by("pk").values_list("section", "position")) == stood
    assert (
        deed(designer, draft, "move", place=f"section-{part(other, 1)}", several=number(draft, "B1")).status_code == 410
    )


@pytest.mark.django_db(transaction=True)
def test_two_who_move_at_once_on_one_order_move_once() -> None:
    draft = two_sections()
    read = versioning.order_of(draft)
    one, other = (draft.questions.get(code=code) for code in ("B1", "C2"))
    first, second = list(draft.sections.order_by("position"))

    def move(question: Question, section: Any) -> str:
        try:
            arranging.place_questions([question.pk], section.pk, None, read)
        except arranging.StaleOrder:
            return "stale"
        return "moved"

    outcomes = together([lambda: move(one, second), lambda: move(other, first)])

    assert sorted(outcomes) == ["moved", "stale"]
    assert codes(draft) in (["B2", "C1", "C2", "B1"], ["B1", "B2", "C2", "C1"])
    for each in (first, second):
        positions = list(each.questions.values_list("position", flat=True))
        assert len(set(positions)) == len(positions)
