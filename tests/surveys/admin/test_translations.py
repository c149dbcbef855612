"""The page of a questionnaire's languages: how complete each is, and the translator's sheet out and in."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from surveys import authoring, translating
from surveys.admin import history
from surveys.drafting import building, undoing, versioning
from surveys.formats import json
from surveys.models import Edition, Option, Question
from tests import cast, make
from tests.page import Node, parse
from tests.surveys.admin.pages import page_of, signed_in
from tests.surveys.translating.sheets import Q1, Q2, cells, sheet, texts, write, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Edition:
    return make.loaded()


def address(edition: Edition, name: str = "") -> str:
    return reverse(f"admin:surveys_edition_translations{name}", args=[edition.pk])


def upload(client: Client, edition: Edition, content: bytes) -> Any:
    return client.post(address(edition), {"file": SimpleUploadedFile("oversatt.xlsx", content)})


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def applied(client: Client, edition: Edition, plan: Any, **sent: Any) -> Any:
    sealed = parse(plan).find("input", name="plan").get("value")
    return client.post(address(edition, "_apply"), {"plan": sealed, **sent}, follow=True)


# --- How complete ---------------------------------------------------------------------------------------------


def shown(page: Node) -> dict[str, str]:
    return {row.find("dt").text: row.find("dd").text for row in page.find("dl", "languages-of").all("div")}


def test_the_page_says_how_complete_each_language_is(designer: Client, draft: Edition) -> None:
    write(draft, "Q1", text_nn="Ny")

    page = parse(designer.get(address(draft)))

    assert shown(page) == {
        "Norwegian Bokmål": "complete",
        "Norwegian Nynorsk": "5 of 10 texts",
        "English": "not begun",
        "Northern Sámi": "not begun",
    }


def test_what_is_missing_leads_to_where_it_is_written(designer: Client, draft: Edition) -> None:
    Option.objects.filter(question__edition=draft, code="yes", question__code="Q3").update(label_nn="")
    write(draft, "Q1", text_nn="Ny")

    gaps = parse(designer.get(address(draft))).find("section", id="missing-nn").all("li")

    question = {each.code: each.pk for each in Question.objects.filter(edition=draft)}
    option = Option.objects.get(question__code="Q3", code="yes").pk
    build = reverse("admin:surveys_questionnaire_build", args=[draft.questionnaire_id])
    section = draft.sections.get().pk
    assert [(gap.find("a").get("href"), gap.find("a").text) for gap in gaps] == [
        (f"{build}#edition-{draft.pk}/edition-{draft.pk}-title_nn", "Title page · Title shown to respondents"),
        (f"{build}#edition-{draft.pk}/edition-{draft.pk}-purpose_nn", "Title page · Purpose"),
        (f"{build}#section-{section}/section-{section}-title_nn", "Section 1 · Title"),
        (f"{build}#question-{question['Q2']}/question-{question['Q2']}-text_nn", "Section 1 › Q2 · Text"),
        (f"{build}#question-{question['Q3']}/question-{question['Q3']}-text_nn", "Section 1 › Q3 · Text"),
        (f"{build}#question-{question['Q3']}/option-{option}-label_nn", "Section 1 › Q3 · Answer 1"),
    ]


def test_each_of_those_places_is_a_field_of_the_builder(designer: Client, draft: Edition) -> None:
    write(draft, "Q1", text_nn="Ny")
    gaps = parse(designer.get(address(draft))).find("section", id="missing-nn").all("a")
    changes = reverse("admin:surveys_questionnaire_build_changes", args=[draft.questionnaire_id])

    for gap in gaps:
        place, _slash, field = (gap.get("href") or "").partition("#")[2].partition("/")
        opened = designer.get(changes, {"version": "-1", "open": place}).json()["sheet"]
        assert parse(f"<div>{opened}</div>").all(id=field), field


def test_background_leads_to_its_fields_in_the_builder(designer: Client) -> None:
    facts = [{"name": "role", "label": {"nb": "Verv"}, "values": [{"code": "chief", "label": {"nb": "HTV"}}]}]
    draft = make.loaded("prov-2021", [make.asking("Q1")], facts=facts)

    gaps = parse(designer.get(address(draft))).find("section", id="missing-nn").all("li")

    assert [gap for gap in gaps if not gap.all("a")] == []
    found = {gap.find("a").text: (gap.find("a").get("href") or "").partition("#")[2] for gap in gaps}
    fact = draft.facts.get()
    assert found["Background fact role · Label"] == f"editionfact-{fact.pk}-label_nn"
    assert found["Background fact role › chief · Label"] == f"editionfactvalue-{fact.values.get().pk}-label_nn"


def test_the_questionnaire_s_page_and_the_builder_say_it_too(designer: Client, draft: Edition) -> None:
    write(draft, "Q1", text_nn="Ny")
    build = reverse("admin:surveys_questionnaire_build", args=[draft.questionnaire_id])

    for url in (page_of(draft), build):
        line = parse(designer.get(url)).find("p", "completeness")
        assert line.find("a").get("href") == address(draft)
        assert [each.text for each in line.all("span", "completeness-one")] == [
            "Norwegian Bokmål complete", "Norwegian Nynorsk 5 of 10 texts", "English not begun",
            "Northern Sámi not begun",
        ]  # fmt: skip


def test_a_published_edition_is_only_looked_at(designer: Client) -> None:
    edition = make.published()
    page = parse(designer.get(address(edition)))

    assert page.find("section", id="missing-nn").all("a") == []
    assert "There is no draft: one is made" in page.find("form", id="sheet-in").text


def test_texts_of_others_are_shown_as_text(designer: Client) -> None:
    draft = make.loaded("prov-2021", [make.asking("Q1", text={"nb": "<script>alert(1)</script>"})])

    assert "<script>alert" not in designer.get(address(draft)).content.decode()
    plan = upload(designer, draft, written(draft, {("questions/Q1/text", "nn"): "<script>alert(2)</script>"}))
    assert "<script>alert" not in plan.content.decode()
    assert "&lt;script&gt;alert(2)" in plan.content.decode()


@pytest.mark.parametrize("name", ["", "_sheet"])
def test_it_needs_no_more_statements_for_three_questions_than_for_one(designer: Client, name: str) -> None:
    counts = []
    for number in (1, 3):
        draft = make.loaded(f"skjema-{number}", [make.asking(f"Q{each}", text={"nb": "x"}) for each in range(number)])
        write(draft, "Q0", text_nn="Ny")
        designer.get(address(draft, name))
        with CaptureQueriesContext(connection) as queries:
            designer.get(address(draft, name))
        counts.append(len(queries))

    assert counts[0] == counts[1]


# --- The sheet out and in -------------------------------------------------------------------------------------


def test_the_sheet_is_downloaded_under_the_questionnaire_s_name(designer: Client, draft: Edition) -> None:
    response = designer.get(address(draft, "_sheet"))

    assert response["Content-Disposition"] == 'attachment; filename="prov-2021-draft-translations.xlsx"'
    assert [row[0] for row in cells(response.content)][:3] == ["key\ndo not change", "title", "purpose"]


def test_a_sheet_is_shown_as_a_plan_and_then_written(designer: Client, draft: Edition) -> None:
    before = texts(draft)
    plan = upload(designer, draft, written(draft, {(Q1, "nn"): "Ny"}))

    assert texts(draft) == before
    lines = parse(plan).find("ul", "plan-lines").all("li")
    assert [line.find("strong").text for line in lines] == ["Section 1 › Q1 · Text"]
    assert [line.find("ins").text for line in lines] == ["Ny"]
    assert [each.text for each in parse(plan).find("ul", "tally").all("li")] == [
        "1 filled in", "0 changed", "0 to be decided", "22 as before",
    ]  # fmt: skip

    done = applied(designer, draft, plan)

    assert said(done) == ["1 text was written."]
    assert done.redirect_chain[-1][0] == address(draft)
    assert texts(draft) == before | {(Q1, "nn"): "Ny"}
    assert said(applied(designer, draft, plan)) == ["Nothing was left to write."]


def test_whoever_writes_in_the_builder_is_told_who_overtook_them(designer: Client, draft: Edition) -> None:
    applied(designer, draft, upload(designer, draft, written(draft, {(Q1, "nn"): "Ny"})))

    question = draft.questions.get(code="Q1")
    entry = LogEntry.objects.get(object_id=str(question.pk), content_type__model="question")
    assert (entry.user.get_username(), entry.object_repr) == ("designer", str(question))
    sent = {"place": f"question-{question.pk}", "name": "text_nn", "value": "Min", "read": "0" * 12}
    refused = designer.post(reverse("admin:surveys_questionnaire_build_write", args=[draft.questionnaire_id]), sent)
    assert refused.status_code == 409
    assert refused.json()["reasons"][0] == "Someone else wrote: “Ny”."


def test_a_sheet_is_undone_like_any_other_change(designer: Client, draft: Edition) -> None:
    before = texts(draft)
    applied(designer, draft, upload(designer, draft, written(draft, {(Q1, "nn"): "Ny"})))
    assert texts(draft) != before

    draft.refresh_from_db()
    change = undoing.last(draft)

    assert history.words(change) == "Texts from the translator’s sheet changed"
    undoing.undo(draft.pk, change.pk, None, make.OPENS)
    assert texts(draft) == before


def test_what_must_be_decided_is_written_only_where_it_is_ticked(designer: Client, draft: Edition) -> None:
    content = written(draft, {(Q1, "nn"): "Omsetjaren 1", (Q2, "nn"): "Omsetjaren 2"})
    write(draft, "Q1", text_nn="En annen")
    write(draft, "Q2", text_nn="En annen")
    plan = upload(designer, draft, content)

    ticks = parse(plan).all("input", name="take")
    assert [tick.get("value") for tick in ticks] == [f"nn:{Q1}", f"nn:{Q2}"]
    assert "Someone else has written here since the sheet was taken." in parse(plan).find("ul", "plan-lines").text

    applied(designer, draft, plan, take=[f"nn:{Q2}"])

    assert (texts(draft)[Q1, "nn"], texts(draft)[Q2, "nn"]) == ("En annen", "Omsetjaren 2")


def test_a_draft_changed_since_is_not_written_in(designer: Client, draft: Edition) -> None:
    plan = upload(designer, draft, written(draft, {(Q1, "nn"): "Ny"}))
    building.write(
        draft.pk, f"question-{draft.questions.get(code='Q1').pk}", "text_nn", "En annen", versioning.mark("")
    )
    before = texts(draft)

    assert said(applied(designer, draft, plan)) == [
        "Someone else has changed this draft since you opened it. Nothing was done; look at it again."
    ]
    assert texts(draft) == before


def test_a_published_questionnaire_gets_a_draft(designer: Client) -> None:
    edition = make.published()

    done = applied(designer, edition, upload(designer, edition, written(edition, {(Q1, "nn"): "Ny"})))

    draft = Edition.objects.get(published_at__isnull=True)
    assert done.redirect_chain[-1][0] == address(draft)
    assert (texts(draft)[Q1, "nn"], (Q1, "nn") in texts(edition)) == ("Ny", False)


def test_faults_are_listed_and_nothing_is_done(designer: Client, draft: Edition) -> None:
    before, too_long = texts(draft), "The text is too long: it has 201 characters, and there is room for 200."
    response = upload(designer, draft, written(draft, {("title", "nn"): "x" * 201, (Q1, "nn"): "#REF!"}))

    assert response.context["form"].errors == {
        "file": [
            f"Row 2 (Title page · Title shown to respondents), nn: {too_long}",
            "Row 5 (Section 1 › Q1 · Text), nn: The cell holds a formula that failed (#REF!), not a text.",
        ]
    }
    assert texts(draft) == before


def test_of_many_faults_the_first_are_shown(designer: Client) -> None:
    draft = make.loaded("prov-2021", [make.asking(f"Q{number}") for number in range(60)])
    faulty = {(f"questions/Q{number}/text", "nn"): "#REF!" for number in range(60)}

    errors = upload(designer, draft, written(draft, faulty)).context["form"].errors["file"]

    assert (len(errors), errors[-1]) == (51, "… and 10 more.")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "The submitted file is empty."),
        (b"hei", "This is not an Excel workbook (.xlsx)."),
        (sheet([["key", "nn"], ["x", "y"]]), ""),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_and_one_of_nothing_here_says_so(
    designer: Client, draft: Edition, content: bytes, fault: str
) -> None:
    response = upload(designer, draft, content)

    if fault:
        assert response.context["form"].errors == {"file": [fault]}
    else:
        assert "Nothing in the sheet is new." in response.content.decode()
        assert parse(response).find("table", "lost").find("tbody").all("td")[1].text == "x"


def test_another_questionnaire_s_plan_is_not_applied_here(designer: Client, draft: Edition) -> None:
    other = make.loaded("annet")
    plan = upload(designer, other, written(other, {(Q1, "nn"): "Ny"}))

    sealed = parse(plan).find("input", name="plan").get("value")
    assert designer.post(address(draft, "_apply"), {"plan": sealed}).status_code == 403
    assert (Q1, "nn") not in texts(other)


@pytest.mark.parametrize("sent", [{}, {"plan": ""}, {"plan": "eJx:forged"}])
def test_a_plan_that_was_not_made_here_is_refused(designer: Client, draft: Edition, sent: dict[str, str]) -> None:
    response = designer.post(address(draft, "_apply"), sent, follow=True)

    assert said(response) == ["This plan can no longer be used. Choose the file again."]


def test_a_plan_too_large_for_a_browser_is_said_so(
    designer: Client, draft: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translating, "LONGEST_SEALED", 100)

    response = upload(designer, draft, written(draft, {(Q1, "nn"): "Ny"}))

    assert response.context["form"].errors == {
        "file": ["The sheet is too large for this page. Use the command import_translations."]
    }


def test_without_a_file_one_is_asked_for(designer: Client, draft: Edition) -> None:
    assert designer.post(address(draft)).context["form"].errors == {"file": ["This field is required."]}


# --- Who may --------------------------------------------------------------------------------------------------


def doors(pk: int) -> list[tuple[str, str]]:
    names = [("get", ""), ("post", ""), ("get", "_sheet"), ("post", "_apply")]
    return [(method, reverse(f"admin:surveys_edition_translations{name}", args=[pk])) for method, name in names]


def test_staff_without_the_right_get_403_everywhere(draft: Edition) -> None:
    before = json.dump(draft)

    for user in (cast.outsider(), cast.coder()):
        client = signed_in(user)
        answers = {door: getattr(client, door[0])(door[1]).status_code for door in doors(draft.pk)}
        assert answers == dict.fromkeys(doors(draft.pk), 403)
    assert json.dump(Edition.objects.get()) == before


def test_whoever_may_only_look_sees_the_page_and_takes_the_sheet(draft: Edition) -> None:
    client = signed_in(cast._user("reader", "surveys.view_questionnaire", staff=True))

    answers = [getattr(client, method)(url).status_code for method, url in doors(draft.pk)]

    assert answers == [200, 403, 200, 403]
    page = parse(client.get(address(draft)))
    assert page.all("form", id="sheet-in") == []
    assert page.find("section", id="missing-nn").all("a") == []


def test_whoever_is_not_staff_is_sent_to_sign_in(draft: Edition) -> None:
    for client in (Client(), signed_in(cast.leader())):
        for method, url in doors(draft.pk):
            response = getattr(client, method)(url)
            assert response.status_code in (302, 403)
            if response.status_code == 302:
                assert response["Location"].startswith(("/accounts/login/", "/admin/login/"))


def test_what_does_not_exist_is_not_found_and_other_methods_are_refused(designer: Client, draft: Edition) -> None:
    assert [getattr(designer, method)(url).status_code for method, url in doors(draft.pk + 99)] == [404] * 4
    # The admin takes what is no number for the id of something else, and says that there is none.
    malformed = designer.get(re.sub(r"/\d+/", "/abc/", address(draft)), follow=True)
    assert malformed.redirect_chain[-1][0] == "/admin/"
    assert designer.put(address(draft)).status_code == 405
    assert designer.post(address(draft, "_sheet")).status_code == 405
    assert designer.get(address(draft, "_apply")).status_code == 405


def test_the_address_needs_a_draft_for_nothing(designer: Client) -> None:
    edition = make.published()
    authoring.draft(edition.questionnaire)

    assert "What the sheet holds goes into the draft." in designer.get(address(edition)).content.decode()
