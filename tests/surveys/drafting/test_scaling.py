"""Sets of answers that several questions share."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from surveys.authoring import BreaksCondition, NotADraft, PartGone, Refused
from surveys.drafting import adding, scaling
from surveys.models import Edition, Option, Question
from surveys.structure import read
from tests import cast, make
from tests.make import asking
from tests.page import parse
from tests.surveys.admin.pages import signed_in

pytestmark = pytest.mark.django_db

CHOICES = [
    {"code": "pay", "label": {"nb": "Lønn", "en": "Pay"}},
    {"code": "other", "label": {"nb": "Annet"}, "meaning": "other"},
    {"code": "dont-know", "label": {"nb": "Vet ikke"}, "meaning": "dont_know"},
]


def labels(question: Question, language: str = "nb") -> list[str]:
    return [getattr(each, f"label_{language}") or "" for each in question.options.order_by("position")]


def question(edition: Edition, code: str) -> Question:
    return edition.questions.get(code=code)


def test_every_ready_scale_is_whole_in_three_languages() -> None:
    scales = scaling.ready()
    assert len({each.source for each in scales}) == len(scales) >= 8
    for each in scales:
        assert [sorted(text.by_language) for text in (each.name, *(point.label for point in each.points))] == [
            ["en", "nb", "nn"]
        ] * (len(each.points) + 1)
        for language in ("nb", "nn", "en"):
            words = [point.label(language) for point in each.points]
            assert len(set(words)) == len(words) >= 4
            assert each.name(language).lower().endswith(words[-1].lower()[-8:])


def test_a_ready_scale_takes_the_place_of_the_answers() -> None:
    draft = make.loaded("prov-2021", [asking("B1", "single_choice", options=CHOICES)])
    scaling.fill(draft.pk, question(draft, "B1").pk, "scale-importance")
    assert labels(question(draft, "B1")) == ["Ikke viktig", "Litt viktig", "Ganske viktig", "Svært viktig"]
    assert labels(question(draft, "B1"), "nn")[0] == "Ikkje viktig"
    assert set(question(draft, "B1").options.values_list("meaning", flat=True)) == {"answer"}
    assert Edition.objects.get(pk=draft.pk).version == draft.version + 1


def test_the_answers_of_another_question_are_taken_with_their_meaning() -> None:
    draft = make.loaded(
        "prov-2021", [asking("B1", "single_choice", options=CHOICES), asking("B2", "ranking", options=CHOICES[:2])]
    )
    one, other = question(draft, "B1"), question(draft, "B2")
    assert [each.source for each in scaling.elsewhere(other)] == [f"question-{one.pk}"]
    scaling.fill(draft.pk, other.pk, f"question-{one.pk}")
    view = read(draft)
    taken = [(each.code, each.label, each.meaning) for each in view.questions["B2"].options]
    assert taken == [(each.code, each.label, each.meaning) for each in view.questions["B1"].options]
    # What is the same is not offered again.
    assert scaling.elsewhere(question(draft, "B2")) == []


def test_answers_that_stay_keep_what_hangs_on_them() -> None:
    condition = {"source": "B1", "operator": "is", "option": "pay"}
    draft = make.loaded(
        "prov-2021",
        [
            asking("B1", "single_choice", options=CHOICES[:2]),
            asking("B2", "single_choice", options=CHOICES),
            asking("B3", conditions=[condition]),
        ],
    )
    pay = question(draft, "B1").options.get(code="pay").pk
    scaling.fill(draft.pk, question(draft, "B1").pk, f"question-{question(draft, 'B2').pk}")
    assert labels(question(draft, "B1")) == ["Lønn", "Annet", "Vet ikke"]
    assert question(draft, "B1").options.get(code="pay").pk == pay


@pytest.mark.parametrize("operator", ["is", "one_of"])
def test_an_answer_that_decides_is_not_taken_away(operator: str) -> None:
    condition = {"source": "B1", "operator": operator}
    condition |= {"option": "1"} if operator == "is" else {"options": ["1", "2"]}
    draft = make.loaded(
        "prov-2021",
        [
            asking(
                "B1",
                "scale",
                options=[
                    {"code": str(n), "label": {"nb": word}} for n, word in enumerate(("Lite", "Noe", "Mye"), start=1)
                ],
            ),
            asking("B2", conditions=[condition]),
        ],
    )
    with pytest.raises(BreaksCondition) as refused:
        # The same codes with other words are other answers.
        scaling.fill(draft.pk, question(draft, "B1").pk, "scale-agreement")
    assert refused.value.reasons == ["B2 vises bare etter et av svarene her. Endre det vilkåret først."]
    assert labels(question(draft, "B1")) == ["Lite", "Noe", "Mye"]


@pytest.mark.parametrize("source", ["", "scale-", "scale-nothing", "question-", "question-x", "question-²"])
def test_what_is_no_set_of_answers_is_refused(source: str) -> None:
    draft = make.loaded("prov-2021", [asking("B1", "scale")])
    before = labels(question(draft, "B1"))
    with pytest.raises(Refused):
        scaling.fill(draft.pk, question(draft, "B1").pk, source)
    assert labels(question(draft, "B1")) == before


def test_only_from_the_same_draft_into_a_draft_with_answers() -> None:
    draft = make.loaded("prov-2021", [asking("B1", "scale"), asking("B2", "long_text")])
    foreign = make.loaded("annen-2021", [asking("C1", "single_choice", options=CHOICES)])
    with pytest.raises(PartGone):
        scaling.fill(draft.pk, question(draft, "B1").pk, f"question-{question(foreign, 'C1').pk}")
    with pytest.raises(PartGone):
        scaling.fill(draft.pk, question(foreign, "C1").pk, "scale-agreement")
    with pytest.raises(Refused):
        scaling.fill(draft.pk, question(draft, "B2").pk, "scale-agreement")
    assert Option.objects.filter(question__code="B2").count() == 0
    published = make.published("ute-2021", [asking("D1", "scale")])
    with pytest.raises(NotADraft):
        scaling.fill(published.pk, question(published, "D1").pk, "scale-quality")


def test_a_scale_after_a_scale_begins_with_the_same_points() -> None:
    draft = make.loaded("prov-2021", [asking("B1", "scale"), asking("B2", "scale"), asking("B3")])
    scaling.fill(draft.pk, question(draft, "B1").pk, "scale-frequency")
    section = draft.sections.get()
    after = adding.question(draft.pk, section.pk, "scale", question(draft, "B1").pk)
    assert labels(after) == labels(question(draft, "B1"))
    # After something else it begins as scales do.
    last = adding.question(draft.pk, section.pk, "scale")
    assert labels(last)[0] == "Helt uenig"
    assert labels(adding.question(draft.pk, section.pk, "scale")) == labels(last)


def test_in_the_builder(designer_client: Client) -> None:
    draft = make.loaded("prov-2021", [asking("B1", "scale"), asking("B2", "single_choice", options=CHOICES)])
    one = question(draft, "B1")
    folder = [draft.questionnaire_id]
    shown = designer_client.get(
        reverse("admin:surveys_questionnaire_build_changes", args=folder),
        {"version": "-", "open": f"question-{one.pk}"},
    ).json()["sheet"]
    choice = parse(shown).find("select", id=f"question-{one.pk}-answers-source")
    offered = [node.get("value") for node in choice.all("option")]
    assert offered == [each.source for each in scaling.ready()] + [f"question-{question(draft, 'B2').pk}"]
    sent = {"deed": "fill_answers", "place": f"question-{one.pk}", "source": "scale-extent"}
    url = reverse("admin:surveys_questionnaire_build_deed", args=folder)
    answer = designer_client.post(url, sent, headers={"X-Builder": "1"})
    assert (answer.status_code, answer.json()["focus"]) == (200, f"question-{one.pk}-answers-source")
    assert labels(one)[0] == "Ikke i det hele tatt"
    refused = designer_client.post(url, {**sent, "source": "x"}, headers={"X-Builder": "1"})
    assert (refused.status_code, refused.json()["reasons"]) == (422, ["Please choose which answers to use."])
    assert designer_client.get(url, sent).status_code == 405
    assert signed_in(cast.outsider()).post(url, sent).status_code == 403


@pytest.fixture
def designer_client() -> Client:
    return signed_in(cast.designer())
