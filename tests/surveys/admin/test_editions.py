"""Editions: a questionnaire from a template, misspellings corrected, and two editions side by side."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.http import urlencode

from surveys import authoring, publishing, structure
from surveys.formats import json as json_format
from surveys.models import Concept, Correction, Edition, Question, Questionnaire
from tests import cast, make
from tests.surveys.admin.pages import change, errors, filled, page_of, signed_in

pytestmark = pytest.mark.django_db

BEGIN = reverse("admin:surveys_questionnaire_begin")
COMPARE = reverse("admin:surveys_questionnaire_compare")
WRONG, RIGHT = "Hva meiner duu om samarbeidet på kontoret?", "Hva meiner du om samarbeidet på kontoret?"


def published(code: str = "puls") -> Edition:
    return make.published(code, [make.asking("Q1") | {"text": {"nb": WRONG}}])


def corrections(edition: Edition) -> str:
    return reverse("admin:surveys_edition_corrections", args=[edition.pk])


def correct(edition: Edition, **place: Any) -> str:
    at = {"part": "question", "id": edition.questions.all()[0].pk, "field": "text", "language": "nb", **place}
    return f"{reverse('admin:surveys_edition_correct', args=[edition.pk])}?{urlencode(at)}"


# --- From a template --------------------------------------------------------------------------------------


def test_a_questionnaire_is_made_from_a_template(designer: Client) -> None:
    template = make.loaded("mal", role="template").questionnaire
    assert [each.pk for each in designer.get(BEGIN).context["form"].fields["template"].queryset] == [template.pk]

    response = designer.post(BEGIN, {"template": template.pk, "title": "Min egen", "code": "min-egen"})

    made = Questionnaire.objects.get(code="min-egen")
    assert response.headers["Location"] == reverse("admin:surveys_questionnaire_change", args=[made.pk])
    assert list(made.editions.get().questions.order_by("position").values_list("code", "origin")) == [
        ("Q1", "mal/Q1"), ("Q2", "mal/Q2"), ("Q3", "mal/Q3"),
    ]  # fmt: skip


def test_what_does_not_make_one(designer: Client) -> None:
    template = make.loaded("mal", role="template").questionnaire
    other = make.loaded("annen").questionnaire
    good = {"template": template.pk, "title": "Min", "code": "min"}
    for changes in ({"template": other.pk}, {"template": "x"}, {"title": ""}, {"code": "å å"}, {"code": "annen"}):
        response = designer.post(BEGIN, {**good, **changes})
        assert response.status_code == 200
        assert response.context["form"].errors
    assert designer.put(BEGIN).status_code == 405
    assert signed_in(cast.outsider()).post(BEGIN, good).status_code == 403
    assert Questionnaire.objects.count() == 2


# --- Corrections ------------------------------------------------------------------------------------------


def test_a_misspelling_is_corrected_and_shown_as_a_difference(designer: Client) -> None:
    edition = published()
    assert corrections(edition) in designer.get(page_of(edition)).content.decode()
    assert (
        correct(edition).replace("&", "&amp;")
        in designer.get(corrections(edition), {"language": "nb"}).content.decode()
    )
    assert designer.get(correct(edition)).context["form"].initial == {"before": WRONG, "after": WRONG}

    response = designer.post(correct(edition), {"before": WRONG, "after": RIGHT}, follow=True)

    assert response.redirect_chain == [(corrections(edition), 302)]
    made = Correction.objects.get()
    assert (made.after, made.person.username) == (RIGHT, "designer")  # type: ignore[union-attr]
    [row] = response.context["made"]
    assert row["part"] == "Q1"
    assert [(piece.kind, piece.text) for piece in row["pieces"] if piece.kind != "same"] == [
        ("removed", "duu"), ("added", "du"),
    ]  # fmt: skip
    assert "<del>" in response.content.decode()
    assert structure.edition_view(edition.pk).questions["Q1"].text("nb") == RIGHT


def test_another_meaning_is_refused_with_what_was_typed(designer: Client) -> None:
    edition = published()

    response = designer.post(correct(edition), {"before": WRONG, "after": "Hva meiner duu ikke om kontoret?"})

    assert response.status_code == 200
    assert "This changes the meaning: make a new edition." in response.context["form"].errors["after"][0]
    assert "Hva meiner duu ikke om kontoret?" in response.content.decode()
    assert not Correction.objects.exists()


def test_a_second_press_corrects_nothing_more(designer: Client) -> None:
    edition = published()
    for _press in range(2):
        response = designer.post(correct(edition), {"before": WRONG, "after": RIGHT})

    assert response.context["form"].errors
    assert Correction.objects.count() == 1


@pytest.mark.parametrize(
    "place",
    [
        {"part": "x"}, {"id": "x"}, {"id": 0}, {"field": "code"}, {"language": "xx"}, {"language": "nn"},
        {"part": "edition"}, {"id": "9" * 30},
    ],
)  # fmt: skip
def test_a_text_that_is_not_there(designer: Client, place: dict[str, Any]) -> None:
    edition = published()

    assert designer.get(correct(edition, **place)).status_code == 404
    assert designer.post(correct(edition, **place), {"before": WRONG, "after": RIGHT}).status_code == 404


def test_someone_elses_text_a_draft_and_nothing_at_all(designer: Client) -> None:
    edition, other = published(), published("annen")
    draft = authoring.draft(edition.questionnaire)
    foreign = correct(edition, id=other.questions.all()[0].pk)

    assert designer.post(foreign, {"before": WRONG, "after": RIGHT}).status_code == 404
    assert designer.post(correct(draft), {"before": WRONG, "after": RIGHT}).status_code == 404
    assert designer.get(corrections(draft)).status_code == 404
    assert designer.get(reverse("admin:surveys_edition_corrections", args=[999999])).status_code == 404
    assert designer.get(corrections(edition), {"language": "xx"}).status_code == 404
    assert (designer.post(corrections(edition)).status_code, designer.put(correct(edition)).status_code) == (405, 405)
    assert designer.post(correct(edition), {}).context["form"].errors
    assert not Correction.objects.exists()


def test_who_may_not_correct() -> None:
    edition = published()
    for person in (cast.outsider(), cast.coder()):
        client = signed_in(person)
        assert client.get(corrections(edition)).status_code == 403
        assert client.post(correct(edition), {"before": WRONG, "after": RIGHT}).status_code == 403
    assert not Correction.objects.exists()


def test_the_page_of_corrections_needs_as_many_statements_for_three_as_for_one(designer: Client) -> None:
    edition = published()
    texts = [WRONG, RIGHT, WRONG, RIGHT]
    counted = []
    for before, after in pairwise(texts):
        designer.post(correct(edition), {"before": before, "after": after})
        with CaptureQueriesContext(connection) as statements:
            designer.get(corrections(edition))
        counted.append(len(statements))

    assert len(set(counted)) == 1


# --- Side by side -----------------------------------------------------------------------------------------


def test_two_editions_side_by_side(designer: Client) -> None:
    before = make.published("puls", [make.asking("Q1"), make.asking("Q2")])
    after = make.loaded("puls", [make.asking("Q2", required=True), make.asking("Q3")])

    response = designer.get(COMPARE, {"before": before.pk, "after": after.pk})

    [group] = response.context["comparison"].groups
    assert [(row.code, row.change) for row in group.rows] == [("Q1", "removed"), ("Q2", "changed"), ("Q3", "added")]
    assert group.rows[1].notes == ["must be answered: no → yes"]
    assert COMPARE in designer.get(page_of(before)).content.decode()


def test_two_waves_side_by_side_with_every_kind_of_change(designer: Client) -> None:
    options = [{"code": "a", "label": {"nb": "A"}}, {"code": "b", "label": {"nb": "B"}}]
    changed = [{"code": "a", "label": {"nb": "AA"}, "elaboration": "optional"}, {"code": "c", "label": {"nb": "C"}}]
    shared = {"concept": "value", "help": {"nb": "Hjelp"}}
    before = make.published(
        "bølge-1".replace("ø", "o"), [make.asking("Q1"), make.asking("Q2", "single_choice", options=options, **shared)]
    )
    after = make.published(
        "bolge-2", [make.asking("Q1"), make.asking("B2", "single_choice", options=changed, comparability="theme",
        conditions=[{"source": "Q1", "operator": "is", "option": "yes"}], concept="value")], minutes=9,
    )  # fmt: skip

    response = designer.get(COMPARE, {"before": before.pk, "after": after.pk, "all": "1"})

    [head, section] = response.context["comparison"].groups
    assert head.head.notes == ["expected time in minutes: – → 9"]
    assert [(row.code, row.change) for row in section.rows] == [("Q1", "the same"), ("Q2 → B2", "changed")]
    assert section.rows[1].notes == [
        "code: Q2 → B2",
        "comparable with others about it: same meaning → same theme only",
        "answer “AA”: bokmål: “A” → “AA”, elaboration: – → text may be added",
        "answer added: “C”",
        "answer removed: “B”",
        "shown to everyone → shown only if Q1 is “Yes”",
    ]
    body = response.content.decode()
    assert "<del>" in body
    assert "<ins>" in body


def test_two_waves_that_call_things_otherwise_are_paired_by_concept_and_told_in_words(designer: Client) -> None:
    def wave(code: str, one: str, other: str, condition: dict[str, Any], facts: list[str], **rest: Any) -> Edition:
        edition_of = make.document(
            code,
            [make.asking(one, concept="value"), make.asking(f"{one}x", text={"nb": f"Bare i {code}?"})],
            [make.asking(other, "long_text", concept="seen", text={"nb": f"Hva har du sett i {code}?"}, **rest)],
            facts=[
                {"name": name, "label": {"nb": name.title()}, "values": [{"code": "a", "label": {"nb": "A-er"}}]}
                for name in facts
            ],
        )
        edition_of["sections"][1]["conditions"] = [condition]
        return publishing.publish(json_format.load(edition_of).pk, make.OPENS)

    before = wave("bolge-1", "A1", "A2", {"source": "A1", "operator": "is", "option": "yes"}, ["role"])
    after = wave(
        "bolge-2", "B7", "B9", {"fact": "region", "operator": "is", "option": "a"}, ["role", "region"],
        conditions=[{"source": "B7", "operator": "answered"}],
    )  # fmt: skip

    response = designer.get(COMPARE, {"before": before.pk, "after": after.pk})

    groups = response.context["comparison"].groups
    assert groups[0].head.notes == ["background facts looked at: Role (A-er) → Region (A-er); Role (A-er)"]
    codes = [row.code for group in groups for row in group.rows]
    assert sorted(codes) == ["A1 → B7", "A1x", "A2 → B9", "B7x"]
    assert groups[2].head.notes == ["shown only if A1 is “Yes” → shown only if Region is “A-er”"]
    assert "shown to everyone → shown only if B7 has been answered" in groups[2].rows[0].notes


def test_an_edition_and_itself(designer: Client) -> None:
    edition = published()

    response = designer.get(COMPARE, {"before": edition.pk, "after": edition.pk})

    assert (response.context["comparison"].is_empty, response.context["comparison"].groups) == (True, [])


def test_which_editions_must_be_chosen(designer: Client) -> None:
    edition = published()
    response = designer.get(COMPARE, {"after": edition.pk})

    assert (list(response.context["editions"]), response.context["after"]) == ([edition], edition)
    for bad in ("x", "0", "-1", "9" * 30):
        assert designer.get(COMPARE, {"before": bad, "after": edition.pk}).status_code == 404
    assert designer.post(COMPARE).status_code == 405
    assert signed_in(cast.outsider()).get(COMPARE).status_code == 403


def test_what_was_written_is_shown_as_text(designer: Client) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    before = make.published("a", [make.asking("Q1") | {"text": {"nb": hostile}}], title={"nb": hostile})
    after = make.published("b", [make.asking("Q1") | {"text": {"nb": "Hva nå?"}}])

    for url in (f"{COMPARE}?before={before.pk}&after={after.pk}", COMPARE, corrections(before) + "?language=nb"):
        assert hostile not in designer.get(url).content.decode()


# --- Concepts ---------------------------------------------------------------------------------------------


def about(code: str, text: str, comparability: str = "wording", *, publish: bool = True) -> Question:
    asked = make.asking("Q1", concept="value", comparability=comparability) | {"text": {"nb": text}}
    return (make.published if publish else make.loaded)(code, [asked]).questions.get()


def test_a_concept_shows_its_questions_set_against_each_other(designer: Client) -> None:
    first, second = about("a", "Hva mener du?"), about("b", "Hva tenker du?", publish=False)
    concept = Concept.objects.get()

    rows = designer.get(change(concept)).context["rows"]
    turned = designer.get(change(concept), {"against": second.pk}).context["rows"]

    assert [(row.id, row.is_reference, row.differs_from) for row in rows] == [
        (first.pk, True, ("b/Q1",)), (second.pk, False, ("a/Q1",)),
    ]  # fmt: skip
    assert [piece.text for piece in rows[1].pieces if piece.kind != "same"] == ["mener", "tenker"]
    assert [row.is_reference for row in turned] == [False, True]
    for bad in ("x", "0"):
        assert designer.get(change(concept), {"against": bad}).status_code == 404


def test_a_concept_without_questions_and_one_not_made(designer: Client) -> None:
    concept = Concept.objects.create(code="tomt", title_nb="Tomt")

    assert designer.get(change(concept)).context["rows"] == []
    designer.post(reverse("admin:surveys_concept_add"), {"title_nb": "Nytt", "code": "nytt"})
    assert str(Concept.objects.get(code="nytt")) == "Nytt"
    assert signed_in(cast.outsider()).get(change(concept)).status_code == 403


def test_a_false_claim_is_refused_on_the_questions_page(designer: Client) -> None:
    about("a", "Hva mener du?")
    draft = make.loaded("b", [make.asking("Q1", concept="value")])
    question = draft.questions.get()

    refused = designer.post(change(question), filled(designer, change(question), comparability="wording"))

    assert any("a/Q1" in message for message in errors(refused))
    question.refresh_from_db()
    assert question.comparability == "meaning"

    designer.post(change(question), filled(designer, change(question), comparability="theme"))
    question.refresh_from_db()
    assert question.comparability == "theme"
