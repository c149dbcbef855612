"""After deleting and undoing one stays where one was: at what stands beside, and at what came back."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from surveys.models import DraftChange, Edition
from tests import make
from tests.make import asking
from tests.surveys.admin.pages import builder_of, codes
from tests.surveys.admin.test_build import SCRIPT, address, deed, question, write

pytestmark = pytest.mark.django_db


def draft() -> Edition:
    return make.loaded("prov-2021", [asking("B1"), asking("B2"), asking("B3")], [asking("C1")])


def focus(client: Client, edition: Edition, name: str, place: str, **sent: str) -> str:
    answer = deed(client, edition, name, place=place, **sent)
    assert answer.status_code == 200
    return str(answer.json()["focus"])


def undo(client: Client, edition: Edition, **sent: str) -> str:
    return focus(client, edition, "undo", "", change=str(DraftChange.objects.latest("pk").pk), **sent)


def test_what_stands_beside_gets_the_focus_and_then_what_came_back(designer: Client) -> None:
    edition = draft()
    b1, b2, b3 = (f"question-{question(edition, code).pk}" for code in ("B1", "B2", "B3"))
    first, second = (f"section-{each.pk}" for each in edition.sections.order_by("position"))

    assert focus(designer, edition, "delete", b2) == f"{b3}-open"
    assert undo(designer, edition) == f"{b2}-open"
    assert codes(edition) == ["B1", "B2", "B3", "C1"]
    assert focus(designer, edition, "delete", b3) == f"{b2}-open", "the last: the one before"
    assert focus(designer, edition, "delete", b2) == f"{b1}-open"
    assert focus(designer, edition, "delete", b1) == f"{first}-open", "the only one: its section"
    assert focus(designer, edition, "delete", first) == f"{second}-open"
    assert undo(designer, edition) == f"{first}-open"
    focus(designer, edition, "delete", first)
    assert focus(designer, edition, "delete", second) == "builder-add-section"


def test_an_answer_comes_back_into_the_question_that_is_opened_for_it(designer: Client) -> None:
    edition = make.loaded("prov-2021", [asking("B1")])
    one = question(edition, "B1")
    option = one.options.order_by("position")[0]
    deed(designer, edition, "delete", place=f"option-{option.pk}", open=f"question-{one.pk}")

    answer = deed(designer, edition, "undo", change=str(DraftChange.objects.latest("pk").pk), open="").json()

    assert (answer["place"], answer["focus"]) == (f"question-{one.pk}", f"option-{option.pk}-label_nb")


def test_a_text_that_was_undone_gets_the_focus_where_it_is_open(designer: Client) -> None:
    edition = draft()
    one = question(edition, "B1")
    for opened, expected in ((f"question-{one.pk}", "text_nb"), ("", "open")):
        write(designer, one, "text_nb", "Noe annet?")
        assert undo(designer, edition, open=opened) == f"question-{one.pk}-{expected}"
    # What had been added is gone again: there is only the button.
    deed(designer, edition, "add_section")
    assert undo(designer, edition) == "builder-undo"
    # An undoing undone: the section is there again.
    assert undo(designer, edition) == f"section-{edition.sections.latest('pk').pk}-open"


def test_without_a_script_one_comes_back_to_the_place(designer: Client) -> None:
    edition = draft()
    b2, b3 = (f"question-{question(edition, code).pk}" for code in ("B2", "B3"))
    pressed = address(edition, "_deed")

    assert designer.post(pressed, {"deed": "delete", "place": b2})["Location"] == f"{builder_of(edition)}#{b3}"
    change = DraftChange.objects.latest("pk").pk
    assert designer.post(pressed, {"deed": "undo", "change": change})["Location"] == f"{builder_of(edition)}#{b2}"


def test_putting_the_draft_back_leads_to_what_came_back(designer: Client) -> None:
    edition = draft()
    b2 = f"question-{question(edition, 'B2').pk}"
    deed(designer, edition, "delete", place=b2)
    change = DraftChange.objects.latest("pk")
    write(designer, question(edition, "B1"), "text_nb", "Siden?")
    one = reverse("admin:surveys_questionnaire_history_one", args=[edition.questionnaire_id, change.pk])
    version = designer.get(one).context["version"]

    assert designer.post(one, {"draft_version": version})["Location"] == f"{builder_of(edition)}#{b2}"
    assert codes(edition) == ["B1", "B2", "B3", "C1"]
    answer = designer.get(address(edition, "_changes"), {"version": -1, "open": b2}, headers=SCRIPT)
    assert answer.json()["place"] == b2
