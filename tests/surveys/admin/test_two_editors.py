"""Two people at one draft: neither writes over the other unseen, and nothing that was typed is lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from surveys import publishing
from surveys.drafting import arranging
from surveys.models import Edition, Question
from tests import cast, make
from tests.make import DURING
from tests.surveys.admin.pages import change, errors, filled, shown, signed_in

pytestmark = pytest.mark.django_db

CHANGED = "Someone else has changed this since you opened it. Look at what is marked, and save again."
TAKEN = "Someone else has changed this. What they wrote stands here now."


@pytest.fixture
def other() -> Client:
    user = cast.designer("berit")
    user.first_name, user.last_name = "Berit", "Bakke"
    user.save(update_fields=["first_name", "last_name"])
    return signed_in(user)


def save(client: Client, part: Any, **changes: Any) -> None:
    """Someone opens the page of a part, changes something and saves."""
    assert client.post(change(part), filled(client, change(part), **changes)).status_code == 302


def notes(response: Any) -> dict[str, list[str]]:
    """What is said at which field; "__all__" for the whole form, without who saved last."""
    found: dict[str, list[str]] = {name: list(said) for name, said in response.context["adminform"].form.errors.items()}
    found["__all__"] = [said for said in found.get("__all__", []) if not said.startswith("Last saved by")]
    return found


def question() -> Question:
    return make.loaded().questions.get(code="Q1")


# --- The same field ---------------------------------------------------------------------------------------


def test_who_saves_second_sees_both_texts_and_decides(designer: Client, other: Client) -> None:
    part = question()
    mine = filled(designer, change(part), text_nb="Mitt?")
    save(other, part, text_nb="Ditt?")

    response = designer.post(change(part), mine)

    assert response.status_code == 200
    assert notes(response) == {
        "__all__": [CHANGED],
        "text_nb": ["Someone else wrote: “Ditt?”. Save again to keep what stands here."],
    }
    assert shown(response)["text_nb"] == "Mitt?"
    part.refresh_from_db()
    assert part.text_nb == "Ditt?"

    assert designer.post(change(part), shown(response)).status_code == 302
    part.refresh_from_db()
    assert part.text_nb == "Mitt?"


def test_who_saved_last_and_when_is_said(designer: Client, other: Client) -> None:
    part = question()
    mine, again = filled(designer, change(part), text_nb="Mitt?"), filled(other, change(part), text_nb="Nytt?")
    save(other, part, text_nb="Ditt?")

    (said,) = [each for each in errors(designer.post(change(part), mine)) if each.startswith("Last saved by")]
    assert said.startswith("Last saved by Berit Bakke, ")
    (said,) = [each for each in errors(other.post(change(part), again)) if "window" in each]
    assert said.startswith("It was you, perhaps in another window: saved ")


def test_a_third_save_in_between_is_noticed_too(designer: Client, other: Client) -> None:
    part = question()
    mine = filled(designer, change(part), text_nb="Mitt?")
    save(other, part, text_nb="Ditt?")
    response = designer.post(change(part), mine)
    save(other, part, text_nb="Enda en gang?")

    again = designer.post(change(part), shown(response))

    assert notes(again)["text_nb"] == ["Someone else wrote: “Enda en gang?”. Save again to keep what stands here."]
    part.refresh_from_db()
    assert part.text_nb == "Enda en gang?"


def test_the_same_change_by_both_is_no_quarrel(designer: Client, other: Client) -> None:
    part = question()
    mine = filled(designer, change(part), text_nb="Likt?")
    save(other, part, text_nb="Likt?")

    response = designer.post(change(part), mine)

    assert notes(response) == {"__all__": [CHANGED]}
    assert designer.post(change(part), shown(response)).status_code == 302


@pytest.mark.parametrize("version", [None, "", "x", "text_nb:000000000000", "9" * 40, "-1"])
def test_a_save_without_a_sound_version_is_taken_for_a_stale_one(designer: Client, version: str | None) -> None:
    part = question()
    sent = filled(designer, change(part), text_nb="Mitt?")
    sent.pop("part_version")
    if version is not None:
        sent["part_version"] = version

    response = designer.post(change(part), sent)

    was = "Someone else wrote: “Q1, hva mener du?”. Save again to keep what stands here."
    assert (response.status_code, notes(response)["text_nb"]) == (200, [was])
    part.refresh_from_db()
    assert part.text_nb == "Q1, hva mener du?"


# --- Different fields, different parts --------------------------------------------------------------------


def test_what_only_the_other_changed_is_taken_over(designer: Client, other: Client) -> None:
    part = question()
    mine = filled(designer, change(part), text_nb="Mitt?")
    save(other, part, text_nn="Ditt?", required="on", elaboration="required", code="Q9")

    response = designer.post(change(part), mine)

    assert notes(response) == {
        "__all__": [CHANGED], "text_nn": [TAKEN], "required": [TAKEN], "elaboration": [TAKEN], "code": [TAKEN],
    }  # fmt: skip
    assert designer.post(change(part), shown(response)).status_code == 302
    part.refresh_from_db()
    assert (part.text_nb, part.text_nn, part.required, part.elaboration, part.code) == (
        "Mitt?", "Ditt?", True, "required", "Q9",
    )  # fmt: skip


def test_a_tick_taken_away_by_the_other_is_taken_away(designer: Client, other: Client) -> None:
    part = question()
    save(other, part, required="on")
    mine = filled(designer, change(part), text_nb="Mitt?")
    without = filled(other, change(part))
    del without["required"]
    other.post(change(part), without)

    designer.post(change(part), shown(designer.post(change(part), mine)))

    part.refresh_from_db()
    assert (part.text_nb, part.required) == ("Mitt?", False)


@pytest.mark.parametrize("kind", ["edition", "section"])
def test_title_pages_and_sections_are_guarded_alike(designer: Client, other: Client, kind: str) -> None:
    draft = make.loaded()
    part: Any = draft if kind == "edition" else draft.sections.get()
    mine = filled(designer, change(part), title_nb="Min tittel")
    save(other, part, title_nb="Din tittel")

    response = designer.post(change(part), mine)

    assert notes(response)["title_nb"] == ["Someone else wrote: “Din tittel”. Save again to keep what stands here."]
    assert shown(response)["title_nb"] == "Min tittel"
    part.refresh_from_db()
    assert part.title_nb == "Din tittel"


def test_two_people_at_different_questions_do_not_disturb_each_other(designer: Client, other: Client) -> None:
    first = question()
    second = first.edition.questions.get(code="Q2")
    mine = filled(designer, change(first), text_nb="Mitt?")
    save(other, second, text_nb="Ditt?")
    arranging.move_question(second.pk, -1)

    assert designer.post(change(first), mine).status_code == 302

    assert list(first.edition.questions.values_list("code", "text_nb"))[:2] == [("Q2", "Ditt?"), ("Q1", "Mitt?")]


def test_a_part_is_added_whatever_others_did_meanwhile(designer: Client, other: Client) -> None:
    draft = make.loaded()
    url = reverse("admin:surveys_section_add") + f"?edition={draft.pk}"
    mine = filled(designer, url, title_nb="Til slutt")
    save(other, draft, title_nb="Din tittel")

    assert designer.post(url, mine).status_code == 302
    assert draft.sections.count() == 2


# --- Options and conditions -------------------------------------------------------------------------------


def labels(part: Question) -> list[str]:
    return [option.label_nb for option in part.options.order_by("position")]


def options(part: Question, *shown_labels: str) -> dict[str, str]:
    """Changes of the labels, row by row; an empty one deletes its row."""
    return {
        f"options-{number}-{'label_nb' if label else 'DELETE'}": label or "on"
        for number, label in enumerate(shown_labels)
    }


def test_options_that_only_the_other_changed_are_taken_over(designer: Client, other: Client) -> None:
    part = make.loaded().questions.get(code="Q3")
    mine = filled(designer, change(part), text_nb="Mitt?")
    save(other, part, **options(part, "Jo", ""))

    response = designer.post(change(part), mine)

    taken = "Someone else has changed the answers to choose between. They stand here as saved."
    assert notes(response)["__all__"] == [CHANGED, taken]
    assert designer.post(change(part), shown(response)).status_code == 302
    part.refresh_from_db()
    assert (part.text_nb, labels(part)) == ("Mitt?", ["Jo"])


def test_options_that_both_changed_stand_as_typed_and_the_others_are_told(designer: Client, other: Client) -> None:
    part = make.loaded().questions.get(code="Q3")
    mine = filled(designer, change(part), **options(part, "Ja visst", "Nei visst"))
    save(other, part, **options(part, "Jo", ""))

    response = designer.post(change(part), mine)

    theirs = "Jo / Ja / Yes / Juo"
    told = f"Someone else has changed the answers to choose between to: {theirs}. Save again to keep what stands here."
    assert notes(response)["__all__"] == [CHANGED, told]
    assert labels(part) == ["Jo"]
    assert designer.post(change(part), shown(response)).status_code == 302
    # What the other deleted, but was written on here, is back.
    assert labels(part) == ["Ja visst", "Nei visst"]


def test_a_condition_of_the_other_is_taken_over(designer: Client, other: Client) -> None:
    draft = make.loaded()
    source, part = draft.questions.get(code="Q1"), draft.questions.get(code="Q2")
    mine = filled(designer, change(part), text_nb="Mitt?")
    row = {"source": source.pk, "operator": "is", "option": source.options.get(code="no").pk, "group": 1}
    save(other, part, **{"conditions-TOTAL_FORMS": 1}, **{f"conditions-0-{name}": value for name, value in row.items()})

    response = designer.post(change(part), mine)
    assert designer.post(change(part), shown(response)).status_code == 302

    part.refresh_from_db()
    assert (part.text_nb, [each.option.code for each in part.conditions.all() if each.option]) == ("Mitt?", ["no"])


# --- What can no longer be saved --------------------------------------------------------------------------


def test_what_was_typed_for_a_deleted_question_is_given_back(designer: Client) -> None:
    part = make.loaded().questions.get(code="Q3")
    mine = filled(designer, change(part), text_nb="Mitt <b>lange</b> spørsmål?", **options(part, "Ja visst"))
    arranging.delete_question(part.pk)

    response = designer.post(change(part), mine)

    assert response.status_code == 409
    assert response.context["reasons"] == ["Someone else has deleted this since you opened it."]
    texts = [text for _label, text in response.context["texts"]]
    assert (texts[0], [text for text in texts if text in ("Ja visst", "Nei")]) == (
        "Mitt <b>lange</b> spørsmål?", ["Ja visst", "Nei", "Nei"],
    )  # fmt: skip
    assert "Mitt &lt;b&gt;lange&lt;/b&gt; spørsmål?" in response.content.decode()
    assert not Question.objects.filter(pk=part.pk).exists()


def test_what_was_typed_for_a_published_draft_is_given_back(designer: Client) -> None:
    draft = make.loaded()
    section = draft.sections.get()
    url = reverse("admin:surveys_section_add") + f"?edition={draft.pk}"
    changing, adding = filled(designer, change(section), title_nb="Ny"), filled(designer, url, title_nb="Til slutt")
    publishing.publish(draft.questionnaire_id, DURING)

    answers = [designer.post(change(section), changing), designer.post(url, adding)]

    assert [response.status_code for response in answers] == [409, 409]
    for response in answers:
        assert response.context["reasons"] == ["This edition has been published and can no longer be changed."]
        assert response.context["texts"][0][1] in ("Ny", "Til slutt")
    assert list(Edition.objects.get().sections.values_list("title_nb", flat=True)) == [section.title_nb]


def test_nothing_is_given_back_to_who_may_not_write(designer: Client) -> None:
    part = make.loaded().questions.get(code="Q3")
    mine = filled(designer, change(part))
    reader = signed_in(cast.coder())
    assert reader.post(change(part), mine).status_code == 403

    arranging.delete_question(part.pk)
    assert reader.post(change(part), mine).status_code == 403


@pytest.mark.parametrize("total", ["x", "-1", "9" * 30, "99999", ""])
def test_hostile_rows_do_no_harm(designer: Client, other: Client, total: str) -> None:
    part = question()
    mine = filled(designer, change(part), text_nb="Mitt?")
    save(other, part, **options(part, "Jo"))

    assert designer.post(change(part), {**mine, "options-TOTAL_FORMS": total}).status_code == 200
    assert labels(part) == ["Jo", "Nei"]
