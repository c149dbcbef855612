"""The reference case as it was really asked shows every weakness it is known for; the templates show none."""

from __future__ import annotations

import json as standard_json
from pathlib import Path

import pytest

from surveys import authoring, critiquing, publishing
from surveys.critiquing import Finding
from surveys.formats import json
from surveys.models import Questionnaire
from tests import make
from tests.surveys.rules import judging

HERE = Path(__file__).parent
TEMPLATES = sorted((HERE.parents[2] / "surveys" / "reference").glob("*.json"))


def found_in(name: str) -> list[Finding]:
    return critiquing.criticise(judging.strict.read(standard_json.loads((HERE / name).read_text())).view)


def told(found: list[Finding]) -> set[tuple[str, str]]:
    return {(each.question, each.rule) for each in found}


def test_survey_a_as_asked_shows_every_weakness() -> None:
    assert told(found_in("asked-a.json")) == {
        # Hardly any worked at an office, and nobody was asked to pass it on.
        ("", "relay-unasked"),
        # "Don't know" could not be told from "is new".
        ("", "no-experience-question"),
        # Nothing was said about time, deadline, or who could see the answers.
        ("", "missing-time"),
        ("", "missing-deadline"),
        ("", "missing-data-protection"),
        ("", "missing-translation"),
        ("A1", "no-dont-know"),
        ("A2", "no-dont-know"),
        # "Elaborate if yes" silences the no.
        ("A3", "elaboration-yes-only"),
        ("A3", "no-dont-know"),
        # Two things at once, a vague word, and a yes or no to be read out of a text.
        ("A5", "double-question"),
        ("A5", "yes-no-as-text"),
        ("A5", "vague-quantity"),
    }


def test_survey_b_as_asked_shows_every_weakness() -> None:
    assert told(found_in("asked-b.json")) == {
        ("", "no-experience-question"),
        ("", "missing-data-protection"),
        ("", "missing-translation"),
        ("B1", "no-dont-know"),
        # The quotation on how representatives must be involved, just before the question about it.
        ("B3_background", "leading-text"),
        ("B3", "elaboration-yes-only"),
        # More than half of those asked said that they did not know.
        ("B3", "no-dont-know"),
        ("B4", "yes-no-as-text"),
        ("B4", "vague-quantity"),
        ("B5", "elaboration-yes-only"),
        ("B5", "no-dont-know"),
        ("B7", "yes-no-as-text"),
    }


def test_the_sentences_to_blame_are_marked() -> None:
    marked = {(each.question, each.rule): each.marked for each in found_in("asked-a.json") + found_in("asked-b.json")}

    assert marked["A5", "double-question"] == "påvirker de arbeidsmiljøet?"
    assert marked["A5", "vague-quantity"] == "merkbare"
    assert marked["A3", "elaboration-yes-only"] == "Hvis ja, utdyp"
    assert marked["B3_background", "leading-text"].startswith("> «Før partene binder seg")
    assert marked["", "relay-unasked"] == "Vi spør derfor alle hovedtillitsvalgte og varaer om erfaringene deres."


def test_there_are_templates() -> None:
    assert {"chief-mapping.json", "local-mapping.json"} <= {path.name for path in TEMPLATES}


@pytest.mark.django_db
def test_the_templates_are_silent_and_publish_together() -> None:
    """Also about concepts that they share with each other: all of them stand in the database."""
    questionnaires = [json.load(path.read_bytes()) for path in TEMPLATES]
    assert Questionnaire.objects.count() == len(TEMPLATES) > 1

    for questionnaire in questionnaires:
        draft = authoring.draft(questionnaire)
        found = critiquing.findings(draft)

        assert [(each.question, each.rule, each.marked, each.detail) for each in found] == [], questionnaire.code
        assert publishing.obstacles(draft) == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["asked-a.json", "asked-b.json"])
def test_the_fixtures_are_whole_questionnaires(name: str) -> None:
    edition = authoring.draft(json.load((HERE / name).read_bytes()))

    assert publishing.publish(edition.questionnaire_id, make.OPENS).number == 1
