"""Undoing at the builder, and the page with what was done to a draft."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from surveys import publishing
from surveys.drafting import capturing, undoing
from surveys.formats import json as json_format
from surveys.models import DraftChange, Edition
from tests import cast, make
from tests.make import OPENS, asking
from tests.page import parse
from tests.surveys.admin.builds import address, deed, question, write
from tests.surveys.admin.pages import change, codes, filled, move, signed_in

pytestmark = pytest.mark.django_db


def history(edition: Edition, change: DraftChange | None = None) -> str:
    name = "admin:surveys_questionnaire_history"
    if change is None:
        return reverse(f"{name}_all", args=[edition.questionnaire_id])
    return reverse(f"{name}_one", args=[edition.questionnaire_id, change.pk])


def newest(edition: Edition) -> DraftChange:
    return DraftChange.objects.filter(edition=edition).latest("pk")


def stands(edition: Edition) -> bytes:
    return capturing.capture(Edition.objects.get(pk=edition.pk))


def said(client: Client, edition: Edition) -> list[str]:
    """The history as its page tells it: what and who."""
    rows = [row.children[0] for row in parse(client.get(history(edition))).all("tr")[1:]]
    return [
        f"{str(row.parts[0]).strip()} – {row.find('span').text.removeprefix('by ').partition(',')[0]}" for row in rows
    ]


def named(name: str = "berit") -> Client:
    other = cast.designer(name)
    other.first_name, other.last_name = name.title(), "Bakke"
    other.save(update_fields=["first_name", "last_name"])
    return signed_in(other)


# --- At the builder ---------------------------------------------------------------------------------------


def test_what_was_deleted_is_told_and_comes_back_by_one_press(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("B1"), asking("B2")])
    before = stands(draft)

    told = deed(designer, draft, "delete", place=f"question-{question(draft, 'B2').pk}").json()

    assert codes(draft) == ["B1"]
    done = parse(told["done"])
    assert done.find(id="builder-done-words").text == "B2 deleted"
    pressed = done.find("button", id="builder-undo").get("formaction") or ""
    assert pressed == f"{address(draft, '_deed')}?change={newest(draft).pk}"
    undone = deed(designer, draft, "undo", change=str(newest(draft).pk))
    assert undone.status_code == 200
    assert undone.json()["focus"] == f"question-{question(draft, 'B2').pk}-open"
    assert stands(draft) == before
    assert parse(undone.json()["done"]).find(id="builder-done-words").text == "Put back as it was before: B2 deleted"
    # That can be undone as well.
    deed(designer, draft, "undo", change=str(newest(draft).pk))
    assert codes(draft) == ["B1"]


def test_without_the_script_it_is_told_on_the_page_and_undone_all_the_same(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("B1"), asking("B2")])
    designer.post(f"{address(draft, '_deed')}?place=question-{question(draft, 'B2').pk}", {"deed": "delete"})
    page = parse(designer.get(address(draft)))
    assert page.find(id="builder-done-words").text == "B2 deleted"
    response = designer.post(page.find(id="builder-undo").get("formaction") or "", {"deed": "undo"})
    assert response.status_code == 302
    assert codes(draft) == ["B1", "B2"]


def test_undoing_what_another_has_written_upon_is_refused_and_shows_what_would_be_lost(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("B1"), asking("B2")])
    deed(designer, draft, "delete", place=f"question-{question(draft, 'B2').pk}")
    mine = newest(draft)
    write(named(), question(draft, "B1"), "text_nb", "Hennes formulering?")
    after = stands(draft)

    refused = deed(designer, draft, "undo", change=str(mine.pk))

    assert (refused.status_code, refused.json()) == (
        422,
        {
            "reasons": ["More has been changed since. Nothing was undone: look first at what would be lost with it."],
            "see": history(draft, mine),
        },
    )
    assert stands(draft) == after
    page = parse(designer.get(history(draft, mine)))
    assert [each.text.partition(" by Berit")[0] for each in page.find(class_="reasons").all("li")] == [
        "B1: text (bokmål) changed"
    ]
    assert "Hennes formulering?" in page.text
    version = page.find("input", name="draft_version").get("value")
    assert stands(draft) == after

    assert designer.post(history(draft, mine), {"draft_version": version}).status_code == 302

    assert codes(draft) == ["B1", "B2"]
    assert question(draft, "B1").text_nb == "B1, hva mener du?"  # type: ignore[attr-defined]
    # And what was lost with it comes back.
    deed(designer, draft, "undo", change=str(newest(draft).pk))
    assert stands(draft) == after


def test_put_back_on_a_version_that_is_no_more_is_refused(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("B1"), asking("B2")])
    deed(designer, draft, "delete", place=f"question-{question(draft, 'B2').pk}")
    mine = newest(draft)
    version = parse(designer.get(history(draft, mine))).find("input", name="draft_version").get("value")
    write(named(), question(draft, "B1"), "text_nb", "Hennes?")
    for given in (version, "", "x", "99999999999"):
        response = designer.post(history(draft, mine), {"draft_version": given}, follow=True)
        assert [str(each) for each in response.context["messages"]] == [
            "Someone else has changed this draft since you opened it. Nothing was done; look at it again."
        ]
        assert codes(draft) == ["B1"]


def test_typing_on_in_one_field_is_one_change(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("B1")])
    for text in ("H", "Hva", "Hva nå?"):
        write(designer, question(draft, "B1"), "text_nb", text)
    write(designer, question(draft, "B1"), "required", "True")
    write(designer, draft.sections.get(), "conditions", "[]")
    assert said(designer, draft) == [
        "Del 1: when it is shown changed – you",
        "B1: must be answered changed – you",
        "B1: text (bokmål) changed – you",
    ]
    first = DraftChange.objects.filter(edition=draft).earliest("pk")
    page = parse(designer.get(history(draft, first)))
    assert "2 later changes would be lost as well" in [each.text for each in page.all("h2")]


# --- Every door by which a draft is changed -----------------------------------------------------------------


@contextmanager
def on_record(draft: Edition, words: str, client: Client) -> Iterator[None]:
    """What is done inside is on record in these words, and leads back."""
    before, known = stands(draft), DraftChange.objects.count()
    yield
    assert stands(draft) != before
    assert DraftChange.objects.count() == known + 1
    assert said(client, draft)[0] == f"{words} – you"
    deed(client, draft, "undo", change=str(newest(draft).pk))
    assert stands(draft) == before


def test_every_button_of_the_builder(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("B1"), asking("B2")], [asking("C1")])
    one, part = question(draft, "B1"), draft.sections.get(position=1)
    option = one.options.get(position=1)
    pressed: list[tuple[str, dict[str, Any], str]] = [
        ("add_section", {}, "Section without a title added"),
        ("add_question", {"section": str(part.pk), "kind": "number"}, "B3 added"),
        ("add_option", {"place": f"question-{one.pk}"}, "B1: answer-1 added"),
        ("copy", {"place": f"question-{one.pk}"}, "B1 duplicated"),
        ("copy", {"place": f"section-{part.pk}"}, "Del 1 duplicated"),
        ("move", {"place": f"question-{one.pk}", "step": "1"}, "B1 moved"),
        ("move", {"place": f"section-{part.pk}", "step": "1"}, "Del 1 moved"),
        ("move", {"place": f"option-{option.pk}", "step": "1"}, "B1: Yes moved"),
        ("delete", {"place": f"option-{option.pk}"}, "B1: Yes deleted"),
        ("delete", {"place": f"section-{part.pk}"}, "Del 1 deleted"),
        ("declare", {"fact": "role"}, "Role taken from the register"),
        ("add_concept", {"place": f"question-{one.pk}", "title": "Verdi"}, "B1: concept changed"),
    ]
    for name, sent, words in pressed:
        with on_record(draft, words, designer):
            assert deed(designer, draft, name, **sent).status_code == 200, name


def test_every_form(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("B1"), asking("B2")])
    one, part = question(draft, "B1"), draft.sections.get()
    with on_record(draft, "B1 changed", designer):
        designer.post(change(one), filled(designer, change(one), text_nb="Nytt?"))
    with on_record(draft, "Title page changed", designer):
        designer.post(change(draft), filled(designer, change(draft), minutes="9"))
    add = f"{reverse('admin:surveys_question_add')}?section={part.pk}"
    with on_record(draft, "B9 added", designer):
        designer.post(add, filled(designer, add, code="B9", kind="long_text", text_nb="Hva?"))
    with on_record(draft, "B1 moved", designer):
        move(designer, one, step="1")
    with on_record(draft, "B2 deleted", designer):
        designer.post(reverse("admin:surveys_question_delete", args=[question(draft, "B2").pk]), {"post": "yes"})


def test_the_bank_and_files(designer: Client) -> None:
    bank = make.loaded("banken", [asking("K1")], role="bank")
    draft = make.loaded("prov-2021", [asking("B1")])
    with on_record(draft, "B2 taken from the question bank", designer):
        designer.post(
            reverse("admin:surveys_questionnaire_bank_take", args=[draft.questionnaire_id]),
            {"question": bank.questions.get().pk, "section": draft.sections.get().pk},
        )
    document = json.dumps({**json_format.dump(draft), "minutes": 8}).encode()
    plan = designer.post(
        reverse("admin:surveys_questionnaire_import"), {"file": SimpleUploadedFile("fil.json", document)}
    )
    sealed = parse(plan).find("input", name="plan").get("value")
    with on_record(draft, "Everything replaced from a file", designer):
        designer.post(reverse("admin:surveys_questionnaire_import_apply"), {"plan": sealed})


# --- Who may, and what is not there -------------------------------------------------------------------------


def test_who_may_look_and_put_back(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("B1"), asking("B2")])
    deed(designer, draft, "delete", place=f"question-{question(draft, 'B2').pk}")
    mine = newest(draft)
    outsider = signed_in(cast.outsider())
    for url in (history(draft), history(draft, mine)):
        assert outsider.get(url).status_code == 403
        assert Client().get(url).status_code == 302
    assert outsider.post(history(draft, mine), {"draft_version": "1"}).status_code == 403
    assert deed(outsider, draft, "undo", change=str(mine.pk)).status_code == 403
    assert designer.post(history(draft)).status_code == 405
    assert designer.delete(history(draft, mine)).status_code == 405
    assert codes(draft) == ["B1"]


def test_changes_that_are_not_there_or_of_another_draft(designer: Client) -> None:
    draft, other = make.loaded("prov-2021"), make.loaded("annen-2021", [asking("B1"), asking("B2")])
    deed(designer, other, "delete", place=f"question-{question(other, 'B2').pk}")
    theirs = newest(other)
    for given in (str(theirs.pk), "999999", "", "x", "9" * 30):
        assert deed(designer, draft, "undo", change=given).status_code == 422
    for pk in (theirs.pk, 999999):
        url = reverse("admin:surveys_questionnaire_history_one", args=[draft.questionnaire_id, pk])
        for method in (designer.get, designer.post):
            assert [str(each) for each in method(url, follow=True).context["messages"]] == [
                "How the draft stood then is no longer kept."
            ]
    assert codes(other) == ["B1"]
    assert designer.get(reverse("admin:surveys_questionnaire_history_all", args=[999999])).status_code == 404


def test_a_published_draft_is_not_put_back(designer: Client) -> None:
    draft = make.draft()
    write(designer, question(draft, "Q1"), "text_nb", "Hva?")
    mine = newest(draft)
    publishing.publish(draft.questionnaire_id, OPENS)
    assert parse(designer.get(history(draft))).all("a", href=history(draft, mine)) == []
    assert designer.post(history(draft, mine), {"draft_version": "1"}).status_code == 302
    assert question(draft, "Q1").text_nb == "Hva?"  # type: ignore[attr-defined]


def test_what_stands_in_the_history_is_escaped(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("B1")])
    part = draft.sections.get()
    write(designer, part, "title_nb", "<script>alert(1)</script>")
    write(designer, part, "intro_nb", "Hei")
    for page in (
        designer.get(history(draft)),
        designer.get(history(draft, newest(draft))),
        designer.get(address(draft)),
    ):
        assert "<script>alert(1)" not in page.content.decode()


def test_the_pages_ask_as_often_for_three_changes_as_for_one(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking(f"B{n}") for n in range(5)])
    counts = []
    for number in range(3):
        write(designer, question(draft, f"B{number}"), "text_nb", "Ny?")
        first = undoing.history(draft)[-1]
        with CaptureQueriesContext(connection) as everything:
            designer.get(history(draft))
        with CaptureQueriesContext(connection) as one:
            designer.get(history(draft, first))
        counts.append((len(everything), len(one) - min(number, 1)))
    assert counts[0][0] == counts[2][0]
    assert counts[1] == counts[2]
