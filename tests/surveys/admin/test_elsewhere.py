"""A question given a concept that others ask about too: what they ask is shown, and a false claim stops publishing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from surveys import publishing
from surveys.models import Concept, Edition
from tests import cast, make
from tests.make import OPENS, asking
from tests.page import Node, parse
from tests.surveys.admin.builds import address, write
from tests.surveys.admin.pages import signed_in

pytestmark = pytest.mark.django_db


def about(code: str, text: str, *, publish: bool = False, **rest: Any) -> Edition:
    asked = asking("Q1", **{"concept": "value", "comparability": "wording", **rest}) | {"text": {"nb": text}}
    return (make.published if publish else make.loaded)(code, [asked])


def sheet(client: Client, draft: Edition) -> Node:
    opened = f"question-{draft.questions.get().pk}"
    return parse(client.get(address(draft, "_changes"), {"open": opened}, headers={"X-Builder": "1"}).json()["sheet"])


def test_given_a_concept_the_others_wording_is_shown_with_what_differs(designer: Client) -> None:
    about("gammel-2012", "Gir partnerskapet bedre hjelp?", publish=True)
    about("utkast-2026", "Noe som ennå skrives?")
    draft = about("ny-2026", "Gir partnerskapet raskere hjelp?", comparability="meaning")
    draft.questions.update(concept=None)
    assert sheet(designer, draft).find(data_live="elsewhere").all("li") == []

    concept = Concept.objects.get(code="value")
    assert write(designer, draft.questions.get(), "concept", str(concept.pk)).status_code == 200

    [told] = sheet(designer, draft).find(data_live="elsewhere").all("li")
    assert "Q1" in told.find("strong").text
    assert (told.find("del").text, told.find("ins").text) == ("[removed: bedre ]", "[added: raskere ]")
    refused = write(designer, draft.questions.get(), "comparability", "wording")
    assert refused.status_code == 422
    assert refused.json()["reasons"][0].startswith("This does not have the same wording as gammel-2012/Q1.")
    assert draft.questions.get().comparability == "meaning"


def test_the_same_wording_is_told_as_such(designer: Client) -> None:
    about("gammel-2012", "Gir partnerskapet bedre hjelp?", publish=True)
    draft = about("ny-2026", "Gir partnerskapet bedre hjelp?")
    [told] = sheet(designer, draft).find(data_live="elsewhere").all("li")
    assert told.text.endswith("– the same wording")


def test_a_text_changed_after_the_claim_stops_publishing_until_one_of_them_gives_way(designer: Client) -> None:
    about("gammel-2012", "Gir partnerskapet bedre hjelp?", publish=True)
    draft = about("ny-2026", "Gir partnerskapet bedre hjelp?")
    assert publishing.obstacles(draft) == []
    write(designer, draft.questions.get(), "text_nb", "Gir det bedre hjelp?")
    with pytest.raises(publishing.NotPublishable, match="gammel-2012/Q1"):
        publishing.publish(draft.questionnaire_id, OPENS)
    write(designer, draft.questions.get(), "comparability", "meaning")
    publishing.publish(draft.questionnaire_id, OPENS)


def test_what_the_questionnaire_itself_asked_before_is_no_obstacle() -> None:
    edition = about("gammel-2012", "Gir partnerskapet bedre hjelp?", publish=True)
    from surveys import authoring

    draft = authoring.draft(edition.questionnaire)
    draft.questions.update(text_nb="Gir det bedre hjelp?")
    assert publishing.obstacles(draft) == []


def test_concepts_stand_in_the_menu_with_where_each_is_asked(designer: Client) -> None:
    about("gammel-2012", "Gir partnerskapet bedre hjelp?", publish=True)
    about("ny-2026", "Gir partnerskapet bedre hjelp?")
    Concept.objects.create(code="tom", title_nb="Ingen spør")
    url = reverse("admin:surveys_concept_changelist")
    page = parse(designer.get(url))
    assert [link.get("href") for link in page.all("a", href=url)]
    asked = [cell.text for cell in page.all("td", class_="field-asked")]
    assert sorted(asked) == ["2 questionnaires", "–"]
    outsider = signed_in(cast.outsider())
    assert outsider.get(url).status_code == 403
    assert parse(outsider.get(reverse("admin:index"))).all("a", href=url) == []
