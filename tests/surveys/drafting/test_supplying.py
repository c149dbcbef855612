"""The bank and templates that come with the product, and questionnaires begun from templates."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from surveys import authoring, critiquing, publishing, structure
from surveys.drafting import beginning, supplying
from surveys.formats.document import BadDocument
from surveys.models import Concept, Edition, Questionnaire, Role
from surveys.structure import Text
from surveys.texts import aligning
from tests import make

pytestmark = pytest.mark.django_db

TEMPLATES = [
    "chief-mapping", "competence-mapping", "consultation-on-positions", "holistic-review", "local-mapping",
    "short-pulse",
]  # fmt: skip


def supply(folder: Path = supplying.FOLDER) -> dict[str, str]:
    return {each.code: each.outcome for each in supplying.supply(folder)}


def write(folder: Path, document: dict[str, Any]) -> None:
    (folder / f"{document['code']}.json").write_text(json.dumps(document))


def draft_of(code: str) -> Edition:
    return authoring.draft(Questionnaire.objects.get(code=code))


def test_the_bank_and_the_templates_are_loaded_once() -> None:
    assert set(supply().values()) == {"loaded"}
    before = {each.code: structure.read(draft_of(each.code)) for each in Questionnaire.objects.all()}

    assert set(supply().values()) == {"unchanged"}

    assert {each.code: structure.read(draft_of(each.code)) for each in Questionnaire.objects.all()} == before
    assert sorted(Questionnaire.objects.filter(role=Role.TEMPLATE).values_list("code", flat=True)) == TEMPLATES
    assert list(Questionnaire.objects.filter(role=Role.BANK).values_list("code", flat=True)) == ["question-bank"]


def test_concepts_are_titled_in_three_languages() -> None:
    supply()

    assert not Concept.objects.filter(title_nb="").exists()
    concept = Concept.objects.get(code="experience-in-role")
    assert (concept.title_nb, concept.title_nn, concept.title_en) == (  # type: ignore[attr-defined]
        "Erfaring som tillitsvalgt", "Erfaring som tillitsvald", "Experience as a representative",
    )  # fmt: skip


def test_a_newer_text_replaces_a_draft_that_nobody_has_changed(tmp_path: Path) -> None:
    write(tmp_path, make.document("mal", role="template"))
    assert supply(tmp_path) == {"mal": "loaded"}

    write(tmp_path, make.document("mal", [make.asking("NY")], role="template", title={"nb": "Ny tittel"}))
    assert supply(tmp_path) == {"mal": "updated"}

    assert [each.code for each in draft_of("mal").questions.all()] == ["NY"]
    assert supply(tmp_path) == {"mal": "unchanged"}


def test_a_draft_that_staff_have_changed_is_theirs(tmp_path: Path) -> None:
    write(tmp_path, make.document("mal", role="template"))
    supply(tmp_path)
    with authoring.editing(draft_of("mal").pk) as edition:
        edition.questions.filter(code="Q1").update(text_nb="Vårt eget spørsmål?")

    assert supply(tmp_path) == {"mal": "unchanged"}
    write(tmp_path, make.document("mal", [make.asking("NY")], role="template"))
    assert supply(tmp_path) == {"mal": "kept"}

    assert draft_of("mal").questions.get(code="Q1").text == "Vårt eget spørsmål?"


def test_one_of_theirs_with_the_same_code_is_left_alone(tmp_path: Path) -> None:
    make.loaded("mal", [make.asking("EGEN")])
    write(tmp_path, make.document("mal", role="template"))

    assert supply(tmp_path) == {"mal": "kept"}

    assert [each.code for each in draft_of("mal").questions.all()] == ["EGEN"]
    assert Questionnaire.objects.get().role == Role.QUESTIONNAIRE


def test_a_bad_file_is_named(tmp_path: Path) -> None:
    write(tmp_path, {**make.document("mal"), "sections": "?"})

    with pytest.raises(BadDocument, match="sections"):
        supply(tmp_path)
    assert not Questionnaire.objects.exists()


def test_the_command_says_what_became_of_each() -> None:
    first, second = StringIO(), StringIO()
    call_command("load_reference", stdout=first)
    call_command("load_reference", stdout=second)

    assert first.getvalue().splitlines()[-1].startswith("short-pulse: ")
    assert len(first.getvalue().splitlines()) == len(second.getvalue().splitlines()) == len(TEMPLATES) + 1
    assert first.getvalue() != second.getvalue()


@pytest.mark.parametrize("code", TEMPLATES)
def test_every_template_makes_a_questionnaire_that_can_be_published(code: str) -> None:
    supply()
    template = Questionnaire.objects.get(code=code)

    made = beginning.begin(template.pk, "min-egen", Text({"nb": "Min egen"}))

    edition = publishing.publish(made.pk, make.OPENS)
    view, original = structure.read(edition), structure.read(draft_of(code))
    assert (made.role, made.title_nb) == (Role.QUESTIONNAIRE, "Min egen")  # type: ignore[attr-defined]
    assert view.purpose == original.purpose
    assert [each.text for each in view.questions.values()] == [each.text for each in original.questions.values()]
    assert {each.origin.split("/")[0] for each in view.questions.values()} <= {code, "question-bank"}


def test_a_questionnaire_is_begun_once_and_from_a_template_only() -> None:
    template = make.loaded("mal", role="template").questionnaire
    other = make.loaded("annen").questionnaire

    beginning.begin(template.pk, "min", Text({"nb": "Min"}))

    for source, code in ((template, "min"), (other, "ny")):
        with pytest.raises(beginning.NotBegun):
            beginning.begin(source.pk, code, Text({"nb": "Min"}))
    assert Questionnaire.objects.filter(code="ny").exists() is False


@pytest.mark.parametrize("code", TEMPLATES)
def test_the_critique_has_nothing_against_a_template_beside_the_bank_and_the_others(code: str) -> None:
    supply()
    for each in Questionnaire.objects.exclude(code=code):
        publishing.publish(each.pk, make.OPENS)

    found = critiquing.findings(draft_of(code))

    assert [(each.question, each.rule) for each in found] == []


def test_what_is_shared_is_asked_in_the_words_of_the_bank() -> None:
    supply()
    drafts = {each.code: structure.read(draft_of(each.code)) for each in Questionnaire.objects.all()}
    copies = [
        (question, drafts["question-bank"].questions[question.origin.removeprefix("question-bank/")])
        for code in TEMPLATES
        for question in drafts[code].questions.values()
        if question.origin.startswith("question-bank/")
    ]

    assert len(copies) > 30
    for copy, original in copies:
        assert aligning.is_same_wording(copy, original)
        assert (copy.kind, copy.concept) == (original.kind, original.concept)
